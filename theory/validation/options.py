"""Numbers, choices and lists that callers give beside activations are checked here, by one rule for each kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np

from ..errors import InvalidOption, SpanmatchError, UnknownLayer, shown

Kind = TypeVar("Kind")
Error = type[SpanmatchError]

Tell = Callable[[str], None]
"""What is told, in words, how a long run proceeds."""

Steps = Callable[[str, int, int], None]
"""The same for a run of many steps: what was finished, and how many steps are done, of how many."""


def as_option(value: Any, name: str, allowed: Collection[Any]) -> Any:
    """An option that must be one of a few values. Raises: ``InvalidOption``."""
    # Of their type first: what a stranger's == or hash makes of it is not asked.
    if not isinstance(value, tuple(map(type, allowed))) or value not in allowed:
        raise InvalidOption(f"{name}: got {shown(value)}, need one of {', '.join(map(repr, allowed))}")
    return value


def as_flag(value: Any, name: str) -> bool:
    """True or False, and nothing that is merely read as one of them. Raises: ``InvalidOption``."""
    if not isinstance(value, bool | np.bool_):
        raise InvalidOption(f"{name}: got {shown(value)}, need True or False")
    return bool(value)


def as_count(value: Any, name: str, least: int, most: int | None = None, *, why: str = "") -> int:
    """An option that counts something, or a seed: an integer from ``least`` to ``most``. Raises: ``InvalidOption``."""
    if is_integer(value) and value >= least and (most is None or value <= most):
        return int(value)
    needed = f"an integer >= {least}" if most is None else f"an integer from {least} to {most}"
    raise InvalidOption(f"{name}: got {shown(value)}, need {needed}{why}")


def as_real(
    value: Any, name: str, needed: str, allowed: Callable[[Any], bool] = math.isfinite, error: Error = InvalidOption
) -> float:
    """A real number that floats can hold and that is ``allowed``, which ``needed`` says in words. Raises: ``error``."""
    try:
        if is_real(value) and allowed(value):
            return float(value)
    except OverflowError:
        pass
    kind = "" if is_real(value) else f" ({type(value).__name__})"
    raise error(f"{name}: got {shown(value)}{kind}, need {needed}")


def as_list(value: Any, name: str, needed: str, error: Error = InvalidOption) -> list[Any]:
    """The entries of any iterable but a string. Raises: ``error``."""
    if not isinstance(value, Iterable) or isinstance(value, str | bytes) or np.ma.isMaskedArray(value):
        raise error(f"{name}: got {shown(value)}, need {needed}")
    try:
        return list(value)
    except TypeError:
        # Arrays and tensors of no dimension say that they are iterable.
        raise error(f"{name}: got {shown(value)}, which has no entries, need {needed}") from None


def as_names(value: Any, name: str, needed: str) -> list[str]:
    """One name, or an iterable of names. Raises: ``UnknownLayer``."""
    names = [value] if isinstance(value, str) else as_list(value, name, needed, UnknownLayer)
    for one in names:
        if not isinstance(one, str):
            raise UnknownLayer(f"{name}: got {shown(one)} ({type(one).__name__}), need {needed}")
    return names


def as_instance(value: Any, name: str, kind: type[Kind]) -> Kind:
    """An object of one of this package's classes. Raises: ``InvalidOption``."""
    if not isinstance(value, kind):
        raise InvalidOption(f"{name}: got {shown(value)} ({type(value).__name__}), need a {kind.__name__}")
    return value


def as_function(value: Any, name: str) -> Any:
    """Something that can be called. Raises: ``InvalidOption``."""
    if not callable(value):
        raise InvalidOption(f"{name}: got {shown(value)}, need a function")
    return value


def as_progress(value: Any) -> Any:
    """A function to call with news of a long computation, or None. Raises: ``InvalidOption``."""
    return None if value is None else as_function(value, "progress")


def is_integer(value: Any) -> bool:
    """Whether it is a whole number and no truth value."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_real(value: Any) -> bool:
    """Whether it is a real number and no truth value; NumPy's scalars are, its arrays and masked values are not."""
    return isinstance(value, Real) and not isinstance(value, bool)
