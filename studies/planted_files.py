"""Planted sets as files: activations, and beside them the answer and the reason why it is right."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

from ..files import activations_writer, atomic_writes, to_json
from ..synthetic import FAMILIES, Planted, generate
from ..theory.errors import InvalidFile, InvalidOption, SpanmatchError

SCHEMA = 1
SUFFIXES = (".npz", ".safetensors")
MODIFICATIONS = "modifications"


@dataclass(frozen=True)
class Family:
    """A family of planted sets: what it is, and its parameters with their defaults."""

    name: str
    about: str
    parameters: dict[str, Any]


def families() -> tuple[Family, ...]:
    """All families, in the order of ``synthetic.FAMILIES``."""
    return tuple(
        Family(name, str(inspect.getdoc(make)).partition("\n")[0], _defaults(name)) for name, make in FAMILIES.items()
    )


def write_planted(
    family: str, path: str | PathLike[str], *, seed: int = 0, parameters: Mapping[str, Any] | None = None
) -> tuple[Planted, tuple[Path, Path]]:
    """Write a planted set: arrays "X" and "Y" into ``path``, the answer as JSON into the same name with .json.

    Guarantee: both files are written or none; the same family, seed and parameters give the same bytes; both can be
    read without spanmatch. Returns the set and the two paths. Raises: ``InvalidOption``, ``InvalidFile``.
    """
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise InvalidFile(f"{target}: unknown suffix {target.suffix!r}, need one of {', '.join(SUFFIXES)}")
    planted = planted_set(family, seed, parameters or {})
    answer = target.with_suffix(".json")
    write = activations_writer(target, {"X": planted.X, "Y": planted.Y})
    with atomic_writes(target, answer) as (activations, beside):
        write(activations)
        beside.write_text(to_json({"schema": SCHEMA, **planted.to_dict()}), encoding="utf-8")
    return planted, (target, answer)


def planted_set(family: str, seed: int, parameters: Mapping[str, Any]) -> Planted:
    """``synthetic.generate`` for parameters that people typed: each is checked. Raises: ``InvalidOption``."""
    if family not in FAMILIES:
        raise InvalidOption(f"family: got {family!r}, need one of {', '.join(FAMILIES)}")
    defaults = _defaults(family)
    for name, value in parameters.items():
        if name == MODIFICATIONS:
            continue
        if name not in defaults:
            known = ", ".join(f"{known}={json.dumps(default)}" for known, default in defaults.items())
            raise InvalidOption(f"{name}: no parameter of family {family!r}; there are, with their defaults: {known}")
        needed = _kind(defaults[name])
        if _kind(value) != needed and (needed, _kind(value)) != ("a number", "an integer"):
            raise InvalidOption(f"{name}: got {value!r}, need {needed}, such as the default {defaults[name]!r}")
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
    defaults = _defaults(family) if family in FAMILIES else {}
    parsed: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name:
            raise InvalidOption(f"--set: got {assignment!r}, need name=value, with the value in JSON")
        if name in parsed:
            raise InvalidOption(f"--set: got {name!r} twice, need it once")
        try:
            parsed[name] = json.loads(text, parse_constant=_no_number)
        except ValueError as error:
            if not isinstance(defaults.get(name), str):
                raise InvalidOption(
                    f"--set {name}: {text!r} is no JSON ({error}), need a value such as 3, [2, 1] or true"
                ) from error
            parsed[name] = text
    return parsed


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _defaults(family: str) -> dict[str, Any]:
    """Parameter name -> default, as JSON has it; the seed is not one of them."""
    parameters = inspect.signature(FAMILIES[family]).parameters
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
