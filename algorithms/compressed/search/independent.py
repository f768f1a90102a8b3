"""Peeling inside a match of two independent sides without new factorisations, and where a search starts (A5 on the
compressed problem).

What a side predicts without some of its neurons is known at once (``predictors``). For single neurons that is one
matrix of all pairs (u removed, v judged): who evicts whom. At epsilon 0 its edges are those of T10.

A decision within rounding of the threshold is left to the geometry, so the answers are the geometry's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
import scipy.linalg
from jaxtyping import Bool

from ....theory.independence import Stability, wielandt_squared_sine
from ....theory.matches import SIDES, Match, Neuron, Side, other_side
from ....theory.tolerances import NEAR, gram_error
from ...minimal import CoverMatch, KnownMatch, Mask, Search
from ..spans import SideSpan, Spans, independent_part, outside, part_of
from .predictors import Predictor
from .summands import direct_summands

WORST_CONDITION = 1e5
"""A side whose dual basis is larger than this is asked through the geometry: too much would lie within rounding."""

CLEAR_PIVOT = 1e-2
"""What a neuron that was in no basis before must stick out of those taken before it, to be taken into this one."""

PRODUCTS_FROM = 0.01
"""From this level on a Gram matrix may say which residuals are above it: it has half of the digits of those near 0."""

DOWNDATES_UP_TO = 1e3
"""Up to this condition a smaller match is downdated; beyond it is factorised anew."""


class IndependentMatch(KnownMatch):
    """A match whose sides are each independent, at one level of the compressed geometry."""

    def __init__(self, search: SpansSearch, match: Match, x: Predictor, y: Predictor) -> None:
        self.members = match.neurons
        self._search = search
        self._first = len(match.x)
        self._x, self._y = x, y
        condition = max(x.condition, y.condition)
        # Solving through D D^T costs the condition once more, in proportion to what it adds to r.
        accuracy, bound = search.spans.accuracy, search.bound
        reach = 1 + math.sqrt(len(self.members)) * condition
        fuzz = float(accuracy.errors(bound, reach)) + accuracy.column * condition**2 * bound
        if x.columns or y.columns:
            fuzz += gram_error(condition, bound)
        self._clear = max(search.bound + fuzz, search.doubtful) ** 2
        self._unclear = max(0.0, search.bound - fuzz) ** 2

    @property
    def condition(self) -> float:
        return max(self._x.condition, self._y.condition)

    @cached_property
    def evictions(self) -> Bool[np.ndarray, "members members"]:
        """[u, v]: whether v is beyond the level as soon as u alone is gone."""
        evicts = np.zeros((len(self.members),) * 2, dtype=bool)
        first = self._first
        evicts[:first, first:] = self._x.squares_without_each > self._clear
        evicts[first:, :first] = self._y.squares_without_each > self._clear
        return evicts

    def stability(self) -> Stability:
        """theta by Wielandt's bound. The residuals are those of ``theory.independence.stable_up_to``, all at hand but
        those against E(v), which are asked for only where the others are large enough."""
        sine = min(wielandt_squared_sine(side.gram_condition) for side in (self._x, self._y))
        epsilon = self._search.epsilon
        found = Stability(epsilon, sine, self._least_beyond() / epsilon if epsilon else math.inf)
        if not found.holds or not self._needed_cover():
            return replace(found, found=1.0)
        return found

    def _least_beyond(self) -> float:
        """The least residual above the level that a member has without one neuron of the other side."""
        first = self._first
        both = (self._x.squares_without_each, self.evictions[:first, first:]), (
            self._y.squares_without_each, self.evictions[first:, :first])
        return float(np.sqrt(min(squares[beyond].min(initial=np.inf) for squares, beyond in both)))

    def _needed_cover(self) -> bool:
        """Whether every member is covered by the neurons whose removal alone evicts it."""
        return all(
            self._search.cover.covers(v, self.chosen(self.evictions[:, k]).side(other_side(v.side)))
            for k, v in enumerate(self.members)
        )

    def evicting(self, needed: Mask) -> Mask:
        while True:
            more: Mask = needed | self.evictions[:, needed].any(axis=1)
            if (more == needed).all():
                return more
            needed = more

    def closures(self) -> Iterator[tuple[Mask, Mask]]:
        # On first use: importing spanmatch loads no sparse matrices.
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        count, labels = connected_components(csr_array(self.evictions), directed=True, connection="strong")
        for label in range(count):
            component = labels == label
            yield component, self.evicting(component)

    def peel(self, gone: Mask, needed: Mask) -> Mask | None:
        gone = gone.copy()
        places: dict[Side, slice] = {"x": slice(None, self._first), "y": slice(self._first, None)}
        # The match was one before: a side must be judged only once the other has lost something.
        stale = {side for side in SIDES if gone[places[other_side(side)]].any()}
        while stale:
            side = stale.pop()
            judged, other = places[side], places[other_side(side)]
            lost = self._violators(side, gone, judged, other)
            if needed[judged][lost].any():
                return None
            if lost.any():
                gone[judged] |= lost
                stale.add(other_side(side))
        return gone

    def _violators(self, side: Side, gone: Mask, judged: slice, other: slice) -> Mask:
        predictor = self._y if side == "x" else self._x
        present = ~gone[judged]
        squares = predictor.squares_without(gone[other], present)
        beyond = squares > self._clear
        unsure = ~beyond & ~(squares <= self._unclear)
        if unsure.any():
            indices = np.array([v.index for v in self.members[judged]])[present][unsure]
            others = frozenset(v.index for v, out in zip(self.members[other], gone[other], strict=True) if not out)
            uncovered = self._search.cover.uncovered(side, indices.tolist(), others)
            beyond[unsure] = [index in uncovered for index in indices.tolist()]
        lost = np.zeros(len(present), dtype=bool)
        lost[present] = beyond
        return lost

    def restricted(self, keep: Mask) -> KnownMatch:
        match = self.chosen(keep)
        if self.condition <= DOWNDATES_UP_TO and match.x and match.y:
            in_x, in_y = keep[: self._first], keep[self._first :]
            x, y = self._x.without(in_x, in_y), self._y.without(in_y, in_x)
            if x is not None and y is not None:
                return IndependentMatch(self._search, match, x, y)
        return self._search.independent(match)


class SpansSearch(Search):
    """The search on compressed activations. Dead neurons match alone, if they match; where a side of the maximum
    match is dependent, the search starts from independent neurons that span the same.

    ``maximum``: the match to search in; by default the maximum match, which is peeled. A decision on a residual above
    the level and up to ``doubtful`` leaves the answer undecided: in a part of the maximum match.
    """

    def __init__(
        self,
        spans: Spans,
        x: SideSpan,
        y: SideSpan,
        epsilon: float,
        maximum: Match | None = None,
        doubtful: float = 0.0,
    ) -> None:
        self._asked = [spans.at(epsilon, doubtful)]
        super().__init__(self._asked[0])
        self._sides: dict[Side, SideSpan] = {"x": x, "y": y}
        self._bases: list[KnownMatch] = []
        self._reached = Match()
        self.spans = spans
        self.epsilon = epsilon
        self.bound = max(epsilon, spans.tau)
        self.doubtful = doubtful
        if maximum is not None:
            self.maximum = maximum
        if doubtful:
            self.parts = (self,)

    @property
    def undecided(self) -> bool:
        """Whether a decision lay within rounding of epsilon: exact arithmetic may have decided it otherwise."""
        return any(cover.undecided for cover in self._asked)

    @property
    def alone(self) -> Match:
        dead = (np.flatnonzero(~self._sides[side].coordinates.any(axis=0)) for side in ("x", "y"))
        return self.maximum & Match(*(side.tolist() for side in dead))

    def known(self, match: Match) -> KnownMatch:
        if all(self._independent(side, match.side(side)) for side in ("x", "y")):
            return self.independent(match)
        return CoverMatch(self.cover, match, self.known)

    def independent(self, match: Match) -> KnownMatch:
        """A match whose sides are independent, by downdates if it is well enough conditioned."""
        columns = [self._sides[side].coordinates[:, sorted(match.side(side))] for side in ("x", "y")]
        products_up_to = DOWNDATES_UP_TO if self.bound >= PRODUCTS_FROM else 0.0
        x, y = columns
        predictors = Predictor.of(x, y, products_up_to), Predictor.of(y, x, products_up_to)
        if max(predictor.condition for predictor in predictors) > WORST_CONDITION:
            return CoverMatch(self.cover, match, self.known)
        return IndependentMatch(self, match, *predictors)

    @cached_property
    def parts(self) -> tuple[Search, ...]:
        """At epsilon 0, where a side is dependent: the direct summands of the maximum match (A6), if it has several.

        A residual between the level and what the projection on a part can make of it is left undecided there.
        """
        if self.epsilon > self.spans.tau or isinstance(self.whole, IndependentMatch) or not self.whole.members:
            return (self,)
        columns = {side: self._sides[side].coordinates for side in SIDES}
        basis = sorted(self._independent_part("x", self.whole.match.x, frozenset()))
        vectors = np.column_stack([columns[v.side][:, v.index] for v in self.whole.members])
        found = direct_summands(columns["x"][:, basis], vectors, self.spans.tau, self.spans.accuracy)
        if found.count == 1:
            return (self,)
        doubtful = NEAR**2 * found.oblique * found.negligible
        x, y = self._sides["x"], self._sides["y"]
        inside = [self.whole.chosen(found.labels == part) for part in range(found.count)]
        parts = tuple(SpansSearch(self.spans, x, y, self.epsilon, match, doubtful) for match in inside)
        if not all(part.cover.is_match(part.maximum) for part in parts):
            return (self,)
        self._asked += (cover for part in parts for cover in part._asked)
        return parts

    def start(self, neuron: Neuron) -> KnownMatch:
        while neuron not in self._reached:
            self._bases.append(self._spanning(self._reached))
            self._reached |= self._bases[-1].match
        return next(known for known in self._bases if neuron in known.match)

    def _spanning(self, reached: Match) -> KnownMatch:
        """Independent neurons that span what the maximum match spans: a match too (T1). As many as possible, and one at
        least, are not among those ``reached``."""
        if isinstance(self.whole, IndependentMatch):
            return self.whole
        live = self.whole.match
        chosen = Match(*(self._independent_part(side, live.side(side), reached.side(side)) for side in ("x", "y")))
        # The spans agree up to the rank tolerance only, which may matter where a residual is close to the level.
        if not self.cover.is_match(chosen):
            return self.whole
        return self.known(chosen)

    def _independent(self, side: Side, members: frozenset[int]) -> bool:
        span = self._sides[side]
        if members <= frozenset(span.basis.tolist()):
            return True
        return part_of(span, sorted(members), self.spans.tau).rank == len(members)

    def _independent_part(self, side: Side, members: frozenset[int], last: frozenset[int]) -> frozenset[int]:
        """As many members as span what all of them span, of those ``last`` only what the others do not clearly span."""
        span = self._sides[side]
        rank = part_of(span, sorted(members), self.spans.tau).rank
        preferred = sorted(members - last) or sorted(members)
        q, order, _, _ = independent_part(span.coordinates[:, preferred], CLEAR_PIVOT)
        clear = rank if len(preferred) == len(members) else min(rank, q.shape[1])
        chosen = [preferred[k] for k in order[:clear]]
        rest = sorted(members.difference(chosen))
        if clear < rank:
            _, order = scipy.linalg.qr(outside(q[:, :clear], span.coordinates[:, rest]), mode="r", pivoting=True)
            chosen += [rest[k] for k in order[: rank - clear]]
        return frozenset(chosen)
