"""Files in and out: whole or not at all, and never anything that can run code on loading.

Activation files hold one array per layer under the layer's name: ``.npz`` (NumPy), ``.safetensors``, and
``.h5`` or ``.hdf5`` (one data set per layer, groups become ``group/name``). The last two need the extra ``formats``.
"""

from __future__ import annotations

import json
import os
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from .theory.errors import InvalidActivations, InvalidFile, MissingExtra
from .theory.validation import to_numpy

Arrays = dict[str, npt.NDArray[Any]]
Handler = TypeVar("Handler")

#: safetensors' names of dtypes that NumPy has; BF16 is handled apart.
_SAFETENSORS_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1",
}  # fmt: skip


def require(extra: str, modules: tuple[str, ...], purpose: str) -> None:
    """Nothing, or which extra to install when one of ``modules`` is not there; imports none of them.

    *Raises* ``MissingExtra``.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise MissingExtra(
            f'{purpose} needs {", ".join(missing)}, not installed here: pip install "spanmatch[{extra}]"'
        )


@contextmanager
def atomic_write(path: Path | str) -> Iterator[Path]:
    """A temporary path in the same folder, of the same suffix, that becomes ``path`` when the block ends well.

    After any exception in the block, Ctrl-C included, the temporary file is gone and ``path`` is as it was.
    *Raises* ``InvalidFile`` when the folder cannot be written to or ``path`` is a folder.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.stem[:100]}.{uuid.uuid4().hex[:8]}{target.suffix}")
    if target.is_dir():
        raise InvalidFile(f"{target}: is a folder, need the name of a file to write")
    try:
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise InvalidFile(
            f"{target}: cannot be written ({error.strerror}), need a file in an existing, writable folder"
        ) from error
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def to_json(obj: Any) -> str:
    """``obj`` as JSON text; NumPy numbers and arrays, paths and sets too.

    *Raises* ``ValueError`` for NaN and infinity, ``TypeError`` for what JSON has no form for.
    """
    return json.dumps(obj, indent=2, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def write_json(path: Path | str, obj: Any) -> None:
    """``obj`` as a JSON file, whole or not at all. *Raises* ``InvalidFile``, and what ``to_json`` raises."""
    text = to_json(obj)
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def check_output_folder(path: Path | str) -> Path:
    """The folder ``path``, made with its parents where needed, once a file could really be written into it.

    *Raises* ``InvalidFile`` when it is a file, lies below one, or is not writable.
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise InvalidFile(f"{folder}: is a file, need a folder to write into; name another one")
    probe = folder / f".{uuid.uuid4().hex[:8]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InvalidFile(
            f"{folder}: cannot be written to ({error.strerror}), need a writable folder; name another one"
        ) from error
    return folder


def load_activations(path: Path | str) -> Arrays:
    """Layer name -> array of real numbers as stored; bfloat16 becomes float32, which holds its values exactly.

    Shapes are not looked at: convolutional layers may still be 4-D. *Raises* ``InvalidFile`` (absent, unknown
    suffix, truncated, another format, pickled objects, not numbers, no arrays) and ``MissingExtra``.
    """
    source = Path(path)
    read = _handler(source, _READERS)
    if not source.is_file():
        raise InvalidFile(f"{source}: no such file, need a file of activations ({', '.join(_READERS)})")
    arrays = read(source)
    if not arrays:
        raise InvalidFile(f"{source}: holds no arrays, need one per layer")
    for name, array in arrays.items():
        if array.dtype.kind not in "fiu":
            raise InvalidFile(f"{source}: {name!r} has dtype {array.dtype}, need floats or integers")
    return arrays


def save_activations(path: Path | str, activations: Mapping[str, Any]) -> None:
    """Write layer name -> array-like (NumPy, torch, ...) in the format of the suffix, whole or not at all.

    *Raises* ``InvalidFile``, ``InvalidActivations`` (no layers, not real numbers) and ``MissingExtra``.
    """
    target = Path(path)
    write = _handler(target, _WRITERS)
    if not activations:
        raise InvalidActivations(f"activations: got no layers, need at least one to write to {target}")
    arrays: Arrays = {}
    for name, value in activations.items():
        array, dtype = to_numpy(value, f"activations[{name!r}]")
        if array.dtype.kind not in "fiu":
            raise InvalidActivations(f"activations[{name!r}]: got dtype {dtype}, need floats or integers")
        arrays[name] = np.ascontiguousarray(array)
    with atomic_write(target) as temporary:
        write(temporary, arrays)


def _handler(path: Path, handlers: Mapping[str, Handler]) -> Handler:
    handler = handlers.get(path.suffix.lower())
    if handler is None:
        raise InvalidFile(f"{path}: unknown suffix {path.suffix!r}, need one of {', '.join(handlers)}")
    return handler


def _read_npz(path: Path) -> Arrays:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    # A .npy file loads as a bare array, which is no context manager (TypeError) and knows no layers.
    except (OSError, EOFError, ValueError, TypeError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise _unreadable(path, "an .npz archive of numbers (no pickled objects)", error) from error


def _write_npz(path: Path, arrays: Arrays) -> None:
    # Not np.savez: it takes the layers as keyword arguments, so a layer named "file" would be impossible.
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


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
    from safetensors.numpy import save_file

    save_file(arrays, path)


def _read_hdf5(path: Path) -> Arrays:
    require("formats", ("h5py",), "reading HDF5 files")
    import h5py

    arrays: Arrays = {}

    def collect(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[name] = np.asarray(item[()])

    try:
        with h5py.File(path, "r") as file:
            file.visititems(collect)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise _unreadable(path, "an HDF5 file", error) from error
    return arrays


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
_WRITERS: dict[str, Callable[[Path, Arrays], None]] = {
    ".npz": _write_npz,
    ".safetensors": _write_safetensors,
    ".h5": _write_hdf5,
    ".hdf5": _write_hdf5,
}
