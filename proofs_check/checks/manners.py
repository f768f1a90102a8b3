"""What goes beyond: epsilon 0 and extreme scales (numerical), r = epsilon (threshold), good manners (optional)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from ...synthetic.strategies.independent import independent_cases
from ...synthetic.strategies.small import Case
from ...synthetic.strategies.transformed import linear_maps
from ...theory.matches import Match
from ..conformance.target import Capabilities
from ..harness.cases import (
    EXTREME,
    ask_only_able,
    maximum_of,
    minimal_question,
    ordinary,
    radii_question,
    scaled,
    simple_question,
    spanning,
)
from ..harness.questions import (
    LoudQuestion,
    MaximumQuestion,
    Question,
    RadiiQuestion,
    UnchangedQuestion,
)
from .kit_registry import (
    invariance,
    kit,
    lived,
    nearly_parallel,
    planted_question,
)

invariance("extreme-scaling", "multiplying neurons by 2^±100", lambda: scaled(EXTREME), "numerical")


@kit("T3-max-match-planted-floats", "T3 T4", "numerical", "max_match",
      "the maximum match of rounded, rank-deficient planted sets is the planted one, at epsilon 0 too")
@st.composite
def _max_match_planted_floats(draw: st.DrawFn, can: Capabilities) -> Question:
    return planted_question(draw, can, exact=False)


@kit("T3-max-match-at-zero", "D1 T3", "numerical", "max_match", "exact matches (epsilon 0) of small integers")
@st.composite
def _max_match_at_zero(draw: st.DrawFn, can: Capabilities) -> Question:
    assume(not can.strict_threshold)
    case = draw(ordinary())
    return MaximumQuestion(case.X, case.Y, 0, maximum_of(case.X, case.Y, Fraction(0), can))


@kit("T6-match-radii-to-1e-7", "D7 T6", "numerical", "match_radii", "match radii that are not 0 are right to 1e-7")
@st.composite
def _tight_radii(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    question = radii_question(case.X, case.Y, can)
    # Of the square, whose error is that of the radius times twice the radius.
    least = min((r for side in question.right for r in side if r), default=1.0)
    return RadiiQuestion(case.X, case.Y, 0, question.right, min(1e-8, 2e-7 * least))


@kit("T9-min-match-unique", "T9", "numerical", "min_match", "exact and independent: the one minimal match")
@st.composite
def _unique(draw: st.DrawFn, can: Capabilities) -> Question:
    assume(not can.strict_threshold)
    case = draw(independent_cases(3))
    return minimal_question(draw, case.X, case.Y, case.epsilon, can)


@kit("T10-simple-matches-at-zero", "T9 T10", "numerical", "simple_matches",
      "exact and independent: every simple match, one for each strong component of the graph")
@st.composite
def _reachable(draw: st.DrawFn, can: Capabilities) -> Question:
    assume(not can.strict_threshold)
    case = draw(independent_cases(3))
    return simple_question(case.X, case.Y, case.epsilon, can, complete=True)


@kit("T7-all-simple-matches", "D5 T7", "optional", "simple_matches", "simple_matches lists every simple match")
@st.composite
def _all_simple(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    if draw(st.booleans()):
        # Copies give a neuron several minimal matches.
        case = Case(np.hstack([case.X, case.X[:, :1]]), np.hstack([case.Y, case.Y[:, :1]]), case.epsilon)
    return simple_question(case.X, case.Y, case.epsilon, can, complete=True)


@kit("D1-span-of-nearest-copies", "D1 T13", "numerical", "max_match", "and by a millionth")
@st.composite
def _nearest(draw: st.DrawFn, can: Capabilities) -> Question:
    return nearly_parallel(draw, [-14, -16, -18], can)


_AT = ((4, 3, Fraction(1, 2)), (16, 15, Fraction(1, 4)), (16, 7, Fraction(3, 4)))
"""d, k and r: the vector of d ones and that of k ones and d - k zeros have the relative residual r = sqrt(1 - k/d)
against each other, which binary fractions hold exactly."""


@kit("D1-at-threshold", "D1", "threshold", "max_match",
      "a neuron with r = epsilon matches (r <= epsilon), or not, as declared; rounding may hide it")
@st.composite
def _at_threshold(draw: st.DrawFn, can: Capabilities) -> Question:
    inputs, ones, epsilon = draw(st.sampled_from(_AT))
    X, Y = (scale * np.ones((inputs, 1)) for scale in draw(st.tuples(*[st.sampled_from([1, 2, -1, 4])] * 2)))
    Y[draw(st.permutations(range(inputs)))[ones:]] = 0
    ask_only_able(X, Y, epsilon, can)
    return MaximumQuestion(X, Y, epsilon, Match() if can.strict_threshold else Match([0], [0]))


@kit("D1-not-a-number", "D1", "optional", "max_match", "NaN or an infinity is an error or a warning, no quiet answer")
@st.composite
def _not_a_number(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    ask_only_able(case.X, case.Y, case.epsilon, can)
    sides = [case.X.astype(float), case.Y.astype(float)]
    Z = draw(st.sampled_from(sides))
    Z[draw(st.integers(0, len(Z) - 1)), draw(st.integers(0, Z.shape[1] - 1))] = draw(
        st.sampled_from([np.nan, np.inf, -np.inf])
    )
    return LoudQuestion(sides[0], sides[1], case.epsilon)


@kit("D1-epsilon-out-of-range", "D1", "optional", "max_match", "an epsilon outside [0, 1) is an error or a warning")
@st.composite
def _bad_epsilon(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    ask_only_able(case.X, case.Y, 1, can)
    return LoudQuestion(case.X, case.Y, draw(st.sampled_from([-0.1, 1.0, 1.5, np.nan])))


@kit("T13-too-few-inputs", "T13", "optional", "max_match",
      "where both sides span all inputs everything matches: an implementation should say so")
@st.composite
def _too_few_inputs(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = draw(spanning())
    ask_only_able(X, Y, Fraction(3, 10), can)
    return LoudQuestion(X, Y, 0.3)


@kit("activations-unchanged", "", "optional", "max_match", "the caller's arrays stay as they are")
@st.composite
def _unchanged(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    ask_only_able(case.X, case.Y, case.epsilon, can)
    return UnchangedQuestion(case.X, case.Y, case.epsilon)


@kit("T12-linear-map-at-zero", "T12", "numerical", "max_match",
     "at epsilon 0 a common injective linear map changes no maximum match")
@st.composite
def _linear_map(draw: st.DrawFn, can: Capabilities) -> Question:
    assume(not can.strict_threshold)
    change = lived(draw(linear_maps()))
    ask_only_able(change.X, change.Y, 0, can)
    right = change.carried(maximum_of(change.case.X, change.case.Y, Fraction(0), can))
    return MaximumQuestion(change.X, change.Y, 0, right)
