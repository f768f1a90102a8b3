"""An implementation that returns a score only is asked the same questions, and what a score can show is seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from spanmatch.proofs_check import CHECKS
from spanmatch.proofs_check.broken import BROKEN
from spanmatch.proofs_check.conformance.diagnosis import score_only
from spanmatch.proofs_check.conformance.kit import checks, conform, outcome_of
from spanmatch.proofs_check.conformance.target import Target
from spanmatch.proofs_check.harness.answers import Counterexample, read_score
from spanmatch.proofs_check.harness.capabilities import Capabilities
from spanmatch.proofs_check.harness.implementations import FAST
from spanmatch.proofs_check.harness.registry import without_shrinking
from spanmatch.proofs_check.harness.scores import jumps


def test_a_score_is_enough() -> None:
    report = conform(score_only(FAST), levels=["required", "numerical"], cases=4)
    assert report.ok
    assert report.failed() == ()
    assert report.not_provided == ("max_match", "min_match", "simple_matches", "match_radii")
    assert {outcome.function for outcome in report.outcomes} == {"similarity"}
    asked = {outcome.check for outcome in report.outcomes if outcome.verdict == "passed"}
    assert {"T3-max-match-large", "T5-nested", "T6-match-radii", "T12-isometries-radii", "D1-dead-max-match"} <= asked


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("centres the activations", "T12-isometries"),
        ("dead neurons never match", "D1-dead-match-radii"),
        ("a slack of 1e-5", "T6-close-decisions"),
        ("works with 1 - epsilon above 0.85", "T5-nested"),
        ("ten steps of conjugate gradients", "T3-slow-convergence"),
        ("answers whatever it is asked", "T13-too-few-inputs"),
    ],
)
def test_faults_show_in_the_score(name: str, check: str) -> None:
    broken = score_only(next(one for one in BROKEN if one.name == name))
    with without_shrinking():
        outcome = outcome_of(CHECKS[check], Target(broken, name, "pass"), Capabilities(), 60, 0)
    assert outcome.verdict == "failed"
    with pytest.raises(AssertionError):
        exec(outcome.script, {"implementation": broken})
    sound: dict[str, Any] = {"implementation": score_only(FAST)}
    if "too-few" not in check:
        exec(outcome.script, sound)


def test_a_score_beside_max_match_is_held_to_its_definition() -> None:
    averages = next(one for one in BROKEN if one.name == "averages the shares of the two sides")
    assert [check.id for check in checks(["required"], averages) if check.needs == ("similarity",)] == ["D4-similarity"]
    with without_shrinking():
        report = conform(averages, levels=["required"], cases=4)
    assert report.failed() == ("D4-similarity",)


def test_dropped_neurons_are_not_counted() -> None:
    def similarity(X: Any, Y: Any, epsilon: float) -> float:
        return score_only(FAST).similarity(*(Z[:, Z.any(axis=0)] for Z in (X, Y)), epsilon)

    dead = CHECKS["D1-dead-max-match"]
    for policy, verdict in (("drop", "passed"), ("match", "failed")):
        with without_shrinking():
            target = Target.of(SimpleNamespace(similarity=similarity))
            assert outcome_of(dead, target, Capabilities(dead_neurons=policy), 30, 0).verdict == verdict


def test_jumps_are_clear_of_every_radius() -> None:
    found = jumps(np.array([0.0, 0.25, 0.25, 0.5, 1.0]), Capabilities())
    assert len(found) == 6
    assert all(abs(e - r) > 1e-7 for e in found for r in (0.0, 0.25, 0.5, 1.0))
    assert any(0 < 0.25 - e < 1e-6 or 0 < e - 0.25 < 1e-6 for e in found)
    assert jumps(np.array([0.5]), Capabilities(smallest_epsilon=0.9)) == []


@pytest.mark.parametrize("answer", [None, "0.5", True, [0.5], ([0], [0]), np.ones(2)])
def test_what_is_no_score(answer: Any) -> None:
    with pytest.raises(Counterexample, match="need a number"):
        read_score(answer)
