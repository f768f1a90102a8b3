"""Planted sets as files: activations, and beside them the answer and the reason why it is right.

The families are those of ``synthetic``, and one of trained networks, whose answer is a prediction (``two_point_set``).
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

from ..files.activations import activations_writer, arrays_writer
from ..files.atomic import atomic_writes, to_json
from ..synthetic import FAMILIES, Planted, generate
from ..theory.errors import InvalidFile, InvalidOption, SpanmatchError, shown
from .dynamics.two_point_set import TwoPointSet, two_point_set

SUFFIXES = (".npz", ".safetensors")
MODIFICATIONS = "modifications"
TWO_POINT = "two-point"
MAKERS: dict[str, Callable[..., Planted | TwoPointSet]] = {**FAMILIES, TWO_POINT: two_point_set}


@dataclass(frozen=True)
class Family:
    """A family of planted sets: what it is, and its parameters with their defaults."""

    name: str
    about: str
    parameters: dict[str, Any]


def families() -> tuple[Family, ...]:
    """All families, in the order of ``MAKERS``."""
    return tuple(
        Family(name, str(inspect.getdoc(make)).partition("\n")[0], _defaults(name)) for name, make in MAKERS.items()
    )


def planted_files(path: str | PathLike[str]) -> tuple[Path, Path]:
    """The file of the arrays, and that of the answer. Raises: ``InvalidFile`` for another suffix."""
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise InvalidFile(f"{target}: unknown suffix {target.suffix!r}, need one of {', '.join(SUFFIXES)}")
    return target, target.with_suffix(".json")


def write_planted(
    family: str, path: str | PathLike[str], *, seed: int = 0, parameters: Mapping[str, Any] | None = None
) -> tuple[Planted | TwoPointSet, tuple[Path, Path]]:
    """Write a planted set: its arrays ("X" and "Y") into ``path``, the answer as JSON into the same name with .json.

    Guarantee: both files are written or none, in place of what was there; the same family, seed and parameters give the
    same bytes; both can be read without spanmatch. Returns the set and the two paths. Raises: ``InvalidOption``,
    ``InvalidFile``, and ``MissingExtra`` for the family of trained networks.
    """
    target, answer = planted_files(path)
    planted = planted_set(family, seed, parameters or {})
    if isinstance(planted, TwoPointSet):
        write = arrays_writer(target, planted.arrays)
    else:
        write = activations_writer(target, {"X": planted.X, "Y": planted.Y}, layout="nchw")
    with atomic_writes(target, answer) as (activations, beside):
        write(activations)
        beside.write_text(to_json({"schema": 1, **planted.to_dict()}), encoding="utf-8")
    return planted, (target, answer)


def planted_set(family: str, seed: int, parameters: Mapping[str, Any]) -> Planted | TwoPointSet:
    """``synthetic.generate`` or ``two_point_set`` for parameters that people typed: each is checked.

    Raises: ``InvalidOption``, ``MissingExtra``.
    """
    if family not in MAKERS:
        raise InvalidOption(f"family: got {family!r}, need one of {', '.join(MAKERS)}")
    defaults = _defaults(family)
    for name, value in parameters.items():
        if name == MODIFICATIONS and family in FAMILIES:
            continue
        if name not in defaults:
            known = ", ".join(f"{known}={json.dumps(default)}" for known, default in defaults.items())
            raise InvalidOption(f"{name}: no parameter of family {family!r}; there are, with their defaults: {known}")
        needed = _kind(defaults[name])
        if _kind(value) != needed and (needed, _kind(value)) != ("a number", "an integer"):
            raise InvalidOption(f"{name}: got {value!r}, need {needed}, such as the default {defaults[name]!r}")
    if family == TWO_POINT:
        return two_point_set(seed=seed, **parameters)
    try:
        return generate(family, seed=seed, parameters=parameters)
    except SpanmatchError:
        raise
    except MemoryError as error:
        raise InvalidOption(
            f"parameters: {dict(parameters)!r} need more memory than there is; make it smaller"
        ) from error
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise InvalidOption(
            f"parameters: family {family!r} cannot be made of {dict(parameters)!r} ({error}); its defaults are "
            f"{defaults!r}"
        ) from error


def parse_parameters(assignments: Sequence[str], family: str) -> dict[str, Any]:
    """Parameters from "name=value", values in JSON; a bare word is a string where one is needed.

    Raises: ``InvalidOption``.
    """
    defaults = _defaults(family) if family in MAKERS else {}
    parsed: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name:
            raise InvalidOption(f"--set: got {assignment!r}, need name=value, with the value in JSON")
        if name in parsed:
            raise InvalidOption(f"--set: got {name!r} twice, need it once")
        try:
            parsed[name] = json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            if not isinstance(defaults.get(name), str):
                raise InvalidOption(
                    f"--set {name}: {shown(text)} is not JSON ({error}), need a value such as 3, [2, 1] or true"
                ) from error
            parsed[name] = text
    return parsed


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _defaults(family: str) -> dict[str, Any]:
    """Parameter name -> default, as JSON has it; the seed is not one of them."""
    parameters = inspect.signature(MAKERS[family]).parameters
    return {name: _plain(parameter.default) for name, parameter in parameters.items() if name != "seed"}


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, Real):
        return "a number"
    return "a string" if isinstance(value, str) else "a list" if isinstance(value, list | tuple) else "another value"
