"""Limits of a search, of time and of counts, that a caller sets; limits of memory that we set."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from ..theory.validation.options import as_count, as_real

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

BLOCK_BYTES = 32_000_000
"""Inputs are taken in blocks of about this many bytes of float64."""


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
    seconds = as_real(timeout, "timeout", "a number of seconds > 0, or None for no limit", lambda value: value > 0)
    return Deadline(time.monotonic() + seconds)


def as_limit(limit: Any) -> int | None:
    """How many results are wanted at most; None: all. Raises: ``InvalidOption``."""
    return None if limit is None else as_count(limit, "limit", 1, why=", or None for no limit")


class Recent(Generic[Key, Value]):
    """Values by key, at most so many, the one not asked for longest given up first; pickles and copies start empty."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, Value] = {}
        self._lock = Lock()

    def get(self, key: Key, compute: Callable[[], Value]) -> Value:
        """The value that is kept, or else the one computed now."""
        with self._lock:
            value = self._values.pop(key, None)
        if value is None:
            value = compute()
        with self._lock:
            self._values[key] = value
            if len(self._values) > self._most:
                del self._values[next(iter(self._values))]
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._most,)
