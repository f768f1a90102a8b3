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


class QRFactor:
    """R of Z = QR, for rows that come in blocks: factors are merged in pairs, like carries of a binary counter.

    The tree is not for speed: in one Householder sweep over many inputs the rounding of exactly dependent columns
    grows with the inputs, to several 1e-15 at 2 000, beyond any rank tolerance that does not know the number of inputs;
    in a tree it stays at a few roundings. Cost: O(neurons^2) an input. Source: theory.md section 5 (TSQR).
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
    """Z^T Z: several times cheaper than QR, and squares the condition number. Cost: O(neurons^2) an input."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._gram: Array = np.zeros((columns, columns))
        self._exponents: Exponents = np.zeros(columns, dtype=np.int64)

    def add(self, x: Float[Array, "inputs m"], y: Float[Array, "inputs n"]) -> None:
        """Take in some rows of both sides."""
        products = _products(x, y)
        squares = np.diag(products)
        if ((squares > 2.0 ** (-2 * SAFE)) & (squares < 2.0 ** (2 * SAFE))).all():
            self._take(products, np.zeros(self.columns, dtype=np.int64))
        else:
            (scaled_x, x_exponents), (scaled_y, y_exponents) = normalised(x), normalised(y)
            self._take(_products(scaled_x, scaled_y), np.concatenate([x_exponents, y_exponents]))

    def merge(self, other: GramFactor) -> None:
        """Take in all rows that ``other`` has taken in."""
        self._take(other._gram, other._exponents)

    def copy(self) -> GramFactor:
        twin = GramFactor(self.columns)
        twin._gram, twin._exponents = self._gram.copy(), self._exponents.copy()
        return twin

    def finish(self) -> tuple[Float[Array, "neurons neurons"], Exponents]:
        """Z^T Z, with row and column j divided by 2^exponents[j]."""
        return self._gram, self._exponents

    def _take(self, gram: Array, exponents: Exponents) -> None:
        if (exponents == self._exponents).all():
            self._gram += gram
            return
        common = common_exponents((self._gram, self._exponents), (gram, exponents))
        own, added = (
            np.ldexp(np.ldexp(part, shift), shift[:, None])
            for part, shift in ((self._gram, self._exponents - common), (gram, exponents - common))
        )
        self._gram, self._exponents = own + added, common


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


def _products(x: Array, y: Array) -> Array:
    """Z^T Z for Z = [x y], without forming Z: a product of a matrix with itself costs half."""
    m, n = x.shape[1], y.shape[1]
    gram = np.empty((m + n, m + n))
    with np.errstate(over="ignore", invalid="ignore"):
        gram[:m, :m] = x.T @ x
        gram[m:, m:] = y.T @ y
        gram[:m, m:] = x.T @ y
    gram[m:, :m] = gram[:m, m:].T
    return gram


def _stacked(first: tuple[Array, Exponents], second: tuple[Array, Exponents]) -> tuple[Array, Exponents]:
    common = common_exponents(first, second)
    rows = np.vstack([np.ldexp(part, exponents - common) for part, exponents in (first, second)])
    return triangular(rows), common


def triangular(Z: Array) -> Array:
    """R of one Householder QR."""
    return np.asarray(np.linalg.qr(Z, mode="r"))
