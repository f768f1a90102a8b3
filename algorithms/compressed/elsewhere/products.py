"""Products of activations on the device that holds them: only a matrix of (neurons x neurons) numbers comes back.

Source: docs/theory/numerics.md#one-pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ....theory.validation import Array
from ....theory.validation.foreign import is_foreign
from ..factor import two_sum
from .place import Place

LEAVES_TOGETHER = 16
"""Leaves whose products are made in one call, and added on the device."""

NUMBERS = 2**24
"""At most so many numbers are brought here at a time, and about so many made float64 on a device."""

ROWS_A_COLUMN = 1 / 4
"""At least so many rows are multiplied at a time for each column: adding a product costs less than making it."""


def row_blocks(x: Any, y: Any, rows: int) -> Iterator[tuple[int, Any, Any]]:
    """The first row and the rows of both sides: all of them where NumPy has them, otherwise so many at a time."""
    inputs = int(x.shape[0])
    step = rows if is_foreign(x) or is_foreign(y) else inputs
    for start in range(0, inputs, step):
        stop = min(start + step, inputs)
        yield start, x[start:stop, :], y[start:stop, :]


@dataclass(frozen=True, eq=False)
class GramThere:
    """Z^T Z of Z = [x y], held on a device. ``parts``: x^T x, y^T x, y^T y; ``lost``: what rounding took from them when
    they were added."""

    place: Place
    parts: tuple[Any, ...]
    lost: tuple[Any, ...] | None = None

    def plus(self, other: GramThere) -> GramThere:
        """Over the rows of both, which lie in one place."""
        added = [two_sum(a, b) for a, b in zip(self.parts, other.parts, strict=True)]
        lost = [rounding for _, rounding in added]
        for before in (self.lost, other.lost):
            if before is not None:
                lost = [a + b for a, b in zip(lost, before, strict=True)]
        return GramThere(self.place, tuple(total for total, _ in added), tuple(lost))

    def here(self) -> Array:
        """The whole matrix, for NumPy."""
        xp, parts = self.place.xp, self.parts
        xx, yx, yy = parts if self.lost is None else (a + b for a, b in zip(parts, self.lost, strict=True))
        # A product with itself is symmetric; what a library rounds otherwise in the two halves is made equal.
        xx, yy = ((square + xp.matrix_transpose(square)) / 2 for square in (xx, yy))
        m, n = int(xx.shape[0]), int(yy.shape[0])
        gram = np.empty((m + n, m + n))
        gram[:m, :m], gram[m:, :m], gram[m:, m:] = (self.place.here(part) for part in (xx, yx, yy))
        gram[:m, m:] = gram[m:, :m].T
        return gram


class Products(NamedTuple):
    """Of some rows of Z = [x y], in float64: Z^T Z where they are; here its diagonal, the sums of the columns, and the
    largest absolute value in each."""

    gram: GramThere
    squares: Array
    sums: Array
    sizes: Array


def products_there(x: Any, y: Any, leaf: int) -> Products | None:
    """What a Gram factor needs of some rows, made where they are, by three quarters of the products of Z with itself.

    None unless both sides are on one device of a library that has float64 there. Products of ``leaf`` rows are added in
    pairs, so the rounding does not grow with the rows.
    """
    place = Place.of(x, y)
    if place is None:
        return None
    xp, inputs, columns = place.xp, int(x.shape[0]), int(x.shape[1] + y.shape[1])
    step = max(64, min(LEAVES_TOGETHER * leaf, max(NUMBERS // columns, int(ROWS_A_COLUMN * columns))))
    total = list[Any]()
    for start in range(0, inputs, step):
        a, b = (place.doubled(side[start : min(start + step, inputs), :]) for side in (x, y))
        added = [_product(xp, *pair, leaf) for pair in ((a, a), (b, a), (b, b))]
        added += [xp.sum(side, axis=0) for side in (a, b)]
        largest = [xp.max(xp.abs(side), axis=0) for side in (a, b)]
        if total:
            added = [one + more for one, more in zip(total[:5], added, strict=True)]
            largest = [xp.maximum(one, more) for one, more in zip(total[5:], largest, strict=True)]
        total = added + largest
    parts, columnwise = total[:3], [xp.linalg.diagonal(parts) for parts in (total[0], total[2])] + total[3:]
    squares, sums, sizes = (place.here(xp.concat(columnwise[k : k + 2])) for k in (0, 2, 4))
    return Products(GramThere(place, tuple(parts)), squares, sums, sizes)


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
