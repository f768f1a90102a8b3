"""Are generated cases worth having? The shares of interesting ones, measured and required."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...algorithms.exact import ExactGeometry
from ...algorithms.peeling import peel
from ...proofs_check.harness.registry import for_all
from ...synthetic.strategies.activations import activation_cases
from ...synthetic.strategies.small import Case
from ...theory.matches import Match

REQUIRED = {"proper non-empty maximum match": 0.30, "rank-deficient side": 0.20, "three rounds or more": 0.20}


@dataclass(frozen=True)
class Shares:
    """How many of ``cases`` generated cases have each feature that makes a case worth having."""

    cases: int
    found: dict[str, float]

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(
            f"generated cases: {name} in {self.found[name]:.0%}, need {least:.0%}"
            for name, least in REQUIRED.items()
            if self.found[name] < least
        )

    def to_dict(self) -> dict[str, Any]:
        return {"cases": self.cases, "found": self.found, "required": REQUIRED}


def measure_shares(cases: int, seed: int) -> Shares:
    """The shares among the cases that the checks draw, decided by the exact oracle."""
    counts = dict.fromkeys(REQUIRED, 0)

    def examine(case: Case) -> None:
        oracle = ExactGeometry(case.X, case.Y)
        *_, maximum = passed = list(peel(oracle.at(case.epsilon)))
        whole = Match.everything(oracle.m, oracle.n)
        counts["proper non-empty maximum match"] += Match() < maximum < whole
        counts["rank-deficient side"] += oracle.rank("x") < oracle.m or oracle.rank("y") < oracle.n
        counts["three rounds or more"] += len(passed) > 3

    examined = for_all(activation_cases(), examine, cases=cases, seed=seed)
    return Shares(examined, {name: count / examined for name, count in counts.items()})
