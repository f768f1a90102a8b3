"""The main job: check the theorems, recover what was planted, then run on real trained CNN layers."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from ...files.atomic import atomic_writes, output_folder, to_json
from ...files.environment import versions
from ...networks.architectures import LAYERS
from ...proofs_check import CHECKS, Budget, Outcome, run_check
from ...proofs_check.evidence import theorem_records
from ...proofs_check.harness.implementations import FAST, REFERENCE
from ...report.figures.curves import save_curves
from ...report.page import page
from ...report.terminal import print_verification
from ...synthetic import FAMILIES
from ...theory.validation.options import Steps
from ..comparison.population import Population
from ..dynamics.run import DynamicsResult, small_dynamics
from ..pictures import pictures_of
from ..workers import Piece, carried_out
from . import VERIFICATION_FILES
from .case_quality import Shares, measure_shares
from .networks import MAIN_PAIR, PAIRS, PairResult, compare_pair, compare_seeds, main_agreement
from .recovery import Recovery, recover

SHARE_CASES = 1000
WIDE = ("2+2", "3+2")
ALWAYS_WIDE = ("T3-maximum-on-covers",)
"""Checks on abstract covers that visit all 86 400 of 3+2 also without ``full``."""
ROUTES = {one.name: one for one in (FAST, REFERENCE)}
UNASKED = {FAST.name: ("threshold",), REFERENCE.name: ("threshold", "optional")}
"""Levels of checks that a route is not held to: the threshold itself, which rounding may hide, and good manners."""


@dataclass(frozen=True)
class VerificationReport:
    """All that the verification run found. ``ok`` iff nothing failed; "not run" is not a failure, and is counted."""

    checks: dict[str, tuple[Outcome, ...]]
    shares: Shares
    planted: tuple[Recovery, ...]
    pairs: tuple[PairResult, ...]
    populations: tuple[Population, ...]
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
            "theorems": [{**one, "proof": ""} for one in theorem_records()],
            "shares": self.shares.to_dict(),
            "planted": [{**vars(one), "ok": one.ok} for one in self.planted],
            "pairs": [result.to_dict() for result in self.pairs],
            "populations": [one.to_dict() for one in self.populations],
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
    workers: int | None = None,
    out: Path,
    progress: Steps | None = None,
) -> VerificationReport:
    """Run everything and write ``similarity.png``, ``report.html`` and ``report.json`` into ``out``, at the end, whole.

    Parameters: ``quick``: small covers, fewer cases, the main pair only, one draw, no effective theory; ``full``: A1
    on all channels of 10 000 inputs, every check on all covers of 3+2; ``cases``: generated cases for each check
    (default 100, 10 when quick); ``seed``: of everything random; ``workers``: processes (default: one per core), each
    with one thread of linear algebra. ``out`` is made if needed.
    """
    started = time.perf_counter()
    pieces = _pieces(quick, full, seed, cases or (10 if quick else 100))
    found = iter(carried_out([piece for kind in pieces.values() for piece in kind], workers=workers, progress=progress))
    results = {kind: tuple(next(found) for _ in some) for kind, some in pieces.items()}
    pairs = (replace(results["pairs"][0], agreements=results["agreements"]), *results["pairs"][1:])
    checks = {route: results[route] for route in ROUTES}
    [shares], planted = results["shares"], results["planted"]
    faults = (
        *(f"{one.check}: {one.detail}" for outcomes in checks.values() for one in outcomes if one.verdict == "failed"),
        *shares.faults,
        *(fault for one in (*planted, *pairs) for fault in one.faults),
    )
    report = VerificationReport(
        checks,
        shares,
        planted,
        pairs,
        results["populations"],
        next(iter(results["dynamics"]), None),
        seed,
        "quick" if quick else "full" if full else "default",
        time.perf_counter() - started,
        faults,
    )
    result = report.to_dict()
    with output_folder(out), atomic_writes(*(out / name for name in VERIFICATION_FILES)) as files:
        save_curves([pair["comparison"] for pair in result["pairs"]], files[0])
        files[1].write_text(page(result, pictures_of(result)), encoding="utf-8")
        files[2].write_text(to_json(result), encoding="utf-8")
    return report


def _pieces(quick: bool, full: bool, seed: int, cases: int) -> dict[str, list[Piece]]:
    """All there is to do, by kind, the long pieces first."""
    pairs = (MAIN_PAIR,) if quick else PAIRS
    seeds = range(seed, seed + (1 if quick else 5))
    wide = () if quick else tuple(CHECKS) if full else ALWAYS_WIDE
    shares = SHARE_CASES // 3 if quick else SHARE_CASES
    budgets = {FAST.name: Budget(cases, seed), REFERENCE.name: Budget(max(1, cases // 4), seed)}
    return {
        "pairs": [Piece(pair.name, partial(compare_pair, pair, quick=quick, seed=seed)) for pair in pairs],
        "populations": []
        if quick
        else [Piece(f"seeds of {name}", partial(compare_seeds, name, seed=seed)) for name in LAYERS],
        "dynamics": [] if quick else [Piece("effective theory", partial(small_dynamics, seed=seed))],
        "agreements": [
            Piece(f"three routes on {layer}", partial(main_agreement, layer, quick=quick, full=full, seed=seed))
            for layer in LAYERS["vgg"]
        ],
        "shares": [Piece("shares of interesting cases", partial(measure_shares, shares, seed))],
        "planted": [Piece(f"planted family {family}", partial(recover, family, seeds)) for family in FAMILIES],
        **{
            route: [
                Piece(
                    f"{route.partition(':')[0]}: {name}",
                    partial(_ask, route, name, replace(budget, exhaustive=WIDE) if name in wide else budget),
                )
                for name, check in CHECKS.items()
                if check.level not in UNASKED[route]
            ]
            for route, budget in budgets.items()
        },
    }


def _ask(route: str, check: str, budget: Budget) -> Outcome:
    return run_check(CHECKS[check], ROUTES[route], budget)
