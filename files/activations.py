"""Read and write files of activations; loading one never runs code.

A file holds one array per layer, under the layer's name: ``.npz`` (NumPy), ``.safetensors``, or ``.h5`` and ``.hdf5``
(one data set per layer; those in groups are called ``group/name``). All but ``.npz`` need the extra ``formats``.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..theory.errors import InvalidActivations, InvalidFile
from ..theory.validation import to_numpy
from ..theory.validation.layer import Layer
from .atomic import atomic_write, check_output_file
from .environment import require
from .target import FilePath

Arrays = dict[str, npt.NDArray[Any]]
Handler = TypeVar("Handler")

#: Fixed time stamp and system of .npz members, so that the same activations give the same bytes.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3

#: The dtypes of safetensors that NumPy has; BF16 is converted separately.
_SAFETENSORS_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1",
}  # fmt: skip


def check_activations_file(path: FilePath) -> Path:
    """Check that ``save_activations`` could write this file: a known suffix, a writable folder.

    *Raises* ``InvalidFile``.
    """
    _handler(Path(path), _WRITERS)
    return check_output_file(path)


def load_activations(path: FilePath, group: str | None = None) -> Arrays:
    """Read a file as layer name -> array in the stored dtype; bfloat16 becomes float32, which holds it exactly.

    ``group``: read only this group of an HDF5 file; names are relative to it. Arrays may have any shape: those of
    convolutional layers are still 4-D. *Raises* ``InvalidFile`` (absent, unknown suffix, truncated, another format,
    pickled objects, not numbers, no arrays, no such group) and ``MissingExtra``.
    """
    source = Path(path)
    if not source.is_file():
        what = "is a folder" if source.is_dir() else "no such file"
        raise InvalidFile(f"{source}: {what}, need a file of activations ({', '.join(_READERS)})")
    read = _handler(source, _READERS)
    if group is not None and read is not _read_hdf5:
        raise InvalidFile(f"{source}: got group {group!r}, but only HDF5 files (.h5, .hdf5) have groups; leave it out")
    arrays = read(source) if group is None else _read_hdf5(source, group)
    if not arrays:
        raise InvalidFile(f"{source}: holds no arrays, need one per layer")
    for name, array in arrays.items():
        if array.dtype.kind not in "fiu":
            raise InvalidFile(f"{source}: {name!r} has dtype {array.dtype}, need floats or integers")
    return arrays


def save_activations(path: FilePath, activations: Mapping[str, Any]) -> None:
    """Write layer name -> array-like (NumPy, torch, ...) in the format of the suffix, whole or not at all.

    A file that is there is replaced. The same activations give the same bytes. *Raises* ``InvalidFile``,
    ``InvalidActivations`` (no layers, not real numbers) and ``MissingExtra``.
    """
    write = activations_writer(path, activations)
    with atomic_write(path) as temporary:
        write(temporary)


def activations_writer(path: FilePath, activations: Mapping[str, Any]) -> Callable[[Path], None]:
    """Check the activations and return a function that writes them to a path, for files written together.

    *Raises* what ``save_activations`` raises before it writes.
    """
    target = Path(path)
    write = _handler(target, _WRITERS)
    if not activations:
        raise InvalidActivations(f"activations: got no layers, need at least one to write to {target}")
    arrays: Arrays = {}
    for name, value in activations.items():
        array, dtype = to_numpy(value.values if isinstance(value, Layer) else value, f"activations[{name!r}]")
        if array.dtype.kind not in "fiu":
            raise InvalidActivations(f"activations[{name!r}]: got dtype {dtype}, need floats or integers")
        arrays[name] = np.ascontiguousarray(array)
    return lambda temporary: write(temporary, arrays)


def _handler(path: Path, handlers: Mapping[str, Handler]) -> Handler:
    handler = handlers.get(path.suffix.lower())
    if handler is None:
        raise InvalidFile(f"{path}: unknown suffix {path.suffix!r}, need one of {', '.join(handlers)}")
    return handler


def _read_npz(path: Path) -> Arrays:
    try:
        # Of anything else NumPy thinks that it may be a pickle, and says how to load it.
        if not zipfile.is_zipfile(path):
            raise zipfile.BadZipFile("it is no zip archive")
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise _unreadable(path, "an .npz archive of numbers (no pickled objects)", error) from error


def _write_npz(path: Path, arrays: Arrays) -> None:
    # Not np.savez: it takes the layers as keyword arguments, so a layer named "file" would be impossible, and it
    # stores the time of writing.
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=ZIP_EPOCH)
            member.create_system = _UNIX
            with archive.open(member, "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)


def _read_safetensors(path: Path) -> Arrays:
    require("formats", ("safetensors",), "reading .safetensors files")
    from safetensors import SafetensorError, deserialize

    parse: Callable[[bytes], list[tuple[str, dict[str, Any]]]] = deserialize
    try:
        tensors = parse(path.read_bytes())
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, "a safetensors file", error) from error
    return {name: _from_safetensors(path, name, tensor) for name, tensor in tensors}


def _from_safetensors(path: Path, name: str, tensor: Mapping[str, Any]) -> npt.NDArray[Any]:
    stored: str = tensor["dtype"]
    if stored == "BF16":
        # bfloat16 is the upper half of a float32.
        upper = np.frombuffer(tensor["data"], dtype="<u2").astype(np.uint32) << 16
        return upper.view(np.float32).reshape(tensor["shape"])
    if stored not in _SAFETENSORS_DTYPES:
        known = ", ".join(["BF16", *_SAFETENSORS_DTYPES])
        raise InvalidFile(f"{path}: {name!r} has dtype {stored}, need one of {known}")
    return np.frombuffer(tensor["data"], dtype=_SAFETENSORS_DTYPES[stored]).reshape(tensor["shape"]).copy()


def _write_safetensors(path: Path, arrays: Arrays) -> None:
    require("formats", ("safetensors",), "writing .safetensors files")
    from safetensors.numpy import save

    # Not save_file: it makes a file of its own, which only its owner may read.
    path.write_bytes(save(arrays))


def _read_hdf5(path: Path, group: str | None = None) -> Arrays:
    require("formats", ("h5py",), "reading HDF5 files")
    import h5py

    arrays: Arrays = {}

    def collect(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[name] = np.asarray(item[()])

    try:
        with h5py.File(path, "r") as file:
            start = file if group is None else file.get(group)
            if not isinstance(start, h5py.Group):
                raise _no_such_group(path, file, str(group))
            start.visititems(collect)
    except InvalidFile:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise _unreadable(path, "an HDF5 file", error) from error
    return arrays


def _no_such_group(path: Path, file: Any, group: str) -> InvalidFile:
    import h5py

    kinds: dict[str, list[str]] = {"groups": [], "data sets": []}
    file.visititems(lambda name, item: kinds["groups" if isinstance(item, h5py.Group) else "data sets"].append(name))
    there = "; ".join(f"{kind}: {', '.join(names) or 'none'}" for kind, names in kinds.items())
    return InvalidFile(f"{path}: has no group {group!r}; it has {there}")


def _write_hdf5(path: Path, arrays: Arrays) -> None:
    require("formats", ("h5py",), "writing HDF5 files")
    import h5py

    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array)


def _unreadable(path: Path, needed: str, error: Exception) -> InvalidFile:
    return InvalidFile(f"{path}: not readable as {needed} ({error}); make it or get it again")


_READERS: dict[str, Callable[[Path], Arrays]] = {
    ".npz": _read_npz,
    ".safetensors": _read_safetensors,
    ".h5": _read_hdf5,
    ".hdf5": _read_hdf5,
}
ACTIVATION_SUFFIXES = tuple(_READERS)
_WRITERS: dict[str, Callable[[Path, Arrays], None]] = {
    ".npz": _write_npz,
    ".safetensors": _write_safetensors,
    ".h5": _write_hdf5,
    ".hdf5": _write_hdf5,
}
