"""The errors and the warning of spanmatch: each message names the argument, what came, what is needed, what to do."""

from __future__ import annotations

import reprlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class SpanmatchError(Exception):
    """Base of every error that spanmatch raises on purpose."""


class InvalidActivations(SpanmatchError, ValueError):
    """Activations that are not a finite real (inputs, neurons) array, or two that do not belong together."""


class InvalidEpsilon(SpanmatchError, ValueError):
    """An epsilon that is not a real number in [0, 1)."""


class InvalidNeuron(SpanmatchError, ValueError):
    """A neuron or a match with a side other than "x" and "y", or an index out of range."""


class InvalidOption(SpanmatchError, ValueError):
    """A keyword option (dead_neurons, rank_tol, limit, ...) outside its allowed values."""


class InvalidState(SpanmatchError, ValueError):
    """Distances, rates or a starting point that the effective theory of representation learning cannot have."""


class InvalidFile(SpanmatchError, ValueError):
    """A file that is truncated, of another format, or does not fit what it is loaded into."""


class CertificateError(SpanmatchError):
    """A certificate that does not prove what it claims about these activations."""


class UnknownLayer(SpanmatchError, KeyError):
    """A layer name that the model or the file does not have."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class MissingData(SpanmatchError, FileNotFoundError):
    """A data set that is not on this machine."""


class MissingExtra(SpanmatchError, ImportError):
    """An optional dependency that is not installed."""


class SpanmatchWarning(UserWarning):
    """An answer that is well-defined but should be read with care (neurons >= inputs, an ill-defined rank, ...)."""


@contextmanager
def without_advice() -> Iterator[None]:
    """No ``SpanmatchWarning`` inside, for those who look at hard cases on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpanmatchWarning)
        yield


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80


def shown(value: Any) -> str:
    """What came, as it fits into one line of a message; also what is huge or cannot be shown at all."""
    try:
        return " ".join(_SHORT.repr(value).split())
    except Exception:  # whatever the repr of a stranger's class may raise; and of an int of 5000 digits
        return f"<{type(value).__name__}>"
