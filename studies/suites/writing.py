"""A suite in a folder: its sets, each confirmed before it is written, and a manifest that says all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

from ...files import citation
from ...files.atomic import check_new, check_output_folder, output_folder, write_json
from ...files.environment import versions
from ...theory.errors import InvalidFile
from ...theory.validation.options import Steps
from ..generation import save_planted
from ..workers import Piece, carried_out
from .asked import REASONS, Asked
from .catalogue import VERSION, Entry, suite
from .confirm import confirmed

MANIFEST, MADE_WITH, SETS = "manifest.json", "made-with.json", "sets"
KIND = "spanmatch suite"


def write_suite(
    name: str,
    folder: str | PathLike[str],
    *,
    workers: int | None = None,
    overwrite: bool = False,
    progress: Steps | None = None,
) -> dict[str, Any]:
    """Make a suite, confirm every answer by other routes, and write it; returns the manifest.

    Guarantee: the same suite and version give the same bytes, but for ``made-with.json``; the manifest comes last, so a
    folder with one is whole. A call that was interrupted goes on with the sets that it has not yet written.

    Raises: ``InvalidOption`` for an unknown suite, ``InvalidFile`` where a suite is there already and ``overwrite`` is
    False, ``Disagreement`` where an algorithm finds another answer than was planted.
    """
    entries = suite(name)
    place = check_output_folder(folder)
    if not overwrite:
        check_new(place / MANIFEST)
    made_by = {"suite": name, "version": VERSION, "spanmatch": version("spanmatch")}
    with output_folder(place), output_folder(place / SETS):
        pieces = [Piece(one.name, partial(_written, one, place.absolute(), made_by, overwrite)) for one in entries]
        records = carried_out(pieces, workers=workers, progress=progress)
        manifest = {"kind": KIND, **made_by, **_about(), "sets": records}
        write_json(place / MADE_WITH, {"versions": versions()})
        write_json(place / MANIFEST, manifest)
    return manifest


def _about() -> dict[str, Any]:
    return {
        "cite": {"text": citation.text(), "bibtex": citation.bibtex()},
        "conventions": "X and Y have shape (inputs, neurons), or, where layout is nchw, (images, channels, height, "
        "width), and a channel is a neuron; indices from 0; dead neurons match (D1); epsilon is relative to a neuron",
        "files": f"{SETS}/NAME.npz: the arrays X and Y; {SETS}/NAME.json: the answers, what is asked, the reason",
    }


def _written(entry: Entry, folder: Path, made_by: Mapping[str, Any], overwrite: bool) -> dict[str, Any]:
    """The entry of the manifest for one set, which is made, confirmed and written unless it is there."""
    path = folder / SETS / f"{entry.name}.npz"
    beside = path.with_suffix(".json")
    if path.exists() or beside.exists():
        record = _known(path, beside, made_by)
        if record is not None:
            return record
        if not overwrite:
            raise InvalidFile(f"{path}: there already, and of no such suite; name another folder, or say --force")
    planted = entry.made()
    asked = Asked(planted)
    told = planted.to_dict()
    questions = list(asked)
    record = {
        "name": entry.name,
        "group": entry.group,
        **{key: told[key] for key in ("family", "seed", "parameters", "reason", "shape", "layout", "dtype", "exact")},
        "answers": [
            {
                "function": function,
                "questions": sum(question.function == function for question in questions),
                "reason": REASONS[function],
                "confirmed_by": routes,
            }
            for function, routes in confirmed(entry.name, asked).items()
        ],
    }
    save_planted(path, planted, more={"asked": asked.to_dict(), "of": {**made_by, "record": record}})
    return _with_hashes(record, path, beside)


def _known(path: Path, beside: Path, made_by: Mapping[str, Any]) -> dict[str, Any] | None:
    """The record of a set that an interrupted call has written whole; None where it is of another suite or version.

    Both files of a set are written or none.
    """
    try:
        told = json.loads(beside.read_text(encoding="utf-8"))["of"]
        record: dict[str, Any] = told.pop("record")
        return _with_hashes(record, path, beside) if told == made_by and record["name"] == path.stem else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _with_hashes(record: Mapping[str, Any], *paths: Path) -> dict[str, Any]:
    return {**record, "sha256": {f"{SETS}/{path.name}": sha256(path) for path in paths}}


def sha256(path: Path) -> str:
    """As ``sha256sum`` prints it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
