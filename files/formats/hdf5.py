"""Activations in HDF5: one data set a layer; those in groups are called ``group/name``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .stored import HEADER, Array, Format, Stored, Written, in_natural_order, of_numbers, unreadable

_WHAT = "an HDF5 file"
_FAULTS = (OSError, RuntimeError, KeyError, ValueError, TypeError)


def _listed(path: Path) -> tuple[list[Stored], str | None]:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            header = file.attrs.get(HEADER)
            return [_described(name, item) for name, item in _data_sets(file["/"], "", set())], header
    except _FAULTS as error:
        raise unreadable(path, _WHAT, error) from error


def _data_sets(group: Any, prefix: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Data sets in the order of creation where the file knows it, else in natural order; no links to elsewhere."""
    import h5py

    seen.add(h5py.h5o.get_info(group.id).addr)
    tracked = group.id.get_create_plist().get_link_creation_order()
    for name in list(group) if tracked else in_natural_order(list(group)):
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        item = group[name]
        place = h5py.h5o.get_info(item.id).addr
        if place in seen:  # a second name of the same thing; a group may even hold itself
            continue
        seen.add(place)
        if isinstance(item, h5py.Group):
            yield from _data_sets(item, f"{prefix}{name}/", seen)
        elif isinstance(item, h5py.Dataset):
            yield f"{prefix}{name}", item


def _described(name: str, item: Any) -> Stored:
    try:
        shape, dtype = item.shape, item.dtype
    except TypeError as error:  # a type that NumPy has not
        return Stored(name, key=name, problem=f"has no dtype of NumPy's ({error})")
    if shape is None:
        return Stored(name, key=name, problem="is empty")
    return Stored(name, tuple(shape), dtype.newbyteorder("=").name, name, problem=of_numbers(dtype))


def _read(path: Path, stored: Stored) -> Array:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            values = np.empty(stored.shape, dtype=stored.dtype)
            if values.ndim:
                file[stored.key].read_direct(values)
                return values
            return np.asarray(file[stored.key][()])
    except _FAULTS as error:
        raise unreadable(path, _WHAT, error) from error


def _write(path: Path, layers: Mapping[str, Written], header: str | None) -> None:
    import h5py

    # Old versions of the format have no room for attributes of more than 64 KB.
    with h5py.File(path, "w", libver="v108", track_order=True) as file:
        for name, layer in layers.items():
            parent, _, last = name.rpartition("/")
            group = file
            for part in parent.split("/") if parent else ():
                group = group[part] if part in group else group.create_group(part, track_order=True)
            group.create_dataset(last, data=layer.values)
        if header is not None:
            file.attrs[HEADER] = header


HDF5 = Format(_WHAT, ("h5py",), _listed, _read, _write)
