"""Named broken implementations, by topic: each answers most ordinary questions rightly, and some check rejects it."""

from __future__ import annotations

from ..harness.implementations import Implementation
from . import dynamics, invariance, large, manners, maximum, minimal

BROKEN: dict[Implementation, tuple[str, ...]] = {
    one: tuple(checks.split())
    for topic in (maximum, large, invariance, minimal, dynamics, manners)
    for one, checks in topic.BROKEN.items()
}
"""Every one of them, and the ids of the checks that are recorded to reject it; the test suite holds them to it."""
