"""Hypotheses that theorems about abstract covers do not need: on every relation, monotone or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, combinations, product

from ...synthetic.strategies.covers import all_covers
from ...theory.brute_force import is_simple, minimal_among
from ...theory.matches import Match, Neuron
from .covers import Relation, matches_of, subsets
from .statement import NeededAfterAllError, UnneededHypothesis


def all_relations(m: int, n: int) -> Iterator[Relation]:
    """Every relation between neurons and sets of the other side, monotone or not: 256 on 1 + 2."""
    for_x, for_y = (
        [[T for T, chosen in zip(subsets(size), choice, strict=True) if chosen]
         for choice in product((False, True), repeat=2**size)]
        for size in (n, m)
    )  # fmt: skip
    for choice in product(*[for_x] * m, *[for_y] * n):
        yield Relation.of(choice[:m], choice[m:])


def transversals(sets: Iterable[Match], within: Match) -> set[Match]:
    """The minimal parts of ``within`` that meet every one of the sets."""
    listed = list(sets)
    meeting = [part for part in map(Match.of, _parts(within)) if all(part & one for one in listed)]
    return {part for part in meeting if not any(other < part for other in meeting)}


def _parts(pair: Match) -> Iterable[tuple[Neuron, ...]]:
    return chain.from_iterable(combinations(pair.neurons, size) for size in range(len(pair) + 1))


def _require(holds: bool, what: object) -> None:
    if not holds:
        raise NeededAfterAllError(f"not so for {what}")


def _for_all_relations(holds: Callable[[Relation], bool]) -> int:
    count = 0
    for relation in all_relations(1, 2):
        _require(holds(relation), relation)
        count += 1
    return count


def _decomposition(relation: Relation) -> bool:
    """T7 with D3 read as "some match contains v"."""
    matches = tuple(matches_of(relation))
    simple = [pair for pair in matches if is_simple(pair, matches)]
    minimal = {v: minimal_among(v, matches) for v in relation.everything}
    unions = all(Match.of(chain(*(one for one in simple if one <= pair))) == pair for pair in matches)
    members = all(minimal[v] for pair in matches for v in pair)
    return unions and members and set(simple) == set(chain(*minimal.values()))


def _duality(relation: Relation) -> bool:
    """T15 with H an eviction set when no match that contains v avoids it, for every v, matched or not."""
    matches = tuple(matches_of(relation))
    for v in relation.everything:
        minimal = set(minimal_among(v, matches))
        evictions = transversals((pair for pair in matches if v in pair), relation.everything)
        if transversals(minimal, relation.everything) != evictions:
            return False
        if transversals(evictions, relation.everything) != minimal:
            return False
    return True


def _one_minimal(relation: Relation) -> bool:
    """T20 with M read as all neurons, for every v, matched or not."""
    matches = tuple(matches_of(relation))
    everything = relation.everything
    for v in everything:
        containing = [pair for pair in matches if v in pair]
        needed = Match.of(u for u in everything if u == v or all(u in pair for pair in containing))
        if (len(minimal_among(v, matches)) == 1) != (needed in matches):
            return False
    return True


def _empty_is_never_simple() -> int:
    count = 0
    for cover in all_covers(2, 1):
        matches = matches_of(cover)
        literal = [pair for pair in matches if is_simple(pair, tuple(matches))]
        unions = {pair: Match.of(chain(*(one for one in matches if one < pair))) for pair in matches}
        _require(literal == [pair for pair in matches if unions[pair] != pair], cover)
        count += 1
    return count


UNNEEDED = (
    UnneededHypothesis(
        "T7", "a monotone cover (D8)",
        "strict inclusion is well-founded whatever the relation; only that M exists (T3) and that A2 finds minimal "
        "matches need it",
        lambda: _for_all_relations(_decomposition),
    ),
    UnneededHypothesis(
        "T15", "a monotone cover (D8), v in M",
        "minimal sets that meet a family of sets and the family's minimal members determine one another; a v in no "
        "match has no minimal match, and the empty set evicts it",
        lambda: _for_all_relations(_duality),
    ),
    UnneededHypothesis(
        "T20", "a monotone cover (D8), v in M",
        "what lies in every match that contains v is its only minimal match if it is one, whatever the matches are; "
        "where no match contains v, that is every neuron, and no match",
        lambda: _for_all_relations(_one_minimal),
    ),
    UnneededHypothesis(
        "D5", "non-empty", "the empty match is the union of no matches, so it is not simple anyway",
        _empty_is_never_simple,
    ),
)  # fmt: skip
