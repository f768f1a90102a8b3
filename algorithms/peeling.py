"""The maximum match by peeling all violators of one side at once (A3)."""

from __future__ import annotations

from collections.abc import Iterator

from ..theory.covers import Cover
from ..theory.matches import Match


def peel(cover: Cover, within: Match | None = None) -> Iterator[Match]:
    """The pairs that A3 passes through: the start, then what each round leaves that removes something."""
    pair = cover.everything if within is None else within
    size = None
    while len(pair) != size:
        yield pair
        size = len(pair)
        x = pair.x - cover.uncovered("x", pair.x, pair.y)
        pair = Match(x, pair.y - cover.uncovered("y", pair.y, x))


def batch_peel(cover: Cover, within: Match | None = None) -> Match:
    """The maximum match inside the pair ``within`` (default: all neurons).

    Implements A3; equal to A1 by T4: whatever is removed together, a neuron of the maximum match never is. Each round
    asks each side once, so a cover that answers for many neurons at once (one factorisation of the other side) makes
    a round cost two factorisations. Rounds: at most m + n; at epsilon = 0 at most min(rank) + 2.
    """
    *_, last = peel(cover, within)
    return last


def rounds(cover: Cover) -> int:
    """How many rounds of A3 remove something: a measure of how hard a case is."""
    return sum(1 for _ in peel(cover)) - 1
