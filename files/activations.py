"""Read and write files of activations, layer by layer; loading one never runs code. See docs/formats.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy.typing as npt

from ..theory.errors import InvalidActivations, InvalidFile, InvalidOption, UnknownLayer
from ..theory.validation.arrays import to_numpy
from ..theory.validation.layer import Layer, as_layer, as_layouts
from .atomic import atomic_folder, atomic_write, check_output_file, check_output_folder
from .environment import require
from .formats import FORMATS, format_of
from .formats.authors import archive_in, with_their_axes
from .formats.npz import FOLDER, NPZ, check_path_name
from .formats.safetensors import SAFETENSORS
from .formats.stored import HEADER, Format, Stored, Written, header_of, outline, with_header
from .target import FilePath

ACTIVATION_SUFFIXES = tuple(FORMATS)
_METADATA = ("zarr.json", ".zgroup", ".zattrs", ".zmetadata")


class LayerFile(Mapping[str, Layer]):
    """The layers of a file of activations by name, in their order; each is read when it is asked for, and not kept.

    ``refused``: name -> why an array cannot be read (strings, a type that NumPy has not); iteration leaves it out.
    ``layout``: the axes of arrays whose file does not name them, as in ``compare``; ``lazy``: arrays are Dask's. It
    holds no open file: it can be pickled, and processes can share it.
    """

    def __init__(
        self,
        path: Path,
        format: Format,
        stored: Mapping[str, Stored],
        layout: Sequence[str] = (),
        lazy: bool = False,
    ) -> None:
        # Absolute for reading: a process that reads later may stand elsewhere.
        self.path, self._place = path, path.absolute()
        self.refused = {name: layer.problem for name, layer in stored.items() if layer.problem}
        self._format, self._layout, self.lazy = format, tuple(layout), lazy
        self._stored = {name: layer for name, layer in stored.items() if not layer.problem}

    def with_layout(self, layout: Sequence[str]) -> LayerFile:
        """The same file, arrays without axes read in these layouts where it had none for them."""
        found = LayerFile(self.path, self._format, self._stored, (*self._layout, *layout), self.lazy)
        found.refused = self.refused
        return found

    def outline(self, name: str, said: str | None = None) -> Layer:
        """A layer of this shape and meaning, all zeros, without reading the file: to look at before long work.

        ``said``: what messages call it. *Raises* ``InvalidActivations``, ``InvalidFile``, ``UnknownLayer``.
        """
        stored = self._known(name)
        return outline(stored, said or f"{self.path}: {name!r}", self._layout)

    def __getitem__(self, name: str) -> Layer:
        empty = self.outline(name)
        read = self._format.lazily if self.lazy and self._format.lazily else self._format.read
        values = read(self._place, self._stored[name])
        return Layer(values, empty.axes, precision=empty.precision, inputs=empty.inputs)

    def _known(self, name: str) -> Stored:
        if name in self.refused:
            raise InvalidFile(f"{self.path}: {name!r} {self.refused[name]}; the other layers can be read")
        if name not in self._stored:
            raise UnknownLayer(f"{self.path}: has no layer {name!r}, only {', '.join(self._stored)}")
        return self._stored[name]

    def __contains__(self, name: object) -> bool:
        return name in self._stored

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)

    def __repr__(self) -> str:
        lines = "".join(
            f"\n  {name}: {' x '.join(map(str, one.shape))} {one.precision or one.dtype}, {one.axes or 'axes unknown'}"
            for name, one in self._stored.items()
        )
        refused = "".join(f"\n  {name}: {problem}" for name, problem in self.refused.items())
        return f"LayerFile({self.path}: {len(self)} layers{lines}{refused})"


def load_activations(
    path: FilePath, group: str | None = None, *, layout: str | Sequence[str] | None = None, lazy: bool = False
) -> LayerFile:
    """The layers of a file or folder, of which nothing but names, shapes and header is read yet.

    ``group``: only layers called ``group/name``, by the rest of their names. ``layout``: the axes of arrays of more
    than two that the file does not name, see ``Layer``. ``lazy``: layers are Dask arrays, of which no more than chunks
    are ever read at a time; Zarr only. A folder of one seed of the paper's published code is the archive in it, whose
    axes are known. *Raises* ``InvalidFile`` (absent, unknown suffix, truncated,
    another format, no arrays of numbers, no such group), ``InvalidOption`` and ``MissingExtra``.
    """
    source, layouts = Path(path), as_layouts(layout)
    source = archive_in(source) or source
    if not source.exists():
        if source.suffix and source.suffix.lower() not in FORMATS:
            format_of(source, "reading")
        raise InvalidFile(f"{source}: no such file, need a file of activations ({', '.join(FORMATS)})")
    format = format_of(source, "reading")
    if source.is_dir() != format.folder:
        raise InvalidFile(f"{source}: is a {'folder' if source.is_dir() else 'file'}, need {format.what}")
    if lazy:
        require("distributed", ("dask",), "reading activations block by block")
        if format.lazily is None:
            raise InvalidOption(f"lazy: got {source}, {format.what}, need Zarr, which is stored in chunks")
    listed, header = format.listed(source)
    stored = with_header(with_their_axes(listed, source) if header is None else listed, header, source)
    if group is not None:
        stored = _within(stored, group.strip("/"), source)
    found = LayerFile(source, format, stored, layouts, lazy)
    if not found and format is FOLDER and not found.refused:
        raise InvalidFile(f"{source}: is a folder, need a file of activations ({', '.join(FORMATS)}) or {format.what}")
    if not found:
        why = "".join(f"; {name!r} {problem}" for name, problem in found.refused.items())
        raise InvalidFile(f"{source}: holds no arrays, need one per layer{why}")
    return found


def save_activations(
    path: FilePath, activations: Mapping[str, Any], *, layout: str | Sequence[str] | None = None
) -> None:
    """Write layer name -> ``Layer`` or array-like in the format of the suffix, whole or not at all.

    A path without a suffix is a folder of .npy files. The same activations give the same bytes. ``layout``: the axes of
    bare arrays of more than two. *Raises* ``InvalidFile``, ``InvalidActivations`` (no layers, not real numbers, unknown
    axes) and ``MissingExtra``.
    """
    write = activations_writer(path, activations, layout=layout)
    place = atomic_folder(path, _is_ours) if format_of(Path(path), "writing").folder else atomic_write(path)
    with place as temporary:
        write(temporary)


def activations_writer(
    path: FilePath, activations: Mapping[str, Any], *, layout: str | Sequence[str] | None = None
) -> Callable[[Path], None]:
    """Check the activations and return a function that writes them to a path, for files written together.

    *Raises* what ``save_activations`` raises before it writes.
    """
    target, layouts = Path(path), as_layouts(layout)
    format = format_of(target, "writing")
    if not activations:
        raise InvalidActivations(f"activations: got no layers, need at least one to write to {target}")
    layers = {name: as_layer(value, f"activations[{name!r}]", layouts) for name, value in activations.items()}
    for name in layers:
        if name == HEADER or not isinstance(name, str):
            raise InvalidFile(f"{target}: a layer named {name!r} cannot be written, need another name")
        if format not in (NPZ, SAFETENSORS):
            check_path_name(name, target)
    header = header_of(layers)
    written = {name: Written(to_numpy(layer.values, name)[0], layer.precision) for name, layer in layers.items()}
    return lambda temporary: format.write(temporary, written, header)


def arrays_writer(path: FilePath, arrays: Mapping[str, npt.NDArray[Any]]) -> Callable[[Path], None]:
    """The same for arrays of numbers of any shape that are no layers, such as curves. *Raises* ``InvalidFile``."""
    format = format_of(Path(path), "writing")
    written = {name: Written(values, values.dtype.name) for name, values in arrays.items()}
    return lambda temporary: format.write(temporary, written, None)


def check_activations_file(path: FilePath) -> Path:
    """Check that ``save_activations`` could write this file: a known suffix, a writable folder.

    *Raises* ``InvalidFile``, ``MissingExtra``.
    """
    if format_of(Path(path), "writing").folder:
        return check_output_folder(path)
    return check_output_file(path)


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds activations and nothing else, so that others may replace it."""
    layers = format_of(folder, "reading").listed(folder)[0]
    parts = {HEADER, *_METADATA, *(one.name.partition("/")[0] for one in layers)}
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return all(file.parts[0].removesuffix(".npy") in parts for file in files)


def _within(stored: Mapping[str, Stored], group: str, path: Path) -> dict[str, Stored]:
    prefix = f"{group}/" if group else ""
    found = {name: layer for name, layer in stored.items() if name.startswith(prefix)}
    if not found:
        groups = {parent.as_posix(): None for name in stored for parent in reversed(Path(name).parents[:-1])}
        raise InvalidFile(
            f"{path}: has no group {group!r} with layers; it has groups: {', '.join(groups) or 'none'}; layers: "
            f"{', '.join(stored)}"
        )
    return {
        name.removeprefix(prefix): replace(layer, name=name.removeprefix(prefix)) for name, layer in found.items()
    }
