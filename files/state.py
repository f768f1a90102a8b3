"""The state of a long run in one file, so that it can go on later to the last digit: arrays and plain values, no code.

An object's state is what stands in its attributes: arrays, numbers, strings, bytes, None, tuples, lists and
dictionaries of these, and objects of which the same holds. It is put back into objects that were made as those were.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..theory.errors import InvalidFile
from .atomic import atomic_write

_PLAN = "plan"


def save_state(path: Path, told: Any, *things: Any) -> None:
    """Write the state of objects atomically, and a plain value that tells of what; the file ends in .npz.

    Raises: ``InvalidFile``.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    plan = [_planned(thing, arrays) for thing in (told, *things)]
    with atomic_write(path) as temporary:
        np.savez(temporary, **{_PLAN: np.array(json.dumps(plan))}, **arrays)  # type: ignore[arg-type]


def told_in(path: Path) -> Any:
    """The plain value that tells what a state is of. Raises: ``InvalidFile`` when the file is damaged."""
    with _opened(path) as (plan, stored):
        return _put_back(plan[0], None, stored)


def load_state(path: Path, *things: Any) -> None:
    """Put a state back into the same kinds of objects, in the same order.

    Raises: ``InvalidFile`` when the file is damaged or of other objects.
    """
    with _opened(path) as (plan, stored):
        if len(plan) != 1 + len(things):
            raise ValueError(f"it is of {len(plan) - 1} objects, not {len(things)}")
        for one, thing in zip(plan[1:], things, strict=True):
            _put_back(one, thing, stored)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[Any], Any]]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            yield json.loads(str(stored[_PLAN])), stored
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, zipfile.BadZipFile) as error:
        raise InvalidFile(f"{path}: no state of this run ({error}); remove it, or name another folder") from error


def _planned(value: Any, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """A description of the value in JSON, with the numbers of its arrays."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, np.ndarray):
        name = f"array{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_planned(one, arrays) for one in value]}
    if isinstance(value, dict):
        return {"dict": [[_planned(key, arrays), _planned(one, arrays)] for key, one in value.items()]}
    return {"object": {name: _planned(one, arrays) for name, one in vars(value).items()}}


def _put_back(plan: Any, thing: Any, stored: Any) -> Any:
    if not isinstance(plan, dict):
        return plan
    ((kind, inside),) = plan.items()
    if kind == "bytes":
        return bytes.fromhex(inside)
    if kind == "array":
        return stored[inside]
    if kind == "dict":
        known = thing if isinstance(thing, dict) else {}
        pairs = [(_put_back(key, None, stored), one) for key, one in inside]
        return {key: _put_back(one, known.get(key), stored) for key, one in pairs}
    if kind in ("tuple", "list"):
        others = thing if isinstance(thing, tuple | list) and len(thing) == len(inside) else [None] * len(inside)
        found = [_put_back(one, other, stored) for one, other in zip(inside, others, strict=True)]
        return tuple(found) if kind == "tuple" else found
    if vars(thing).keys() != inside.keys():
        raise ValueError(f"another {type(thing).__name__}")
    for name, one in inside.items():
        setattr(thing, name, _put_back(one, getattr(thing, name), stored))
    return thing
