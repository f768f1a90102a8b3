"""Named implementations that are wrong about minimal and simple matches (T7, T9, T10, T15, T19, T20), and who rejects
them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...algorithms import minimal, reference, simple
from ...algorithms.minimal import CoverMatch, Mask, Search
from ...algorithms.peeling import batch_peel
from ...algorithms.results import SimpleMatches
from ...theory.covers import Cover
from ...theory.graph import cover_edges, reachable
from ...theory.matches import Match, Neuron, Side, other_side, sort_key
from ...theory.residuals import LeastSquares
from ..harness.implementations import Activations, Epsilon, Implementation, Indices, from_parts, indices


def keeps_last_two(cover: Cover, neuron: Neuron) -> Match | None:
    """Ends the bisection at two suspects and takes both for needed."""
    match = batch_peel(cover)
    if neuron not in match:
        return None
    others = [u for u in match if u != neuron]
    for pair in (others[k : k + 2] for k in range(0, len(others), 2)):
        smaller = batch_peel(cover, match - Match.of(pair))
        match = smaller if neuron in smaller else match
    return match


class _OneRound(CoverMatch):
    """Judges each side once after a removal."""

    def peel(self, gone: Mask, needed: Mask) -> Mask | None:
        kept = self.chosen(~gone)
        kept = kept - self._cover.violators(kept)
        return None if not self.chosen(needed) <= kept else ~self.mask(kept)


class _OneRoundSearch(Search):
    def known(self, match: Match) -> CoverMatch:
        return _OneRound(self.cover, match, self.known)


def stops_the_cascade(cover: Cover, neuron: Neuron) -> Match | None:
    """Stops the peel of a predicate call after one round."""
    return minimal.min_match(_OneRoundSearch(cover), neuron)


def drops_wrong_duplicate(X: Activations, Y: Activations, epsilon: Epsilon, side: Side, index: int) -> Indices | None:
    """Drops the later of two parallel neurons first, also when it is the one asked for."""
    cover = LeastSquares(X, Y).at(epsilon)
    kept = Match(*(_first_of_parallel(np.asarray(Z, dtype=float)) for Z in (X, Y)))
    neuron = Neuron(side, index)
    if neuron not in kept:
        return None
    found = reference.min_match(cover, neuron, max_match=lambda asked, within: batch_peel(asked, within & kept))
    return None if found is None else indices(found)


def _first_of_parallel(Z: Activations) -> list[int]:
    """The columns that are not parallel to an earlier one."""
    squares = (Z * Z).sum(axis=0)
    parallel = np.outer(squares, squares) == (Z.T @ Z) ** 2
    return [j for j in range(Z.shape[1]) if not squares[j] or not (parallel[:j, j] & (squares[:j] > 0)).any()]


def _answer(matches: set[Match], evictions: dict[Neuron, tuple[Match, ...]]) -> SimpleMatches:
    return SimpleMatches(tuple(sorted(matches, key=sort_key)), True, evictions)


def claims_completeness(cover: Cover) -> SimpleMatches:
    """Finds one minimal match a neuron, and says that these are all."""
    return replace(simple.simple_matches(Search(cover)), matches=reference.simple_matches(cover))


def single_evictions_only(cover: Cover) -> SimpleMatches:
    """Takes only single neurons for eviction sets."""
    right = simple.simple_matches(Search(cover))
    return replace(right, evictions={v: tuple(e for e in sets if len(e) == 1) for v, sets in right.evictions.items()})


def loose_evictions(cover: Cover) -> SimpleMatches:
    """Leaves neurons in the larger eviction sets that need not be there."""
    right = simple.simple_matches(Search(cover))
    union = Match.of(v for match in right for v in match)
    return replace(
        right,
        evictions={
            v: tuple(e if len(e) == 1 else union.without(v) for e in sets) for v, sets in right.evictions.items()
        },
    )


def disjoint_only(cover: Cover) -> SimpleMatches:
    """Never looks again at the other neurons of a minimal match that it has found."""
    right = simple.simple_matches(Search(cover))
    chosen: list[Match] = []
    for match in right:
        if all(not match & other or match >= other for other in chosen):
            chosen.append(match)
    return _answer(set(chosen), dict(right.evictions))


def two_steps(cover: Cover) -> SimpleMatches:
    """Follows the graph of T10 for two steps from each neuron, and takes the maximum match where that is no match."""
    maximum = batch_peel(cover)

    def step(match: Match) -> Match:
        for v in match:
            other = other_side(v.side)
            members = maximum.side(other)
            match = match | Match.of(Neuron(other, i) for i in members if not cover.covers(v, members - {i}))
        return match

    reached = (step(step(Match.of([v]))) for v in maximum)
    return _answer({match if cover.is_match(match) else maximum for match in reached}, {})


def graph_of_zero(X: Activations, Y: Activations, epsilon: Epsilon) -> list[Indices]:
    """Takes the graph of T10, whose edges are all residuals above 0, at every epsilon."""
    geometry = LeastSquares(X, Y)
    maximum = batch_peel(geometry.at(epsilon))
    reached = reachable(maximum, cover_edges(maximum, geometry.at(0.0))).values()
    return [indices(match) for match in {Match.of(reach) for reach in reached}]


def needed_is_enough(cover: Cover) -> dict[Neuron, Match]:
    """Takes what every match of a neuron holds for a match."""
    matches = simple.simple_matches(Search(cover)).matches
    found: dict[Neuron, Match] = {}
    for v in batch_peel(cover):
        for match in matches:
            if v in match:
                found[v] = found.get(v, match) & match
    return found


BROKEN: dict[Implementation, str] = {
    from_parts("min_match removes neurons in pairs only", max_match=batch_peel, min_match=keeps_last_two):
        "T7-min-match T9-min-match-unique T7-minimal-on-covers",
    from_parts("min_match stops the cascade after a round", max_match=batch_peel, min_match=stops_the_cascade):
        "T7-min-match T19-min-match T7-minimal-on-covers",
    replace(
        from_parts("min_match drops the wrong one of two copies", max_match=batch_peel),
        min_match=drops_wrong_duplicate,
    ):
        "T7-copies",
    from_parts("claims that one a neuron is all", all_simple_matches=claims_completeness):
        "T7-all-simple-matches T15-duality-on-covers",
    from_parts("only simple matches disjoint from others", all_simple_matches=disjoint_only):
        "T7-all-simple-matches T15-duality-on-covers",
    from_parts("only single neurons evict", all_simple_matches=single_evictions_only): "T15-duality-on-covers",
    from_parts("eviction sets that are not minimal", all_simple_matches=loose_evictions): "T15-duality-on-covers",
    from_parts("follows the graph for two steps", all_simple_matches=two_steps):
        "T10-simple-matches-at-zero T15-duality-on-covers T7-all-simple-matches",
    replace(from_parts("the graph of epsilon 0 at every epsilon"), all_simple_matches=graph_of_zero):
        "T19-simple-matches T7-all-simple-matches",
    from_parts("what all matches of a neuron hold is one", minimum_matches=needed_is_enough): "T20-minimum-on-covers",
}
"""Implementation -> the checks that must reject it, the one that names its fault first."""
