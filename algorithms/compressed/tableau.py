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

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from jaxtyping import Float

from ...theory.tolerances import factorises
from ...theory.validation import Array
from .kernels.products import STRIP, reflect
from .kernels.routines import add_product, dual_basis, solve_lower, square_lower, times_lower
from .kernels.threads import side_by_side
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
        dual = dual_basis(part_of_matrix(gram, live, live))
        if dual is None or not factorises(len(live), float(np.linalg.norm(dual))):
            return None
        return cls(gram, live, dual)

    def again(self, gram: Float[Array, "neurons neurons"]) -> IndependentSide | None:
        """``of`` for the products of some of its neurons, where this one was computed."""
        return type(self).of(gram)

    def predicting(self, cross: Float[Array, "neurons others"], others: IndependentSide) -> Tableau:
        """The tableau for another side, given the products with its unit columns. Cost: O(own^2 (own + others))."""
        squares = np.zeros(cross.shape[1])
        rows, lengths, squares[others.live] = self.rows(part_of_matrix(cross, self.live, others.live))
        # The peel needs no dual basis, and what is as large as half a tableau shall not wait for its end.
        alone = replace(self, dual=np.empty((0, 0)))
        return Tableau(alone, cross, others.live, rows, WholeSide(self.live, lengths, squares))

    def rows(self, cross: Float[Array, "live others"]) -> tuple[Float[Array, "live live_and_others"], Array, Array]:
        """[H | C], the lengths of the dual basis, and the others' r^2, all of them live."""
        own = len(cross)
        rows = np.empty((own, own + cross.shape[1]))
        inverse, part = rows[:, :own], rows[:, own:]
        part[:] = cross
        times_lower(self.dual, part)
        squares = np.maximum(1.0 - np.einsum("ij,ij->j", part, part), 0.0)
        times_lower(self.dual, part, transposed=True)
        inverse[:] = self.dual
        square_lower(inverse)
        reflect(inverse)
        return rows, np.sqrt(np.diag(rows)), squares

    def peel(self, tableau: Tableau, own: Float[Array, " own"], squares: Float[Array, " others"]) -> TableauPeel:
        """What takes neurons out of its tableau."""
        return TableauPeel(tableau, own, squares)


@dataclass(eq=False)
class Tableau:
    """One independent ``side`` as it predicts another: ``rows`` = [H | C] of live neurons, which a peel takes out;
    ``cross``: the products with the other side; ``others``: the live neurons of that."""

    side: IndependentSide
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
        self._side, self._cross = tableau.side, tableau.cross
        self._own_squares, self._squares = own, squares
        self._rows: Array
        self._waiting: Array
        self._own: NeuronIndices
        self._others: NeuronIndices
        self._start(tableau.rows, tableau.whole.basis, tableau.others)
        # What is cut down shall not be kept.
        tableau.rows = np.empty((0, 0))

    def remove(self, gone: NeuronIndices) -> None:
        """Some neurons of this side are gone."""
        if len(gone) >= ANEW * len(self._own) and self._factorised():
            return
        rows = self._eliminated(self._place[gone])
        self._squares[self._others] += self._lost(rows)
        if self._count + len(gone) > TOGETHER:
            self._carry_out(self._with_waiting(rows))
        else:
            self._wait(rows)

    def forget(self, gone: NeuronIndices) -> None:
        """Some neurons of the other side are gone: their columns stay until there is less to copy."""

    def _eliminated(self, places: NeuronIndices) -> Float[Array, "gone own_and_others"]:
        """R of some rows, which are brought up to date first."""
        waiting = self._waiting[: self._count] if self._count else None
        if len(places) == 1:
            # As below, by the fewest calls: most rounds remove one neuron.
            (place,) = places
            row: Array = self._rows[place] - waiting[:, place] @ waiting if waiting is not None else self._rows[place]
            return np.asarray(row / np.sqrt(row[place]))[np.newaxis]
        rows: Array = self._rows[places]
        if waiting is not None:
            rows -= waiting[:, places].T @ waiting
        solve_lower(np.asarray(np.linalg.cholesky(rows[:, places]), dtype=np.float64), rows)
        return rows

    def _lost(self, rows: Float[Array, "gone own_and_others"]) -> Float[Array, " others"]:
        """By how much the others' r^2 grow."""
        others = rows[:, len(self._own) :]
        return np.asarray(np.einsum("ij,ij->j", others, others))

    def _wait(self, rows: Float[Array, "gone own_and_others"]) -> None:
        if not self._count:
            self._waiting = np.empty((TOGETHER, rows.shape[1]))
        self._waiting[self._count : self._count + len(rows)] = rows
        self._count += len(rows)

    def _with_waiting(self, rows: Float[Array, "gone own_and_others"]) -> Float[Array, "count own_and_others"]:
        return np.vstack([self._waiting[: self._count], rows]) if self._count else rows

    def _carry_out(self, waiting: Float[Array, "count own_and_others"]) -> None:
        """[H | C] loses the products that wait, and what is gone if that is much."""
        rows, own, others = self._rows, self._own, self._others
        keep, keep_others = (np.flatnonzero(left > -np.inf) for left in self._left())
        columns = np.concatenate([keep, len(own) + keep_others])
        if len(keep) * len(columns) < SHRINK * len(own) * (len(own) + len(others)):
            rows, waiting = self._chosen(self._chosen(rows, keep, axis=0), columns), self._chosen(waiting, columns)
            own, others = own[keep], others[keep_others]
        self._start(self._less(rows, waiting), own, others)

    def _chosen(self, matrix: Array, some: NeuronIndices, axis: int = 1) -> Array:
        return matrix.take(some, axis=axis)

    def _less(self, rows: Array, waiting: Array) -> Array:
        """Changes ``rows``."""
        own = waiting[:, : len(rows)]
        strips = (slice(start, start + STRIP) for start in range(0, len(rows), STRIP))
        side_by_side(*(partial(add_product, own[:, strip], waiting, rows[strip], -1.0) for strip in strips))
        return rows

    def _factorised(self) -> bool:
        """Whether what is left of both sides could be factorised anew."""
        keep, keep_others = (np.flatnonzero(left > -np.inf) for left in self._left())
        own, others = self._own[keep], self._others[keep_others]
        side = self._side.again(part_of_matrix(self._side.gram, own, own))
        if side is None:
            return False
        self._rows = self._waiting = np.empty((0, 0))
        rows, _, self._squares[others] = side.rows(part_of_matrix(self._cross, own, others))
        self._start(rows, own, others)
        return True

    def _left(self) -> tuple[Array, Array]:
        return self._own_squares[self._own], self._squares[self._others]

    def _start(self, rows: Array, own: NeuronIndices, others: NeuronIndices) -> None:
        """``own``, ``others``: the neurons that the rows and the columns stand for."""
        self._rows, self._own, self._others = rows, own, others
        self._place = np.zeros(len(self._own_squares), dtype=np.int64)
        self._place[own] = np.arange(len(own))
        self._count = 0


def tableau_radii(
    x: Tableau, y: Tableau, zero: float, dead_residual: float
) -> tuple[Float[Array, " m"], Float[Array, " n"], float, float]:
    """As ``downdating.downdated_radii``, for two sides of independent neurons."""
    m = len(x.side.gram)
    squares = np.full(m + len(y.side.gram), -np.inf)
    squares[y.others], squares[m + x.others] = y.whole.squares[y.others], x.whole.squares[x.others]
    of_x, of_y = x.side.peel(x, squares[:m], squares[m:]), y.side.peel(y, squares[m:], squares[:m])
    radii, snapped = peeled_radii(of_x, of_y, m, squares, zero, dead_residual)
    return radii[:m], radii[m:], max(x.whole.reach, y.whole.reach), snapped


def part_of_matrix(matrix: Array, rows: NeuronIndices, columns: NeuronIndices) -> Array:
    """Some rows and columns; no copy where they are all."""
    return matrix if matrix.shape == (len(rows), len(columns)) else np.asarray(matrix[np.ix_(rows, columns)])
