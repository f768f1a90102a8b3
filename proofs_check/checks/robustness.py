"""T11, T14, T18 on activations: sizes that must agree, and by how much answers may move with the activations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from random import Random

import numpy as np
from hypothesis import assume

from ...algorithms.exact import ExactGeometry
from ...algorithms.peeling import batch_peel, peel_radii
from ...synthetic.strategies.small import Integers
from ...synthetic.strategies.transformed import Perturbed, perturbations, well_spread
from ...theory.brute_force import all_pairs, brute_force
from ...theory.covers import Geometry
from ...theory.matches import Match, Side, other_side
from ...theory.residuals import unit_columns
from ..harness.implementations import Activations, Implementation
from ..harness.margins import CLEAR, match_of, radius_margin
from ..harness.registry import Budget, Counterexample, check, for_all
from .invariance import radii_of


@check("T11-balanced", "T11", "where epsilon sqrt(max(m, n)) is below the least singular value of both sides, every "
       "match has |A| = |B|", "max_match")
def balanced(implementation: Implementation, budget: Budget) -> int:
    def examine(sides: tuple[Integers, Integers]) -> None:
        X, Y = sides
        assume(all(Z.any(axis=0).all() for Z in sides))
        least = min(float(np.linalg.svd(unit_columns(Z.astype(float))[0], compute_uv=False)[-1]) for Z in sides)
        largest = max(X.shape[1], Y.shape[1])
        epsilon = Fraction(int(999 * least / largest**0.5), 1000)
        assume(epsilon > 0)
        oracle = ExactGeometry(X, Y)
        for pair in brute_force(oracle.at(epsilon)).matches:
            if len(pair.x) != len(pair.y):
                raise Counterexample(f"T11 fails: {pair} is a match at {epsilon} < {least / largest**0.5}")
        radii = peel_radii(oracle)
        for tried in (e for e in (epsilon, epsilon / 2) if radius_margin(radii, oracle, e) > CLEAR):
            found = match_of(implementation.max_match(X, Y, float(tried)))
            if len(found.x) != len(found.y):
                raise Counterexample(f"max_match at {float(tried)} is {found}, but should have |A| = |B|")

    return for_all(well_spread(), examine, cases=budget.cases, seed=budget.seed)


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
        coefficients = np.linalg.lstsq(T, own)[0]
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


@check("T14-residuals", "T14", "a match of unit vectors that move by delta keeps residuals up to epsilon'", "residual")
def moved_residuals(implementation: Implementation, budget: Budget) -> int:
    def examine(perturbed: Perturbed) -> None:
        match, bound = _moved_match(perturbed)
        for v in match:
            others = sorted(match.side(other_side(v.side)))
            found = implementation.residual(perturbed.X, perturbed.Y, v.side, v.index, others)
            if not found <= bound + CLEAR:
                raise Counterexample(f"r({tuple(v)} | {others}) is {found}, but should be at most {bound}")

    return for_all(perturbations(), examine, cases=budget.cases, seed=budget.seed)


@check("T14-robust", "T14", "the maximum match at epsilon lies in the one at epsilon' of the moved vectors",
       "max_match")
def moved_match(implementation: Implementation, budget: Budget) -> int:
    def examine(perturbed: Perturbed) -> None:
        match, bound = _moved_match(perturbed)
        found = match_of(implementation.max_match(perturbed.X, perturbed.Y, bound + CLEAR))
        if not match <= found:
            raise Counterexample(f"max_match at {bound + CLEAR} is {found}, but should contain {match}")

    return for_all(perturbations(), examine, cases=budget.cases, seed=budget.seed)


class _Disturbed(Geometry[float]):
    """The exact residuals, each with an error of up to delta of its own: not even monotone."""

    def __init__(self, oracle: ExactGeometry, delta: float) -> None:
        self.oracle, self.delta = oracle, delta
        self.m, self.n = oracle.m, oracle.n

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        found = self.oracle.residuals(side, members, others)
        chance = Random(f"{side} {members} {sorted(others)}")
        return [self.oracle.relative(square) + self.delta * chance.uniform(-1, 1) for square in found]

    def level(self, epsilon: float) -> float:
        return epsilon


@check("T18-stable-radii", "T18 T6", "where no residual moves by more than delta, no match radius does", "match_radii")
def stable_radii(implementation: Implementation, budget: Budget) -> int:
    def examine(perturbed: Perturbed) -> None:
        case = perturbed.case
        before, after = ExactGeometry(case.X, case.Y), ExactGeometry(perturbed.X, perturbed.Y)
        # Dependent neurons that move apart make everything move.
        assume((before.rank("x"), before.rank("y")) == (before.m, before.n))
        _peel_is_stable(before)
        delta = max(_distance(before, after, pair) for pair in all_pairs(before.m, before.n))
        found, moved = (radii_of(implementation, *sides) for sides in ((case.X, case.Y), (perturbed.X, perturbed.Y)))
        for v, radius in found.items():
            if not abs(moved[v] - radius) <= delta + 2 * CLEAR:
                raise Counterexample(f"residuals move by at most {delta}, but the match radius of {tuple(v)} from "
                                     f"{radius} to {moved[v]}")

    return for_all(perturbations(), examine, cases=max(10, budget.cases // 2), seed=budget.seed)


def _peel_is_stable(oracle: ExactGeometry) -> None:
    """T18 as it stands: residuals with arbitrary errors up to delta, peeled by T6."""
    truth = peel_radii(oracle)
    for delta in (0.01, 0.2):
        for v, radius in peel_radii(_Disturbed(oracle, delta)).items():
            if abs(radius - oracle.relative(truth[v])) > delta + 1e-12:
                raise Counterexample(f"T18 fails: errors of {delta} move the radius of {tuple(v)} to {radius}, from "
                                     f"{oracle.relative(truth[v])}")


def _distance(before: ExactGeometry, after: ExactGeometry, pair: Match) -> float:
    """By how much the residuals of this pair's members against its other side differ."""
    return max(
        (
            abs(before.relative(old) - after.relative(new))
            for side in ("x", "y")
            for old, new in zip(
                *(g.residuals(side, sorted(pair.side(side)), pair.side(other_side(side))) for g in (before, after)),
                strict=True,
            )
        ),
        default=0.0,
    )
