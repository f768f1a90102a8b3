"""``spanmatch theorems`` as a user runs it; what it needs installed, and an output that cannot be written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from spanmatch.cli import commands
from spanmatch.proofs_check import evidence as study
from spanmatch.theory.ledger import THEOREMS

FULL = Path("/dev/full")
WITHOUT = "import sys\nfor name in {blocked!r}: sys.modules[name] = None\n{code}"


def python(code: str, *blocked: str) -> subprocess.CompletedProcess[str]:
    script = WITHOUT.format(blocked=blocked, code=code)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


class Ran:
    """What a run of the ledger returns, without the run."""

    def __init__(self, *faults: str) -> None:
        self.found = study.LedgerRun((), faults, 7, 3, 1.0)

    def __call__(self, **options: Any) -> study.LedgerRun:
        self.options = options
        return self.found


@pytest.mark.parametrize("faults", [(), ("T8-two-partners: failed: so",)])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_run(form: tuple[str, ...], faults: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    ran = Ran(*faults)
    monkeypatch.setattr(study, "run_ledger", ran)
    done = CliRunner().invoke(commands.app, ["theorems", "--run", "--cases", "7", "--seed", "3", *form])
    assert done.exit_code == (1 if faults else 0)
    assert (ran.options["cases"], ran.options["seed"]) == (7, 3)
    if form:
        assert json.loads(done.stdout)["ok"] == (not faults)
    assert all(fault in done.stdout for fault in faults)


def test_markdown_is_the_page() -> None:
    done = CliRunner().invoke(commands.app, ["theorems", "--markdown"])
    assert done.exit_code == 0
    assert all(f"\n## {theorem.id}\n" in done.stdout for theorem in THEOREMS)


@pytest.mark.parametrize(
    "arguments", [["--cases", "3"], ["--markdown", "--json"], ["--markdown", "--run"], ["T6", "--markdown"]]
)
def test_bad_usage(arguments: list[str]) -> None:
    assert CliRunner().invoke(commands.app, ["theorems", *arguments]).exit_code == 2


def test_the_list_says_which_extra_it_needs() -> None:
    code = "sys.argv[1:] = ['theorems', '--json']\nfrom spanmatch.cli import main\nmain()"
    done = python(code, "sympy", "torch")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'spanmatch theorems needs sympy, not installed here: pip install "spanmatch[verify]"' in done.stderr


def test_one_statement_is_told_with_its_proof_and_places() -> None:
    done = CliRunner().invoke(commands.app, ["theorems", "t10"])
    assert done.exit_code == 0
    said = ("T10 exact", "on each side (as T9)", "rests on: T7, T9\n", "T10_matches_are_closed_sets", "*Proof.")
    for text in (*said, "proofs_check/checks/minimal.py:"):
        assert text in done.stdout
    done = CliRunner().invoke(commands.app, ["theorems", "T6"])
    assert "rests on: D7, T4\n" in done.stdout
    assert "A4 match radii: algorithms.peeling.peel_radii, algorithms.compressed.downdating\n" in done.stdout
    _, _, after = done.stdout.partition("  T6-match-radii-large (required): ")
    assert after.splitlines()[1].startswith("    rejects: first twenty neurons only  [proofs_check/broken/large.py:")
    done = CliRunner().invoke(commands.app, ["theorems", "D7", "--json"])
    found = json.loads(done.stdout)
    assert (found["id"], found["code"][0]["file"]) == ("D7", "theory/radii.py")


def test_one_statement_is_run_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = Ran()
    monkeypatch.setattr(study, "run_ledger", ran)
    assert CliRunner().invoke(commands.app, ["theorems", "T6", "--run"]).exit_code == 0
    assert ran.options["only"] == "T6"


@pytest.mark.parametrize("id", ["T-6", "T", "6", "T6 T7"])
def test_an_unknown_statement_is_bad_usage(id: str) -> None:
    done = CliRunner().invoke(commands.app, ["theorems", id])
    assert done.exit_code == 2


def test_a_certificate_is_checked_without_hypothesis(tmp_path: Path) -> None:
    code = f"""
import os
import numpy as np
os.chdir({str(tmp_path)!r})
X = np.random.default_rng(0).standard_normal((20, 3))
np.savez("pair.npz", X=X, Y=X[:, :2])
from spanmatch.cli.commands import app
app(["certify", "pair.npz", "--epsilon", "0.3", "--out", "certificate.json"], standalone_mode=False)
app(["check", "certificate.json", "pair.npz"], standalone_mode=False)
from spanmatch.proofs_check import check_certificate
try:
    from spanmatch.proofs_check import CHECKS
except ImportError as error:
    print("checks need", error.name)
"""
    done = python(code, "hypothesis", "sympy", "torch")
    assert (done.returncode, done.stderr) == (0, "")
    assert "holds: maximum match at epsilon 3/10" in done.stdout
    assert "checks need hypothesis" in done.stdout


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("form", [["--json"], []])
def test_a_full_disk_is_one_line(form: list[str]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "spanmatch", "theorems", *form],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("spanmatch: the operating system refused: ")
    assert done.stderr.count("\n") == 1


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "spanmatch", "theorems", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as writing:
        assert writing.stdout is not None
        assert writing.stderr is not None
        writing.stdout.close()
        assert b"Traceback" not in writing.stderr.read()
        assert writing.wait() == 1
