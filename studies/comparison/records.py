"""What all results about pairs of layers share: names, finding a pair by its name, plain dictionaries, files."""

from __future__ import annotations

import csv
import io
import json
import types
import typing
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar, Union, get_args, get_origin

from ...files.atomic import atomic_writes, output_folder, to_json, write_text
from ...theory.errors import InvalidFile, UnknownLayer, shown

COMPARISON_FILES = ("comparison.json", "similarity.png", "report.html")
"""The files of a comparison in its folder."""

Draw = Callable[[dict[str, Any], Any], None]
"""Makes the picture of a result, and writes it."""


def pair_name(a: str, b: str) -> str:
    """What a pair of layers is called: by their name, or by both."""
    return a if a == b else f"{a} / {b}"


@dataclass(frozen=True, repr=False)
class LayerRecord:
    """What was found of one layer of network A against one of network B."""

    layer_a: str
    layer_b: str

    derived: ClassVar[tuple[str, ...]] = ("name",)
    """What follows from the fields, and is written with them for those who read the file."""

    @property
    def name(self) -> str:
        return pair_name(self.layer_a, self.layer_b)

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain numbers, strings, sequences and dictionaries."""
        return {**{name: getattr(self, name) for name in self.derived}, **asdict(self)}


Record = TypeVar("Record", bound=LayerRecord)


@dataclass(frozen=True, repr=False)
class LayerRecords(Generic[Record]):
    """The records of some pairs of layers of two networks, in order; ``records["conv1"]`` finds one. ``notes``: what
    was left out, and why. Raises: ``UnknownLayer``."""

    layers: tuple[Record, ...]
    name_a: str
    name_b: str
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[Record]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, name: str) -> Record:
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise UnknownLayer(f"layer: got {name!r}, compared were {', '.join(layer.name for layer in self.layers)}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain numbers, strings, sequences and dictionaries."""
        return {
            "networks": [self.name_a, self.name_b],
            "notes": list(self.notes),
            "layers": [layer.to_dict() for layer in self.layers],
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """What ``to_dict`` gave, or JSON made of it, as an equal record again. Raises: ``InvalidFile``."""
        networks = from_plain(tuple[str, str], _of(found, "networks", cls.__name__), "networks")
        again: Self = from_plain(cls, {**found, "name_a": networks[0], "name_b": networks[1]}, cls.__name__)
        return again

    def __repr__(self) -> str:
        layers = "".join(f"\n  {layer!r}" for layer in self.layers)
        return f"{type(self).__name__}({self.name_a} against {self.name_b}: {len(self.layers)} layers{layers})"


class SavedResult(ABC):
    """A comparison, of two networks or of several, as text and in files."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain numbers, strings, sequences and dictionaries."""

    @classmethod
    @abstractmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """What ``to_dict`` gave, or JSON made of it, as an equal result again. Raises: ``InvalidFile``."""

    @abstractmethod
    def to_rows(self) -> list[dict[str, Any]]:
        """Flat records."""

    @abstractmethod
    def _drawing(self) -> Draw:
        """What makes the picture. Raises: ``MissingExtra``."""

    def to_json(self) -> str:
        """Everything, as ``to_dict`` has it.

        Returns
        -------
        str
            JSON.
        """
        return to_json(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What ``to_json`` gave as a result again.

        Parameters
        ----------
        text : str
            The content of ``comparison.json``.

        Returns
        -------
        Comparison or Population
            Equal to the one it came from.

        Raises
        ------
        InvalidFile
            If it is no JSON, or as ``from_dict``.
        """
        return cls.from_dict(json_object(text, "comparison"))

    def to_csv(self) -> str:
        """The records of ``to_rows`` as text, comma separated, with a line of column names.

        Returns
        -------
        str
            CSV.
        """
        rows, text = self.to_rows(), io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def save(self, folder: str | PathLike[str], *, table: str | PathLike[str] | None = None) -> tuple[Path, ...]:
        """Write ``comparison.json``, ``similarity.png`` and ``report.html`` into a folder, all of them or none.

        Parameters
        ----------
        folder : str or path
            It is made if it is not there; files of these names in it are replaced.
        table : str or path, optional
            Also write ``to_csv`` into this file.

        Returns
        -------
        tuple of Path
            What was written.

        Raises
        ------
        InvalidFile
            If one of them cannot be written.
        MissingExtra
            If matplotlib is not installed.
        """
        from ...report.page import write_page
        from ..pictures import pictures_of

        draw, result = self._drawing(), self.to_dict()
        with output_folder(folder) as where:
            paths = [where / name for name in COMPARISON_FILES]
            paths += [] if table is None else [Path(table)]
            with atomic_writes(*paths) as (data, picture, page, *tables):
                data.write_text(to_json(result), encoding="utf-8")
                draw(result, picture)
                write_page(result, page, pictures_of(result))
                for path in tables:
                    path.write_text(self.to_csv(), encoding="utf-8")
        return tuple(paths)

    def save_table(self, path: str | PathLike[str]) -> Path:
        """Write ``to_csv`` into a file, whole or not at all.

        Parameters
        ----------
        path : str or path
            The file; replaced if it is there.

        Returns
        -------
        Path
            What was written.

        Raises
        ------
        InvalidFile
            If it cannot be written.
        """
        write_text(Path(path), self.to_csv())
        return Path(path)


def from_plain(kind: Any, value: Any, where: str) -> Any:
    """A value of a type (of numbers, strings, None, tuples, dictionaries, and dataclasses of these) from what JSON has
    in its place; of a dataclass all that is no field is passed over.

    ``where``: what the value is called in messages. Raises: ``InvalidFile``.

    >>> from_plain(tuple[int, ...] | None, [1, 2], "counts")
    (1, 2)
    """
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(  # type: ignore[operator]
            **{
                one.name: from_plain(hints[one.name], _of(value, one.name, where), f"{where}.{one.name}")
                for one in fields(kind)
                if (isinstance(value, Mapping) and one.name in value) or one.default is one.default_factory is MISSING
            }
        )
    if origin in (Union, types.UnionType):
        inner = [one for one in args if one is not type(None)]
        return None if value is None and len(inner) < len(args) else from_plain(inner[0], value, where)
    if origin is tuple and isinstance(value, list | tuple):
        kinds = [args[0]] * len(value) if args[1:] == (...,) else args
        if len(kinds) == len(value):
            return tuple(from_plain(one, part, where) for one, part in zip(kinds, value, strict=True))
    elif origin is dict and isinstance(value, Mapping):
        return {key: from_plain(args[1], part, f"{where}.{key}") for key, part in value.items()}
    elif origin is Literal and value in args:
        return value
    elif kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    elif kind in (int, str, bool) and type(value) is kind:
        return value
    raise InvalidFile(f"{where}: got {shown(value)}, need {getattr(kind, '__name__', kind)}")


def json_object(text: str, what: str) -> dict[str, Any]:
    """The object that a text in JSON holds. Raises: ``InvalidFile``."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidFile(f"{what}: got no JSON ({error}), need what to_json wrote") from error
    if not isinstance(found, dict):
        raise InvalidFile(f"{what}: got {shown(found)}, need a JSON object, as to_json wrote it")
    return found


def _of(found: Any, key: str, where: str) -> Any:
    if not isinstance(found, Mapping) or key not in found:
        raise InvalidFile(f"{where}: got {shown(found)}, need a dictionary with {key!r}")
    return found[key]
