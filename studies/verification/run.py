"""The main job: check the theorems, recover what was planted, then run on real trained CNN layers."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from ...files.atomic import atomic_writes, to_json
from ...files.environment import versions
from ...proofs_check import CHECKS, Budget, Outcome, run_check
from ...proofs_check.harness.implementations import FAST, REFERENCE, Implementation
from ...report.figures.curves import save_curves
from ...report.page import page
from ...report.terminal import print_verification
from ...synthetic import FAMILIES
from ...theory.ledger import THEOREMS
from ...theory.validation.options import Tell
from ..dynamics.run import DynamicsResult, small_dynamics
from .case_quality import Shares, measure_shares
from .networks import MAIN_PAIR, PAIRS, PairResult, compare_pair
from .recovery import Recovery, recover

SHARE_CASES = 1000
WIDE = ("2+2", "3+2")
ALWAYS_WIDE = ("T3-maximum-on-covers",)
"""Checks on abstract covers that visit all 86 400 of 3+2 also without ``full``; the test suite does for every one."""


@dataclass(frozen=True)
class VerificationReport:
    """All that the verification run found. ``ok`` iff nothing failed; "not run" is not a failure, and is counted."""

    checks: dict[str, tuple[Outcome, ...]]
    shares: Shares
    planted: tuple[Recovery, ...]
    pairs: tuple[PairResult, ...]
    dynamics: DynamicsResult | None
    seed: int
    mode: str
    seconds: float
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": 2,
            "ok": self.ok,
            "mode": self.mode,
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "versions": versions(),
            "faults": list(self.faults),
            "checks": {name: [outcome.to_dict() for outcome in outcomes] for name, outcomes in self.checks.items()},
            "theorems": [theorem.to_dict() for theorem in THEOREMS],
            "shares": self.shares.to_dict(),
            "planted": [{**vars(one), "ok": one.ok} for one in self.planted],
            "pairs": [result.to_dict() for result in self.pairs],
            "dynamics": None if self.dynamics is None else self.dynamics.to_dict(),
        }

    def print(self, console: Console) -> None:
        """Tables for a person."""
        print_verification(self.to_dict(), console)


def verify(
    *,
    quick: bool = False,
    full: bool = False,
    seed: int = 0,
    cases: int | None = None,
    out: Path,
    progress: Tell | None = None,
) -> VerificationReport:
    """Run everything and write ``similarity.png``, ``report.html`` and ``report.json`` into ``out``, at the end, whole.

    Parameters: ``quick``: small covers, fewer cases, the main pair only, one draw, no effective theory; ``full``: A1
    on all channels of 10 000 inputs, every check on all covers of 3+2; ``cases``: generated cases a check (default
    100, 10 when quick; the check of ``max_match`` against the exact oracle takes ten times as many); ``seed``: of
    everything random.
    ``out`` must exist.
    """
    started = time.perf_counter()
    tell = progress or (lambda _: None)
    cases = cases or (10 if quick else 100)
    wide = () if quick else tuple(CHECKS) if full else ALWAYS_WIDE
    checks = {
        FAST.name: _run(FAST, Budget(cases, seed), wide, tell),
        REFERENCE.name: _run(REFERENCE, Budget(max(1, cases // 4), seed), (), tell),
    }
    tell("shares of interesting cases")
    shares = measure_shares(SHARE_CASES, seed)
    planted = []
    for family in FAMILIES:
        tell(f"planted family {family}")
        planted.append(recover(family, range(seed, seed + (1 if quick else 5))))
    wanted = (MAIN_PAIR,) if quick else PAIRS
    pairs = tuple(compare_pair(pair, quick=quick, full=full, seed=seed, tell=tell) for pair in wanted)
    dynamics = None if quick else small_dynamics(seed=seed, progress=tell)
    faults = (
        *(f"{one.check}: {one.detail}" for outcomes in checks.values() for one in outcomes if one.verdict == "failed"),
        *shares.faults,
        *(fault for one in planted for fault in one.faults),
        *(fault for result in pairs for fault in result.faults),
    )
    mode = "quick" if quick else "full" if full else "default"
    report = VerificationReport(
        checks, shares, tuple(planted), pairs, dynamics, seed, mode, time.perf_counter() - started, faults
    )
    result = report.to_dict()
    with atomic_writes(*(out / name for name in ("similarity.png", "report.html", "report.json"))) as files:
        save_curves([pair["comparison"] for pair in result["pairs"]], files[0])
        files[1].write_text(page(result), encoding="utf-8")
        files[2].write_text(to_json(result), encoding="utf-8")
    return report


def _run(implementation: Implementation, budget: Budget, wide: Collection[str], tell: Tell) -> tuple[Outcome, ...]:
    """All checks; those in ``wide`` also on all covers of 3+2."""
    outcomes = []
    for one in CHECKS.values():
        tell(f"{implementation.name.partition(':')[0]}: {one.id}")
        outcomes.append(run_check(one, implementation, replace(budget, exhaustive=WIDE) if one.id in wide else budget))
    return tuple(outcomes)
