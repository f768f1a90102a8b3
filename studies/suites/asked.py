"""What is asked about a planted set: questions of the conformance kit, whose right answers are the planted ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...proofs_check.harness.capabilities import Capabilities
from ...proofs_check.harness.margins import CLEAR, CLOSE
from ...proofs_check.harness.questions import (
    SQUARE_TOLERANCE,
    AllSimpleQuestion,
    MaximumQuestion,
    MinimalQuestion,
    Question,
    RadiiQuestion,
    SimpleQuestion,
)
from ...proofs_check.harness.scores import ScoreQuestion
from ...synthetic import Planted
from ...theory.matches import Match, Neuron

SMALLEST_EPSILON = 1e-6
"""As at the required level of the conformance kit; epsilon 0 is asked where an answer is known nowhere else."""
MOST_EPSILONS, MOST_SCORES, MOST_NEURONS, MOST_OUTSIDE = 9, 3, 8, 2
"""So many maximum matches and similarities are asked of a set, and so many minimal matches at an epsilon,
of neurons in the maximum match and outside of it."""

REASONS = {
    "match_radii": "D7: the least epsilon at which the neuron is in the maximum match",
    "max_match": "D3, T3: the union of all matches is one",
    "similarity": "D4: the share of neurons in the maximum match",
    "simple_matches": "D5, T7: no union of smaller matches",
    "min_match": "T7: a minimal match of v is simple, and no smaller simple match has v; none outside of the maximum",
}
"""Function -> what makes its answers right, besides the reason that the set itself gives."""


@dataclass(frozen=True)
class Asked:
    """The questions about one set, in an order and number that follow from the planted answers alone."""

    planted: Planted
    can: Capabilities = field(default_factory=Capabilities)

    def __iter__(self) -> Iterator[Question]:
        yield from self._radii()
        for epsilon in self._large_enough(self.epsilons):
            match = self.planted.max_match(epsilon)
            if match is not None:
                yield MaximumQuestion(self._x, self._y, epsilon, self._kept(match), self._counted)
        for epsilon in self._large_enough(self.score_epsilons):
            match = self.planted.max_match(epsilon)
            if match is not None:
                right = len(self._kept(match)) / self._counted if self._counted else 0.0
                yield ScoreQuestion(self._x, self._y, epsilon, (epsilon,), (right,))
        for epsilon in self._large_enough(self.simple_epsilons):
            yield SimpleQuestion(self._x, self._y, epsilon, self._simple(epsilon))
        for epsilon, neuron in self.minimal_asked:
            if epsilon >= self.can.smallest_epsilon:
                yield MinimalQuestion(self._x, self._y, epsilon, neuron, self.minimal(epsilon, neuron))

    @property
    def size(self) -> int:
        """Neurons of both sides together."""
        return sum(self._sizes)

    @property
    def epsilons(self) -> list[float]:
        """Where the maximum match is asked: in the middle of the planted ranges, and close to their ends."""
        found = sorted({e for level in self.planted.maximum for e in _inside(level.low, level.high)})
        return _spread(found, MOST_EPSILONS)

    @property
    def score_epsilons(self) -> list[float]:
        """Where the similarity is asked."""
        return _spread(self.epsilons, MOST_SCORES)

    @property
    def simple_epsilons(self) -> list[float]:
        """Where simple and minimal matches are asked."""
        return [e for level in self.planted.simple for e in _inside(level.low, level.high)[:2]]

    @property
    def minimal_asked(self) -> list[tuple[float, Neuron]]:
        """Where minimal matches are asked, and of which neurons: some where all simple matches are known, and some
        outside of the maximum match, which have none."""
        both = sorted({*self.score_epsilons, *self.simple_epsilons})
        return [
            *((epsilon, v) for epsilon in self.simple_epsilons for v in self._inside(epsilon)),
            *((epsilon, v) for epsilon in both for v in self._outside(epsilon)),
        ]

    def _inside(self, epsilon: float) -> list[Neuron]:
        simple = self._simple(epsilon)
        inside = Match.of(v for match in simple for v in match)
        # From those in few simple matches to those in many, of which only the smallest are minimal.
        return _spread(sorted(inside.neurons, key=lambda v: (sum(v in one for one in simple), v)), MOST_NEURONS)

    def _outside(self, epsilon: float) -> list[Neuron]:
        match = self.planted.max_match(epsilon)
        if match is None:
            return []
        outside = [v for v in Match.everything(*self._sizes).neurons if v not in match | self.planted.dead]
        return _spread(outside, MOST_OUTSIDE)

    def minimal(self, epsilon: float, neuron: Neuron) -> tuple[Match | None, ...]:
        """All minimal matches of the neuron, the least of the simple ones that have it (T7); None if there is none."""
        having = [match for match in self._simple(epsilon) if neuron in match]
        return tuple(match for match in having if not any(other < match for other in having)) or (None,)

    def complete(self) -> Iterator[Question]:
        """The questions that only an implementation that finds all simple matches can answer."""
        for epsilon in self._large_enough(self.simple_epsilons):
            yield AllSimpleQuestion(self._x, self._y, epsilon, self._simple(epsilon))

    def _large_enough(self, epsilons: Sequence[float]) -> list[float]:
        """Those that the implementation says it can be asked."""
        return [epsilon for epsilon in epsilons if epsilon >= self.can.smallest_epsilon]

    def to_dict(self) -> dict[str, Any]:
        """What is asked, for those who answer from a file."""
        return {
            "match_radii": self.planted.radii is not None,
            "maximum_match": self.epsilons,
            "similarity": self.score_epsilons,
            "simple_matches": self.simple_epsilons,
            "minimal_matches": [
                {"epsilon": epsilon, "side": v.side, "index": v.index}
                for epsilon, v in self.minimal_asked
            ],
        }

    def _radii(self) -> Iterator[Question]:
        # Dead neurons have no radius of their own where they never match.
        if self.planted.radii is not None and (self.can.dead_neurons == "match" or not self.planted.dead):
            tolerance = self.planted.tolerance
            rx, ry = (side.tolist() for side in self.planted.radii)
            allowed = max(SQUARE_TOLERANCE, tolerance * (2 + tolerance))
            yield RadiiQuestion(self._x, self._y, 0, (rx, ry), allowed, self._counted)

    def _simple(self, epsilon: float) -> tuple[Match, ...]:
        found = self.planted.simple_matches(epsilon) or ()
        return tuple(match for match in found if self.can.dead_neurons == "match" or not match & self.planted.dead)

    def _kept(self, match: Match) -> Match:
        return match if self.can.dead_neurons == "match" else match - self.planted.dead

    @property
    def _counted(self) -> int:
        """How many neurons the similarity counts (D4)."""
        return self.size - (len(self.planted.dead) if self.can.dead_neurons == "drop" else 0)

    @property
    def _sizes(self) -> tuple[int, int]:
        return self._x.shape[1], self._y.shape[1]

    @property
    def _x(self) -> Any:
        return self.planted.matrices[0]

    @property
    def _y(self) -> Any:
        return self.planted.matrices[1]


def _inside(low: float, high: float) -> list[float]:
    """Epsilons of a planted range: near both ends, as close as floats can be held to, and in the middle."""
    if high == 0:
        return [0.0]
    first = max(low + max(CLOSE * low, 2 * CLEAR), SMALLEST_EPSILON)
    last = min(high - max(CLOSE * high, 2 * CLEAR), 1 - 2 * CLEAR)
    return [first, (first + last) / 2, last] if first < last else []


def _spread(found: Sequence[Any], most: int) -> list[Any]:
    """At most so many, evenly chosen, the first and the last among them."""
    chosen = np.unique(np.linspace(0, len(found) - 1, min(most, len(found))).round().astype(int))
    return [found[k] for k in chosen.tolist()]
