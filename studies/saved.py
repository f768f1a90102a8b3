"""Results that were saved: ``comparison.json`` of two networks or of several, and ``report.json`` of a verification."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from ..theory.errors import InvalidFile
from .comparison.population import Population
from .comparison.records import json_object
from .comparison.results import Comparison


def saved_result(path: str | PathLike[str]) -> dict[str, Any]:
    """The result that a file holds, as ``to_dict`` gave it. Raises: ``InvalidFile``.

    What follows from other values, such as verdicts, is found anew.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InvalidFile(f"result: {path} cannot be read ({error}), need a file that spanmatch saved") from error
    found = json_object(text, f"result {path}")
    try:
        if "comparisons" in found:
            return Population.from_dict(found).to_dict() | {"versions": found["versions"]}
        if "pairs" not in found:
            return Comparison.from_dict(found).to_dict()
        pairs = [
            {**pair, "comparison": Comparison.from_dict(pair["comparison"]).to_dict()} for pair in found["pairs"]
        ]
    except (KeyError, TypeError, InvalidFile) as error:
        raise InvalidFile(
            f"result: {path} holds no result of spanmatch ({error}), need comparison.json or report.json"
        ) from error
    return found | {"pairs": pairs}
