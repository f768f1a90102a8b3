"""The runner of the claims: verdicts and exit codes, and the frame's own claims."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from quality.repository import ROOT


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import claims

    return claims


def claim(runner: ModuleType, name: str, measured: Any) -> Any:
    def measure() -> Any:
        if isinstance(measured, Exception):
            raise measured
        return measured

    return runner.Claim(name, "a test", "nothing", "something", measure)


def test_verdicts_and_exit_codes(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    claims = [
        claim(runner, "a.ok", (0.25, True)),
        claim(runner, "a.not-run", runner.NotRun("no data here")),
        claim(runner, "b.short", ("[3 of 4]", False)),
        claim(runner, "b.broken", RuntimeError("fell over")),
    ]
    assert runner.main(["--json"], claims) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(row["id"], row["measured"], row["verdict"]) for row in rows] == [
        ("a.ok", 0.25, "ok"),
        ("a.not-run", "no data here", "not run"),
        ("b.short", "[3 of 4]", "short"),
        ("b.broken", "RuntimeError: fell over", "short"),
    ]
    assert runner.main(["--only", "a.*"], claims) == 0
    table = capsys.readouterr().out
    assert "1 ok, 0 short, 1 not run" in table
    assert "[3 of 4]" not in table
    assert runner.main(["--only", "b.short"], claims) == 1
    assert "[3 of 4]" in capsys.readouterr().out
    assert runner.main(["--only", "c.*"], claims) == 2
    assert "no claim matches 'c.*'" in capsys.readouterr().err


def test_ids_are_unique(runner: ModuleType) -> None:
    assert len({c.id for c in runner.registered()}) == len(runner.registered()) > 0


def test_the_frame_keeps_its_claims(tmp_path: Path) -> None:
    """As ``make claims`` runs it, from another folder: the wheel is built and looked into."""
    script = ROOT / "benchmarks" / "claims.py"
    command = [sys.executable, str(script), "--only", "frame.*", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    rows = json.loads(done.stdout)
    assert [(row["id"], row["measured"]) for row in rows if row["verdict"] != "ok"] == []
    assert done.returncode == 0
    assert len(rows) == 6
