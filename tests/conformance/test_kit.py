"""The conformance kit accepts correct implementations, rejects broken ones by name, and never crashes on an answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import spanmatch
from spanmatch.cli import app
from spanmatch.proofs_check.broken import BROKEN
from spanmatch.proofs_check.conformance.kit import (
    KIT,
    LEVELS,
    checks,
    conform,
    outcome_of,
    parametrize_with_checks,
)
from spanmatch.proofs_check.conformance.published_style import DECLARED, PUBLISHED_STYLE
from spanmatch.proofs_check.conformance.target import Capabilities, Target
from spanmatch.proofs_check.harness import registry
from spanmatch.proofs_check.harness.implementations import BRUTE_FORCE, EXACT, FAST, REFERENCE
from spanmatch.theory.errors import InvalidOption

CASES = 15
LARGE = {"T4-long-staircase", "T3-max-match-large", "T6-match-radii-large", "T7-min-match-large"}


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


@pytest.mark.parametrize("implementation", [REFERENCE, FAST, EXACT], ids=lambda one: one.name)
def test_correct_implementations_conform(implementation: Any, without_shrinking: None) -> None:
    report = conform(implementation, levels=["required"], cases=CASES)
    assert {o.check: o.detail for o in report.outcomes if o.verdict != "passed"} == {}
    assert all(outcome.cases >= CASES // KIT[outcome.check].share for outcome in report.outcomes)
    assert report.ok


def test_brute_force_conforms(without_shrinking: None) -> None:
    functions = {name: getattr(BRUTE_FORCE, name) for name in ("max_match", "min_match", "simple_matches")}
    radii = BRUTE_FORCE.match_radii
    tiny = answers(**functions, match_radii=radii, spanmatch_capabilities={"most_neurons": 8})
    report = conform(tiny, levels=["required"], cases=15)
    assert report.ok
    assert report.failed() == ()
    assert {o.check for o in report.outcomes if o.verdict == "not run"} == LARGE


def test_the_public_functions_have_good_manners(without_shrinking: None) -> None:
    """All but the threshold itself, which rounding may hide."""
    report = conform(PublicFunctions(), levels=["required", "numerical", "optional"], cases=15, strict=True)
    assert report.failed() == ()
    assert report.ok


NUMERICAL = {
    "T12-extreme-scaling",
    "T3-max-match-planted-floats",
    "T3-max-match-at-zero",
    "T9-min-match-unique",
    "T10-simple-matches-at-zero",
    "T12-linear-map-at-zero",
}


def test_published_style_differs_exactly_there(without_shrinking: None) -> None:
    report = conform(PUBLISHED_STYLE, cases=40)
    assert set(report.failed("required")) == {"D1-dead-max-match", "D1-dead-min-match", "D1-dead-simple-matches"}
    assert set(report.failed("numerical")) == NUMERICAL
    assert report.failed("threshold") == ()
    assert {"D1-not-a-number", "T13-too-few-inputs"} <= set(report.failed("optional"))
    assert report.not_provided == ("match_radii",)
    assert not report.ok


def test_published_style_conforms_to_what_it_declares(without_shrinking: None) -> None:
    report = conform(DECLARED, levels=["required", "numerical"], cases=20)
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
    outcome = outcome_of(KIT["T8-two-partners"], target, Capabilities(), 5, 0)
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
    assert said in outcome_of(KIT[check], target, Capabilities(), 5, 0).detail


def test_endless_answers_and_exits_fail(without_shrinking: None) -> None:
    def endless(X: Any, Y: Any, epsilon: float) -> Any:
        while True:
            yield [0], [0]

    def leaves(X: Any, Y: Any, epsilon: float) -> Any:
        raise SystemExit(3)

    target = Target.of(answers(simple_matches=endless, max_match=leaves))
    assert "more than 10000 pairs" in outcome_of(KIT["T7-simple-matches"], target, Capabilities(), 3, 0).detail
    outcome = outcome_of(KIT["T3-max-match"], target, Capabilities(), 3, 0)
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

    outcome = outcome_of(KIT["T13-full-rank"], Target.of(answers(max_match=moody)), Capabilities(), 5, 0)
    assert outcome.verdict == "failed"


REJECTED: dict[str, tuple[str, ...]] = {
    "centres the activations": ("T12-isometries", "D1-at-threshold", "T12-isometries-radii"),
    "leaves out the last input": ("T12-isometries", "D1-not-a-number"),
    "absolute residuals in network 2": ("T12-scaling", "T12-scaling-radii", "T6-match-radii-planted"),
    "dead neurons never match": ("D1-dead-max-match", "D1-dead-match-radii", "D1-dead-min-match"),
    "dead neurons need a partner": ("D1-dead-max-match", "D1-dead-simple-matches"),
    "best single neuron, not the span": ("T3-max-match", "T13-full-rank", "T3-max-match-planted"),
    "rank cut at a tenth, per subset": ("D1-span-of-near-copies", "T12-extreme-scaling"),
    "normal equations in float32": ("T6-match-radii", "D1-span-of-nearest-copies", "T6-match-radii-to-1e-7"),
    "divides by the prediction": ("T3-max-match", "T6-match-radii"),
    "strict inequality": ("D1-at-threshold", "T3-max-match-at-zero", "T3-max-match-planted-floats"),
    "one round only": ("T3-max-match", "T9-min-match-unique"),
    "two rounds only": ("T3-max-match",),
    "never empties network 2": ("T3-max-match", "T12-permutations"),
    "stale other side": ("T3-max-match",),
    "stops when one side is empty": ("T3-max-match", "T11-balanced", "T12-linear-map-at-zero"),
    "removes the twin with the violator": ("T3-max-match", "T12-permutations"),
    "works with 1 - epsilon above 0.85": ("T5-nested",),
    "radius without the running minimum": ("T6-match-radii",),
    "radius without peeling": ("T6-match-radii",),
    "min_match tries network 1 only": ("T7-min-match", "T8-one-partner"),
    "min_match tries one side only": ("T7-min-match", "T7-copies"),
    "min_match without the cascade": ("T7-min-match", "T7-simple-matches"),
    "min_match of what the whole network covers": ("T7-min-match",),
    "at most two simple matches": ("T7-simple-matches", "T12-simple-matches"),
    "adds unions of simple matches": ("T7-simple-matches",),
    "rank cut relative to the largest column": ("T12-extreme-scaling", "T12-extreme-scaling-radii"),
    "fixed penalty on coefficients": ("T12-scaling", "T12-scaling-radii"),
    "stops at the first dependent neuron": ("T13-full-rank", "T12-copies", "T12-copies-radii"),
    "neurons shorter than 1e-16 are dead": ("T12-extreme-scaling", "T12-extreme-scaling-radii"),
    "subtracts the mean, whatever the inputs": ("T12-isometries",),
    "equal inputs count once": ("T12-isometries", "T12-isometries-radii"),
    "looks at the first nine inputs": ("T12-isometries-radii",),
    "only the first of several copies matches": ("T12-permutations-radii", "T12-copies", "T8-two-partners"),
    "best two neurons": ("T3-max-match", "T13-full-rank"),
    "clips coefficients to one": ("T3-max-match", "T6-match-radii"),
    "adds up squared cosines": ("T6-match-radii", "T12-copies-radii"),
    "keeps one of network 1": ("T11-balanced", "T12-permutations"),
    "cuts the larger side": ("T12-copies", "T8-two-partners"),
    "residual at removal as radius": ("T6-match-radii",),
    "min_match removes neurons in pairs only": ("T7-min-match", "T9-min-match-unique"),
    "min_match stops the cascade after a round": ("T7-min-match",),
    "min_match drops the wrong one of two copies": ("T7-copies",),
    "claims that one a neuron is all": ("T7-all-simple-matches",),
    "only simple matches disjoint from others": ("T7-simple-matches", "T10-simple-matches-at-zero"),
    "follows the graph for two steps": ("T7-simple-matches",),
    "eight rounds only": ("T4-long-staircase",),
    "first twenty neurons only": ("T3-max-match-large", "T6-match-radii-large"),
    "gives up on large minimal matches": ("T7-min-match-large",),
    "epsilon a little larger": ("T6-close-decisions",),
    "epsilon a little smaller": ("T6-close-decisions",),
    "a slack of 1e-5": ("T6-close-decisions",),
}
"""Broken implementation -> the checks that must reject it through the four functions; the first names the theorem."""

UNHEARD = {"T13-too-few-inputs", "D1-epsilon-out-of-range", "activations-unchanged"}
"""Checks of manners, which have tests of their own above."""

UNSEEN = {
    "only equal sizes are matches", "checks network 1 only", "only single neurons evict",
    "eviction sets that are not minimal",
}  # fmt: skip
"""Wrong only on abstract covers or about eviction sets, which the four functions do not show."""


def everybody() -> dict[str, Any]:
    found = {}
    for one in BROKEN:
        all_simple = one.provides("all_simple_matches")
        found[one.name] = replace(one, simple_matches=one.all_simple_matches) if all_simple else one
    return found


def test_enough_broken_implementations() -> None:
    assert len(REJECTED) >= 25
    assert set(everybody()) == set(REJECTED) | UNSEEN


@pytest.mark.parametrize("name", REJECTED)
def test_broken_implementations_are_rejected(name: str, without_shrinking: None) -> None:
    target = Target.of(everybody()[name])
    for check in REJECTED[name]:
        outcome = outcome_of(KIT[check], target, Capabilities(), 60, 0)
        assert outcome.verdict == "failed", f"{check} lets {name!r} pass"
        assert "raised" not in outcome.detail


def test_every_check_rejects_somebody() -> None:
    rejecting = {check for names in REJECTED.values() for check in names}
    assert set(KIT) - rejecting - UNHEARD == set()


def test_manners_reject_somebody(without_shrinking: None) -> None:
    target = Target.of(PUBLISHED_STYLE)
    for check in sorted(UNHEARD - {"activations-unchanged"}):
        assert outcome_of(KIT[check], target, Capabilities(), 10, 0).verdict == "failed"


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
    outcome = outcome_of(KIT["T3-max-match"], Target.at(place), Capabilities(), 60, 0)
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
    broken = everybody()[name]
    script = outcome_of(KIT[check], Target(broken, name, "pass"), Capabilities(), 60, 0).script
    with pytest.raises(AssertionError):
        exec(script, {"implementation": broken})
    exec(script, {"implementation": FAST})


def test_manners_have_scripts(without_shrinking: None) -> None:
    for check in ("D1-not-a-number", "T13-too-few-inputs", "D1-epsilon-out-of-range"):
        script = outcome_of(KIT[check], Target(PUBLISHED_STYLE, "", "pass"), Capabilities(), 20, 0).script
        with pytest.raises(AssertionError):
            exec(script, {"implementation": PUBLISHED_STYLE})
        exec(script, {"implementation": PublicFunctions()})


def test_expected_failures(without_shrinking: None) -> None:
    functions = {"max_match": PUBLISHED_STYLE.max_match}
    known = conform(
        answers(**functions), levels=["required"], cases=20, expected_failures={"D1-dead-max-match": "drops them"}
    )
    assert known.ok
    assert known["D1-dead-max-match"].verdict == "expected failure"
    assert known["D1-dead-max-match"].detail.startswith("drops them: max_match at ")
    without = conform(answers(**functions), levels=["required"], cases=20, expected_failures={"D1-dead-max-match": " "})
    assert not without.ok
    assert without["D1-dead-max-match"].verdict == "failed"
    unexpected = conform(
        answers(max_match=REFERENCE.max_match, spanmatch_expected_failures={"T13-full-rank": "we think so"}),
        levels=["required"], cases=10,
    )  # fmt: skip
    assert not unexpected.ok
    assert unexpected["T13-full-rank"].detail == "passed, but was expected to fail: we think so"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ([], "need a dict"),
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
    assert outcome_of(KIT["T3-max-match"], Target.of(REFERENCE), high, 10, 0).verdict == "not run"


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
    found = [check.level for check in checks()]
    assert found == sorted(found, key=LEVELS.index)
    assert set(found) == set(LEVELS)


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_shrinking: None) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(MODULE.replace("ROUNDS", "1"))
    options = ["--level", "required", "--cases", "10", "--seed", "3"]
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
    from spanmatch.proofs_check.conformance import golden

    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["golden", "--out", "vectors.json"]).exit_code == 0
    for name in ("vectors.json", "schema.json"):
        assert Path(name).read_bytes() == (golden.FOLDER / name).read_bytes()
    assert CliRunner().invoke(app, ["golden", "--out", "schema.json"]).exit_code == 2
