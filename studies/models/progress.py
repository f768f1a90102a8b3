"""How far a pass has come, written down from time to time, so that an interrupted one goes on where it was."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ...files.atomic import output_folder
from ...files.state import load_state, save_state, told_in
from ...theory.errors import InvalidFile

WRITTEN_EVERY = 30.0
"""Seconds from one time that the state is written to the next,"""

WRITING_SHARE = 0.05
"""or more, where writing would take more than this share of the time."""


@dataclass(frozen=True)
class Progress:
    """How many batches and images were taken in, and the hash of these batches."""

    batches: int = 0
    images: int = 0
    chain: str = ""


class Changing(Protocol):
    """Something whose ``state`` is in a list of objects, always the same."""

    @property
    def state(self) -> list[Any]: ...


class StateFile:
    """Where the state of a pass is written: from time to time, and when the block that it manages is left early, by
    Ctrl-C or any error. ``follows_from``: a hash of all that the run depends on, but for the batches. ``overwrite``:
    the state of another run is replaced. Without a ``path`` nothing is written."""

    def __init__(self, path: Path | None, follows_from: str, *, overwrite: bool = False) -> None:
        self._path, self._follows_from, self._overwrite = path, follows_from, overwrite
        self._held: tuple[Changing, Progress] | None = None
        self._next = time.monotonic() + WRITTEN_EVERY

    def restored(self, streams: Changing) -> Progress:
        """The progress that is written down, if there is any, with the state put back. Raises: ``InvalidFile``."""
        if self._path is None or not self._path.exists():
            return Progress()
        try:
            follows_from, *progress = told_in(self._path)
        except InvalidFile:
            if not self._overwrite:
                raise
            return Progress()
        if follows_from == self._follows_from:
            load_state(self._path, *streams.state)
            return Progress(*progress)
        if self._overwrite:
            return Progress()
        raise InvalidFile(
            f"{self._path}: is the state of another run (other models, layers, settings or versions), need one of "
            "this run; remove it, name another folder, or overwrite it"
        )

    @contextmanager
    def changing(self) -> Iterator[None]:
        """While the state is not consistent: Ctrl-C waits for the end, and after an error there is none to write."""
        self._held = None
        with _without_interrupts():
            yield

    def holds(self, streams: Changing, progress: Progress) -> None:
        """The state is consistent, and not written yet."""
        self._held = streams, progress

    def write_in_time(self) -> None:
        """Write the state if it is time to."""
        if time.monotonic() >= self._next:
            self.write()

    def write(self) -> None:
        """Write the state, unless it is written. Raises: ``InvalidFile``."""
        if self._path is None or self._held is None:
            return
        started = time.monotonic()
        streams, progress = self._held
        with _without_interrupts():
            told = [self._follows_from, progress.batches, progress.images, progress.chain]
            with output_folder(self._path.parent):
                save_state(self._path, told, *streams.state)
            self._held = None
        took = time.monotonic() - started
        self._next = started + took + max(WRITTEN_EVERY, took / WRITING_SHARE)

    def remove(self) -> None:
        """The run is done."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> StateFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.write()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits for the end; in other threads than the main one it does not come."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[Any, Any]] = []
    before = signal.signal(signal.SIGINT, lambda *what: came.append(what))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came and callable(before):
            before(*came[0])
