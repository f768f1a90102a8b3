"""The checks on minimal and simple matches pass what is sound and reject what is broken."""

from __future__ import annotations

import pytest

from spanmatch.proofs_check import CHECKS, Budget, run_check
from spanmatch.proofs_check.broken.minimal import BROKEN
from spanmatch.proofs_check.harness.implementations import BRUTE_FORCE, EXACT, FAST, REFERENCE, Implementation
from spanmatch.synthetic import random_cover
from spanmatch.theory import brute_force

BUDGET = Budget(cases=60)
OURS = [name for name, check in CHECKS.items() if check.run.__module__.endswith(".checks_simple")]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("implementation", [REFERENCE, FAST, EXACT, BRUTE_FORCE], ids=lambda one: one.name)
def test_sound_implementations_pass(implementation: Implementation, name: str) -> None:
    outcome = run_check(CHECKS[name], implementation, BUDGET)
    assert (outcome.verdict, outcome.detail) == ("passed", "")


@pytest.mark.parametrize("implementation", BROKEN, ids=lambda one: one.name)
def test_broken_implementations_are_rejected(implementation: Implementation) -> None:
    for name in BROKEN[implementation]:
        outcome = run_check(CHECKS[name], implementation, BUDGET)
        assert outcome.verdict == "failed", f"{name} lets {implementation.name!r} pass"
        assert "raised" not in outcome.detail


@pytest.mark.parametrize("name", OURS)
def test_every_check_rejects_somebody(name: str) -> None:
    assert any(name in checks for checks in BROKEN.values())


@pytest.mark.parametrize("implementation", BROKEN, ids=lambda one: one.name)
def test_broken_implementations_are_mostly_right(implementation: Implementation) -> None:
    right = asked = 0
    for seed in range(150):
        cover = random_cover(1 + seed % 4, 1 + seed // 4 % 4, seed=seed)
        truth = brute_force(cover)
        if implementation.provides("cover_all_simple_matches"):
            right += set(implementation.cover_all_simple_matches(cover).matches) == set(truth.simple)
            asked += 1
            continue
        for v in cover.everything:
            right += implementation.cover_min_match(cover, v) in truth.minimal.get(v, (None,))
            asked += 1
    assert right >= asked / 2
