"""The project's own files, as the quality tests see them."""

from __future__ import annotations

import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@cache
def files(*patterns: str) -> tuple[Path, ...]:
    """The files of the project, committed or not yet, but no ignored ones; relative to the root."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return tuple(sorted({Path(n) for n in listed.split("\0") if n and (ROOT / n).is_file()}))


def modules() -> dict[str, Path]:
    """Dotted name -> path (relative) of every module of the package."""
    found = {}
    for path in files("*.py"):
        if path.parts[0] not in ("tests", "benchmarks", "docs", "examples"):
            parts = ["spanmatch", *path.with_suffix("").parts]
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
