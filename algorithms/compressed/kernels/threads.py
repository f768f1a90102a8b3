"""How many threads linear algebra takes: one for small problems, all that there are for large ones.

Threads that are started for a small product cost more than they bring, and where other programs run they wait for one
another. So do those of two libraries (NumPy and SciPy bring one each) where calls alternate, and a library shares out
less of a product or a factorisation than there is to share. So large problems are cut into tasks here, which run side
by side with one thread each. Nothing here ever raises the number, so that a pool of processes with one thread each
stays one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from queue import SimpleQueue
from threading import Lock
from typing import Any, TypeVar

SMALL = 5e8
"""Operations, in products of matrices, up to which a problem is small: a few hundredths of a second."""

_limited = Lock()
"""Held by the computation that has set the number to one."""

_at_once: ContextVar[int] = ContextVar("_at_once", default=1)
"""So many tasks run side by side in this context."""

Found = TypeVar("Found")


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


@contextmanager
def one_thread_each(operations: float) -> Iterator[None]:
    """One thread for each call of linear algebra; unless the problem is small, ``side_by_side`` runs as many tasks at
    once as there were threads. Within another such context, or ``threads_for`` a small problem, that one stays."""
    if not _limited.acquire(blocking=False):
        yield
        return
    try:
        libraries = _libraries()
        there_are = min((library.num_threads for library in libraries.lib_controllers), default=1)
        before = _at_once.set(there_are if operations > SMALL else 1)
        try:
            with libraries.limit(limits=1):
                yield
        finally:
            _at_once.reset(before)
    finally:
        _limited.release()


def side_by_side(*tasks: Callable[[], Found]) -> list[Found]:
    """What they return, in order. Tasks share no memory that one of them writes to, so their order changes nothing;
    the longest had better come first. Where nothing is gained by it they run one after another."""
    count = min(_at_once.get(), len(tasks))
    if count < 2:
        return [task() for task in tasks]
    found: dict[int, Found] = {}
    waiting: SimpleQueue[tuple[int, Callable[[], Found]] | None] = SimpleQueue()
    for each in (*enumerate(tasks), *[None] * count):
        waiting.put(each)

    def work() -> None:
        for number, task in iter(waiting.get, None):
            found[number] = task()

    # This thread works too: to wake one takes longer than many a task.
    others = [_pool(_at_once.get() - 1).submit(work) for _ in range(count - 1)]
    try:
        work()
    finally:
        wait(others)
    for other in others:
        other.result()
    return [found[number] for number in range(len(tasks))]


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    # Some libraries keep a number for each thread.
    return ThreadPoolExecutor(count, "spanmatch", initializer=lambda: _libraries().limit(limits=1))


if hasattr(os, "register_at_fork"):
    # A fork inherits no threads.
    os.register_at_fork(after_in_child=_pool.cache_clear)


@cache
def _libraries() -> Any:
    # Looking for them takes milliseconds; those of NumPy and SciPy are there by now.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
