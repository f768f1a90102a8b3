"""How many threads linear algebra takes: one for small problems, all that there are for large ones.

Threads that are started for a small product cost more than they bring, and where other programs run they wait for one
another. Nothing here ever raises the number, so that a pool of processes with one thread each stays one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

SMALL = 5e8
"""Operations, in products of matrices, up to which a problem is small: a few hundredths of a second."""

_limited = Lock()
"""Held by the computation that has set the number to one."""


@cache
def _libraries() -> Any:
    # Looking for them takes milliseconds; those of NumPy and SciPy are there by now.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


@contextmanager
def threads_for(operations: float) -> Iterator[None]:
    """One thread while a problem of so many operations is computed, if it is small.

    The number may be one for the whole process. So only one computation at a time sets it, and gives the threads back;
    another that begins meanwhile leaves it as it is.
    """
    if operations > SMALL or not _limited.acquire(blocking=False):
        yield
        return
    try:
        with _libraries().limit(limits=1):
            yield
    finally:
        _limited.release()
