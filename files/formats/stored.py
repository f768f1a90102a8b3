"""What a file of activations says of a layer before it is read, and the header that keeps what arrays cannot say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...theory.errors import InvalidFile, SpanmatchError
from ...theory.validation.layer import Inputs, Layer, as_layer

#: The name of the header: a member of an archive or a folder, an attribute, an entry of the metadata.
HEADER = "spanmatch.json"
VERSION = 1

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Stored:
    """A layer in a file: its ``name``, ``shape``, the ``dtype`` that its values are read in, and ``key``, by which its
    format finds it; ``axes``, ``precision``, ``inputs`` as of a ``Layer``, None where the file does not say.
    ``problem``: why it cannot be read, or nothing."""

    name: str
    shape: tuple[int, ...] = ()
    dtype: str = ""
    key: Any = None
    axes: str | None = None
    precision: str | None = None
    inputs: Inputs = None
    problem: str = ""


class Written(NamedTuple):
    """An array to write, and the precision that its values were computed in."""

    values: Array
    precision: str


@dataclass(frozen=True)
class Format:
    """How one kind of file is read and written.

    ``what``: its name in messages; ``needs``: the modules of the extra ``formats``; ``folder``: whether it is one;
    ``listed``: its layers in their order, and the text of its header; ``read``: one of them; ``lazily``: one of them as
    a Dask array, where the format has chunks; ``write``: all of them.
    Reading opens the file anew each time, so that nothing is held open, and other processes can do it.
    """

    what: str
    needs: tuple[str, ...]
    listed: Callable[[Path], tuple[Sequence[Stored], str | None]]
    read: Callable[[Path, Stored], Array]
    write: Callable[[Path, Mapping[str, Written], str | None], None]
    folder: bool = False
    lazily: Callable[[Path, Stored], Any] | None = None


def unreadable(path: Path, what: str, error: object) -> InvalidFile:
    return InvalidFile(f"{path}: not readable as {what} ({error}); make it or get it again")


def of_numbers(dtype: Any) -> str:
    """Why arrays of this dtype are no activations, or nothing."""
    kind = np.dtype(dtype)
    if kind.kind in "fiu":
        return ""
    return "holds pickled objects, which are never loaded" if kind.hasobject else f"has dtype {kind}, need numbers"


def in_natural_order(names: Sequence[str]) -> list[str]:
    """conv2 before conv10."""
    return sorted(names, key=lambda name: [(int(part), "") if part.isdecimal() else (-1, part)
                                           for part in re.split(r"(\d+)", name)])  # fmt: skip


def header_of(layers: Mapping[str, Layer]) -> str | None:
    """The header that says of these layers what their arrays do not; None where there is nothing to add, so that
    planted sets are files like any others."""
    inputs: list[Inputs] = []
    said = []
    for name, layer in layers.items():
        if layer.inputs is not None and layer.inputs not in inputs:
            inputs.append(layer.inputs)
        number = None if layer.inputs is None else inputs.index(layer.inputs)
        said.append({"name": name, "axes": layer.axes, "precision": layer.precision, "inputs": number})
    plain = all(
        (layer.axes, layer.precision, layer.inputs) == ("nc", layer.dtype.name, None) for layer in layers.values()
    )
    # Every format keeps the natural order of arrays of one width.
    if plain and list(layers) == in_natural_order(list(layers)) and len({one.dtype for one in layers.values()}) == 1:
        return None
    return json.dumps({"spanmatch": VERSION, "inputs": inputs, "layers": said}, ensure_ascii=False)


def with_header(stored: Sequence[Stored], header: str | None, path: Path) -> dict[str, Stored]:
    """The layers by name, in the order and with the meaning that the header gives them. *Raises* ``InvalidFile``."""
    found = {layer.name: layer for layer in stored}
    if header is None:
        return found
    ordered: dict[str, Stored] = {}
    try:
        content = json.loads(header)
        if content["spanmatch"] != VERSION:
            version = content["spanmatch"]
            raise InvalidFile(f"{path}: its {HEADER} has version {version}, need {VERSION}; update spanmatch")
        for said in content["layers"]:
            name, number = said["name"], said["inputs"]
            if name not in found:
                raise InvalidFile(f"{path}: holds no layer {name!r}, which its {HEADER} names; get it again")
            inputs = None if number is None else content["inputs"][number]
            ordered[name] = _checked(
                replace(found[name], axes=said["axes"], precision=said["precision"], inputs=inputs)
            )
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        if isinstance(error, SpanmatchError):
            raise
        raise unreadable(path, f"activations: its {HEADER} is not what spanmatch writes", error) from error
    return ordered | {name: layer for name, layer in found.items() if name not in ordered}


def outline(stored: Stored, name: str, layouts: Sequence[str] = ()) -> Layer:
    """A layer of this shape and meaning without its values: all zeros, which take no memory.

    *Raises* what ``as_layer`` raises of such values.
    """
    values = np.broadcast_to(np.zeros((), dtype=stored.dtype), stored.shape)
    layer = as_layer(values, name, layouts) if stored.axes is None else Layer(values, stored.axes)
    return Layer(layer, precision=stored.precision, inputs=stored.inputs)


def _checked(stored: Stored) -> Stored:
    """With a problem where the header and the array do not go together."""
    if stored.problem:
        return stored
    try:
        return replace(stored, inputs=outline(stored, stored.name).inputs)
    except SpanmatchError as error:
        return replace(stored, problem=f"does not fit its {HEADER} ({error})")
