"""Counterexamples about what leaves matches unchanged (T12): factors, maps of the inputs, copies of neurons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...algorithms.peeling import peel_radii
from ...theory.matches import Neuron, Side
from .independence import Layers, Vector, gram, rank, vectors
from .statement import NeededAfterAllError, NeededHypothesis, Statement, UnneededHypothesis


@dataclass(frozen=True)
class Changed:
    """Layers, and what becomes of their vectors."""

    before: Layers
    after: Layers


def same_matches(changed: Changed) -> bool:
    return changed.before.matches == changed.after.matches


@dataclass(frozen=True)
class Scaled(Changed):
    """Neuron by neuron: the factors of network 1, then of network 2."""

    factors: tuple[Fraction, ...]

    @classmethod
    def of(cls, before: Layers, *factors: int) -> Scaled:
        both = [
            tuple(factor * a for a in vector) for factor, vector in zip(factors, (*before.x, *before.y), strict=True)
        ]
        m = len(before.x)
        return cls(before, Layers(tuple(both[:m]), tuple(both[m:]), before.epsilon), tuple(map(Fraction, factors)))


@dataclass(frozen=True)
class Mapped(Changed):
    """z becomes L z + shift, for every neuron; the rows of L are given."""

    rows: tuple[Vector, ...]
    shift: Vector

    @classmethod
    def of(cls, before: Layers, rows: tuple[Vector, ...], shift: Sequence[int] = ()) -> Mapped:
        offset = tuple(map(Fraction, shift or [0] * len(rows)))

        def image(vector: Vector) -> Vector:
            return tuple(
                sum((a * b for a, b in zip(row, vector, strict=True)), moved)
                for row, moved in zip(rows, offset, strict=True)
            )

        x, y = (tuple(map(image, side)) for side in (before.x, before.y))
        return cls(before, Layers(x, y, before.epsilon), rows, offset)

    @property
    def linear(self) -> bool:
        return not any(self.shift)

    @property
    def isometric(self) -> bool:
        """L^T L = c I with c > 0."""
        products = gram(tuple(zip(*self.rows, strict=True)))
        factor = products[0][0]
        return factor > 0 and all(
            entry == (factor if i == j else 0) for i, row in enumerate(products) for j, entry in enumerate(row)
        )

    @property
    def injective(self) -> bool:
        return rank(self.rows) == len(self.rows[0])

    @property
    def injective_on_neurons(self) -> bool:
        neurons, images = (*self.before.x, *self.before.y), (*self.after.x, *self.after.y)
        return rank(neurons) == rank(images)


@dataclass(frozen=True)
class Copied:
    """Layers, and a neuron of which a copy joins one of the networks."""

    before: Layers
    source: Neuron
    joins: Side


def copies_change_no_radius(copied: Copied) -> bool:
    """All other radii stay, and the copy has its original's."""
    before = copied.before
    vector = (before.x if copied.source.side == "x" else before.y)[copied.source.index]
    x, y = (side + (vector,) * (copied.joins == name) for name, side in (("x", before.x), ("y", before.y)))
    old, new = peel_radii(before.geometry), peel_radii(Layers(x, y).geometry)
    copy = Neuron(copied.joins, len(before.x if copied.joins == "x" else before.y))
    return all(new[v] == old[v] for v in old) and new[copy] == old[copied.source]


_SCALING = Statement("T12", {"factors other than 0": lambda scaled: all(scaled.factors)}, same_matches)
_ISOMETRY = Statement(
    "T12",
    {"an isometry up to a factor": lambda mapped: mapped.isometric, "no translation": lambda mapped: mapped.linear},
    same_matches,
)
_INJECTIVE = Statement(
    "T12",
    {
        "epsilon = 0": lambda mapped: mapped.before.epsilon == 0,
        "an injective map": lambda mapped: mapped.injective,
        "a linear map": lambda mapped: mapped.linear,
    },
    same_matches,
)
_COPY = Statement(
    "T12", {"a copy in the same network": lambda copied: copied.source.side == copied.joins}, copies_change_no_radius
)

DIAGONAL = Layers(vectors([1, 0]), vectors([1, 1]), Fraction(1, 2))
"""Two neurons at 45 degrees: r = .71 both ways, no match at epsilon = 1/2."""

ROTATION, STRETCH, PROJECTION = (
    vectors(["3/5", "-4/5"], ["4/5", "3/5"]), vectors([10, 0], [0, 1]), vectors([1, 0], [0, 0])
)  # fmt: skip
_AT_ZERO = Layers(DIAGONAL.x, DIAGONAL.y)

NEEDED = (
    NeededHypothesis(
        "T12-factor-zero", _SCALING, "factors other than 0", "a neuron times 0 is dead, and dead neurons match",
        Scaled.of(DIAGONAL, 0, 1), Scaled.of(DIAGONAL, -2, 3),
    ),
    NeededHypothesis(
        "T12-no-isometry", _ISOMETRY, "an isometry up to a factor",
        "stretching the first input tenfold makes the two neurons nearly parallel",
        Mapped.of(DIAGONAL, STRETCH), Mapped.of(DIAGONAL, ROTATION),
    ),
    NeededHypothesis(
        "T12-translation", _ISOMETRY, "no translation", "a common offset makes neurons nearly parallel",
        Mapped.of(DIAGONAL, ROTATION, [5, 5]), Mapped.of(DIAGONAL, ROTATION),
    ),
    NeededHypothesis(
        "T12-injective-epsilon", _INJECTIVE, "epsilon = 0", "an injective map that is no isometry, at epsilon = 1/2",
        Mapped.of(DIAGONAL, STRETCH), Mapped.of(_AT_ZERO, STRETCH),
    ),
    NeededHypothesis(
        "T12-not-injective", _INJECTIVE, "an injective map", "a projection makes different neurons parallel",
        Mapped.of(_AT_ZERO, PROJECTION), Mapped.of(_AT_ZERO, STRETCH),
    ),
    NeededHypothesis(
        "T12-affine", _INJECTIVE, "a linear map", "an offset moves a neuron onto the other's line",
        Mapped.of(_AT_ZERO, STRETCH, [-10, 1]), Mapped.of(_AT_ZERO, STRETCH),
    ),
    NeededHypothesis(
        "T12-copy-elsewhere", _COPY, "a copy in the same network", "a copy in the other network is a perfect partner",
        Copied(_AT_ZERO, Neuron("x", 0), "y"), Copied(_AT_ZERO, Neuron("x", 0), "x"),
    ),
)  # fmt: skip


def _loses_an_unused_input() -> int:
    """Maps that lose only directions in which no neuron has anything."""
    lost = vectors([1, 0, 0], [0, 1, 0])
    cases = [Layers(vectors([1, 0, 0]), vectors([a, b, 0])) for a, b in ((1, 1), (2, 0), (0, 3))]
    for layers in cases:
        mapped = Mapped.of(layers, lost)
        if mapped.injective or not (mapped.injective_on_neurons and same_matches(mapped)):
            raise NeededAfterAllError(f"not so for {layers}")
    return len(cases)


UNNEEDED = (
    UnneededHypothesis(
        "T12", "injective on all of R^d", "a map that is injective on the span of the neurons keeps all dependences",
        _loses_an_unused_input,
    ),
)  # fmt: skip
