"""On generated activations: what matchings, correlations and participation ratios obey."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanmatch import convergent

COUNTS = st.integers(1, 7)
SEEDS = st.integers(0, 2**32 - 1)


def layer(rng: np.random.Generator, inputs: int, units: int) -> np.ndarray:
    """ReLU-like and degenerate: with copies, negatives, constants and units of any size and mean."""
    values = np.maximum(rng.integers(-3, 4, (inputs, units)), 0).astype(float)
    for unit in range(units):
        match rng.integers(6):
            case 0:
                values[:, unit] = rng.integers(-2, 3)
            case 1:
                values[:, unit] = -2 * values[:, rng.integers(units)]
            case 2:
                values[:, unit] = values[:, unit] * 2.0 ** rng.integers(-40, 40) + rng.integers(100)
    return values


@settings(max_examples=150, deadline=None)
@given(COUNTS, COUNTS, st.integers(2, 30), SEEDS)
def test_semi_matching_is_never_below_matching(m: int, n: int, inputs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    C = convergent.correlations(layer(rng, inputs, m), layer(rng, inputs, n))
    matching, semi = convergent.bipartite_matching(C), convergent.semi_matching(C)
    assert len(matching.x) == min(m, n)
    assert convergent.matching_gap(semi, matching).min() >= 0
    if m <= n:
        assert semi.mean >= matching.mean - 1e-15
    assert convergent.bipartite_matching(C.T).values.sum() == pytest.approx(matching.values.sum(), abs=1e-12)


def test_the_bound_can_fail() -> None:
    """Over *all* units, with more of them than partners, the mean of semi-matching may be below that of matching."""
    C = np.array([[1.0], [-1.0]])
    assert convergent.semi_matching(C).mean < convergent.bipartite_matching(C).mean


@settings(max_examples=150, deadline=None)
@given(COUNTS, COUNTS, st.integers(2, 30), st.lists(st.integers(0, 30), max_size=4), SEEDS)
def test_correlations_are_correlations(m: int, n: int, inputs: int, cuts: list[int], seed: int) -> None:
    """Between -1 and 1, a positive semidefinite whole, finite, the same in any batches; constants exactly 0."""
    rng = np.random.default_rng(seed)
    X, Y = layer(rng, inputs, m), layer(rng, inputs, n)
    stream = convergent.CorrelationAccumulator(m, n)
    for part in np.split(np.arange(inputs), sorted(min(cut, inputs) for cut in cuts)):
        if part.size:
            stream.update(X[part], Y[part])
    found = stream.finish()
    whole: Any = np.block([[found.x, found.between], [found.between.T, found.y]])
    joint = np.hstack([X, Y])
    live = joint.min(axis=0) < joint.max(axis=0)
    assert np.isfinite(whole).all()
    assert np.abs(whole).max() <= 1
    assert np.linalg.eigvalsh(whole).min() > -1e-9
    assert np.array_equal(np.diag(whole), live.astype(float))
    assert not whole[~live].any()
    if live.sum() >= 2:
        # Deviations from the first input are exact here; the means of large units with a small spread are not.
        expected = np.corrcoef((joint - joint[0])[:, live].T)
        np.testing.assert_allclose(whole[np.ix_(live, live)], expected, atol=1e-10)


@settings(max_examples=80, deadline=None)
@given(COUNTS, st.integers(2, 30), SEEDS)
def test_participation_lies_between_one_and_the_rank(units: int, inputs: int, seed: int) -> None:
    X = layer(np.random.default_rng(seed), inputs, units)
    ratio = convergent.participation_ratio(X)
    if (X.min(axis=0) == X.max(axis=0)).all():
        assert ratio == 0
    else:
        assert 1 - 1e-9 <= ratio <= min(units, inputs - 1) + 1e-9


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), SEEDS)
def test_a_permutation_is_recovered(units: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((40, units)) @ rng.standard_normal((units, units))
    order = rng.permutation(units)
    C = convergent.correlations(X, X[:, order] * rng.uniform(0.1, 9, units) + rng.standard_normal(units))
    for found in (convergent.bipartite_matching(C), convergent.semi_matching(C)):
        assert found.y.tolist() == np.argsort(order).tolist()
        assert found.mean == pytest.approx(1, abs=1e-12)
