"""The relative residual r(v | T), literally: least squares on the activation vectors themselves.

Source: docs/theory/definitions.md#relative-residual.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from .covers import Geometry
from .matches import Side, other_side
from .tolerances import LITERAL_ZERO, rank_tolerance
from .validation import Array, DeadNeurons, as_dead_neurons, as_pair

NEVER = 2.0
"""Residual of a dead neuron that is declared unmatched: above every epsilon, and above every true residual."""


def dead_residual(dead_neurons: DeadNeurons) -> float:
    """0 under the literal definition (0 <= 0); above every level where dead neurons do not match."""
    return 0.0 if dead_neurons == "match" else NEVER


def unit_columns(
    values: Float[Array, "inputs neurons"],
) -> tuple[Float[Array, "inputs neurons"], npt.NDArray[np.bool_]]:
    """Columns scaled to length 1, and which ones are dead (exactly 0, and left 0).

    Scaling a neuron changes no match (T12). The first step divides by a power of two near the largest entry, which
    is exact, so columns of size 1e-300 or 1e+300 neither underflow nor overflow when they are squared.
    """
    largest = np.abs(values).max(axis=0)
    dead = largest == 0
    _, exponent = np.frexp(largest)
    scaled = np.ldexp(values, -exponent)
    norms = np.where(dead, 1.0, np.sqrt(np.einsum("ij,ij->j", scaled, scaled)))
    return scaled / norms, dead


def relative_residual(v: Float[Array, " inputs"], T: Float[Array, "inputs others"]) -> float:
    """r(v | T) = dist(v, span of the columns of T) / |v|, and 0 when v = 0.

    Implements docs/theory/definitions.md#relative-residual by ``numpy.linalg.lstsq`` on unit columns,
    with its rank cut at machine precision. Literal and short. On numerically dependent columns that cut is taken anew
    for every T, hence not monotone: ``algorithms.compressed.spans`` decides the rank once, ``algorithms.exact`` needs
    no cut.
    """
    unit, dead = unit_columns(v.reshape(-1, 1))
    if dead[0]:
        return 0.0
    predictors, dead = unit_columns(T)
    predictors = predictors[:, ~dead]
    if not predictors.shape[1]:
        return 1.0
    # As NumPy 2 has it; before, the default was another cut.
    coefficients = np.linalg.lstsq(predictors, unit[:, 0], rcond=None)[0]
    return min(1.0, float(np.linalg.norm(unit[:, 0] - predictors @ coefficients)))


class LeastSquares(Geometry[float]):
    """The geometric cover of two activation arrays, straight from the definition. Cost: one ``lstsq`` per residual."""

    def __init__(self, X: Any, Y: Any, *, dead_neurons: DeadNeurons = "match") -> None:
        x, y = as_pair(X, Y)
        self._values = {"x": x.values, "y": y.values}
        self.m, self.n = x.neurons, y.neurons
        self._zero = max(LITERAL_ZERO, *(rank_tolerance(side.dtype, self.m + self.n) for side in (x, y)))
        self._dead_residual = dead_residual(as_dead_neurons(dead_neurons))

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        own, T = self._values[side], self._values[other_side(side)][:, sorted(others)]
        found = [relative_residual(own[:, i], T) if own[:, i].any() else self._dead_residual for i in members]
        return [0.0 if r <= self._zero else r for r in found]

    def level(self, epsilon: float) -> float:
        return epsilon
