"""What implementations return, read strictly: anything else is a wrong answer, never a crash."""

from __future__ import annotations

import operator
import reprlib
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from ...theory.matches import Match

MOST_SIMPLE = 10_000
"""More simple matches than the small questions can have; an endless iterator is stopped here."""


class Counterexample(Exception):
    """What a check raises on a case where the implementation is wrong: what came, but what should be.

    ``final``: whether it takes so long to see that no smaller case is looked for.

    Parameters
    ----------
    what : str
        The message.
    case : object, optional
        The smallest case found.
    examined : int, default 0
        How many cases were looked at.
    """

    final = False

    def __init__(self, what: str, case: object = None, examined: int = 0) -> None:
        super().__init__(what)
        self.case, self.examined = case, examined


class NotAsked(BaseException):
    """Ends a check that is "not run" after all; no Exception, so that nothing between takes it for an answer."""


def read_pair(answer: Any, m: int, n: int) -> Match:
    """(x_indices, y_indices) as a Match. *Raises* ``Counterexample``."""
    try:
        x, y = answer
    except (TypeError, ValueError):
        raise Counterexample(f"the answer is {reprlib.repr(answer)}, need (x_indices, y_indices)") from None
    return Match(_read_indices(x, m, "x"), _read_indices(y, n, "y"))


def read_pair_or_none(answer: Any, m: int, n: int) -> Match | None:
    """The same, where None says that there is no match. *Raises* ``Counterexample``."""
    return None if answer is None else read_pair(answer, m, n)


def read_pairs(answer: Any, m: int, n: int) -> list[Match]:
    """An iterable of pairs, each once. *Raises* ``Counterexample``."""
    try:
        found = [read_pair(one, m, n) for one in islice(answer, MOST_SIMPLE + 1)]
    except (TypeError, ValueError):
        raise Counterexample(f"the answer is {reprlib.repr(answer)}, need an iterable of pairs of indices") from None
    if len(found) > MOST_SIMPLE:
        raise Counterexample(f"the answer has more than {MOST_SIMPLE} pairs, and perhaps no end")
    if len(set(found)) < len(found):
        raise Counterexample(f"the answer lists a pair twice: {found}")
    return found


def read_radii(answer: Any, m: int, n: int) -> npt.NDArray[np.float64]:
    """(rx, ry) as one array of m + n radii. *Raises* ``Counterexample``."""
    try:
        x, y = (np.asarray(side, dtype=np.float64) for side in answer)
    except (TypeError, ValueError):
        raise Counterexample(f"the answer is {reprlib.repr(answer)}, need (rx, ry), a number per neuron") from None
    if x.shape != (m,) or y.shape != (n,):
        raise Counterexample(f"the radii have shapes {x.shape} and {y.shape}, but should have {(m,)} and {(n,)}")
    return np.concatenate([x, y])


def read_score(answer: Any) -> float:
    """A similarity. *Raises* ``Counterexample``."""
    try:
        if isinstance(answer, str | bytes | bool | np.bool_) or np.ndim(answer):
            raise TypeError
        found = float(answer)
    except (TypeError, ValueError):
        raise Counterexample(f"the answer is {reprlib.repr(answer)}, need a number") from None
    return found


def _read_indices(given: Any, size: int, side: str) -> list[int]:
    if isinstance(given, str | bytes):
        raise Counterexample(f"the indices of {side} are {given!r}, need a sequence of ints")
    try:
        entries = list(given)
    except TypeError:
        raise Counterexample(f"the indices of {side} are {reprlib.repr(given)}, need a sequence of ints") from None
    found = []
    for entry in entries:
        try:
            if isinstance(entry, bool | np.bool_):
                raise TypeError
            index = operator.index(entry)
        except TypeError:
            raise Counterexample(f"among the indices of {side} is {entry!r}, need ints") from None
        if not 0 <= index < size:
            raise Counterexample(f"among the indices of {side} is {index}, need 0..{size - 1}")
        found.append(index)
    if len(set(found)) < len(found):
        raise Counterexample(f"the indices of {side} are {found}, need each once")
    return found
