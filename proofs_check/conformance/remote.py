"""An implementation in a process of its own, which is started again when a question was too much for it."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from ...theory.errors import InvalidOption
from ..harness.answers import Counterexample, NotAsked
from ..harness.questions import UNKNOWN_PLACE, Floats
from .process import Limits, Lost, Process
from .serving import ASKED_FOR, serve
from .target import Target, parts_of

Matrices = Literal["json", "npy"]

FIRST_SECONDS = 120.0
"""To import an implementation, or to start the interpreter of another language."""

BY_COMMAND = """import functools, json, subprocess, types

def ask(function, X, Y, *more):
    question = dict(ask=function, X=X.tolist(), Y=Y.tolist(), **dict(zip(("epsilon", "side", "index"), more)))
    print("question:", json.dumps(question))
    done = subprocess.run({words}, input=json.dumps(question) + "\\n", stdout=subprocess.PIPE, text=True)
    return next(json.loads(line)["answer"] for line in done.stdout.splitlines() if line.startswith("{{"))

implementation = types.SimpleNamespace(**{{name: functools.partial(ask, name) for name in {functions}}})"""
"""The lines of a script that ask a command, and print the line of JSON that it gets."""

MOST_LOST = 3
"""A function that was lost so many times is not asked again: each time takes as long as the limit."""


class Remote:
    """The functions of an implementation that answers in another process.

    ``start``: a command that speaks the protocol of docs/conformance.md, or a function that serves.
    """

    def __init__(
        self,
        start: Sequence[str] | Callable[..., None],
        limits: Limits,
        matrices: Matrices = "json",
        argument: str = "target",
    ) -> None:
        self._start, self._limits, self._matrices, self._argument = start, limits, matrices, argument
        self._process: Process | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.lost: Counter[str] = Counter()
        told = self._described()
        self.functions = tuple(name for name in ASKED_FOR if name in told.get("functions", ()))
        self.name = str(told.get("name", ""))
        self.line = str(told.get("line", UNKNOWN_PLACE))
        self.files = tuple(told.get("files", ()))
        # Some languages write an empty object as [], and what is missing as null.
        self.spanmatch_capabilities = told.get("capabilities") or {}
        self.spanmatch_expected_failures = told.get("expected_failures") or {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self.__dict__.get("functions", ()):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return partial(self._ask, name)

    def _described(self) -> dict[str, Any]:
        try:
            found = self._running().ask({"ask": "describe"}, FIRST_SECONDS)
        except Counterexample as error:
            self.close()
            needed = "need a program that answers as docs/conformance.md says, and flushes every line"
            raise InvalidOption(f"{self._argument}: {error}; {needed}") from error
        if "error" in found or not isinstance(found["answer"], dict):
            self.close()
            raise InvalidOption(str(found.get("error", f"{self._argument}: describe must return an object")))
        return dict(found["answer"])

    def _running(self) -> Process:
        if self._process is None:
            try:
                self._process = Process(self._start, self._limits)
            except OSError as error:
                told = f"{self._argument}: {self._start} cannot be run ({error}), need a program"
                raise InvalidOption(told) from error
        return self._process

    def _ask(self, function: str, X: Floats, Y: Floats, *arguments: Any) -> Any:
        if self.lost[function] >= MOST_LOST:
            raise NotAsked(f"{function} is not asked any more: it was lost in {MOST_LOST} checks before")
        question = asked(function, self._written("X", X), self._written("Y", Y), *arguments)
        question["seconds"] = 2 * self._limits.seconds
        fresh = self._process is None
        try:
            if fresh:
                self._running().ask({"ask": "describe"}, FIRST_SECONDS)
            found = self._running().ask(question)
        except Lost:
            self._process = None
            self.lost[function] += 1
            raise
        for message in found.get("warnings") or ():
            warnings.warn(str(message), stacklevel=2)
        for name, Z in (("X", X), ("Y", Y)):
            if name in (found.get("changed") or ()):
                Z.fill(np.nan)
        if "error" in found:
            kind, _, message = str(found["error"]).partition(": ")
            raise error_called(kind if kind.isidentifier() else "Error")(message or kind)
        return readable(found["answer"])

    def _written(self, name: str, Z: Floats) -> Any:
        if self._matrices == "json":
            return Z.tolist()
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name, f"{name}.npy")
        np.save(path, Z)
        return str(path)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.close()
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


@lru_cache(maxsize=100)
def error_called(name: str) -> type[Exception]:
    """An error of this name, so that a message about it begins as if it had been raised here."""
    return type(name, (Exception,), {})


class Unreadable:
    """Stands for an answer that is nothing a question can be answered with."""

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def __repr__(self) -> str:
        return self._shown


def readable(answer: Any) -> Any:
    """What came, with ``Unreadable`` where the other end could not write it as JSON."""
    if isinstance(answer, dict):
        return Unreadable(str(answer.get("unreadable", answer)))
    return [readable(one) for one in answer] if isinstance(answer, list) else answer


def asked(function: str, X: Any, Y: Any, *arguments: Any) -> dict[str, Any]:
    """A question as the protocol has it."""
    return {"ask": function, "X": X, "Y": Y, **dict(zip(("epsilon", "side", "index"), arguments, strict=False))}


def remote_target(
    implementation: object, limits: Limits, function: str | None = None, matrices: Matrices = "json"
) -> Target:
    """A place or an object, in a process of its own. *Raises* ``InvalidOption``."""
    if isinstance(implementation, str):
        parts_of(implementation)
        command = [sys.executable, "-m", "spanmatch.proofs_check.conformance.serving", implementation]
        subject = Remote([*command, *([function] if function else [])], limits, matrices)
        return Target(subject, implementation, subject.line, subject.files)
    found = Target.of(implementation)
    if isinstance(found.subject, Remote):
        return found
    return Target(Remote(partial(serve, found), limits, matrices), found.name, found.line)


def command_target(words: Sequence[str], limits: Limits, matrices: Matrices = "json") -> Target:
    """A program in any language that speaks the protocol. *Raises* ``InvalidOption``."""
    if not words or shutil.which(words[0]) is None:
        raise InvalidOption(f"command: got {shlex.join(words)!r}, need a program that can be run, and its arguments")
    if matrices not in get_args(Matrices):
        raise InvalidOption(f"matrices: got {matrices!r}, need json or npy")
    subject = Remote(words, limits, matrices, "command")
    script = BY_COMMAND.format(words=list(words), functions=subject.functions)
    return Target(subject, shlex.join(words), script, tuple(word for word in words if Path(word).is_file()))
