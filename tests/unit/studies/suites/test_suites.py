"""Suites: written whole or not at all, confirmed before, the same each time; scores find what is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from spanmatch.cli import commands
from spanmatch.proofs_check.broken import BROKEN
from spanmatch.proofs_check.conformance.published_style import DECLARED
from spanmatch.proofs_check.harness.implementations import BRUTE_FORCE, FAST
from spanmatch.studies.suites import catalogue, confirm, writing
from spanmatch.studies.suites.answers import Recorded
from spanmatch.studies.suites.asked import Asked
from spanmatch.studies.suites.confirm import Disagreement, by_definition, confirmed
from spanmatch.studies.suites.reading import Suite
from spanmatch.studies.suites.scoring import Scores, score
from spanmatch.studies.suites.writing import write_suite
from spanmatch.synthetic import Planted, generate, modify, planted_radii
from spanmatch.synthetic.planted import SMALL, MaximumLevel
from spanmatch.theory.errors import InvalidFile

TINY = tuple(one for one in catalogue.SUITES["quick"] if one.name in ("small-blocks-0", "small-radii-0", "dead-0"))


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalogue.SUITES, "tiny", TINY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("suite") / "tiny"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(catalogue.SUITES, "tiny", TINY)
        write_suite("tiny", place, workers=1)
    return place


def scored(folder: Path, implementation: object) -> Scores:
    return score(folder, implementation, time_limit=None, reference=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_suites_have_every_kind_of_set() -> None:
    groups = {one.group for one in catalogue.SUITES["standard"]}
    assert groups >= {"sizes", "conditioning", "noise", "dead", "duplicated", "radii", "noisy", "staircase"}
    assert groups >= {"convolutional", "wide", "precision"}
    for entries in catalogue.SUITES.values():
        assert len({one.name for one in entries}) == len(entries)


def test_the_manifest_says_everything_of_every_file(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in manifest["sets"]] == [one.name for one in TINY]
    assert "wang2018towards" in manifest["cite"]["bibtex"]
    listed = {file for one in manifest["sets"] for file in one["sha256"]}
    assert listed | {"manifest.json", "made-with.json"} == set(contents(folder))
    for one in manifest["sets"]:
        again = generate(one["family"], seed=one["seed"], parameters=one["parameters"])
        np.testing.assert_array_equal(np.load(folder / "sets" / f"{one['name']}.npz")["X"], again.X)
        assert one["reason"] == again.reason
        for answer in one["answers"]:
            assert answer["questions"] > 0
            assert answer["reason"]
            assert answer["confirmed_by"][0] == FAST.name
    small = {answer["function"]: answer["confirmed_by"] for answer in manifest["sets"][0]["answers"]}
    assert small["simple_matches"] == [FAST.name, BRUTE_FORCE.name]


def test_an_interrupted_call_goes_on_and_ends_with_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def interrupted(name: str, asked: Asked) -> dict[str, list[str]]:
        calls.append(name)
        if calls.count(TINY[1].name) == 1 and name == TINY[1].name:
            raise KeyboardInterrupt
        return confirmed(name, asked)

    monkeypatch.setattr(writing, "confirmed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_suite("tiny", tmp_path / "s", workers=1)
    assert sorted(contents(tmp_path / "s")) == ["sets/small-blocks-0.json", "sets/small-blocks-0.npz"]
    write_suite("tiny", tmp_path / "s", workers=1)
    assert calls == [TINY[0].name, TINY[1].name, TINY[1].name, TINY[2].name]
    assert contents(tmp_path / "s") == contents(folder)
    with pytest.raises(InvalidFile, match=r"manifest\.json: there already"):
        write_suite("tiny", tmp_path / "s", workers=1)


def test_sets_of_others_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / f"{TINY[0].name}.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidFile, match=r"small-blocks-0\.npz: there already, and of no such suite"):
        write_suite("tiny", tmp_path, workers=1)


def wrongly_planted(self: catalogue.Entry) -> Planted:
    planted = generate(self.family, seed=self.seed, parameters=self.parameters)
    level = planted.maximum[0]
    return replace(planted, maximum=(MaximumLevel(level.low, level.high, level.match - planted.dead),))


def test_a_wrong_answer_stops_the_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue.Entry, "made", wrongly_planted)
    with pytest.raises(Disagreement, match="dead-0: the planted answer and the route 'spanmatch"):
        write_suite("tiny", tmp_path / "s", workers=1)
    assert not (tmp_path / "s" / "manifest.json").exists()
    assert not (tmp_path / "s" / "sets" / "dead-0.npz").exists()


def test_the_second_route_alone_finds_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "_asking", lambda implementation: lambda question: None)
    with pytest.raises(Disagreement, match="definition"):
        confirmed("dead-0", Asked(wrongly_planted(TINY[-1])))
    planted = planted_radii(blocks=[(0.5, 8, 8, 8)], private=(8, 8))
    confirmed("right", Asked(planted))
    assert planted.radii is not None
    further = planted.radii[0] + 0.001, planted.radii[1] + 0.001
    with pytest.raises(Disagreement, match=r"definition.* is proved from"):
        confirmed("shifted", Asked(replace(planted, radii=further, maximum=())))


def test_minimal_matches_follow_from_the_simple_ones() -> None:
    for family in ("blocks", "digraph", "noisy"):
        asked = Asked(generate(family, seed=1, parameters=SMALL[family]))
        minimal = [question for question in asked if question.function == "min_match"]
        assert len(minimal) >= 4
        for question in minimal:
            question.ask(FAST)


def test_a_changed_file_is_no_suite(folder: Path, tmp_path: Path) -> None:
    for name, content in contents(folder).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert len(list(Suite.of(tmp_path))) == 3
    (tmp_path / "sets" / "dead-0.npz").write_bytes(contents(folder)["sets/small-blocks-0.npz"])
    with pytest.raises(InvalidFile, match=r"dead-0\.npz: absent, or other than when the suite was made"):
        Suite.of(tmp_path)
    with pytest.raises(InvalidFile, match="need the folder of a suite"):
        Suite.of(tmp_path / "sets")


def test_right_and_wrong_implementations(folder: Path) -> None:
    found = scored(folder, FAST)
    assert (found.points, found.wrong) == (100.0, ())
    assert [row["group"] for row in found.to_rows()] == ["small", "dead"]
    assert found.whole()["radii_error"] < 1e-6
    by_name = {one.name: one for one in BROKEN}
    for name in ("centres the activations", "dead neurons never match", "best single neuron, not the span"):
        assert scored(folder, by_name[name]).points < 100
    assert scored(folder, DECLARED).points == 100


def test_a_score_alone_is_scored(folder: Path) -> None:
    found = scored(folder, SimpleNamespace(similarity=FAST.similarity))
    assert (found.points, found.functions) == (100.0, ("similarity",))
    assert {mark.function for mark in found.marks} == {"similarity"}
    half = scored(folder, SimpleNamespace(similarity=lambda X, Y, epsilon: 0.5))
    assert 0 < half.points < 50


def test_whatever_goes_wrong_is_a_wrong_answer(folder: Path) -> None:
    def refuses(*_: Any) -> Any:
        raise ZeroDivisionError("no")

    found = scored(folder, SimpleNamespace(max_match=refuses, match_radii=lambda X, Y: (np.nan, 3)))
    assert found.points == 0
    assert "max_match raised ZeroDivisionError: no" in found.wrong[1].wrong
    assert found.whole()["radii_error"] is None


def answered(folder: Path, out: Path) -> None:
    """Files of answers, by an implementation that knows nothing of how they are read."""
    for name, _, asked in Suite.of(folder):
        told, (X, Y) = json.loads((folder / "sets" / f"{name}.json").read_text())["asked"], asked.planted.matrices

        def pair(match: Any) -> dict[str, list[int]]:
            return dict(zip("xy", map(list, match), strict=True))

        levels: dict[float, dict[str, Any]] = {}
        for epsilon in told["maximum_match"]:
            levels[epsilon] = {"epsilon": epsilon, "maximum_match": pair(FAST.max_match(X, Y, epsilon))}
        for epsilon in told["simple_matches"]:
            level = levels.setdefault(epsilon, {"epsilon": epsilon})
            level["simple_matches"] = [pair(match) for match in FAST.simple_matches(X, Y, epsilon)]
        for one in told["minimal_matches"]:
            match = FAST.min_match(X, Y, one["epsilon"], one["side"], one["index"])
            minimal = levels[one["epsilon"]].setdefault("minimal_matches", [])
            minimal.append({**one, "match": None if match is None else pair(match)})
        radii = {"match_radii": pair(FAST.match_radii(X, Y))} if told["match_radii"] else {}
        text = json.dumps({**radii, "levels": list(levels.values())}, default=lambda value: value.item())
        (out / f"{name}.json").write_text(text, encoding="utf-8")


def test_files_of_answers_are_scored(folder: Path, tmp_path: Path) -> None:
    answered(folder, tmp_path)
    found = scored(folder, tmp_path)
    assert found.functions == ("max_match", "min_match", "simple_matches", "match_radii")
    assert (found.points, found.wrong) == (100.0, ())
    (tmp_path / "dead-0.json").unlink()
    without = scored(folder, tmp_path)
    assert without.points == 50
    assert {mark.wrong.partition(" at ")[0] for mark in without.wrong} == {"there is no answer"}
    result = CliRunner().invoke(commands.app, ["score", str(folder), str(tmp_path), "--no-reference"])
    assert result.exit_code == 0, result.stderr
    assert "50.0 of 100 points on tiny 1" in result.stdout
    (tmp_path / "dead-0.json").write_text("[3]", encoding="utf-8")
    with pytest.raises(InvalidFile, match="need"):
        Recorded.of(tmp_path)


def test_capabilities_leave_out_what_cannot_be_held_against_them(folder: Path) -> None:
    exact = scored(folder, replace(FAST, exact=True))
    assert exact.not_asked == ("dead-0",)
    few = scored(folder, replace(FAST, most_neurons=8))
    assert set(few.not_asked) == {"dead-0"}
    coarse = SimpleNamespace(max_match=FAST.max_match, spanmatch_capabilities={"rank_tolerance": 0.9})
    assert len(scored(folder, coarse).not_asked) == 3


def test_the_definition_refuses_a_pair_that_is_too_small() -> None:
    planted = modify(planted_radii(), dead=(1, 0))
    question = next(one for one in Asked(planted) if one.function == "max_match")
    by_definition(question)
    with pytest.raises(Exception, match="is proved from"):
        by_definition(replace(question, right=question.right - planted.dead))  # type: ignore[attr-defined, call-arg]
