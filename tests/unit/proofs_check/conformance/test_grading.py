"""Answers to the golden vectors are graded as the conformance kit would grade them."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from spanmatch.cli import commands
from spanmatch.proofs_check.conformance.grading import Marks, marked, shipped
from spanmatch.proofs_check.harness.implementations import FAST, REFERENCE
from spanmatch.theory.errors import InvalidFile


@cache
def by_floats() -> str:
    """What a program answers that knows floats only: A1 and A2 by least squares, and the radii of A4."""
    return json.dumps({"cases": [_answered(case) for case in shipped().values()]})


def _answered(case: dict[str, Any]) -> dict[str, Any]:
    X, Y = (np.array([[float(Fraction(entry)) for entry in row] for row in case[name]]) for name in "XY")
    small = max(case["neurons"].values()) < 10
    implementation = REFERENCE if small else FAST
    levels = []
    for level in case["levels"]:
        epsilon = float(Fraction(level["epsilon"]))
        found: dict[str, Any] = {"epsilon": level["epsilon"]}
        x, y = implementation.max_match(X, Y, epsilon)
        found["maximum_match"] = _plain((x, y))
        found["similarity"] = (len(x) + len(y)) / (X.shape[1] + Y.shape[1])
        if "simple_matches" in level:
            found["simple_matches"] = [_plain(match) for match in implementation.simple_matches(X, Y, epsilon)]
        if small:
            found["minimal_matches"] = [
                {"side": side, "index": k, "match": match and _plain(match)}
                for side, count in case["neurons"].items()
                for k in range(count)
                for match in [implementation.min_match(X, Y, epsilon, side, k)]
            ]
        levels.append(found)
    rx, ry = FAST.match_radii(X, Y)
    return {"name": case["name"], "match_radii": {"x": list(rx), "y": list(ry)}, "levels": levels}


def _plain(match: Any) -> dict[str, list[int]]:
    return {side: sorted(map(int, members)) for side, members in zip("xy", match, strict=True)}


def grade(tmp_path: Path, answers: Any) -> Marks:
    path = tmp_path / "answers.json"
    path.write_text(answers if isinstance(answers, str) else json.dumps(answers), encoding="utf-8")
    return marked(path)


def test_who_conforms_has_every_required_answer_right(tmp_path: Path) -> None:
    found = grade(tmp_path, by_floats())
    assert found.ok
    assert [mark for mark in found.wrong if mark.grade == "required"] == []
    counts = {(row["question"], row["grade"]): row["answers"] for row in found.to_rows()}
    assert counts["maximum_match", "required"] > 150
    assert counts["minimal_matches", "required"] > 100
    assert counts["match_radii", "required"] > 20


def spoiled(place: str, change: Any) -> dict[str, Any]:
    """The answers of one case at 3/10 or at its first epsilon, one of them changed."""
    answers = copy.deepcopy(json.loads(by_floats()))
    case = next(case for case in answers["cases"] if case["name"] == "rank-deficient")
    level = next(level for level in case["levels"] if level["epsilon"] == "9/10")
    owner = case if place == "match_radii" else level
    owner[place] = change(owner[place])
    return answers


@pytest.mark.parametrize(
    ("place", "change", "said"),
    [
        ("maximum_match", lambda match: match | {"x": match["x"][1:]}, "but should be"),
        ("similarity", lambda value: value + 1e-6, "but should be"),
        ("similarity", lambda _: True, "but should be"),
        ("simple_matches", lambda found: found[:1], "does not cover the maximum match"),
        ("simple_matches", lambda found: [*found, {"x": [0, 1, 2], "y": [0, 1, 2]}], "is no simple match"),
        ("minimal_matches", lambda found: found[1:], "lacks"),
        ("minimal_matches", lambda found: [found[0] | {"match": None}, *found[1:]], "which is no minimal match"),
        ("match_radii", lambda radii: radii | {"x": [radii["x"][0] + 1e-3, *radii["x"][1:]]}, "of x[0] is"),
        ("match_radii", lambda radii: radii | {"y": radii["y"][1:]}, "has 2 numbers for the 3 neurons of y"),
        ("match_radii", lambda radii: radii | {"y": [float("nan"), *radii["y"][1:]]}, "of y[0] is nan"),
    ],
)
def test_a_wrong_answer_is_seen(tmp_path: Path, place: str, change: Any, said: str) -> None:
    found = grade(tmp_path, spoiled(place, change))
    assert not found.ok
    [mark] = [mark for mark in found.wrong if mark.grade == "required"]
    assert (mark.case, mark.question) == ("rank-deficient", place)
    assert said in mark.wrong


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "need JSON"),
        ("[]", "need {\"cases\""),
        ({"cases": [{"name": "T8", "levels": [{"epsilon": "3/10", "maximum_match": [0]}]}]}, "has another form"),
        ({"cases": [{"name": "T9"}]}, "case 'T9', need some of T8"),
        ({"cases": [{"name": "T8", "levels": [{"epsilon": 0.3}]}]}, "T8 at epsilon 0.3, need some of 0, 1/10"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(InvalidFile) as error:
        grade(tmp_path, content)
    assert said in str(error.value)


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.json").write_text(by_floats())
    Path("bad.json").write_text(json.dumps(spoiled("similarity", lambda _: 0.0)))
    Path("none.json").write_text('{"cases": []}')
    done = CliRunner().invoke(commands.app, ["golden", "--check", "good.json"])
    assert done.exit_code == 0
    assert "maximum_match" in done.stdout
    done = CliRunner().invoke(commands.app, ["golden", "--check", "bad.json"])
    assert done.exit_code == 1
    assert "required: similarity of rank-deficient at 9/10 is 0.0, but should be" in done.stdout
    assert CliRunner().invoke(commands.app, ["golden", "--check", "none.json"]).exit_code == 1
    assert CliRunner().invoke(commands.app, ["golden"]).exit_code == 2
    assert CliRunner().invoke(commands.app, ["golden", "--check", "good.json", "--out", "v.json"]).exit_code == 2


def test_nothing_that_computed_the_vectors_is_needed(tmp_path: Path) -> None:
    program = (
        "import sys\nfor name in ('flint', 'hypothesis', 'scipy', 'torch'):\n    sys.modules[name] = None\n"
        "from spanmatch.proofs_check.conformance.grading import marked, golden_text\n"
        "print(len(golden_text()) > 100_000, marked(sys.argv[1]).ok)\n"
    )
    path = tmp_path / "answers.json"
    path.write_text('{"cases": [{"name": "T8", "levels": [{"epsilon": "3/10", "similarity": 1}]}]}')
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)
    assert done.stdout == "True True\n", done.stderr
