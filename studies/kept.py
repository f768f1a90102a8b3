"""A run whose results are kept as they come: a folder with one JSON for each piece that is done.

A piece is named after all that its result follows from, so that the same run finds it again after an interruption, and
another run does not. What was written for the same run may be replaced, what belongs to another one may not.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files.atomic import check_output_folder, output_folder, to_json, write_text
from ..files.environment import versions
from ..theory.errors import InvalidFile

PIECES = "layers"
"""The folder of the pieces, inside that of the run."""
LONGEST_NAME = 80


@dataclass(frozen=True)
class Kept:
    """The folder of a run, as it was named and where it is, for processes that stand elsewhere; and the names of the
    files that are written into it at the end, the first one in JSON."""

    folder: Path
    place: Path
    files: tuple[str, ...]

    @classmethod
    def begin(cls, folder: Any, files: tuple[str, ...], told: Mapping[str, Any], *, overwrite: bool) -> Kept:
        """Check, before any work, that the folder can be written to and has no results of another run.

        ``told``: what the first of the files says of the run from its beginning. Raises: ``InvalidFile``.
        """
        named = check_output_folder(folder)
        run = cls(named, named.absolute(), files)
        there = [run.folder / name for name in files if (run.folder / name).exists()]
        if there and not overwrite:
            before = run._result()
            if before is None or any(before.get(name) != value for name, value in _plain(told).items()):
                raise run._taken(there, "of another run")
        return run

    def piece(self, name: str, follows_from: Mapping[str, Any], work: Callable[[], Mapping[str, Any]]) -> Any:
        """The result of a piece of work, in plain values as JSON has them: from its file, or worked out and kept.

        ``follows_from``: everything that it depends on; the versions of the packages come on top.
        """
        key = hashlib.sha256(to_json({**follows_from, "versions": versions()}).encode()).hexdigest()
        readable = re.sub(r"[^\w.#-]+", "-", name).strip("-.")[:LONGEST_NAME]
        path = self.place / PIECES / f"{readable}-{key[:16]}.json"
        found = _read(path)
        if found is None or found.get("key") != key:
            found = _plain({"key": key, "piece": name, "result": work()})
            with output_folder(path.parent):
                write_text(path, to_json(found))
        return found["result"]

    def finish(self, result: Mapping[str, Any], contains: Callable[[Any, Any], bool], *, overwrite: bool) -> None:
        """Check, before the files are written, that nothing in them is lost: ``contains(new, old)`` says so.

        Raises: ``InvalidFile``.
        """
        for left in (self.folder / PIECES).glob(".*.json"):
            left.unlink(missing_ok=True)  # half-written by a process that was killed
        before = self._result()
        if before is not None and not overwrite and not contains(_plain(result), before):
            raise self._taken([self.folder / self.files[0]], "with other numbers")

    def _result(self) -> dict[str, Any] | None:
        return _read(self.folder / self.files[0])

    def _taken(self, there: list[Path], of: str) -> InvalidFile:
        names = ", ".join(map(str, there))
        return InvalidFile(f"{names}: there already, {of}; name another folder, or say overwrite=True")


def _read(path: Path) -> dict[str, Any] | None:
    """The dictionary in a file, None where there is none; a damaged file is as good as none."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON gives it back."""
    found: dict[str, Any] = json.loads(to_json(value))
    return found
