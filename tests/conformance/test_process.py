"""Whatever an implementation does, it is one verdict and the run goes on; in any language, and after a stop."""

from __future__ import annotations

import ctypes
import json
import os
import random
import shutil
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from spanmatch.proofs_check import CHECKS
from spanmatch.proofs_check.broken import BROKEN
from spanmatch.proofs_check.conformance import diagnosis, kit
from spanmatch.proofs_check.conformance.diagnosis import likely_cause
from spanmatch.proofs_check.conformance.kit import conform, opened
from spanmatch.proofs_check.conformance.published_style import PUBLISHED_STYLE
from spanmatch.proofs_check.conformance.serving import plain
from spanmatch.proofs_check.harness.capabilities import Capabilities
from spanmatch.proofs_check.harness.implementations import FAST
from spanmatch.proofs_check.harness.questions import UNKNOWN_PLACE
from spanmatch.proofs_check.harness.registry import Outcome, without_shrinking
from spanmatch.theory.errors import InvalidFile, InvalidOption

ROOT = Path(__file__).parents[2]


def loops(*_: Any) -> Any:
    while True:
        pass


def hangs_without_python(*_: Any) -> Any:
    ctypes.PyDLL(None).sleep(1000)


def crashes(*_: Any) -> Any:
    ctypes.string_at(0)


def leaves(*_: Any) -> Any:
    os._exit(3)


def devours(*_: Any) -> Any:
    held = []
    while True:
        held.append(np.ones(10**7))
        time.sleep(0.02)


def allocates(*_: Any) -> Any:
    raise MemoryError("Unable to allocate 50.0 GiB")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (loops, "max_match did not return within 0.7 s"),
        (hangs_without_python, "max_match did not return within 0.7 s"),
        (crashes, "max_match: the process was ended by SIGSEGV"),
        (leaves, "max_match: the process ended with exit code 3"),
        (devours, "max_match took more than 0.2 GiB of memory"),
        (allocates, "max_match raised MemoryError: Unable to allocate 50.0 GiB"),
    ],
)
def test_one_verdict_and_the_run_goes_on(fault: Any, said: str) -> None:
    with without_shrinking():
        report = conform(
            SimpleNamespace(max_match=fault, match_radii=FAST.match_radii),
            levels=["threshold", "optional"] if fault is loops else ["threshold"],
            cases=2, time_limit=20.0 if fault is devours else 0.7, memory_limit=0.2,
        )  # fmt: skip
        assert report["D1-at-threshold"].verdict == "failed"
        assert report["D1-at-threshold"].detail == said
        if fault is loops:
            verdicts = [one.verdict for one in report.outcomes]
            assert verdicts.count("failed") == 3
            assert "it was lost in 3 checks before" in report.outcomes[-1].detail
        # The same process, started again.
        with opened(SimpleNamespace(max_match=fault, match_radii=FAST.match_radii), 0.7) as target:
            assert [len(side) for side in target.subject.match_radii(np.eye(5, 2), np.eye(5, 2))] == [2, 2]


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (ValueError("X has NaN"), "passed"),
        (ZeroDivisionError(), "passed"),
        (MemoryError(), "failed"),
        (NameError("Z"), "failed"),
    ],
)
def test_only_what_is_said_of_the_arguments_is_a_refusal(error: Exception, verdict: str) -> None:
    def refuses(X: Any, Y: Any, epsilon: float) -> Any:
        raise error

    with without_shrinking(), opened(SimpleNamespace(max_match=refuses)) as target:
        found = kit.outcome_of(CHECKS["D1-not-a-number"], target, Capabilities(), 3, 0)
    assert found.verdict == verdict
    if verdict == "failed":
        assert "which is no refusal" in found.detail
        with pytest.raises(AssertionError):
            exec(found.script.replace(UNKNOWN_PLACE, ""), {"implementation": SimpleNamespace(max_match=refuses)})


def test_who_fails_every_call_conforms_to_nothing() -> None:
    """Though an error is the right answer to bad arguments."""
    report = conform(SimpleNamespace(max_match=lambda X, Y: ([], [])), levels=["optional"], cases=2)
    assert report["D1-not-a-number"].verdict == "passed"
    assert not report.ok
    assert "does not conform at the levels asked, without the required one" in report.summary
    good = conform(FAST, levels=["threshold", "numerical"], cases=2)
    assert good.ok == (good.failed() == ())


MINE = """
import os, sys
print("the module prints", flush=True)
open("loaded.txt", "a").write(f"{os.getpid()} ")

def max_match(X, Y, epsilon):
    print("and so does the function")
    return [], []
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE)
    return tmp_path


def test_the_module_is_imported_elsewhere_only(mine: Path) -> None:
    report = conform("mine.py:max_match", levels=["threshold"], cases=2)
    assert report.failed() == ("D1-at-threshold",)
    assert "types.SimpleNamespace(max_match=runpy.run_path('mine.py')['max_match'])" in report.outcomes[0].script
    assert "mine" not in sys.modules
    assert str(os.getpid()) not in Path("loaded.txt").read_text().split()


def test_a_function_says_what_it_is(mine: Path) -> None:
    Path("mine.py").write_text("def alike(X, Y, epsilon):\n    return 0.0\n")
    with pytest.raises(InvalidOption, match="called none of max_match"):
        conform("mine.py:alike")
    report = conform("mine.py:alike", function="similarity", levels=["threshold"], cases=2)
    assert report["D1-at-threshold"].function == "similarity"


def test_an_interrupted_run_goes_on(mine: Path) -> None:
    seen: list[Outcome] = []

    def interrupt(outcome: Outcome) -> None:
        seen.append(outcome)
        if len(seen) == 2:
            raise KeyboardInterrupt

    options: dict[str, Any] = {"levels": ["threshold", "optional"], "cases": 2, "out": "report.json"}
    with pytest.raises(KeyboardInterrupt):
        conform("mine.py:max_match", **options, found=interrupt)
    held = json.loads(Path("report.json").read_text())
    assert (held["complete"], held["ok"], len(held["outcomes"])) == (False, False, 2)
    report = conform("mine.py:max_match", **options)
    again = [one.to_dict() for one in report.outcomes]
    assert again[:2] == held["outcomes"]
    assert len(again) > 3
    assert json.loads(Path("report.json").read_text()) == report.to_dict()
    # Not once the code has changed, of which the seconds tell: the verdicts are the same.
    held["outcomes"][0]["seconds"] = -1.0
    Path("report.json").write_text(json.dumps(held))
    assert conform("mine.py:max_match", **options).outcomes[0].seconds == -1.0
    Path("report.json").write_text(json.dumps(held))
    Path("mine.py").write_text(MINE + "# changed")
    assert conform("mine.py:max_match", **options).outcomes[0].seconds >= 0.0
    Path("report.json").write_text("{}")
    with pytest.raises(InvalidFile, match="no report of spanmatch conform"):
        conform("mine.py:max_match", **options)


DRIVER = """
import json, sys
import numpy as np
print("a banner")
for line in sys.stdin:
    asked = json.loads(line)
    if asked["ask"] == "describe":
        reply = {"answer": {"functions": ["similarity"], "capabilities": {"smallest_epsilon": 1e-6}}}
    else:
        X, Y = (np.load(asked[side]) if isinstance(asked[side], str) else np.array(asked[side]) for side in "XY")
        reply = REPLY
    print(json.dumps(reply) if isinstance(reply, dict) else reply, flush=True)
"""


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ('{"answer": float(bool(X.T @ Y))}', ""),
        ('{"error": "DomainError: no"}', "similarity raised DomainError: no"),
        ('{"answer": "much"}', "the answer is 'much', need a number"),
        ('"{"', "need a line of JSON"),
        ('{"result": 1}', 'need {"answer": ...} or {"error": ...}'),
    ],
)
@pytest.mark.parametrize("matrices", ["json", "npy"])
def test_programs_answer_lines(reply: str, said: str, matrices: Any, tmp_path: Path) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER.replace("REPLY", reply))
    with without_shrinking():
        report = conform([sys.executable, str(driver)], levels=["threshold"], cases=4, matrices=matrices)
    assert report.capabilities.smallest_epsilon == 1e-6
    assert said in report.outcomes[0].detail
    if not said:
        assert report.failed() in ((), ("D1-at-threshold",))
        assert "need a number" not in report.outcomes[0].detail


def test_programs_that_do_not_answer(tmp_path: Path) -> None:
    with pytest.raises(InvalidOption, match="command: got 'no-such-program', need a program"):
        conform(["no-such-program"])
    with pytest.raises(InvalidOption, match="describe: the process ended with exit code 0"):
        conform([sys.executable, "-c", "input()"])
    with pytest.raises(InvalidOption, match="time_limit: got 0"):
        conform(FAST, time_limit=0)


def test_scripts_ask_the_program_again(tmp_path: Path) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER.replace("REPLY", '{"answer": 0.25}'))
    with without_shrinking():
        report = conform([sys.executable, str(driver)], levels=["threshold"], cases=2)
    with pytest.raises(AssertionError):
        exec(report.outcomes[0].script, {})


@pytest.mark.parametrize("command", ["octave-cli --quiet octave.m", "Rscript r.R", "julia julia.jl"])
def test_the_drivers_of_the_docs(command: str) -> None:
    program, *options, driver = command.split()
    path = ROOT / "docs" / "drivers" / driver
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 40
    assert any(f'spanmatch conform --command "{command}"' in line for line in lines[:2])
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here")
    report = conform([program, *options, str(path)], levels=["required"], cases=2)
    assert report.ok
    assert report.not_provided == ("min_match", "simple_matches", "match_radii", "similarity")


def test_answers_become_plain() -> None:
    given = {1, np.int64(2)}, (np.float32(0.5), Fraction(1, 4)), np.array([True]), None, range(2), "word"
    assert plain(given) == [[1, 2], [0.5, 0.25], [True], None, [0, 1], "word"]
    assert plain({"a": 1}) == {"unreadable": "{'a': 1}"}
    assert plain(object)["unreadable"] == "<class 'object'>"


NAMED = {one.name: one for one in BROKEN}
ALIKE = "radius without the running minimum", "residual at removal as radius"
"""The same fault twice, which no answer tells apart."""
OTHERS = "radius without peeling", "dead neurons never match", "one round only", "two rounds only"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some broken implementations in place of all; ``make claims`` compares with all."""
    some = ("centres the activations", *ALIKE, *OTHERS)
    monkeypatch.setattr(diagnosis, "BROKEN", {NAMED[name]: BROKEN[NAMED[name]] for name in some})
    monkeypatch.setattr(diagnosis, "DRAWN", 20)


@pytest.mark.parametrize(
    ("name", "check", "names"),
    [
        ("centres the activations", "T12-isometries", '"centres the activations"'),
        ("two rounds only", "T3-max-match", '"two rounds only"'),
        ("radius without peeling", "T6-match-radii", '"radius without peeling"'),
        (ALIKE[0], "T6-match-radii", f'"{ALIKE[0]}" or "{ALIKE[1]}"'),
    ],
)
@pytest.mark.usefixtures("few")
def test_the_likely_cause_is_named(name: str, check: str, names: str) -> None:
    assert f"the broken implementation {names} does, on " in likely_cause([check], NAMED[name], Capabilities())


def test_a_cause_is_sought_for_required_failures_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right implementation by plain least squares fails where only rounding decides, and so do broken ones."""
    sought: list[Any] = []
    monkeypatch.setattr(kit, "likely_cause", lambda failed, *_: str(sought.append(failed)))
    monkeypatch.setattr(kit, "checks", lambda *_: [CHECKS["T12-extreme-scaling"]])
    report = conform(PUBLISHED_STYLE, cases=5)
    assert (report.failed("numerical"), sought) == (("T12-extreme-scaling",), [])
    monkeypatch.setattr(kit, "checks", lambda *_: [CHECKS["T13-full-rank"]])
    conform(SimpleNamespace(max_match=lambda X, Y, epsilon: ([], [])), cases=2)
    assert sought == [("T13-full-rank",)]


def at_random(seed: int) -> Any:
    """Right answers, but in one of three a neuron of the maximum match is missing or one is too many."""

    def max_match(X: Any, Y: Any, epsilon: float) -> Any:
        x, y = (set(side) for side in FAST.max_match(X, Y, epsilon))
        rng = random.Random(f"{seed}{X.tolist()}{Y.tolist()}{epsilon}")
        if rng.random() < 1 / 3:
            x ^= {rng.randrange(X.shape[1])}
        return sorted(x), sorted(y)

    return SimpleNamespace(max_match=max_match)


@pytest.mark.usefixtures("few")
def test_no_cause_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert likely_cause(["T3-max-match"], at_random(0), Capabilities()) == ""
    silent = SimpleNamespace(max_match=lambda X, Y, epsilon: ([0], []))
    assert likely_cause(["T8-two-partners"], silent, Capabilities()) == ""
    # Where more than two give the same answers, none says what is wrong.
    monkeypatch.setattr(diagnosis, "BROKEN", dict.fromkeys(replace(NAMED[OTHERS[0]], name=name) for name in "abc"))
    assert likely_cause(["T6-match-radii"], NAMED[OTHERS[0]], Capabilities()) == ""


def test_the_cause_stands_in_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit, "likely_cause", lambda failed, *_: f"because of {failed[0]}")
    half = SimpleNamespace(similarity=lambda X, Y, epsilon: 0.5)
    with without_shrinking():
        report = conform(half, levels=["required"], cases=2, time_limit=None)
    assert report.cause == f"because of {report.failed()[0]}"


@pytest.mark.parametrize(
    ("declared", "said"),
    [(MappingProxyType({"most_neurons": np.int64(9)}), ""), ({"most_neurons": object()}, "most_neurons.*object")],
)
def test_declarations_go_through_the_process(declared: Any, said: str) -> None:
    empty = SimpleNamespace(max_match=lambda X, Y, epsilon: ([], []), spanmatch_capabilities=declared)
    if said:
        with pytest.raises(InvalidOption, match=said):
            conform(empty, levels=["threshold"], cases=1)
    else:
        assert conform(empty, levels=["threshold"], cases=1).capabilities.most_neurons == 9
