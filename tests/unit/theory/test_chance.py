"""chance_level: the figures quoted in T13, what random layers measure, the edges, and bad arguments."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import spanmatch
from spanmatch.theory.chance import chance_level, chance_levels, constant_share
from spanmatch.theory.errors import SpanmatchWarning

RELU = 1 / math.pi


def measured(
    d: int, k: int, neurons: int, seed: int, own: tuple[float, bool], others: tuple[float, bool]
) -> tuple[float, float]:
    """The root mean square and the mean of r of random neurons against k others; (mean, ReLU or not) for both."""
    rng = np.random.default_rng(seed)

    def layer(size: int, kind: tuple[float, bool]) -> np.ndarray[Any, np.dtype[np.float64]]:
        values = rng.standard_normal((d, size)) + kind[0]
        return np.maximum(values, 0) if kind[1] else values

    basis = np.linalg.qr(layer(k, others))[0]
    v = layer(neurons, own)
    squares = np.sum((v - basis @ (basis.T @ v)) ** 2, axis=0) / np.sum(v * v, axis=0)
    return float(np.sqrt(squares.mean())), float(np.sqrt(squares).mean())


@pytest.mark.parametrize(
    ("d", "k", "isotropic", "relu"),
    [(10_000, 64, 0.997, 0.829), (2_000, 50, 0.987, 0.823), (2_000, 1_000, 0.707, 0.584)],
)
def test_quoted_figures(d: int, k: int, isotropic: float, relu: float) -> None:
    assert chance_level(d, k) == pytest.approx(isotropic, abs=5e-4)
    assert chance_level(d, k, RELU) == pytest.approx(relu, abs=5e-4)
    root_mean_square, mean = measured(d, k, 100, 0, (0.0, True), (0.0, True))
    assert root_mean_square == pytest.approx(relu, abs=3e-3)
    assert mean == pytest.approx(relu, abs=3e-3)


@pytest.mark.parametrize("mean", [0.0, 0.3, 1.0, 3.0])
@pytest.mark.parametrize(("d", "k"), [(200, 1), (200, 2), (200, 20), (200, 150)])
def test_random_layers_measure_it(d: int, k: int, mean: float) -> None:
    share = mean**2 / (1 + mean**2)
    found = [measured(d, k, 50, seed, (mean, False), (mean, False))[0] for seed in range(20)]
    assert float(np.sqrt(np.mean(np.square(found)))) == pytest.approx(chance_level(d, k, share), rel=0.02)


def test_the_isotropic_formula_is_off_where_there_is_a_mean() -> None:
    found, _ = measured(2_000, 50, 100, 0, (0.0, True), (0.0, True))
    assert abs(found - chance_level(2_000, 50)) > 0.1


def test_the_exact_mean_for_given_others() -> None:
    """What the derivation rests on: E r^2 = g q + (1 - g)(1 - k/d) for any fixed T, q that of the constant vector."""
    d, k, mean = 12, 4, 0.8
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.integers(-3, 4, (d, k)).astype(float))[0]
    constant = np.full(d, 1 / math.sqrt(d))
    q = 1 - np.sum((basis.T @ constant) ** 2)
    v = mean + rng.standard_normal((d, 200_000))
    left = v - basis @ (basis.T @ v)
    share = mean**2 / (1 + mean**2)
    assert np.sum(left**2) / np.sum(v**2) == pytest.approx(share * q + (1 - share) * (1 - k / d), rel=5e-3)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9, 1.0])
def test_edges(share: float) -> None:
    assert chance_level(10, 0, share) == 1.0
    assert chance_level(10, 10, share) == 0.0
    assert chance_level(10, 11, share) == 0.0
    levels = [chance_level(10, k, share) for k in range(11)]
    assert levels == sorted(levels, reverse=True)
    assert chance_level(1_000_000, 3, 1.0) == 0.0


def test_without_a_mean_it_is_the_isotropic_level() -> None:
    for d, k in [(2, 1), (7, 3), (1_000, 999)]:
        assert chance_level(d, k) == pytest.approx(math.sqrt(1 - k / d), rel=1e-15)


def test_levels_of_a_pair() -> None:
    assert chance_levels(100, (36, 19)) == (0.9, 0.8)
    assert chance_levels(100, (5, 5), (0.3, 0.3)) == (chance_level(100, 5, 0.3),) * 2
    x, y = chance_levels(300, (4, 20), (0.5, RELU))
    for level, own, others, k in ((x, (1.0, False), (0.0, True), 20), (y, (0.0, True), (1.0, False), 4)):
        found = [measured(300, k, 50, seed, own, others)[0] for seed in range(20)]
        assert float(np.sqrt(np.mean(np.square(found)))) == pytest.approx(level, rel=0.02)


def test_constant_share_of_activations() -> None:
    rng = np.random.default_rng(0)
    gauss = rng.standard_normal((10_000, 50))
    assert constant_share(gauss) < 1e-4
    assert constant_share(np.maximum(gauss, 0)) == pytest.approx(RELU, abs=5e-3)
    assert constant_share(np.hstack([np.maximum(gauss, 0), np.zeros((10_000, 7))])) == pytest.approx(RELU, abs=5e-3)
    assert constant_share(np.ones((5, 2))) == pytest.approx(1.0)
    assert constant_share(np.array([[1.0], [-1.0]])) == 0.0
    assert constant_share(np.zeros((5, 2))) == 0.0
    assert constant_share(np.ones((1, 3))) == 0.0


def test_two_relu_layers_from_activations_alone() -> None:
    rng = np.random.default_rng(1)
    X, Y = (np.maximum(rng.standard_normal((2_000, 30)), 0) for _ in range(2))
    compressed = spanmatch.compress(X, Y)
    levels = chance_levels(len(X), compressed.ranks, (constant_share(X), constant_share(Y)))
    for level, r in zip(levels, compressed.residuals((range(30), range(30))), strict=True):
        assert math.sqrt(np.mean(r**2)) == pytest.approx(level, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((0, 1), "inputs"),
        ((2.5, 1), "inputs"),
        ((True, 1), "inputs"),
        (("10", 1), "inputs"),
        ((10, -1), "rank"),
        ((10, 1.0), "rank"),
        ((10, 1, 1.5), "constant_share"),
        ((10, 1, -0.1), "constant_share"),
        ((10, 1, math.nan), "constant_share"),
        ((10, 1, True), "constant_share"),
        ((10, 1, None), "constant_share"),
        ((10, 1, 1j), "constant_share"),
    ],
)
def test_bad_arguments(arguments: tuple[Any, ...], name: str) -> None:
    with pytest.raises(spanmatch.InvalidOption, match=f"^{name}: got .*, need "):
        chance_level(*arguments)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((10, 3), "ranks"), ((10, (1, -1)), "ranks"), ((10, (1, 1), (0.5,)), "constant_shares"), ((0, (1, 1)), "inputs")],
)
def test_bad_arguments_of_a_pair(arguments: tuple[Any, ...], name: str) -> None:
    with pytest.raises(spanmatch.InvalidOption, match=f"^{name}: got .*, need "):
        chance_levels(*arguments)


def test_numpy_numbers_are_numbers() -> None:
    assert chance_level(np.int64(100), np.int32(19), np.float32(0)) == pytest.approx(0.9)
    assert spanmatch.chance_level is chance_level


class TestWarning:
    """Where chance decides, similarity and max_match say so, and nowhere else."""

    @staticmethod
    def pair(inputs: int, neurons: int) -> list[np.ndarray]:
        rng = np.random.default_rng(0)
        return [rng.standard_normal((inputs, neurons)) for _ in "xy"]

    @pytest.mark.parametrize("function", [spanmatch.similarity, spanmatch.max_match])
    def test_too_few_inputs(self, function: Callable[..., Any]) -> None:
        X, Y = self.pair(256, 250)
        with pytest.warns(SpanmatchWarning, match=r"epsilon: got 0\.3, and the chance level is 0\.15"):
            function(X, Y, 0.3)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            function(X, Y, 0.1)

    def test_neurons_with_a_mean(self) -> None:
        """The level of 16 + 16 centred neurons is 0.997, that of ReLU neurons 0.85."""
        X, Y = self.pair(3000, 16)
        with pytest.warns(SpanmatchWarning, match="chance level is 0.8"):
            spanmatch.similarity(np.maximum(X, 0), np.maximum(Y, 0), [0.5, 0.9])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            spanmatch.similarity(X, Y, [0.5, 0.9])

    @pytest.mark.parametrize("method", ["gram", "qr"])
    @pytest.mark.parametrize("scale", [1.0, 1e150, 1e-150])
    def test_a_stream_knows_its_constant_shares(self, method: Any, scale: float) -> None:
        X, Y = (np.maximum(Z + k, 0) * scale for k, Z in enumerate(self.pair(400, 3)))
        X[:, 1] = 0
        stream, other = (spanmatch.Compressor(3, 3, method=method) for _ in "ab")
        compressed = stream.update(X[:50], Y[:50]).merge(other.update(X[50:], Y[50:])).finish()
        assert compressed.constant_shares == pytest.approx((constant_share(X), constant_share(Y)))
