"""A side of independent neurons as it predicts the other while neurons of both go: the tableau form of A4.

With H the inverse of the side's Gram matrix and C = H Z_A' Z_B, the rows [H | C] are kept. To remove the neurons W,
take their rows, factorise the square part as L L', and let R = L^-1 (the rows). Then r^2(v) grows by the squared length
of v's column of R, and [H | C] loses (the columns of A in R)' R. As in a pivoted Cholesky factorisation these products
wait until there are ``TOGETHER`` rows of R, and only the rows that are asked for are brought up to date. When much goes
at once, what stays is factorised anew, which is cheaper and as exact as the beginning.

Rounding: r^2 is off by a multiple of u K^2, K the Frobenius norm of the dual basis. So it is by the Gram matrix that
all of this starts from, and ``theory.tolerances.gram_error`` covers both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.linalg import blas, lapack

from ...theory.tolerances import factorises
from ...theory.validation import Array
from .factor import reflect
from .projections import WholeSide
from .rounds import ANEW, TOGETHER, NeuronIndices, peeled_radii

SHRINK = 0.7
"""The tableau is cut down to what is left once that is less than this share of it."""


@dataclass(frozen=True, eq=False)
class IndependentSide:
    """A side whose live neurons are independent, whatever it is to predict; worth keeping for several other sides.

    ``gram``: of its unit columns, 0 for dead neurons; ``live``: the others; ``dual``: the inverse of the Cholesky
    factor of theirs, that is their dual basis.
    """

    gram: Float[Array, "neurons neurons"]
    live: NeuronIndices
    dual: Float[Array, "live live"]

    @classmethod
    def of(cls, gram: Float[Array, "neurons neurons"]) -> IndependentSide | None:
        """None where rounding could make a Cholesky factorisation impossible. Cost: O(neurons^3)."""
        live = np.flatnonzero(np.diag(gram))
        if not live.size:
            return cls(gram, live, np.zeros((0, 0)))
        lower, failed = lapack.dpotrf(_part(gram, live, live).T, lower=1, clean=1)
        if failed:
            return None
        dual = lapack.dtrtri(lower, lower=1, overwrite_c=1)[0]
        return cls(gram, live, dual) if factorises(len(live), float(np.linalg.norm(dual))) else None

    def predicting(self, cross: Float[Array, "neurons others"], others: IndependentSide) -> Tableau:
        """The tableau for another side, given the products with its unit columns. Cost: O(own^2 (own + others))."""
        squares = np.zeros(cross.shape[1])
        rows, squares[others.live] = self.rows(_part(cross, self.live, others.live))
        whole = WholeSide(self.live, np.sqrt(np.diag(rows)), squares)
        return Tableau(self.gram, cross, others.live, rows, whole)

    def rows(self, cross: Float[Array, "live others"]) -> tuple[Float[Array, "live live_and_others"], Array]:
        """[H | C] and the others' r^2, all of them live."""
        own = len(cross)
        rows = np.empty((own, own + cross.shape[1]))
        # Transposed it is in Fortran's order, so this happens in place: D times it first, then D' times that.
        part = np.array(cross, order="C")
        blas.dtrmm(1.0, self.dual, part.T, side=1, lower=1, trans_a=1, overwrite_b=1)
        squares = np.maximum(1.0 - np.einsum("ij,ij->j", part, part), 0.0)
        blas.dtrmm(1.0, self.dual, part.T, side=1, lower=1, overwrite_b=1)
        rows[:, own:] = part
        del part
        # D'D, of which the lower triangle is computed.
        inverse = rows[:, :own].T
        inverse[:] = lapack.dlauum(self.dual, lower=1)[0]
        reflect(inverse)
        return rows, squares


@dataclass(eq=False)
class Tableau:
    """One independent side as it predicts another: ``rows`` = [H | C] of live neurons, which a peel takes out; ``gram``
    and ``cross``: the products that they come from; ``others``: the live neurons of the other side."""

    gram: Float[Array, "neurons neurons"]
    cross: Float[Array, "neurons others"]
    others: NeuronIndices
    rows: Float[Array, "live live_and_others"]
    whole: WholeSide


class TableauPeel:
    """The tableau while neurons of both sides are removed.

    ``own``, ``squares``: r^2 of this side's neurons, and of the other side's, which are kept up to date; -inf is
    written there for the neurons that are gone.
    """

    def __init__(self, tableau: Tableau, own: Float[Array, " own"], squares: Float[Array, " others"]) -> None:
        self._gram, self._cross = tableau.gram, tableau.cross
        self._own_squares, self._squares = own, squares
        self._rows: Array
        self._own: NeuronIndices
        self._others: NeuronIndices
        self._start(tableau.rows, tableau.whole.basis, tableau.others)
        # What is cut down shall not be kept.
        tableau.rows = np.empty((0, 0))

    def remove(self, gone: NeuronIndices) -> None:
        """Some neurons of this side are gone."""
        if len(gone) >= ANEW * len(self._own) and self._factorised():
            return
        own, places, waiting = len(self._own), self._place[gone], self._waiting[: self._count]
        rows = self._rows[places]
        if self._count:
            rows -= waiting[:, places].T @ waiting
        if len(gone) == 1:
            rows /= np.sqrt(rows[0, places[0]])
        else:
            rows = lapack.dtrtrs(np.linalg.cholesky(rows[:, places]), rows, lower=1)[0]
        self._squares[self._others] += np.einsum("ij,ij->j", rows[:, own:], rows[:, own:])
        if self._count + len(rows) > TOGETHER:
            self._carry_out(np.vstack([waiting, rows]))
        else:
            self._waiting[self._count : self._count + len(rows)] = rows
            self._count += len(rows)

    def forget(self, gone: NeuronIndices) -> None:
        """Some neurons of the other side are gone: their columns stay until there is less to copy."""

    def _carry_out(self, waiting: Float[Array, "count own_and_others"]) -> None:
        """[H | C] loses the products that wait, and what is gone if that is much."""
        rows, own, others = self._rows, self._own, self._others
        keep, keep_others = (np.flatnonzero(left > -np.inf) for left in self._left())
        columns = np.concatenate([keep, len(own) + keep_others])
        if len(keep) * len(columns) < SHRINK * rows.size:
            rows, waiting = rows[keep].take(columns, axis=1), waiting.take(columns, axis=1)
            own, others = own[keep], others[keep_others]
        blas.dgemm(-1.0, waiting.T, waiting[:, : len(own)], 1.0, rows.T, overwrite_c=1)
        self._start(rows, own, others)

    def _factorised(self) -> bool:
        """Whether what is left of both sides could be factorised anew."""
        keep, keep_others = (np.flatnonzero(left > -np.inf) for left in self._left())
        own, others = self._own[keep], self._others[keep_others]
        side = IndependentSide.of(_part(self._gram, own, own))
        if side is None:
            return False
        self._rows = self._waiting = np.empty((0, 0))
        rows, self._squares[others] = side.rows(_part(self._cross, own, others))
        self._start(rows, own, others)
        return True

    def _left(self) -> tuple[Array, Array]:
        return self._own_squares[self._own], self._squares[self._others]

    def _start(self, rows: Array, own: NeuronIndices, others: NeuronIndices) -> None:
        """``own``, ``others``: the neurons that the rows and the columns stand for."""
        self._rows, self._own, self._others = rows, own, others
        self._place = np.zeros(len(self._own_squares), dtype=np.int64)
        self._place[own] = np.arange(len(own))
        self._waiting, self._count = np.empty((TOGETHER, rows.shape[1])), 0


def tableau_radii(
    x: Tableau, y: Tableau, zero: float, dead_residual: float
) -> tuple[Float[Array, " m"], Float[Array, " n"], float, float]:
    """As ``downdating.downdated_radii``, for two sides of independent neurons."""
    m = len(x.gram)
    squares = np.full(m + len(y.gram), -np.inf)
    squares[y.others], squares[m + x.others] = y.whole.squares[y.others], x.whole.squares[x.others]
    of_x, of_y = TableauPeel(x, squares[:m], squares[m:]), TableauPeel(y, squares[m:], squares[:m])
    radii, snapped = peeled_radii(of_x, of_y, m, squares, zero, dead_residual)
    return radii[:m], radii[m:], max(x.whole.reach, y.whole.reach), snapped


def _part(matrix: Array, rows: NeuronIndices, columns: NeuronIndices) -> Array:
    """Some rows and columns; no copy where they are all."""
    return matrix if matrix.shape == (len(rows), len(columns)) else np.asarray(matrix[np.ix_(rows, columns)])
