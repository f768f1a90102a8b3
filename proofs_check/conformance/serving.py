"""The other end of the protocol of docs/conformance.md: answers questions about one implementation, one line each.

``python -m spanmatch.proofs_check.conformance.serving TARGET`` imports an implementation and serves it on standard
input and output; a forked process serves an object. What the implementation prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import Any, BinaryIO

import numpy as np

from ...theory.errors import InvalidOption
from ..harness.answers import MOST_SIMPLE
from ..harness.capabilities import FUNCTIONS, function_of, provides
from ..harness.questions import Floats
from .target import Target

ASKED_FOR = (*FUNCTIONS, "all_simple_matches")
"""The functions that a question may name."""


def serve(target: Target, questions: Iterable[bytes], answers: BinaryIO) -> None:
    """Answer every question, until there are no more."""
    for line in questions:
        answers.write(json.dumps(reply_to(target, json.loads(line))).encode() + b"\n")
        answers.flush()


def reply_to(target: Target, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question: what came, what was raised, what was warned of, and which arguments were changed."""
    if question["ask"] == "describe":
        return {"answer": description(target)}
    X, Y = (_matrix(question[name]) for name in ("X", "Y"))
    before = X.copy(), Y.copy()
    arguments = [question[name] for name in ("epsilon", "side", "index") if name in question]
    # Ended by the system where the implementation does not return and nobody is left to end it.
    seconds = question.get("seconds")
    if seconds and hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
    with warnings.catch_warnings(record=True) as heard, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        try:
            function = function_of(target.subject, question["ask"])
            found: dict[str, Any] = {"answer": plain(function(X, Y, *arguments))}  # type: ignore[misc]
        except BaseException as error:
            found = {"error": f"{type(error).__name__}: {error}"}
    if seconds and hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)
    found["warnings"] = [str(one.message) for one in heard if not issubclass(one.category, ResourceWarning)]
    sides = zip("XY", (X, Y), before, strict=True)
    found["changed"] = [name for name, now, old in sides if not np.array_equal(now, old, equal_nan=True)]
    return found


def _matrix(told: Any) -> Floats:
    """The rows, or what is in the .npy file that is named instead."""
    return np.array(np.load(told, allow_pickle=False) if isinstance(told, str) else told, dtype=np.float64)


def description(target: Target) -> dict[str, Any]:
    """What the implementation has, and what it says of itself."""
    return {
        "name": target.name,
        "functions": [name for name in ASKED_FOR if provides(target.subject, name)
                      and (name in FUNCTIONS or callable(getattr(target.subject, name, None)))],
        "capabilities": _declared(target, "spanmatch_capabilities"),
        "expected_failures": _declared(target, "spanmatch_expected_failures"),
        "line": target.line,
        "files": target.files,
    }  # fmt: skip


def _declared(target: Target, name: str) -> Any:
    """A declaration as JSON; what is none is told by its ``repr``, and refused at the other end."""
    found = getattr(target.subject, name, {})
    return {str(key): plain(value) for key, value in found.items()} if isinstance(found, Mapping) else plain(found)


def plain(value: Any) -> Any:
    """An answer as JSON; what is no number, list or None is told by its ``repr``."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist()) if not isinstance(value, np.void) else {"unreadable": repr(value)[:200]}
    if isinstance(value, Fraction):
        return float(value)
    if hasattr(value, "__index__"):
        return value.__index__()
    try:
        return [plain(one) for one in islice(_entries(value), MOST_SIMPLE + 1)]
    except TypeError:
        return {"unreadable": repr(value)[:200]}


def _entries(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | bytes):
        raise TypeError
    return iter(value)


def serve_place(place: str, function: str | None = None) -> None:
    """Import the implementation at ``place`` and serve it."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    try:
        target = Target.at(place, function)
    except InvalidOption as error:
        answers.write(json.dumps({"error": str(error)}).encode() + b"\n")
        answers.flush()
        return
    serve(target, sys.stdin.buffer, answers)


if __name__ == "__main__":
    serve_place(*sys.argv[1:])
