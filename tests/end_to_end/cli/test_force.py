"""No command replaces a file that is there already unless it is told to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from report_results import comparison, layer
from typer.main import get_command
from typer.testing import CliRunner

from spanmatch.cli import commands, evidence
from spanmatch.files.activations import save_activations

COMPARE = ("compare", "a.npz", "a.npz", "--shuffles", "0", "--workers", "1")
GENERATE = ("generate", "radii", "--out", "s.npz")

#: A command line, and a file that it would replace.
WRITES = [
    (("verify", "--out", "report"), "report/report.html"),
    ((*COMPARE, "--out", "report"), "report/comparison.json"),
    ((*COMPARE, "--out", "report"), "report/similarity.png"),
    ((*COMPARE, "--csv", "t.csv"), "t.csv"),
    (GENERATE, "s.npz"),
    (GENERATE, "s.json"),
    (("capture", "vgg-0", "--out", "v.npz", "--layers", "logits", "--images", "3"), "v.npz"),
    (("train", "vgg", "--seed", "3", "--out", "v.safetensors"), "v.safetensors"),
    (("train", "vgg", "--seed", "3", "--out", "."), "vgg-3.safetensors"),
    (("train", "vgg", "--labels", "random", "--out", "."), "vgg-random-labels.safetensors"),
    (("certify", "a.npz", "--epsilon", "0.3", "--out", "c.json"), "c.json"),
    (("dynamics", "--grid", "2", "--out", "report"), "report/dynamics.html"),
    (("golden", "--out", "vectors.json"), "vectors.json"),
    (("golden", "--out", "vectors.json"), "schema.json"),
    (("view", "c/comparison.json"), "c/comparison.html"),
    (("reproduce", "--out", "report"), "report/similarity.png"),
    (("generate", "--suite", "quick", "--out", "suite"), "suite/manifest.json"),
    (("conform", "mine.py", "--scripts", "scripts"), "scripts/D1-at-threshold.py"),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    save_activations("a.npz", {"X": rng.standard_normal((9, 2)), "Y": rng.standard_normal((9, 2))})
    (tmp_path / "report").mkdir()
    (tmp_path / "c").mkdir()
    (tmp_path / "scripts").mkdir()
    (tmp_path / "suite").mkdir()
    (tmp_path / "c" / "comparison.json").write_text(json.dumps(comparison(layer())), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("arguments", "file"), WRITES, ids=lambda one: one if isinstance(one, str) else one[0])
def test_a_file_that_is_there_stays(folder: Path, arguments: tuple[str, ...], file: str) -> None:
    (folder / file).write_text("mine")
    before = sorted(folder.rglob("*"))
    result = CliRunner().invoke(commands.app, list(arguments))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"spanmatch: {file}: there already, ")
    assert result.stderr.endswith("or say --force\n")
    assert result.stderr.count("\n") == 1
    assert (folder / file).read_text() == "mine"
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(("arguments", "file"), [WRITES[k] for k in (1, 3, 5, 6, 10)])
def test_it_is_replaced_by_force(folder: Path, arguments: tuple[str, ...], file: str) -> None:
    (folder / file).write_text("mine")
    result = CliRunner().invoke(commands.app, [*arguments, "--force"])
    assert result.exit_code == 0, result.stderr
    assert (folder / file).read_bytes() != b"mine"


def test_every_command_that_writes_is_asked() -> None:
    by_name = get_command(commands.app).commands  # type: ignore[attr-defined]
    writing = {name for name, command in by_name.items() if {"out", "csv"} & {one.name for one in command.params}}
    assert writing == {arguments[0] for arguments, _ in WRITES}


def test_verify_replaces_its_own_folder_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``make verify`` twice in a row: the default folder is spanmatch's own."""
    report = folder / evidence.REPORT_FOLDER
    report.mkdir()
    (report / "report.json").write_text("of the last run")
    written: list[Path] = []
    monkeypatch.setattr("spanmatch.studies.verification.run.verify", lambda **options: written.append(options["out"]))
    CliRunner().invoke(commands.app, ["verify"])
    assert written == [evidence.REPORT_FOLDER]
