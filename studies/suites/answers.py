"""Answers to a suite from files, one for each set, as an implementation that looks them up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ...proofs_check.harness.answers import Counterexample
from ...proofs_check.harness.capabilities import FUNCTIONS
from ...theory.errors import InvalidFile

IN_FILES = {
    "match_radii": "match_radii",
    "max_match": "maximum_match",
    "similarity": "similarity",
    "simple_matches": "simple_matches",
    "min_match": "minimal_matches",
}
"""Function -> the key of its answers, as in answers to the golden vectors: in a level, but for the radii."""


@dataclass(frozen=True)
class Recorded:
    """What the files of a folder answer: set name -> the content of ``NAME.json``."""

    name: str
    told: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, folder: str | PathLike[str]) -> Recorded:
        """*Raises* ``InvalidFile`` where the folder has no answers, or one cannot be read."""
        place, told = Path(folder), {}
        for path in sorted(place.glob("*.json")):
            try:
                told[path.stem] = json.loads(path.read_text(encoding="utf-8"))
                [level["epsilon"] for level in told[path.stem].get("levels", ())]
            except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
                needed = 'need {"match_radii": ..., "levels": [{"epsilon": ..., ...}]}'
                raise InvalidFile(f"{path}: cannot be read ({type(error).__name__}: {error}), {needed}") from error
        if not told:
            raise InvalidFile(f"{place}: has no answers, need a file NAME.json for each set of the suite")
        return cls(str(place), told)

    @property
    def functions(self) -> tuple[str, ...]:
        """Those that some file has answers for; the others are not asked."""
        keys = {key for one in self.told.values() for level in (one, *one.get("levels", ())) for key in level}
        return tuple(function for function in FUNCTIONS if IN_FILES[function] in keys)

    def answering(self, set_name: str) -> SimpleNamespace:
        """An implementation that knows the answers to this set only."""
        one = self.told.get(set_name, {})
        return SimpleNamespace(**{function: partial(_answer, one, function) for function in self.functions})


def _answer(one: Mapping[str, Any], function: str, _x: Any, _y: Any, *arguments: Any) -> Any:
    key = IN_FILES[function]
    if function == "match_radii":
        if key not in one:
            raise Counterexample("there is no answer")
        return _pair(one[key])
    epsilon, *neuron = arguments
    level = next((level for level in one.get("levels", ()) if level["epsilon"] == epsilon and key in level), None)
    if level is None:
        raise Counterexample(f"there is no answer at {epsilon}")
    found = level[key]
    if function == "similarity":
        return found
    if function == "max_match":
        return _pair(found)
    if function == "simple_matches":
        return [_pair(match) for match in found]
    side, index = neuron
    for answer in found:
        if (answer["side"], answer["index"]) == (side, index):
            match = answer.get("match")
            return None if match is None else _pair(match)
    raise Counterexample(f"there is no answer for {side}:{index} at {epsilon}")


def _pair(match: Mapping[str, Any]) -> tuple[Any, Any]:
    return match["x"], match["y"]
