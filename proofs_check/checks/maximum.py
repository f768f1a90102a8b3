"""What every correct implementation answers rightly: decisions 1e-7 clear of their thresholds, epsilon >= 1e-6."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import assume, reject
from hypothesis import strategies as st

from ...synthetic.strategies.transformed import well_spread
from ...theory.matches import Match, Neuron
from ...theory.residuals import unit_columns
from ..conformance.target import Capabilities
from ..harness.cases import (
    MODERATE,
    alive,
    ask_only_able,
    everything_about,
    maximum_of,
    minimal_question,
    ordinary,
    positive,
    radii_question,
    simple_question,
    spanning,
    with_dead,
)
from ..harness.large import close_decisions, large_minimal, large_radii, large_sets, staircases
from ..harness.questions import (
    ContainedQuestion,
    MaximumQuestion,
    MinimalQuestion,
    Question,
    RadiiQuestion,
)
from .kit_registry import (
    ASKED_AFTER,
    invariance,
    kit,
    lived,
    nearly_parallel,
    planted_of,
    planted_question,
)

for _name, (_what, _changes) in ASKED_AFTER.items():
    invariance(_name, _what, _changes, "required")


@kit("T3-max-match", "D1 D3 T3 T4", "required", "max_match", "the maximum match of small integers is the exact one")
@st.composite
def _max_match(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    return MaximumQuestion(case.X, case.Y, case.epsilon, maximum_of(case.X, case.Y, case.epsilon, can))


@kit("T3-max-match-planted", "T3 T4", "required", "max_match", "the maximum match is the planted one")
@st.composite
def _max_match_planted(draw: st.DrawFn, can: Capabilities) -> Question:
    return planted_question(draw, can, exact=True)


@kit("T5-nested", "T5", "required", "max_match", "the maximum match grows with epsilon")
@st.composite
def _nested(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    low, high = (Fraction(k, 10) for k in draw(st.sampled_from([(8, 9), (6, 9), (3, 9), (5, 8), (3, 6), (1, 5)])))
    for epsilon in (low, high):
        maximum_of(case.X, case.Y, epsilon, can)
    return ContainedQuestion(case.X, case.Y, low, float(high))


@kit("T6-match-radii", "D7 T6", "required", "match_radii", "the match radii of small integers are the exact ones")
@st.composite
def _match_radii(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    return radii_question(case.X, case.Y, can)


@kit("T6-match-radii-planted", "D7 T6", "required", "match_radii", "match radii planted in closed form are found")
@st.composite
def _match_radii_planted(draw: st.DrawFn, can: Capabilities) -> Question:
    planted = draw(planted_of(can, exact=True))
    if planted.radii is None:
        reject()
    x, y = (side.tolist() for side in planted.radii)
    return RadiiQuestion(*planted.matrices, 0, (x, y))


@kit("T7-min-match", "D6 T7", "required", "min_match", "min_match is a minimal match by brute force, or None")
@st.composite
def _min_match(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    return minimal_question(draw, case.X, case.Y, case.epsilon, can)


@kit("T7-copies", "T7 T12", "required", "min_match", "a minimal match never holds a neuron and a copy of it")
@st.composite
def _min_match_of_copies(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    copied = draw(st.integers(0, case.X.shape[1] - 1))
    X = np.hstack([case.X, 2 * case.X[:, [copied]]])
    truth = everything_about(X, case.Y, case.epsilon, can)
    neuron = Neuron("x", draw(st.sampled_from([copied, X.shape[1] - 1])))
    return MinimalQuestion(X, case.Y, case.epsilon, neuron, truth.minimal.get(neuron, (None,)))


@kit("T7-simple-matches", "D5 T7", "required", "simple_matches",
      "simple_matches are simple by brute force, and their union is the maximum match")
@st.composite
def _simple_matches(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    return simple_question(case.X, case.Y, case.epsilon, can)


@kit("T12-simple-matches", "T7 T12", "required", "simple_matches",
      "after scaling, permuting, rotating or copying, simple_matches are simple and cover the maximum match")
@st.composite
def _simple_after(draw: st.DrawFn, can: Capabilities) -> Question:
    change = lived(draw(st.one_of(*(changes() for _, changes in ASKED_AFTER.values()))))
    return simple_question(change.X, change.Y, positive(change.case.epsilon), can)


def _two_partners(draw: st.DrawFn) -> tuple[Any, Any]:
    X = np.array([[3.0], [4.0], [0.0]])
    return X, np.hstack([X * draw(st.sampled_from(MODERATE)), X])


@kit("T8-two-partners", "T8", "required", "max_match", "a neuron with two equal partners matches with both")
@st.composite
def _two_partners_maximum(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = _two_partners(draw)
    epsilon = draw(st.sampled_from([Fraction(k, 10) for k in range(1, 10)]))
    return MaximumQuestion(X, Y, epsilon, maximum_of(X, Y, epsilon, can))


@kit("T8-one-partner", "T8", "required", "min_match", "and each partner alone is a minimal match with it")
@st.composite
def _two_partners_minimal(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = _two_partners(draw)
    epsilon = draw(st.sampled_from([Fraction(k, 10) for k in range(1, 10)]))
    return minimal_question(draw, X, Y, epsilon, can)


@kit("T11-balanced", "T11", "required", "max_match",
      "where epsilon sqrt(max(m, n)) is below both least singular values, both sides of a match have one size")
@st.composite
def _balanced(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = draw(well_spread())
    assume(alive(X, Y))
    least = min(float(np.linalg.svd(unit_columns(Z.astype(float))[0], compute_uv=False)[-1]) for Z in (X, Y))
    epsilon = Fraction(int(999 * least / max(X.shape[1], Y.shape[1]) ** 0.5), 1000)
    assume(epsilon > 0)
    right = maximum_of(X, Y, epsilon, can)
    assume(len(right.x) == len(right.y))
    return MaximumQuestion(X, Y, epsilon, right)


@kit("T13-full-rank", "T13", "required", "max_match", "where each side spans all inputs, everything matches")
@st.composite
def _full_rank(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = draw(spanning())
    epsilon = Fraction(draw(st.integers(1, 9)), 10)
    ask_only_able(X, Y, epsilon, can)
    return MaximumQuestion(X, Y, epsilon, Match.everything(X.shape[1], Y.shape[1]))


@kit("D1-span-of-near-copies", "D1 T13", "required", "max_match",
      "two neurons that differ by a hundredth or a thousandth span a plane")
@st.composite
def _near(draw: st.DrawFn, can: Capabilities) -> Question:
    return nearly_parallel(draw, [-5, -7, -10], can)


@kit("D1-dead-max-match", "D1 D3", "required", "max_match", "neurons that are 0 match, or not, as declared")
@st.composite
def _dead_maximum(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(with_dead())
    return MaximumQuestion(case.X, case.Y, case.epsilon, maximum_of(case.X, case.Y, case.epsilon, can))


@kit("D1-dead-match-radii", "D1 D7", "required", "match_radii", "neurons that are 0 have radius 0, or 1, as declared")
@st.composite
def _dead_radii(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(with_dead())
    return radii_question(case.X, case.Y, can)


@kit("D1-dead-min-match", "D1 D6", "required", "min_match", "a neuron that is 0 alone is its minimal match, or none")
@st.composite
def _dead_minimal(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(with_dead())
    return minimal_question(draw, case.X, case.Y, case.epsilon, can)


@kit("D1-dead-simple-matches", "D1 D5", "required", "simple_matches",
      "each neuron that is 0 is a simple match of its own, or in none")
@st.composite
def _dead_simple(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(with_dead())
    return simple_question(case.X, case.Y, case.epsilon, can)


kit("T4-long-staircase", "T4", "required", "max_match",
    "of 17 to 20 neurons a side that violate one after the other, two are left", share=6)(staircases)
kit("T3-max-match-large", "T3 T4", "required", "max_match",
    "the maximum match of 40 to 64 neurons a side is the exact one", share=6)(large_sets)
kit("T6-close-decisions", "D1 T6", "required", "max_match",
    "the maximum match is the exact one where epsilon is three millionths beside a match radius")(close_decisions)
kit("T6-match-radii-large", "D7 T6", "required", "match_radii",
    "the match radii of 40 to 64 neurons a side are the exact ones", share=12)(large_radii)
kit("T7-min-match-large", "D6 T7", "required", "min_match",
    "min_match is the only minimal match, of 8 to 12 neurons, inside a larger maximum match", share=6)(large_minimal)
