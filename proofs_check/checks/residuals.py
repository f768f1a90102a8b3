"""Relative residuals (T1) of generated activations, against the exact oracle."""

from __future__ import annotations

from typing import Any

from ...algorithms.exact import ExactGeometry
from ...synthetic.strategies.activations import Case, activation_cases
from ...theory.matches import Match
from ..harness.answers import Counterexample
from ..harness.margins import CLEAR
from ..harness.registry import Budget, check, for_all


@check("T1-residual-monotone", "T1", "residual", "r(v | T) does not grow with T, and equals the exact residual")
def residual_monotone(implementation: Any, budget: Budget) -> int:
    def examine(case: Case) -> None:
        oracle = ExactGeometry(case.X, case.Y)
        for v in Match.everything(oracle.m, oracle.n):
            size = oracle.n if v.side == "x" else oracle.m
            previous = 1.0
            for others in (list(range(k)) for k in range(size + 1)):
                found = implementation.residual(case.X, case.Y, v.side, v.index, others)
                truth = oracle.relative(oracle.residuals(v.side, [v.index], others)[0])
                if not abs(found - truth) <= CLEAR:
                    raise Counterexample(f"r({tuple(v)} | {others}) is {found}, but should be {truth}")
                if found > previous + CLEAR:
                    raise Counterexample(f"r({tuple(v)} | {others}) is {found}, more than {previous} on fewer neurons")
                previous = found

    return for_all(activation_cases(), examine, cases=budget.cases, seed=budget.seed)
