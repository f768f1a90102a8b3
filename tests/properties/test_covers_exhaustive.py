"""Every abstract cover of 2+2, and of 3+2 neurons for what is dearest to be right, against brute force: one test for
each check, and one for the programs extracted from the formal proofs."""

from __future__ import annotations

from pathlib import Path

import pytest

from spanmatch.algorithms import reference
from spanmatch.algorithms.peeling import batch_peel
from spanmatch.proofs_check.checks.covers import covers_of, truth_of
from spanmatch.proofs_check.formal import extracted
from spanmatch.proofs_check.harness.implementations import FAST
from spanmatch.proofs_check.harness.registry import CHECKS, Budget, run_check

SMALL, LARGE = 1_296, 86_400

# On one worker, where brute force on each cover is done once for all checks.
pytestmark = pytest.mark.xdist_group("small covers")


@pytest.mark.parametrize("name", ["T3-maximum-on-covers", "T7-minimal-on-covers"])
def test_all_small_covers(name: str) -> None:
    """``cases`` counts what was examined, so a check that skipped a size would be seen."""
    outcome = run_check(CHECKS[name], FAST, Budget(cases=20, exhaustive=("2+2", "3+2")))
    assert outcome.verdict == "passed", outcome.detail
    assert outcome.cases >= SMALL + LARGE


@pytest.mark.parametrize("name", ["T2-union-of-matches", "T4-peeling-inside-any-pair", "T7-simple-on-covers"])
def test_all_covers_of_two_and_two(name: str) -> None:
    """``spanmatch verify --full`` looks at those of 3+2 too."""
    outcome = run_check(CHECKS[name], FAST, Budget(cases=20))
    assert outcome.verdict == "passed", outcome.detail
    assert outcome.cases >= SMALL


def test_the_sizes_are_complete() -> None:
    assert [len(set(covers_of(size))) for size in ("2+2", "3+2")] == [SMALL, LARGE]


@pytest.mark.skipif(
    bool(extracted.missing_tools()), reason=f"not run: {', '.join(extracted.missing_tools())} not installed"
)
def test_extracted_programs_agree_on_every_cover(tmp_path: Path) -> None:
    """With brute force on all, and on 2+2 with the published algorithm, which removes neurons in the same order."""
    covers = [*covers_of("2+2"), *covers_of("3+2")]
    found = extracted.answers(extracted.build(tmp_path), covers)
    for cover, answer in zip(covers, found, strict=True):
        truth = truth_of(cover)
        assert answer.maximum == truth.maximum
        for v in cover.everything:
            assert answer.minimal[v] in truth.minimal.get(v, (None,)), f"{cover}: {v}"
            if len(cover.everything) == 4:
                assert answer.minimal[v] == reference.min_match(cover, v, max_match=batch_peel), f"{cover}: {v}"
