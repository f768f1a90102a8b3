"""T14 on activations: by how much answers may move with the activations."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume

from ...algorithms.exact import ExactGeometry
from ...algorithms.peeling import batch_peel
from ...synthetic.strategies.transformed import Perturbed, perturbations
from ...theory.matches import Match, Side, other_side
from ...theory.residuals import unit_columns
from ..harness.answers import Counterexample
from ..harness.implementations import Activations
from ..harness.margins import CLEAR, match_of
from ..harness.registry import Budget, check, for_all


def _moved_match(perturbed: Perturbed) -> tuple[Match, float]:
    """The maximum match before the move, and the epsilon' of T14 at which it is a match after it."""
    case = perturbed.case
    maximum = batch_peel(ExactGeometry(case.X, case.Y).at(case.epsilon))
    assume(maximum)
    unit: dict[Side, Activations] = {"x": unit_columns(case.X.astype(float))[0],
                                     "y": unit_columns(case.Y.astype(float))[0]}
    reached, kappa = 0.0, 0.0
    for v in maximum:
        T = unit[other_side(v.side)][:, sorted(maximum.side(other_side(v.side)))]
        own = unit[v.side][:, v.index]
        coefficients = np.linalg.lstsq(T, own, rcond=None)[0]
        reached = max(reached, float(np.linalg.norm(own - T @ coefficients)))
        kappa = max(kappa, float(np.abs(coefficients).sum()))
    delta = perturbed.moved
    assume(delta < 1)
    bound = (reached + delta * (1 + kappa)) / (1 - delta)
    assume(bound + 2 * CLEAR < 1)
    moved = ExactGeometry(perturbed.X, perturbed.Y)
    for v in maximum:
        r = moved.relative(moved.residuals(v.side, [v.index], maximum.side(other_side(v.side)))[0])
        if r > bound + 1e-12:
            raise Counterexample(f"T14 fails: exactly, r of {tuple(v)} is {r} after the move, more than {bound}")
    return maximum, bound


@check("T14-residuals", "T14", "residual", "a match of unit vectors that move by delta keeps residuals up to epsilon'")
def moved_residuals(implementation: Any, budget: Budget) -> int:
    def examine(perturbed: Perturbed) -> None:
        match, bound = _moved_match(perturbed)
        for v in match:
            others = sorted(match.side(other_side(v.side)))
            found = implementation.residual(perturbed.X, perturbed.Y, v.side, v.index, others)
            if not found <= bound + CLEAR:
                raise Counterexample(f"r({tuple(v)} | {others}) is {found}, but should be at most {bound}")

    return for_all(perturbations(), examine, cases=budget.cases, seed=budget.seed)


@check("T14-robust", "T14", "max_match",
       "the maximum match at epsilon lies in the one at epsilon' of the moved vectors")
def moved_match(implementation: Any, budget: Budget) -> int:
    def examine(perturbed: Perturbed) -> None:
        match, bound = _moved_match(perturbed)
        found = match_of(implementation.max_match(perturbed.X, perturbed.Y, bound + CLEAR))
        if not match <= found:
            raise Counterexample(f"max_match at {bound + CLEAR} is {found}, but should contain {match}")

    return for_all(perturbations(), examine, cases=budget.cases, seed=budget.seed)
