"""The relative residual by hand, and literal least squares as a cover."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spanmatch.algorithms import reference
from spanmatch.theory import Match, Neuron
from spanmatch.theory.residuals import NEVER, LeastSquares, relative_residual, unit_columns
from spanmatch.theory.tolerances import rank_tolerance


@pytest.mark.parametrize(
    ("v", "T", "r"),
    [
        ([3, 4, 0], [[1], [0], [0]], 0.8),
        ([3, 4, 0], [[0], [-7], [0]], 0.6),
        ([3, 4, 0], [[1, 0], [0, 1], [0, 0]], 0.0),
        ([3, 4, 0], [[1, 1], [1, 1], [0, 0]], 1 / math.sqrt(50)),
        ([3, 4, 0], [[0], [0], [1]], 1.0),
        ([3, 4, 0], [[0], [0], [0]], 1.0),
        ([3, 4, 0], [[], [], []], 1.0),
        ([0, 0, 0], [[], [], []], 0.0),
        ([0, 0, 0], [[1], [0], [0]], 0.0),
        ([1, 1, 1], [[1, 0], [0, 1], [0, 0]], math.sqrt(1 / 3)),
    ],
)
def test_by_hand(v: list[float], T: list[list[float]], r: float) -> None:
    values, others = np.array(v, dtype=float), np.array(T, dtype=float).reshape(3, -1)
    assert relative_residual(values, others) == pytest.approx(r, abs=1e-15)
    # Scales change nothing (T12), also far beyond where squares overflow.
    assert relative_residual(values * 2.0**900, others * 2.0**-900) == pytest.approx(r, abs=1e-15)


def test_unit_columns() -> None:
    Z = np.array([[3.0, 0.0, 5e-324, 3e300, -3e-300], [4.0, 0.0, 0.0, 4e300, 4e-300]])
    unit, dead = unit_columns(Z)
    assert dead.tolist() == [False, True, False, False, False]
    expected = [[0.6, 0, 1, 0.6, -0.6], [0.8, 0, 0, 0.8, 0.8]]
    assert np.allclose(unit, expected, rtol=1e-15, atol=0)


def test_least_squares_is_the_definition() -> None:
    X = np.array([[3.0, 1.0, 0.0], [4.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    Y = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    geometry = LeastSquares(X, Y)
    assert (geometry.m, geometry.n) == (3, 2)
    assert geometry.residuals("x", [0, 1, 2], [0, 1]) == pytest.approx([0.8, 0.0, 0.0])
    assert geometry.residuals("y", [1, 0], [0, 1]) == pytest.approx([1.0, 0.0])
    # An epsilon in the gap; the second neuron of Y has no partner, the third of X is dead.
    assert reference.max_match(geometry.at(0.7)) == Match([1, 2], [0])
    assert reference.max_match(geometry.at(0.81)) == Match([0, 1, 2], [0])
    assert reference.min_match(geometry.at(0.81), Neuron("x", 0)) == Match([0], [0])
    assert reference.min_match(geometry.at(0.7), Neuron("y", 1)) is None
    assert reference.min_match(geometry.at(0.7), Neuron("x", 2)) == Match([2], [])


@pytest.mark.parametrize(
    ("policy", "residual", "match"), [("match", 0.0, [0, 1]), ("unmatched", NEVER, [0]), ("drop", NEVER, [0])]
)
def test_dead_neurons(policy: str, residual: float, match: list[int]) -> None:
    X, Y = np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[2.0], [0.0]])
    geometry = LeastSquares(X, Y, dead_neurons=policy)  # type: ignore[arg-type]
    assert geometry.residuals("x", [0, 1], [0]) == [0.0, residual]
    assert reference.max_match(geometry.at(0.99)) == Match(match, [0])


def test_tolerances() -> None:
    assert rank_tolerance("float16", 10) == 4 * 2.0**-11
    assert rank_tolerance("bfloat16", 10) == 4 * 2.0**-8
    assert rank_tolerance("float32", 10) == 32 * 2.0**-24
    assert rank_tolerance("float64", 100) == rank_tolerance("int8", 100) == 640 * 2.0**-53
