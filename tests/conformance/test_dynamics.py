"""T16, T17: the effective theory passes its checks, each broken version is rejected by the checks listed for it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from itertools import chain

import numpy as np
import pytest

from spanmatch.proofs_check import CHECKS, Budget, Check, run_check
from spanmatch.proofs_check.broken.dynamics import BROKEN
from spanmatch.proofs_check.checks.dynamics import Start
from spanmatch.proofs_check.harness import registry
from spanmatch.proofs_check.harness.implementations import FAST, Implementation

OURS = [one for one in CHECKS.values() if one.id.partition("-")[0] in {"T16", "T17"}]
BUDGET = Budget(cases=30)


@pytest.fixture(autouse=True)
def without_shrinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict is all that is asked here."""
    monkeypatch.setattr(registry, "SHRINKING_SECONDS", 0.0)


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.id)
def test_the_theory_passes(one: Check) -> None:
    outcome = run_check(one, FAST, BUDGET)
    assert (outcome.verdict, outcome.detail) == ("passed", "")
    assert outcome.cases >= BUDGET.cases // 2


@pytest.mark.parametrize(
    ("implementation", "name"),
    [(implementation, name) for implementation, names in BROKEN.items() for name in names],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_broken_versions_are_rejected(implementation: Implementation, name: str) -> None:
    outcome = run_check(CHECKS[name], implementation, BUDGET)
    assert outcome.verdict == "failed", f"{name} lets {implementation.name!r} pass"
    assert "\nfor Start(" in outcome.detail


def test_missing_half_leaves_the_conserved_quantity_alone() -> None:
    """T16 says nothing of w', which is why the flow has a check of its own."""
    broken = next(one for one in BROKEN if "1/2" in one.name)
    assert run_check(CHECKS["T16-conserved"], broken, BUDGET).verdict == "passed"


def test_every_check_rejects_somebody() -> None:
    assert {one.id for one in OURS} == set(chain.from_iterable(BROKEN.values()))


ORDINARY, CLEAR = 40, 1e-6
TIMES = np.array([0.0, 0.25, 0.5, 0.75, 1.0])


@cache
def ordinary_starts() -> tuple[Start, ...]:
    """Rich to lazy, outputs from aligned with their targets to across them, as in the checks."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(ORDINARY):
        dx, dy, eta_h, eta_y = rng.uniform(0.5, 1.5, 4)
        h0, y0 = 10 ** rng.uniform(-1.5, 0.5, 2)
        found.append(Start(dx, dy, eta_h, eta_y, h0, y0, y0 - rng.uniform(0, 1) * math.sqrt(y0) * dy))
    return tuple(found)


def solve_dynamics(implementation: Implementation) -> Iterator[tuple[float, float]]:
    """Values and thresholds: has the hidden distance grown, and have the outputs come half way to their targets?"""
    for start in ordinary_starts():
        h, y, _ = implementation.solve_dynamics(*vars(start).values(), TIMES)
        for k in range(1, TIMES.size):
            yield h[k], start.h0
            yield y[k], start.dy**2 / 2


def final_squared_distance(implementation: Implementation) -> Iterator[tuple[float, float]]:
    """Has the hidden distance grown in the end, and is it larger than that of the inputs and of the targets?"""
    for start in ordinary_starts():
        *setting, _ = vars(start).values()
        found = implementation.final_squared_distance(*setting)
        yield from ((found, threshold) for threshold in (start.h0, start.dx**2, start.dy**2))


QUESTIONS = {"solve_dynamics": solve_dynamics, "final_squared_distance": final_squared_distance}


@cache
def right_answers(function: str) -> tuple[bool | None, ...]:
    """None where a rounding would decide."""
    return tuple(None if abs(a - b) < CLEAR else a > b for a, b in QUESTIONS[function](FAST))


@pytest.mark.parametrize("implementation", BROKEN, ids=lambda one: one.name)
def test_broken_versions_are_mostly_right(implementation: Implementation) -> None:
    """Of the functions that the listed checks reject: one that every question gives away proves nothing of a check."""
    shares = {}
    for function in {need for name in BROKEN[implementation] for need in CHECKS[name].needs}:
        answers = [a > b for a, b in QUESTIONS[function](implementation)]
        decided = [a == b for a, b in zip(answers, right_answers(function), strict=True) if b is not None]
        assert len(decided) >= 100
        shares[function] = sum(decided) / len(decided)
    print(f"{implementation.name}: {shares}")
    assert min(shares.values()) >= 0.5, shares
    # And yet not always right, or the questions would be idle.
    assert min(shares.values()) < 1
