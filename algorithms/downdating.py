"""Match radii in O((m+n)^3): the peel of T6 with a rank-one update for each removed neuron (A4).

For each side we keep the dual basis of its current basis neurons: rows D_b in their span with D_b z_b' = 1 if b = b',
else 0. When a basis neuron b goes, q = D_b / |D_b| is the direction that is lost unless one of the side's dependent
neurons still has a component on it. Then that neuron takes b's place (a pivot: the span, and so every residual, stays);
otherwise the span shrinks by q, and r^2(v) grows by (q z_v)^2 for every v of the other side. Either way the other dual
vectors take one rank-one update. A dependent neuron is removed at no cost.

Rounding: an update leaves an error of u |D_b| in D_b, which matters once |D_b| has become much smaller than it was.
That ratio is watched, and the side is factorised anew when it falls below ``SHRUNK``.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ..theory.matches import Side
from ..theory.tolerances import residual_error
from ..theory.validation import Array
from .spans import SideSpan, outside

SHRUNK = 1e-3
"""A dual vector that has shrunk by this factor since its side was factorised is no longer trusted."""


class Predictors:
    """One side as it predicts the other while its neurons are removed.

    ``squares``: r^2 of the other side's neurons against what is left of this side. ``condition``: the worst condition
    number that the basis had so far; what is left of a side may be worse conditioned than the whole.
    """

    def __init__(self, own: SideSpan, other: SideSpan, tau: float) -> None:
        self._tau = tau
        self._basis = own.basis.copy()
        self._dependent = np.setdiff1d(np.flatnonzero(own.coordinates.any(axis=0)), own.basis)
        q = np.linalg.qr(own.coordinates[:, own.basis])[0]
        left = outside(q, other.coordinates)
        self.squares = np.einsum("ij,ij->j", left, left)
        self._own = q.T @ own.coordinates
        self._other = q.T @ other.coordinates
        self.condition = 1.0
        self._dual: Array = np.zeros((0, 0))
        self._norms: Array = np.zeros(0)
        self._largest: Array = np.zeros(0)
        self._factorise()

    def remove(self, neuron: int) -> None:
        """Take one neuron of this side away, and update ``squares``."""
        found = np.flatnonzero(self._basis == neuron)
        if not found.size:
            self._dependent = self._dependent[self._dependent != neuron]
            return
        b = int(found[0])
        lost = self._dual[b] / np.sqrt(self._norms[b])
        self._drop(b)
        replacement = self._replacement(lost)
        overlaps = self._dual @ lost
        if replacement is None:
            self.squares += (lost @ self._other) ** 2
            self._update(overlaps, lost, overlaps)
        else:
            component = float(lost @ self._own[:, replacement])
            self._update(self._dual @ self._own[:, replacement] / component, lost, overlaps)
            self._append(replacement, lost / component)
        self._note_condition()
        if (self._norms < SHRUNK**2 * self._largest).any():
            self._factorise()

    def _replacement(self, lost: Float[Array, " rank"]) -> int | None:
        """The dependent neuron with the largest component on the lost direction, if it is more than rounding."""
        if not self._dependent.size:
            return None
        components = np.abs(lost @ self._own[:, self._dependent])
        largest = int(components.argmax())
        return int(self._dependent[largest]) if components[largest] > self._tau else None

    def _update(self, factors: Array, direction: Array, overlaps: Array) -> None:
        """D_i := D_i - factors_i direction, for all i; ``overlaps`` are the D_i direction."""
        self._dual -= np.outer(factors, direction)
        self._norms = np.maximum(self._norms + factors * (factors - 2 * overlaps), 0.0)
        self._largest = np.maximum(self._largest, self._norms)

    def _drop(self, b: int) -> None:
        keep = np.arange(len(self._basis)) != b
        self._basis, self._dual = self._basis[keep], self._dual[keep]
        self._norms, self._largest = self._norms[keep], self._largest[keep]

    def _append(self, neuron: int, dual: Array) -> None:
        self._dependent = self._dependent[self._dependent != neuron]
        self._basis = np.append(self._basis, neuron)
        self._dual = np.vstack([self._dual, dual])
        self._norms = np.append(self._norms, dual @ dual)
        self._largest = np.append(self._largest, dual @ dual)

    def _factorise(self) -> None:
        """Coordinates in an orthonormal basis of the current span, and the dual basis in them, from scratch."""
        q, r = np.linalg.qr(self._own[:, self._basis])
        self._own, self._other = q.T @ self._own, q.T @ self._other
        self._dual = np.linalg.inv(r)
        self._norms = np.einsum("ij,ij->i", self._dual, self._dual)
        self._largest = self._norms.copy()
        self._note_condition()

    def _note_condition(self) -> None:
        """The columns have length 1 or less, and 1 / least singular value <= Frobenius norm of the dual basis."""
        self.condition = max(self.condition, float(np.sqrt(self._norms.sum())))


def downdated_radii(
    x: SideSpan, y: SideSpan, tau: float, zero: float, dead_residual: float
) -> tuple[Float[Array, " m"], Float[Array, " n"], float]:
    """The match radii of both sides (D7 by T6 and A4), and a bound on their rounding error (T18).

    ``tau``: rank tolerance; ``zero``: residuals up to this count as 0; ``dead_residual``: that of a dead neuron.
    Cost: O((m+n)^3), one rank-one update per removed neuron.
    """
    m = x.coordinates.shape[1]
    predictors = {"x": Predictors(x, y, tau), "y": Predictors(y, x, tau)}
    dead = {"x": (x.coordinates == 0).all(axis=0), "y": (y.coordinates == 0).all(axis=0)}

    def residuals(side: Side, squares: Array) -> Array:
        r = np.sqrt(squares)
        return np.where(dead[side], dead_residual, np.where(r <= zero, 0.0, np.minimum(r, 1.0)))

    current = np.concatenate([residuals("x", predictors["y"].squares), residuals("y", predictors["x"].squares)])
    removed = np.zeros(len(current), dtype=bool)
    radii = np.empty(len(current))
    radius = 1.0
    for _ in range(len(current)):
        v = int(current.argmax())
        radius = min(radius, float(current[v]))
        radii[v] = radius
        removed[v] = True
        if v < m:
            predictors["x"].remove(v)
            current[m:] = residuals("y", predictors["x"].squares)
        else:
            predictors["y"].remove(v - m)
            current[:m] = residuals("x", predictors["y"].squares)
        current[removed] = -1.0
    return radii[:m], radii[m:], residual_error(max(side.condition for side in predictors.values()))
