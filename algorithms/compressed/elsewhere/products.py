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
"""At most so many numbers are brought here, or made float64 on a device, at a time."""


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
            if xp.astype(x[:1, :], xp.float64).dtype != xp.float64:
                return None
    except (TypeError, RuntimeError, AttributeError):
        return None
    return made_on_device(xp, x, y, leaf)


def made_on_device(xp: Any, x: Any, y: Any, leaf: int) -> Products:
    """``products_there`` of arrays of the namespace ``xp``, by three quarters of the products of Z with itself."""
    inputs, columns = int(x.shape[0]), int(x.shape[1] + y.shape[1])
    step, total = max(64, min(LEAVES_TOGETHER * leaf, NUMBERS // columns)), list[Any]()
    for start in range(0, inputs, step):
        a, b = (xp.astype(side[start : min(start + step, inputs), :], xp.float64) for side in (x, y))
        added = [_product(xp, *pair, leaf) for pair in ((a, a), (b, a), (b, b))]
        added += [xp.sum(side, axis=0) for side in (a, b)]
        largest = [xp.max(xp.abs(side), axis=0) for side in (a, b)]
        if total:
            added = [one + more for one, more in zip(total[:5], added, strict=True)]
            largest = [xp.maximum(one, more) for one, more in zip(total[5:], largest, strict=True)]
        total = added + largest
    xx, yx, yy, *rest = (np.asarray(on_host(one, "Z"), dtype=np.float64) for one in total)
    # A product with itself is symmetric; what a library rounds otherwise in the two halves is made equal.
    gram = np.block([[(xx + xx.T) / 2, yx.T], [yx, (yy + yy.T) / 2]])
    return Products(gram, np.concatenate(rest[:2]), np.concatenate(rest[2:]))


def _product(xp: Any, a: Any, b: Any, leaf: int) -> Any:
    """a^T b by leaves of rows, whose products are added in pairs."""
    leaves, rows = int(a.shape[0]) // leaf, int(a.shape[0])
    found = None
    if leaves:
        stacked = [xp.reshape(z[: leaves * leaf, :], (leaves, leaf, z.shape[1])) for z in (a, b)]
        parts = xp.matmul(xp.permute_dims(stacked[0], (0, 2, 1)), stacked[1])
        while (count := int(parts.shape[0])) > 1:
            half = count // 2
            parts = xp.concat([parts[:half, :, :] + parts[count - half :, :, :], parts[half : count - half, :, :]])
        found = parts[0, :, :]
    if rows > leaves * leaf:
        last = xp.matmul(a[leaves * leaf :, :].T, b[leaves * leaf :, :])
        found = last if found is None else found + last
    return found
