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
from .rounds import ANEW, TOGETHER, NeuronIndices, peeled_radii
from .spans import outside, warn_open_rank

SHRUNK = 0.1
"""A dual vector that has shrunk by this factor since its side was factorised is no longer trusted."""


class OrthogonalPeel:
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
        self._dependent = np.setdiff1d(live, projection.whole.basis)
        self._basis = projection.whole.basis.copy()
        self._others = np.arange(projection.other.shape[1])
        # Neurons in rows, so that those that go can be left out by moving one row.
        self._loose = np.array(projection.own[:, self._dependent].T, order="C")
        self._other = np.array(projection.other.T, order="C")
        # D is _dual less _factors _directions: the updates that wait.
        self._dual: Array
        self._before: Array
        self._factors: Array
        self._directions: Array
        self._waiting: int
        self._norms: Array
        self._largest: Array
        self._set_dual(projection.dual)

    def forget(self, gone: NeuronIndices) -> None:
        """The other side has lost these neurons: their residuals are no longer kept up to date."""
        self._others, self._other = _without(gone, self._others, self._other)

    def remove(self, gone: NeuronIndices) -> None:
        """Take neurons of this side away, and update ``squares``."""
        # Those that depend on others cost nothing; they go first, so that they take no other's place.
        self._dependent, self._loose = _without(gone, self._dependent, self._loose)
        places = np.flatnonzero(np.isin(self._basis, gone))
        if not self._dependent.size and len(places) >= ANEW * len(self._basis):
            self._basis = np.delete(self._basis, places)
            self._factorise()
            return
        for neuron in self._basis[places]:
            self._remove(int(np.flatnonzero(self._basis == neuron)[0]))

    def _remove(self, b: int) -> None:
        row = self._dual[b] - self._factors[b, : self._waiting] @ self._directions[: self._waiting]
        lost = row / np.sqrt(row @ row)
        overlaps = self._dual_times(lost)
        replacement = self._replacement(lost)
        if replacement is None:
            self.squares[self._others] += (self._other @ lost) ** 2
            self._update(overlaps, lost, overlaps)
            self._drop(b)
        else:
            neuron, vector = self._dependent[replacement], self._loose[replacement]
            component = float(lost @ vector)
            self._update(self._dual_times(vector) / component, lost, overlaps)
            self._replace(b, neuron, lost / component)
        self._note_reach()
        if 2 * len(self._basis) < self._dual.shape[1] or (self._norms < SHRUNK**2 * self._largest).any():
            self._factorise()

    def _replacement(self, lost: Float[Array, " rank"]) -> int | None:
        """The place of the dependent neuron with the largest component on the lost direction, if it is more than
        rounding."""
        if not self._dependent.size:
            return None
        components = np.abs(self._loose @ lost)
        largest = int(components.argmax())
        if self._tau / NEAR < components[largest] < self._tau * NEAR:
            self.reach = np.inf
        return largest if components[largest] > self._tau else None

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
        self._dependent, self._loose = _without(np.array([neuron]), self._dependent, self._loose)
        self._basis[b], self._dual[b], self._factors[b] = neuron, dual, 0.0
        self._norms[b] = self._largest[b] = dual @ dual

    def _factorise(self) -> None:
        """Coordinates in an orthonormal basis of the current span, the dual basis in them, and what the other side has
        lost since this was done last, from scratch."""
        q, r = np.linalg.qr(self._own[:, self._basis])
        lost = outside(q, self._other.T)
        self.squares[self._others] = self._before[self._others] + np.einsum("ij,ij->j", lost, lost)
        self._own, self._other, self._loose = q.T @ self._own, self._other @ q, self._loose @ q
        self._set_dual(np.linalg.inv(r))

    def _set_dual(self, dual: Float[Array, "rank rank"]) -> None:
        self._dual = np.array(dual, order="C")
        self._before = self.squares.copy()
        self._waiting = 0
        self._factors = np.empty((len(dual), TOGETHER))
        self._directions = np.empty((TOGETHER, len(dual)))
        self._norms = np.einsum("ij,ij->i", self._dual, self._dual)
        self._largest = self._norms.copy()
        self._note_reach()

    def _note_reach(self) -> None:
        self.reach = max(self.reach, 1 + float(np.sqrt(self._norms).sum()))


def _without(gone: NeuronIndices, neurons: NeuronIndices, rows: Array) -> tuple[NeuronIndices, Array]:
    """Neurons and their rows without some of them: the last rows move to the places that become free."""
    places = np.flatnonzero(np.isin(neurons, gone))
    left = len(neurons) - len(places)
    free, moved = places[places < left], np.setdiff1d(np.arange(left, len(neurons)), places)
    neurons[free], rows[free] = neurons[moved], rows[moved]
    return neurons[:left], rows[:left]


def downdated_radii(
    x: Projection, y: Projection, tau: float, zero: float, dead_residual: float
) -> tuple[Float[Array, " m"], Float[Array, " n"], float, float]:
    """The match radii of both sides (D7 by T6 and A4), and what the error of the residuals that they come from (T18)
    hangs on: the largest reach of a part that was met, and the largest residual that was counted as 0.

    ``x``, ``y``: each side as it predicts the other; ``tau``: rank tolerance; ``zero``: residuals up to this count as
    0; ``dead_residual``: that of a dead neuron. Cost: O((m+n)^3), one rank-one update per removed neuron.
    """
    m = x.own.shape[1]
    squares = np.concatenate([y.whole.squares, x.whole.squares])
    squares[~np.concatenate([x.own.any(axis=0), y.own.any(axis=0)])] = -np.inf
    of_x, of_y = OrthogonalPeel(x, tau, squares[m:]), OrthogonalPeel(y, tau, squares[:m])
    radii, snapped = peeled_radii(of_x, of_y, m, squares, zero, dead_residual)
    if np.isinf(of_x.reach):
        warn_open_rank("x", None, tau)
    if np.isinf(of_y.reach):
        warn_open_rank("y", None, tau)
    return radii[:m], radii[m:], max(of_x.reach, of_y.reach), snapped
