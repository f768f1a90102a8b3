"""Counterexamples about chance (T13) and robustness (T14), in exact arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from ...theory.matches import Side
from .independence import Layers, Vector, unit, vectors
from .statement import NeededAfterAllError, NeededHypothesis, Statement, UnneededHypothesis


@dataclass(frozen=True)
class Directions:
    """A random direction with finitely many values and rational weights, in two dimensions, and a set T of neurons."""

    values: tuple[Vector, ...]
    weights: tuple[Fraction, ...]
    T: tuple[Vector, ...]

    def expectation(self, numbers: list[Fraction]) -> Fraction:
        return sum((w * number for w, number in zip(self.weights, numbers, strict=True)), Fraction(0))

    def moment(self, i: int, j: int) -> Fraction:
        return self.expectation([a**i * b**j for a, b in self.values])

    @property
    def squares(self) -> list[Fraction]:
        """r^2 of every value against T."""
        return Layers(self.values, self.T).geometry.residuals("x", range(len(self.values)), range(len(self.T)))


def isotropic(directions: Directions) -> bool:
    """All moments of up to four are those of a point drawn evenly from the circle; E r^2 and E r^4 see no others."""
    even = {(0, 0): "1", (2, 0): "1/2", (0, 2): "1/2", (4, 0): "3/8", (2, 2): "1/8", (0, 4): "3/8"}
    return all(
        directions.moment(i, j) == Fraction(even.get((i, j), "0")) for i in range(5) for j in range(5 - i)
    )


def beta_moments(directions: Directions) -> bool:
    """E r^2 and E r^4 are those of Beta((d - k)/2, k/2) for d = 2, k = 1."""
    squares = directions.squares
    means = [directions.expectation([square**order for square in squares]) for order in (1, 2)]
    return means == [Fraction(1, 2), Fraction(3, 8)]


def _all_signs(*points: tuple[int | str, int | str]) -> tuple[Vector, ...]:
    signed = {(s * Fraction(a), t * Fraction(b)) for a, b in points for s in (1, -1) for t in (1, -1)}
    return tuple(sorted(signed))


_AXES = _all_signs((1, 0), (0, 1))
_OTHERS = _all_signs(("3/5", "4/5"), ("4/5", "3/5"))
_SOME_LINE = vectors([2, 1])
EVEN = Directions(
    _AXES + _OTHERS, (Fraction(527, 4 * 1152),) * 4 + (Fraction(625, 8 * 1152),) * 8, _SOME_LINE
)
"""Twelve points whose moments of up to five are those of the circle."""

_T13 = Statement("T13", {"a centred isotropic direction": isotropic}, beta_moments)


@dataclass(frozen=True)
class Moved:
    """A match of all the neurons of two layers, coefficients that prove it, and the layers after the move.

    ``coefficients``: for each neuron of X one number per neuron of Y, then the other way round.
    """

    before: Layers
    after: Layers
    coefficients: tuple[tuple[Vector, ...], tuple[Vector, ...]]
    kappa: Fraction
    delta: Fraction

    @property
    def bound(self) -> Fraction:
        """epsilon' of T14."""
        return (self.before.epsilon + self.delta * (1 + self.kappa)) / (1 - self.delta)


def _square_length(vector: Vector) -> Fraction:
    return sum((a * a for a in vector), Fraction(0))


def _difference(one: Vector, other: Vector) -> Vector:
    return tuple(a - b for a, b in zip(one, other, strict=True))


def predicted(moved: Moved) -> bool:
    """The coefficients leave at most epsilon, and their sum of absolute values is at most kappa."""
    x, y = moved.before.x, moved.before.y
    for own, others, rows in ((x, y, moved.coefficients[0]), (y, x, moved.coefficients[1])):
        for vector, row in zip(own, rows, strict=True):
            prediction = tuple(
                sum((c * a for c, a in zip(row, entries, strict=True)), Fraction(0))
                for entries in zip(*others, strict=True)
            )
            if _square_length(_difference(vector, prediction)) > moved.before.epsilon**2:
                return False
            if sum(map(abs, row)) > moved.kappa:
                return False
    return True


def moved_little(moved: Moved) -> bool:
    pairs = zip((*moved.before.x, *moved.before.y), (*moved.after.x, *moved.after.y), strict=True)
    return all(_square_length(_difference(old, new)) <= moved.delta**2 for old, new in pairs)


def still_a_match(moved: Moved) -> bool:
    """Every residual after the move is at most epsilon', which must not be negative for that."""
    if moved.bound < 0:
        return False
    geometry = moved.after.geometry
    sides: tuple[tuple[Side, int, int], ...] = (("x", geometry.m, geometry.n), ("y", geometry.n, geometry.m))
    return all(
        square <= moved.bound**2
        for side, own, others in sides
        for square in geometry.residuals(side, range(own), range(others))
    )


_COEFFICIENTS, _MOVES = "coefficients that reach epsilon, of 1-norm at most kappa", "every move at most delta"
_T14 = Statement(
    "T14",
    {
        "unit-length vectors": lambda moved: unit(moved.before),
        _COEFFICIENTS: predicted,
        _MOVES: moved_little,
        "delta < 1": lambda moved: moved.delta < 1,
    },
    still_a_match,
)

_SAME = (vectors([1]), vectors([1]))
_PAIR = Moved(
    Layers(vectors([1, 0]), vectors([1, 0])), Layers(vectors([1, "1/10"]), vectors([1, 0])), _SAME,
    Fraction(1), Fraction(1, 10),
)  # fmt: skip
_SHORT = replace(
    _PAIR,
    before=Layers(vectors(["1/10", 0]), vectors(["1/10", 0])),
    after=Layers(vectors(["1/10", "1/10"]), vectors(["1/10", 0])),
)
_FAR = replace(_PAIR, after=Layers(vectors([0, 1]), vectors([1, 0])))

# x_0 is predicted from two nearly parallel y with coefficients of about 5 each.
_STEEP = Moved(
    Layers(vectors([0, 1], [1, 0]), vectors([1, 0], ["99/101", "20/101"])),
    Layers(vectors([0, 1], [1, 0]), vectors([1, 0], [1, 0])),
    (vectors(["-99/20", "101/20"], [1, 0]), vectors([0, 1], ["20/101", "99/101"])),
    Fraction(6, 5), Fraction(1, 5),
)  # fmt: skip

NEEDED = (
    NeededHypothesis(
        "T13-axes", _T13, "a centred isotropic direction",
        "a direction along a random axis has E r^2 = 1/2 against every line, but not the law: E r^4 is too large",
        Directions(_AXES, (Fraction(1, 4),) * 4, _SOME_LINE), EVEN,
    ),
    NeededHypothesis(
        "T13-not-centred", _T13, "a centred isotropic direction",
        "directions of positive mean lie nearer to a T along that mean: E r^2 < 1/2",
        Directions(vectors(["3/5", "4/5"], ["4/5", "3/5"]), (Fraction(1, 2),) * 2, vectors([1, 1])), EVEN,
    ),
    NeededHypothesis(
        "T14-short-vectors", _T14, "unit-length vectors",
        "a vector of length 1/10 that moves by 1/10 turns by 45 degrees",
        _SHORT, _PAIR,
    ),
    NeededHypothesis(
        "T14-large-coefficients", _T14, _COEFFICIENTS,
        "a neuron predicted from the small difference of two others: once they are equal, nothing predicts it",
        _STEEP, _PAIR,
    ),
    NeededHypothesis("T14-far", _T14, _MOVES, "a quarter turn, with delta = 1/10", _FAR, _PAIR),
    NeededHypothesis(
        "T14-delta", _T14, "delta < 1", "at delta = 2 epsilon' is negative, and no residual is",
        replace(_PAIR, delta=Fraction(2)), _PAIR,
    ),
)  # fmt: skip


def _one_of_each_sign() -> int:
    """Half of the points, one of each two that are opposite: not centred, and r the same."""
    chosen = [
        k for k, value in enumerate(EVEN.values) if value > tuple(-a for a in value)
    ]
    half = Directions(
        tuple(EVEN.values[k] for k in chosen), tuple(2 * EVEN.weights[k] for k in chosen), EVEN.T
    )
    if half.moment(1, 0) == 0 or not beta_moments(half):
        raise NeededAfterAllError(f"not so for {half}")
    return len(chosen)


def _bound_above_one() -> int:
    """Moves so large that epsilon' >= 1; a residual never is more."""
    cases = [
        replace(_PAIR, delta=Fraction(k, 10), after=Layers(vectors([1, 0]), vectors([1, f"{k}/10"])))
        for k in range(4, 10)
    ]
    for moved in cases:
        if moved.bound < 1 or not still_a_match(moved):
            raise NeededAfterAllError(f"not so for {moved}")
    return len(cases)


UNNEEDED = (
    UnneededHypothesis(
        "T13", "centred", "an isotropic direction is centred anyway, and r(-z) = r(z): signs play no part",
        _one_of_each_sign,
    ),
    UnneededHypothesis("T14", "epsilon' < 1", "no residual is more than 1", _bound_above_one),
)  # fmt: skip
