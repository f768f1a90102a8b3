"""Named implementations that are right on small cases with room around epsilon, and who rejects them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np

from ...algorithms import reference
from ...algorithms.peeling import batch_peel, peel, peel_radii
from ...theory.covers import Cover, Geometry
from ...theory.matches import Match, Neuron, Side, other_side
from ...theory.residuals import LeastSquares, unit_columns
from ..harness.implementations import Activations, Implementation, from_parts

ROUNDS, FIRST, LARGE, MOST_PREDICTORS = 8, 20, 7, 8


def eight_rounds(cover: Cover, within: Match) -> Match:
    """Removes the violators of both sides eight times, and returns what is left."""
    *_, last = islice(peel(cover, within), ROUNDS + 1)
    return last


def first_twenty(cover: Cover, within: Match) -> Match:
    """Looks at the first twenty neurons of each side only."""
    return batch_peel(cover, within & Match.everything(FIRST, FIRST))


def radii_of_first_twenty(geometry: Geometry[Any]) -> dict[Neuron, Any]:
    """Peels the first twenty neurons of each side only, and gives the others the radius 1."""
    shown = _Shown(geometry)
    return dict.fromkeys(Match.everything(geometry.m, geometry.n), geometry.level(1)) | peel_radii(shown)


class _Shown(Geometry[Any]):
    """The first twenty neurons of each side of a geometry."""

    def __init__(self, whole: Geometry[Any]) -> None:
        self.whole, self.m, self.n = whole, min(whole.m, FIRST), min(whole.n, FIRST)

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> Sequence[Any]:
        return self.whole.residuals(side, members, others)

    def level(self, epsilon: Fraction) -> Any:
        return self.whole.level(epsilon)


def gives_up(cover: Cover, neuron: Neuron) -> Match | None:
    """Returns the maximum match in place of a minimal one of seven or more neurons."""
    found = reference.min_match(cover, neuron, max_match=batch_peel)
    return batch_peel(cover) if found and len(found) >= LARGE else found


class EpsilonTimes(LeastSquares):
    """Works with epsilon times a factor."""

    factor = 1.0

    def level(self, epsilon: float) -> float:
        return super().level(epsilon) * self.factor


class LargerEpsilon(EpsilonTimes):
    factor = 1 + 2e-4


class SmallerEpsilon(EpsilonTimes):
    factor = 1 - 1e-3


class EpsilonPlus(LeastSquares):
    """Adds a slack to epsilon, as if residuals were inexact by that much."""

    def level(self, epsilon: float) -> float:
        return super().level(epsilon) + 1e-5


class _Approximate(LeastSquares):
    """Residuals from coefficients on unit columns that stop short of the least squares."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        own, dead = unit_columns(self._values[side][:, list(members)])
        T, _ = unit_columns(self._values[other_side(side)][:, sorted(others)])
        left = [float(np.linalg.norm(v - T @ self.coefficients(T, v))) if T.size else 1.0 for v in own.T]
        return [0.0 if none or r <= 1e-7 else r for r, none in zip(left, dead, strict=True)]

    def coefficients(self, T: Activations, v: Activations) -> Activations:
        raise NotImplementedError


class TenSteps(_Approximate):
    """Stops conjugate gradients after ten steps."""

    def coefficients(self, T: Activations, v: Activations) -> Activations:
        c = np.zeros(T.shape[1])
        left = direction = T.T @ v
        for _ in range(10):
            if np.linalg.norm(left) <= 1e-12:
                break
            image = T @ direction
            step = (left @ left) / (image @ image)
            c, before = c + step * direction, left @ left
            left = left - step * (T.T @ image)
            direction = left + (left @ left) / before * direction
        return c


class HundredSteps(_Approximate):
    """Stops gradient descent after a hundred steps."""

    def coefficients(self, T: Activations, v: Activations) -> Activations:
        c, largest = np.zeros(T.shape[1]), np.linalg.norm(T, 2) ** 2 or 1.0
        for _ in range(100):
            c = c + T.T @ (v - T @ c) / largest
        return c


class EightMostCorrelated(_Approximate):
    """Predicts from the eight neurons of the other side that correlate most with the one in question."""

    def coefficients(self, T: Activations, v: Activations) -> Activations:
        return self._on(np.argsort(-np.abs(T.T @ v), kind="stable")[:MOST_PREDICTORS].tolist(), T, v)

    @staticmethod
    def _on(chosen: Sequence[int], T: Activations, v: Activations) -> Activations:
        c = np.zeros(T.shape[1])
        c[chosen] = np.linalg.lstsq(T[:, chosen], v)[0]
        return c


class EightOneByOne(EightMostCorrelated):
    """Chooses eight predictors one after the other, each the best for what the others leave."""

    def coefficients(self, T: Activations, v: Activations) -> Activations:
        chosen: list[int] = []
        for _ in range(min(MOST_PREDICTORS, T.shape[1])):
            left = v - T @ self._on(chosen, T, v)
            chosen.append(max(set(range(T.shape[1])) - set(chosen), key=lambda k: abs(float(T[:, k] @ left))))
        return self._on(chosen, T, v)


BROKEN: dict[Implementation, str] = {
    from_parts("eight rounds only", max_match=eight_rounds): "T4-long-staircase",
    from_parts("first twenty neurons only", max_match=first_twenty, radii=radii_of_first_twenty):
        "T3-max-match-large T6-match-radii-large",
    from_parts("gives up on large minimal matches", max_match=batch_peel, min_match=gives_up): "T7-min-match-large",
    from_parts("epsilon a little larger", geometry=LargerEpsilon, max_match=batch_peel): "T6-close-decisions",
    from_parts("epsilon a little smaller", geometry=SmallerEpsilon, max_match=batch_peel): "T6-close-decisions",
    from_parts("a slack of 1e-5", geometry=EpsilonPlus, max_match=batch_peel): "T6-close-decisions",
    from_parts("ten steps of conjugate gradients", geometry=TenSteps, max_match=batch_peel):
        "T3-slow-convergence T3-many-predictors",
    from_parts("a hundred steps of gradient descent", geometry=HundredSteps, max_match=batch_peel):
        "T3-slow-convergence",
    from_parts("predicts from the eight most correlated", geometry=EightMostCorrelated, max_match=batch_peel):
        "T3-many-predictors",
    from_parts("predicts from eight, chosen one by one", geometry=EightOneByOne, max_match=batch_peel):
        "T3-many-predictors",
}
"""Implementation -> the checks that must reject it, the one that names its fault first."""
