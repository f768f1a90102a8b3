"""How checks are run: verdicts, counterexamples that can be run, seeds, time, and nothing left behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from spanmatch.proofs_check import CHECKS, Budget, Counterexample, run_check, run_checks
from spanmatch.proofs_check.broken import BROKEN
from spanmatch.proofs_check.harness import registry
from spanmatch.proofs_check.harness.implementations import FAST, Implementation
from spanmatch.theory import TableCover

QUICK = Budget(cases=20)
EXACT, PLANTED, COVERS = "T3-max-match", "T3-max-match-planted", "T3-maximum-on-covers"


def answering(max_match: Callable[..., Any]) -> Implementation:
    return replace(FAST, name="altered", max_match=max_match)


def boom(*_: Any) -> Any:
    raise RuntimeError("boom")


def leave(*_: Any) -> Any:
    raise SystemExit(3)


def cover_of(detail: str) -> TableCover:
    """The counterexample, from what was printed about it."""
    found = eval(detail.split("\nfor ")[1].split("\n")[0], {"TableCover": TableCover})
    assert isinstance(found, TableCover)
    return found


def activations_of(script: str) -> tuple[Any, Any]:
    """X and Y as the script makes them."""
    made: dict[str, Any] = {"np": np}
    exec("\n".join(line for line in script.splitlines() if line.startswith(("X = ", "Y = "))), made)
    return made["X"], made["Y"]


@pytest.mark.parametrize("crash", [boom, leave])
def test_a_crash_is_a_failure_with_a_small_case(crash: Callable[..., Any]) -> None:
    outcome = run_check(CHECKS[EXACT], answering(crash), QUICK)
    assert outcome.verdict == "failed"
    assert outcome.cases > 0
    assert outcome.detail == f"max_match raised {'RuntimeError: boom' if crash is boom else 'SystemExit: 3'}"
    X, Y = activations_of(outcome.script)
    assert X.size + Y.size <= 20


@pytest.mark.parametrize("answer", [None, ([0],), (["a"], []), 3])
def test_an_answer_of_another_form_is_a_failure(answer: Any) -> None:
    outcome = run_check(CHECKS[EXACT], answering(lambda X, Y, epsilon: answer), QUICK)
    assert outcome.verdict == "failed"
    assert ", need " in outcome.detail


def test_what_is_missing_is_not_run() -> None:
    bare = Implementation("nothing at all")
    outcomes = list(run_checks(bare, QUICK, list(CHECKS.values())))
    assert len(outcomes) == len(CHECKS)
    assert {outcome.verdict for outcome in outcomes} == {"not run"}
    by_name = {outcome.check: outcome for outcome in outcomes}
    assert by_name[EXACT].detail == "nothing at all does not provide max_match"
    assert by_name[EXACT].cases == 0


def test_no_suited_case_is_not_run() -> None:
    """An implementation that takes 20 neurons at most can be held to no large set."""
    outcome = run_check(CHECKS["T3-max-match-large"], replace(FAST, most_neurons=20), QUICK)
    assert (outcome.verdict, outcome.cases) == ("not run", 0)
    assert "can be held to none of the cases" in outcome.detail


def test_an_answer_that_changes_is_a_failure() -> None:
    calls = []

    def sometimes(X: Any, Y: Any, epsilon: Any) -> Any:
        calls.append(epsilon)
        return ([], []) if len(calls) in (30, 31) else FAST.max_match(X, Y, epsilon)

    outcome = run_check(CHECKS[EXACT], answering(sometimes), QUICK)
    assert outcome.verdict == "failed"
    assert "\nnot every time" in outcome.detail


def wrong_one(prefix: str) -> Implementation:
    return next(one for one in BROKEN if one.name.startswith(prefix))


@pytest.mark.parametrize("check", [EXACT, PLANTED])
def test_the_script_can_be_run(check: str) -> None:
    """It makes a case on which the implementation is wrong again, and passes for a right one."""
    broken = wrong_one("removes the twin")
    outcome = run_check(CHECKS[check], broken, Budget(cases=60), line="pass")
    assert outcome.script.startswith(f"# {check} ({' '.join(outcome.theorems)}): {outcome.statement}\n")
    with pytest.raises(AssertionError):
        exec(outcome.script, {"implementation": broken})
    exec(outcome.script, {"implementation": FAST})


def test_the_counterexample_can_be_run() -> None:
    broken = wrong_one("removes the twin")
    outcome = run_check(CHECKS[COVERS], broken, Budget(cases=60))
    cover = cover_of(outcome.detail)
    assert FAST.cover_max_match(cover, cover.everything) != broken.cover_max_match(cover, cover.everything)


def test_counterexamples_are_small() -> None:
    X, Y = activations_of(run_check(CHECKS[EXACT], wrong_one("centres"), QUICK).script)
    assert X.size + Y.size <= 20
    assert max(np.abs(X).max(), np.abs(Y).max()) <= 1


def test_a_counterexample_to_the_theorem_goes_through() -> None:
    """It is raised while a case is made, before the implementation is asked."""

    @st.composite
    def makes(draw: st.DrawFn) -> int:
        raise Counterexample(f"T5 fails at {draw(st.integers(0, 0))}")

    with pytest.raises(Counterexample, match=r"^T5 fails at 0\b"):
        registry.for_all(makes(), lambda _: None, cases=5, seed=0)


def test_the_same_seed_gives_the_same_outcome() -> None:
    def run(seed: int) -> tuple[Any, list[bytes]]:
        seen: list[bytes] = []

        def noting(X: Any, Y: Any, epsilon: Any) -> Any:
            seen.append(X.tobytes() + Y.tobytes())
            return FAST.max_match(X, Y, epsilon)

        outcome = run_check(CHECKS[EXACT], answering(noting), Budget(cases=3, seed=seed))
        return (outcome.verdict, outcome.cases, outcome.detail), seen

    assert run(7) == run(7)
    assert run(7)[1] != run(8)[1]
    scripts = {run_check(CHECKS[EXACT], wrong_one("one round"), Budget(cases=6, seed=3)).script for _ in range(2)}
    assert len(scripts) == 1


def test_nothing_is_left_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for implementation in (FAST, answering(boom)):
        for check in (EXACT, PLANTED, COVERS):
            run_check(CHECKS[check], implementation, Budget(cases=10))
    assert list(tmp_path.iterdir()) == []


def test_shrinking_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every large list is wrong and every look takes a while: the smallest found so far is returned."""
    monkeypatch.setattr(registry, "SHRINKING_SECONDS", 0.3)

    def slow(values: list[int]) -> None:
        time.sleep(0.02)
        if sum(values) > 1000:
            raise Counterexample("too much")

    started = time.monotonic()
    with pytest.raises(Counterexample, match=r"too much\nfor \["):
        registry.for_all(st.lists(st.integers(0, 500), min_size=40, max_size=40), slow, cases=50, seed=0)
    assert time.monotonic() - started < 5


def test_over_reports_the_first_wrong_case() -> None:
    seen = []

    def examine(case: int) -> None:
        seen.append(case)
        if case == 2:
            raise Counterexample("two is wrong")

    assert registry.over([0, 1], examine) == 2
    with pytest.raises(Counterexample, match=r"two is wrong\nfor 2$"):
        registry.over(range(5), examine)
    assert seen == [0, 1, 0, 1, 2]


def test_no_two_checks_of_one_name() -> None:
    with pytest.raises(ValueError, match=f"two checks are called '{EXACT}'"):
        registry.check(EXACT, "T3", "max_match", "again")(lambda *_: 0)


def test_outcomes_are_ready_for_json() -> None:
    outcome = run_check(CHECKS["T8-two-partners"], FAST, QUICK)
    found = outcome.to_dict()
    assert found.pop("seconds") >= 0
    assert found == {
        "check": "T8-two-partners",
        "theorems": ["T8"],
        "level": "required",
        "function": "max_match",
        "statement": "a neuron with two equal partners matches with both",
        "verdict": "passed",
        "cases": outcome.cases,
        "detail": "",
        "script": "",
    }
    assert outcome.cases > 1
