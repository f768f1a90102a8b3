"""Activations in Zarr: a folder with one array a layer; those in groups are called ``group/name``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .stored import HEADER, Array, Format, Stored, Written, in_natural_order, of_numbers, unreadable

_WHAT = "a Zarr group"
_FAULTS = (OSError, RuntimeError, KeyError, ValueError, TypeError)


def _listed(path: Path) -> tuple[list[Stored], str | None]:
    import zarr

    try:
        group = zarr.open_group(str(path), mode="r")
        arrays = {name: item for name, item in group.members(max_depth=None) if isinstance(item, zarr.Array)}
        header = group.attrs.get(HEADER)
        found = []
        for name in in_natural_order(list(arrays)):
            item = arrays[name]
            problem = of_numbers(item.dtype)
            # A chunk that is missing reads as zeros.
            if header is not None and item.nchunks_initialized < item.nchunks:
                problem = problem or f"has {item.nchunks_initialized} of {item.nchunks} chunks"
            found.append(Stored(name, tuple(item.shape), item.dtype.newbyteorder("=").name, name, problem=problem))
        return found, None if header is None else str(header)
    except _FAULTS as error:
        raise unreadable(path, _WHAT, error) from error


def _read(path: Path, stored: Stored) -> Array:
    import zarr

    try:
        values = np.asarray(zarr.open_array(str(path), path=stored.key, mode="r")[...])
    except _FAULTS as error:
        raise unreadable(path, _WHAT, error) from error
    return values.astype(stored.dtype, copy=False)


def _lazily(path: Path, stored: Stored) -> Any:
    import dask.array
    import zarr

    try:
        array = zarr.open_array(str(path), path=stored.key, mode="r")
    except _FAULTS as error:
        raise unreadable(path, _WHAT, error) from error
    return dask.array.from_array(array, chunks=array.chunks).astype(stored.dtype, copy=False)


def _write(path: Path, layers: Mapping[str, Written], header: str | None) -> None:
    import zarr

    group = zarr.open_group(str(path), mode="w")
    for name, layer in layers.items():
        options: Any = {"config": {"write_empty_chunks": True}}
        array = group.create_array(name, shape=layer.values.shape, dtype=layer.values.dtype, **options)
        array[...] = layer.values
    if header is not None:
        group.attrs[HEADER] = header


ZARR = Format(_WHAT, ("zarr",), _listed, _read, _write, folder=True, lazily=_lazily)
