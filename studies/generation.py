"""Planted sets as files: activations, and beside them the answer and the reason why it is right.

The families are those of ``synthetic``, and one of trained networks, whose answer is a prediction (``two_point_set``).
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

from ..files.activations import activations_writer, arrays_writer, load_activations
from ..files.atomic import atomic_writes, to_json
from ..synthetic import FAMILIES, Planted, generate
from ..theory.errors import InvalidFile, InvalidOption, SpanmatchError, shown
from .dynamics.two_point_set import TwoPointSet, two_point_set

SUFFIXES = (".npz", ".safetensors")
MODIFICATIONS = "modifications"
TWO_POINT = "two-point"
MOST_SEEDS = 10_000
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
    planted_files(path)
    planted = planted_set(family, seed, parameters or {})
    return planted, save_planted(path, planted)


def save_planted(
    path: str | PathLike[str], planted: Planted | TwoPointSet, *, more: Mapping[str, Any] | None = None
) -> tuple[Path, Path]:
    """Write a set that is there already, as ``write_planted`` does; returns the two paths. Raises: ``InvalidFile``.

    ``more``: entries that the answer file has besides.
    """
    target, answer = planted_files(path)
    if isinstance(planted, TwoPointSet):
        write = arrays_writer(target, planted.arrays)
    else:
        write = activations_writer(target, {"X": planted.X, "Y": planted.Y}, layout="nchw")
    with atomic_writes(target, answer) as (activations, beside):
        write(activations)
        beside.write_text(to_json({"schema": 1, **planted.to_dict(), **(more or {})}), encoding="utf-8")
    return target, answer


def load_planted(path: str | PathLike[str]) -> Planted:
    """The set of ``path`` and of the JSON file beside it: as it was written, bit for bit, with every answer and reason.

    Nothing that is loaded can run code. Raises: ``InvalidFile`` where a file is absent, unreadable or of another set.

    >>> import tempfile
    >>> from spanmatch.synthetic import planted_radii
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = save_planted(f"{folder}/set.npz", planted_radii(seed=1))
    ...     load_planted(f"{folder}/set.npz").max_match(0.3) == planted_radii(seed=1).max_match(0.3)
    True
    """
    target, answer = planted_files(path)
    layers = load_activations(target)
    if not {"X", "Y"} <= set(layers):
        raise InvalidFile(f"{target}: holds {', '.join(layers)}, need X and Y of a planted set")
    try:
        told = json.loads(answer.read_text(encoding="utf-8"))
        return Planted.from_dict(told, layers["X"].values, layers["Y"].values)
    except (OSError, ValueError, TypeError) as error:
        needed = f"need the answer that was written beside {target.name}"
        raise InvalidFile(f"{answer}: cannot be read ({error}), {needed}") from error


def seeded(path: str | PathLike[str], seed: int) -> Path:
    """The file of one of several seeds: set.npz becomes set-3.npz."""
    target = Path(path)
    return target.with_name(f"{target.stem}-{seed}{target.suffix}")


def parse_seeds(text: str) -> list[int]:
    """The seeds that a text denotes: "0-9", "7", or several of these with commas. Raises: ``InvalidOption``."""
    found: dict[int, None] = {}
    for part in text.split(","):
        ends = re.fullmatch(r"\s*(\d{1,12})(?:-(\d{1,12}))?\s*", part)
        first, last = (int(ends[1]), int(ends[2] or ends[1])) if ends else (1, 0)
        if first > last or last - first + len(found) >= MOST_SEEDS:
            raise InvalidOption(f"seeds: got {shown(text)}, need FROM-TO such as 0-9, at most {MOST_SEEDS} seeds")
        found |= dict.fromkeys(range(first, last + 1))
    return list(found)


def with_noise(family: str, noise: float | None, seed: int, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of the same set with noise: the family's own, or that of ``modify``. Raises: ``InvalidOption``."""
    if noise is None:
        return dict(parameters)
    if family == TWO_POINT:
        raise InvalidOption(f"noise: got {noise:g} for family {family!r}, need a family of planted sets")
    if family in FAMILIES and "noise" in _defaults(family):
        return {**parameters, "noise": noise}
    return {**parameters, MODIFICATIONS: [*parameters.get(MODIFICATIONS, []), {"noise": noise, "seed": seed}]}


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
