"""The formats of files of activations, by suffix."""

from __future__ import annotations

from pathlib import Path

from ...theory.errors import InvalidFile
from ..environment import require
from .hdf5 import HDF5
from .npz import FOLDER, NPZ
from .safetensors import SAFETENSORS
from .stored import Format
from .zarr import ZARR

FORMATS = {".npz": NPZ, ".safetensors": SAFETENSORS, ".h5": HDF5, ".hdf5": HDF5, ".zarr": ZARR}


def format_of(path: Path, doing: str) -> Format:
    """The format of a path: by its suffix; a folder without a known one holds .npy files. ``doing``: "reading", ...

    *Raises* ``InvalidFile``, ``MissingExtra``.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None and (path.is_dir() or not (path.suffix or path.exists())):
        found = FOLDER
    if found is None:
        raise InvalidFile(f"{path}: unknown suffix {path.suffix!r}, need one of {', '.join(FORMATS)}, or {FOLDER.what}")
    if found.needs:
        require("formats", found.needs, f"{doing} {path.suffix} files")
    return found
