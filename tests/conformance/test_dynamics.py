"""T16, T17: the effective theory passes its checks, each broken version is rejected by the checks listed for it."""

from __future__ import annotations

from itertools import chain

import pytest

from spanmatch.proofs_check import CHECKS, Budget, Check, registry, run_check
from spanmatch.proofs_check.broken_dynamics import BROKEN_DYNAMICS
from spanmatch.proofs_check.implementations import FAST, Implementation

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
    [(implementation, name) for implementation, names in BROKEN_DYNAMICS.items() for name in names],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_broken_versions_are_rejected(implementation: Implementation, name: str) -> None:
    outcome = run_check(CHECKS[name], implementation, BUDGET)
    assert outcome.verdict == "failed", f"{name} lets {implementation.name!r} pass"
    assert "\nfor Start(" in outcome.detail


def test_missing_half_leaves_the_conserved_quantity_alone() -> None:
    """T16 says nothing of w', which is why the flow has a check of its own."""
    broken = next(one for one in BROKEN_DYNAMICS if "1/2" in one.name)
    assert run_check(CHECKS["T16-conserved"], broken, BUDGET).verdict == "passed"


def test_every_check_rejects_somebody() -> None:
    assert {one.id for one in OURS} == set(chain.from_iterable(BROKEN_DYNAMICS.values()))
