"""``spanmatch certify`` and ``spanmatch check``: files in, files out, and a verdict in the exit code."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from spanmatch import MissingExtra, exact
from spanmatch.cli import commands
from spanmatch.files.activations import save_activations
from spanmatch.proofs_check.formal import verified

#: Two files of different inputs: as many positions of either are not the same ones.
DIFFERENT = ("both.npz", "more.npz")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(commands.app, list(arguments))


@pytest.fixture
def arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Files of two layers that share a space of dimension 3, in the current folder; X is also a 4-D layer."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    common = rng.standard_normal((60, 3))
    X, Y = (
        np.hstack([common @ rng.standard_normal((3, 3)) + 0.01 * rng.standard_normal((60, 3)),
                   rng.standard_normal((60, 1))]).astype(np.float32)
        for _ in range(2)
    )  # fmt: skip
    images = X.reshape(15, 2, 2, 4).transpose(0, 3, 1, 2)
    save_activations("both.npz", {"X": X, "Y": Y})
    np.savez("a.npz", conv=images, fc=X)
    np.savez("b.npz", conv=Y.reshape(15, 2, 2, 4).transpose(0, 3, 1, 2), fc=Y)
    return {"X": X, "Y": Y}


def test_a_maximum_match_is_certified_and_checked(arrays: dict[str, Any]) -> None:
    made = invoke("certify", "both.npz", "--epsilon", "0.3", "--out", "c.json")
    assert made.exit_code == 0, made.output
    assert "written: c.json" in made.output
    checked = invoke("check", "c.json", "both.npz")
    assert checked.exit_code == 0
    assert "holds: maximum match at epsilon 3/10, dead neurons: match" in checked.output
    found = json.loads(invoke("check", "c.json", "both.npz", "--json").output)
    match = exact.max_match(arrays["X"], arrays["Y"], Fraction(3, 10))
    assert found["holds"] is True
    assert found["match"] == match.to_dict()
    assert len(match) == 6


def test_a_minimal_match_of_two_networks_on_drawn_positions(arrays: dict[str, Any]) -> None:
    same = ("a.npz", "b.npz", "--x", "conv", "--y", "conv", "--layout", "nchw", "--positions", "50", "--seed", "4")
    made = invoke("certify", *same, "--epsilon", "1/3", "--neuron", "y:1", "--out", "c.json", "--json")
    assert made.exit_code == 0, made.output
    found = json.loads(made.output)
    assert (found["claim"], found["epsilon"], found["neuron"]) == ("minimal match", "1/3", ["y", 1])
    assert 1 in found["match"]["y"]
    checked = invoke("check", "c.json", *same)
    assert checked.exit_code == 0
    assert "holds: y:1-minimal match at epsilon 1/3" in checked.output
    assert invoke("check", "c.json", *same[:-1], "5").exit_code == 1


def test_flattened_convolutions_are_the_same_activations(arrays: dict[str, Any]) -> None:
    assert invoke("certify", "a.npz", "b.npz", "--x", "conv", "--y", "fc", "--layout", "nchw",
                  "--epsilon", "0.5", "--out", "c.json").exit_code == 0  # fmt: skip
    assert invoke("check", "c.json", "both.npz").exit_code == 0


def test_what_does_not_hold_is_1(arrays: dict[str, Any]) -> None:
    assert invoke("certify", "both.npz", "--epsilon", "0.3", "--out", "c.json").exit_code == 0
    other = arrays["Y"].copy()
    other[7, 1] = np.nextafter(other[7, 1], np.float32(9))
    save_activations("other.npz", {"X": arrays["X"], "Y": other})
    done = invoke("check", "c.json", "other.npz", "--json")
    assert done.exit_code == 1
    assert "of other activations" in done.stderr
    assert json.loads(done.stdout)["holds"] is False
    content = json.loads(Path("c.json").read_text())
    content["match"]["x"].pop()
    content["members"]["x"].pop()
    Path("tampered.json").write_text(json.dumps(content))
    done = invoke("check", "tampered.json", "both.npz")
    assert done.exit_code == 1
    assert "tampered.json: certificate:" in done.stderr
    assert done.stdout == ""


def test_the_proved_checker_is_asked(arrays: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert invoke("certify", "both.npz", "--epsilon", "0.3", "--out", "c.json").exit_code == 0
    absent = invoke("check", "c.json", "both.npz", "--verified")
    assert absent.exit_code == 2
    assert "build it by `make checker`" in absent.stderr
    try:
        verified.build_checker(tmp_path)
    except MissingExtra as error:
        pytest.skip(f"not run: {error}")
    assert invoke("check", "c.json", "both.npz", "--verified").output == invoke("check", "c.json", "both.npz").output
    assert json.loads(invoke("check", "c.json", "both.npz", "--verified", "--json").output)["holds"] is True
    content = json.loads(Path("c.json").read_text())
    Path("tampered.json").write_text(json.dumps(content | {"peeled": []}))
    refused = invoke("check", "tampered.json", "both.npz", "--verified")
    assert refused.exit_code == 1
    assert "tampered.json: certificate: its evidence does not prove its claim" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["certify", "both.npz", "--epsilon", "1", "--out", "c.json"], "epsilon: got '1'"),
        (["certify", "both.npz", "--epsilon", "a third", "--out", "c.json"], "epsilon: got 'a third'"),
        (["certify", "both.npz", "--epsilon", "1/0", "--out", "c.json"], "epsilon: got '1/0'"),
        (["certify", "both.npz", "--epsilon", "1e-5000", "--out", "c.json"], "epsilon: got '1e-5000'"),
        (["certify", "both.npz", "--epsilon", "1e-999999999999", "--out", "c.json"], "epsilon: got '1e-999999999999'"),
        (["certify", "both.npz", "--epsilon", f"0.{'1' * 5000}", "--out", "c.json"], "epsilon: got '0.111"),
        (["certify", "both.npz", "--epsilon", "0.3", "--out", "none/c.json"], "c.json: not writable"),
        (["certify", "both.npz", "--epsilon", "0.3", "--out", "c.json", "--x", "Z"], "has no array 'Z'"),
        (["certify", "both.npz", "--epsilon", "0.3", "--out", "c.json", "--neuron", "z:1"], "neuron: got 'z:1'"),
        (["certify", "both.npz", "--epsilon", "0.3", "--out", "c.json", "--neuron", "x:3"], "is in no match"),
        (["certify", "both.npz", "--epsilon", "0.3", "--out", "c.json", "--neuron", "x:-1"], "neuron: got 'x:-1'"),
        (["certify", "both.npz", "--epsilon", "0.3", "--out", "c.json", "--neuron", f"x:{'1' * 5000}"], "neuron: got"),
        (["certify", *DIFFERENT, "--positions", "50", "--epsilon", "0.3", "--out", "c.json"], "got 60 and 75 inputs"),
        (["certify", *DIFFERENT, "--positions", "60", "--epsilon", "0.3", "--out", "c.json"], "got 60 and 75 inputs"),
        (["certify", "both.npz", "--epsilon", "0.3", "--out", "c.json", "--dead-neurons", "no"], "--dead-neurons"),
        (["certify", *["both.npz"] * 3, "--epsilon", "0.3", "--out", "c.json"], "got 3 files"),
        (["certify", "no.npz", "--epsilon", "0.3", "--out", "c.json"], "no.npz: no such file"),
        (["check", "no.json", "both.npz"], "no.json: no such file, need a certificate"),
        (["check", "both.npz", "both.npz"], "both.npz: not readable as a certificate"),
        (["check", "list.json", "both.npz"], "list.json: is JSON but not a certificate"),
        (["check", "deep.json", "both.npz"], "deep.json: not readable as a certificate"),
        (["check", "nested.json", "both.npz"], "nested.json: is nested more than 10 levels deep"),
        (["certify", "both.npz", "--epsilon", "0.3", "--out", "c.json", "--layout", "hwc"], "layout: got 'hwc', need"),
    ],
)
def test_bad_usage_is_2_and_writes_nothing(arrays: dict[str, Any], arguments: list[str], message: str) -> None:
    Path("list.json").write_text("[1, 2]")
    Path("deep.json").write_text("[" * 200_000)
    Path("nested.json").write_text(f'{{"format": "spanmatch certificate", "peeled": {"[" * 900 + "]" * 900}}}')
    save_activations("more.npz", {"Y": np.ones((75, 4))})
    before = sorted(Path().iterdir())
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(Path().iterdir()) == before
