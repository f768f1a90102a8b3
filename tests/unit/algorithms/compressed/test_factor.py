"""The factor of many inputs: its error is that of few, whatever the route."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pytest

import spanmatch
from spanmatch.algorithms.compressed.factor import GramFactor, two_sum

STEPS = (2.0**-4, 1e-2, 1e-3, 1e-4)


def two_levels(inputs: int, value: float, step: float) -> tuple[Any, Any, Fraction]:
    """One constant neuron a side, but for half of the second, which is 1 + 2 step times as large; and r^2 exactly."""
    X, Y = np.full((inputs, 1), value), np.full((inputs, 1), value)
    Y[inputs // 2 :] *= 1 + 2 * step
    low, high = Fraction(value), Fraction(Y[-1, 0])
    few, many = inputs // 2, inputs - inputs // 2
    cross, own = few * low * low + many * low * high, few * low * low + many * high * high
    return X, Y, 1 - cross**2 / (inputs * low * low * own)


@pytest.mark.parametrize(
    ("method", "inputs"), [("gram", 1_000), ("gram", 100_000), ("gram", 2_000_000), ("qr", 1_000), ("qr", 100_000)]
)
@pytest.mark.filterwarnings("ignore:method. the Gram route:spanmatch.SpanmatchWarning")
def test_the_bound_holds_for_any_number_of_inputs(method: Literal["gram", "qr"], inputs: int) -> None:
    """Constant inputs round in one direction: a plain sum over 2 000 000 of them is off by thousands of roundings."""
    for step in STEPS:
        X, Y, square = two_levels(inputs, 0.1, step)
        radii = spanmatch.compress(X, Y, method=method).match_radii()
        assert abs(radii.x[0] - math.sqrt(square)) <= radii.error
        assert radii.error <= 1e-12 / step


def test_batches_of_any_size_sum_as_well() -> None:
    """20 000 batches of a few inputs: what is lost between batches is kept, and survives a merge and other scales."""
    X, Y, _ = two_levels(60_000, 0.1, 1e-3)
    parts = []
    for scale, start in ((1.0, 0), (2.0**-300, 20_000), (2.0**300, 40_000)):
        part = GramFactor(2)
        for row in range(start, start + 20_000, 4):
            part.add(scale * X[row : row + 4], scale * Y[row : row + 4])
        parts.append(part)
    gram, _ = parts[0].copy().finish()
    exact = sum(Fraction(x) * Fraction(y) for x, y in zip(X[:20_000, 0].tolist(), Y[:20_000, 0].tolist(), strict=True))
    assert abs(Fraction(gram[0, 1]) - exact) <= exact * Fraction(2) ** -51
    whole = GramFactor(2)
    for part in parts:
        whole.merge(part)
    gram, exponents = whole.finish()
    assert exponents.tolist() == [297, 297]
    assert np.ldexp(gram[0, 1], 2 * 297 - 600) == pytest.approx(float(X[40_000:, 0] @ Y[40_000:, 0]), rel=1e-12)
    assert not np.any(parts[0].finish()[0] - parts[0].copy().finish()[0])


def test_two_sum_is_exact() -> None:
    a, b = np.random.default_rng(0).standard_normal((2, 100)) * 2.0 ** np.arange(100)
    for x, y in ((a, b), (a, 1e-20 * b), (1e-20 * a, b)):
        for left, right, total, lost in zip(x, y, *two_sum(x, y), strict=True):
            assert Fraction(left) + Fraction(right) == Fraction(total) + Fraction(lost)


@pytest.mark.parametrize("neurons", [3, 90], ids=["narrow", "wide"])
@pytest.mark.parametrize("inputs", [1, 700, 9_000])
def test_products_of_any_dtype_order_and_scale(neurons: int, inputs: int) -> None:
    """In leaves and pieces, converted or as they are, scaled or not: the products of the numbers as float64."""
    rng = np.random.default_rng(0)
    X, Y = np.maximum(rng.integers(-9, 10, (2, inputs, neurons)), 0)
    Z = np.hstack([X, Y]).astype(np.float64)
    for x, y, exponent in (
        (X, Y, 0),
        (X.astype(np.float32), Y.astype(np.float64), 0),
        (X.astype(np.float16), Y.astype(np.int8), 0),
        (np.asfortranarray(X, dtype=np.float64), Y[::-1][::-1], 0),
        (2.0**-600 * X, 2.0**-600 * Y, 600),
        (2.0**600 * X, 2.0**600 * Y, -600),
    ):
        factor = GramFactor(2 * neurons)
        factor.add(x, y)
        gram, exponents = factor.finish()
        expected = np.ldexp(Z, -exponents - exponent)
        assert np.array_equal(gram, expected.T @ expected)
        assert exponents.any() == bool(exponent and Z.any())


@pytest.mark.parametrize("neurons", [3, 90], ids=["narrow", "wide"])
def test_what_is_not_finite_is_found_wherever_it_stands(neurons: int) -> None:
    for value, what in ((np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "infinity")):
        for name in ("X", "Y"):
            for row in (0, 8_999):
                sides = {"X": np.ones((9_000, neurons)), "Y": np.ones((9_000, neurons), dtype=np.float32)}
                sides[name][row, 1] = value
                with pytest.raises(spanmatch.InvalidActivations, match=f"{name}: .*{what} at input {row}, neuron 1"):
                    GramFactor(2 * neurons).add(sides["X"], sides["Y"])
