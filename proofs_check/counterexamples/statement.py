"""What a counterexample to a weakened theorem is: an object on which all hypotheses hold but one, and the conclusion
does not; beside it a repaired one, on which everything holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Predicate = Callable[[Any], bool]


@dataclass(frozen=True)
class Statement:
    """A theorem as executable predicates of one object: hypotheses by name, and the conclusion."""

    theorem: str
    hypotheses: Mapping[str, Predicate]
    conclusion: Predicate = field(repr=False)


@dataclass(frozen=True)
class NeededHypothesis:
    """That a theorem fails without its hypothesis ``dropped``: ``broken`` shows it, ``repaired`` has it again.

    ``why``: in words what goes wrong. All predicates are decided in exact arithmetic, T17's by integration.
    """

    id: str
    statement: Statement = field(repr=False)
    dropped: str
    why: str
    broken: Any = field(repr=False)
    repaired: Any = field(repr=False)

    @property
    def theorem(self) -> str:
        return self.statement.theorem


@dataclass(frozen=True)
class UnneededHypothesis:
    """That a theorem holds without a hypothesis which it is stated with, and why.

    ``evidence()`` returns how many cases without the hypothesis it looked at, or raises ``NeededAfterAllError``.
    """

    theorem: str
    hypothesis: str
    why: str
    evidence: Callable[[], int] = field(repr=False)


class NeededAfterAllError(Exception):
    """A case in which a theorem fails without a hypothesis that was said not to be needed."""


def faults(case: NeededHypothesis) -> list[str]:
    """What keeps a counterexample from being one: nothing if it verifies."""
    statement, found = case.statement, []
    if case.dropped not in statement.hypotheses:
        return [f"{case.id}: {statement.theorem} has no hypothesis {case.dropped!r}"]
    for name, holds in statement.hypotheses.items():
        if holds(case.broken) == (name == case.dropped):
            found.append(f"{case.id}: the object {'has' if name == case.dropped else 'lacks'} {name!r}")
        if not holds(case.repaired):
            found.append(f"{case.id}: the repaired object lacks {name!r}")
    if statement.conclusion(case.broken):
        found.append(f"{case.id}: the conclusion holds for the object")
    if not statement.conclusion(case.repaired):
        found.append(f"{case.id}: the conclusion fails for the repaired object")
    return found
