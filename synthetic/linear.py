"""The little linear algebra that planting needs: products, orthonormal and well-conditioned matrices, proved ranges.

What goes into activations is computed without BLAS, so that the same seed gives the same bits for any number of
threads. What is only *measured* on finished activations (``bracket``, ``condition``) may use LAPACK and is rounded
to few digits before it is stored.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..theory.matches import Match

Array = npt.NDArray[Any]

ROUNDOFF = 2.0**-53
"""u of float64."""

_SAME_DIRECTION = 1e-12
"""Singular values of unit columns below this are rounding noise of float64, not directions."""


def product(left: Array, right: Array) -> Array:
    """The matrix product, in an order of summation that does not depend on threads; integers stay integers."""
    result: Array = np.einsum("ij,jk->ik", left, right)
    return result


def orthonormal(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Random orthonormal columns (Gram-Schmidt, twice, of Gaussian ones). Needs columns <= rows."""
    basis = np.zeros((rows, columns))
    for k in range(columns):
        vector = rng.standard_normal(rows)
        for _ in range(2):
            vector = vector - np.einsum("ij,j->i", basis[:, :k], np.einsum("ij,i->j", basis[:, :k], vector))
        basis[:, k] = vector / np.sqrt(np.sum(vector * vector))
    return basis


def mixing(rng: np.random.Generator, dimension: int, columns: int, condition: float) -> Array:
    """A generic (dimension, columns) matrix of full row rank with this condition number."""
    # Not np.geomspace, whose last bit depends on the version of NumPy.
    powers = (condition ** (-k / max(1, dimension - 1)) for k in range(dimension))
    singular = np.array([float(f"{power:.12g}") for power in powers]) * math.sqrt(columns)
    return product(orthonormal(rng, dimension, dimension) * singular, orthonormal(rng, columns, dimension).T)


def unit_columns(Z: Array) -> Array:
    """Columns of length 1 in float64; dead columns stay zero."""
    values = Z.astype(np.float64)
    values = values / np.where((largest := np.abs(values).max(axis=0)) > 0, largest, 1.0)
    norms = np.sqrt(np.sum(values * values, axis=0))
    unit: Array = values / np.where(norms > 0, norms, 1.0)
    return unit


def residuals_against(unit_vectors: Array, unit_others: Array) -> Array:
    """Relative residuals of unit (or zero) columns against the span of other unit columns."""
    if unit_others.shape[1] == 0:
        rest = unit_vectors
    else:
        left, singular, _ = np.linalg.svd(unit_others, full_matrices=False)
        basis = left[:, singular > _SAME_DIRECTION]
        rest = unit_vectors
        for _ in range(2):
            rest = rest - basis @ (basis.T @ rest)
    result: Array = np.sqrt(np.sum(rest * rest, axis=0))
    return result


def bracket(X: Array, Y: Array, match: Match, *, zero_below: float = 0.0) -> tuple[float, float]:
    """(low, high): for low <= epsilon <= high this pair is proved to be the maximum match.

    Low is the largest residual of a member within the pair: from there on the pair is a match (D1), so it lies in
    M(epsilon) (T3). High is below the least residual of a non-member against *all* of the other side: up to there no
    match contains a non-member (T1). Rounded inwards. A low up to ``zero_below`` is rounding, and becomes 0.
    """
    x, y = unit_columns(X), unit_columns(Y)
    in_x, in_y = sorted(match.x), sorted(match.y)
    inside = [residuals_against(x[:, in_x], y[:, in_y]), residuals_against(y[:, in_y], x[:, in_x])]
    outside = [residuals_against(np.delete(x, in_x, axis=1), y), residuals_against(np.delete(y, in_y, axis=1), x)]
    low = float(np.concatenate(inside).max(initial=0.0))
    high = float(np.concatenate(outside).min(initial=2.0))
    return 0.0 if low <= zero_below else round_up(2 * low), min(1.0, math.floor(1000 * high - 0.5) / 1000)


def condition(X: Array, Y: Array) -> float:
    """sqrt(neurons) / least non-zero singular value of unit columns, the worse side: bounds ||c||_1 of T14."""
    return max(_coefficients(unit_columns(Z)) for Z in (X, Y))


def _coefficients(unit: Array) -> float:
    singular = np.linalg.svd(unit, compute_uv=False)
    kept = singular[singular > _SAME_DIRECTION]
    return math.sqrt(unit.shape[1]) / float(kept.min()) if kept.size else 1.0


def tolerance_for(X: Array, Y: Array, moved: float = 0.0) -> float:
    """By how much residuals may differ from the planted ones when unit columns move by ``moved`` (T14, first order).

    With a factor 8 in hand, and never below 8 roundings of float64; one digit, rounded up.
    """
    return round_up(8 * max(moved, 8 * ROUNDOFF) * (1 + condition(X, Y)))


def round_up(value: float) -> float:
    """The next number above with one significant digit, so that the last bits of a measurement are not stored."""
    if value <= 0:
        return 0.0
    power = math.floor(math.log10(value))
    return float(f"{math.ceil(value / 10.0**power)}e{power}")
