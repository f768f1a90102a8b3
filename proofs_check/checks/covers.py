"""T2-T4, T7, T8 on abstract covers, where brute force knows everything: exhaustively on 2+2 (1 296 covers) and 3+2
(86 400), and on random larger ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from ...synthetic.strategies.activations import table_covers
from ...synthetic.strategies.covers import all_covers
from ...theory.brute_force import all_pairs, brute_force
from ...theory.covers import TableCover
from ...theory.matches import Match, Neuron
from ..harness.implementations import Implementation
from ..harness.registry import Budget, Counterexample, check, for_all, over

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


def everywhere(examine: Callable[[TableCover], None], budget: Budget) -> int:
    """On every small cover and on random ones of up to 8 neurons."""
    return over(exhaustively(budget), examine) + for_all(table_covers(), examine, cases=budget.cases, seed=budget.seed)


@check("T2-union-of-matches", "T2 T3", "what is called a match by D1 is one, and unions of matches are matches",
       "cover_is_match")
def union_of_matches(implementation: Implementation, budget: Budget) -> int:
    is_match = implementation.cover_is_match

    def examine(cover: TableCover) -> None:
        literal = set(truth_of(cover).matches)
        called = [pair for pair in all_pairs(cover.m, cover.n) if is_match(cover, pair)]
        for one in called:
            for other in called:
                if not is_match(cover, one | other):
                    raise Counterexample(f"{one} and {other} are called matches, their union {one | other} is not")
        if set(called) != literal:
            raise Counterexample(f"{sorted(map(repr, set(called) ^ literal))[0]} is judged against the definition (D1)")

    return over(exhaustively(budget), examine) + for_all(
        table_covers(max_neurons=6), examine, cases=budget.cases, seed=budget.seed
    )


@check("T3-maximum-on-covers", "T2 T3", "the maximum match is the union of all matches, by brute force",
       "cover_max_match")
def maximum_on_covers(implementation: Implementation, budget: Budget) -> int:
    def examine(cover: TableCover) -> None:
        truth = truth_of(cover)
        union = Match()
        for pair in truth.matches:
            union = union | pair
        found = implementation.cover_max_match(cover, cover.everything)
        if not found == union == truth.maximum:
            raise Counterexample(f"max_match is {found}, but should be {union}")

    return everywhere(examine, budget)


@check("T4-peeling-inside-any-pair", "T4", "peeling from any pair ends at the largest match inside that pair",
       "cover_max_match")
def peeling_inside_any_pair(implementation: Implementation, budget: Budget) -> int:
    def examine(cover: TableCover) -> None:
        matches = truth_of(cover).matches
        for start in all_pairs(cover.m, cover.n):
            largest = [pair for pair in matches if pair <= start][-1]
            found = implementation.cover_max_match(cover, start)
            if found != largest:
                raise Counterexample(f"from {start} peeling ends at {found}, but should at {largest}")

    return over(exhaustively(budget), examine) + for_all(
        table_covers(max_neurons=6), examine, cases=budget.cases, seed=budget.seed
    )


@check("T7-minimal-on-covers", "T7", "min_match is one of the minimal matches by brute force, None outside the maximum",
       "cover_min_match")
def minimal_on_covers(implementation: Implementation, budget: Budget) -> int:
    def examine(cover: TableCover) -> None:
        truth = truth_of(cover)
        for v in cover.everything:
            found = implementation.cover_min_match(cover, v)
            allowed = truth.minimal.get(v, ())
            if found not in allowed and (found is not None or allowed):
                raise Counterexample(f"min_match of {tuple(v)} is {found}, but not one of {list(allowed) or None}")

    return everywhere(examine, budget)


@check("T7-simple-on-covers", "T7", "simple_matches are simple by brute force, their union is the maximum, and simple "
       "means minimal for a member", "cover_simple_matches")
def simple_on_covers(implementation: Implementation, budget: Budget) -> int:
    def examine(cover: TableCover) -> None:
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

    return everywhere(examine, budget)


@check("T8-minimal-not-unique", "T8", "two minimal matches of one neuron, whose intersection is no match",
       "cover_min_match cover_is_match")
def minimal_not_unique(implementation: Implementation, _: Budget) -> int:
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
