"""Named broken implementations, by topic: each answers most ordinary questions rightly, and some check rejects it."""

from __future__ import annotations

from ..harness.implementations import Implementation
from . import dynamics, invariance, large, maximum, minimal

BROKEN: dict[Implementation, tuple[str, ...]] = (
    maximum.BROKEN | large.BROKEN | invariance.BROKEN | minimal.BROKEN | dynamics.BROKEN
)
"""Every one of them, and the ids of the checks that are recorded to reject it; the test suite holds them to it."""
