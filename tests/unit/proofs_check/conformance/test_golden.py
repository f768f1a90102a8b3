"""The golden vectors: recomputed to the byte, valid by their schema, and right by a float route of their own."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spanmatch.proofs_check.conformance import golden, grading
from spanmatch.synthetic import FAMILIES
from spanmatch.theory import Match
from spanmatch.theory.residuals import LeastSquares

TEXT = grading.golden_text()
VECTORS: dict[str, Any] = json.loads(TEXT)
SCHEMA: dict[str, Any] = json.loads(grading.schema_text())
CASES: list[dict[str, Any]] = VECTORS["cases"]


def test_recomputed_bit_for_bit() -> None:
    assert golden.computed_text() == TEXT
    assert len(TEXT.encode()) < 450_000


TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def faults(value: Any, schema: dict[str, Any], place: str = "$") -> list[str]:
    """What a value has against the part of JSON Schema that our schema uses."""
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], place)
    known = {
        "$schema", "$defs", "title", "description", "type", "required", "additionalProperties", "properties", "items",
        "minItems", "minimum", "pattern", "const", "enum",
    }  # fmt: skip
    assert set(schema) <= known, "the schema uses what this test does not read"
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{place} is no {kind}"]
    found = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{place} is not {schema['const']}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place} is none of {schema['enum']}")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{place} is too small")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{place} is of another form")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            found.append(f"{place} is too short")
        found += [f for k, one in enumerate(value) for f in faults(one, schema["items"], f"{place}[{k}]")]
    if isinstance(value, dict):
        properties = schema["properties"]
        found += [f"{place} lacks {name}" for name in schema["required"] if name not in value]
        found += [f"{place} has {name}" for name in value if name not in properties]
        found += [f for n, one in value.items() if n in properties for f in faults(one, properties[n], f"{place}.{n}")]
    return found


def test_schema_describes_the_file() -> None:
    assert faults(VECTORS, SCHEMA) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.pop("version"), "$ lacks version"),
        (lambda file: file["cases"][0]["X"][0].__setitem__(0, "0.5"), "of another form"),
        (lambda file: file["cases"][0]["levels"][0]["maximum_match"]["x"].append(-1), "too small"),
        (lambda file: file["cases"][0].update(extra=1), "has extra"),
        (lambda file: file["cases"].clear(), "too short"),
    ],
)
def test_schema_rejects(spoil: Any, said: str) -> None:
    file = json.loads(TEXT)
    spoil(file)
    assert [fault for fault in faults(file, SCHEMA) if said in fault]


def test_every_family_and_degenerate_case() -> None:
    assert {case["family"] for case in CASES} == {"by hand", *FAMILIES, "sum of parts"}
    sizes = [(case["inputs"], case["neurons"]["x"], case["neurons"]["y"]) for case in CASES]
    assert any(d < m + n for d, m, n in sizes)
    assert any(d < m for d, m, _ in sizes)
    assert any(case["dead"]["x"] and case["dead"]["y"] for case in CASES)
    assert any(case["rank"]["x"] < case["neurons"]["x"] and not case["dead"]["x"] for case in CASES)
    names = {case["name"] for case in CASES}
    assert len(names) == len(CASES)
    assert {"T8", "duplicates", "ties", "three-fifths", "all-dead"} <= names


def by_name(name: str) -> dict[str, Any]:
    return next(case for case in CASES if case["name"] == name)


def test_known_answers() -> None:
    """By hand: T8's example, and a neuron with r = 3/5 exactly."""
    t8 = by_name("T8")["levels"][0]
    assert t8["simple_matches"] == [{"x": [0], "y": [0]}, {"x": [0], "y": [1]}]
    assert t8["maximum_match"] == {"x": [0], "y": [0, 1]}
    fifths = by_name("three-fifths")
    assert fifths["match_radii_squared"] == {"x": ["9/25"], "y": ["9/25"]}
    assert {level["epsilon"]: level["similarity"] for level in fifths["levels"]} == {
        "0": "0", "1/10": "0", "3/10": "0", "1/2": "0", "3/5": "1", "4/5": "1", "9/10": "1",
    }  # fmt: skip
    assert {level["epsilon"]: level["grade"] for level in fifths["levels"]}["3/5"] == "threshold"


def test_grades() -> None:
    """Required is what floats can be held to; the others say why they cannot."""
    grades = {case["name"]: {level["epsilon"]: level["grade"] for level in case["levels"]} for case in CASES}
    assert all(grade == "numerical" for one in grades.values() for epsilon, grade in one.items() if epsilon == "0")
    assert set(grades["scales"].values()) == set(grades["nearly-parallel"].values()) == {"numerical"}
    assert by_name("scales")["grade_of_radii"] == "numerical"
    assert set(grades["large-0"].values()) == {"required"}
    assert min(by_name("large-0")["neurons"].values()) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_floats_agree(case: dict[str, Any]) -> None:
    """Literal least squares in floats, on what is clear of rounding: it shares no arithmetic with the oracle."""
    X, Y = (np.array([[float(Fraction(entry)) for entry in row] for row in case[name]]) for name in "XY")
    geometry = LeastSquares(X, Y)
    for level in case["levels"]:
        if level["grade"] == "required":
            cover = geometry.at(float(Fraction(level["epsilon"])))
            maximum = Match(**level["maximum_match"])
            assert cover.is_match(maximum)
            assert all(cover.is_match(Match(**match)) for match in level.get("simple_matches", ()))
            radii = case["match_radii_squared"]
            reached = Match(*([i for i, r in enumerate(radii[s]) if Fraction(r) <= Fraction(level["epsilon"]) ** 2]
                              for s in "xy"))  # fmt: skip
            assert reached == maximum
    assert any(level["grade"] == "required" for level in case["levels"]) or case["grade_of_radii"] == "numerical"


def test_the_noisy_digraph_has_its_simple_matches() -> None:
    case = by_name("noisy-digraph")
    found = [sorted(len(match["x"]) for match in level.get("simple_matches", ())) for level in case["levels"]]
    assert found == [[1, 2, 2, 3, 4, 5, 9, 11, 23]] * 2 + [[]] * 5
    assert {level["grade"] for level in case["levels"]} == {"required"}
    assert min(case["neurons"].values()) > 23


def test_disagreement_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golden.exact, "max_match", lambda X, Y, epsilon, **_: Match())
    with pytest.raises(ArithmeticError, match="maximum at 0: one route says"):
        golden.golden_vectors()


def test_golden_folder_holds_nothing_else() -> None:
    assert {path.name for path in Path(grading.FOLDER).iterdir()} == {"vectors.json", "schema.json"}
