"""What an implementation has, and what it says of itself: both decide which questions it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from ...theory.errors import InvalidOption
from ...theory.validation import DeadNeurons, as_dead_neurons

FUNCTIONS = ("max_match", "min_match", "simple_matches", "match_radii", "similarity")
"""What an implementation from elsewhere may have."""

SEEN_IN_SCORES = ("max_match", "match_radii")
"""Functions that an implementation without them is asked about through its ``similarity``."""


def not_provided(*_: Any) -> Any:
    """Stands for a function that an implementation does not have."""
    raise NotImplementedError("a check called a function that it does not say it needs")


def function_of(subject: Any, name: str) -> Callable[..., Any] | None:
    """The function of this name. ``all_simple_matches`` is ``simple_matches`` where the subject does not know it."""
    found = getattr(subject, name, None)
    if found is None and name == "all_simple_matches":
        found = getattr(subject, "simple_matches", None)
    return found if callable(found) and found is not not_provided else None


def provides(subject: Any, name: str) -> bool:
    """Whether the object has this function."""
    return function_of(subject, name) is not None


def answers_for(subject: Any, name: str) -> str | None:
    """The function that is asked about ``name``: itself, or the score where the subject has only that (D4, D7)."""
    if provides(subject, name):
        return name
    return "similarity" if name in SEEN_IN_SCORES and provides(subject, "similarity") else None


@dataclass(frozen=True)
class Capabilities:
    """The dict ``spanmatch_capabilities``; what is left out follows the literal definitions.

    ``dead_neurons``: "match" (D1), "unmatched" or "drop". ``smallest_epsilon``: no smaller one is asked.
    ``rank_tolerance``: neurons that depend on others up to this may count as dependent. ``strict_threshold``: a
    neuron with r = epsilon does not match. ``most_neurons``: of both sides together. ``exact``: it decides for the
    stored numbers as they stand, so it is not asked about sets whose dependence was lost in rounding (A7).
    """

    dead_neurons: DeadNeurons = "match"
    smallest_epsilon: float = 0.0
    rank_tolerance: float = 0.0
    strict_threshold: bool = False
    most_neurons: int = 1000
    exact: bool = False

    @classmethod
    def of(cls, subject: Any) -> Capabilities:
        """What the subject declares, checked. *Raises* ``InvalidOption``."""
        declared = getattr(subject, "spanmatch_capabilities", {})
        if not isinstance(declared, Mapping):
            raise InvalidOption(f"spanmatch_capabilities: got {declared!r}, need a dict")
        known = [field.name for field in fields(cls)]
        for name in declared:
            if name not in known:
                raise InvalidOption(f"spanmatch_capabilities: got {name!r}, need some of {', '.join(known)}")
        found = cls(**declared)
        as_dead_neurons(found.dead_neurons)
        for name in ("smallest_epsilon", "rank_tolerance"):
            value = getattr(found, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
                raise InvalidOption(f"spanmatch_capabilities[{name!r}]: got {value!r}, need a number in [0, 1)")
        for name in ("strict_threshold", "exact"):
            value = getattr(found, name)
            if not isinstance(value, bool):
                raise InvalidOption(f"spanmatch_capabilities[{name!r}]: got {value!r}, need True or False")
        if not isinstance(found.most_neurons, int) or found.most_neurons < 2:
            raise InvalidOption(f"spanmatch_capabilities['most_neurons']: got {found.most_neurons!r}, need an int >= 2")
        return found
