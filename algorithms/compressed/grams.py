"""Match radii from the Gram matrices of two sides and their cross product: what a shuffle of the images costs.

A shuffle changes X'Y and, as long as every image comes with all its rows, neither X'X nor Y'Y. So the rank of each side
is decided once, by a pivoted Cholesky factorisation of its Gram matrix; with orthonormal bases Q_x and Q_y of the spans
all that is left is Q_x'Q_y, and the peel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.linalg
from jaxtyping import Bool, Float, Int

from ...theory.matches import Match
from ...theory.residuals import dead_residual
from ...theory.tolerances import GRAM_RANK_TOLERANCE, factor_accuracy, gram_error
from ...theory.validation import Array, DeadNeurons
from ..results import MatchRadii
from .downdating import downdated_radii
from .factor import SAFE, normalised
from .problem import TABLEAU_CONDITION, Compressed
from .projections import Projection
from .tableau import IndependentSide, tableau_radii


@dataclass(frozen=True, eq=False)
class GramSide:
    """A side with its rank decided, in an orthonormal basis Q of its span.

    ``lengths``: of its columns as they came (1 for dead neurons); ``side``: its tableau, if its live neurons are
    clearly independent; ``own``: shape (rank, neurons), Q' times the unit columns (zero for dead
    neurons, dependent ones projected); ``basis``: the neurons kept; ``dual``: shape (rank, rank), Q is their unit
    columns times this.
    """

    live: Bool[np.ndarray, " neurons"]
    lengths: Float[Array, " neurons"]
    side: IndependentSide | None
    own: Float[Array, "rank neurons"]
    basis: Int[np.ndarray, " rank"]
    dual: Float[Array, "rank rank"]

    @classmethod
    def of(cls, gram: Float[Array, "neurons neurons"], tau: float) -> GramSide:
        """From the products of its columns: a unit column within ``tau`` of the span of others depends on them."""
        live = np.diag(gram) > 0
        lengths = np.where(live, np.sqrt(np.diag(gram)), 1.0)
        unit = gram / lengths / lengths[:, None]
        r, order, rank, _ = scipy.linalg.lapack.dpstrf(unit, tol=tau**2)
        own = np.zeros((rank, len(gram)))
        own[:, order - 1] = np.triu(r)[:rank]
        dual = np.linalg.inv(np.triu(r[:rank, :rank]))
        clear = rank == np.count_nonzero(live) and np.linalg.norm(dual) <= TABLEAU_CONDITION
        side = IndependentSide.of(unit) if clear else None
        return cls(live, lengths, side, own, order[:rank] - 1, dual)

    def predicting(self, other: GramSide, cosines: Float[Array, "rank others"]) -> Projection:
        """This side as the predictor of the other; ``cosines``: Q' Q of the other."""
        seen = cosines @ other.own
        squares = np.einsum("ij,ij->j", other.own, other.own) - np.einsum("ij,ij->j", seen, seen)
        return Projection.of(self.own, seen, self.dual, self.basis, np.maximum(squares, 0.0))


def radii_of(
    x: GramSide, y: GramSide, cross: Float[Array, "m n"], tau: float, dead_neurons: DeadNeurons
) -> MatchRadii:
    """The match radii of two sides with the cross product X'Y of their columns as they came.

    Their ``error`` holds for the decided ranks. Cost: the peel (A4).
    """
    unit = cross / x.lengths[:, None] / y.lengths
    tableaux = (x.side.predicting(unit, y.side), y.side.predicting(unit.T, x.side)) if x.side and y.side else None
    if tableaux is None:
        cosines = x.dual.T @ unit[np.ix_(x.basis, y.basis)] @ y.dual
        projections = x.predicting(y, cosines), y.predicting(x, cosines.T)
    of_x, of_y = (one.whole for one in tableaux or projections)
    live = np.concatenate([of_y.squares[x.live], of_x.squares[y.live]])
    column = factor_accuracy("gram", 1).column
    rounding = column * max(of_x.reach, of_y.reach) + gram_error(
        max(of_x.condition, of_y.condition), float(np.sqrt(live.min(initial=1.0)))
    )
    zero, dead = max(tau, rounding), dead_residual(dead_neurons)
    found_x, found_y, reach, snapped = (
        tableau_radii(*tableaux, zero, dead) if tableaux else downdated_radii(*projections, tau, zero, dead)
    )
    error = min(1.0, max(rounding, column * reach) + snapped)
    dead_ones = Match(*(np.flatnonzero(~side.live).tolist() for side in (x, y)))
    return MatchRadii(found_x, found_y, error, dead_ones, dead_neurons)


def gram_tolerance(first: Compressed) -> float | None:
    """At which tolerance Gram matrices decide the ranks of such layers as QR does; None if at none."""
    if first.route == "gram" or first.tau >= GRAM_RANK_TOLERANCE:
        return first.tau
    return GRAM_RANK_TOLERANCE if min(first.x.kept, first.y.kept) > GRAM_RANK_TOLERANCE else None


def shuffled_radii(
    X: npt.NDArray[np.generic],
    shuffled: Iterable[npt.NDArray[np.generic]],
    tau: float,
    dead_neurons: DeadNeurons,
    *,
    same_rows: bool,
) -> Iterator[MatchRadii]:
    """The radii of X against each of many Y.

    ``same_rows``: whether all Y have the same rows, in other orders. Cost: one product X'Y for each, and Y'Y where rows
    differ.
    """
    left = _safe(X)
    x, y = GramSide.of(left.T @ left, tau), None
    for Y in shuffled:
        right = _safe(Y)
        if y is None or not same_rows:
            y = GramSide.of(right.T @ right, tau)
        yield radii_of(x, y, left.T @ right, tau, dead_neurons)


def _safe(rows: npt.NDArray[np.generic]) -> Array:
    """The rows as float64, their columns divided by powers of two unless products of any numbers in them are safe."""
    values = np.asarray(rows, dtype=np.float64)
    sizes = np.abs(values).max(axis=0, initial=0.0)
    safe = (sizes == 0) | ((sizes > 2.0**-SAFE) & (sizes < 2.0**SAFE))
    return values if safe.all() else normalised(values)[0]
