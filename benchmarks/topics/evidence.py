"""Claims about the evidence as a whole: the ledger's run, and how much of the code the test suite reaches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

from claim import ROOT, Claim, Measured

ISSUE = "issue 6, must show"


def ledger() -> Measured:
    from spanmatch.proofs_check.evidence import BROKEN, run_ledger

    found = run_ledger()
    cases = sum(theorem.cases for theorem in found.theorems)
    text = f"{len(found.faults)} faults; {cases} cases, {len(BROKEN)} broken implementations, {found.seconds:.0f} s"
    return text, found.ok and all(theorem.cases for theorem in found.theorems)


@cache
def covered() -> dict[str, Any]:
    """coverage's summary of each file, from the suite without what runs in other processes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "coverage.json")
        command = [
            sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider",
            "--cov", f"--cov-report=json:{report}", "tests/unit", "tests/properties", "tests/conformance",
        ]  # fmt: skip
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "COVERAGE_FILE": str(Path(folder, "data"))}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the suite fails: {done.stdout[-300:]}")
        files: dict[str, Any] = json.loads(report.read_text())["files"]
    return {name: file["summary"] for name, file in files.items()}


def reached(folder: str) -> Measured:
    """The share of statements and branches of a folder that the tests take."""

    def total(of: Iterable[str]) -> int:
        inside = [summary for name, summary in covered().items() if name.startswith(f"{folder}/")]
        return sum(summary[name] for summary in inside for name in of)

    share = total(("covered_lines", "covered_branches")) / total(("num_statements", "num_branches"))
    return f"{share:.1%}", share >= 0.95


CLAIMS = [
    Claim("evidence.ledger", ISSUE, "spanmatch theorems --run", "no faults, every theorem has cases", ledger),
    *(
        Claim(f"evidence.coverage-{name}", ISSUE, f"statements, branches of {name}/", ">= 95 %", partial(reached, name))
        for name in ("theory", "algorithms", "proofs_check")
    ),
]
