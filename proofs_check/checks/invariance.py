"""What an answer must not depend on, and what it does depend on (T12)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from ...algorithms.exact import ExactGeometry
from ...algorithms.peeling import peel_radii
from ...synthetic.strategies.small import Integers
from ...synthetic.strategies.transformed import CHANGES, Change, linear_maps
from ...theory.matches import Match
from ..harness.answers import Counterexample
from ..harness.capabilities import Capabilities
from ..harness.cases import (
    EXTREME,
    MODERATE,
    alive,
    ask_only_able,
    everything_about,
    maximum_of,
    positive,
    radii_question,
    scaled,
    simple_question,
)
from ..harness.questions import MaximumQuestion, Question, RadiiQuestion
from ..harness.registry import Level, asks

Changes = Callable[[], st.SearchStrategy[Change]]

ASKED_AFTER: dict[str, tuple[str, Changes]] = {
    **CHANGES,
    "scaling": ("multiplying neurons by non-zero factors", lambda: scaled(MODERATE)),
}


def _lived(change: Change, can: Capabilities, *, radii_too: bool = True) -> Change:
    """The change, if no neuron of it is dead; raises if T12 itself fails in exact arithmetic.

    ``radii_too``: the change must keep every radius, and not only which of them are 0.
    """
    assume(alive(change.case.X, change.case.Y))
    ask_only_able(change.X, change.Y, 1, can)
    old, new = (peel_radii(ExactGeometry(one.X, one.Y)) for one in (change.case, change))
    for v, origin in change.neurons.items():
        if (new[v] != old[origin]) if radii_too else (bool(new[v]) != bool(old[origin])):
            raise Counterexample(f"T12 fails: rho^2 of {tuple(origin)} was {old[origin]}, is {new[v]} after {change!r}")
    return change


def _invariance(name: str, what: str, changes: Changes, level: Level) -> None:
    @asks(f"T12-{name}", "T12", level, "max_match", f"{what} changes no maximum match")
    def maximum(draw: st.DrawFn, can: Capabilities) -> Question:
        change = _lived(draw(changes()), can)
        epsilon = positive(change.case.epsilon)
        before = maximum_of(change.case.X, change.case.Y, epsilon, can)
        return MaximumQuestion(change.X, change.Y, epsilon, change.carried(before))

    @asks(f"T12-{name}-radii", "T12", level, "match_radii", f"{what} changes no match radius")
    def radii(draw: st.DrawFn, can: Capabilities) -> Question:
        change = _lived(draw(changes()), can)
        before = radii_question(change.case.X, change.case.Y, can)
        known = dict(zip(Match.everything(*before.sizes), [*before.right[0], *before.right[1]], strict=True))
        x, y = ([known[v] for v in side] for side in change.origins)
        return RadiiQuestion(change.X, change.Y, 0, (x, y))


for _name, (_what, _changes) in ASKED_AFTER.items():
    _invariance(_name, _what, _changes, "required")
_invariance("extreme-scaling", "multiplying neurons by 2^±100", lambda: scaled(EXTREME), "numerical")


@asks("T12-simple-matches", "T7 T12", "required", "simple_matches",
      "after scaling, permuting, rotating or copying, simple_matches are simple and cover the maximum match")
def _simple_after(draw: st.DrawFn, can: Capabilities) -> Question:
    change = _lived(draw(st.one_of(*(changes() for _, changes in ASKED_AFTER.values()))), can)
    epsilon = positive(change.case.epsilon)
    before = everything_about(change.case.X, change.case.Y, epsilon, can)
    question = simple_question(change.X, change.Y, epsilon, can)
    if {change.back(match) for match in question.right} != set(before.simple):
        raise Counterexample(f"T12 fails: the simple matches were {before.simple}, are {question.right} after {change}")
    return question


@asks("T12-linear-map-at-zero", "T12", "numerical", "max_match",
      "at epsilon 0 a common injective linear map changes no maximum match")
def _linear_map(draw: st.DrawFn, can: Capabilities) -> Question:
    assume(not can.strict_threshold and not can.smallest_epsilon)
    change = _lived(draw(linear_maps()), can, radii_too=False)
    before = maximum_of(change.case.X, change.case.Y, Fraction(0), can)
    return MaximumQuestion(change.X, change.Y, 0, change.carried(before))


_X, _Y, _DIAGONAL = np.array([[1], [0]]), np.array([[0], [1]]), np.array([[1], [1]])
_NOT_INVARIANT: dict[str, tuple[Integers, Integers, Match]] = {
    "two orthogonal neurons": (_X, _Y, Match()),
    "the same, one vector added to all activations": (_X + 10, _Y + 10, Match([0], [0])),
    "the same, a copy in the other network": (_X, np.hstack([_Y, _X]), Match([0], [1])),
    "two neurons at 45 degrees": (_X, _DIAGONAL, Match()),
    "the same, after an injective linear map": (
        np.diag([10, 1]) @ _X, np.diag([10, 1]) @ _DIAGONAL, Match([0], [0])),
    "the same, one of the inputs repeated": (_X[[0] * 100 + [1]], _DIAGONAL[[0] * 100 + [1]], Match([0], [0])),
}  # fmt: skip


@asks("T12-not-invariant", "T12", "required", "max_match",
      "a translation, a copy in the other network, a linear map at epsilon > 0 do change the maximum match")
def _not_invariant(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y, right = _NOT_INVARIANT[draw(st.sampled_from(list(_NOT_INVARIANT)))]
    if maximum_of(X, Y, Fraction(3, 10), can) != right:
        raise Counterexample(f"{right} is no maximum match of {X.tolist()} and {Y.tolist()} at 3/10")
    return MaximumQuestion(X, Y, 0.3, right)
