"""Which cases a float implementation can be held to: those whose decisions lie clear of the threshold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from ...algorithms.exact import ExactGeometry
from ...theory.covers import Geometry
from ...theory.matches import Match, Neuron, Side

CLEAR = 1e-7
"""A decision this far from its threshold is one that every correct float64 implementation must get right."""

CLOSE = 3e-6
"""How near to epsilon a radius comes at the least, as a share of it; of radii of a tenth and more, so 3e-7 away."""


class MarginRecorder(Geometry[Fraction]):
    """The exact oracle, noting how close to epsilon the residuals come that it is asked for.

    A residual of exactly 0 at epsilon = 0 is clear: every implementation that offers epsilon = 0 counts rounding as 0.
    """

    def __init__(self, oracle: ExactGeometry, epsilon: Fraction | float) -> None:
        self.oracle, self.epsilon = oracle, Fraction(epsilon)
        self.m, self.n = oracle.m, oracle.n
        self.margin = 1.0

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> Sequence[Fraction]:
        found = self.oracle.residuals(side, members, others)
        for square in found:
            if square or self.epsilon:
                self.margin = min(self.margin, abs(self.relative(square) - float(self.epsilon)))
        return found

    def level(self, epsilon: Fraction) -> Fraction:
        return self.oracle.level(Fraction(epsilon))

    def relative(self, residual: Fraction) -> float:
        return self.oracle.relative(residual)


def radius_margin(radii: dict[Neuron, Fraction], oracle: ExactGeometry, epsilon: Fraction | float) -> float:
    """The distance of epsilon from the closest match radius, which is what M(epsilon) hangs on (T18)."""
    distances = (abs(oracle.relative(square) - float(epsilon)) for square in radii.values() if square or epsilon)
    return min(distances, default=1.0)


def match_of(found: tuple[Collection[int], Collection[int]]) -> Match:
    """What an implementation from elsewhere returns, as a Match."""
    x, y = found
    return Match(x, y)
