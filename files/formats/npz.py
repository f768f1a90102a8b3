"""Activations as .npy arrays in a .npz archive or in a folder."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...theory.errors import InvalidFile
from .stored import HEADER, Array, Format, Stored, Written, in_natural_order, of_numbers, unreadable

#: Fixed time stamp and system of .npz members, so that the same activations give the same bytes.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_WHAT = "an .npz archive of numbers (no pickled objects)"
_FAULTS = (OSError, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)
_ENDING = ".npy"


def _listed(path: Path) -> tuple[list[Stored], str | None]:
    try:
        # Of anything else NumPy thinks that it may be a pickle, and says how to load it.
        if not zipfile.is_zipfile(path):
            raise zipfile.BadZipFile("it is no zip archive")
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if name.endswith(_ENDING)]
            found = []
            for member in members:
                with archive.open(member) as stream:
                    found.append(_described(stream, member.removesuffix(_ENDING), member))
            header = archive.read(HEADER).decode() if HEADER in archive.namelist() else None
    except _FAULTS as error:
        raise unreadable(path, _WHAT, error) from error
    return found, header


def _read(path: Path, stored: Stored) -> Array:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(stored.key) as stream:
            return _array(stream)
    except _FAULTS as error:
        raise unreadable(path, _WHAT, error) from error


def _write(path: Path, layers: Mapping[str, Written], header: str | None) -> None:
    # Not np.savez: it takes the layers as keyword arguments, so a layer named "file" would be impossible, and it
    # stores the time of writing.
    with zipfile.ZipFile(path, "w") as archive:
        for name, layer in layers.items():
            with archive.open(_member(f"{name}{_ENDING}"), "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, layer.values, allow_pickle=False)
        if header is not None:
            archive.writestr(_member(HEADER), header)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, date_time=ZIP_EPOCH)
    member.create_system = _UNIX
    return member


def _listed_folder(path: Path) -> tuple[list[Stored], str | None]:
    try:
        files = {str(file.relative_to(path)).removesuffix(_ENDING): file for file in path.rglob(f"*{_ENDING}")}
        found = []
        for name in in_natural_order(list(files)):
            with files[name].open("rb") as stream:
                found.append(_described(stream, Path(name).as_posix(), name))
        header = path / HEADER
        return found, header.read_text(encoding="utf-8") if header.is_file() else None
    except (OSError, ValueError) as error:
        raise unreadable(path, "a folder of .npy files", error) from error


def _read_folder(path: Path, stored: Stored) -> Array:
    try:
        with (path / f"{stored.key}{_ENDING}").open("rb") as stream:
            return _array(stream)
    except (OSError, EOFError, ValueError) as error:
        raise unreadable(path, f"a folder of .npy files: {stored.name!r}", error) from error


def _write_folder(path: Path, layers: Mapping[str, Written], header: str | None) -> None:
    for name, layer in layers.items():
        file = path / f"{name}{_ENDING}"
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, layer.values, allow_pickle=False)
    if header is not None:
        (path / HEADER).write_text(header, encoding="utf-8")


def _described(stream: IO[bytes], name: str, key: Any) -> Stored:
    """What an .npy array is, from its first bytes."""
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
        if read is None:
            return Stored(name, key=key, problem=f"is an .npy array of version {version}, need 1.0 or 2.0")
        shape, _, dtype = read(stream)
    except ValueError as error:
        return Stored(name, key=key, problem=f"is no .npy array ({error})")
    return Stored(name, tuple(shape), dtype.newbyteorder("=").name, key, problem=of_numbers(dtype))


def _array(stream: IO[bytes]) -> Array:
    array = np.lib.format.read_array(stream, allow_pickle=False)
    return np.asarray(array, dtype=array.dtype.newbyteorder("="))


def check_path_name(name: str, path: Path) -> None:
    """Layers become files: their names must be paths inside the folder. *Raises* ``InvalidFile``."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part or len(part) > 200 for part in parts):
        raise InvalidFile(f"{path}: a layer named {name!r} cannot be written, need one that is a plain path")


NPZ = Format("an .npz archive", (), _listed, _read, _write)
FOLDER = Format("a folder of .npy files", (), _listed_folder, _read_folder, _write_folder, folder=True)
