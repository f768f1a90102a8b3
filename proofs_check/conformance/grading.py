"""Answers to the golden vectors, from any language, held against the right ones level by level.

Needs none of the packages that computed the vectors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any

from ...theory.errors import InvalidFile
from ..harness.questions import SQUARE_TOLERANCE

FOLDER = Path(__file__).resolve().parent / "vectors"
GRADES = ("required", "numerical", "threshold")
"""As the levels of the conformance kit."""


@dataclass(frozen=True)
class Mark:
    """One answer: to which case, epsilon and question, how it counts, and what is wrong with it ("" if nothing)."""

    case: str
    epsilon: str
    question: str
    grade: str
    wrong: str


@dataclass(frozen=True)
class Marks:
    """All answers of a file. ``ok`` iff some of the required ones were given and none of these is wrong."""

    marks: tuple[Mark, ...]

    @property
    def ok(self) -> bool:
        required = [mark for mark in self.marks if mark.grade == "required"]
        return bool(required) and not any(mark.wrong for mark in required)

    @property
    def wrong(self) -> tuple[Mark, ...]:
        """The wrong answers, required ones first."""
        return tuple(sorted((mark for mark in self.marks if mark.wrong), key=lambda mark: GRADES.index(mark.grade)))

    def to_rows(self) -> list[dict[str, Any]]:
        """A row for each question and grade: how many answers there were, and how many were right."""
        rows = []
        for question in dict.fromkeys(mark.question for mark in self.marks):
            for grade in GRADES:
                of_both = [mark for mark in self.marks if (mark.question, mark.grade) == (question, grade)]
                right = sum(not mark.wrong for mark in of_both)
                if of_both:
                    rows.append({"question": question, "grade": grade, "answers": len(of_both), "right": right})
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {"ok": self.ok, "grades": self.to_rows(), "wrong": [vars(mark) for mark in self.wrong]}


def golden_text() -> str:
    """The golden vectors, as they are shipped."""
    return (FOLDER / "vectors.json").read_text(encoding="utf-8")


def schema_text() -> str:
    """The JSON schema of the file."""
    return (FOLDER / "schema.json").read_text(encoding="utf-8")


@cache
def shipped() -> dict[str, dict[str, Any]]:
    """The cases by name."""
    return {case["name"]: case for case in json.loads(golden_text())["cases"]}


def marked(path: str | PathLike[str]) -> Marks:
    """Grade a file of answers: cases and levels as in the vectors, each with the answers that there are.

    *Raises* ``InvalidFile`` when it is no such file, or answers what was not asked.
    """
    try:
        told = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidFile(f"answers: {path} cannot be read ({error}), need JSON") from error
    try:
        return Marks(tuple(mark for case in told["cases"] for mark in _of_case(case)))
    except (KeyError, TypeError, AttributeError) as error:
        needed = 'need {"cases": [{"name": ..., "levels": [{"epsilon": ..., "maximum_match": {"x": [], "y": []}}]}]}'
        raise InvalidFile(f"answers: {path} has another form ({type(error).__name__}: {error}), {needed}") from error


def _of_case(told: Mapping[str, Any]) -> Iterator[Mark]:
    if told["name"] not in shipped():
        raise InvalidFile(f"answers: case {told['name']!r}, need some of {', '.join(shipped())}")
    case = shipped()[told["name"]]
    if "match_radii" in told:
        wrong = _radii(told["match_radii"], case["match_radii_squared"])
        yield Mark(case["name"], "", "match_radii", case["grade_of_radii"], wrong)
    right_levels = {level["epsilon"]: level for level in case["levels"]}
    for level in told.get("levels", ()):
        if level["epsilon"] not in right_levels:
            asked = ", ".join(right_levels)
            raise InvalidFile(f"answers: {case['name']} at epsilon {level['epsilon']!r}, need some of {asked}")
        right = right_levels[level["epsilon"]]
        for question, judge in JUDGES.items():
            if question in level and question in right:
                wrong = judge(level[question], right)
                yield Mark(case["name"], level["epsilon"], question, right["grade"], wrong)


def _pair(match: Mapping[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(sorted(match["x"])), tuple(sorted(match["y"]))


def _same(found: Any, right: Mapping[str, Any]) -> str:
    return "" if _pair(found) == _pair(right) else f"is {found}, but should be {dict(right)}"


def _similarity(found: Any, right: Mapping[str, Any]) -> str:
    value = float(Fraction(right["similarity"]))
    near = not isinstance(found, bool) and abs(float(found) - value) <= SQUARE_TOLERANCE
    return "" if near else f"is {found}, but should be {value:.9g}"


def _simple(found: Any, right: Mapping[str, Any]) -> str:
    """They are simple, and cover the maximum match: not all of them have to be found."""
    simple = {_pair(match) for match in right["simple_matches"]}
    pairs = [_pair(match) for match in found]
    for pair in pairs:
        if pair not in simple:
            return f"has {pair}, which is no simple match"
    union = {(side, v) for pair in pairs for side, members in enumerate(pair) for v in members}
    maximum = {(side, v) for side, members in enumerate(_pair(right["maximum_match"])) for v in members}
    return "" if union == maximum else "does not cover the maximum match"


def _minimal(found: Any, right: Mapping[str, Any]) -> str:
    """``match`` is one of the minimal matches of its neuron; null, or left out, for a neuron that matches nothing."""
    allowed = {(one["side"], one["index"]): {*map(_pair, one["matches"])} for one in right["minimal_matches"]}
    for one in found:
        neuron, match = (one["side"], one["index"]), one.get("match")
        if match is None and neuron not in allowed:
            continue
        if match is None or _pair(match) not in allowed.get(neuron, ()):
            return f"of {neuron} is {match}, which is no minimal match of it"
    missing = allowed.keys() - {(one["side"], one["index"]) for one in found}
    return f"lacks {sorted(missing)}" if missing else ""


def _radii(found: Any, squared: Mapping[str, Any]) -> str:
    for side in "xy":
        right = [float(Fraction(entry)) for entry in squared[side]]
        if len(found[side]) != len(right):
            return f"has {len(found[side])} numbers for the {len(right)} neurons of {side}"
        for k, (radius, square) in enumerate(zip(found[side], right, strict=True)):
            if not abs(float(radius) ** 2 - square) <= SQUARE_TOLERANCE:
                return f"of {side}[{k}] is {radius}, but should be {square**0.5:.9g}"
    return ""


JUDGES: dict[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "maximum_match": lambda found, right: _same(found, right["maximum_match"]),
    "maximum_match_without_dead": lambda found, right: _same(found, right["maximum_match_without_dead"]),
    "similarity": _similarity,
    "simple_matches": _simple,
    "minimal_matches": _minimal,
}
"""What is wrong with an answer to each question, "" if nothing."""
