"""Counterexamples about activations, in exact arithmetic: T9, T10 and balanced sizes (T11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from flint import fmpq, fmpq_mat

from ...algorithms.exact import ExactGeometry
from ...theory.brute_force import brute_force
from ...theory.graph import closed_sets, cover_edges
from ...theory.matches import Match, Side
from .statement import NeededAfterAllError, NeededHypothesis, Statement, UnneededHypothesis

Vector = tuple[Fraction, ...]


def vectors(*columns: Sequence[int | str | Fraction]) -> tuple[Vector, ...]:
    return tuple(tuple(Fraction(entry) for entry in column) for column in columns)


@dataclass(frozen=True)
class Layers:
    """Two layers as lists of activation vectors, and epsilon."""

    x: tuple[Vector, ...]
    y: tuple[Vector, ...]
    epsilon: Fraction = Fraction(0)

    @property
    def geometry(self) -> ExactGeometry:
        return ExactGeometry(*(np.array(side, dtype=object).T for side in (self.x, self.y)))

    @property
    def matches(self) -> tuple[Match, ...]:
        return brute_force(self.geometry.at(self.epsilon)).matches


def rank(side: Sequence[Vector]) -> int:
    return int(matrix(side).rank()) if side else 0


def matrix(rows: Iterable[Iterable[Fraction]]) -> fmpq_mat:
    """A matrix of rationals by its rows."""
    return fmpq_mat([[fmpq(entry.numerator, entry.denominator) for entry in row] for row in rows])


def gram(side: Sequence[Vector]) -> list[list[Fraction]]:
    return [[sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0)) for v in side] for u in side]


def _independent(side: Side) -> Callable[[Layers], bool]:
    def independent(layers: Layers) -> bool:
        members = layers.matches[-1].side(side)
        chosen = [vector for i, vector in enumerate(layers.x if side == "x" else layers.y) if i in members]
        return rank(chosen) == len(chosen)

    return independent


def lattice(layers: Layers) -> bool:
    """T9: intersections are matches, minimal matches unique, sizes equal, no more simple matches than |X*|."""
    truth = brute_force(layers.geometry.at(layers.epsilon))
    listed = set(truth.matches)
    return (
        all(one & other in listed for one, other in product(listed, listed))
        and all(len(minimal) == 1 for minimal in truth.minimal.values())
        and all(len(pair.x) == len(pair.y) for pair in listed)
        and len(truth.simple) <= len(truth.maximum.x)
    )


def matches_are_closed_sets(layers: Layers) -> bool:
    """T10."""
    maximum = layers.matches[-1]
    return tuple(closed_sets(maximum, cover_edges(maximum, layers.geometry.at(layers.epsilon)))) == layers.matches


_EXACT = {
    "epsilon = 0": lambda layers: layers.epsilon == 0,
    "X* independent": _independent("x"),
    "Y* independent": _independent("y"),
}
_T9, _T10 = Statement("T9", _EXACT, lattice), Statement("T10", _EXACT, matches_are_closed_sets)

TWO_PARTNERS = Layers(vectors([3, 4]), vectors([3, 4], [6, 8]))
"""T8's example: a neuron with two partners on one line with it."""

NEARLY = Layers(vectors([10, 0, 0]), vectors([10, 1, 0], [10, 0, 1]), Fraction(1, 2))
"""The same with partners that are independent, but near enough at epsilon = 1/2."""

PLANTED = Layers(vectors([1, 0, 0], [0, 1, 0], [0, 0, 1]), vectors([1, 0, 0], [1, 2, 0]))
"""Y* = X* C with C = (1 1; 0 2): y_1 needs both x, x_1 both y; the third x is private."""


def swapped(layers: Layers) -> Layers:
    return Layers(layers.y, layers.x, layers.epsilon)


def balanced(layers: Layers) -> bool:
    return all(len(pair.x) == len(pair.y) for pair in layers.matches)


def unit(layers: Layers) -> bool:
    return all(sum(a * a for a in vector) == 1 for vector in (*layers.x, *layers.y))


def below_least_singular_value(layers: Layers) -> bool:
    """epsilon^2 max(m, n) < sigma^2: the Gram matrices less that are positive definite, by their leading minors."""
    level = layers.epsilon**2 * max(len(layers.x), len(layers.y))
    for side in (layers.x, layers.y):
        products = gram(side)
        for i, row in enumerate(products):
            row[i] -= level
        if not all(matrix(row[:k] for row in products[:k]).det() > 0 for k in range(1, len(products) + 1)):
            return False
    return True


_T11 = Statement(
    "T11", {"unit columns": unit, "epsilon sqrt(max(m, n)) < sigma": below_least_singular_value}, balanced
)
_CLOSE = (vectors([1, 0], ["99/101", "20/101"]), vectors([1, 0]))

NEEDED = (
    NeededHypothesis(
        "T9-dependent-y", _T9, "Y* independent",
        "T8's example: two x-minimal matches whose intersection is no match, and |A| < |B|",
        TWO_PARTNERS, PLANTED,
    ),
    NeededHypothesis(
        "T9-dependent-x", _T9, "X* independent", "T8's example with the networks swapped",
        swapped(TWO_PARTNERS), swapped(PLANTED),
    ),
    NeededHypothesis(
        "T9-epsilon", _T9, "epsilon = 0",
        "independent partners near to the same neuron serve it each alone, as dependent ones do",
        NEARLY, PLANTED,
    ),
    NeededHypothesis(
        "T10-dependent-y", _T10, "Y* independent",
        "neither of two equal partners is needed, so x has no edge; but x alone is no match",
        TWO_PARTNERS, PLANTED,
    ),
    NeededHypothesis(
        "T10-dependent-x", _T10, "X* independent", "the same with the networks swapped",
        swapped(TWO_PARTNERS), swapped(PLANTED),
    ),
    NeededHypothesis(
        "T10-epsilon", _T10, "epsilon = 0", "no single one of two near partners is needed at epsilon = 1/2",
        NEARLY, PLANTED,
    ),
    NeededHypothesis(
        "T11-long-columns", _T11, "unit columns",
        "columns a hundred times as long have singular values a hundred times as large, and the same matches",
        Layers(vectors([100, 0], [100, 10]), vectors([100, 0]), Fraction(1, 10)), Layers(*_CLOSE, Fraction(1, 20)),
    ),
    NeededHypothesis(
        "T11-close-columns", _T11, "epsilon sqrt(max(m, n)) < sigma",
        "two nearly parallel neurons match one at epsilon = 1/4",
        Layers(*_CLOSE, Fraction(1, 4)), Layers(*_CLOSE, Fraction(1, 20)),
    ),
)  # fmt: skip


def _sigma_is_zero() -> int:
    """Wide layers and dead neurons fail the condition on sigma at every epsilon, 0 too."""
    wide, dead = vectors([1, 0], ["3/5", "4/5"], [0, 1]), vectors([1, 0], [0, 0])
    cases = [Layers(one, other) for one, other in ((wide, wide[:1]), (wide[:1], wide), (dead, wide[:1]))]
    for layers in cases:
        if below_least_singular_value(layers):
            raise NeededAfterAllError(f"not so for {layers}")
    return len(cases)


UNNEEDED = (
    UnneededHypothesis(
        "T11", "m, n <= d; no dead neurons",
        "otherwise a side has dependent columns, sigma is 0 and the condition on epsilon fails by itself",
        _sigma_is_zero,
    ),
)  # fmt: skip
