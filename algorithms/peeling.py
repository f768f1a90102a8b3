"""The maximum match by peeling all violators of one side at once (A3)."""

from __future__ import annotations

from collections.abc import Iterator

from ..theory.covers import Cover, Geometry, Level
from ..theory.matches import Match, Neuron, Side, other_side


def peel(cover: Cover, within: Match | None = None) -> Iterator[Match]:
    """The pairs that A3 passes through: the start, then what each round leaves that removes something."""
    pair = cover.everything if within is None else within
    while True:
        yield pair
        from_x = cover.uncovered("x", pair.x, pair.y)
        from_y = cover.uncovered("y", pair.y, pair.x - from_x)
        if not from_x and not from_y:
            return
        pair = Match.of_sets(pair.x - from_x, pair.y - from_y)


def batch_peel(cover: Cover, within: Match | None = None) -> Match:
    """The maximum match inside the pair ``within`` (default: all neurons).

    Implements A3; equal to A1 by T4: whatever is removed together, a neuron of the maximum match never is. Each round
    asks each side once, so a cover that answers for many neurons at once (one factorisation of the other side) makes
    a round cost two factorisations. Rounds: at most m + n; at epsilon = 0 at most (min(rank) + 3)/2.
    """
    *_, last = peel(cover, within)
    return last


def rounds(cover: Cover) -> int:
    """How many rounds of A3 remove something: a measure of how hard a case is."""
    return sum(1 for _ in peel(cover)) - 1


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
