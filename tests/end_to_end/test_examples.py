"""The scripts in examples/ run from any folder, as somebody would run them first, and print what they promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from quality.repository import ROOT, files

EXAMPLES = files("examples/*.py")

PRINTED = {
    "match_two_layers": ["s = 0.417, maximum match Match(x={0, 1}, y={0, 1, 2})", "epsilon 0.3: s = 0.583"],
    "generate_and_score": ["one round: 20 of 30", "spanmatch: 30 of 30"],
    "validate_your_own": ["does not conform", "D1-dead-max-match", "assert", "conforms; "],
    "torch_model": ["seed 0 against seed 1", "4: s(0.5) = 1.00"],
}


def test_every_example_is_run() -> None:
    assert {path.stem for path in EXAMPLES} == set(PRINTED)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path: Path, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, ROOT / path], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    for text in PRINTED[path.stem]:
        assert text in done.stdout
    assert list(tmp_path.iterdir()) == []
