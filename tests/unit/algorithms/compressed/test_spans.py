"""Residuals against parts of a side: their bounds are those of the part, and what rounding leaves open is said."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import spanmatch
from spanmatch import Match, SpanmatchWarning, exact

E = np.eye(40)


def rank_deficient(k: int, seed: int) -> tuple[Any, Any]:
    """X = b1, b2, b3, b1 + 2^-k b2 and Y = b1 + b2 + b4, b1, b2, b3, in integers that floats hold exactly.

    All of X is well conditioned; its neurons 0 and 3 alone are as badly conditioned as 2^k.
    """
    b = np.random.default_rng(seed).integers(-9, 10, (4, 30)).astype(float)
    return np.array([b[0], b[1], b[2], 2.0**k * b[0] + b[1]]).T, np.array([b[0] + b[1] + b[3], *b[:3]]).T


class TestPartsOfARankDeficientSide:
    def test_the_bound_is_that_of_the_part(self) -> None:
        worse = 0
        for k in range(3, 43):
            for seed in range(3):
                X, Y = rank_deficient(k, seed)
                compressed = spanmatch.compress(X, Y, method="qr")
                part = Match([0, 3], [0])
                off = abs(compressed.residuals(part)[1][0] - math.sqrt(exact.residuals_squared(X, Y, part)[1][0]))
                assert off <= compressed.residual_errors(part)[1][0]
                worse += off > compressed.error
        assert worse > 40  # else the whole side's bound would do

    @pytest.mark.parametrize("k", [20, 30, 40])
    def test_what_hangs_on_such_a_part_is_undecided(self, k: int) -> None:
        """epsilon just above and just below the true residual against neurons 0 and 3."""
        X, Y = rank_deficient(k, 0)
        square = exact.residuals_squared(X, Y, Match([0, 3], [0]))[1][0]
        compressed = spanmatch.compress(X, Y, method="qr")
        for factor in (1 - 1e-11, 1 + 1e-11):
            epsilon = math.sqrt(square) * factor
            assert compressed.simple_matches(epsilon).undecided
            assert not compressed.simple_matches(epsilon).complete
        assert compressed.simple_matches(0.9).complete

    def test_no_bound_where_a_gram_matrix_decided_the_rank(self) -> None:
        X, Y = rank_deficient(30, 0)
        with pytest.warns(SpanmatchWarning, match="the Gram route"):
            compressed = spanmatch.compress(X, Y, method="gram")
        assert [errors.tolist() for errors in compressed.residual_errors(Match([0, 3], [0]))] == [[1.0, 1.0], [1.0]]


def ill_conditioned() -> Iterator[tuple[Any, Any]]:
    """Independent sides of one plane, each nearly a line: a, a + 2^-k b against a + 2^-l b, a - 2^-k b."""
    rng = np.random.default_rng(0)
    for k in range(16, 25, 2):
        for bits in range(26, 36, 3):
            a, b = rng.integers(-9, 10, (2, 30)).astype(float)
            yield np.array([a, 2.0**k * a + b]).T, np.array([2.0**bits * a + b, 2.0**k * a - b]).T


def test_epsilon_zero_on_ill_conditioned_sides() -> None:
    """A residual of 2^-l is small beside what rounding makes of a 0 in these sides, but not in one neuron of them."""
    for X, Y in ill_conditioned():
        compressed = spanmatch.compress(X, Y)
        found = compressed.simple_matches(0.0)
        assert found.undecided or set(found) == set(exact.simple_matches(X, Y, 0))
        assert found.undecided or all(exact.is_match(X, Y, 0, match) for match in found)
        one_each = compressed.min_matches(0.0)
        assert one_each.undecided or all(exact.is_match(X, Y, 0, match) for match in one_each.matches.values())


@pytest.mark.filterwarnings("default::spanmatch.SpanmatchWarning")
@pytest.mark.parametrize("t", [5e-15, 1e-14, 2e-14, 1e-13])
def test_a_part_whose_rank_hangs_on_the_tolerance_is_told(t: float) -> None:
    """e1 + t e2 and e1 - t e2 span a plane, or a line, or with e1 a line and without it a plane (T1 fails)."""
    X, Y = np.array([E[0], E[1], E[0] + t * E[1], E[0] - t * E[1]]).T, np.array([E[1], E[2]]).T
    compressed = spanmatch.compress(X, Y, method="qr")
    plane = exact.residuals_squared(X, Y, Match([2, 3], [0]))[1]
    assert plane == (0,)
    for part in ([2, 3], [0, 2, 3]):
        pair = Match(part, [0])
        if t < 1e-13:
            with pytest.warns(SpanmatchWarning, match=rf"^X: the rank of neurons \[{part[0]}, .* is ill-defined"):
                found = compressed.residuals(pair)[1][0]
        else:
            found = compressed.geometry.measured("y", [0], frozenset(part))[0][0]
        assert found <= compressed.residual_errors(pair)[1][0]


@pytest.mark.parametrize("distance", [0.2, 0.6, 1.5, 6.0])
def test_a_peel_that_meets_such_a_part_is_told(distance: float) -> None:
    """x1 leaves first, having no partner; whether x2 takes its place hangs on the tolerance."""
    tau = spanmatch.compress(E[:, :3], E[:, :3]).tau
    X = np.array([E[0], E[1], E[0] + distance * tau * E[1]]).T
    Y = np.array([E[0] + 0.1 * E[2], E[0] + 0.1 * E[3], E[0] + 0.1 * E[4]]).T
    with pytest.warns(SpanmatchWarning, match="^X: the rank of some of its neurons is ill-defined"):
        radii = spanmatch.match_radii(X, Y)
    assert radii.error == 1
    assert radii.undecided(0.5) == Match.everything(3, 3)


class TestDecidedExactly:
    """``decide="exact"`` is the oracle's answer wherever floating point does not have it."""

    @pytest.mark.parametrize("epsilon", [0.0, 1e-17, 0.3, 0.5, 0.8])
    def test_a_cut_rank(self, epsilon: float) -> None:
        x = np.random.default_rng(0).standard_normal((40, 1))
        huge = np.array([1e300 * E[0], 1e300 * E[0] + E[1], 1e300 * E[0] - E[2]]).T
        large = 2**60 + np.arange(3) * np.eye(40, 3, dtype=np.int64)
        for X, Y in (
            (np.array([E[0], E[0] + 2.0**-50 * E[1]]).T, E[:, :2]),
            (huge, E[:, 1:4]),
            (huge, E[:, :3]),
            (np.hstack([x, x / 3, x / 7]), np.hstack([x / 11, E[:, :1]])),
            (large, large[:, ::-1] + 1),
        ):
            assert spanmatch.max_match(X, Y, epsilon, decide="exact") == exact.max_match(X, Y, epsilon)

    def test_the_cut_is_named(self) -> None:
        X = np.array([E[0], 0 * E[0], E[0] + 2.0**-50 * E[1], E[2]]).T
        compressed = spanmatch.compress(X, E[:, :2])
        assert len(compressed.dependent.x & frozenset({0, 2})) == len(compressed.dependent) == 1
        assert spanmatch.compress(E[:, :2], E[:, :2]).dependent == Match()
