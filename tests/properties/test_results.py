"""A comparison that was written as JSON and read again is the same comparison; what was tampered with is refused."""

from __future__ import annotations

import json
import warnings
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanmatch.studies import Comparison, compare
from spanmatch.theory.errors import InvalidFile


def layers(seed: int, names: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: np.maximum(rng.standard_normal((12, 1 + len(names))), 0) for name in names}


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    names=st.text("ab\u00e9/", min_size=1, max_size=3).map(lambda text: "".join(dict.fromkeys(text))),
    epsilons=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=4),
    options=st.fixed_dictionaries(
        {},
        optional={
            "shuffles": st.integers(0, 3),
            "draws": st.integers(1, 2),
            "positions": st.just(8),
            "bootstrap": st.just(3),
            "dead_neurons": st.sampled_from(["match", "unmatched", "drop"]),
            "minimal": st.just({"epsilons": [0.5]}),
            "all_pairs": st.booleans(),
            "untrained": st.integers(0, 3),
        },
    ),
)
def test_read_back_it_is_equal(seed: int, names: str, epsilons: list[float], options: dict[str, Any]) -> None:
    seeds = [(seed + k, seed + 10 * k) for k in range(1, 1 + options.pop("untrained", 0))]
    baseline = [(layers(a, names), layers(b, names)) for a, b in seeds]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = {"shuffles": 2, "baseline": baseline if options.get("shuffles", 2) else ()} | options
        found = compare(layers(seed, names), layers(seed + 9, names), epsilons=epsilons, **given)
    again = Comparison.from_json(found.to_json())
    assert again == found
    assert again.to_json() == found.to_json()


@lru_cache
def written() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        units = {"penalties": (0.1,), "folds": 2, "blocks": 1}
        return compare(layers(0, "ab"), layers(1, "ab"), shuffles=2, units=units).to_json()


def test_units_too() -> None:
    assert Comparison.from_json(written()).to_json() == written()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda found: found | {"schema": 2}, "schema 2, need 3"),
        (lambda found: found["layers"][0].pop("area") and found, "need a dictionary with 'area'"),
        (lambda found: found["layers"][0].update(area="1") or found, "area: got '1', need float"),
        (lambda found: found["layers"][0].update(neurons=[3]) or found, "neurons: got"),
        (lambda found: found["layers"][0].update(dead=[True, 0]) or found, "dead: got True, need int"),
        (lambda found: found | {"networks": "ab"}, "networks: got 'ab'"),
        (lambda found: [found], "need a JSON object"),
        (lambda found: {"layers": []}, "schema None"),
    ],
)
def test_what_is_no_comparison_is_refused(spoil: Any, said: str) -> None:
    with pytest.raises(InvalidFile, match=said):
        Comparison.from_json(json.dumps(spoil(json.loads(written()))))
    with pytest.raises(InvalidFile, match="no JSON"):
        Comparison.from_json(written()[:-3])
