"""Independent pieces of work on a pool of processes, with one thread of linear algebra in each.

Threads of the linear algebra libraries spin while they wait for one another. On small matrices they gain nothing, and
beside other jobs they lose minutes; so the processes share the cores, and each of them computes with one thread.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError
from threadpoolctl import threadpool_limits

from ..theory.errors import SpanmatchError
from ..theory.validation.options import Steps, as_count

WATCHED_EVERY = 1.0
"""Seconds after which a worker looks whether its parent is still there."""


@dataclass(frozen=True)
class Piece:
    """``work()`` depends on nothing else and can be pickled; ``name``: for whoever waits for it."""

    name: str
    work: Callable[[], Any]


_SPARE: ContextVar[int] = ContextVar("spare processes", default=1)


def spare() -> int:
    """How many processes the work at hand may share out to; 1 inside a piece of work, which has one process."""
    return _SPARE.get()


@contextmanager
def sparing(workers: int) -> Iterator[None]:
    """What is done inside may use so many processes (``spare``)."""
    before = _SPARE.set(workers)
    try:
        yield
    finally:
        _SPARE.reset(before)


def cores() -> int:
    """How many processes this machine, or the share of it that we were given, can run at once."""
    return int(joblib.cpu_count())


def carried_out(pieces: Sequence[Piece], *, workers: int | None = None, progress: Steps | None = None) -> list[Any]:
    """The result of each piece, in their order; they are begun in it too, so put long ones first.

    ``workers``: how many processes; 1 is this one, None as many as there are cores. The first error ends it and comes
    through. Raises: ``InvalidOption``; ``SpanmatchError`` when a process is ended from outside.
    """
    count = cores() if workers is None else as_count(workers, "workers", 1)
    tell = progress or (lambda *_: None)
    results: list[Any] = [None] * len(pieces)
    with (
        threadpool_limits(1),
        joblib.parallel_config("loky", inner_max_num_threads=1),
        warnings.catch_warnings(),
    ):
        # A process that has grown is replaced between two pieces, and nothing is lost; one that dies is an error.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
        pool = joblib.Parallel(n_jobs=min(count, len(pieces)) or 1, return_as="generator_unordered", batch_size=1)
        tasks = (joblib.delayed(_numbered)(k, piece, os.getpid()) for k, piece in enumerate(pieces))
        with _without_interrupts():
            found = pool(tasks)
        try:
            with closing(found):
                for done, (k, result) in enumerate(found, 1):
                    results[k] = result
                    tell(pieces[k].name, done, len(pieces))
        except TerminatedWorkerError as error:
            raise SpanmatchError(
                f"workers: one of {count} processes was ended from outside, for want of memory perhaps; take fewer"
            ) from error
    return results


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes that begin inside ignore Ctrl-C, which is for this one to answer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _numbered(number: int, piece: Piece, parent: int) -> tuple[int, Any]:
    if os.getpid() != parent:
        _end_with(parent)
    return number, piece.work()


@cache
def _end_with(parent: int) -> None:
    """From now on this process ends when its parent does, even if that is killed: nobody waits for it any more."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCHED_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
