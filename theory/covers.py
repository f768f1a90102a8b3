"""Cover relations (D8): all that the combinatorial theory asks of two layers.

T2-T5, A1-A3, A5 and A6 use one property only: c(v, T), "neuron v lies, up to epsilon, in the span of the set T of
the other side", is monotone in T. Everything that has this property is a ``Cover``: activations under literal least
squares (``residuals.LeastSquares``), under a rank decided once per side (``algorithms.compressed.spans``), under exact
arithmetic (``algorithms.exact``), and the abstract tables below, on which every statement can be enumerated.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Generic, TypeVar

from .errors import InvalidNeuron
from .matches import Match, Neuron, Side


class Cover(ABC):
    """A monotone relation c(v, T) between neurons v and sets T of neurons of the other side.

    Implements D8. ``m`` and ``n`` are the numbers of neurons of the two sides. A subclass implements ``covers``;
    one that can answer for many neurons at once overrides ``uncovered``.
    """

    m: int
    n: int

    @abstractmethod
    def covers(self, neuron: Neuron, others: frozenset[int]) -> bool:
        """c(neuron, others): whether the set ``others`` of the *other* side covers ``neuron``."""

    def uncovered(self, side: Side, members: Collection[int], others: frozenset[int]) -> frozenset[int]:
        """Those of ``members`` (of ``side``) that ``others`` does not cover."""
        return frozenset(i for i in members if not self.covers(Neuron(side, i), others))

    @property
    def everything(self) -> Match:
        """The pair of all neurons."""
        return Match.everything(self.m, self.n)

    def violators(self, pair: Match) -> Match:
        """The members of ``pair`` that the pair's other side does not cover (D1)."""
        return Match(self.uncovered("x", pair.x, pair.y), self.uncovered("y", pair.y, pair.x))

    def is_match(self, pair: Match) -> bool:
        """D1: each member is covered by the other side's members. The empty pair is a match."""
        return not (self.uncovered("x", pair.x, pair.y) or self.uncovered("y", pair.y, pair.x))


@dataclass(frozen=True)
class TableCover(Cover):
    """An abstract cover on tiny sets, given by its minimal covering sets.

    ``x[i]`` lists sets of Y-indices: c(x_i, T) holds iff T contains one of them; ``y[j]`` likewise lists sets of
    X-indices. No set at all means "never covered"; the empty set means "always covered". Every monotone relation
    on finite sets can be written so, and every such table is monotone.
    """

    x: tuple[tuple[frozenset[int], ...], ...]
    y: tuple[tuple[frozenset[int], ...], ...]

    def __post_init__(self) -> None:
        for side, tables, size in (("x", self.x, len(self.y)), ("y", self.y, len(self.x))):
            for index, sets in enumerate(tables):
                for members in sets:
                    if not all(0 <= k < size for k in members):
                        raise InvalidNeuron(
                            f'TableCover: the covering set {sorted(members)} of neuron ("{side}", {index}) has an '
                            f"index outside 0..{size - 1}, the neurons of the other side"
                        )

    @classmethod
    def of(cls, x: Sequence[Sequence[Collection[int]]], y: Sequence[Sequence[Collection[int]]]) -> TableCover:
        """From nested lists, e.g. ``TableCover.of(x=[[{0}, {1}]], y=[[{0}], [{0}]])`` (the example of T8)."""
        return cls(*(tuple(tuple(frozenset(s) for s in sets) for sets in side) for side in (x, y)))

    @property
    def m(self) -> int:  # type: ignore[override]
        return len(self.x)

    @property
    def n(self) -> int:  # type: ignore[override]
        return len(self.y)

    @cached_property
    def _tables(self) -> dict[str, tuple[tuple[frozenset[int], ...], ...]]:
        return {"x": self.x, "y": self.y}

    def covers(self, neuron: Neuron, others: frozenset[int]) -> bool:
        return not self.uncovered(neuron.side, [neuron.index], others)

    def uncovered(self, side: Side, members: Collection[int], others: frozenset[int]) -> frozenset[int]:
        tables = self._tables[side]
        # ``issuperset`` asks without a Python frame for each covering set: these questions are asked by the million.
        return frozenset(i for i in members if not any(map(others.issuperset, tables[i])))


Level = TypeVar("Level", float, Fraction)


class Geometry(ABC, Generic[Level]):
    """A real-valued r(v, T), non-increasing in T: what T6 needs, and a cover at every epsilon.

    ``Level`` is the type of a residual: floats are r itself, the exact oracle's Fractions are r squared; ``level``
    translates epsilon. A dead neuron's residual is 0 if dead neurons match, and above every level if they do not.
    """

    m: int
    n: int

    @abstractmethod
    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> Sequence[Level]:
        """r(v, others) for the ``members`` v of ``side``, in their order."""

    @abstractmethod
    def level(self, epsilon: Any) -> Level:
        """epsilon as a residual."""

    def relative(self, residual: Level) -> float:
        """A residual of this geometry as the float r."""
        return float(residual)

    def at(self, epsilon: Any) -> ThresholdCover[Level]:
        """The cover "r(v, T) <= epsilon" (D1)."""
        return ThresholdCover(self, self.level(epsilon))


@dataclass(frozen=True, eq=False)
class ThresholdCover(Cover, Generic[Level]):
    """The cover of a geometry at one level."""

    geometry: Geometry[Level]
    level: Level

    @property
    def m(self) -> int:  # type: ignore[override]
        return self.geometry.m

    @property
    def n(self) -> int:  # type: ignore[override]
        return self.geometry.n

    def covers(self, neuron: Neuron, others: frozenset[int]) -> bool:
        return not self.uncovered(neuron.side, [neuron.index], others)

    def uncovered(self, side: Side, members: Collection[int], others: frozenset[int]) -> frozenset[int]:
        ordered = sorted(members)
        found = self.geometry.residuals(side, ordered, others)
        return frozenset(i for i, residual in zip(ordered, found, strict=True) if not residual <= self.level)
