"""The command as a user meets it: help, versions, exit codes, pipes, interruptions, and the whole quick run."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console
from typer.main import get_command
from typer.testing import CliRunner, Result

import spanmatch
from spanmatch.cli import commands
from spanmatch.cli.console import output, progress
from spanmatch.report.table import Column, Table
from spanmatch.theory.errors import MissingData

COMMANDS = sorted(get_command(commands.app).commands)  # type: ignore[attr-defined]


def spanmatch_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "spanmatch", *arguments]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(spanmatch_command(*arguments), cwd=folder, capture_output=True, text=True, check=False)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(commands.app, list(arguments))


class StubReport:
    """What studies.verification.run returns, as far as the command line knows it."""

    def __init__(self, ok: bool) -> None:
        self.ok = ok

    def to_dict(self) -> dict[str, Any]:
        return {"ok": self.ok}

    def print(self, console: Console) -> None:
        console.print(f"ok: {self.ok}")


@pytest.fixture
def stub_verify(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Puts a stub in the place of the verification; what it does next and how it was called."""
    state: dict[str, Any] = {"result": StubReport(ok=True)}

    def verify(**options: Any) -> StubReport:
        state["options"] = options
        if isinstance(state["result"], BaseException):
            raise state["result"]
        report: StubReport = state["result"]
        return report

    module = ModuleType("spanmatch.studies.verification.run")
    module.verify = verify  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.chdir(tmp_path)
    return state


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_an_example_and_json(self, command: str) -> None:
        result = CliRunner().invoke(commands.app, [command, "--help"], env={"COLUMNS": "120"})
        assert result.exit_code == 0
        assert f"Example: spanmatch {command}" in result.output
        assert "--json" in result.output

    @pytest.mark.parametrize("command", ["verify", "theorems", "train"])
    def test_what_takes_minutes_says_so(self, command: str) -> None:
        assert "minute" in CliRunner().invoke(commands.app, [command, "--help"]).output

    def test_nothing_to_do_is_bad_usage(self, tmp_path: Path) -> None:
        done = run(tmp_path)
        assert done.returncode == 2
        assert all(command in done.stdout + done.stderr for command in COMMANDS)

    def test_version(self, tmp_path: Path) -> None:
        done = run(tmp_path, "--version")
        assert (done.returncode, done.stdout) == (0, f"spanmatch {spanmatch.__version__}\n")

    def test_the_console_script_is_the_module(self, tmp_path: Path) -> None:
        script = Path(sys.executable).with_name("spanmatch")
        done = subprocess.run([script, "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stdout == f"spanmatch {spanmatch.__version__}\n"


class TestExitCodes:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["nonsense"], "nonsense"),
            (["verify", "--nonsense"], "--nonsense"),
            (["verify", "--cases", "0"], "--cases"),
            (["verify", "--seed", "x"], "--seed"),
            (["verify", "--seed", "-1"], "--seed"),
            (["verify", "--quick", "--full"], "--quick, --full"),
            (["verify", "--out", "file"], "file: is a file"),
            (["verify", "--out", "file/below"], "file/below: cannot be written to"),
            (["theorems", "extra"], "extra"),
        ],
    )
    def test_bad_usage(self, tmp_path: Path, arguments: list[str], message: str) -> None:
        (tmp_path / "file").write_text("kept")
        done = run(tmp_path, *arguments)
        assert done.returncode == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        assert [p.name for p in tmp_path.iterdir()] == ["file"]

    def test_options_arrive(self, stub_verify: dict[str, Any]) -> None:
        result = invoke("verify", "--quick", "--seed", "7", "--cases", "5", "--out", "a/b")
        assert result.exit_code == 0
        assert stub_verify["options"] == {
            "quick": True, "full": False, "seed": 7, "cases": 5, "out": Path("a/b"), "progress": None, "workers": None,
        }  # fmt: skip
        assert not Path("a").exists()  # it was tried before the work, and the work is to make it
        assert "ok: True" in result.output

    def test_a_failure_is_1(self, stub_verify: dict[str, Any]) -> None:
        stub_verify["result"] = StubReport(ok=False)
        result = invoke("verify", "--json")
        assert result.exit_code == 1
        assert json.loads(result.stdout) == {"ok": False}

    def test_an_error_of_spanmatch_is_one_line_and_2(self, stub_verify: dict[str, Any]) -> None:
        stub_verify["result"] = MissingData("data: not here [1], get it")
        result = invoke("verify")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "spanmatch: data: not here [1], get it\n"

    def test_an_interruption_is_130(self, stub_verify: dict[str, Any]) -> None:
        stub_verify["result"] = KeyboardInterrupt()
        result = invoke("verify")
        assert result.exit_code == 130
        assert "interrupted" in result.stderr

    def test_a_missing_extra_is_named(self, stub_verify: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("spanmatch.files.environment.find_spec", lambda name: None if name == "flint" else name)
        result = invoke("verify")
        assert result.exit_code == 2
        assert result.stderr == (
            'spanmatch: spanmatch verify needs flint, not installed here: pip install "spanmatch[verify]"\n'
        )
        assert "options" not in stub_verify


class TestProgress:
    def test_quiet_in_a_pipe(self) -> None:
        with progress() as tell:
            assert tell is None

    def test_told_on_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with progress() as tell:
            assert tell is not None
            tell("layer conv2")
            time.sleep(0.3)
        assert "layer conv2" in terminal.getvalue()


def test_a_terminal_without_unicode_is_given_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    output().print(Table("R²", [Column("layer", "layer", kind="name")], [{"layer": "η"}]))
    narrow.flush()
    assert narrow.buffer.getvalue().decode().split() == ["R?", "layer", "-----", "?"]  # type: ignore[attr-defined]


class TestTheorems:
    def test_table(self, tmp_path: Path) -> None:
        done = run(tmp_path, "theorems")
        assert (done.returncode, done.stderr) == (0, "")
        listed = [line.partition(" ")[0] for line in done.stdout.splitlines()]
        assert {f"T{k}" for k in range(1, 21)} <= set(listed)

    def test_json_has_every_field(self, tmp_path: Path) -> None:
        done = run(tmp_path, "theorems", "--json")
        records = json.loads(done.stdout)
        fields = {"id", "name", "statement", "hypotheses", "source", "implemented_by", "checked_by", "status"}
        assert all(fields <= set(record) for record in records)
        assert len(records) >= 18


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("quick")
    return folder, run(folder, "verify", "--quick", "--cases", "5", "--json", "--out", "report")


# One worker runs the group, so that the quick run is made once.
@pytest.mark.xdist_group("quick")
class TestVerify:
    @pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process runs all tests")
    def test_the_group_is_one(self, request: pytest.FixtureRequest) -> None:
        """Some versions of pytest and pytest-xdist together send the tests of a group to any worker."""
        assert request.node.nodeid.endswith("@quick")

    def test_everything_passes(self, quick: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        _, done = quick
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr

    def test_the_report_is_what_was_printed(self, quick: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        folder, done = quick
        assert json.loads((folder / "report" / "report.json").read_text(encoding="utf-8")) == json.loads(done.stdout)

    def test_units_stand_beside_the_comparison(self, quick: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        folder, done = quick
        (pair,) = json.loads(done.stdout)["pairs"]
        compared = {layer["name"]: layer for layer in pair["comparison"]["layers"]}
        views = pair["comparison"]["units"]["layers"]
        assert [layer["name"] for layer in views] == ["conv1.relu", "conv6.relu", "logits"]
        for layer in views:
            other = compared[layer["name"]]
            assert layer["participation"] == pytest.approx(other["participation"])
            assert layer["similarity"] == other["similarity"][other["epsilons"].index(0.5)]
            assert layer["semi"] >= layer["matched"] > 0.2
        page = (folder / "report" / "report.html").read_text(encoding="utf-8")
        assert ">Units</h3>" in page
        # The images of neurons are the shipped ones, and shown.
        assert len(pair["comparison"]["images"]) == len(compared)
        assert "url(data:image/png;base64," in page
        assert len(page) < 2_000_000

    def test_a_page_a_figure_and_nothing_else(self, quick: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
        folder, _ = quick
        assert [p.name for p in folder.iterdir()] == ["report"]
        assert {p.name for p in (folder / "report").iterdir()} == {"report.json", "report.html", "similarity.png"}
        assert (folder / "report" / "similarity.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert "vgg-0 against vgg-1" in (folder / "report" / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what a process has loaded is not to be seen here")
@pytest.mark.parametrize(("loaded", "seconds"), [("libtorch", 0.0), ("libtorch", 6.0)])
def test_ctrl_c_leaves_nothing(tmp_path: Path, loaded: str, seconds: float) -> None:
    process = subprocess.Popen(
        spanmatch_command("verify", "--full"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        # A runner in the background ignores interruptions, and its children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    maps = Path(f"/proc/{process.pid}/maps")
    deadline = time.monotonic() + 60
    while loaded not in maps.read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    # Interrupted while an extension module runs Python of its own, the interpreter ends by the signal after all; a
    # shell reports 130 for both.
    assert process.returncode in (130, -signal.SIGINT), error
    assert (out, error) == ("", "spanmatch: interrupted; no file was left half-written\n")
    assert list(tmp_path.iterdir()) == []
