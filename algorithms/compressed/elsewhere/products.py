"""Products of activations on the device that holds them: only a matrix of (neurons x neurons) numbers comes back.

Source: docs/theory/numerics.md#one-pass.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ....theory.validation import Array, to_numpy
from ....theory.validation.foreign import is_foreign

LEAVES_TOGETHER = 16
"""Leaves whose products are made in one call, and added on the device."""

NUMBERS = 2**24
"""At most so many numbers are brought here, or multiplied on a device, at a time."""


def row_blocks(x: Any, y: Any, rows: int) -> Iterator[tuple[int, Any, Any]]:
    """The first row and the rows of both sides: all of them where NumPy has them, otherwise so many at a time."""
    inputs = int(x.shape[0])
    step = rows if is_foreign(x) or is_foreign(y) else inputs
    for start in range(0, inputs, step):
        stop = min(start + step, inputs)
        yield start, x[start:stop, :], y[start:stop, :]


def on_host(rows: Any, name: str) -> Any:
    """Some rows as NumPy has them."""
    return to_numpy(rows, name)[0]


class Products(NamedTuple):
    """Of Z = [x y], in float64: Z^T Z, the sums of its columns, and the largest absolute value in each."""

    gram: Array
    sums: Array
    sizes: Array


def products_there(x: Any, y: Any, leaf: int) -> Products | None:
    """What a Gram factor needs of some rows, made where they are.

    None unless both sides are on one device of a library that has float64 there. Products of ``leaf`` rows are added in
    pairs, so the rounding does not grow with the rows.
    """
    if not (is_foreign(x) and is_foreign(y)):
        return None
    from array_api_compat import array_namespace, device

    try:
        xp = array_namespace(x, y)
        if device(x) != device(y):
            return None
        with warnings.catch_warnings():
            # JAX warns, and gives float32, where float64 is not enabled.
            warnings.simplefilter("ignore")
            sides = [xp.astype(side, xp.float64) for side in (x, y)]
    except (TypeError, RuntimeError, AttributeError):
        return None
    z = xp.concat(sides, axis=1)
    if z.dtype != xp.float64:
        return None
    rows, columns = (int(length) for length in z.shape)
    leaves = rows // leaf
    gram = None
    if leaves:
        stacked = xp.reshape(z[: leaves * leaf, :], (leaves, leaf, columns))
        parts = xp.matmul(xp.permute_dims(stacked, (0, 2, 1)), stacked)
        while (count := int(parts.shape[0])) > 1:
            half = count // 2
            parts = xp.concat([parts[:half, :, :] + parts[count - half :, :, :], parts[half : count - half, :, :]])
        gram = parts[0, :, :]
    if rows > leaves * leaf:
        rest = z[leaves * leaf :, :]
        last = xp.matmul(rest.T, rest)
        gram = last if gram is None else gram + last
    there = gram, xp.sum(z, axis=0), xp.max(xp.abs(z), axis=0)
    found, sums, sizes = (np.array(on_host(one, "Z"), dtype=np.float64) for one in there)
    # A product with itself is symmetric; what a library rounds otherwise in the two halves is made equal.
    return Products((found + found.T) / 2, sums, sizes)
