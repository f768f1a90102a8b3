"""Time limits and counts that a caller may set on a search."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from ..theory.errors import InvalidOption


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock after which a search stops."""

    at: float

    def check(self) -> None:
        """Raises ``TimeoutError`` once the deadline has passed; searches catch it and return what they have."""
        if time.monotonic() > self.at:
            raise TimeoutError


NEVER_ENDS = Deadline(math.inf)


def as_deadline(timeout: Any) -> Deadline:
    """The deadline that many seconds from now; None: never. Raises: ``InvalidOption``."""
    if timeout is None:
        return NEVER_ENDS
    if isinstance(timeout, bool) or not isinstance(timeout, Real) or not timeout > 0:  # type: ignore[operator]
        raise InvalidOption(f"timeout: got {timeout!r}, need a number of seconds > 0, or None for no limit")
    return Deadline(time.monotonic() + float(timeout))


def as_limit(limit: Any) -> int | None:
    """How many results are wanted at most; None: all. Raises: ``InvalidOption``."""
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, Integral) or limit < 1:
        raise InvalidOption(f"limit: got {limit!r}, need an integer >= 1, or None for no limit")
    return int(limit)
