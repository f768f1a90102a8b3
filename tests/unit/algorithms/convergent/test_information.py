"""Mutual information against the Gaussian closed form, at several numbers of inputs; and what the test rejects."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from spanmatch import InvalidOption, convergent

Estimator = Callable[..., Any]
PAIRS = 24


def gaussian_pair(r: float, inputs: int, pairs: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((inputs, pairs))
    return X, r * X + np.sqrt(1 - r * r) * rng.standard_normal((inputs, pairs))


@cache
def binned_truth(r: float, bins: int = 10) -> float:
    """The information of a Gaussian pair in bins of equal probability, from its distribution function."""
    ends = norm.ppf(np.arange(bins + 1) / bins)
    ends[0], ends[-1] = -9, 9
    below = [[multivariate_normal.cdf([u, v], cov=[[1, r], [r, 1]]) for v in ends] for u in ends]
    p = np.maximum(np.diff(np.diff(below, axis=0), axis=1), 1e-300)
    return float(np.sum(p * np.log(p * bins**2)))


def information_faults(estimate: Estimator) -> list[str]:
    """Where the mean over 24 pairs is more than 4 standard errors and .001 from the truth of the binned units."""
    faults = []
    for r in (0.0, 0.5):
        for inputs in (500, 1000, 4000):
            found = np.diag(estimate(*gaussian_pair(r, inputs, PAIRS, seed=inputs)))
            allowed = 4 * found.std() / np.sqrt(PAIRS) + 0.001
            if abs(found.mean() - binned_truth(r)) > allowed:
                faults.append(f"r {r}, {inputs} inputs: {found.mean():.4f}, truth {binned_truth(r):.4f}")
    return faults


def plug_in(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    return convergent.mutual_information(X, Y, correction="none")


BROKEN: dict[str, Estimator] = {
    "no correction": plug_in,
    "bias in bits": lambda X, Y: plug_in(X, Y) - 81 / (2 * len(X) * np.log(2)),
    "all cells counted": lambda X, Y: plug_in(X, Y) - 100 / (2 * len(X)),
    "all cells, in bits": lambda X, Y: plug_in(X, Y) - 100 / (2 * len(X) * np.log(2)),
    "answer in bits": lambda X, Y: convergent.mutual_information(X, Y) / np.log(2),
    "bias added": lambda X, Y: plug_in(X, Y) + 81 / (2 * len(X)),
    "cut at 0": lambda X, Y: np.maximum(convergent.mutual_information(X, Y), 0.02),
}


@pytest.mark.parametrize("correction", ["miller-madow", "occupied"])
def test_unbiased(correction: str) -> None:
    assert information_faults(lambda X, Y: convergent.mutual_information(X, Y, correction=correction)) == []


@pytest.mark.parametrize("name", BROKEN)
def test_broken_estimators_are_seen(name: str) -> None:
    assert information_faults(BROKEN[name]) != []


@pytest.mark.parametrize("r", [0.3, 0.6, 0.9])
def test_gaussian_closed_form(r: float) -> None:
    """With many bins and inputs the answer is -ln(1 - r^2) / 2, less the few per cent that binning loses."""
    truth = -np.log(1 - r * r) / 2
    found = np.diag(convergent.mutual_information(*gaussian_pair(r, 100_000, 4), bins=30)).mean()
    assert 0.93 * truth < found < 1.02 * truth


def test_docstring_shares() -> None:
    shares = [binned_truth(r, bins) / (-np.log(1 - r * r) / 2) for bins in (10, 30) for r in (0.5, 0.9)]
    assert [round(share, 2) for share in shares] == [0.91, 0.88, 0.98, 0.97]


def test_sees_what_correlation_does_not() -> None:
    x = np.random.default_rng(0).standard_normal((20_000, 1))
    assert abs(convergent.correlations(x, x**2)[0, 0]) < 0.05
    assert convergent.mutual_information(x, x**2)[0, 0] > 1


def test_exact_cases() -> None:
    """Two fair bits: ln 2 with itself, 0 with an independent one, and 1 / 2N is taken off."""
    bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 5)
    expected = np.log(2) * np.eye(2) - 1 / 40
    np.testing.assert_allclose(convergent.mutual_information(bits, bits), expected, atol=1e-12)
    np.testing.assert_allclose(convergent.mutual_information(bits, bits, edges="width"), expected, atol=1e-12)
    np.testing.assert_allclose(
        convergent.mutual_information(bits, bits, correction="occupied"),
        [[np.log(2) + 1 / 40, -1 / 40], [-1 / 40, np.log(2) + 1 / 40]],
        atol=1e-12,
    )


def test_bins_of_equal_width() -> None:
    """On [-1, 5] two bins meet at 2 and three at 1 and 3: entropies of (2, 2) and of (2, 1, 1) of four inputs."""
    unit = np.array([[-1.0], [0], [2.5], [5]])
    for bins, counts in ((2, [2, 2]), (3, [2, 1, 1])):
        shares = np.array(counts) / 4
        found = convergent.mutual_information(unit, unit, bins=bins, edges="width", correction="none")
        np.testing.assert_allclose(found, -np.sum(shares * np.log(shares)), atol=1e-12)


def test_increasing_functions_change_nothing_and_constants_tell_nothing() -> None:
    X, Y = gaussian_pair(0.5, 500, 3)
    np.testing.assert_allclose(
        convergent.mutual_information(np.exp(X), Y**3), convergent.mutual_information(X, Y), atol=1e-12
    )
    X[:, 1] = 0.1
    for edges in ("quantile", "width"):
        found = convergent.mutual_information(X, Y, edges=edges)
        assert not found[1].any()
        assert found[0].all()
        assert not convergent.mutual_information(Y, X, edges=edges)[:, 1].any()


@pytest.mark.parametrize(
    "option", [{"bins": 1}, {"bins": 2.5}, {"bins": True}, {"edges": "equal"}, {"correction": None}], ids=str
)
def test_bad_options(option: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption, match=next(iter(option))):
        convergent.mutual_information(*gaussian_pair(0.5, 50, 2), **option)
