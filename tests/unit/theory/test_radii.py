"""D7 and D4 by definition, against the maximum match of every level and against the peel."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from spanmatch.algorithms.exact import ExactGeometry
from spanmatch.algorithms.peeling import peel_radii
from spanmatch.theory import Match, brute_force
from spanmatch.theory.covers import ThresholdCover
from spanmatch.theory.matches import Neuron
from spanmatch.theory.radii import counted_neurons, match_radii, matched_share
from spanmatch.theory.residuals import LeastSquares


def integer_layers(seed: int) -> ExactGeometry:
    """Few inputs, so that many residuals lie strictly between 0 and 1; the last neuron of X is dead in some."""
    rng = np.random.default_rng(seed)
    X, Y = (rng.integers(-2, 3, (4, neurons)) for neurons in (3, 3))
    X[:, -1] *= seed % 3
    return ExactGeometry(X, Y)


@pytest.mark.parametrize("seed", range(8))
def test_a_neuron_is_matched_from_its_radius_on(seed: int) -> None:
    geometry = integer_layers(seed)
    radii = match_radii(geometry)
    levels = sorted({Fraction(0), *radii.values()})
    between = [(a + b) / 2 for a, b in pairwise(levels)]
    for level in [level for level in (*levels, *between) if level < 1]:
        matched = Match.of(v for v, radius in radii.items() if radius <= level)
        assert brute_force(ThresholdCover(geometry, level)).maximum == matched


@pytest.mark.parametrize("seed", range(8))
def test_the_peel_finds_them(seed: int) -> None:
    geometry = integer_layers(seed)
    assert peel_radii(geometry) == match_radii(geometry)


def test_by_hand() -> None:
    """y_0 is at .6 from x_0's line and y_1 at .8; y_2 is private; x_1 is dead."""
    X, Y = np.array([[4, 0], [3, 0], [0, 0]]), np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    radii = match_radii(ExactGeometry(X, Y))
    assert radii == {
        ("x", 0): Fraction(9, 25),
        ("x", 1): 0,
        ("y", 0): Fraction(9, 25),
        ("y", 1): Fraction(16, 25),
        ("y", 2): 1,
    }
    assert match_radii(LeastSquares(X, Y))[Neuron("y", 1)] == pytest.approx(0.8)


def test_dead_neurons_that_do_not_match_have_radius_one() -> None:
    X, Y = np.array([[1.0, 0.0]]), np.array([[2.0]])
    unmatched = LeastSquares(X, Y, dead_neurons="unmatched")
    assert match_radii(unmatched) == {("x", 0): 0, ("x", 1): 1, ("y", 0): 0}


def test_share() -> None:
    assert matched_share(3, counted_neurons(3, 3, Match([0, 1]), "drop")) == Fraction(3, 4)
    assert matched_share(3, counted_neurons(3, 3, Match([0, 1]), "unmatched")) == Fraction(1, 2)
    assert matched_share(0, counted_neurons(1, 1, Match([0], [0]), "drop")) == 0
