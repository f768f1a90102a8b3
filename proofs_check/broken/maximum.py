"""Named implementations, each wrong in one way: a check is worth something only if it rejects some of these.

Each gives the right answer on most ordinary cases. ``BROKEN`` maps every implementation to the ids of the checks that
must reject it; the test suite runs them, and fails when a check of the registry rejects nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.linalg

from ...algorithms import reference
from ...algorithms.peeling import batch_peel
from ...theory.covers import Cover, Geometry
from ...theory.matches import Match, Neuron, Side, sort_key
from ...theory.residuals import NEVER, LeastSquares
from ..harness.implementations import Activations, Implementation, from_parts


class _Altered(LeastSquares):
    """Literal residuals of activations that were changed first."""

    def __init__(self, X: Activations, Y: Activations) -> None:
        super().__init__(*(np.atleast_2d(self.alter(np.asarray(Z, dtype=float))) for Z in (X, Y)))

    def alter(self, Z: Activations) -> Activations:
        return Z


class Centred(_Altered):
    """Subtracts the mean over inputs first, as correlation-based measures do."""

    def alter(self, Z: Activations) -> Activations:
        return np.asarray(Z - Z.mean(axis=0))


class SubSampled(_Altered):
    """Looks at all inputs but the last."""

    def alter(self, Z: Activations) -> Activations:
        return Z[: max(1, len(Z) - 1)]


class AbsoluteResidual(LeastSquares):
    """Compares the distance itself, not its share of the neuron's length, with epsilon: in network 2 only."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        lengths = np.linalg.norm(self._values[side][:, members], axis=0) if side == "y" else np.ones(len(members))
        found = super().residuals(side, members, others)
        return [r * length for r, length in zip(found, lengths, strict=True)]


class ForgetsDeadNeurons(LeastSquares):
    """Says that a neuron that is exactly zero is never covered."""

    def __init__(self, X: Activations, Y: Activations) -> None:
        super().__init__(X, Y, dead_neurons="unmatched")


class DeadNeedsPartner(LeastSquares):
    """Lets a dead neuron match, but not against the empty set."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        return super().residuals(side, members, others) if others else [NEVER] * len(members)


class BestSingleNeuron(LeastSquares):
    """Looks for the best single neuron of the other side in place of their span."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        each = [super(BestSingleNeuron, self).residuals(side, members, [other]) for other in others]
        return [min(r) for r in zip(super().residuals(side, members, ()), *each, strict=True)]


class CoarseRank(LeastSquares):
    """Cuts the rank of every subset anew at a tenth of its largest singular value."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        own, T = self._values[side][:, members], self._values["y" if side == "x" else "x"][:, sorted(others)]
        u, s, _ = scipy.linalg.svd(T, full_matrices=False) if T.size else (np.zeros((len(T), 0)), np.zeros(0), None)
        kept = u[:, s > 0.1 * s.max(initial=0.0)]
        left = np.linalg.norm(own - kept @ (kept.T @ own), axis=0)
        lengths = np.linalg.norm(own, axis=0)
        return [float(r) if r > 1e-9 else 0.0 for r in left / np.where(lengths == 0, 1, lengths)]


class SinglePrecisionGram(LeastSquares):
    """Solves the normal equations in float32."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        own = self._values[side][:, members].astype(np.float32)
        T = self._values["y" if side == "x" else "x"][:, sorted(others)].astype(np.float32)
        left = own - T @ np.linalg.pinv(T.T @ T) @ (T.T @ own) if T.size else own
        lengths = np.linalg.norm(own, axis=0)
        r = np.linalg.norm(left, axis=0) / np.where(lengths == 0, 1, lengths)
        return [float(value) if value > 1e-4 else 0.0 for value in r]


class Strict(LeastSquares):
    """Asks for a residual strictly below epsilon."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        return [float(np.nextafter(r, 1.0)) for r in super().residuals(side, members, others)]


class DividesByPrediction(LeastSquares):
    """Divides the distance by the length of the prediction in place of the neuron's own length."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        found = super().residuals(side, members, others)
        return [min(1.0, r / np.sqrt(1 - r * r)) if r < 1 else r for r in found]


def one_round(cover: Cover, within: Match) -> Match:
    """Removes the violators of one side, then of the other, once."""
    x = within.x - cover.uncovered("x", within.x, within.y)
    return Match(x, within.y - cover.uncovered("y", within.y, x))


def two_rounds(cover: Cover, within: Match) -> Match:
    """Stops the cascade after the violators of both sides were removed twice."""
    once = within - cover.violators(within)
    return once - cover.violators(once)


def keeps_one_of_network_2(cover: Cover, within: Match) -> Match:
    """Never removes the last neuron that is left of network 2."""
    pair = within
    while violators := cover.violators(pair):
        y = pair.y - violators.y or frozenset(sorted(pair.y)[:1])
        if (smaller := Match(pair.x - violators.x, y)) == pair:
            break
        pair = smaller
    return pair


def stale_other_side(cover: Cover, within: Match) -> Match:
    """Measures network 2 against the neurons that network 1 had after its first round, ever after."""
    first = one_round(cover, within)
    x, y = first.x, first.y
    while uncovered := cover.uncovered("x", x, y):
        x = x - uncovered
    return Match(x, y)


def empties_one_side(cover: Cover, within: Match) -> Match:
    """Stops as soon as one side is empty, leaving what the other had."""
    pair = within
    while pair.x and pair.y and (violators := cover.violators(pair)):
        pair = pair - violators
    return pair


def removes_too_much(cover: Cover, within: Match) -> Match:
    """Whenever a neuron violates, removes its twin of the same index on the other side with it."""
    pair = within
    while violators := cover.violators(pair):
        pair = pair - Match(violators.x | violators.y, violators.y | violators.x)
    return pair


def equal_sizes_only(cover: Cover, pair: Match) -> bool:
    """Calls only pairs of equal sizes a match."""
    return cover.is_match(pair) and len(pair.x) == len(pair.y)


def one_member_may_fail(cover: Cover, pair: Match) -> bool:
    """Looks at network 1 only."""
    return not cover.uncovered("x", pair.x, pair.y)


def first_of_candidates(cover: Cover, neuron: Neuron) -> Match | None:
    """Tries to remove neurons of network 1 only."""
    match = batch_peel(cover)
    if neuron not in match:
        return None
    for u in match:
        if u.side == "x" and u != neuron and u in match and neuron in (smaller := batch_peel(cover, match.without(u))):
            match = smaller
    return match


def one_side_of_candidates(cover: Cover, neuron: Neuron) -> Match | None:
    """Tries to remove neurons of the other side only."""
    match = batch_peel(cover)
    if neuron not in match:
        return None
    for u in match:
        if u.side != neuron.side and u in match and neuron in (smaller := batch_peel(cover, match.without(u))):
            match = smaller
    return match


def no_cascade(cover: Cover, neuron: Neuron) -> Match | None:
    """Removes a neuron whenever the one asked for stays covered, without looking at the others."""
    match = batch_peel(cover)
    if neuron not in match:
        return None
    for u in match:
        if u != neuron and not cover.uncovered(neuron.side, [neuron.index], match.without(u).side(
                "y" if neuron.side == "x" else "x")):
            match = match.without(u)
    return match


def never_none(cover: Cover, neuron: Neuron) -> Match | None:
    """Tells by the whole other network whether there is a match, and answers with the neuron alone if A2 has none."""
    others = range(cover.n if neuron.side == "x" else cover.m)
    alone = Match.of([neuron]) if cover.covers(neuron, frozenset(others)) else None
    return reference.min_match(cover, neuron, max_match=batch_peel) or alone


def at_most_two(cover: Cover) -> list[Match]:
    """Returns no more than two simple matches, the smallest."""
    return sorted(reference.simple_matches(cover), key=sort_key)[:2]


def adds_unions(cover: Cover) -> list[Match]:
    """Adds the union of neighbours in the list of simple matches that overlap."""
    found = list(reference.simple_matches(cover))
    return [*found, *(a | b for a, b in pairwise(found) if a & b)]


def own_residual_only(geometry: Geometry[Any]) -> dict[Neuron, Any]:
    """Takes the residual at removal for the radius, without the running minimum."""
    pair = Match.everything(geometry.m, geometry.n)
    radii = {}
    while pair:
        current = {
            v: geometry.residuals(v.side, [v.index], pair.side("y" if v.side == "x" else "x"))[0] for v in pair
        }
        removed = max(current, key=current.__getitem__)
        radii[removed] = min(current[removed], geometry.level(1))
        pair = pair.without(removed)
    return radii


def first_residuals(geometry: Geometry[Any]) -> dict[Neuron, Any]:
    """Takes the residual against all neurons of the other side for the radius: no peeling."""
    pair = Match.everything(geometry.m, geometry.n)
    return {v: geometry.residuals(v.side, [v.index], pair.side("y" if v.side == "x" else "x"))[0] for v in pair}


def _not_nested() -> Implementation:
    sound = from_parts("", max_match=batch_peel)

    def max_match(X: Activations, Y: Activations, epsilon: Any) -> Any:
        return sound.max_match(X, Y, epsilon if epsilon <= 0.85 else 1 - epsilon)

    return replace(sound, name="works with 1 - epsilon above 0.85", max_match=max_match)


def _averages_shares() -> Implementation:
    sound = from_parts("averages the shares of the two sides", max_match=batch_peel)

    def similarity(X: Activations, Y: Activations, epsilon: Any) -> float:
        x, y = sound.max_match(X, Y, epsilon)
        return float(len(x) / X.shape[1] + len(y) / Y.shape[1]) / 2

    return replace(sound, similarity=similarity)


_MAXIMUM = ("T3-maximum-on-covers", "T4-peeling-inside-any-pair", "T3-max-match", "T3-max-match-planted")
_PLANTED = ("T3-max-match-planted", "T7-simple-planted")
_EXACT = ("T1-residual-monotone", "T3-max-match", "T6-match-radii")

BROKEN: dict[Implementation, str] = {
    from_parts("centres the activations", geometry=Centred, max_match=batch_peel):
        "T12-isometries D1-at-threshold T12-isometries-radii T1-residual-monotone T3-max-match T6-match-radii",
    from_parts("leaves out the last input", geometry=SubSampled, max_match=batch_peel):
        "T12-isometries D1-not-a-number T1-residual-monotone T3-max-match T6-match-radii",
    from_parts("absolute residuals in network 2", geometry=AbsoluteResidual, max_match=batch_peel):
        "T12-scaling T12-scaling-radii T6-match-radii-planted T1-residual-monotone T3-max-match T6-match-radii",
    from_parts("dead neurons never match", geometry=ForgetsDeadNeurons, max_match=batch_peel):
        "D1-dead-max-match D1-dead-match-radii D1-dead-min-match T1-residual-monotone",
    from_parts("dead neurons need a partner", geometry=DeadNeedsPartner, max_match=batch_peel):
        "D1-dead-max-match D1-dead-simple-matches T1-residual-monotone",
    from_parts("best single neuron, not the span", geometry=BestSingleNeuron, max_match=batch_peel):
        "T3-max-match T13-full-rank T3-max-match-planted T1-residual-monotone T6-match-radii",
    from_parts("rank cut at a tenth, per subset", geometry=CoarseRank, max_match=batch_peel):
        "D1-span-of-near-copies T12-extreme-scaling T3-max-match-planted T7-simple-planted",
    from_parts("normal equations in float32", geometry=SinglePrecisionGram, max_match=batch_peel):
        "T6-match-radii D1-span-of-nearest-copies T6-match-radii-to-1e-7 T7-simple-planted",
    from_parts("divides by the prediction", geometry=DividesByPrediction, max_match=batch_peel):
        "T3-max-match T6-match-radii T1-residual-monotone",
    from_parts("strict inequality", geometry=Strict, max_match=batch_peel):
        "D1-at-threshold T3-max-match-at-zero T3-max-match-planted-floats",
    from_parts("one round only", max_match=one_round):
        "T3-max-match T9-min-match-unique T3-maximum-on-covers T4-peeling-inside-any-pair",
    from_parts("two rounds only", max_match=two_rounds): "T3-max-match T3-maximum-on-covers T4-peeling-inside-any-pair",
    from_parts("never empties network 2", max_match=keeps_one_of_network_2):
        "T3-max-match T12-permutations T3-maximum-on-covers T4-peeling-inside-any-pair",
    from_parts("stale other side", max_match=stale_other_side):
        "T3-max-match T3-maximum-on-covers T4-peeling-inside-any-pair",
    from_parts("stops when one side is empty", max_match=empties_one_side):
        "T3-max-match T11-balanced T12-linear-map-at-zero T3-maximum-on-covers T4-peeling-inside-any-pair",
    from_parts("removes the twin with the violator", max_match=removes_too_much):
        "T3-max-match T12-permutations T3-maximum-on-covers T4-peeling-inside-any-pair T3-max-match-planted",
    from_parts("only equal sizes are matches", is_match=equal_sizes_only): "T2-union-of-matches",
    from_parts("checks network 1 only", is_match=one_member_may_fail): "T2-union-of-matches",
    _not_nested(): "T5-nested T3-max-match",
    _averages_shares(): "D4-similarity",
    from_parts("radius without the running minimum", radii=own_residual_only): "T6-match-radii",
    from_parts("radius without peeling", radii=first_residuals): "T6-match-radii",
    from_parts("min_match tries network 1 only", max_match=batch_peel, min_match=first_of_candidates): (
        "T7-min-match T8-one-partner T7-minimal-on-covers T7-simple-on-covers T8-minimal-not-unique T7-simple-matches "
        "T7-simple-planted"
    ),
    from_parts("min_match tries one side only", max_match=batch_peel, min_match=one_side_of_candidates):
        "T7-min-match T7-copies T7-minimal-on-covers",
    from_parts("min_match without the cascade", max_match=batch_peel, min_match=no_cascade):
        "T7-min-match T7-simple-matches T7-minimal-on-covers T7-simple-on-covers",
    from_parts("min_match of what the whole network covers", max_match=batch_peel, min_match=never_none):
        "T7-min-match T7-minimal-on-covers",
    from_parts("at most two simple matches", max_match=batch_peel, simple_matches=at_most_two):
        "T7-simple-matches T12-simple-matches T7-simple-on-covers T7-simple-planted",
    from_parts("adds unions of simple matches", max_match=batch_peel, simple_matches=adds_unions):
        "T7-simple-matches T7-simple-on-covers T7-simple-planted",
}
"""Implementation -> the checks that must reject it, the one that names its fault first."""
