"""Hypothesis strategies: small activations worth testing on, abstract covers, planted sets.

Everything is drawn through hypothesis' own integers, lists and choices (only ``planted_sets`` draws the seed of a
generator), so that a failing case shrinks to a small one that can be read.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...theory.covers import TableCover
from ..families.blocks import planted_blocks
from ..families.conv import conv_blocks
from ..families.digraph import planted_digraph
from ..families.noisy import SHAPES, noisy_digraph
from ..families.radii import planted_radii
from ..families.staircase import planted_staircase
from ..planted import Planted
from ..transform import modify
from .small import Case, case_features

__all__ = ["EPSILONS", "Case", "activation_cases", "case_features", "planted_sets", "table_covers"]

EPSILONS = tuple(Fraction(text) for text in ("0", "1/10", "3/10", "1/2", "3/5", "4/5", "9/10"))
MOST_NEURONS, MOST_INPUTS = 5, 9

Vector = tuple[int, ...]


def _unit(axis: int, scale: int = 1) -> Vector:
    return tuple(scale if k == axis else 0 for k in range(MOST_INPUTS))


def _sum(*vectors: Vector) -> Vector:
    return tuple(map(sum, zip(*vectors, strict=True)))


def _times(factor: int, vector: Vector) -> Vector:
    return tuple(factor * entry for entry in vector)


@st.composite
def _chain(draw: st.DrawFn) -> tuple[list[Vector], list[Vector], tuple[Fraction, ...]]:
    """A path alternating between the sides which the peel takes one neuron at a time, down to its last two.

    Neighbours have cosine ab / (a^2 + b^2), and at the epsilons given the first neuron violates D1, no other does.
    """
    a, b, epsilon = draw(st.sampled_from([(1, 1, Fraction(4, 5)), (2, 1, Fraction(9, 10))]))
    length = draw(st.sampled_from([4, 6, 8, 8, 9, 9, 9]))
    path = [_sum(_unit(k, a), _unit(k + 1, b)) for k in range(length - 1)] + [_unit(length - 1)]
    return path[::2], path[1::2], (epsilon,)


@st.composite
def _cascade(draw: st.DrawFn) -> tuple[list[Vector], list[Vector], tuple[Fraction, ...]]:
    """Independent axes f, u, v, w with X = {f, f + u, u + v, w}, Y = {u, v, w}: a slow peel also at epsilon 0.

    The private f goes and f + u with it, then u and v, then u + v; w is left on both sides.
    """
    f, u, v, w = (_unit(axis) for axis in draw(st.permutations(range(4))))
    return [f, _sum(f, u), _sum(u, v), w], [u, v, w], EPSILONS[:5]


@st.composite
def _shared(draw: st.DrawFn) -> tuple[list[Vector], list[Vector], tuple[Fraction, ...]]:
    """Both sides are integer combinations of the same few axes."""
    axes = draw(st.integers(1, 3))
    combination = st.lists(st.integers(-2, 2), min_size=axes, max_size=axes)
    sides = [draw(st.lists(combination, min_size=1, max_size=4)) for _ in range(2)]
    x, y = ([tuple(entries) + (0,) * (MOST_INPUTS - axes) for entries in side] for side in sides)
    return x, y, EPSILONS


@st.composite
def _free(draw: st.DrawFn) -> tuple[list[Vector], list[Vector], tuple[Fraction, ...]]:
    """Free small integers on a few inputs."""
    inputs = draw(st.integers(1, MOST_INPUTS))
    column = st.lists(st.integers(-3, 3), min_size=inputs, max_size=inputs)
    sides = [draw(st.lists(column, min_size=1, max_size=MOST_NEURONS)) for _ in range(2)]
    x, y = ([tuple(entries) + (0,) * (MOST_INPUTS - inputs) for entries in side] for side in sides)
    return x, y, EPSILONS


@st.composite
def activation_cases(draw: st.DrawFn) -> Case:
    """Integer activations with 1..5 neurons per side and 1..9 inputs, and an epsilon from ``EPSILONS``.

    A core (free entries, shared axes, or a chain that peels slowly) and a few further neurons: dead ones, copies
    from either side, integer combinations, free ones. Shares over many draws, required by a test: >= 30 % with a
    proper non-empty maximum match, >= 20 % with a rank-deficient side, >= 20 % that take three rounds or more.
    """
    cores = [_free(), _shared(), _cascade(), _cascade(), *[_chain()] * 4]
    x, y, suited = draw(st.sampled_from(cores).flatmap(lambda core: core))
    sides = [list(x), list(y)]
    used = max((k + 1 for vector in (*x, *y) for k, entry in enumerate(vector) if entry), default=1)
    inputs = draw(st.integers(used, MOST_INPUTS))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 3]))):
        side = draw(st.integers(0, 1))
        if len(sides[side]) < MOST_NEURONS:
            sides[side].append(draw(_further(sides[side], sides[1 - side], inputs)))
    factors = st.sampled_from([1, 1, 1, -1, 2, 3])
    sides = [[_times(draw(factors), vector) for vector in draw(st.permutations(side))] for side in sides]
    if draw(st.booleans()):
        sides.reverse()
    X, Y = (np.array(side, dtype=np.int64).T[:inputs] for side in sides)
    # One in four forgets which epsilon the core was made for.
    epsilon = draw(st.sampled_from(EPSILONS if draw(st.integers(0, 3)) == 3 else suited))
    return Case(X, Y, epsilon)


@st.composite
def _further(draw: st.DrawFn, own: list[Vector], other: list[Vector], inputs: int) -> Vector:
    """One more neuron for a side."""
    match draw(st.sampled_from(["dead", "copy", "shared", "combination", "mixed", "free"])):
        case "dead":
            return (0,) * MOST_INPUTS
        case "copy":
            return draw(st.sampled_from(own))
        case "shared":
            return draw(st.sampled_from(other))
        case "combination":
            pair = draw(st.sampled_from(own)), draw(st.sampled_from(own))
            return _sum(pair[0], _times(draw(st.integers(-2, 2)), pair[1]))
        case "mixed":
            return _sum(draw(st.sampled_from(own)), _times(draw(st.integers(-2, 2)), draw(st.sampled_from(other))))
        case _:
            entries = draw(st.lists(st.integers(-3, 3), min_size=inputs, max_size=inputs))
            return tuple(entries) + (0,) * (MOST_INPUTS - inputs)


@st.composite
def table_covers(draw: st.DrawFn, max_neurons: int = 8) -> TableCover:
    """Abstract covers (D8) with at least one neuron per side and at most ``max_neurons`` in all."""
    m = draw(st.integers(1, max_neurons - 1))
    n = draw(st.integers(1, max_neurons - m))

    def tables(count: int, others: int) -> list[list[frozenset[int]]]:
        covering = st.lists(st.frozensets(st.integers(0, others - 1), max_size=4), max_size=3, unique=True)
        return draw(st.lists(covering, min_size=count, max_size=count))

    return TableCover.of(x=tables(m, n), y=tables(n, m))


_SEEDS = st.integers(0, 2**16)
_COUNTS = st.tuples(st.integers(0, 2), st.integers(0, 2))


@st.composite
def _block_arguments(draw: st.DrawFn) -> dict[str, Any]:
    sizes = []
    for _ in range(draw(st.integers(1, 3))):
        k = draw(st.integers(1, 2))
        sizes.append((k, k + draw(st.integers(0, 1)), k + draw(st.integers(0, 1))))
    return {"blocks": sizes, "private": draw(_COUNTS), "integer": draw(st.booleans()), "seed": draw(_SEEDS)}


@st.composite
def _planted_blocks(draw: st.DrawFn) -> Planted:
    return planted_blocks(inputs=draw(st.integers(14, 40)), **draw(_block_arguments()))


@st.composite
def _planted_conv(draw: st.DrawFn) -> Planted:
    images, height = draw(st.integers(5, 8)), draw(st.integers(1, 3))
    return conv_blocks(images=images, height=height, width=3, **draw(_block_arguments()))


@st.composite
def _planted_radii(draw: st.DrawFn) -> Planted:
    arguments = draw(_block_arguments())
    radii = draw(st.lists(st.sampled_from([0.0, 0.6, 0.8]), min_size=3, max_size=3))
    blocks = [(radius, *size) for radius, size in zip(radii, arguments.pop("blocks"), strict=False)]
    return planted_radii(inputs=draw(st.integers(20, 40)), blocks=blocks, **arguments)


@st.composite
def _planted_digraph(draw: st.DrawFn) -> Planted:
    components = draw(st.lists(st.integers(1, 2), min_size=1, max_size=4))
    pairs = [(a, b) for b in range(len(components)) for a in range(b)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return planted_digraph(
        inputs=draw(st.integers(14, 40)),
        components=components,
        edges=edges,
        private=draw(_COUNTS),
        integer=draw(st.booleans()),
        seed=draw(_SEEDS),
    )


@st.composite
def _noisy_digraph(draw: st.DrawFn) -> Planted:
    return noisy_digraph(
        inputs=draw(st.integers(14, 40)),
        components=draw(st.lists(st.integers(1, 2), min_size=1, max_size=4)),
        shape=draw(st.sampled_from(SHAPES)),
        private=draw(_COUNTS),
        noise=draw(st.sampled_from([0.001, 0.01])),
        seed=draw(_SEEDS),
    )


@st.composite
def _planted_staircase(draw: st.DrawFn) -> Planted:
    return planted_staircase(length=draw(st.integers(2, 12)), inputs=draw(st.integers(12, 30)), seed=draw(_SEEDS))


@st.composite
def planted_sets(draw: st.DrawFn, *, knobs: bool = True, family: str | None = None) -> Planted:
    """A small planted set of this family or of any with an answer, with or without the knobs of ``modify``."""
    families = {
        "blocks": _planted_blocks(),
        "digraph": _planted_digraph(),
        "noisy": _noisy_digraph(),
        "radii": _planted_radii(),
        "staircase": _planted_staircase(),
        "conv": _planted_conv(),
    }
    chosen = [families[family]] if family else list(families.values())
    planted = draw(st.sampled_from(chosen).flatmap(lambda one: one))
    if not knobs or draw(st.booleans()):
        return planted
    return modify(
        planted,
        scales=draw(st.sampled_from([0.0, 1.0, 6.0])),
        dead=draw(_COUNTS),
        duplicates=draw(_COUNTS),
        dtype=draw(st.sampled_from([None, "float64", "float32"])),
        noise=draw(st.sampled_from([0.0, 0.0, 0.01])),
        permute=draw(st.booleans()),
        seed=draw(_SEEDS),
    )
