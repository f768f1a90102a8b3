"""Match radii (D7, T6, T18): the exact ones, the planted ones, and how far they move when residuals do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from random import Random
from typing import Any

from hypothesis import assume, reject
from hypothesis import strategies as st

from ...algorithms.exact import ExactGeometry
from ...algorithms.peeling import peel_radii
from ...synthetic.strategies.transformed import Perturbed, perturbations
from ...theory.brute_force import all_pairs
from ...theory.covers import Geometry
from ...theory.matches import Match, Side, other_side
from ..harness.answers import Counterexample, read_radii
from ..harness.capabilities import Capabilities
from ..harness.cases import ordinary, radii_question, with_dead
from ..harness.large import large_radii
from ..harness.margins import CLEAR
from ..harness.questions import Question, RadiiQuestion
from ..harness.registry import Budget, asks, check, for_all
from .maximum import planted_of


@asks("T6-match-radii", "D7 T6", "required", "match_radii", "the match radii of small integers are the exact ones")
def _exact(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    return radii_question(case.X, case.Y, can)


@asks("T6-match-radii-to-1e-7", "D7 T6", "numerical", "match_radii", "match radii that are not 0 are right to 1e-7")
def _tight(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    question = radii_question(case.X, case.Y, can)
    # Of the square, whose error is that of the radius times twice the radius.
    least = min((r for side in question.right for r in side if r), default=1.0)
    return RadiiQuestion(case.X, case.Y, 0, question.right, min(1e-8, 2e-7 * least))


@asks("T6-match-radii-planted", "D7 T6", "required", "match_radii", "match radii planted in closed form are found")
def _planted(draw: st.DrawFn, can: Capabilities) -> Question:
    found = planted_of(draw, can, exact=True, family="radii")
    if found.radii is None:
        reject()
    x, y = (side.tolist() for side in found.radii)
    return RadiiQuestion(*found.matrices, 0, (x, y))


asks("T6-match-radii-large", "D7 T6", "required", "match_radii",
     "the match radii of 40 to 64 neurons per side are the exact ones", rate=1 / 20)(large_radii)


@asks("D1-dead-match-radii", "D1 D7", "required", "match_radii", "neurons that are 0 have radius 0, or 1, as declared")
def _dead(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(with_dead())
    return radii_question(case.X, case.Y, can)


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


@check("T18-stable-radii", "T18 T6", "match_radii", "where no residual moves by more than delta, no match radius does")
def stable(implementation: Any, budget: Budget) -> int:
    def examine(perturbed: Perturbed) -> None:
        case = perturbed.case
        before, after = ExactGeometry(case.X, case.Y), ExactGeometry(perturbed.X, perturbed.Y)
        # Dependent neurons that move apart make everything move.
        assume((before.rank("x"), before.rank("y")) == (before.m, before.n))
        _peel_is_stable(before)
        delta = max(_distance(before, after, pair) for pair in all_pairs(before.m, before.n))
        sides = ((case.X, case.Y), (perturbed.X, perturbed.Y))
        found, moved = (read_radii(implementation.match_radii(*pair), before.m, before.n) for pair in sides)
        for v, old, new in zip(Match.everything(before.m, before.n), found.tolist(), moved.tolist(), strict=True):
            if not abs(new - old) <= delta + 2 * CLEAR:
                raise Counterexample(f"residuals move by at most {delta}, but the match radius of {tuple(v)} from "
                                     f"{old} to {new}")

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
