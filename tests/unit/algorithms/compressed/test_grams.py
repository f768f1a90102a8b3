"""Radii from Gram matrices and a cross product are those of the activations, shuffle by shuffle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from spanmatch import compress
from spanmatch.algorithms.compressed.grams import gram_tolerance, shuffled_radii
from spanmatch.theory.tolerances import GRAM_RANK_TOLERANCE, rank_tolerance

Array = npt.NDArray[np.generic]
RNG = np.random.default_rng(0)
X = np.maximum(RNG.standard_normal((300, 8)) + RNG.standard_normal((300, 1)), 0)
Y = np.maximum(X @ RNG.standard_normal((8, 10)) + RNG.standard_normal((300, 10)), 0)


def with_dependent(Z: Array) -> Array:
    return np.column_stack([Z, Z[:, :3].sum(axis=1), 3 * Z[:, 0], np.zeros(len(Z))])


KINDS: dict[str, Callable[[Array], Array]] = {
    "independent": lambda Z: Z,
    "dependent and dead": with_dependent,
    "float32": lambda Z: with_dependent(Z).astype(np.float32),
    "integers": lambda Z: with_dependent(np.round(8 * Z).astype(np.int64)),
    "large": lambda Z: 1e150 * Z,
    "small": lambda Z: 1e-150 * Z,
    "more neurons than inputs": lambda Z: Z[:7],
}


@pytest.mark.parametrize("policy", ["match", "unmatched", "drop"])
@pytest.mark.parametrize("same_rows", [True, False])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.filterwarnings("ignore")
def test_as_compress_finds_them(kind: Callable[[Array], Array], same_rows: bool, policy: str) -> None:
    a, b = kind(X), kind(Y)
    orders = [RNG.permutation(len(b)) if same_rows else RNG.integers(len(b), size=len(b)) for _ in range(3)]
    problems = [compress(a, b[order], dead_neurons=policy) for order in orders]  # type: ignore[arg-type]
    tau = gram_tolerance(compress(a, b))
    assert tau is not None
    found = shuffled_radii(a, (b[order] for order in orders), tau, policy, same_rows=same_rows)  # type: ignore[arg-type]
    for one, problem in zip(found, problems, strict=True):
        other = problem.match_radii()
        assert (one.dead, one.counted, one.area) == (other.dead, other.counted, pytest.approx(other.area, abs=1e-6))
        # Of neurons that are nearly multiples of one another either may be kept as the basis.
        allowed = one.error + other.error + max(problem.x.dropped, problem.y.dropped)
        assert max(np.abs(one.x - other.x).max(), np.abs(one.y - other.y).max()) <= allowed


def test_where_gram_matrices_cannot_decide_the_ranks() -> None:
    """A direction of 1e-8 is a neuron of its own in float64, and rounding in a Gram matrix."""
    thin = np.column_stack([X, X[:, 0] + 1e-8 * RNG.standard_normal(300)])
    assert gram_tolerance(compress(thin, Y)) is None
    assert gram_tolerance(compress(thin.astype(np.float32), Y)) == rank_tolerance("float32", 19)
    assert gram_tolerance(compress(with_dependent(X), Y)) == GRAM_RANK_TOLERANCE
