"""Counterexamples about strong independence and stability (T19), in exact arithmetic: all angles and levels squared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Any

from ...theory.brute_force import brute_force
from ...theory.matches import SIDES, Side, other_side
from .independence import Layers, Vector, matrix, swapped, vectors
from .statement import NeededAfterAllError, NeededHypothesis, Statement, UnneededHypothesis


@dataclass(frozen=True)
class Claimed:
    """Two layers with what is claimed of them: ``sine``: sin^2 theta; ``factor``: lambda^2."""

    layers: Layers
    sine: Fraction
    factor: Fraction

    def side(self, side: Side) -> list[Vector]:
        """The vectors of one side of the maximum match."""
        vectors_of = self.layers.x if side == "x" else self.layers.y
        return [vectors_of[i] for i in sorted(self.layers.matches[-1].side(side))]


def strongly_independent(side: Side) -> Callable[[Claimed], bool]:
    """dist^2(u, span B) >= sin^2 theta |u|^2 for all u in span A: a positive semidefinite form for each A, B."""

    def holds(claimed: Claimed) -> bool:
        members = [vector for vector in claimed.side(side) if any(vector)]
        indices = range(len(members))
        parts = [list(part) for size in indices[1:] for part in combinations(indices, size)]
        return all(
            _sticks_out([members[k] for k in part], [members[k] for k in indices if k not in part], claimed.sine)
            for part in parts
        )

    return holds


def _sticks_out(part: Sequence[Vector], rest: Sequence[Vector], sine: Fraction) -> bool:
    """Of the form (1 - s) G_AA - G_AB G_BB^-1 G_BA all principal minors are at least 0."""
    a, b = matrix(part), matrix(rest)
    if not (b * b.transpose()).det():
        return False
    form = a * a.transpose() * _number(1 - sine)
    form -= a * b.transpose() * (b * b.transpose()).inv() * b * a.transpose()
    rows = range(len(part))
    minors = [chosen for size in rows for chosen in combinations(rows, size + 1)]
    return all(matrix([[_fraction(form[i, j]) for j in some] for i in some]).det() >= 0 for some in minors)


def _number(value: Fraction) -> Any:
    return matrix([[value]])[0, 0]


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def in_no_gap(claimed: Claimed) -> bool:
    """No r^2 inside the maximum match lies in (epsilon^2, lambda^2 epsilon^2]."""
    maximum, geometry, square = claimed.layers.matches[-1], claimed.layers.geometry, claimed.layers.epsilon**2
    for side in SIDES:
        members, others = sorted(maximum.side(side)), sorted(maximum.side(other_side(side)))
        for size in range(len(others) + 1):
            for subset in combinations(others, size):
                found = geometry.residuals(side, members, subset)
                if any(square < r <= claimed.factor * square for r in found):
                    return False
    return True


def large_enough(claimed: Claimed) -> bool:
    return claimed.factor >= 1 + 4 / claimed.sine


def closed(claimed: Claimed) -> bool:
    """T19: intersections are matches, minimal matches unique."""
    truth = brute_force(claimed.layers.geometry.at(claimed.layers.epsilon))
    listed = set(truth.matches)
    return all(one & other in listed for one, other in product(listed, listed)) and all(
        len(minimal) == 1 for minimal in truth.minimal.values()
    )


_T19 = Statement(
    "T19",
    {
        "X* strongly independent": strongly_independent("x"),
        "Y* strongly independent": strongly_independent("y"),
        "stable": in_no_gap,
        "lambda^2 >= 1 + 4/sin^2 theta": large_enough,
    },
    closed,
)

_APART = Layers(vectors([10, 0, 0], [0, 10, 0]), vectors([10, 1, 0], [0, 10, 1]), Fraction(1, 9))
"""Two neurons, each with a partner of its own."""
REPAIRED = Claimed(_APART, Fraction(9, 10), Fraction(6))

_CLOSE = Layers(vectors([100, 0, 0]), vectors([100, 10, 0], [100, 0, 10]), Fraction(1, 9))
"""x has two partners at a residual of 10/sqrt(10100), which are at about 8 degrees from one another."""
_SMALL, _LARGE = Fraction(1, 60), Fraction(9, 10)
"""sin^2 of an angle below the 8 degrees, and of one above."""

NEEDED = (
    NeededHypothesis(
        "T19-close-y", _T19, "Y* strongly independent",
        "independent neurons near to one another serve x each alone; every residual inside M is small or 1, so it is "
        "stable for the lambda of a larger angle",
        Claimed(_CLOSE, _LARGE, Fraction(6)), REPAIRED,
    ),
    NeededHypothesis(
        "T19-close-x", _T19, "X* strongly independent", "the same with the networks swapped",
        Claimed(swapped(_CLOSE), _LARGE, Fraction(6)), REPAIRED,
    ),
    NeededHypothesis(
        "T19-unstable", _T19, "stable",
        "the same two partners, at the angle that they have: lambda epsilon is then above 1, and 1 is a residual",
        Claimed(_CLOSE, _SMALL, 1 + 4 / _SMALL), REPAIRED,
    ),
    NeededHypothesis(
        "T19-small-lambda", _T19, "lambda^2 >= 1 + 4/sin^2 theta",
        "the same two partners are stable for lambda = 8: every residual inside M is at most 1/9 or 1",
        Claimed(_CLOSE, _SMALL, Fraction(64)), REPAIRED,
    ),
)  # fmt: skip


def _dead_neurons() -> int:
    """Dead neurons on either side, with small ones: they match alone, and all other residuals are as before."""
    for x, y in (((0, 0, 0), None), (None, (0, 0, 0)), ((0, 0, 0), (0, 0, 0))):
        layers = Layers(
            _APART.x + (vectors(x) if x else ()), _APART.y + (vectors(y) if y else ()), _APART.epsilon
        )
        claimed = Claimed(layers, REPAIRED.sine, REPAIRED.factor)
        if not (all(holds(claimed) for holds in _T19.hypotheses.values()) and closed(claimed)):
            raise NeededAfterAllError(f"not so for {layers}")
    return 3


UNNEEDED = (
    UnneededHypothesis(
        "T19", "neurons that are not 0",
        "a dead neuron makes no angle, all its residuals are 0, and its only minimal match is itself",
        _dead_neurons,
    ),
)  # fmt: skip
