"""T2-T4, T7, T8, T15, T20 on abstract covers, where brute force knows everything: exhaustively on 2+2 (1 296 covers)
and 3+2 (86 400), and on random larger ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, wraps
from itertools import combinations
from typing import Any

from ...synthetic.strategies.activations import table_covers
from ...synthetic.strategies.covers import all_covers
from ...theory.brute_force import BruteForce, all_pairs, brute_force, minimal_evictions
from ...theory.covers import TableCover
from ...theory.matches import Match, Neuron, sort_key
from ..harness.answers import Counterexample
from ..harness.registry import Budget, check, for_all, over

UNIQUE_MAXIMUM = TableCover.of(x=[[{0}, {1}]], y=[[{0}], [{0}]])
"""The example of T8 as a table: x is covered by y_0 and by y_1, each of which x covers."""


truth_of = lru_cache(maxsize=100_000)(brute_force)
"""Brute force, remembered: the checks below visit the same covers."""


def exhaustively(budget: Budget) -> Iterator[TableCover]:
    """Every cover of the sizes that the budget names."""
    for size in budget.exhaustive:
        yield from covers_of(size)


@lru_cache(maxsize=2)
def covers_of(size: str) -> tuple[TableCover, ...]:
    """All covers of a size such as "2+2"."""
    m, n = map(int, size.split("+"))
    return tuple(all_covers(m, n))


Examine = Callable[[Any, TableCover], None]


def on_covers(
    id: str, theorems: str, needs: str, statement: str, *, max_neurons: int = 8
) -> Callable[[Examine], Examine]:
    """Registers the function below, which looks at one cover, as the check ``id`` on every small cover and on random
    ones of up to ``max_neurons``."""

    def register(examine: Examine) -> Examine:
        @wraps(examine)
        def run(implementation: Any, budget: Budget) -> int:
            def one(cover: TableCover) -> None:
                examine(implementation, cover)

            drawn = table_covers(max_neurons=max_neurons)
            return over(exhaustively(budget), one) + for_all(drawn, one, cases=budget.cases, seed=budget.seed)

        check(id, theorems, needs, statement, exhaustive=True)(run)
        return examine

    return register


@on_covers("T2-union-of-matches", "T2 T3", "cover_is_match",
           "what is called a match by D1 is one, and unions of matches are matches", max_neurons=6)
def union_of_matches(implementation: Any, cover: TableCover) -> None:
    literal = set(truth_of(cover).matches)
    called = {pair for pair in all_pairs(cover.m, cover.n) if implementation.cover_is_match(cover, pair)}
    for one, other in combinations(called, 2):
        if one | other not in called:
            raise Counterexample(f"{one} and {other} are called matches, their union {one | other} is not")
    if called != literal:
        raise Counterexample(f"{sorted(map(repr, called ^ literal))[0]} is judged against the definition (D1)")


@on_covers("T3-maximum-on-covers", "T2 T3", "cover_max_match",
           "the maximum match is the union of all matches, by brute force")
def maximum_on_covers(implementation: Any, cover: TableCover) -> None:
    truth = truth_of(cover)
    union = Match.of(v for pair in truth.matches for v in pair)
    found = implementation.cover_max_match(cover, cover.everything)
    if not found == union == truth.maximum:
        raise Counterexample(f"max_match is {found}, but should be {union}")


@on_covers("T4-peeling-inside-any-pair", "T4", "cover_max_match",
           "peeling from any pair ends at the largest match inside that pair", max_neurons=6)
def peeling_inside_any_pair(implementation: Any, cover: TableCover) -> None:
    matches = truth_of(cover).matches
    for start in all_pairs(cover.m, cover.n):
        largest = [pair for pair in matches if pair <= start][-1]
        found = implementation.cover_max_match(cover, start)
        if found != largest:
            raise Counterexample(f"from {start} peeling ends at {found}, but should at {largest}")


@on_covers("T7-minimal-on-covers", "T7", "cover_min_match",
           "min_match is one of the minimal matches by brute force, None outside the maximum")
def minimal_on_covers(implementation: Any, cover: TableCover) -> None:
    truth = truth_of(cover)
    for v in cover.everything:
        found = implementation.cover_min_match(cover, v)
        allowed = truth.minimal.get(v, ())
        if found not in allowed and (found is not None or allowed):
            raise Counterexample(f"min_match of {tuple(v)} is {found}, but not one of {list(allowed) or None}")


@on_covers("T7-simple-on-covers", "T7", "cover_simple_matches",
           "simple_matches are simple by brute force and cover the maximum; simple means minimal for a member")
def simple_on_covers(implementation: Any, cover: TableCover) -> None:
    truth = truth_of(cover)
    if set(truth.simple) != {pair for minimal in truth.minimal.values() for pair in minimal}:
        raise Counterexample("simple (D5) and minimal for some member (D6) differ: T7 fails")
    union = Match()
    for found in implementation.cover_simple_matches(cover):
        if found not in truth.simple:
            raise Counterexample(f"{found} is returned as simple, but the simple matches are {list(truth.simple)}")
        union = union | found
    if union != truth.maximum:
        raise Counterexample(f"the simple matches cover {union}, but should cover {truth.maximum}")


@check("T8-minimal-not-unique", "T8", "cover_min_match cover_is_match",
       "two minimal matches of one neuron, whose intersection is no match")
def minimal_not_unique(implementation: Any, _: Budget) -> int:
    """Every order of removal must lead to one of the two, and both must be matches while their intersection is not."""

    def examine(cover: TableCover) -> None:
        x = Neuron("x", 0)
        both = (Match([0], [0]), Match([0], [1]))
        if truth_of(cover).minimal[x] != both:
            raise Counterexample(f"the minimal matches of x are {truth_of(cover).minimal[x]}, but should be {both}")
        judged = [implementation.cover_is_match(cover, pair) for pair in (*both, both[0] & both[1])]
        if judged != [True, True, False]:
            raise Counterexample(f"the two minimal matches and their intersection are judged {judged}")
        found = implementation.cover_min_match(cover, x)
        if found not in both:
            raise Counterexample(f"min_match of x is {found}, but should be one of {both}")

    return over([UNIQUE_MAXIMUM], examine)


@on_covers("T20-minimum-on-covers", "T20", "cover_minimum_matches",
           "minimum_matches has the minimal match of each neuron that has exactly one by brute force, and no other")
def minimum_on_covers(implementation: Any, cover: TableCover) -> None:
    minimal = truth_of(cover).minimal
    only = {v: matches[0] for v, matches in minimal.items() if len(matches) == 1}
    found = implementation.cover_minimum_matches(cover)
    if found != only:
        raise Counterexample(f"minimum_matches are {found}, but should be {only}")


evictions_of = lru_cache(maxsize=10_000)(lambda cover: minimal_evictions(truth_of(cover)))


@check("T15-duality-on-covers", "T7 T15", "cover_all_simple_matches", "all simple matches, and for each neuron all "
       "minimal eviction sets; each family consists of the minimal sets that meet every set of the other")
def duality_on_covers(implementation: Any, budget: Budget) -> int:
    def examine(cover: TableCover) -> None:
        truth, evictions = truth_of(cover), evictions_of(cover)
        _dual(truth, evictions)
        found = implementation.cover_all_simple_matches(cover)
        if sorted(found.matches, key=sort_key) != list(truth.simple) or not found.complete:
            claim = "all" if found.complete else "not all"
            raise Counterexample(f"{list(found.matches)} is called {claim} of the simple matches {truth.simple}")
        for v in truth.maximum:
            sets = sorted(found.evictions.get(v, ()), key=sort_key)
            if sets != list(evictions[v]):
                raise Counterexample(f"the minimal eviction sets of {tuple(v)} are {evictions[v]}, not {sets}")

    return for_all(table_covers(), examine, cases=budget.cases, seed=budget.seed)


def _dual(truth: BruteForce, evictions: dict[Neuron, tuple[Match, ...]]) -> None:
    """T15 itself, from both definitions."""
    for v, sets in evictions.items():
        for family, other in ((truth.minimal[v], sets), (sets, truth.minimal[v])):
            if list(_transversals(other, truth.maximum)) != list(family):
                raise Counterexample(f"T15 fails for {tuple(v)}: minimal matches {truth.minimal[v]}, evictions {sets}")


def _transversals(sets: Sequence[Match], within: Match) -> list[Match]:
    """The minimal parts of ``within`` that meet every one of the sets, smallest first."""
    found: list[Match] = []
    for size in range(len(within) + 1):
        for chosen in map(Match.of, combinations(within, size)):
            if all(chosen & one for one in sets) and not any(smaller <= chosen for smaller in found):
                found.append(chosen)
    return sorted(found, key=sort_key)
