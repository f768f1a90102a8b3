"""The conformance kit accepts correct implementations, rejects broken ones by name, and never crashes on an answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import spanmatch
from spanmatch.cli.commands import app
from spanmatch.proofs_check import CHECKS
from spanmatch.proofs_check.broken import BROKEN, dynamics
from spanmatch.proofs_check.conformance.kit import (
    MAY_NOT_RETURN,
    checks,
    conform,
    outcome_of,
    parametrize_with_checks,
)
from spanmatch.proofs_check.conformance.published_style import DECLARED, PUBLISHED_STYLE
from spanmatch.proofs_check.conformance.target import Target
from spanmatch.proofs_check.harness import registry
from spanmatch.proofs_check.harness.capabilities import Capabilities
from spanmatch.proofs_check.harness.implementations import BRUTE_FORCE, FAST, REFERENCE
from spanmatch.proofs_check.harness.registry import LEVELS
from spanmatch.theory.errors import InvalidOption

CASES = 15
LARGE = {
    "T4-long-staircase", "T3-max-match-large", "T3-many-predictors", "T3-slow-convergence", "T6-match-radii-large",
    "T7-min-match-large",
}  # fmt: skip


@pytest.fixture
def without_shrinking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "SHRINKING_SECONDS", 0.0)


def answers(**functions: Callable[..., Any]) -> Any:
    return SimpleNamespace(**functions)


class PublicFunctions:
    """spanmatch through its public functions, warnings included."""

    def max_match(self, X: Any, Y: Any, epsilon: float) -> Any:
        found = spanmatch.max_match(X, Y, epsilon)
        return sorted(found.x), sorted(found.y)

    def min_match(self, X: Any, Y: Any, epsilon: float, side: Any, index: int) -> Any:
        found = spanmatch.min_match(X, Y, epsilon, (side, index))
        return found and (sorted(found.x), sorted(found.y))

    def simple_matches(self, X: Any, Y: Any, epsilon: float) -> Any:
        return [(sorted(match.x), sorted(match.y)) for match in spanmatch.simple_matches(X, Y, epsilon).matches]

    def match_radii(self, X: Any, Y: Any) -> Any:
        radii = spanmatch.match_radii(X, Y)
        return radii.x, radii.y


def test_brute_force_conforms(without_shrinking: None) -> None:
    report = conform(BRUTE_FORCE, levels=["required"], cases=5)
    assert report.ok
    assert report.failed() == ()
    assert report.capabilities == Capabilities(exact=True, most_neurons=9)
    assert all(o.cases for o in report.outcomes if o.verdict == "passed")
    assert {o.check for o in report.outcomes if o.verdict == "not run"} == LARGE


def test_the_public_functions_have_good_manners(without_shrinking: None) -> None:
    """All but the threshold itself, which rounding may hide."""
    report = conform(PublicFunctions(), levels=["required", "numerical", "optional"], cases=4, strict=True)
    assert report.failed() == ()
    assert report.ok


NUMERICAL = {
    "T12-extreme-scaling",
    "T3-max-match-planted-floats",
    "T3-max-match-at-zero",
    "T7-simple-planted",
    "T9-min-match-unique",
    "T10-simple-matches-at-zero",
    "T12-linear-map-at-zero",
}


def test_a_pair_that_is_listed_twice_is_shown_by_the_script(without_shrinking: None) -> None:
    def twice(X: Any, Y: Any, epsilon: float) -> Any:
        return [(match.x, match.y) for match in spanmatch.simple_matches(X, Y, epsilon) for _ in "ab"]

    target = Target.of(answers(simple_matches=twice))
    outcome = outcome_of(CHECKS["T7-simple-matches"], target, Capabilities(), 20, 0)
    assert outcome.verdict == "failed"
    assert "lists a pair twice" in outcome.detail
    answer = spanmatch.Match([0], [0])
    [line] = [line for line in outcome.script.splitlines() if "match in right" in line]
    told = {"answer": [answer, answer], "right": [answer]}
    with pytest.raises(AssertionError):
        exec(line, told)


def test_published_style_differs_exactly_there(without_shrinking: None) -> None:
    report = conform(PUBLISHED_STYLE, cases=12)
    assert set(report.failed("required")) == {"D1-dead-max-match", "D1-dead-min-match", "D1-dead-simple-matches"}
    assert set(report.failed("numerical")) == NUMERICAL
    assert report.failed("threshold") == ()
    assert {"D1-not-a-number", "T13-too-few-inputs"} <= set(report.failed("optional"))
    assert report.not_provided == ("match_radii", "similarity")
    assert not report.ok


def test_published_style_conforms_to_what_it_declares(without_shrinking: None) -> None:
    report = conform(DECLARED, levels=["required", "numerical"], cases=4)
    assert report.ok
    assert report.failed("required") == ()
    assert report["T3-max-match-at-zero"].verdict == "not run"
    assert report["T12-extreme-scaling"].verdict == "failed"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "the answer is None, need (x_indices, y_indices)"),
        (7, "the answer is 7, need"),
        (([0], [0], [0]), "need (x_indices, y_indices)"),
        (("0", [0]), "the indices of x are '0', need a sequence of ints"),
        ((3, [0]), "the indices of x are 3, need a sequence"),
        (([0.0], [0]), "among the indices of x is 0.0, need ints"),
        (([True], [0]), "among the indices of x is True, need ints"),
        (([0], [99]), "among the indices of y is 99, need 0.."),
        (([-1], []), "among the indices of x is -1, need 0.."),
        (([0, 0], []), "the indices of x are [0, 0], need each once"),
    ],
)
def test_garbage_fails_with_a_message(answer: Any, said: str, without_shrinking: None) -> None:
    target = Target.of(answers(max_match=lambda X, Y, epsilon: answer))
    outcome = outcome_of(CHECKS["T8-two-partners"], target, Capabilities(), 5, 0)
    assert outcome.verdict == "failed"
    assert said in outcome.detail
    assert "implementation.max_match(X, Y, " in outcome.script


@pytest.mark.parametrize(
    ("function", "check", "answer", "said"),
    [
        ("min_match", "T8-one-partner", ([9], [0]), "among the indices of x is 9"),
        ("simple_matches", "T7-simple-matches", None, "the answer is None, need an iterable of pairs"),
        ("simple_matches", "T7-simple-matches", [([0], [0])] * 2, "the answer lists a pair twice"),
        ("match_radii", "T6-match-radii", ([1.0] * 50, [1.0]), "the radii have shapes (50,) and (1,), but should"),
        ("match_radii", "T6-match-radii", "radii", "the answer is 'radii', need (rx, ry)"),
    ],
)
def test_garbage_of_the_other_functions(
    function: str, check: str, answer: Any, said: str, without_shrinking: None
) -> None:
    target = Target.of(answers(**{function: lambda *_: answer}))
    assert said in outcome_of(CHECKS[check], target, Capabilities(), 5, 0).detail


def test_endless_answers_and_exits_fail(without_shrinking: None) -> None:
    def endless(X: Any, Y: Any, epsilon: float) -> Any:
        while True:
            yield [0], [0]

    def leaves(X: Any, Y: Any, epsilon: float) -> Any:
        raise SystemExit(3)

    target = Target.of(answers(simple_matches=endless, max_match=leaves))
    assert "more than 10000 pairs" in outcome_of(CHECKS["T7-simple-matches"], target, Capabilities(), 3, 0).detail
    outcome = outcome_of(CHECKS["T3-max-match"], target, Capabilities(), 3, 0)
    assert outcome.detail == "max_match raised SystemExit: 3"


def test_changed_arguments_are_seen(without_shrinking: None) -> None:
    def careless(X: Any, Y: Any, epsilon: float) -> Any:
        X *= 2
        return REFERENCE.max_match(X, Y, epsilon)

    report = conform(answers(max_match=careless), levels=["optional"], cases=5)
    assert "activations-unchanged" in report.failed("optional")
    assert conform(answers(max_match=careless), levels=["required"], cases=5).ok


def test_an_answer_that_varies_is_called_so(without_shrinking: None) -> None:
    calls: list[int] = []

    def moody(X: Any, Y: Any, epsilon: float) -> Any:
        calls.append(0)
        return ([], []) if len(calls) == 1 else REFERENCE.max_match(X, Y, epsilon)

    outcome = outcome_of(CHECKS["T13-full-rank"], Target.of(answers(max_match=moody)), Capabilities(), 5, 0)
    assert outcome.verdict == "failed"


UNSEEN = {
    "only equal sizes are matches", "checks network 1 only", "only single neurons evict",
    "eviction sets that are not minimal", "what all matches of a neuron hold is one",
}  # fmt: skip
"""Wrong only on abstract covers or about eviction sets, which no question shows."""


def test_broken_implementations_are_rejected_by_what_strangers_are_asked() -> None:
    """That those checks do reject them, ``test_broken.py`` sees."""
    asked = {check.id for check in checks()}
    unseen = {one.name for one, names in BROKEN.items() if not asked.intersection(names)}
    assert unseen == UNSEEN | {one.name for one in dynamics.BROKEN}
    assert len(BROKEN) - len(unseen) >= 25


MODULE = """
import numpy as np

def _covered(own, other, epsilon):
    left = own - other @ np.linalg.lstsq(other, own, rcond=1e-10)[0] if other.size else own
    lengths = np.linalg.norm(own, axis=0)
    return np.linalg.norm(left, axis=0) <= epsilon * lengths + 1e-9

class Matcher:
    def max_match(self, X, Y, epsilon):
        x, y = np.arange(X.shape[1]), np.arange(Y.shape[1])
        for _ in range(ROUNDS):
            x = x[_covered(X[:, x], Y[:, y], epsilon)]
            y = y[_covered(Y[:, y], X[:, x], epsilon)]
        return x.tolist(), y.tolist()

matcher = Matcher()
"""


@pytest.mark.parametrize("place", ["my_matcher:matcher", "my_matcher:Matcher", "my_matcher.py:matcher"])
def test_scripts_reproduce(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "my_matcher", raising=False)
    monkeypatch.setattr(registry, "SHRINKING_SECONDS", 2.0)
    Path("my_matcher.py").write_text(MODULE.replace("ROUNDS", "1"))
    outcome = outcome_of(CHECKS["T3-max-match"], Target.at(place), Capabilities(), 60, 0)
    monkeypatch.delitem(sys.modules, "my_matcher", raising=False)
    assert outcome.verdict == "failed"
    assert len(outcome.script.splitlines()) <= 14
    assert "spanmatch" not in outcome.script
    Path("again.py").write_text(outcome.script)
    for rounds, code in ((1, 1), (20, 0)):
        Path("my_matcher.py").write_text(MODULE.replace("ROUNDS", str(rounds)) + "#" * rounds)
        command = [sys.executable, "-B", "-c", "import sys; sys.path.insert(0, ''); exec(open('again.py').read())"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert ("AssertionError" in done.stderr) == bool(code)
        assert done.stdout.startswith("answer: ")


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("dead neurons never match", "D1-dead-min-match"),
        ("at most two simple matches", "T7-simple-matches"),
        ("claims that one a neuron is all", "T7-all-simple-matches"),
        ("radius without peeling", "T6-match-radii"),
        ("works with 1 - epsilon above 0.85", "T5-nested"),
    ],
)
def test_scripts_hold_for_the_right_and_fail_for_the_broken(name: str, check: str, without_shrinking: None) -> None:
    broken = next(one for one in BROKEN if one.name == name)
    script = outcome_of(CHECKS[check], Target(broken, name, "pass"), Capabilities(), 60, 0).script
    with pytest.raises(AssertionError):
        exec(script, {"implementation": broken})
    exec(script, {"implementation": FAST})


def test_manners_have_scripts(without_shrinking: None) -> None:
    for check in ("D1-not-a-number", "T13-too-few-inputs", "D1-epsilon-out-of-range"):
        script = outcome_of(CHECKS[check], Target(PUBLISHED_STYLE, "", "pass"), Capabilities(), 20, 0).script
        with pytest.raises(AssertionError):
            exec(script, {"implementation": PUBLISHED_STYLE})
        exec(script, {"implementation": PublicFunctions()})


def test_expected_failures(without_shrinking: None) -> None:
    functions = {"max_match": PUBLISHED_STYLE.max_match}
    known = conform(
        answers(**functions), levels=["required"], cases=5, expected_failures={"D1-dead-max-match": "drops them"}
    )
    assert known.ok
    assert known["D1-dead-max-match"].verdict == "expected failure"
    assert known["D1-dead-max-match"].detail.startswith("drops them: max_match at ")
    without = conform(answers(**functions), levels=["required"], cases=5, expected_failures={"D1-dead-max-match": " "})
    assert not without.ok
    assert without["D1-dead-max-match"].verdict == "failed"
    unexpected = conform(
        answers(max_match=REFERENCE.max_match, spanmatch_expected_failures={"T13-full-rank": "we think so"}),
        levels=["required"], cases=5,
    )  # fmt: skip
    assert not unexpected.ok
    assert unexpected["T13-full-rank"].detail == "passed, but was expected to fail: we think so"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (["dead_neurons"], "need a dict"),
        ({"dead": "drop"}, "need some of dead_neurons, smallest_epsilon"),
        ({"dead_neurons": "gone"}, "dead_neurons"),
        ({"smallest_epsilon": 1}, "need a number in"),
        ({"strict_threshold": "yes"}, "need True or False"),
        ({"most_neurons": 1}, "need an int >= 2"),
    ],
)
def test_meaningless_declarations(declared: Any, said: str) -> None:
    with pytest.raises(InvalidOption, match=said):
        conform(answers(max_match=REFERENCE.max_match, spanmatch_capabilities=declared))


def test_declarations_select(without_shrinking: None) -> None:
    strict = answers(
        max_match=next(one for one in BROKEN if one.name == "strict inequality").max_match,
        spanmatch_capabilities={"strict_threshold": True, "rank_tolerance": 1e-3, "most_neurons": 9},
    )
    report = conform(strict, levels=["threshold", "numerical"], cases=5)
    assert report["D1-at-threshold"].verdict == "passed"
    assert report["T3-max-match-at-zero"].verdict == "not run"
    assert report["D1-span-of-nearest-copies"].verdict == "not run"
    high = Capabilities(smallest_epsilon=0.99)
    assert outcome_of(CHECKS["T3-max-match"], Target.of(REFERENCE), high, 10, 0).verdict == "not run"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("no_such_module:x", "importing no_such_module raised ModuleNotFoundError"),
        ("no_such_file.py:x", "no such file"),
        ("math:matcher", "math has no attribute"),
        ("math", "has none of the functions max_match"),
        (":x", "need MODULE:ATTRIBUTE"),
        ("math:", "need MODULE:ATTRIBUTE"),
        ("fractions:Fraction", "has none of the functions"),
        ("types:FunctionType", "is a class and"),
    ],
)
def test_places_that_hold_nothing(place: str, said: str) -> None:
    with pytest.raises(InvalidOption, match=said):
        conform(place)


@pytest.mark.parametrize(
    "options",
    [
        {"levels": ["best"]}, {"levels": []}, {"cases": 0}, {"seed": -1},
        {"expected_failures": {"no-check": "why"}}, {"expected_failures": {"T3-max-match": 3}},
        {"expected_failures": []},
    ],
)  # fmt: skip
def test_meaningless_options(options: Any) -> None:
    with pytest.raises(InvalidOption):
        conform(REFERENCE, **options)


@parametrize_with_checks(
    answers(max_match=PUBLISHED_STYLE.max_match),
    cases=10,
    expected_failures={"D1-dead-max-match": "drops dead neurons"},
)
def test_parametrised(check: Callable[[], None]) -> None:
    check()


def test_parametrised_failures_carry_the_script(without_shrinking: None) -> None:
    mark = parametrize_with_checks(answers(max_match=lambda X, Y, epsilon: ([], [])), cases=20).mark
    run = next(one.values[0] for one in mark.args[1] if one.id == "T13-full-rank")
    with pytest.raises(AssertionError, match=r"implementation\.max_match"):
        run()
    with pytest.raises(InvalidOption, match="no reason"):
        parametrize_with_checks(REFERENCE, expected_failures={"T13-full-rank": ""})


def test_required_comes_first_and_levels_are_complete() -> None:
    assert checks()[-1].id == MAY_NOT_RETURN
    found = [check.level for check in checks()]
    assert found == sorted(found, key=LEVELS.index)
    assert set(found) == set(LEVELS)


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_shrinking: None) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(MODULE.replace("ROUNDS", "1"))
    options = ["--level", "required", "--cases", "5", "--seed", "3"]
    done = CliRunner().invoke(app, ["conform", "own.py:matcher", *options])
    assert done.exit_code == 1
    for text in ("T3-max-match", "not provided", "import numpy as np", "does not conform", "seed 3"):
        assert text in done.stdout
    place = "spanmatch.proofs_check.harness.implementations:REFERENCE"
    done = CliRunner().invoke(app, ["conform", place, "--json", *options])
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert (found["ok"], found["seed"], found["versions"]["numpy"]) == (True, 3, np.__version__)
    assert CliRunner().invoke(app, ["conform", "no_such_module:x"]).exit_code == 2
    assert CliRunner().invoke(app, ["conform", place, "--expect", "T5-nested"]).exit_code == 2


def test_golden_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from spanmatch.proofs_check.conformance import grading

    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["golden", "--out", "vectors.json"]).exit_code == 0
    for name in ("vectors.json", "schema.json"):
        assert Path(name).read_bytes() == (grading.FOLDER / name).read_bytes()
    assert CliRunner().invoke(app, ["golden", "--out", "schema.json"]).exit_code == 2
