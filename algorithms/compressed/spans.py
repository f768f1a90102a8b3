"""Residuals from the compressed factor, with the rank of each side decided once.

Source: docs/theory/numerics.md#rank-decided-once. A rank cut taken anew for every subset is not monotone in the subset
and breaks T1-T6. So each side's rank is decided once, on the whole side; neurons that depend numerically on the kept
basis are replaced by their projections on it, and everything after that is exact linear algebra up to rounding.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from jaxtyping import Float, Int

from ...theory.covers import Geometry, ThresholdCover
from ...theory.matches import Side
from ...theory.residuals import dead_residual
from ...theory.validation import Array, DeadNeurons
from ..limits import Recent


@dataclass(frozen=True, eq=False)
class SideSpan:
    """One side after its rank was decided: coordinates of its neurons, and a basis among them.

    ``coordinates``: shape (k, neurons), unit columns (zero for dead neurons), dependent ones projected.
    ``basis``: the neurons kept, best conditioned first; ``kept`` the smallest pivot kept and ``dropped`` the largest
    one dropped (0 if none); ``condition`` = 1 / the least singular value of the basis (1 for an empty one).
    """

    coordinates: Float[Array, "k neurons"]
    basis: Int[np.ndarray, " rank"]
    kept: float
    dropped: float
    condition: float

    @property
    def rank(self) -> int:
        return len(self.basis)

    def ill_defined(self, tau: float) -> bool:
        """Whether a pivot lies within a factor 10 of tau, so that another tolerance would give another rank."""
        return self.kept < 10 * tau or self.dropped > tau / 10


def decide_rank(coordinates: Float[Array, "k neurons"], tau: float) -> SideSpan:
    """The side's rank by pivoted QR at ``tau``, and its neurons with the dependent ones projected on the basis."""
    q, r, order = scipy.linalg.qr(coordinates, mode="economic", pivoting=True)
    pivots = np.abs(np.diag(r))
    rank = int(np.count_nonzero(pivots > tau))
    q, basis, dependent = q[:, :rank], order[:rank], order[rank:]
    projected = coordinates.copy()
    projected[:, dependent] = q @ (q.T @ coordinates[:, dependent])
    least = np.linalg.svd(r[:rank, :rank], compute_uv=False)[-1] if rank else 1.0
    return SideSpan(
        projected,
        basis,
        kept=float(pivots[rank - 1]) if rank else 1.0,
        dropped=float(pivots[rank]) if rank < len(pivots) else 0.0,
        condition=float(1 / least),
    )


def orthonormal_basis(span: SideSpan, members: Sequence[int], tau: float) -> Float[Array, "k rank"]:
    """An orthonormal basis of the span of some neurons of a side.

    The side's own basis neurons among them come first and always count; of the others, what sticks out of their span
    by more than tau is added, largest first.
    """
    chosen = set(members)
    first = [b for b in span.basis.tolist() if b in chosen]
    q = np.linalg.qr(span.coordinates[:, first])[0]
    rest = [i for i in members if i not in set(first)]
    if not rest or len(first) == span.rank:
        return q
    remainder = outside(q, span.coordinates[:, rest])
    added, r, _ = scipy.linalg.qr(remainder, mode="economic", pivoting=True)
    return np.hstack([q, added[:, np.abs(np.diag(r)) > tau]])


def outside(q: Float[Array, "k rank"], vectors: Float[Array, "k count"]) -> Float[Array, "k count"]:
    """What is left of vectors after projection on the orthogonal complement of the orthonormal columns of q.

    Projected twice: once leaves an error along q of the size of rounding, which matters where little is left.
    """
    remainder = vectors - q @ (q.T @ vectors)
    return remainder - q @ (q.T @ remainder)


class WatchedCover(ThresholdCover[float]):
    """The cover at one level, which notes in ``undecided`` whether a residual came within its error of the level."""

    undecided: bool
    _error: float

    def __init__(self, geometry: Geometry[float], level: float, error: float) -> None:
        super().__init__(geometry, level)
        object.__setattr__(self, "_error", error)
        object.__setattr__(self, "undecided", False)

    def uncovered(self, side: Side, members: Collection[int], others: frozenset[int]) -> frozenset[int]:
        ordered = sorted(members)
        found = np.array(self.geometry.residuals(side, ordered, others))
        # What counts as 0 was decided by the rank tolerance, and stays decided at epsilon = 0.
        if ((np.abs(found - self.level) <= self._error) & (found > 0)).any():
            object.__setattr__(self, "undecided", True)
        return frozenset(i for i, beyond in zip(ordered, (found > self.level).tolist(), strict=True) if beyond)


class Spans(Geometry[float]):
    """Relative residuals of two sides given by their coordinates: r(v | T) as a float, at most ``zero`` counted as 0.

    Cost: one QR factorisation of the side T, kept for the sets seen last.
    """

    def __init__(
        self, x: SideSpan, y: SideSpan, tau: float, zero: float, error: float, dead_neurons: DeadNeurons
    ) -> None:
        self._sides = {"x": (x, y), "y": (y, x)}
        self.m, self.n = x.coordinates.shape[1], y.coordinates.shape[1]
        self._tau, self._zero, self._error = tau, zero, error
        self._dead_residual = dead_residual(dead_neurons)
        self._bases: Recent[tuple[Side, frozenset[int]], Array] = Recent(64)

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        own = self._sides[side][0].coordinates[:, members]
        r = np.linalg.norm(outside(self._basis(side, frozenset(others)), own), axis=0)
        r = np.where(r <= self._zero, 0.0, np.minimum(r, 1.0))
        return [float(value) for value in np.where(own.any(axis=0), r, self._dead_residual)]

    def level(self, epsilon: float) -> float:
        return epsilon

    def at(self, epsilon: float) -> WatchedCover:
        return WatchedCover(self, self.level(epsilon), self._error)

    def _basis(self, side: Side, others: frozenset[int]) -> Float[Array, "k rank"]:
        predictors = self._sides[side][1]
        return self._bases.get((side, others), lambda: orthonormal_basis(predictors, sorted(others), self._tau))
