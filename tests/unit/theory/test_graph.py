"""The graph of T10 against brute force; reachable sets and components against matrix powers."""

from __future__ import annotations

import numpy as np
import pytest

from spanmatch.algorithms.exact import ExactGeometry
from spanmatch.theory import Match, brute_force
from spanmatch.theory.graph import closed_sets, coefficient_edges, cover_edges, reachable, strong_components

#: Small integers whose inverses are integers too, with zeros in different places.
INVERTIBLE = [
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    [[1, 2, 0], [0, 1, 0], [0, 0, -1]],
    [[1, 1, 0], [0, 1, 1], [0, 0, 1]],
    [[2, 1, 0], [1, 1, 0], [0, 3, 1]],
    [[2, 1, 0], [1, 1, 0], [1, 0, 1]],
]


@pytest.mark.parametrize("C", INVERTIBLE)
def test_closed_sets_are_the_matches(C: list[list[int]]) -> None:
    """X has a private neuron, of index 1, so that positions and indices differ."""
    inverse = np.linalg.inv(C).round().astype(int)
    assert (inverse @ C == np.eye(3)).all()
    X = np.eye(4, dtype=int)
    cover = ExactGeometry(X, X[:, [0, 2, 3]] @ C).at(0)
    truth = brute_force(cover)
    assert truth.maximum == Match([0, 2, 3], [0, 1, 2])

    edges = coefficient_edges(truth.maximum, C, inverse)
    assert edges == cover_edges(truth.maximum, cover)
    assert tuple(closed_sets(truth.maximum, edges)) == truth.matches

    reached = reachable(truth.maximum, edges)
    assert {v: (Match.of(reach),) for v, reach in reached.items()} == truth.minimal
    assert {Match.of(reach) for reach in reached.values()} == set(truth.simple)
    components = strong_components(reached)
    assert len(components) == len(truth.simple)
    assert all(len(Match.of(part).x) == len(Match.of(part).y) for part in components)


def test_the_edges_of_the_coefficients_alone_are_too_few() -> None:
    """Y = X C with C = (1 1; 0 1): nothing but the inverse says that x_1 needs y_0 and y_1."""
    maximum, C, inverse = Match([0, 1], [0, 1]), [[1, 1], [0, 1]], [[1, -1], [0, 1]]
    assert Match([1], []) in closed_sets(maximum, coefficient_edges(maximum, C, [[0, 0], [0, 0]]))
    assert closed_sets(maximum, coefficient_edges(maximum, C, inverse)) == [Match(), Match([0], [0]), maximum]


@pytest.mark.parametrize("seed", range(10))
def test_reachable_by_powers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.random((7, 7)) < 0.2
    powers = np.linalg.matrix_power(np.eye(7, dtype=int) + steps, 7) > 0
    reached = reachable(range(7), zip(*np.nonzero(steps), strict=True))
    assert reached == {v: set(np.flatnonzero(powers[v])) for v in range(7)}
    both = powers & powers.T
    assert strong_components(reached) == {frozenset(np.flatnonzero(both[v])) for v in range(7)}
