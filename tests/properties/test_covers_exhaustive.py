"""Every abstract cover of 2+2 and of 3+2 neurons, against brute force: one test for each check."""

from __future__ import annotations

import pytest

from spanmatch.proofs_check.checks import covers as checks_covers
from spanmatch.proofs_check.harness.implementations import FAST
from spanmatch.proofs_check.harness.registry import CHECKS, Budget, run_check

SMALL, LARGE = 1_296, 86_400

# On one worker, where brute force on each cover is done once for all checks.
pytestmark = pytest.mark.xdist_group("small covers")


@pytest.mark.parametrize(
    "name",
    [
        "T2-union-of-matches",
        "T3-maximum-on-covers",
        "T4-peeling-inside-any-pair",
        "T7-minimal-on-covers",
        "T7-simple-on-covers",
    ],
)
def test_all_small_covers(name: str) -> None:
    """``cases`` counts what was examined, so a check that skipped a size would be seen."""
    outcome = run_check(CHECKS[name], FAST, Budget(cases=20, exhaustive=("2+2", "3+2")))
    assert outcome.verdict == "passed", outcome.detail
    assert outcome.cases >= SMALL + LARGE


def test_the_sizes_are_complete() -> None:
    assert [len(set(checks_covers.covers_of(size))) for size in ("2+2", "3+2")] == [SMALL, LARGE]
