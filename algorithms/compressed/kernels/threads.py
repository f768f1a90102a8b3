"""How many threads linear algebra takes: one for small problems, all that there are for large ones.

Threads that are started for a small product cost more than they bring, and where other programs run they wait for one
another. So do those of two libraries (NumPy and SciPy bring one each) where calls alternate, and a library shares out
less of a product or a factorisation than there is to share. So large problems are cut into tasks here, which run side
by side with one thread each. The number stays one until the last of these computations has ended, since with another a
routine adds in another order. Nothing here ever raises it, so that a pool of processes with one thread each stays one.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import cache
from threading import Lock
from typing import Any, TypeVar

SMALL = 5e8
"""Operations, in products of matrices, up to which a problem is small: a few hundredths of a second."""

_at_once: ContextVar[int] = ContextVar("_at_once", default=0)
"""So many tasks run side by side in this context; 0 where no computation has begun."""

Found = TypeVar("Found")


class _OneThread:
    """Libraries have one thread as long as any computation is within; the last to leave gives the others back.

    Most libraries have one number for the process, some one for each thread of Python. A computation that enters
    second, and finds more than one thread all the same, has met the latter: there each gives back its own. So it is
    where a thread of the user's has reserved the right to set the number: then it stays as it is.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._within: dict[object, list[int]] = {}
        self._before: list[int] = []
        self._for_each: set[int] = set()

    def enter(self, computation: object) -> int:
        """How many threads there were."""
        with self._lock:
            found = [library.num_threads for library in _libraries()]
            if self._within:
                self._for_each |= {k for k, number in enumerate(found) if number > 1}
            else:
                self._before, self._for_each = found, set()
            self._within[computation] = found
            _set_to_one()
            return min(self._before, default=1)

    def leave(self, computation: object) -> None:
        """It may be called twice."""
        with self._lock:
            own = self._within.pop(computation, None)
            for k, before in enumerate(self._before):
                if k in self._for_each:
                    if own:
                        _libraries()[k].set_num_threads(own[k])
                elif not self._within:
                    _libraries()[k].set_num_threads(before)
            if not self._within:
                self._before = []
            _let_others_set()

    def after_a_fork(self) -> None:
        """Other threads are gone, and what they computed."""
        self._lock = Lock()
        if self._within and not _at_once.get():
            self._within.clear()
            self.leave(None)


_one_thread = _OneThread()


@contextmanager
def threads_for(operations: float) -> Iterator[None]:
    """One thread while a problem of so many operations is computed, if it is small."""
    if operations > SMALL:
        yield
        return
    with one_thread_each(operations):
        yield


@contextmanager
def one_thread_each(operations: float) -> Iterator[None]:
    """One thread for each call of linear algebra; unless the problem is small, ``side_by_side`` runs as many tasks at
    once as there were threads. Within another such context that one stays."""
    if _at_once.get():
        yield
        return
    computation = object()
    try:
        there_are = _one_thread.enter(computation)
        _at_once.set(there_are if operations > SMALL else 1)
        yield
    finally:
        try:
            _end(computation)
        finally:
            # An interrupt may have come in the middle of it.
            _end(computation)


def _end(computation: object) -> None:
    _at_once.set(0)
    _one_thread.leave(computation)


def side_by_side(*tasks: Callable[[], Found]) -> list[Found]:
    """What they return, in order. Tasks share no memory that one of them writes to, so their order changes nothing;
    the longest had better come first. Where nothing is gained by it they run one after another. After an error those
    that have not begun are left out."""
    count = min(_at_once.get(), len(tasks))
    if count < 2:
        return [task() for task in tasks]
    found: dict[int, Found] = {}
    waiting = deque(enumerate(tasks))

    def work() -> None:
        try:
            for number, task in _taken_from(waiting):
                found[number] = task()
        finally:
            waiting.clear()

    others: list[Future[None]] = []
    try:
        _ask(others, count - 1, work)
        # This thread works too: to wake one takes longer than many a task.
        work()
    finally:
        waiting.clear()
        # One that has not begun may stand behind the very task that this thread is part of.
        running = [other for other in others if not other.cancel()]
        wait(running)
    for other in running:
        other.result()
    return [found[number] for number in range(len(tasks))]


Item = TypeVar("Item")


def _taken_from(waiting: deque[Item]) -> Iterator[Item]:
    """The first, until none is left; several threads may take."""
    while True:
        try:
            first = waiting.popleft()
        except IndexError:
            return
        yield first


def _ask(asked: list[Future[None]], count: int, work: Callable[[], None]) -> None:
    """So many other threads to work in this context, if there are any to be had."""

    def with_one_thread() -> None:
        _set_to_one()
        _let_others_set()
        work()

    try:
        pool = _pool(_at_once.get() - 1)
        for _ in range(count):
            asked.append(pool.submit(copy_context().run, with_one_thread))
    except RuntimeError:
        # The interpreter is about to end, while a thread still computes; or the system has no more threads.
        return


@cache
def _pool(count: int) -> Executor:
    # On first use: it cannot be imported any more when the interpreter is about to end.
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(count, "spanmatch")


if hasattr(os, "register_at_fork"):
    # A fork inherits no threads.
    os.register_at_fork(after_in_child=_pool.cache_clear)
    os.register_at_fork(after_in_child=_one_thread.after_a_fork)


@cache
def _libraries() -> list[Any]:
    # Looking for them takes milliseconds; those of NumPy and SciPy are there by now.
    from threadpoolctl import ThreadpoolController

    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return [library for library in libraries if library.num_threads]


def _set_to_one() -> None:
    for library in _libraries():
        library.set_num_threads(1)


def _let_others_set() -> None:
    """Since threadpoolctl 3.8 a number for the process obeys one thread alone, which is the first to set it."""
    for library in _libraries():
        getattr(library, "clear_controlling_thread", int)()
