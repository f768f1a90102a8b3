"""A process that answers one line for each line it gets, within limits of time and memory, or is ended."""

from __future__ import annotations

import faulthandler
import json
import os
import select
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

import psutil

from ..harness.answers import Counterexample

GIB = 2**30
POLL = 0.05
"""Seconds between two looks at the memory of a process that has not answered yet."""


@dataclass(frozen=True)
class Limits:
    """Seconds for each question, bytes of memory beyond those that the process starts with."""

    seconds: float = 30.0
    memory: float = 4 * GIB


class Lost(Counterexample):
    """The process was ended, or ended itself, before it answered. To wait for it again would take as long."""

    final = True


class Process:
    """One process: a command, or a fork of this one that runs ``serve(questions, answers)``."""

    def __init__(self, start: Sequence[str] | Callable[[BinaryIO, BinaryIO], None], limits: Limits) -> None:
        self.limits = limits
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._pending = b""
        if callable(start):
            self._popen, self.pid, self._in, self._out = None, *_forked(start, self._errors.fileno())
        else:
            self._popen = subprocess.Popen(
                start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, start_new_session=True,
                bufsize=0,
            )  # fmt: skip
            self.pid = self._popen.pid
            ends = [end for end in (self._popen.stdin, self._popen.stdout) if end is not None]
            self._in, self._out = (os.dup(end.fileno()) for end in ends)
            for end in ends:
                end.close()
        os.set_blocking(self._in, False)
        self._at_start = self._memory()
        self._closed = False

    def ask(self, question: dict[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """The answer to a question. *Raises* ``Lost``; then the process is gone.

        Lines that do not begin with "{" are what the program prints besides, and are skipped.
        """
        what = question["ask"]
        seconds = self.limits.seconds if seconds is None else seconds
        deadline = time.monotonic() + seconds
        looked = time.monotonic() + POLL
        left = memoryview(json.dumps(question).encode() + b"\n")
        while True:
            now = time.monotonic()
            if now > deadline:
                self.close()
                raise Lost(f"{what} did not return within {seconds:g} s")
            if now > looked:
                looked = now + POLL
                if self._memory() - self._at_start > self.limits.memory:
                    self.close()
                    raise Lost(f"{what} took more than {self.limits.memory / GIB:g} GiB of memory")
            readable, writable, _ = select.select([self._out], [self._in] if left else [], [], POLL)
            if writable:
                try:
                    left = left[os.write(self._in, left) :]
                except BlockingIOError:
                    continue
                except OSError:
                    raise Lost(f"{what}: {self._ended()}") from None
            if readable:
                chunk = os.read(self._out, 1 << 20)
                if not chunk:
                    raise Lost(f"{what}: {self._ended()}")
                *lines, self._pending = (self._pending + chunk).split(b"\n")
                for line in lines:
                    if line.startswith(b"{"):
                        return _read(line)

    def _memory(self) -> int:
        """Bytes that the process and those that it started hold."""
        try:
            here = psutil.Process(self.pid)
            return sum(one.memory_info().rss for one in (here, *here.children(recursive=True)))
        except psutil.Error:
            return 0

    def _ended(self) -> str:
        """How the process ended."""
        code = self.close(kill=False)
        self._errors.seek(0)
        told = self._errors.read()[-2000:].decode(errors="replace").strip().splitlines()
        self._errors.close()
        if code is not None and code < 0:
            return f"the process was ended by {signal.Signals(-code).name}"
        return f"the process ended with exit code {code}" + (f": {told[-1]}" if told else "")

    def close(self, *, kill: bool = True) -> int | None:
        """End the process and what it has started; the exit code if it ended by itself."""
        if self._closed:
            return None
        self._closed = True
        code = None if kill else self._wait(2.0)
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        if code is None:
            self._wait(5.0)
        for end in (self._in, self._out):
            os.close(end)
        if kill:
            self._errors.close()
        return code

    def _wait(self, seconds: float) -> int | None:
        if self._popen is not None:
            with suppress(subprocess.TimeoutExpired):
                return self._popen.wait(seconds)
            return None
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    return os.waitstatus_to_exitcode(status)
            time.sleep(0.005)
        return None


def _read(line: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        raise Counterexample(f"the process wrote {line[:200]!r}, need a line of JSON") from None
    if "answer" not in found and "error" not in found:
        raise Counterexample(f'the process wrote {line[:200]!r}, need {{"answer": ...}} or {{"error": ...}}')
    return found


def _forked(serve: Callable[[BinaryIO, BinaryIO], None], errors: int) -> tuple[int, int, int]:
    """The id of a new process that serves, and the ends of pipes to write to it and to read from it."""
    ours_in, ours_out = os.pipe(), os.pipe()
    with warnings.catch_warnings():
        # A fork of several threads: those of the linear algebra know how to start again.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        os.close(ours_in[0])
        os.close(ours_out[1])
        return pid, ours_in[1], ours_out[0]
    try:  # pragma: no cover - in the new process
        os.setsid()
        os.close(ours_in[1])
        os.close(ours_out[0])
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        for number in (signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        faulthandler.disable()
        serve(os.fdopen(ours_in[0], "rb"), os.fdopen(ours_out[1], "wb"))
    finally:  # pragma: no cover
        os._exit(0)
