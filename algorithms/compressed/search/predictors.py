"""A side of independent neurons as it predicts the other, and what of that is left without some of its neurons.

With D the dual basis of a side A (rows in its span, D_a z_a' = 1 if a = a', else 0), the directions that span(A)
loses with a subset W are those of the rows D_W. So r^2(v | A - W) = r^2(v | A) + the squared length of z_v along
these rows, which needs the small matrices D D^T and D Z alone. Where little stays, a Cholesky factor of what stays is
smaller; it squares the condition, which forbids it near r = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float
from scipy.linalg import lapack

from ....theory.validation import Array
from ...minimal import Mask
from ..spans import outside

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class InnerProducts:
    """Inner products of the vectors of one side: ``own`` with one another, ``other`` with the other side's columns."""

    own: Float[Array, "own own"]
    other: Float[Array, "own other"]

    def of(self, rows: Positions, others: Positions) -> InnerProducts:
        """Those of some of the vectors with some of the columns."""
        vectors = self.own.take(rows, 0), self.other.take(rows, 0)
        return InnerProducts(vectors[0].take(rows, 1), vectors[1].take(others, 1))

    def components(self) -> tuple[Float[Array, "own own"], Float[Array, "own other"]] | None:
        """A Cholesky factor of ``own``, and the columns' components along the orthonormal directions that it stands
        for; None where rounding leaves no factor."""
        if not self.own.size:
            return self.own, self.other
        lower, failed = lapack.dpotrf(self.own, lower=1, clean=1)
        return None if failed else (lower, lapack.dtrtrs(lower, self.other, lower=1)[0])


@dataclass(frozen=True, eq=False)
class Columns:
    """Some of the unit columns of a side and of the other, by where their products stand among ``all``."""

    all: InnerProducts
    own: Positions
    others: Positions

    def of(self, rows: Positions, others: Positions) -> Columns:
        """Some of these."""
        return Columns(self.all, self.own[rows], self.others[others])

    @property
    def products(self) -> InnerProducts:
        return self.all.of(self.own, self.others)


@dataclass(frozen=True, eq=False)
class Predictor:
    """One independent side as it predicts the other.

    ``dual``: D D^T, and the coefficients D Z of the other side's neurons; ``squares``: their r^2; ``condition``: the
    Frobenius norm of D, a bound on 1 / the least singular value of the side; times sqrt(own), one on the sum of any
    unit vector's coefficients. ``columns``: the products of the side's own columns, from which what stays is factorised
    where less stays than goes; None to downdate always.
    """

    dual: InnerProducts
    squares: Float[Array, " other"]
    condition: float
    columns: Columns | None = None

    @classmethod
    def of(cls, own: Float[Array, "k own"], other: Float[Array, "k other"], columns_up_to: float = 0.0) -> Predictor:
        """With ``columns`` up to this condition. Cost: O(k own (own + other)), one QR factorisation."""
        q, r = np.linalg.qr(own)
        dual, singular = lapack.dtrtri(r) if r.size else (r, 0)
        condition = np.inf if singular else max(1.0, float(np.linalg.norm(dual)))
        columns = None
        if condition <= columns_up_to:
            products = InnerProducts(own.T @ own, own.T @ other)
            columns = Columns(products, np.arange(own.shape[1]), np.arange(other.shape[1]))
        squares = _squared_lengths(outside(q, other))
        return cls(InnerProducts(dual @ dual.T, dual @ (q.T @ other)), squares, condition, columns)

    @classmethod
    def factorised(cls, columns: Columns) -> Predictor | None:
        """From the products of unit columns, which squares the condition; None where rounding forbids it."""
        found = columns.products.components()
        if found is None:
            return None
        lower, components = found
        dual = lapack.dtrtri(lower, lower=1)[0].T if lower.size else lower
        condition = max(1.0, float(np.linalg.norm(dual)))
        squares = 1 - _squared_lengths(components)
        return cls(InnerProducts(dual @ dual.T, dual @ components), squares, condition, columns)

    def squares_without(self, gone: Mask, judged: Mask) -> Float[Array, " judged"]:
        """r^2 of the ``judged`` neurons of the other side against this side without those that are ``gone``; NaN
        where rounding leaves no factor to compute it with."""
        lost, others = gone.nonzero()[0], judged.nonzero()[0]
        if not lost.size or not others.size:
            return self.squares[others]
        stays = self.columns.of((~gone).nonzero()[0], others) if self.columns and 2 * len(lost) > len(gone) else None
        # The dual basis turns coefficients into components along the directions lost, those of the rows D_W.
        found = (stays.products if stays else self.dual.of(lost, others)).components()
        if found is None:
            return np.full(len(others), np.nan)
        lengths = _squared_lengths(found[1])
        return 1 - lengths if stays else self.squares[others] + lengths

    def without(self, keep: Mask, others: Mask) -> Predictor | None:
        """What is left for the ``others`` when only ``keep`` of this side stays; None where rounding forbids it.

        Error: that of the factorisation once more, u condition^2 in each entry; the condition does not grow.
        """
        kept, lost, judged = keep.nonzero()[0], (~keep).nonzero()[0], others.nonzero()[0]
        columns = None if self.columns is None else self.columns.of(kept, judged)
        if columns is not None and len(lost) > len(kept):
            return self.factorised(columns)
        dual, squares = self.dual.of(kept, judged), self.squares[judged]
        if lost.size:
            vectors = self.dual.own.take(lost, 0), self.dual.other.take(lost, 0)
            along = np.hstack([vectors[0].take(kept, 1), vectors[1].take(judged, 1)])
            found = InnerProducts(vectors[0].take(lost, 1), along).components()
            if found is None:
                return None
            own, other = np.hsplit(found[1], [len(kept)])
            dual = InnerProducts(dual.own - own.T @ own, dual.other - own.T @ other)
            squares = squares + _squared_lengths(other)
        return Predictor(dual, squares, self.condition, columns)

    @property
    def gram_condition(self) -> float:
        """The condition number of the Gram matrix of this side's unit columns, the inverse of D D^T."""
        values = np.linalg.eigvalsh(self.dual.own) if self.dual.own.size else np.ones(1)
        return float(values[-1] / values[0]) if values[0] > 0 else math.inf

    @property
    def squares_without_each(self) -> Float[Array, "own other"]:
        """r^2 of every neuron of the other side against this side less one neuron."""
        each: Array = self.squares + self.dual.other**2 / np.diag(self.dual.own)[:, None]
        return each


def _squared_lengths(vectors: Float[Array, "k count"]) -> Float[Array, " count"]:
    squares: Array = np.einsum("ij,ij->j", vectors, vectors)
    return squares
