"""Z'Z for Z = [x y] without forming Z."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from ....theory.validation import Array
from .routines import add_product, add_square
from .threads import side_by_side

Raw = npt.NDArray[np.generic]

NARROW = 128
"""Up to so many columns the leaves of a block are multiplied in one call."""

BLOCK = 250_000
"""About so many numbers are taken in at a time: they are copied, and should stay in the cache meanwhile."""

STRIPS = 2
"""A side is cut into at least so many strips of columns, each of which is a task,"""

STRIP = 256
"""of at most so many columns each."""

BLOCK_ROWS = 256
"""Matrices are reflected in blocks of so many rows and columns."""


def products(
    x: Raw, y: Raw, leaf: int, exponents: Int[np.ndarray, " neurons"] | None
) -> Float[Array, "neurons neurons"]:
    """Z'Z, the columns of Z divided by powers of two: a product of a matrix with itself costs half.

    A library may add the products of all rows of a ``leaf`` one after the other, so a leaf is short where that is
    cheap, and the products of several are added in pairs; with many columns libraries themselves add in pieces of a few
    hundred rows.
    """
    m, n = x.shape[1], y.shape[1]
    gram, wide = np.zeros((m + n, m + n)), m + n > NARROW
    with np.errstate(over="ignore", invalid="ignore"):
        for a, b in pieces(x, y) if wide else [[np.ascontiguousarray(z, dtype=np.float64) for z in (x, y)]]:
            if exponents is not None:
                a, b = np.ldexp(a, -exponents[:m]), np.ldexp(b, -exponents[m:])
            if wide:
                side_by_side(*_tasks(a, b, gram))
            else:
                for first, second, part in ((a, a, gram[:m, :m]), (b, a, gram[m:, :m]), (b, b, gram[m:, m:])):
                    part += _by_leaves(first, second, leaf)
        reflect(gram)
    return gram


def _tasks(a: Array, b: Array, gram: Array) -> list[partial[None]]:
    """What adds the products of some rows to the lower triangle, strip by strip: the long strips first, where the sides
    are about as wide."""
    m = a.shape[1]
    cross = [partial(add_product, b[:, strip], a, gram[m:, :m][strip]) for strip in _strips(b.shape[1])]
    return cross + [
        partial(_add_strip, side, strip, out)
        for side, out in ((b, gram[m:, m:]), (a, gram[:m, :m]))
        for strip in _strips(side.shape[1])
    ]


def _strips(columns: int) -> list[slice]:
    """From the last to the first."""
    width = max(1, min(STRIP, -(-columns // STRIPS)))
    return [slice(start, start + width) for start in reversed(range(0, columns, width))]


def _add_strip(side: Array, strip: slice, out: Array) -> None:
    """Products of some columns with those before them, and with themselves."""
    columns = side[:, strip]
    add_product(columns, side[:, : strip.start], out[strip, : strip.start])
    add_square(columns, out[strip, strip])


def pieces(*sides: Raw) -> Iterator[list[Array]]:
    """The rows of all sides in float64 and C order, a few at a time; all at once where they are so already."""
    plain = all(side.dtype == np.float64 and side.flags.c_contiguous and side.flags.aligned for side in sides)
    step = len(sides[0]) if plain else max(64, BLOCK // sum(side.shape[1] for side in sides))
    for start in range(0, len(sides[0]), step):
        yield [np.require(side[start : start + step], np.float64, ("C", "A")) for side in sides]


def _by_leaves(a: Array, b: Array, leaf: int) -> Array:
    """a'b by leaves of rows, whose products are added in pairs."""
    leaves = len(a) // leaf
    rest = a[leaves * leaf :].T @ b[leaves * leaf :]
    if not leaves:
        return np.asarray(rest)
    blocks = [z[: leaves * leaf].reshape(leaves, leaf, -1) for z in (a, b)]
    found = np.matmul(blocks[0].transpose(0, 2, 1), blocks[1])
    while len(found) > 1:
        half = len(found) // 2
        found[:half] += found[-half:]
        found = found[: len(found) - half]
    return np.asarray(found[0] + rest)


def reflect(square: Float[Array, "n n"]) -> None:
    """Fill the upper triangle with what stands in the lower, block by block, each of which fits in the cache."""
    side_by_side(*(partial(_reflect_rows, square, i) for i in reversed(range(0, len(square), BLOCK_ROWS))))


def _reflect_rows(square: Array, start: int) -> None:
    rows = slice(start, start + BLOCK_ROWS)
    for j in range(0, start, BLOCK_ROWS):
        columns = slice(j, j + BLOCK_ROWS)
        square[columns, rows] = square[rows, columns].T
    corner = np.tril(square[rows, rows])
    square[rows, rows] = corner + np.tril(corner, -1).T
