"""The algorithms as published: maximum match (A1) and v-minimal match (A2), to be read beside the paper.

Source: Wang et al., NeurIPS 2018 (arXiv 1810.11750), algorithms 1 and 2. They ask a cover relation and nothing else,
so the same lines run on tables, on literal least squares, on compressed activations and on exact rationals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..theory.covers import Cover
from ..theory.matches import Match, Neuron, other_side, sort_key


def max_match(cover: Cover, within: Match | None = None) -> Match:
    """The maximum match inside the pair ``within`` (default: all neurons).

    Implements A1; correct by T2-T4 for every monotone cover. Remove the first neuron that the other side does not
    cover, start over, until none is left to remove. Cost: O((m + n)^2) cover queries.
    """
    pair = cover.everything if within is None else within
    while True:
        violator = next((v for v in pair if not cover.covers(v, pair.side(other_side(v.side)))), None)
        if violator is None:
            return pair
        pair = pair.without(violator)


def min_match(
    cover: Cover,
    neuron: Neuron,
    *,
    order: Iterable[Neuron] | None = None,
    max_match: Callable[[Cover, Match], Match] = max_match,
) -> Match | None:
    """A ``neuron``-minimal match, or None when the neuron is in no match.

    Implements A2; correct by T3, T4 and T7. Start from the maximum match; for every other neuron u, take the maximum
    match of what is left without u, and keep that if it still holds ``neuron``. ``order`` is the order in which the
    u are tried (default: network 1 first, by index; members that it omits are tried afterwards): another order may
    find another minimal match (T8). ``max_match`` may be any algorithm for T4. Cost: one maximum match per neuron.
    """
    match = max_match(cover, cover.everything)
    if neuron not in match:
        return None
    for u in dict.fromkeys([*(order or ()), *match.neurons]):
        if u != neuron and u in match:
            smaller = max_match(cover, match.without(u))
            if neuron in smaller:
                match = smaller
    return match


def simple_matches(
    cover: Cover, *, min_match: Callable[[Cover, Neuron], Match | None] = min_match
) -> tuple[Match, ...]:
    """One minimal match for every neuron of the maximum match, each listed once, smallest first.

    Every one is a simple match (T7). There may be more: a neuron can have several minimal matches (T8), of which A2
    finds one.
    """
    found = (min_match(cover, v) for v in cover.everything)
    return tuple(sorted({match for match in found if match is not None}, key=sort_key))
