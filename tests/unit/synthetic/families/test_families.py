"""Every family's planted answer against two routes of its own: exact brute force, and a literal peel in NumPy."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from flint import fmpq, fmpq_mat

import spanmatch
from spanmatch.synthetic import (
    FAMILIES,
    STAIRCASE_EPSILON,
    STRESSES,
    Planted,
    conv_blocks,
    generate,
    isomorphic_layers,
    modify,
    modular,
    noisy_digraph,
    one_hot_layers,
    planted_blocks,
    planted_digraph,
    planted_radii,
    planted_staircase,
    relu_like,
    stress_set,
)
from spanmatch.synthetic.families.blocks import _generic
from spanmatch.synthetic.linear import bracket
from spanmatch.theory import Cover, Match, Neuron, brute_force
from spanmatch.theory.errors import InvalidOption
from spanmatch.theory.validation.layer import flatten_conv


class ExactCover(Cover):
    """r^2 <= epsilon^2 by determinants of rational Gram matrices."""

    def __init__(self, planted: Planted, epsilon: Fraction) -> None:
        X, Y = planted.matrices
        self.m, self.n = X.shape[1], Y.shape[1]
        self.bound = fmpq(epsilon.numerator, epsilon.denominator) ** 2
        entries = [[Fraction(entry) for entry in row] for row in np.hstack([X, Y]).tolist()]
        vectors = fmpq_mat([[fmpq(entry.numerator, entry.denominator) for entry in row] for row in entries])
        self.gram = vectors.transpose() * vectors
        self.covers_cached = cache(self.decide)

    def minor(self, members: list[int]) -> fmpq:
        return fmpq_mat([[self.gram[i, j] for j in members] for i in members]).det() if members else fmpq(1)

    def decide(self, neuron: Neuron, others: frozenset[int]) -> bool:
        column = neuron.index + (self.m if neuron.side == "y" else 0)
        offset = self.m if neuron.side == "x" else 0
        basis: list[int] = []
        for k in sorted(others):
            if self.minor([*basis, offset + k]) != 0:
                basis.append(offset + k)
        return bool(self.minor([*basis, column]) <= self.bound * self.minor(basis) * self.gram[column, column])

    def covers(self, neuron: Neuron, others: frozenset[int]) -> bool:
        return bool(self.covers_cached(neuron, others))


def exact_disagreements(planted: Planted, epsilons: tuple[Fraction, ...]) -> list[str]:
    """Where the planted answers differ from brute force in exact arithmetic."""
    found = []
    for epsilon in epsilons:
        truth = brute_force(ExactCover(planted, epsilon))
        maximum, simple = planted.max_match(epsilon), planted.simple_matches(epsilon)
        if maximum is not None and maximum != truth.maximum:
            found.append(f"maximum at {epsilon}: planted {maximum}, but should be {truth.maximum}")
        if simple is not None and set(simple) != set(truth.simple):
            found.append(f"simple at {epsilon}: planted {simple}, but should be {truth.simple}")
    return found


def unit(Z: np.ndarray) -> np.ndarray:
    values = Z.astype(np.float64)
    largest = np.abs(values).max(axis=0)
    values = values / np.where(largest > 0, largest, 1)
    norms = np.linalg.norm(values, axis=0)
    return values / np.where(norms > 0, norms, 1)


def residual(vector: np.ndarray, others: np.ndarray, rank_cut: float = 1e-10) -> float:
    if others.shape[1] == 0:
        return float(np.linalg.norm(vector))
    return float(np.linalg.norm(vector - others @ np.linalg.lstsq(others, vector, rcond=rank_cut)[0]))


def peeled_radii(planted: Planted, rank_cut: float = 1e-10) -> tuple[np.ndarray, np.ndarray]:
    """T6, literally: all residuals anew at every step."""
    sides = [unit(Z) for Z in planted.matrices]
    kept = [list(range(Z.shape[1])) for Z in sides]
    radii = [np.zeros(Z.shape[1]) for Z in sides]
    level = 1.0
    while any(kept):
        residuals = [
            (residual(sides[s][:, i], sides[1 - s][:, kept[1 - s]], rank_cut), s, i) for s in range(2) for i in kept[s]
        ]
        worst, s, i = max(residuals)
        level = min(level, worst)
        radii[s][i] = level
        kept[s].remove(i)
    return radii[0], radii[1]


def float_disagreements(planted: Planted) -> list[str]:
    """Where radii and maximum levels differ from the literal peel."""
    # Rounding to fewer bits turns dependent columns into noise directions, which are no dimensions
    # (docs/theory/numerics.md#rank-tolerance).
    measured = peeled_radii(planted, 1e-10 if planted.X.dtype == np.float64 else planted.tolerance)
    allowed = planted.tolerance + 1e-7
    found = []
    if planted.radii is not None:
        worst = max(np.abs(a - b).max() for a, b in zip(measured, planted.radii, strict=True))
        if worst > allowed:
            found.append(f"radii differ by {worst}")
    for level in planted.maximum:
        inner = [rho for side in measured for rho in side if level.low + allowed < rho <= level.high - 1e-12]
        if inner:
            found.append(f"radii {inner} inside a level {level}")
        match = Match(*(np.flatnonzero(side <= level.low + allowed) for side in measured))
        if match != level.match:
            found.append(f"level {level}: should be {match}")
    return found


SMALL = {
    "blocks": lambda seed: planted_blocks(
        inputs=9, blocks=((2, 2, 2), (1, 1, 2)), private=(1, 1), integer=True, seed=seed
    ),
    "one large block": lambda seed: planted_blocks(
        inputs=7, blocks=((2, 3, 4),), private=(1, 1), integer=True, seed=seed
    ),
    "private only": lambda seed: planted_blocks(inputs=6, blocks=(), private=(2, 3), integer=True, seed=seed),
    "diamond": lambda seed: planted_digraph(inputs=8, components=(1, 1, 1, 1), integer=True, seed=seed),
    "component of two": lambda seed: planted_digraph(
        inputs=9, components=(2, 1, 1), edges=((0, 1),), private=(1, 1), integer=True, seed=seed
    ),
    "antichain": lambda seed: planted_digraph(
        inputs=9, components=(1, 1, 1), edges=(), private=(1, 0), integer=True, seed=seed
    ),
    "radii": lambda seed: planted_radii(
        inputs=9, blocks=((0, 1, 2, 1), (0.6, 1, 1, 2), (0.8, 1, 1, 1)), private=(1, 1), integer=True, seed=seed
    ),
    "radii in the plane": lambda seed: planted_radii(
        inputs=8, blocks=((5 / 13, 2, 2, 3),), private=(1, 1), integer=True, seed=seed
    ),
    "conv": lambda seed: conv_blocks(
        images=4, height=1, width=3, blocks=((2, 2, 2),), private=(1, 2), integer=True, seed=seed
    ),
    "duplicates": lambda seed: modify(
        planted_blocks(inputs=7, blocks=((2, 2, 2),), private=(1, 0), integer=True, seed=seed),
        duplicates=(2, 2),
        seed=seed,
    ),
    "all lossless knobs": lambda seed: modify(
        planted_digraph(inputs=6, components=(1, 1), edges=((1, 0),), private=(1, 1), integer=True, seed=seed),
        scales=12,
        dead=(1, 1),
        duplicates=(2, 1),
        permute=True,
        dtype="float64",
        seed=seed,
    ),
    "one hot": lambda seed: one_hot_layers(m=5, n=4, inputs=12, symbols=3, seed=seed),
}

EPSILONS = (Fraction(0), Fraction(1, 10), Fraction(1, 2), Fraction(7, 10), Fraction(9, 10))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", SMALL)
def test_exact_sets_agree_with_brute_force(name: str, seed: int) -> None:
    planted = SMALL[name](seed)
    assert planted.exact
    assert planted.max_match(0) is not None
    assert exact_disagreements(planted, EPSILONS) == []


def test_brute_force_rejects_broken_answers() -> None:
    planted = SMALL["blocks"](0)
    level, simple = planted.maximum[0], planted.simple[0]
    smaller = level.match.without(("x", 0))
    assert exact_disagreements(replace(planted, maximum=(replace(level, match=smaller),)), EPSILONS)
    assert exact_disagreements(replace(planted, simple=(replace(simple, matches=simple.matches[1:]),)), EPSILONS)
    united = (*simple.matches, level.match)
    assert exact_disagreements(replace(planted, simple=(replace(simple, matches=united),)), EPSILONS)
    moved = planted.X.copy()
    moved[0, 0] += 1
    assert exact_disagreements(replace(planted, X=moved), EPSILONS)


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "relu"])
def test_defaults_agree_with_the_literal_peel(family: str) -> None:
    small = {"one_hot": {"m": 8, "n": 7, "inputs": 100}}
    planted = FAMILIES[family](**small.get(family, {}), seed=5)
    assert planted.maximum
    assert float_disagreements(planted) == []


@pytest.mark.parametrize("kind", [kind for kind in STRESSES if kind not in ("sparse_relu", "one_hot")])
def test_stress_sets_agree_with_the_literal_peel(kind: str) -> None:
    planted = stress_set(kind=kind, seed=3)
    if kind == "one_hot_float32":
        planted = modify(one_hot_layers(m=8, n=8, inputs=50, seed=3), dtype="float32")
    assert planted.maximum
    assert float_disagreements(planted) == []


def test_the_peel_rejects_broken_answers() -> None:
    planted = planted_radii(seed=2)
    assert planted.radii is not None
    x, y = planted.radii
    assert float_disagreements(replace(planted, radii=(x[::-1].copy(), y)))
    assert float_disagreements(planted) == []
    wide = replace(planted.maximum[0], high=0.9)
    assert float_disagreements(replace(planted, maximum=(wide,)))
    assert float_disagreements(replace(planted, X=planted.X + 0.1))


@pytest.mark.parametrize("condition", [1.0, 10.0, 1e4])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_radii_survive_rounding_within_the_stated_tolerance(condition: float, dtype: str) -> None:
    blocks = ((0.0, 2, 2, 2), (0.3, 3, 3, 3), (0.7, 2, 2, 2))
    planted = modify(planted_radii(blocks=blocks, condition=condition, seed=1), dtype=dtype)
    measured = peeled_radii(planted)
    assert planted.radii is not None
    worst = max(np.abs(a - b).max() for a, b in zip(measured, planted.radii, strict=True))
    assert worst <= planted.tolerance + 1e-9 * condition
    assert planted.X.dtype == dtype


def test_staircase_in_closed_form_and_one_neuron_per_half_round() -> None:
    planted = planted_staircase(length=11, inputs=20, seed=4)
    assert planted.radii is not None
    assert sorted({round(float(r) ** 2, 12) for side in planted.radii for r in side}) == [0.6975, 0.84]
    sides = [unit(Z) for Z in planted.matrices]
    kept = [list(range(Z.shape[1])) for Z in sides]
    removed, side = [], 0
    while len(removed) < 2 or removed[-1] or removed[-2]:
        others = sides[1 - side][:, kept[1 - side]]
        gone = [i for i in kept[side] if residual(sides[side][:, i], others) > STAIRCASE_EPSILON]
        kept[side] = [i for i in kept[side] if i not in gone]
        removed.append(len(gone))
        side = 1 - side
    assert removed == [1] * 9 + [0, 0]
    assert planted.max_match(STAIRCASE_EPSILON) == Match(*kept)


def test_blocks_list_every_choice_or_say_nothing() -> None:
    planted = planted_blocks(blocks=((2, 3, 4), (1, 1, 1)), private=(0, 0), inputs=30)
    listed = planted.simple_matches(0)
    assert listed is not None
    assert len(listed) == 3 * 6 + 1
    many = planted_blocks(blocks=((4, 9, 9),), inputs=40, integer=True)
    assert many.simple_matches(0) is None
    assert many.max_match(0) == Match(range(9), range(9))


def test_digraph_plants_the_poset() -> None:
    planted = planted_digraph(components=(1, 2, 1), edges=((0, 1), (1, 2)), private=(0, 1), inputs=20)
    assert planted.simple_matches(0) == (
        Match([3], [3]),
        Match([1, 2, 3], [1, 2, 3]),
        Match([0, 1, 2, 3], [0, 1, 2, 3]),
    )


def test_conv_shapes_are_the_flat_blocks() -> None:
    planted = conv_blocks(images=10, height=3, width=2, seed=6)
    flat = planted_blocks(inputs=60, seed=6)
    assert planted.X.shape == (10, 11, 3, 2)
    assert np.array_equal(planted.matrices[0], flat.X)
    assert np.array_equal(flatten_conv(planted.Y, layout="nchw"), flat.Y)
    assert planted.X.flags.c_contiguous
    changed = modify(planted, duplicates=(1, 0), dead=(0, 1), permute=True, dtype="float32")
    assert changed.X.shape == (10, 12, 3, 2)
    assert changed.X.dtype == np.float32


def test_relu_sets_know_their_dead_neurons_only() -> None:
    planted = relu_like(m=40, n=30, inputs=20, bias=-2.0, seed=0)
    assert planted.dead
    assert all(not planted.matrices[v.side == "y"][:, v.index].any() for v in planted.dead)
    assert len(planted.dead) == sum(int((~Z.any(axis=0)).sum()) for Z in planted.matrices)
    assert min(Z.min() for Z in planted.matrices) == 0
    assert planted.radii is planted.max_match(0.5) is planted.simple_matches(0) is None
    independent = relu_like(m=64, n=64, seed=0)
    assert not independent.dead
    assert (independent.X == 0).mean() > 0.3


def test_one_hot_layers_have_the_rank_of_the_symbols() -> None:
    planted = one_hot_layers(m=32, n=32, inputs=500, seed=2)
    assert {np.linalg.matrix_rank(Z) for Z in planted.matrices} == {4}
    assert planted.max_match(0) == planted.max_match(0.99) == Match.everything(32, 32)


ALL = {**{name: FAMILIES[name] for name in FAMILIES}, **{f"exact {name}": SMALL[name] for name in SMALL}}


@pytest.mark.parametrize("name", ALL)
def test_regenerated_bit_for_bit_from_json(name: str) -> None:
    make: Callable[..., Planted] = ALL[name]
    planted = make(7) if name.startswith("exact") else make(seed=7)
    stored = json.loads(json.dumps(planted.to_dict()))
    again = generate(stored["family"], seed=stored["seed"], parameters=stored["parameters"])
    assert again.to_dict() == planted.to_dict()
    for old, new in zip((planted.X, planted.Y), (again.X, again.Y), strict=True):
        assert old.dtype == new.dtype
        assert old.tobytes() == new.tobytes()
    assert planted.family in repr(planted)


def test_other_seeds_give_other_sets() -> None:
    for family, make in FAMILIES.items():
        assert not np.array_equal(make(seed=0).X, make(seed=1).X), family


def test_max_match_is_unknown_between_levels() -> None:
    planted = planted_radii(blocks=((0.5, 1, 1, 1),), private=(1, 1))
    assert planted.max_match(0.5) is None
    assert planted.max_match(0.499) == Match()
    assert planted.max_match(0.501) == Match([0], [0])
    assert planted.simple_matches(0.6) is None
    assert planted_blocks().simple_matches(0.1) is None


BAD = {
    "blocks": lambda: planted_blocks(blocks=((3, 2, 3),)),
    "inputs": lambda: planted_blocks(inputs=5),
    "private": lambda: planted_blocks(private=(-1, 0)),
    "blocks, private": lambda: planted_blocks(blocks=(), private=(0, 1)),
    "condition": lambda: planted_radii(condition=0.5),
    "blocks ": lambda: planted_radii(blocks=((1.0, 1, 1, 1),)),
    "blocks  ": lambda: planted_radii(blocks=((0.55, 1, 1, 1),), integer=True),
    "noise": lambda: noisy_digraph(noise=0.3),
    "radius": lambda: isomorphic_layers(radius=1.0),
    "neurons": lambda: isomorphic_layers(neurons=1),
    "shape": lambda: noisy_digraph(shape="ring"),
    "edges": lambda: planted_digraph(components=(1, 1), edges=((0, 1), (1, 0))),
    "edges ": lambda: planted_digraph(components=(1, 1), edges=((0, 2),)),
    "components": lambda: planted_digraph(components=()),
    "length": lambda: planted_staircase(length=1),
    "kind": lambda: stress_set(kind="none"),
    "images, height, width": lambda: conv_blocks(images=0),
    "m, n, inputs": lambda: relu_like(m=0),
    "symbols": lambda: one_hot_layers(m=3, symbols=4),
    "family": lambda: generate("cubes"),
    "parameters": lambda: generate("blocks", parameters={"colour": 1}),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_parameters_are_named(name: str) -> None:
    with pytest.raises(InvalidOption, match=f"^{name.strip()}:"):
        BAD[name]()


def test_the_proved_range_minds_neurons_outside_the_pair() -> None:
    X, Y = np.eye(3)[:, :2], np.array([[1, 0, 0], [0, 1, 0], [0, 5, 1]])
    # The second of X is in the span of the two others of Y, although far from each of them.
    for pair in (bracket(X, Y, Match([0], [0])), bracket(Y, X, Match([0], [0]))):
        assert pair[0] == 0
        assert pair[1] <= 0
    low, high = bracket(X, Y[:, :2], Match([0], [0]))
    assert low == 0
    assert 0.97 < high < 5 / np.sqrt(26)
    low, high = bracket(X, Y[:, :2], Match.everything(2, 2))
    assert 5 / np.sqrt(26) <= low <= 2.1
    assert high == 1


def test_modular_proofs() -> None:
    assert modular.rank(np.array([[1, 2], [2, 4], [3, 6]])) == 1
    assert modular.rank(np.array([[0, 2, 1], [0, 0, 3]])) == 2
    assert modular.inverse(np.array([[1, 2], [2, 4]])) is None
    matrix = np.array([[2, 1, 5], [1, 1, -3], [7, 0, 2]])
    inverted = modular.inverse(matrix)
    assert inverted is not None
    assert np.array_equal(modular.multiply(matrix, inverted), np.eye(3))
    assert not modular.all_non_zero_with_inverse(np.array([[1, 1], [1, 0]]))
    assert not modular.all_non_zero_with_inverse(np.array([[1, 1, 1], [1, 2, 3], [1, 2, 4]]))
    assert modular.all_non_zero_with_inverse(np.array([[1, 2], [3, 4]]))


def test_mixings_that_are_not_generic_are_rejected() -> None:
    assert _generic(np.array([[1, 1], [1, 2]]), np.array([[1, 3], [5, -1]]), 2)
    # The first neurons of both sides are parallel: a smaller match.
    assert not _generic(np.array([[1, 1], [1, 2]]), np.array([[2, 3], [2, -1]]), 2)
    assert not _generic(np.array([[1, 2, 1], [1, 2, 2]]), np.array([[1, 3], [5, -1]]), 2)


@pytest.mark.parametrize("shape", ["antichain", "chain", "tree", "crown"])
def test_noisy_digraphs_are_right_over_their_whole_range(shape: str) -> None:
    """Against exact brute force, at both ends; T19 or T20 says so of larger ones."""
    planted = noisy_digraph(inputs=9, components=(1, 1, 1, 1), shape=shape, private=(1, 0), noise=0.01, seed=1)
    (level,) = planted.simple
    assert level.high > 3 * level.low
    assert len(level.matches) == 4
    assert exact_disagreements(planted, (Fraction(level.low), Fraction(level.high))) == []
    larger = noisy_digraph(components=(1, 2, 3, 2, 1, 2), shape=shape, noise=0.003)
    found = spanmatch.simple_matches(*larger.matrices, 0.05)
    assert (found.matches, found.complete) == (larger.simple_matches(0.05), True)
    assert set(found.reasons) <= {"T19", "T20"}


def test_isomorphic_layers_look_alike_and_match_nothing_below_the_radius() -> None:
    planted = isomorphic_layers(neurons=3, inputs=5, radius=0.8, seed=2)
    assert np.allclose(planted.X.T @ planted.X, planted.Y.T @ planted.Y)
    assert np.allclose(planted.X.sum(axis=1), planted.Y.sum(axis=1))
    assert exact_disagreements(planted, (Fraction(0), Fraction(79, 100), Fraction(81, 100))) == []
    assert [len(level.match) for level in planted.maximum] == [0, 6]
