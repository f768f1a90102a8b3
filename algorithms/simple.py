"""All simple matches, with the proof that they are all (A6).

Three ways, from the cheapest on, neuron by neuron; each ends in a family that is proved to be complete for v.

1. *Direct evictions* (T10). Whatever evicts v at once when it goes alone, or evicts such a one, is in every minimal
   match of v. If these neurons with v are a match, it is the only one. At epsilon 0 with independent sides they are
   the sets reachable in the graph of T10, and this settles every neuron; so it does where T19 applies.
2. *Needed neurons.* N(v): v, and every u without which v is not in the maximum match. Every minimal match of v contains
   N(v); so if N(v) is a match, it is the only minimal one, and if v has only one, that is N(v): a neuron of it outside
   N(v) could be removed, and what is left would hold another. One peel for each u, for all v together.
3. *Enumeration* of minimal matches and minimal eviction sets, each found where the other is not known to reach (MARCO:
   Liffiton, Previti, Malik, Marques-Silva 2016); T15 says that it ends with all of both. A SAT solver keeps the map.

Where the maximum match falls into parts that have nothing to do with one another, each is searched alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..theory.errors import MissingExtra
from ..theory.independence import Stability
from ..theory.matches import Match, Neuron, sort_key
from ..theory.validation.options import as_progress
from .limits import NEVER_ENDS, Deadline
from .minimal import KnownMatch, Mask, Progress, Search, shrink
from .results import SimpleMatches


class _LimitReachedError(Exception):
    """There are more simple matches than were asked for."""


class _Families:
    """The simple matches and, by neuron, the minimal eviction sets found so far."""

    def __init__(self, limit: int | None) -> None:
        self.matches: set[Match] = set()
        self.evictions: dict[Neuron, set[Match]] = {}
        self.reasons: dict[str, int] = {}
        self.stability: Stability | None = None
        self._limit = limit

    def add(self, match: Match) -> None:
        if match not in self.matches and len(self.matches) == self._limit:
            raise _LimitReachedError
        self.matches.add(match)

    def add_evictions(self, neuron: Neuron, found: Iterable[Match]) -> None:
        self.evictions.setdefault(neuron, set()).update(found)

    def add_only(self, neuron: Neuron, match: Match, reason: str = "T20") -> None:
        """The only minimal match of a neuron: each of its members alone evicts the neuron, and nothing else does."""
        self.add(match)
        self.add_evictions(neuron, map(_single, match))
        self.settled(reason)

    def settled(self, reason: str) -> None:
        """One more neuron of which all is known, by this theorem."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1

    def result(self, complete: bool) -> SimpleMatches:
        return SimpleMatches(
            tuple(sorted(self.matches, key=sort_key)),
            complete,
            {v: tuple(sorted(sets, key=sort_key)) for v, sets in sorted(self.evictions.items())},
            reasons=dict(sorted(self.reasons.items())),
            stability=self.stability,
        )


def simple_matches(
    search: Search,
    *,
    limit: int | None = None,
    deadline: Deadline = NEVER_ENDS,
    progress: Progress | None = None,
) -> SimpleMatches:
    """All simple matches (D5), with all minimal eviction sets of every neuron (T15).

    Implements T10 and A6, see above; correct for every monotone cover. Ends early, with ``complete`` False, beyond
    ``limit`` matches, at the deadline or on an interrupt from the keyboard. Cost: as many peels as neurons where
    minimal matches are unique; else the numbers of matches and of eviction sets, which can be exponential, times a few
    peels each. Raises: ``MissingExtra`` where only step 3 helps and python-sat is not installed.
    """
    as_progress(progress)
    families = _Families(limit)
    total = len(search.maximum)

    def tell() -> None:
        if progress is not None:
            progress(len(families.evictions), total)
        deadline.check()

    try:
        for v in search.alone:
            families.add_only(v, Match.of([v]))
        for part in search.parts:
            _settle(part, families, tell, deadline)
        if search.parts == (search,):
            families.stability = search.whole.stability()
    except (_LimitReachedError, TimeoutError, KeyboardInterrupt):
        return families.result(complete=False)
    if progress is not None:
        progress(total, total)
    return families.result(complete=True)


def _settle(search: Search, families: _Families, tell: Callable[[], None], deadline: Deadline) -> None:
    """All simple matches inside the match where the search is, but those of neurons that match alone."""
    whole = search.whole
    stability = whole.stability()
    reason = stability.theorem if stability and stability.holds else "T20"
    for alike, closure in whole.closures():
        tell()
        if search.cover.is_match(match := whole.chosen(closure)):
            for v in whole.chosen(alike):
                families.add_only(v, match, reason)
    open_ones = [v for v in whole.members if v not in families.evictions]
    if not open_ones:
        return
    needed = _needed(whole, deadline)
    for v in list(open_ones):
        if search.cover.is_match(match := whole.chosen(needed[:, whole.members.index(v)])):
            families.add_only(v, match)
            open_ones.remove(v)
    known = _one_of_each(search, open_ones, families, deadline)
    for v in open_ones:
        tell()
        _enumerate(whole, v, needed[:, whole.members.index(v)], known, families, deadline)
        families.settled("T15")


def _single(neuron: Neuron) -> Match:
    return Match.of([neuron])


def _needed(whole: KnownMatch, deadline: Deadline) -> Mask:
    """[u, v]: whether v falls when u alone is removed; the column of v is N(v)."""
    needed = np.zeros((len(whole.members),) * 2, dtype=bool)
    for u, row in enumerate(needed):
        deadline.check()
        row[u] = True
        left = whole.peel(row, np.zeros_like(row))
        if left is not None:
            row[:] = left
    return needed


def _one_of_each(
    search: Search, neurons: Iterable[Neuron], families: _Families, deadline: Deadline
) -> dict[Neuron, list[Match]]:
    """At least one minimal match for each of these neurons, and all that is seen to be minimal for it thereby."""
    known: dict[Neuron, list[Match]] = {}
    for v in neurons:
        if v not in known:
            minimal = shrink(search.start(v), v, deadline=deadline)
            families.add(minimal.match)
            known[v] = [minimal.match]
            _share(minimal, known, v)
    return known


def _share(minimal: KnownMatch, known: dict[Neuron, list[Match]], found_for: Neuron) -> None:
    """Note a minimal match for every other member that it is seen to be minimal for."""
    for alike, closure in minimal.closures():
        if closure.all():
            for u in minimal.chosen(alike):
                if u != found_for:
                    known.setdefault(u, []).append(minimal.match)


def _enumerate(
    whole: KnownMatch,
    neuron: Neuron,
    needed: Mask,
    known: dict[Neuron, list[Match]],
    families: _Families,
    deadline: Deadline,
) -> None:
    """All minimal matches and minimal eviction sets of one neuron (T15, step 3 above).

    The map holds a variable for each member. A known minimal match blocks the sets that contain it; a known eviction
    set those that miss it. When no set is left, every one contains a minimal match or misses an eviction set.
    """
    positions = {v: k for k, v in enumerate(whole.members)}
    families.add_evictions(neuron, map(_single, whole.chosen(needed)))
    with _solver(len(positions)) as solver:
        for k in np.flatnonzero(needed):
            solver.add_clause([int(k) + 1])
        for match in set(known[neuron]):
            solver.add_clause([-positions[u] - 1 for u in match])
        while solver.solve():
            deadline.check()
            gone = np.array(solver.get_model()[: len(positions)]) < 0
            left = whole.peel(gone, needed)
            if left is None:
                evicting = _minimal_eviction(whole, gone, needed)
                families.add_evictions(neuron, [whole.chosen(evicting)])
                solver.add_clause([int(k) + 1 for k in np.flatnonzero(evicting)])
            else:
                minimal = shrink(whole.restricted(~left), neuron, deadline=deadline)
                families.add(minimal.match)
                solver.add_clause([-positions[u] - 1 for u in minimal.match])
                _share(minimal, known, neuron)


def _minimal_eviction(whole: KnownMatch, gone: Mask, needed: Mask) -> Mask:
    """A minimal part of ``gone`` whose removal evicts a neuron without which the one asked for falls.

    Puts neurons back, more at once while that goes well; the solver's sets leave few to try.
    """
    rest, kept, step = list(np.flatnonzero(gone)), 0, 1
    evicting = gone.copy()
    while kept < len(rest):
        tried = evicting.copy()
        tried[rest[kept : kept + step]] = False
        if whole.peel(tried, needed) is None:
            evicting = tried
            del rest[kept : kept + step]
            step *= 2
        elif step > 1:
            step //= 2
        else:
            kept += 1
    return evicting


@contextmanager
def _solver(variables: int) -> Iterator[Any]:
    """A SAT solver that tries large sets first: these lead to small eviction sets, and are mostly matches."""
    try:
        from pysat.solvers import Solver
    except ImportError as error:
        raise MissingExtra(
            "simple_matches: a neuron has several minimal matches, and listing them all needs python-sat, which is "
            'not installed; pip install "spanmatch[simple]", or use min_matches for one of each neuron'
        ) from error
    with Solver(name="minisat22") as solver:
        solver.set_phases(list(range(1, variables + 1)))
        yield solver
