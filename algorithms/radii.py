"""Match radii: the maximum match at every epsilon from one peel (D7, T6)."""

from __future__ import annotations

from ..theory.covers import Geometry, Level
from ..theory.matches import Match, Neuron, Side, other_side


def peel_radii(geometry: Geometry[Level]) -> dict[Neuron, Level]:
    """The match radius of every neuron, as a level of the geometry (r, or r squared for the exact oracle).

    Implements D7 by T6: remove, one at a time, a neuron with the largest current residual; the radius of the removed
    neuron is the smallest residual removed so far. Ties may be broken in any way. By T18 the radii are as accurate
    as the residuals. Cost: m + n factorisations of a shrinking side.
    """
    pair = Match.everything(geometry.m, geometry.n)
    current = _residuals_of(geometry, pair, "x") | _residuals_of(geometry, pair, "y")
    radius = geometry.level(1)
    radii = {}
    while current:
        removed = max(current, key=current.__getitem__)
        radius = min(radius, current.pop(removed))
        radii[removed] = radius
        pair = pair.without(removed)
        current |= _residuals_of(geometry, pair, other_side(removed.side))
    return radii


def _residuals_of(geometry: Geometry[Level], pair: Match, side: Side) -> dict[Neuron, Level]:
    members = sorted(pair.side(side))
    found = geometry.residuals(side, members, pair.side(other_side(side)))
    return {Neuron(side, i): residual for i, residual in zip(members, found, strict=True)}
