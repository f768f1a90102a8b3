"""What cannot be in a pair of networks is a fault."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from spanmatch import compare
from spanmatch.studies.verification.networks import Pair, PairResult
from spanmatch.theory.errors import without_advice


def test_wrong_matchings_and_similarities_are_seen() -> None:
    own = {"l": np.random.default_rng(0).standard_normal((40, 3)), "still": np.ones((40, 2))}
    with without_advice():
        compared = compare(own, own, units={"blocks": 2, "penalties": (0.1,), "folds": 2})
    itself, others = Pair("n", "n", "itself"), Pair("n", "m", "other seed")

    def faults(pair: Pair, **changes: Any) -> tuple[str, ...]:
        views = compared.units
        assert views is not None
        wrong = replace(views, layers=(replace(views.layers[0], **changes), *views.layers[1:]))
        return PairResult(pair, replace(compared, units=wrong)).faults

    assert faults(itself) == faults(others) == ()
    assert "do not correlate with themselves" in faults(itself, matched_curve=(1.0, 1.0, 0.99))[0]
    assert faults(others, matched_curve=(1.0, 1.0, 0.99)) == ()
    assert "below matching" in faults(others, gap=-0.01)[0]
    less = replace(compared, layers=(replace(compared.layers[0], lowest=(1 - 2**-53,)),))
    assert "with itself" in PairResult(itself, less).faults[0]
    assert PairResult(others, less).faults == ()
