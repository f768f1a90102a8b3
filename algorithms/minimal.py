"""Minimal matches by few, cheap predicate calls (A5), over any cover.

"v is in the maximum match of S" is a monotone predicate of S. ``shrink`` removes neurons in a given order, many at
once while that goes well, and finds by bisection the neuron at which it does not: that one is needed. So it ends at
the very match at which A2 ends with the same order, after about k log(N / k) + k calls in place of N - 1.

A call peels, and stops as soon as a neuron that is known to be needed falls: whatever evicts a needed neuron evicts v.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..theory.covers import Cover
from ..theory.independence import Stability
from ..theory.matches import SIDES, Match, Neuron, other_side
from ..theory.validation.options import as_progress
from .limits import NEVER_ENDS, Deadline
from .peeling import batch_peel
from .results import MinMatches
from .structure import SampledMatches

Mask = npt.NDArray[np.bool_]
Progress = Callable[[int, int], None]

FIRST_SHARE = 0.75
"""The share of the neurons whose removal is tried first; minimal matches are often much smaller than the maximum."""


class KnownMatch(ABC):
    """A match together with what makes peeling inside it cheap. Masks run over ``members``, network 1 first."""

    members: tuple[Neuron, ...]

    @cached_property
    def match(self) -> Match:
        return Match.of(self.members)

    def mask(self, neurons: Iterable[Neuron]) -> Mask:
        """The members among some neurons."""
        chosen = frozenset(neurons)
        return np.fromiter((v in chosen for v in self.members), dtype=bool, count=len(self.members))

    def chosen(self, mask: Mask) -> Match:
        """The members that a mask marks."""
        return Match.of(self.members[k] for k in np.flatnonzero(mask))

    def evicting(self, needed: Mask) -> Mask:
        """``needed``, and members whose removal is known to evict one of these. May know none."""
        return needed

    def closures(self) -> Iterator[tuple[Mask, Mask]]:
        """Members that share what ``evicting`` says of each of them, and what it says."""
        for k in range(len(self.members)):
            only = np.zeros(len(self.members), dtype=bool)
            only[k] = True
            yield only, self.evicting(only)

    def stability(self) -> Stability | None:
        """How T19 stands inside this match, for a maximum match; None where that is not measured."""
        return None

    @abstractmethod
    def peel(self, gone: Mask, needed: Mask) -> Mask | None:
        """What is gone once the match without ``gone`` is peeled (T4), or None as soon as a ``needed`` one falls."""

    @abstractmethod
    def restricted(self, keep: Mask) -> KnownMatch:
        """The part ``keep``, which is known to be a match."""


class CoverMatch(KnownMatch):
    """Inside a match of any cover, by asking the cover. ``known`` makes the parts."""

    def __init__(self, cover: Cover, match: Match, known: Callable[[Match], KnownMatch] | None = None) -> None:
        self.members = match.neurons
        self._cover = cover
        self._known = known or (lambda part: CoverMatch(cover, part))

    def peel(self, gone: Mask, needed: Mask) -> Mask | None:
        out, wanted = gone.tolist(), needed.tolist()
        left = [v for v, removed in zip(self.members, out, strict=True) if not removed]
        kept = {side: frozenset(v.index for v in left if v.side == side) for side in SIDES}
        # The match was one before: a side must be judged only once the other has lost something.
        stale = {side for side in SIDES if len(kept[other_side(side)]) < len(self.match.side(other_side(side)))}
        while stale:
            side = stale.pop()
            lost = self._cover.uncovered(side, kept[side], kept[other_side(side)])
            if not lost:
                continue
            if any(v.side == side and v.index in lost for v, one in zip(self.members, wanted, strict=True) if one):
                return None
            kept[side] -= lost
            stale.add(other_side(side))
        return np.array([v.index not in kept[v.side] for v in self.members], dtype=bool)

    def restricted(self, keep: Mask) -> KnownMatch:
        return self._known(self.chosen(keep))


class Search:
    """What there is to search for minimal matches at one level: the maximum match, and known matches inside it."""

    def __init__(self, cover: Cover) -> None:
        self.cover = cover

    @cached_property
    def maximum(self) -> Match:
        return batch_peel(self.cover)

    @property
    def alone(self) -> Match:
        """Neurons of the maximum match known to match alone and to lie in no other simple match."""
        return Match()

    def known(self, match: Match) -> KnownMatch:
        """A match, ready to be peeled inside."""
        return CoverMatch(self.cover, match)

    @cached_property
    def whole(self) -> KnownMatch:
        """All of the maximum match that does not match alone."""
        return self.known(self.maximum - self.alone)

    @property
    def parts(self) -> tuple[Search, ...]:
        """Searches in parts of the maximum match: a set is a match if and only if it is one in each of them."""
        return (self,)

    def start(self, neuron: Neuron) -> KnownMatch:  # noqa: ARG002  # a geometry may start elsewhere for some neurons
        """A match that contains the neuron, to be shrunk."""
        return self.whole


def shrink(
    known: KnownMatch, neuron: Neuron, order: Iterable[Neuron] = (), deadline: Deadline = NEVER_ENDS
) -> KnownMatch:
    """A ``neuron``-minimal match (D6) inside a known match that contains the neuron.

    Implements A5 (progression); correct for every monotone cover by T3, T4, T7. Neurons are removed in ``order``,
    then the others by index; the answer is that of A2 inside the known match with the same order.
    """
    position = {v: k for k, v in enumerate(known.members)}
    first = dict.fromkeys(position[u] for u in order if u in position)
    ordered = np.array([*first, *(k for k in range(len(position)) if k not in first)], dtype=np.intp)
    needed = np.zeros(len(position), dtype=bool)
    needed[position[neuron]] = True
    # Candidates whose joint removal is known to evict the neuron while no smaller prefix of them is known to.
    suspects = ordered[:0]
    step, run = max(1, int(FIRST_SHARE * len(position))), 0
    while True:
        deadline.check()
        more = known.evicting(needed)
        if (more & ~needed)[suspects].any():
            suspects = suspects[:0]
        needed = more
        candidates = ordered[~needed[ordered]]
        if not candidates.size:
            return known
        if suspects.size == 1:
            needed[suspects] = True
            suspects, step, run = suspects[:0], max(1, 2 * run), 0
            continue
        tried = suspects[: suspects.size // 2] if suspects.size else candidates[:step]
        gone = np.zeros(len(needed), dtype=bool)
        gone[tried] = True
        left = known.peel(gone, needed)
        if left is None:
            suspects = tried
            continue
        run += tried.size
        if not suspects.size:
            step *= 2
        keep = ~left
        known, needed = known.restricted(keep), needed[keep]
        renumbered = np.cumsum(keep) - 1
        ordered, suspects = (renumbered[part[keep[part]]] for part in (ordered, suspects))


def min_match(search: Search, neuron: Neuron, order: Iterable[Neuron] | None = None) -> Match | None:
    """A ``neuron``-minimal match (D6 by A5), or None when the neuron is not in the maximum match.

    With an ``order`` the same match as A2 finds with it; without one the search may start elsewhere.
    """
    if neuron not in search.maximum:
        return None
    if neuron in search.alone:
        return Match.of([neuron])
    # An order chooses among all minimal matches, so all of the maximum match must be open to it.
    inside = search.start(neuron) if order is None else search.whole
    return shrink(inside, neuron, order or ()).match


def min_matches(search: Search, *, deadline: Deadline = NEVER_ENDS, progress: Progress | None = None) -> MinMatches:
    """One minimal match for every neuron of the maximum match.

    What was learnt is used again: a search starts from the smallest known match that contains the neuron, and a
    match found answers for every member that all its members are seen to be needed for. Ends early, with
    ``complete`` False, at the deadline or on an interrupt from the keyboard.
    """
    as_progress(progress)
    found = {v: Match.of([v]) for v in search.alone}
    pool: list[KnownMatch] = []
    total = len(search.maximum)
    try:
        for v in search.maximum:
            if v in found:
                continue
            inside = (known for known in pool if v in known.match)
            known = min(inside, key=lambda known: len(known.members), default=None)
            minimal = shrink(search.start(v) if known is None else known, v, deadline=deadline)
            pool.append(minimal)
            found[v] = minimal.match
            for alike, closure in minimal.closures():
                if closure.all():
                    found = dict.fromkeys(minimal.chosen(alike), minimal.match) | found
            if progress is not None:
                progress(len(found), total)
    except (TimeoutError, KeyboardInterrupt):
        pass
    return MinMatches({v: found[v] for v in search.maximum if v in found}, complete=len(found) == total)


def sampled_matches(
    search: Search, orders: int, random: np.random.Generator, *, first: int = 0, deadline: Deadline = NEVER_ENDS
) -> SampledMatches:
    """Minimal matches of every neuron that needs others, each in so many random orders of removal, from the ``first``
    of those on that ``random`` gives.

    One fixed order finds the same side of every choice: where v has many minimal matches, the smallest ones far too
    often. Ends early, with ``complete`` False, at the deadline or on an interrupt from the keyboard. Cost: ``orders``
    searches for each neuron, of A5 inside all of the maximum match.
    """
    neurons = search.whole.members
    rounds: list[set[Match]] = []
    for _ in range(first * len(neurons)):
        random.permutation(len(neurons))
    try:
        for _ in range(orders):
            rounds.append(set())
            for v in neurons:
                order = (neurons[k] for k in random.permutation(len(neurons)))
                rounds[-1].add(shrink(search.whole, v, order, deadline).match)
        complete = True
    except (TimeoutError, KeyboardInterrupt):
        complete = False
    return SampledMatches(tuple(map(frozenset, rounds)), complete)


def minimum_matches(cover: Cover) -> dict[Neuron, Match]:
    """The v-minimum match of each neuron v that has one: its only minimal match. A neuron with several is left out.

    Implements T20 literally: every match that contains v holds the neurons without which v is in no match; where
    these form a match, it is the only minimal one. Cost: a peel for each neuron of the maximum match.
    """
    maximum = batch_peel(cover)
    without = {u: batch_peel(cover, maximum.without(u)) for u in maximum}
    needed = {v: Match.of(u for u in maximum if u == v or v not in without[u]) for v in maximum}
    return {v: match for v, match in needed.items() if cover.is_match(match)}
