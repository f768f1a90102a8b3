"""One claim: something that the README, the docs or a requirement asserts, with the function that measures it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

MUST = "requirement"
"""Where a claim stands that no document makes: it is required of the project."""

#: What was measured, and whether it is what is required.
Measured = tuple[str | float, bool]


class NotRun(Exception):
    """Raised by a measurement that cannot be taken here; the message says why."""


@dataclass(frozen=True)
class Claim:
    """``where`` asserts ``text``; ``measure`` returns what it finds and whether that is as ``required``.

    ``id`` is ``topic.name`` (``--only 'topic.*'`` picks a topic); ``text`` names the command or function measured.
    """

    id: str
    where: str
    text: str
    required: str
    measure: Callable[[], Measured]
