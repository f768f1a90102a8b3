"""What is given back can be pickled and copied, before and after it was asked, and answers alike."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import spanmatch
from spanmatch import Compressed, convergent

rng = np.random.default_rng(0)
X = rng.standard_normal((40, 4))
Y = np.hstack([X[:, :2] @ rng.standard_normal((2, 2)), X[:, 2:3] + 0.1 * rng.standard_normal((40, 1))])
# Of rank 2: matches are searched through the geometry, which keeps factorisations.
Z = X[:, :2] @ rng.standard_normal((2, 4))

QUESTIONS: dict[str, Callable[[Compressed], Any]] = {
    "residuals": lambda c: [side.tolist() for side in c.residuals(([0, 1], [0, 1]))],
    "is_match": lambda c: c.is_match(0.1, ([0, 1], [0, 1])),
    "max_match": lambda c: c.max_match(0.3),
    "similarity": lambda c: c.similarity([0.1, 0.3]).tolist(),
    "match_radii": lambda c: [c.match_radii().x.tolist(), c.match_radii().y.tolist()],
    "min_match": lambda c: c.min_match(0.3, ("x", 0)),
    "min_matches": lambda c: c.min_matches(0.3),
    "simple_matches": lambda c: c.simple_matches(0.3),
    "repr": repr,
}
COPIES: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("other", [Y, Z], ids=["independent", "dependent"])
@pytest.mark.parametrize("method", ["gram", "qr"])
def test_a_small_problem_before_and_after_each_question(method: Any, other: Any, copied: Callable[[Any], Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", spanmatch.SpanmatchWarning)
        asked, unasked = (spanmatch.compress(X, other, method=method) for _ in range(2))
    for name, question in QUESTIONS.items():
        fresh = copied(unasked)
        answer = question(asked)
        assert question(fresh) == answer, name
        assert question(copied(asked)) == answer, name


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_stream_goes_on_in_its_copy(copied: Callable[[Any], Any]) -> None:
    stream = spanmatch.Compressor(4, 3, method="qr").update(X[:20], Y[:20])
    twin = copied(stream)
    twin.update(X[20:], Y[20:])
    assert stream.inputs == 20
    assert twin.finish().max_match(0.3) == spanmatch.max_match(X, Y, 0.3)


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_results(copied: Callable[[Any], Any]) -> None:
    results = [
        spanmatch.match_radii(X, Y),
        spanmatch.min_matches(X, Y, 0.3),
        spanmatch.simple_matches(X, Y, 0.3),
        spanmatch.certify(X, Y, 0.3),
        spanmatch.certify(X, Y, 0.3, ("x", 0)),
        spanmatch.exact.match_radii(X[:6, :2], Y[:6, :2]),
        spanmatch.compare({"a": X}, {"a": Y}, epsilons=[0.1], shuffles=1),
        convergent.all_correlations(X, Y),
        convergent.semi_matching(convergent.correlations(X, Y)),
        convergent.sparse_prediction(X, Y, penalties=[0.3], folds=2),
        convergent.spectral_blocks(X, Y, 2),
    ]
    for result in results:
        assert type(copied(result)) is type(result)
        assert repr(copied(result)) == repr(result)
