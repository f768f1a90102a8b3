"""Small factors of tall matrices in one pass: a tree of QR factorisations (accurate), or a Gram matrix (fast).

Both hold one factor of (neurons x neurons) numbers or a few, whatever the number of inputs, and merge in any order. The
columns are divided by powers of two, exactly, so that squares of 1e-150 or 1e+150 neither underflow nor overflow.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ...theory.validation import Array, check_finite
from .kernels.products import BLOCK, NARROW, Raw, pieces, products

Exponents = npt.NDArray[np.int64]

SAFE = 100
"""Columns whose largest entry is within 2^-100 .. 2^100 are squared as they are; others are divided first."""

LEAF_ROWS_A_COLUMN = 16
"""A leaf of a Gram product has so many rows for each column: adding its product to another costs 1/16 of a pass,"""

LEAST_LEAF, LEAST_WIDE_LEAF = 64, 2**14
"""and at least so many, more where it is wide: libraries add wide products in pieces of a few hundred rows."""

ROWS_AT_A_TIME = 16
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

    def add(self, x: Raw, y: Raw, first: int = 0) -> None:
        """Take in some rows of both sides, of any real dtype; ``first``: the number of the first one, for messages.

        Raises: ``InvalidActivations`` unless all are finite.
        """
        leaf = max(256, 2 * self.columns)
        for start in range(0, len(x), leaf):
            rows = slice(start, start + leaf)
            block = np.hstack([x[rows], y[rows]], dtype=np.float64)
            with np.errstate(over="ignore", invalid="ignore"):
                suspicious = not np.isfinite(block.sum())
            if suspicious:
                check_finite(block[:, : x.shape[1]], "X", first + start)
                check_finite(block[:, x.shape[1] :], "Y", first + start)
            scaled, exponents = normalised(block)
            # So few rows are a factor as they are.
            self._carry(0, triangular(scaled) if len(scaled) > self.columns else scaled, exponents)

    def merge(self, other: QRFactor) -> None:
        """Take in all rows that ``other`` has taken in."""
        for level, (factor, exponents) in sorted(other._levels.items()):
            self._carry(level, factor, exponents)

    def copy(self) -> QRFactor:
        twin = QRFactor(self.columns)
        twin._levels = dict(self._levels)
        return twin

    def finish(self) -> tuple[Float[Array, "k neurons"], Exponents]:
        """R with R^T R = Z^T Z, column j divided by 2^exponents[j]; k is at most the number of columns."""
        if not self._levels:
            return np.zeros((0, self.columns)), np.zeros(self.columns, dtype=np.int64)
        first, *others = (part for _, part in sorted(self._levels.items()))
        return reduce(_stacked, others, first)

    def _carry(self, level: int, factor: Array, exponents: Exponents) -> None:
        while level in self._levels:
            factor, exponents = _stacked(self._levels.pop(level), (factor, exponents))
            level += 1
        self._levels[level] = factor, exponents


class ProductsThere(Protocol):
    """Z^T Z of some rows on another device."""

    @property
    def place(self) -> Any: ...

    def plus(self, other: Any) -> Any:
        """Over the rows of both."""

    def here(self) -> Array:
        """For NumPy."""


class GramFactor:
    """Z^T Z: several times cheaper than QR, and squares the condition number. Cost: O(neurons^2) an input.

    An entry is off by no more than a few hundred roundings of |z_i| |z_j| whatever the number of inputs: rows are
    multiplied in leaves of a bounded length, the products of a block are added in pairs, and the rounding of adding one
    block to another is kept beside the sum (compensated summation). A plain sum over 10^6 constant inputs is off by
    thousands of roundings, all in one direction.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._sum: tuple[Array, Array | None, Exponents] | None = None
        self._there: ProductsThere | None = None
        self.place: Any = None
        """Where rows were multiplied last, if not here."""

    def add(self, x: Raw, y: Raw, first: int = 0) -> None:
        """Take in some rows of both sides, of any real dtype; ``first``: the number of the first one, for messages.

        Raises: ``InvalidActivations`` unless all are finite.
        """
        leaf = self.leaf
        rows = max(leaf, BLOCK // self.columns // leaf * leaf)
        for start in range(0, len(x), rows):
            self._add(x[start : start + rows], y[start : start + rows], leaf, first + start)

    @property
    def leaf(self) -> int:
        """So many rows are multiplied without adding in pairs."""
        return max(LEAST_LEAF if self.columns <= NARROW else LEAST_WIDE_LEAF, LEAF_ROWS_A_COLUMN * self.columns)

    def add_there(self, products: ProductsThere, squares: Array, sizes: Float[Array, " neurons"]) -> bool:
        """Take in Z^T Z of some rows that were multiplied elsewhere, and stays there until it is asked for.

        Parameters: ``squares``: its diagonal; ``sizes``: the largest absolute value in each column. Returns: False, and
        nothing is taken in, where squares of these columns are not safe or not finite.
        """
        if not (_safe_squares(squares) | (sizes == 0)).all():
            return False
        if self._there is not None and self._there.place != products.place:
            self._bring()
        self._there = products if self._there is None else self._there.plus(products)
        self.place = products.place
        return True

    def _bring(self) -> None:
        if self._there is not None:
            there, self._there = self._there, None
            self._take(there.here(), None, np.zeros(self.columns, dtype=np.int64))

    def _add(self, x: Raw, y: Raw, leaf: int, start: int) -> None:
        gram = products(x, y, leaf, None)
        squares, exponents = np.diag(gram), np.zeros(self.columns, dtype=np.int64)
        safe = _safe_squares(squares)
        if not safe.all():
            # A square is not finite where a number is not.
            check_finite(x, "X", start)
            check_finite(y, "Y", start)
            sizes = np.concatenate([_sizes(x), _sizes(y)])
            if not (safe | (sizes == 0)).all():
                exponents = np.frexp(sizes)[1].astype(np.int64)
                gram = products(x, y, leaf, exponents)
        self._take(gram, None, exponents)

    def merge(self, other: GramFactor) -> None:
        """Take in all rows that ``other`` has taken in."""
        for one in (self, other):
            one._bring()
        if other._sum is not None:
            self._take(*other._sum)
        self.place = self.place or other.place

    def copy(self) -> GramFactor:
        twin = GramFactor(self.columns)
        # Nothing that is held is ever written to.
        twin._sum, twin._there, twin.place = self._sum, self._there, self.place
        return twin

    def __getstate__(self) -> dict[str, Any]:
        self._bring()
        return {**self.__dict__, "place": None}

    def finish(self) -> tuple[Float[Array, "neurons neurons"], Exponents]:
        """Z^T Z, with row and column j divided by 2^exponents[j]; not to be written to."""
        self._bring()
        if self._sum is None:
            return np.zeros((self.columns, self.columns)), np.zeros(self.columns, dtype=np.int64)
        gram, lost, exponents = self._sum
        return gram if lost is None else gram + lost, exponents

    def _take(self, gram: Array, lost: Array | None, exponents: Exponents) -> None:
        """``lost``: what rounding took from the sum so far, if it is one."""
        if self._sum is None:
            self._sum = gram, lost, exponents
            return
        own_gram, own_lost, own_exponents = self._sum
        losses = [np.broadcast_to(0.0, gram.shape) if part is None else part for part in (own_lost, lost)]
        if (exponents != own_exponents).any():
            common = common_exponents((own_gram, own_exponents), (gram, exponents))
            own_gram, losses[0] = (_shifted(part, own_exponents - common) for part in (own_gram, losses[0]))
            gram, losses[1] = (_shifted(part, exponents - common) for part in (gram, losses[1]))
            exponents = common
        total, left = np.empty_like(gram), np.empty_like(gram)
        # A few rows at a time, so that all of it stays in the cache.
        for start in range(0, self.columns, ROWS_AT_A_TIME):
            rows = slice(start, start + ROWS_AT_A_TIME)
            total[rows], rounding = two_sum(own_gram[rows], gram[rows])
            left[rows] = losses[0][rows] + losses[1][rows] + rounding
        self._sum = total, left, exponents


Factor = QRFactor | GramFactor


def normalised(block: Float[Array, "inputs neurons"]) -> tuple[Float[Array, "inputs neurons"], Exponents]:
    """The columns divided by powers of two near their largest entries, and the exponents; zero columns stay."""
    exponents = np.frexp(np.abs(block).max(axis=0))[1].astype(np.int64)
    return np.ldexp(block, -exponents), exponents


def _sizes(rows: Raw) -> Float[Array, " neurons"]:
    """The largest absolute value in each column."""
    largest = np.zeros(rows.shape[1])
    for (piece,) in pieces(rows):
        np.maximum(largest, np.abs(piece).max(axis=0), out=largest)
    return largest


def _safe_squares(squares: Array) -> npt.NDArray[np.bool_]:
    return (squares > 2.0 ** (-2 * SAFE)) & (squares < 2.0 ** (2 * SAFE))


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


def _stacked(first: tuple[Array, Exponents], second: tuple[Array, Exponents]) -> tuple[Array, Exponents]:
    common = common_exponents(first, second)
    rows = np.vstack([np.ldexp(part, exponents - common) for part, exponents in (first, second)])
    return triangular(rows) if len(rows) > rows.shape[1] else rows, common


def triangular(Z: Array) -> Array:
    """R of one Householder QR."""
    return np.asarray(np.linalg.qr(Z, mode="r"))
