"""The maximum match (D1-D3, T3-T5, T8, T11, T13): generated, planted, large and close cases with exact answers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from ...synthetic.planted import Planted
from ...synthetic.strategies.activations import planted_sets
from ...synthetic.strategies.transformed import well_spread
from ...theory.matches import Match
from ...theory.residuals import unit_columns
from ..harness.answers import Counterexample
from ..harness.capabilities import Capabilities
from ..harness.cases import (
    MODERATE,
    alive,
    ask_only_able,
    counted,
    everything_about,
    maximum_of,
    ordinary,
    spanning,
    with_dead,
)
from ..harness.large import close_decisions, large_sets, many_predictors, slow_convergence, staircases
from ..harness.questions import ContainedQuestion, MaximumQuestion, Question
from ..harness.registry import asks
from ..harness.scores import scored

SMALLEST_EPSILON = 1e-6
"""No required question has a smaller epsilon."""


@asks("T3-max-match", "D1 D3 T3 T4", "required", "max_match",
      "the maximum match of small integers is the exact one", rate=10)
def _exact(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    return MaximumQuestion(case.X, case.Y, case.epsilon, maximum_of(case.X, case.Y, case.epsilon, can))


@asks("D4-similarity", "D4", "required", "similarity", "the similarity is the share of neurons in the maximum match")
def _similarity(draw: st.DrawFn, can: Capabilities) -> Question:
    return scored(_exact(draw, can), can)


@asks("T3-max-match-at-zero", "D1 T3", "numerical", "max_match", "exact matches (epsilon 0) of small integers")
def _at_zero(draw: st.DrawFn, can: Capabilities) -> Question:
    assume(not can.strict_threshold)
    case = draw(ordinary())
    return MaximumQuestion(case.X, case.Y, 0, maximum_of(case.X, case.Y, Fraction(0), can))


def planted_of(draw: st.DrawFn, can: Capabilities, *, exact: bool, family: str | None = None) -> Planted:
    """Live neurons, in numbers that a question can hold; ``exact``: the answers are those of the stored numbers."""
    assume(exact or not can.exact)
    planted = draw(planted_sets(knobs=not exact, family=family))
    assume(planted.exact == exact and not planted.dead and planted.X.dtype != np.float32)
    ask_only_able(*planted.matrices, 1, can)
    return planted


def _planted_question(draw: st.DrawFn, can: Capabilities, *, exact: bool) -> MaximumQuestion:
    planted = planted_of(draw, can, exact=exact)
    X, Y = planted.matrices
    lowest = max(can.smallest_epsilon, SMALLEST_EPSILON if exact else 0.0)
    levels = [level for level in planted.maximum if level.high >= lowest]
    assume(levels)
    level = draw(st.sampled_from(levels))
    low = max(level.low, lowest)
    epsilon = draw(st.sampled_from([low, (low + level.high) / 2]))
    if exact and (found := maximum_of(X, Y, Fraction(epsilon), can)) != level.match:
        raise Counterexample(f"{level.match} is planted at {epsilon} in {planted.expression}, but {found} is exact")
    return MaximumQuestion(X, Y, epsilon, level.match)


@asks("T3-max-match-planted", "T3 T4", "required", "max_match", "the maximum match is the planted one")
def _planted(draw: st.DrawFn, can: Capabilities) -> Question:
    return _planted_question(draw, can, exact=True)


@asks("T3-max-match-planted-floats", "T3 T4", "numerical", "max_match",
      "the maximum match of rounded, rank-deficient planted sets is the planted one, at epsilon 0 too")
def _planted_floats(draw: st.DrawFn, can: Capabilities) -> Question:
    return _planted_question(draw, can, exact=False)


asks("T3-max-match-large", "T3 T4", "required", "max_match",
     "the maximum match of 40 to 64 neurons per side is the exact one", rate=1 / 12)(large_sets)
asks("T3-many-predictors", "D1 T3", "required", "max_match",
     "the maximum match is the exact one where a neuron takes a dozen others to predict", rate=1 / 4)(many_predictors)
asks("T3-slow-convergence", "D1 T3", "required", "max_match",
     "the maximum match is the exact one where predictors are far from orthogonal, and all needed",
     rate=1 / 4)(slow_convergence)
asks("T4-long-staircase", "T4", "required", "max_match",
     "of 17 to 20 neurons per side that violate one after the other, two are left", rate=1 / 12)(staircases)
asks("T6-close-decisions", "D1 T6", "required", "max_match",
     "the maximum match is the exact one where epsilon is three millionths beside a match radius")(close_decisions)


@asks("T5-nested", "T5", "required", "max_match", "the maximum match grows with epsilon")
def _nested(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    low, high = (Fraction(k, 10) for k in draw(st.sampled_from([(8, 9), (6, 9), (3, 9), (5, 8), (3, 6), (1, 5)])))
    small, large = (maximum_of(case.X, case.Y, epsilon, can) for epsilon in (low, high))
    if not small <= large:
        raise Counterexample(f"T5 fails: exactly, {small} at {low} is not contained in {large} at {high}")
    return ContainedQuestion(case.X, case.Y, low, float(high))


def two_partners(draw: st.DrawFn) -> tuple[Any, Any]:
    """The example of T8: one neuron of X, and in Y two multiples of it."""
    X = np.array([[3.0], [4.0], [0.0]])
    return X, np.hstack([X * draw(st.sampled_from(MODERATE)), X])


@asks("T8-two-partners", "T8", "required", "max_match", "a neuron with two equal partners matches with both")
def _two_partners_maximum(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = two_partners(draw)
    epsilon = draw(st.sampled_from([Fraction(k, 10) for k in range(1, 10)]))
    return MaximumQuestion(X, Y, epsilon, maximum_of(X, Y, epsilon, can))


@asks("T11-balanced", "T11", "required", "max_match",
      "where epsilon sqrt(max(m, n)) is below both least singular values, both sides of a match have one size")
def _balanced(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = draw(well_spread())
    assume(alive(X, Y))
    least = min(float(np.linalg.svd(unit_columns(Z.astype(float))[0], compute_uv=False)[-1]) for Z in (X, Y))
    epsilon = Fraction(int(999 * least / max(X.shape[1], Y.shape[1]) ** 0.5), 1000)
    assume(epsilon > 0)
    for match in everything_about(X, Y, epsilon, can).matches:
        if len(match.x) != len(match.y):
            raise Counterexample(f"T11 fails: {match} is a match at {epsilon}; the least singular value is {least}")
    return MaximumQuestion(X, Y, epsilon, maximum_of(X, Y, epsilon, can))


@asks("T13-full-rank", "T13", "required", "max_match", "where each side spans all inputs, everything matches")
def _full_rank(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = draw(spanning())
    epsilon = Fraction(draw(st.integers(1, 9)), 10)
    ask_only_able(X, Y, epsilon, can)
    return MaximumQuestion(X, Y, epsilon, Match.everything(X.shape[1], Y.shape[1]))


def _nearly_parallel(draw: st.DrawFn, exponents: list[int], can: Capabilities) -> Question:
    """X = {a, a + 2^-k b}, Y = {a, b}: b is in the span of X, by a difference that a coarse rank cut takes for 0."""
    inputs = draw(st.integers(3, 6))
    a, b, c = (np.eye(inputs)[:, k] for k in draw(st.permutations(range(inputs)))[:3])
    X = np.column_stack([a, a + 2.0 ** draw(st.sampled_from(exponents)) * b])
    Y = np.column_stack([a, b, b + c] if draw(st.booleans()) else [b, a])
    epsilon = Fraction(draw(st.sampled_from([1, 3, 5])), 10)
    return MaximumQuestion(X, Y, epsilon, maximum_of(X, Y, epsilon, can))


@asks("D1-span-of-near-copies", "D1 T13", "required", "max_match",
      "two neurons that differ by a hundredth or a thousandth span a plane")
def _near_copies(draw: st.DrawFn, can: Capabilities) -> Question:
    return _nearly_parallel(draw, [-5, -7, -10], can)


@asks("D1-span-of-nearest-copies", "D1 T13", "numerical", "max_match",
      "two neurons that differ by a millionth span a plane")
def _nearest_copies(draw: st.DrawFn, can: Capabilities) -> Question:
    return _nearly_parallel(draw, [-14, -16, -18], can)


@asks("D1-dead-max-match", "D1 D3", "required", "max_match", "neurons that are 0 match, or not, as declared")
def _dead(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(with_dead())
    right = maximum_of(case.X, case.Y, case.epsilon, can)
    return MaximumQuestion(case.X, case.Y, case.epsilon, right, counted(case.X, case.Y, can))


_AT = ((4, 3, Fraction(1, 2)), (16, 15, Fraction(1, 4)), (16, 7, Fraction(3, 4)))
"""d, k and r: the vector of d ones and that of k ones and d - k zeros have the relative residual r = sqrt(1 - k/d)
against each other, which binary fractions hold exactly."""


@asks("D1-at-threshold", "D1", "threshold", "max_match",
      "a neuron with r = epsilon matches (r <= epsilon), or not, as declared; rounding may hide it")
def _at_threshold(draw: st.DrawFn, can: Capabilities) -> Question:
    inputs, ones, epsilon = draw(st.sampled_from(_AT))
    X, Y = (scale * np.ones((inputs, 1)) for scale in draw(st.tuples(*[st.sampled_from([1, 2, -1, 4])] * 2)))
    Y[draw(st.permutations(range(inputs)))[ones:]] = 0
    ask_only_able(X, Y, epsilon, can)
    return MaximumQuestion(X, Y, epsilon, Match() if can.strict_threshold else Match([0], [0]))
