"""One side as the predictor of the other: all that the peel of A4 starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from ...theory.validation import Array
from .spans import SideSpan, outside


@dataclass(frozen=True, eq=False)
class WholeSide:
    """What is known of a whole side as it predicts the other.

    ``basis``: the neurons kept as a basis; ``lengths``: those of the vectors of its dual basis; ``squares``: r^2 of the
    other side's neurons.
    """

    basis: Int[np.ndarray, " rank"]
    lengths: Float[Array, " rank"]
    squares: Float[Array, " others"]

    @property
    def rank(self) -> int:
        return len(self.basis)

    @property
    def condition(self) -> float:
        """Frobenius norm of the dual basis: at least 1 / the least singular value of the basis."""
        return max(1.0, float(np.linalg.norm(self.lengths)))

    @property
    def reach(self) -> float:
        """1 + the sum of the lengths of the dual vectors: no coefficients of a unit vector sum to more."""
        return 1 + float(self.lengths.sum())


@dataclass(frozen=True, eq=False)
class Projection:
    """A side's neurons, and the other side's projected on their span, in an orthonormal basis of that span.

    ``own``: shape (rank, neurons), unit columns (zero for dead neurons); ``other``: shape (rank, other neurons);
    ``dual``: shape (rank, rank), the dual basis D of the basis: D own[:, basis] = 1.
    """

    own: Float[Array, "rank neurons"]
    other: Float[Array, "rank others"]
    dual: Float[Array, "rank rank"]
    whole: WholeSide

    @classmethod
    def of(cls, own: Array, other: Array, dual: Array, basis: np.ndarray, squares: Array) -> Projection:
        return cls(own, other, dual, WholeSide(basis, np.linalg.norm(dual, axis=1), squares))


def from_spans(own: SideSpan, other: SideSpan) -> Projection:
    """From the coordinates of both sides, by orthogonal factorisation."""
    basis = own.coordinates[:, own.basis]
    if own.rank == len(basis):
        # It spans all there is, so that their coordinates will do, and nothing is left of the other side.
        squares = np.zeros(other.coordinates.shape[1])
        return Projection.of(own.coordinates, other.coordinates, np.asarray(np.linalg.inv(basis)), own.basis, squares)
    q, r = np.linalg.qr(basis)
    left = outside(q, other.coordinates)
    squares = np.einsum("ij,ij->j", left, left)
    return Projection.of(q.T @ own.coordinates, q.T @ other.coordinates, np.linalg.inv(r), own.basis, squares)


def from_gram(
    own: Float[Array, "neurons neurons"], cross: Float[Array, "neurons others"], norms: Float[Array, " others"]
) -> Projection:
    """From Gram matrices of unit columns, by a Cholesky factorisation.

    ``own``: of the side itself; ``cross``: with the other side; ``norms``: squared lengths of the other side's (1, or
    0 for dead neurons). No rank is decided: every live neuron is in the basis.
    """
    live = np.flatnonzero(np.diag(own))
    r = np.linalg.cholesky(own[np.ix_(live, live)]).T
    coordinates = np.zeros((len(live), len(own)))
    coordinates[:, live] = r
    dual = np.linalg.inv(r)
    other = dual.T @ cross[live]
    squares = np.maximum(norms - np.einsum("ij,ij->j", other, other), 0.0)
    return Projection.of(coordinates, other, dual, live, squares)
