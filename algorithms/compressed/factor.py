"""Small factors of tall matrices in one pass: a tree of QR factorisations (accurate), or a Gram matrix (fast).

Both hold one factor of (neurons x neurons) numbers or a few, whatever the number of inputs, and merge in any order. The
columns are divided by powers of two, exactly, so that squares of 1e-150 or 1e+150 neither underflow nor overflow.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ...theory.validation import Array

Exponents = npt.NDArray[np.int64]

SAFE = 100
"""Columns whose largest entry is within 2^-100 .. 2^100 are squared as they are; others are divided first."""

LEAF_ROWS_A_COLUMN = 16
"""A leaf of a Gram product has so many rows for each column: adding its product to another costs 1/16 of a pass."""

STRIP = 16
"""Gram matrices are added so many rows at a time."""


class QRFactor:
    """R of Z = QR, for rows that come in blocks: factors are merged in pairs, like carries of a binary counter.

    The tree is not for speed: in one Householder sweep over many inputs the rounding of exactly dependent columns
    grows with the inputs, to several 1e-15 at 2 000, beyond any rank tolerance that does not know the number of inputs;
    in a tree it stays at a few roundings. Cost: O(neurons^2) an input. Source: docs/theory/numerics.md#one-pass.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._levels: dict[int, tuple[Array, Exponents]] = {}

    def add(self, x: Float[Array, "inputs m"], y: Float[Array, "inputs n"]) -> None:
        """Take in some rows of both sides."""
        leaf = max(256, 2 * self.columns)
        for start in range(0, len(x), leaf):
            rows = slice(start, start + leaf)
            scaled, exponents = normalised(np.hstack([x[rows], y[rows]]))
            self._carry(0, triangular(scaled), exponents)

    def merge(self, other: QRFactor) -> None:
        """Take in all rows that ``other`` has taken in."""
        for level, (factor, exponents) in sorted(other._levels.items()):
            self._carry(level, factor, exponents)

    def copy(self) -> QRFactor:
        twin = QRFactor(self.columns)
        twin._levels = dict(self._levels)
        return twin

    def finish(self) -> tuple[Float[Array, "k neurons"], Exponents]:
        """R, with column j divided by 2^exponents[j]; k is at most the number of columns."""
        factor, exponents = np.zeros((0, self.columns)), np.zeros(self.columns, dtype=np.int64)
        for _, part in sorted(self._levels.items()):
            factor, exponents = _stacked((factor, exponents), part)
        return factor, exponents

    def _carry(self, level: int, factor: Array, exponents: Exponents) -> None:
        while level in self._levels:
            factor, exponents = _stacked(self._levels.pop(level), (factor, exponents))
            level += 1
        self._levels[level] = factor, exponents


class GramFactor:
    """Z^T Z: several times cheaper than QR, and squares the condition number. Cost: O(neurons^2) an input.

    An entry is off by no more than a few hundred roundings of |z_i| |z_j| whatever the number of inputs: rows are
    multiplied in leaves of a bounded length, the products of a block are added in pairs, and the rounding of adding one
    block to another is kept beside the sum (compensated summation). A plain sum over 10^6 constant inputs is off by
    thousands of roundings, all in one direction.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._sum: tuple[Array, Array, Exponents] | None = None

    def add(self, x: Float[Array, "inputs m"], y: Float[Array, "inputs n"]) -> None:
        """Take in some rows of both sides."""
        products = _products(x, y)
        squares = np.diag(products)
        exponents = np.zeros(self.columns, dtype=np.int64)
        if not ((squares > 2.0 ** (-2 * SAFE)) & (squares < 2.0 ** (2 * SAFE))).all():
            (x, x_exponents), (y, y_exponents) = normalised(x), normalised(y)
            products, exponents = _products(x, y), np.concatenate([x_exponents, y_exponents])
        self._take(products, np.broadcast_to(0.0, products.shape), exponents)

    def merge(self, other: GramFactor) -> None:
        """Take in all rows that ``other`` has taken in."""
        if other._sum is not None:
            self._take(*other._sum)

    def copy(self) -> GramFactor:
        twin = GramFactor(self.columns)
        # Nothing that is held is ever written to.
        twin._sum = self._sum
        return twin

    def finish(self) -> tuple[Float[Array, "neurons neurons"], Exponents]:
        """Z^T Z, with row and column j divided by 2^exponents[j]."""
        if self._sum is None:
            return np.zeros((self.columns, self.columns)), np.zeros(self.columns, dtype=np.int64)
        gram, lost, exponents = self._sum
        return gram + lost, exponents

    def _take(self, gram: Array, lost: Array, exponents: Exponents) -> None:
        if self._sum is None:
            self._sum = gram, lost, exponents
            return
        own_gram, own_lost, own_exponents = self._sum
        if (exponents != own_exponents).any():
            common = common_exponents((own_gram, own_exponents), (gram, exponents))
            own_gram, own_lost = (_shifted(part, own_exponents - common) for part in (own_gram, own_lost))
            gram, lost = (_shifted(part, exponents - common) for part in (gram, lost))
            exponents = common
        total, left = np.empty_like(gram), np.empty_like(gram)
        # A few rows at a time, so that all of it stays in the cache.
        for start in range(0, self.columns, STRIP):
            rows = slice(start, start + STRIP)
            total[rows], rounding = two_sum(own_gram[rows], gram[rows])
            left[rows] = own_lost[rows] + lost[rows] + rounding
        self._sum = total, left, exponents


Factor = QRFactor | GramFactor


def normalised(block: Float[Array, "inputs neurons"]) -> tuple[Float[Array, "inputs neurons"], Exponents]:
    """The columns divided by powers of two near their largest entries, and the exponents; zero columns stay."""
    exponents = np.frexp(np.abs(block).max(axis=0))[1].astype(np.int64)
    return np.ldexp(block, -exponents), exponents


def common_exponents(*parts: tuple[Array, Exponents]) -> Exponents:
    """For each column the largest exponent among the parts in which it is not zero."""
    least = np.iinfo(np.int32).min // 4
    found = [np.where(part.any(axis=0), exponents, least) for part, exponents in parts]
    common = np.max(found, axis=0)
    return np.where(common == least, 0, common)


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded sum, and what rounding took from it: a + b is exactly the sum of the two (Knuth)."""
    total = a + b
    from_b = total - a
    return total, (a - (total - from_b)) + (b - from_b)


def _shifted(gram: Array, shift: Exponents) -> Array:
    """Row and column j multiplied by 2^shift[j]."""
    return np.asarray(np.ldexp(np.ldexp(gram, shift), shift[:, None]))


def _products(x: Array, y: Array) -> Array:
    """Z^T Z for Z = [x y], without forming Z: a product of a matrix with itself costs half."""
    m, n = x.shape[1], y.shape[1]
    gram = np.empty((m + n, m + n))
    with np.errstate(over="ignore", invalid="ignore"):
        gram[:m, :m] = _product(x, x, m + n)
        gram[m:, m:] = _product(y, y, m + n)
        gram[:m, m:] = _product(x, y, m + n)
    gram[m:, :m] = gram[:m, m:].T
    return gram


def _product(a: Array, b: Array, columns: int) -> Array:
    """a^T b by leaves of rows, whose products are added in pairs.

    A library may add the products of all rows of a leaf one after the other, so a leaf is short where that is cheap;
    with many columns libraries themselves add in pieces of a few hundred rows.
    """
    leaf = max(64, LEAF_ROWS_A_COLUMN * columns)
    leaves = len(a) // leaf
    rest = a[leaves * leaf :].T @ b[leaves * leaf :]
    if not leaves:
        return np.asarray(rest)
    blocks = [z[: leaves * leaf].reshape(leaves, leaf, -1) for z in (a, b)]
    products = np.matmul(blocks[0].transpose(0, 2, 1), blocks[1])
    while len(products) > 1:
        half = len(products) // 2
        products[:half] += products[-half:]
        products = products[: len(products) - half]
    return np.asarray(products[0] + rest)


def _stacked(first: tuple[Array, Exponents], second: tuple[Array, Exponents]) -> tuple[Array, Exponents]:
    common = common_exponents(first, second)
    rows = np.vstack([np.ldexp(part, exponents - common) for part, exponents in (first, second)])
    return triangular(rows), common


def triangular(Z: Array) -> Array:
    """R of one Householder QR."""
    return np.asarray(np.linalg.qr(Z, mode="r"))
