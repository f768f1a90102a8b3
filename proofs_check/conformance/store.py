"""A report in a file, as far as the run has come, from which an interrupted run goes on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...files.atomic import check_output_file, write_text
from ...files.target import is_stream
from ...theory.errors import InvalidFile
from ..harness.registry import Outcome
from .report import KIND, ConformanceReport

SAME = ("name", "seed", "cases", "versions", "capabilities", "digest", "not_provided")
"""What an interrupted run must agree on with the one that goes on from it."""


@dataclass(frozen=True)
class Store:
    """The file, and the outcomes that it holds of a run like this one which was interrupted."""

    path: Path
    known: dict[str, Outcome]

    @classmethod
    def opened(cls, path: str | os.PathLike[str], run: ConformanceReport, chosen: Sequence[str]) -> Store:
        """*Raises* ``InvalidFile`` where the file is there already and is no such report, or cannot be written."""
        file = check_output_file(path)
        if is_stream(file) or not file.exists():
            return cls(file, {})
        try:
            there = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            there = None
        if not isinstance(there, dict) or there.get("kind") != KIND:
            raise InvalidFile(f"{file}: is there already and is no report of spanmatch conform, need another name")
        this = json.loads(run.to_json())
        # The code may have changed: without a digest that cannot be told, and the run begins anew.
        if there.get("complete") or not run.digest or any(there.get(name) != this[name] for name in SAME):
            return cls(file, {})
        outcomes = (Outcome.from_dict(one) for one in there["outcomes"])
        return cls(file, {one.check: one for one in outcomes if one.check in chosen})

    def keep(self, report: ConformanceReport) -> None:
        """Replace what the file holds."""
        if not is_stream(self.path) or report.complete:
            write_text(self.path, report.to_json())


def digest_of(*files: Any) -> str:
    """One number for the content of files, "" where one of them cannot be read or there are none."""
    found = hashlib.sha256()
    try:
        for file in files:
            found.update(hashlib.sha256(Path(file).read_bytes()).digest())
    except (OSError, TypeError):
        return ""
    return found.hexdigest() if files else ""
