"""Good manners: an error or a warning where there is no answer, or one that means nothing; arguments left alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from ..harness.capabilities import Capabilities
from ..harness.cases import ask_only_able, ordinary, spanning
from ..harness.questions import LoudQuestion, Question, UnchangedQuestion
from ..harness.registry import asks


@asks("D1-not-a-number", "D1", "optional", "max_match", "NaN or an infinity is an error or a warning, no quiet answer")
def _not_a_number(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    ask_only_able(case.X, case.Y, case.epsilon, can)
    sides = [case.X.astype(float), case.Y.astype(float)]
    Z = draw(st.sampled_from(sides))
    Z[draw(st.integers(0, len(Z) - 1)), draw(st.integers(0, Z.shape[1] - 1))] = draw(
        st.sampled_from([np.nan, np.inf, -np.inf])
    )
    return LoudQuestion(sides[0], sides[1], case.epsilon)


@asks("D1-epsilon-out-of-range", "D1", "optional", "max_match", "an epsilon outside [0, 1) is an error or a warning")
def _bad_epsilon(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    ask_only_able(case.X, case.Y, 1, can)
    return LoudQuestion(case.X, case.Y, draw(st.sampled_from([-0.1, 1.0, 1.5, np.nan])))


@asks("T13-too-few-inputs", "T13", "optional", "max_match",
      "where both sides span all inputs everything matches: an implementation should say so")
def _too_few_inputs(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = draw(spanning())
    ask_only_able(X, Y, Fraction(3, 10), can)
    return LoudQuestion(X, Y, 0.3)


@asks("activations-unchanged", "", "optional", "max_match", "the caller's arrays stay as they are")
def _unchanged(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    ask_only_able(case.X, case.Y, case.epsilon, can)
    return UnchangedQuestion(case.X, case.Y, case.epsilon)
