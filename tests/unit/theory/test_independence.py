"""Strong independence and stability (T19): shortcuts against the definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

import spanmatch
from spanmatch.algorithms.compressed.compressor import compress
from spanmatch.algorithms.peeling import batch_peel
from spanmatch.theory.errors import InvalidActivations
from spanmatch.theory.independence import (
    MOST_NEURONS,
    Stability,
    gram_condition,
    is_stable,
    residuals_inside,
    squared_sine,
    stable_up_to,
    wielandt_squared_sine,
)
from spanmatch.theory.residuals import LeastSquares


def nearly_exact(seed: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 4))
    C = np.tril(rng.choice([0, 0, 1, -1], size=(4, 4)), -1) + np.eye(4)
    return X, X @ C + noise * rng.standard_normal((30, 4))


def test_two_columns_are_at_their_angle_and_three_at_that_of_line_and_plane() -> None:
    angle = 0.3
    two = np.array([[1.0, 5 * math.cos(angle)], [0.0, 5 * math.sin(angle)]])
    assert squared_sine(two) == pytest.approx(math.sin(angle) ** 2)
    # Pairwise at 60 degrees or more, but (1, 1, h) is at atan(h / sqrt(2)) from the plane of the others.
    three = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.2]])
    assert squared_sine(three) == pytest.approx(0.04 / 2.04)


def test_dead_columns_count_for_nothing_and_dependent_ones_for_everything() -> None:
    e = np.eye(4)
    assert squared_sine(np.hstack([e[:, :3], np.zeros((4, 2))])) == 1
    assert squared_sine(np.hstack([e[:, :3], e[:, :1] + e[:, 1:2]])) == 0
    assert wielandt_squared_sine(gram_condition(np.hstack([e[:, :2], e[:, :1]]))) == 0
    assert gram_condition(np.zeros((3, 2))) == squared_sine(np.zeros((3, 2))) == 1
    assert Stability(0.1, 0.0, math.inf).needed == math.inf
    assert not Stability(0.1, 0.0, math.inf).holds


def test_wielandts_bound_is_below_and_attained_by_two() -> None:
    rng = np.random.default_rng(0)
    for size in (2, 3, 4, 5):
        Z = rng.standard_normal((12, size)) + rng.standard_normal((12, 1))
        bound, true = wielandt_squared_sine(gram_condition(Z)), squared_sine(Z)
        assert 0 < bound <= true * (1 + 1e-9)
        assert (bound == pytest.approx(true)) == (size == 2)


@pytest.mark.parametrize("noise", [0.003, 0.03, 0.2])
def test_few_residuals_decide_as_all_do(noise: float) -> None:
    """(3) of T19: the largest factor, by definition just below it and not above; and what the search reads off."""
    decided = []
    for seed in range(8):
        X, Y = nearly_exact(seed, noise)
        epsilon = 2 * noise
        geometry = LeastSquares(X, Y)
        maximum = batch_peel(geometry.at(epsilon))
        found = stable_up_to(geometry, maximum, epsilon)
        above = min((r for r in residuals_inside(geometry, maximum) if r > epsilon), default=math.inf)
        if found > 1:
            assert found == pytest.approx(above / epsilon)
            assert is_stable(geometry, maximum, epsilon, found * (1 - 1e-9))
            assert not is_stable(geometry, maximum, epsilon, found * (1 + 1e-9))
        sides = [Z[:, sorted(maximum.side(side))] for Z, side in ((X, "x"), (Y, "y"))]
        sine = min(wielandt_squared_sine(gram_condition(Z)) for Z in sides)
        literal, read = Stability(epsilon, sine, found), compress(X, Y).simple_matches(epsilon).stability
        assert read is not None
        assert read.squared_sine == pytest.approx(sine, rel=1e-6)
        assert read.holds == literal.holds
        assert not read.holds or read.found == pytest.approx(found, rel=1e-6)
        decided.append(read.holds)
    assert any(decided) == (noise < 0.2)


def test_the_answer_says_by_which_theorem_it_is_complete() -> None:
    X, Y = nearly_exact(0, 0.003)
    by = {epsilon: spanmatch.simple_matches(X, Y, epsilon) for epsilon in (0.006, 0.3)}
    assert [set(found.reasons) for found in by.values()] == [{"T19"}, {"T20"}]
    assert by[0.006].stability is not None
    assert by[0.006].stability.to_dict()["holds"]
    exact = spanmatch.simple_matches(X, nearly_exact(0, 0.0)[1], 0.0)
    assert exact.reasons == {"T10": 8}
    assert set(exact.minimum) == set(exact.evictions)
    assert set(exact.minimum.values()) == set(exact.matches)
    copies = spanmatch.simple_matches(np.eye(4)[:, [0, 1]], np.eye(4)[:, [0, 0, 1]], 0.1)
    assert (copies.reasons, copies.stability) == ({"T15": 1, "T20": 4}, None)
    assert set(copies.minimum) == set(copies.evictions) - {("x", 0)}


def test_many_neurons_are_refused_where_subsets_are_listed() -> None:
    many = np.eye(MOST_NEURONS + 1)
    with pytest.raises(InvalidActivations, match="wielandt_squared_sine"):
        squared_sine(many)
    with pytest.raises(InvalidActivations, match="all subsets"):
        list(residuals_inside(LeastSquares(many, many), spanmatch.Match.everything(MOST_NEURONS + 1, MOST_NEURONS + 1)))
