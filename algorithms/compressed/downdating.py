"""Match radii in O((m+n)^3): the peel of T6 with a rank-one update for each removed neuron (A4).

For each side we keep the dual basis of its current basis neurons: rows D_b in their span with D_b z_b' = 1 if b = b',
else 0. When a basis neuron b goes, q = D_b / |D_b| is the direction that is lost unless one of the side's dependent
neurons still has a component on it. Then that neuron takes b's place (a pivot: the span, and so every residual, stays);
otherwise the span shrinks by q, and r^2(v) grows by (q z_v)^2 for every v of the other side. Either way the other dual
vectors take one rank-one update. A dependent neuron is removed at no cost.

Updates of the dual basis are collected, and carried out ``TOGETHER`` at a time as one product of matrices: a rank-one
update by itself reads and writes the whole matrix for two operations a number.

Rounding: an update leaves an error of u |D_b| in D_b, which matters once |D_b| has become much smaller than it was.
That ratio is watched, and the side is factorised anew when it falls below ``SHRUNK``.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ...theory.tolerances import NEAR
from ...theory.validation import Array
from .projections import Projection
from .spans import warn_open_rank

SHRUNK = 0.1
"""A dual vector that has shrunk by this factor since its side was factorised is no longer trusted."""

TOGETHER = 32
"""So many rank-one updates are carried out as one product."""

REMOVED = -1.0
"""Stands in place of the squared residual of a neuron that is no longer there."""


class Predictors:
    """One side as it predicts the other while neurons of both are removed.

    ``squares``: r^2 of the other side's neurons against what is left of this side, kept up to date in place until
    ``forget``. ``reach``: the largest that the basis had so far (``theory.tolerances``), infinite once a rank was cut
    near the tolerance; what is left of a dependent side may be worse conditioned than the whole.
    """

    # NumPy alone: it and SciPy have a pool of BLAS threads each, which wait for one another where calls alternate.

    def __init__(self, projection: Projection, tau: float, squares: Float[Array, " others"]) -> None:
        self._tau = tau
        self.squares = squares
        self.reach = 1.0
        self._own = projection.own
        live = np.flatnonzero(projection.own.any(axis=0))
        self._dependent = np.setdiff1d(live, projection.basis)
        self._basis = projection.basis.copy()
        self._others = np.arange(projection.other.shape[1])
        self._other = np.array(projection.other.T, order="C")
        # D is _dual less _factors _directions: the updates that wait.
        self._dual: Array
        self._factors: Array
        self._directions: Array
        self._waiting: int
        self._norms: Array
        self._largest: Array
        self._set_dual(projection.dual)

    def forget(self, neuron: int) -> None:
        """The other side has lost this neuron: its residual is no longer kept up to date."""
        row = int(np.flatnonzero(self._others == neuron)[0])
        self._others[row], self._other[row] = self._others[-1], self._other[-1]
        self._others, self._other = self._others[:-1], self._other[:-1]

    def remove(self, neuron: int) -> None:
        """Take one neuron of this side away, and update ``squares``."""
        found = np.flatnonzero(self._basis == neuron)
        if not found.size:
            self._dependent = self._dependent[self._dependent != neuron]
            return
        b = int(found[0])
        row = self._dual[b] - self._factors[b, : self._waiting] @ self._directions[: self._waiting]
        lost = row / np.sqrt(row @ row)
        overlaps = self._dual_times(lost)
        replacement = self._replacement(lost)
        if replacement is None:
            self.squares[self._others] += (self._other @ lost) ** 2
            self._update(overlaps, lost, overlaps)
            self._drop(b)
        else:
            component = float(lost @ self._own[:, replacement])
            self._update(self._dual_times(self._own[:, replacement]) / component, lost, overlaps)
            self._replace(b, replacement, lost / component)
        self._note_reach()
        if 2 * len(self._basis) < self._dual.shape[1] or (self._norms < SHRUNK**2 * self._largest).any():
            self._factorise()

    def _replacement(self, lost: Float[Array, " rank"]) -> int | None:
        """The dependent neuron with the largest component on the lost direction, if it is more than rounding."""
        if not self._dependent.size:
            return None
        components = np.abs(lost @ self._own[:, self._dependent])
        largest = int(components.argmax())
        if self._tau / NEAR < components[largest] < self._tau * NEAR:
            self.reach = np.inf
        return int(self._dependent[largest]) if components[largest] > self._tau else None

    def _dual_times(self, vector: Float[Array, " rank"]) -> Float[Array, " rank"]:
        """D vector, with the updates that still wait."""
        waiting = self._factors[:, : self._waiting] @ (self._directions[: self._waiting] @ vector)
        return np.asarray(self._dual @ vector - waiting)

    def _update(self, factors: Array, direction: Array, overlaps: Array) -> None:
        """D_i := D_i - factors_i direction, for all i; ``overlaps`` are the D_i direction."""
        if self._waiting == TOGETHER:
            self._dual -= self._factors @ self._directions
            self._waiting = 0
        self._factors[:, self._waiting], self._directions[self._waiting] = factors, direction
        self._waiting += 1
        self._norms += factors * (factors - 2 * overlaps)
        np.maximum(self._norms, 0.0, out=self._norms)
        np.maximum(self._largest, self._norms, out=self._largest)

    def _drop(self, b: int) -> None:
        """The last basis neuron moves into row b, so that nothing else has to."""
        for rows in (self._basis, self._dual, self._factors, self._norms, self._largest):
            rows[b] = rows[-1]
        self._basis, self._dual, self._factors = self._basis[:-1], self._dual[:-1], self._factors[:-1]
        self._norms, self._largest = self._norms[:-1], self._largest[:-1]

    def _replace(self, b: int, neuron: int, dual: Float[Array, " rank"]) -> None:
        """A dependent neuron takes row b, with this dual vector."""
        self._dependent = self._dependent[self._dependent != neuron]
        self._basis[b], self._dual[b], self._factors[b] = neuron, dual, 0.0
        self._norms[b] = self._largest[b] = dual @ dual

    def _factorise(self) -> None:
        """Coordinates in an orthonormal basis of the current span, and the dual basis in them, from scratch."""
        q, r = np.linalg.qr(self._own[:, self._basis])
        self._own, self._other = q.T @ self._own, self._other @ q
        self._set_dual(np.linalg.inv(r))

    def _set_dual(self, dual: Float[Array, "rank rank"]) -> None:
        self._dual = np.array(dual, order="C")
        self._waiting = 0
        self._factors = np.empty((len(dual), TOGETHER))
        self._directions = np.empty((TOGETHER, len(dual)))
        self._norms = np.einsum("ij,ij->i", self._dual, self._dual)
        self._largest = self._norms.copy()
        self._note_reach()

    def _note_reach(self) -> None:
        self.reach = max(self.reach, 1 + float(np.sqrt(self._norms).sum()))


def downdated_radii(
    x: Projection, y: Projection, tau: float, zero: float, dead_residual: float
) -> tuple[Float[Array, " m"], Float[Array, " n"], float, float]:
    """The match radii of both sides (D7 by T6 and A4), and what the error of the residuals that they come from (T18)
    hangs on: the largest reach of a part that was met, and the largest residual that was counted as 0.

    ``x``, ``y``: each side as it predicts the other; ``tau``: rank tolerance; ``zero``: residuals up to this count as
    0; ``dead_residual``: that of a dead neuron. Cost: O((m+n)^3), one rank-one update per removed neuron.
    """
    m, n = x.own.shape[1], y.own.shape[1]
    squares = np.concatenate([y.squares, x.squares])
    squares[~np.concatenate([x.own.any(axis=0), y.own.any(axis=0)])] = dead_residual**2
    # A dead neuron has no component on anything, and stays as it is.
    of_x, of_y = Predictors(x, tau, squares[m:]), Predictors(y, tau, squares[:m])
    radii = np.empty(m + n)
    radius, snapped = 1.0, 0.0
    for _ in range(m + n):
        v = int(squares.argmax())
        residual = float(np.sqrt(squares[v]))
        if residual <= zero:
            snapped = max(snapped, residual)
            residual = 0.0
        radius = min(radius, residual)
        radii[v] = radius
        own, other, index = (of_x, of_y, v) if v < m else (of_y, of_x, v - m)
        own.remove(index)
        other.forget(index)
        squares[v] = REMOVED
    if np.isinf(of_x.reach):
        warn_open_rank("x", None, tau)
    if np.isinf(of_y.reach):
        warn_open_rank("y", None, tau)
    return radii[:m], radii[m:], max(of_x.reach, of_y.reach), snapped
