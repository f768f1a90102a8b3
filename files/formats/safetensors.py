"""Activations in .safetensors: eight bytes with the length of a JSON header, the header, the numbers.

Read and written here, not by the package of that name: it keeps no order, and NumPy has no type for its bfloat16.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...theory.errors import InvalidFile
from .stored import HEADER, Array, Format, Stored, Written, unreadable

_METADATA, LONGEST_HEADER = "__metadata__", 100_000_000
_BFLOAT16 = "BF16"
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", _BFLOAT16: "<u2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1",
}  # fmt: skip
_NAMES = {np.dtype(code): name for name, code in _DTYPES.items() if name != _BFLOAT16}


def _listed(path: Path) -> tuple[list[Stored], str | None]:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= LONGEST_HEADER:
                raise ValueError(f"a header of {length} bytes")
            content = json.loads(file.read(length))
        metadata = content.pop(_METADATA, {})
        start, size = 8 + length, path.stat().st_size
        placed = sorted(content.items(), key=lambda item: item[1]["data_offsets"])
        found, end = [], 0
        for name, tensor in placed:
            (begin, after), shape, dtype = tensor["data_offsets"], tuple(tensor["shape"]), tensor["dtype"]
            width = np.dtype(_DTYPES[dtype]).itemsize if dtype in _DTYPES else None
            if begin != end or (width is not None and after - begin != width * math.prod(shape)):
                raise ValueError(f"{name!r} does not fill its place")
            end = after
            found.append(_described(name, shape, dtype, start + begin))
        if start + end != size:
            raise ValueError(f"{size} bytes, the header speaks of {start + end}")
        return found, metadata.get(HEADER)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise unreadable(path, "a safetensors file", error) from error


def _described(name: str, shape: tuple[int, ...], dtype: str, offset: int) -> Stored:
    if dtype not in _DTYPES:
        return Stored(name, shape, key=(dtype, offset), problem=f"has dtype {dtype}, need one of {', '.join(_DTYPES)}")
    values, precision = ("float32", "bfloat16") if dtype == _BFLOAT16 else (np.dtype(_DTYPES[dtype]).name, None)
    return Stored(name, shape, values, (dtype, offset), precision=precision)


def _read(path: Path, stored: Stored) -> Array:
    dtype, offset = stored.key
    values = np.empty(stored.shape, dtype=_DTYPES[dtype])
    try:
        with path.open("rb") as file:
            file.seek(offset)
            if file.readinto(values.reshape(-1).view(np.uint8).data) != values.nbytes:
                raise EOFError("it has become shorter")
    except (OSError, EOFError) as error:
        raise unreadable(path, "a safetensors file", error) from error
    if dtype == _BFLOAT16:
        # bfloat16 is the upper half of a float32.
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _write(path: Path, layers: Mapping[str, Written], header: str | None) -> None:
    arrays = {name: _encoded(layer, name) for name, layer in layers.items()}
    # The widest first, as the format's own package does: each tensor then begins at a multiple of its width.
    placed = sorted(arrays, key=lambda name: -arrays[name][1].itemsize)
    content: dict[str, Any] = {} if header is None else {_METADATA: {HEADER: header}}
    end = 0
    for name in placed:
        dtype, values = arrays[name]
        content[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": [end, end + values.nbytes]}
        end += values.nbytes
    text = json.dumps(content, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in placed:
            values = arrays[name][1]
            file.write(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)


def _encoded(layer: Written, name: str) -> tuple[str, Array]:
    values = layer.values
    if name == _METADATA:
        raise InvalidFile(f"a layer named {name!r} cannot be written to a safetensors file, need another name")
    if layer.precision == "bfloat16" and values.dtype == np.float32:
        bits = np.ascontiguousarray(values).view(np.uint32)
        if not (bits & 0xFFFF).any():
            return _BFLOAT16, (bits >> 16).astype("<u2")
    return _NAMES[values.dtype.newbyteorder("<")], values.astype(values.dtype.newbyteorder("<"), copy=False)


SAFETENSORS = Format("a safetensors file", (), _listed, _read, _write)
