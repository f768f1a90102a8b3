"""The checks of the conformance kit: their levels, their registry, and what several of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ...synthetic.planted import Planted
from ...synthetic.strategies.activations import planted_sets
from ...synthetic.strategies.transformed import CHANGES, Change
from ...theory.matches import Match
from ..conformance.target import Capabilities
from ..harness.cases import (
    MODERATE,
    alive,
    ask_only_able,
    maximum_of,
    positive,
    radii_question,
    scaled,
)
from ..harness.questions import (
    MaximumQuestion,
    Question,
    RadiiQuestion,
)

Level = Literal["required", "numerical", "threshold", "optional"]
LEVELS: tuple[Level, ...] = ("required", "numerical", "threshold", "optional")

SMALLEST_EPSILON = 1e-6
"""No required question has a smaller epsilon."""
Questions = Callable[[Capabilities], SearchStrategy[Question]]


@dataclass(frozen=True)
class KitCheck:
    """One statement about one of the four functions: ``questions(capabilities)`` generates what is asked. ``share``:
    of so many cases one is asked, because it takes longer."""

    id: str
    theorems: tuple[str, ...]
    statement: str
    level: Level
    function: str
    questions: Questions
    share: int = 1


KIT: dict[str, KitCheck] = {}


def kit(
    id: str, theorems: str, level: Level, function: str, statement: str, share: int = 1
) -> Callable[[Questions], Questions]:
    """Registers the composite strategy below, of the capabilities, as the check ``id``."""

    def register(questions: Questions) -> Questions:
        KIT[id] = KitCheck(id, tuple(theorems.split()), statement, level, function, questions, share)
        return questions

    return register


def lived(change: Change) -> Change:
    """The change, if no neuron of it is dead."""
    assume(alive(change.case.X, change.case.Y))
    return change


ASKED_AFTER: dict[str, tuple[str, Callable[[], SearchStrategy[Change]]]] = {
    "scaling": ("multiplying neurons by non-zero factors", lambda: scaled(MODERATE)),
    **{name: change for name, change in CHANGES.items() if name != "scaling"},
}


def invariance(name: str, what: str, changes: Callable[[], SearchStrategy[Change]], level: Level) -> None:
    @st.composite
    def maximum(draw: st.DrawFn, can: Capabilities) -> Question:
        change = lived(draw(changes()))
        epsilon = positive(change.case.epsilon)
        ask_only_able(change.X, change.Y, epsilon, can)
        return MaximumQuestion(
            change.X, change.Y, epsilon, change.carried(maximum_of(change.case.X, change.case.Y, epsilon, can))
        )

    @st.composite
    def radii(draw: st.DrawFn, can: Capabilities) -> Question:
        change = lived(draw(changes()))
        ask_only_able(change.X, change.Y, 1, can)
        before = radii_question(change.case.X, change.case.Y, can)
        known = dict(zip(Match.everything(*before.sizes), [*before.right[0], *before.right[1]], strict=True))
        x, y = ([known[v] for v in side] for side in change.origins)
        return RadiiQuestion(change.X, change.Y, 0, (x, y))

    kit(f"T12-{name}", "T12", level, "max_match", f"{what} changes no maximum match")(maximum)
    kit(f"T12-{name}-radii", "T12", level, "match_radii", f"{what} changes no match radius")(radii)


@st.composite
def planted_of(draw: st.DrawFn, can: Capabilities, *, exact: bool) -> Planted:
    planted = draw(planted_sets(knobs=not exact))
    assume(planted.exact == exact and not planted.dead and planted.X.dtype != np.float32)
    ask_only_able(*planted.matrices, 1, can)
    return planted


def planted_question(draw: st.DrawFn, can: Capabilities, *, exact: bool) -> MaximumQuestion:
    planted = draw(planted_of(can, exact=exact))
    X, Y = planted.matrices
    lowest = max(can.smallest_epsilon, SMALLEST_EPSILON if exact else 0.0)
    levels = [level for level in planted.maximum if level.high >= lowest]
    assume(levels)
    level = draw(st.sampled_from(levels))
    low = max(level.low, lowest)
    epsilon = draw(st.sampled_from([low, (low + level.high) / 2]))
    if exact:
        assume(maximum_of(X, Y, Fraction(epsilon), can) == level.match)
    return MaximumQuestion(X, Y, epsilon, level.match)


def nearly_parallel(draw: st.DrawFn, exponents: list[int], can: Capabilities) -> Question:
    """X = {a, a + 2^-k b}, Y = {a, b}: b is in the span of X, by a difference that a coarse rank cut takes for 0."""
    inputs = draw(st.integers(3, 6))
    a, b, c = (np.eye(inputs)[:, k] for k in draw(st.permutations(range(inputs)))[:3])
    X = np.column_stack([a, a + 2.0 ** draw(st.sampled_from(exponents)) * b])
    Y = np.column_stack([a, b, b + c] if draw(st.booleans()) else [b, a])
    epsilon = Fraction(draw(st.sampled_from([1, 3, 5])), 10)
    return MaximumQuestion(X, Y, epsilon, maximum_of(X, Y, epsilon, can))
