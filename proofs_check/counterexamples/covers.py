"""Counterexamples about abstract covers: monotonicity in T2-T5, levels in T5, strictness in D5, D6."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

from ...theory.brute_force import all_pairs
from ...theory.covers import Cover
from ...theory.matches import Match, Neuron
from .statement import NeededHypothesis, Statement

Sets = Iterable[Collection[int]]


def subsets(size: int) -> list[frozenset[int]]:
    """All sets of indices below ``size``, smallest first."""
    return [frozenset(s) for s in chain.from_iterable(combinations(range(size), k) for k in range(size + 1))]


@dataclass(frozen=True)
class Relation(Cover):
    """c(v, T) for exactly the sets T listed, monotone or not."""

    x: tuple[frozenset[frozenset[int]], ...]
    y: tuple[frozenset[frozenset[int]], ...]

    @classmethod
    def of(cls, x: Sequence[Sets], y: Sequence[Sets]) -> Relation:
        return cls(*(tuple(frozenset(map(frozenset, sets)) for sets in side) for side in (x, y)))

    @property
    def m(self) -> int:  # type: ignore[override]
        return len(self.x)

    @property
    def n(self) -> int:  # type: ignore[override]
        return len(self.y)

    def covers(self, neuron: Neuron, others: frozenset[int]) -> bool:
        return others in (self.x if neuron.side == "x" else self.y)[neuron.index]

    def made_monotone(self) -> Relation:
        """The smallest monotone relation that contains this one."""
        sides = (
            [[T for T in subsets(size) if any(one <= T for one in sets)] for sets in side]
            for side, size in ((self.x, self.n), (self.y, self.m))
        )
        return Relation.of(*sides)


def monotone(relation: Relation) -> bool:
    return relation == relation.made_monotone()


def matches_of(cover: Cover) -> list[Match]:
    return [pair for pair in all_pairs(cover.m, cover.n) if cover.is_match(pair)]


def largest(matches: Iterable[Match]) -> Match | None:
    """The match that contains all of these, if one does."""
    listed = list(matches)
    return next((pair for pair in listed if all(other <= pair for other in listed)), None)


def union_closed(cover: Cover) -> bool:
    matches = matches_of(cover)
    return all(cover.is_match(one | other) for one, other in product(matches, matches))


def has_maximum(cover: Cover) -> bool:
    return largest(matches_of(cover)) is not None


def peeling_ends(cover: Cover, pair: Match) -> set[Match]:
    """Where removing violators one at a time can end, over all orders."""
    violators = cover.violators(pair)
    return {end for v in violators for end in peeling_ends(cover, pair.without(v))} if violators else {pair}


def peels_to_maximum(cover: Cover) -> bool:
    matches = matches_of(cover)
    return all(
        peeling_ends(cover, start) == {largest(match for match in matches if match <= start)}
        for start in all_pairs(cover.m, cover.n)
    )


TWO_WAYS = Relation.of(x=[[{0}, {1}]], y=[[{0}], [{0}]])
"""x is covered by y_0 and by y_1, but not by both."""

ONE_WAY = Relation.of(x=[[{0}]], y=[[{0}], []])
"""x is covered by y_0 unless y_1 is there too, which nothing covers: removing x or y_1 first makes the difference."""

_MONOTONE = {"a monotone cover (D8)": monotone}


@dataclass(frozen=True)
class Levels:
    """The covers of two levels, the lower one first."""

    low: Relation
    high: Relation


def grows(levels: Levels) -> bool:
    sides = ((levels.low.x, levels.high.x), (levels.low.y, levels.high.y))
    return all(a <= b for low, high in sides for a, b in zip(low, high, strict=True))


def nested(levels: Levels) -> bool:
    low, high = (largest(matches_of(cover)) for cover in (levels.low, levels.high))
    return low is not None and high is not None and low <= high


_PAIR = Relation.of(x=[[{0}]], y=[[{0}]])
_NEVER = Relation.of(x=[[]], y=[[]])


@dataclass(frozen=True)
class Definition:
    """A cover, and whether "smaller" in D5 and D6 excludes the match itself."""

    cover: Relation
    strict: bool

    def parts(self, pair: Match, matches: Sequence[Match]) -> list[Match]:
        return [one for one in matches if one <= pair and not (self.strict and one == pair)]

    def simple(self, matches: Sequence[Match]) -> list[Match]:
        return [pair for pair in matches if pair and Match.of(chain(*self.parts(pair, matches))) != pair]

    def minimal(self, v: Neuron, matches: Sequence[Match]) -> list[Match]:
        return [pair for pair in matches if v in pair and not any(v in one for one in self.parts(pair, matches))]


def decomposes(definition: Definition) -> bool:
    """T7: every match is a union of simple ones."""
    matches = matches_of(definition.cover)
    simple = definition.simple(matches)
    return all(Match.of(chain(*(one for one in simple if one <= pair))) == pair for pair in matches)


def members_have_minimal(definition: Definition) -> bool:
    """T7: every member of a match has a minimal match."""
    matches = matches_of(definition.cover)
    return all(definition.minimal(v, matches) for pair in matches for v in pair)


_T5 = Statement(
    "T5",
    {
        "covers that grow with epsilon": grows,
        "monotone covers (D8)": lambda levels: monotone(levels.low) and monotone(levels.high),
    },
    nested,
)
_STRICT = {"strictly smaller": lambda definition: definition.strict}

NEEDED = (
    NeededHypothesis(
        "T2-not-monotone", Statement("T2", _MONOTONE, union_closed), "a monotone cover (D8)",
        "y_0 covers x and y_1 covers x, but not both together: the union of two matches is none",
        TWO_WAYS, TWO_WAYS.made_monotone(),
    ),
    NeededHypothesis(
        "T3-not-monotone", Statement("T3", _MONOTONE, has_maximum), "a monotone cover (D8)",
        "({x}, {y_0}) and ({x}, {y_1}) are both maximal, and no match contains both",
        TWO_WAYS, TWO_WAYS.made_monotone(),
    ),
    NeededHypothesis(
        "T4-not-monotone", Statement("T4", _MONOTONE, peels_to_maximum), "a monotone cover (D8)",
        "x violates only while y_1 is there: removing y_1 first ends at a match, removing x first at nothing",
        ONE_WAY, ONE_WAY.made_monotone(),
    ),
    NeededHypothesis(
        "T5-not-growing", _T5, "covers that grow with epsilon",
        "x and y cover one another at the lower level but not at the higher one",
        Levels(_PAIR, _NEVER), Levels(_NEVER, _PAIR),
    ),
    NeededHypothesis(
        "T5-not-monotone", _T5, "monotone covers (D8)", "as in T3: there is no maximum match to be nested",
        Levels(TWO_WAYS, TWO_WAYS), Levels(TWO_WAYS.made_monotone(), TWO_WAYS.made_monotone()),
    ),
    NeededHypothesis(
        "D5-not-strict", Statement("D5", _STRICT, decomposes), "strictly smaller",
        "every match is the union of itself: no match would be simple, and T7's decomposition fails",
        Definition(_PAIR, False), Definition(_PAIR, True),
    ),
    NeededHypothesis(
        "D6-not-strict", Statement("D6", _STRICT, members_have_minimal), "strictly smaller",
        "every match contains itself: no match would be minimal for a member",
        Definition(_PAIR, False), Definition(_PAIR, True),
    ),
)  # fmt: skip
