"""Residuals from the compressed factor, with the rank of each side decided once.

Source: docs/theory/numerics.md#rank-decided-once. A rank cut taken anew for every subset is not monotone in the subset
and breaks T1-T6. So each side's rank is decided once, on the whole side; neurons that depend numerically on the kept
basis are replaced by their projections on it, and everything after that is exact linear algebra up to rounding.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from jaxtyping import Float, Int
from scipy.linalg import blas, lapack

from ...theory.covers import Geometry, ThresholdCover
from ...theory.errors import SpanmatchWarning
from ...theory.matches import Side, other_side
from ...theory.residuals import dead_residual
from ...theory.tolerances import NEAR, Accuracy
from ...theory.validation import Array, DeadNeurons
from ..limits import Recent

GRAM_DECIDES = 1e-4
"""A Gram matrix may say that a side spans everything if no pivot is smaller: rounding leaves up to 1e-7 of 0."""


@dataclass(frozen=True, eq=False)
class SideSpan:
    """One side after its rank was decided: coordinates of its neurons, and a basis among them.

    ``coordinates``: shape (k, neurons), unit columns (zero for dead neurons), dependent ones projected.
    ``basis``: the neurons kept, best conditioned first; ``kept`` the smallest pivot kept and ``dropped`` the largest
    one dropped (0 if none).
    """

    coordinates: Float[Array, "k neurons"]
    basis: Int[np.ndarray, " rank"]
    kept: float
    dropped: float

    @property
    def rank(self) -> int:
        return len(self.basis)

    def ill_defined(self, tau: float) -> bool:
        """Whether another tolerance near tau would give another rank, and no gap tells which is right.

        What was dropped near tau is rounding if everything kept is larger by as much as about a clear tolerance: on a
        LayerNorm of float32 0.45 is kept and 2e-7 dropped.
        """
        return self.kept < NEAR * tau or (self.dropped > tau / NEAR and self.kept < NEAR**2 * self.dropped)


def decide_rank(coordinates: Float[Array, "k neurons"], tau: float) -> SideSpan:
    """The side's rank by pivoted QR at ``tau``, and its neurons with the dependent ones projected on the basis."""
    wide = _all_directions(coordinates, tau)
    if wide is not None:
        return SideSpan(coordinates, *wide, 0.0)
    q, order, kept, dropped = independent_part(coordinates, tau)
    rank = q.shape[1]
    if rank < len(order):
        coordinates = coordinates.copy()
        coordinates[:, order[rank:]] = q @ (q.T @ coordinates[:, order[rank:]])
    return SideSpan(coordinates, order[:rank], kept, dropped)


def _all_directions(coordinates: Float[Array, "k neurons"], tau: float) -> tuple[Int[np.ndarray, " k"], float] | None:
    """A basis of a side of more neurons than dimensions that clearly spans all of them, and its smallest pivot.

    By the Gram matrix of the neurons, whose pivots are the squares of those of QR, at a fraction of the cost; None
    where these come near the tolerance or what rounding leaves of 0.
    """
    k, neurons = coordinates.shape
    if not 0 < k < neurons:
        return None
    least = max(NEAR * tau, GRAM_DECIDES)
    gram = blas.dsyrk(1.0, coordinates.T)
    r, order, rank, _ = lapack.dpstrf(gram, tol=least**2, overwrite_a=1)
    return (order[:k] - 1, float(np.diag(r)[:k].min())) if rank == k else None


def independent_part(
    vectors: Float[Array, "k count"], tau: float
) -> tuple[Float[Array, "k rank"], Int[np.ndarray, " count"], float, float]:
    """By pivoted QR: an orthonormal basis of the vectors' span, their order, which begins with independent ones, the
    smallest pivot kept (1 if none) and the largest dropped (0 if none)."""
    q, r, order = scipy.linalg.qr(vectors, mode="economic", pivoting=True)
    pivots = np.abs(np.diag(r))
    rank = int(np.count_nonzero(pivots > tau))
    kept = float(pivots[rank - 1]) if rank else 1.0
    return np.asarray(q[:, :rank]), order, kept, float(max(pivots[rank:], default=0.0))


@dataclass(frozen=True, eq=False)
class Part:
    """The span of some neurons of a side.

    ``basis``: shape (k, rank), orthonormal; ``coefficients``: shape (rank, k), takes a vector to the coefficients, in
    the neurons that were kept, of its projection; ``dual``: the sum of the lengths of its rows; ``settled``: whether
    the rank is clear, that is no pivot lies near the rank tolerance.
    """

    basis: Float[Array, "k rank"]
    coefficients: Float[Array, "rank k"]
    dual: float
    settled: bool

    @property
    def rank(self) -> int:
        return int(self.basis.shape[1])


def part_of(span: SideSpan, members: Sequence[int], tau: float) -> Part:
    """The span of some neurons of a side.

    The side's own basis neurons among them come first and always count; of the others, what sticks out of their span
    by more than tau is added, largest first. This cut is taken anew for every part and is not monotone in it (e1 and
    e1 + t e2 may span a line where e1 + t e2 and e1 - t e2 span a plane), so a cut within ``NEAR`` of tau leaves the
    part unsettled: whatever is decided by it is undecided.
    """
    chosen = set(members)
    kept = [b for b in span.basis.tolist() if b in chosen]
    rest = [i for i in members if i not in set(kept)]
    least, dropped = 1.0, 0.0
    if rest and len(kept) < span.rank:
        remainder = outside(np.linalg.qr(span.coordinates[:, kept])[0], span.coordinates[:, rest])
        added, order, least, dropped = independent_part(remainder, tau)
        kept += [rest[k] for k in order[: added.shape[1]]]
    q, r = np.linalg.qr(span.coordinates[:, kept])
    dual = np.linalg.inv(r)
    lengths = np.linalg.norm(dual, axis=1)
    return Part(q, dual @ q.T, float(lengths.sum()), not near(tau, least, dropped))


def near(tau: float, kept: float, dropped: float) -> bool:
    """Whether the smallest pivot kept or the largest dropped is so near tau that another tolerance would decide
    otherwise."""
    return kept < NEAR * tau or dropped > tau / NEAR


def outside(q: Float[Array, "k rank"], vectors: Float[Array, "k count"]) -> Float[Array, "k count"]:
    """What is left of vectors after projection on the orthogonal complement of the orthonormal columns of q.

    Projected twice: once leaves an error along q of the size of rounding, which matters where little is left.
    """
    remainder = vectors - q @ (q.T @ vectors)
    return remainder - q @ (q.T @ remainder)


class WatchedCover(ThresholdCover[float]):
    """The cover at one level, which notes in ``undecided`` whether a residual came within its error of the level, or
    lay above it and up to ``doubtful``."""

    geometry: Spans
    doubtful: float
    undecided: bool

    def __init__(self, geometry: Spans, level: float, doubtful: float) -> None:
        super().__init__(geometry, level)
        object.__setattr__(self, "doubtful", doubtful)
        object.__setattr__(self, "undecided", False)

    def uncovered(self, side: Side, members: Collection[int], others: frozenset[int]) -> frozenset[int]:
        ordered = sorted(members)
        found, errors = self.geometry.measured(side, ordered, others)
        # What counts as 0 was decided by the rank tolerance, and stays decided at epsilon = 0, if the span is known.
        # Near 0 a Gram matrix has half of the digits only, too few to tell what is within the tolerance.
        open_to_rounding = (found > self.geometry.tau) | (errors >= 1) | (self.geometry.accuracy.product > 0)
        # The residual of a dead neuron is what the policy says, without error.
        close = (np.abs(found - self.level) <= errors) & (errors > 0) & open_to_rounding
        beyond = self.geometry.snapped(found, errors) > self.level
        if (close | (beyond & (found <= self.doubtful))).any():
            object.__setattr__(self, "undecided", True)
        return frozenset(i for i, out in zip(ordered, beyond.tolist(), strict=True) if out)


class Spans(Geometry[float]):
    """Relative residuals of two sides given by their coordinates: r(v | T) as a float, 0 where it may be one.

    ``accuracy``: of the coordinates. Cost: one QR factorisation of the side T, kept for the sets seen last.
    """

    def __init__(self, x: SideSpan, y: SideSpan, tau: float, accuracy: Accuracy, dead_neurons: DeadNeurons) -> None:
        self._sides = {"x": (x, y), "y": (y, x)}
        self.m, self.n = x.coordinates.shape[1], y.coordinates.shape[1]
        self.tau, self.accuracy = tau, accuracy
        self._dead_residual = dead_residual(dead_neurons)
        self._told = False
        self._parts: Recent[tuple[Side, frozenset[int]], Part] = Recent(64)

    def measured(self, side: Side, members: Sequence[int], others: Collection[int]) -> tuple[Array, Array]:
        """The residuals as they were computed, and a bound on the error of each (``tolerances.Accuracy``), which is
        that of this part: one part of a side may be far worse conditioned than another. 1 where the part's own rank is
        open."""
        part = self.part(side, frozenset(others))
        own = self._sides[side][0].coordinates[:, members]
        found = np.minimum(np.linalg.norm(outside(part.basis, own), axis=0), 1.0)
        lengths = np.abs(part.coefficients @ own).sum(axis=0)
        errors = self.accuracy.errors(found, self.accuracy.reach(lengths, part.dual))
        errors = np.minimum(errors, 1.0) if part.settled else np.ones_like(found)
        live = own.any(axis=0)
        return np.where(live, found, self._dead_residual), np.where(live, errors, 0.0)

    def snapped(self, residuals: Array, errors: Array) -> Array:
        """Residuals that are as good as 0 count as 0: up to the rank tolerance, or to what rounding makes of a 0 as
        long as half of the digits are left."""
        return np.where(residuals <= np.maximum(self.tau, np.minimum(errors, math.sqrt(self.tau))), 0.0, residuals)

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        return [float(r) for r in self.snapped(*self.measured(side, members, others))]

    def level(self, epsilon: float) -> float:
        return epsilon

    def at(self, epsilon: float, doubtful: float = 0.0) -> WatchedCover:
        return WatchedCover(self, self.level(epsilon), doubtful)

    def part(self, side: Side, others: frozenset[int]) -> Part:
        predictors = self._sides[side][1]
        part = self._parts.get((side, others), lambda: part_of(predictors, sorted(others), self.tau))
        if not part.settled and not self._told:
            self._told = True
            warn_open_rank(other_side(side), sorted(others), self.tau)
        return part


def warn_open_rank(side: Side, members: Sequence[int] | None, tau: float) -> None:
    """Say that T1 and T2 may fail: a cut within ``NEAR`` of the tolerance is not monotone in the part."""
    which = "some of its neurons" if members is None else f"neurons {list(members)}"
    warnings.warn(
        f"{side.upper()}: the rank of {which} is ill-defined at rank_tol {tau:.1e}: they nearly depend on one another; "
        f"residuals against them are undecided. Use another rank_tol, or spanmatch.exact",
        SpanmatchWarning,
        stacklevel=2,
    )
