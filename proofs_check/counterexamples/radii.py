"""Counterexamples about real residuals on abstract sets: a growing one (T6), too large an error (T18)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...theory.covers import Geometry
from ...theory.matches import Match, Neuron, Side, other_side
from ...theory.radii import match_radii
from .covers import subsets
from .statement import NeededHypothesis, Statement


class TableResiduals(Geometry[Fraction]):
    """r(v, T) from a table: for each neuron its values over the sets of the other side, smallest sets first."""

    def __init__(self, x: Sequence[Sequence[str]], y: Sequence[Sequence[str]]) -> None:
        self.m, self.n = len(x), len(y)
        self.values: dict[tuple[Neuron, frozenset[int]], Fraction] = {}
        sides: tuple[tuple[Side, Sequence[Sequence[str]], int], ...] = (("x", x, self.n), ("y", y, self.m))
        for side, rows, size in sides:
            for index, row in enumerate(rows):
                for T, value in zip(subsets(size), row, strict=True):
                    self.values[Neuron(side, index), T] = Fraction(value)

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[Fraction]:
        return [self.values[Neuron(side, i), frozenset(others)] for i in members]

    def level(self, epsilon: Any) -> Fraction:
        return Fraction(epsilon)


def does_not_grow(geometry: TableResiduals) -> bool:
    items = geometry.values.items()
    return all(r <= q for (v, T), q in items for (u, S), r in items if v == u and T <= S)


def all_peels(geometry: TableResiduals) -> Iterator[dict[Neuron, Fraction]]:
    """The radii by T6, for every way to break ties."""

    def peel(pair: Match, reached: Fraction, radii: dict[Neuron, Fraction]) -> Iterator[dict[Neuron, Fraction]]:
        current = {v: geometry.values[v, pair.side(other_side(v.side))] for v in pair}
        if not current:
            yield radii
            return
        top = max(current.values())
        level = min(reached, top)
        for v in (u for u, r in current.items() if r == top):
            yield from peel(pair.without(v), level, {**radii, v: level})

    return peel(Match.everything(geometry.m, geometry.n), Fraction(1), {})


def peels_to_radii(geometry: TableResiduals) -> bool:
    truth = match_radii(geometry)
    return all(found == truth for found in all_peels(geometry))


@dataclass(frozen=True)
class Disturbed:
    """True residuals, those that a peel uses instead, and how far apart they are said to be."""

    truth: TableResiduals
    used: TableResiduals
    delta: Fraction

    def errors(self) -> Iterator[Fraction]:
        return (abs(r - self.used.values[key]) for key, r in self.truth.values.items())


def radii_within_delta(disturbed: Disturbed) -> bool:
    truth = match_radii(disturbed.truth)
    return all(abs(found[v] - truth[v]) <= disturbed.delta for found in all_peels(disturbed.used) for v in truth)


def _one_and_two(x: str) -> TableResiduals:
    """y_0 is 0 from x, y_1 is 2/5; x is 0 from y_0, 1 from y_1 and as told from both."""
    return TableResiduals(x=[["1", "0", "1", x]], y=[["1", "0"], ["1", "2/5"]])


GROWING, SOUND = _one_and_two("1/2"), _one_and_two("0")
"""The first residual grows from 0 to 1/2 when y_1 joins y_0: x goes first and takes y_0 with it."""


_T18 = Statement(
    "T18",
    {
        "true residuals that do not grow": lambda disturbed: does_not_grow(disturbed.truth),
        "every error at most delta": lambda disturbed: max(disturbed.errors()) <= disturbed.delta,
    },
    radii_within_delta,
)

NEEDED = (
    NeededHypothesis(
        "T6-growing-residual",
        Statement("T6", {"a residual that does not grow with the predicting set": does_not_grow}, peels_to_radii),
        "a residual that does not grow with the predicting set",
        "r(x) grows to 1/2 when y_1 joins y_0: x is removed first at 1/2, though ({x}, {y_0}) is a match at 0",
        GROWING, SOUND,
    ),
    NeededHypothesis(
        "T18-growing-residual", _T18, "true residuals that do not grow",
        "as in T6: the peel is wrong by 1/2 even without errors",
        Disturbed(GROWING, GROWING, Fraction(0)), Disturbed(SOUND, SOUND, Fraction(0)),
    ),
    NeededHypothesis(
        "T18-one-large-error", _T18, "every error at most delta",
        "one residual off by 1/2 moves three radii by more than 1/10",
        Disturbed(SOUND, GROWING, Fraction(1, 10)), Disturbed(SOUND, _one_and_two("1/10"), Fraction(1, 10)),
    ),
)  # fmt: skip
