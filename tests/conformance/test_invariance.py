"""T11-T14, T18: sound implementations pass these checks, each broken one is rejected by the checks listed for it."""

from __future__ import annotations

from functools import cache
from itertools import chain

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings

from spanmatch.algorithms.exact import ExactGeometry
from spanmatch.algorithms.peeling import peel_radii
from spanmatch.proofs_check import CHECKS, Budget, Check, run_check
from spanmatch.proofs_check.broken.invariance import BROKEN
from spanmatch.proofs_check.harness import registry
from spanmatch.proofs_check.harness.implementations import EXACT, FAST, REFERENCE, Implementation
from spanmatch.proofs_check.harness.margins import CLEAR, match_of, radius_margin
from spanmatch.synthetic.strategies.activations import Case, activation_cases
from spanmatch.theory import Match

THEOREMS = {"T11", "T12", "T13", "T14", "T18"}
OURS = [one for one in CHECKS.values() if one.id.partition("-")[0] in THEOREMS]
BUDGET = Budget(cases=60)
ORDINARY = 120


@pytest.fixture(autouse=True)
def without_shrinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict is all that is asked here."""
    monkeypatch.setattr(registry, "SHRINKING_SECONDS", 0.0)


@pytest.mark.parametrize("implementation", [REFERENCE, FAST, EXACT], ids=lambda one: one.name)
@pytest.mark.parametrize("one", OURS, ids=lambda one: one.id)
def test_sound_implementations_pass(one: Check, implementation: Implementation) -> None:
    outcome = run_check(one, implementation, Budget(cases=30))
    assert (outcome.verdict, outcome.detail) == ("passed", "")
    assert outcome.cases >= (30 if "not-invariant" not in one.id else 4) // 2


@pytest.mark.parametrize(
    ("implementation", "name"),
    [(implementation, name) for implementation, names in BROKEN.items() for name in names],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_broken_implementations_are_rejected(implementation: Implementation, name: str) -> None:
    outcome = run_check(CHECKS[name], implementation, BUDGET)
    assert outcome.verdict == "failed", f"{name} lets {implementation.name!r} pass"
    assert " fails: " not in outcome.detail, "the theorem, not the implementation"


def test_every_check_rejects_somebody() -> None:
    assert {one.id for one in OURS} == set(chain.from_iterable(BROKEN.values()))


@cache
def ordinary_cases() -> list[tuple[Case, ExactGeometry]]:
    """Those that floating point decides."""
    found = []

    @seed(0)
    @settings(max_examples=ORDINARY, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(activation_cases())
    def collect(case: Case) -> None:
        oracle = ExactGeometry(case.X, case.Y)
        if radius_margin(peel_radii(oracle), oracle, case.epsilon) > CLEAR:
            found.append((case, oracle))

    collect()
    assert len(found) >= ORDINARY // 2
    return found


@pytest.mark.parametrize("implementation", BROKEN, ids=lambda one: one.name)
def test_broken_implementations_are_mostly_right(implementation: Implementation) -> None:
    right = {"max_match": [], "match_radii": []}
    for case, oracle in ordinary_cases():
        radii = peel_radii(oracle)
        truth = Match.of(v for v, square in radii.items() if square <= case.epsilon**2)
        right["max_match"].append(match_of(implementation.max_match(case.X, case.Y, float(case.epsilon))) == truth)
        found = np.concatenate(implementation.match_radii(case.X, case.Y))
        right["match_radii"] += [
            (radius <= case.epsilon) == (v in truth)
            for v, radius in zip(Match.everything(oracle.m, oracle.n), found, strict=True)
        ]
    shares = {function: np.mean(answers) for function, answers in right.items()}
    print(f"{implementation.name}: {shares}")
    assert min(shares.values()) >= 0.5


def test_failures_show_the_case() -> None:
    centred = next(one for one in BROKEN if "mean" in one.name)
    detail = run_check(CHECKS["T12-isometries"], centred, BUDGET).detail
    assert "max_match was" in detail
    assert "\nfor Change(Case(X=" in detail
    detail = run_check(CHECKS["T14-robust"], centred, BUDGET).detail
    assert "\nfor Perturbed(Case(X=" in detail
