"""Golden vectors: small cases with exact rational inputs and exact answers, for implementations in any language.

``vectors/vectors.json`` holds them, ``schema.json`` beside it describes them; ``spanmatch golden`` writes them again,
and a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ...algorithms import exact
from ...algorithms.exact import ExactGeometry
from ...synthetic import generate
from ...synthetic.planted import SMALL
from ...theory.brute_force import brute_force
from ...theory.matches import Match
from ..harness.margins import CLEAR, MarginRecorder

VERSION = 1
FOLDER = Path(__file__).resolve().parent / "vectors"
EPSILONS = tuple(Fraction(text) for text in ("0", "1/10", "3/10", "1/2", "3/5", "4/5", "9/10"))
MOST_NEURONS, MOST_INPUTS = 10, 16

Rows = list[list[Fraction]]


@dataclass(frozen=True)
class Golden:
    """One case: X and Y as rows of fractions, a row an input."""

    name: str
    family: str
    about: str
    X: Rows
    Y: Rows
    epsilons: tuple[Fraction, ...] = EPSILONS


def _rows(columns: list[list[Any]]) -> Rows:
    """From the neurons, each a list of its activations."""
    return [[Fraction(entry) for entry in row] for row in zip(*columns, strict=True)]


def _by_hand() -> Iterator[Golden]:
    def case(name: str, about: str, x: list[list[Any]], y: list[list[Any]], *more: Fraction) -> Golden:
        return Golden(name, "by hand", about, _rows(x), _rows(y), tuple(sorted({*EPSILONS, *more})))

    yield case("T8", "two equal partners: minimal matches are not unique", [[3, 4]], [[3, 4], [3, 4]])
    yield case("same-line", "one input: every live neuron spans it", [[2], [-3]], [[5]])
    yield case("orthogonal", "nothing matches below 1", [[1, 0]], [[0, 1]])
    yield case("three-fifths", "r = 3/5 on both sides: the threshold itself", [[4, 3]], [[1, 0]])
    yield case("four-fifths", "r = 4/5 on both sides", [[3, 4]], [[1, 0]])
    yield case("one-half", "r = 1/2, a binary fraction", [[1, 1, 1, 1]], [[1, 1, 1, 0]])
    yield case("dead", "a dead neuron on each side", [[1, 0, 0], [0, 0, 0]], [[0, 0, 0], [1, 1, 0]])
    yield case("all-dead", "nothing but dead neurons", [[0, 0]], [[0, 0], [0, 0]])
    yield case("one-side-dead", "live neurons against dead ones", [[1, 2]], [[0, 0]])
    yield case(
        "duplicates", "copies within and across the networks",
        [[1, 2, 0], [1, 2, 0], [0, 0, 1]], [[-2, -4, 0], [0, 1, 1]],
    )  # fmt: skip
    yield case(
        "rank-deficient", "three neurons in a plane",
        [[1, 0, 0], [0, 1, 0], [1, 1, 0]], [[1, 2, 0], [2, 1, 0], [0, 0, 1]],
    )  # fmt: skip
    yield case("few-inputs", "fewer inputs than neurons of both sides", [[1, 2], [3, 1], [0, 1]], [[1, 1], [1, -1]])
    yield case("ties", "all match radii equal", [[1, 0, 1, 0], [0, 1, 0, 1]], [[1, 0, 0, 0], [0, 1, 0, 0]])
    yield case(
        "scales", "neurons of very different lengths", [["1000000000000", 0, 0], [0, "1/1000000000000", 0]],
        [["1/7", "2/7", 0], [0, 0, -5]],
    )  # fmt: skip
    yield case(
        "cascade", "each removal uncovers the next neuron, also at epsilon 0",
        [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]], [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
    )  # fmt: skip
    yield case(
        "chain", "a path that the peel takes one neuron at a time",
        [[2, 1, 0, 0, 0, 0], [0, 0, 2, 1, 0, 0], [0, 0, 0, 0, 2, 1]],
        [[0, 2, 1, 0, 0, 0], [0, 0, 0, 2, 1, 0], [0, 0, 0, 0, 0, 1]],
    )  # fmt: skip
    yield case(
        "nearly-parallel", "two neurons that differ by a millionth", [[1, 0, 0], [1, "1/1000000", 0]],
        [[0, 1, 0], [1, 0, 0]],
    )  # fmt: skip


def _by_family() -> Iterator[Golden]:
    for family, parameters in SMALL.items():
        planted = generate(family, seed=1, parameters=parameters)
        about = f"at most {MOST_INPUTS} inputs and {MOST_NEURONS // 2} neurons per side, floats rounded to 64ths"
        X, Y = (_short(Z[:MOST_INPUTS, : MOST_NEURONS // 2]) for Z in planted.matrices)
        yield Golden(f"family-{family}", family, about, X, Y)


def _short(Z: Any) -> Rows:
    """Integers as they are, floats rounded to 64ths: the answers are those of the numbers written down."""
    if not np.array_equal(Z, np.rint(Z)):
        Z = np.rint(64 * np.asarray(Z, dtype=np.float64)) / 64
    return [[Fraction(float(entry)) for entry in row] for row in Z]


def golden_cases() -> tuple[Golden, ...]:
    """All cases, in their order in the file."""
    return (*_by_hand(), *_by_family())


def golden_vectors() -> dict[str, Any]:
    """The content of the file, every answer computed anew by two routes.

    *Raises* ``ArithmeticError`` when brute force over all pairs of subsets and the exact algorithms differ.
    """
    return {
        "format": "spanmatch golden vectors",
        "version": VERSION,
        "conventions": "indices from 0; X and Y as rows, one an input, one column a neuron; numbers are integers or "
        "fractions as strings; dead neurons match (D1) unless a name says otherwise",
        "cases": [_answered(case) for case in golden_cases()],
    }


def _answered(case: Golden) -> dict[str, Any]:
    X, Y = (np.array(side, dtype=object) for side in (case.X, case.Y))
    radii = exact.match_radii(X, Y)
    geometry = ExactGeometry(X, Y)
    return {
        "name": case.name,
        "family": case.family,
        "about": case.about,
        "inputs": len(X),
        "neurons": {"x": X.shape[1], "y": Y.shape[1]},
        "X": [[str(entry) for entry in row] for row in case.X],
        "Y": [[str(entry) for entry in row] for row in case.Y],
        "dead": _indices(geometry.dead),
        "rank": {"x": geometry.rank("x"), "y": geometry.rank("y")},
        "match_radii_squared": {"x": [str(r) for r in radii.x], "y": [str(r) for r in radii.y]},
        "levels": [_level(X, Y, epsilon) for epsilon in case.epsilons],
    }


def _level(X: Any, Y: Any, epsilon: Fraction) -> dict[str, Any]:
    recorder = MarginRecorder(ExactGeometry(X, Y), epsilon)
    truth = brute_force(recorder.at(epsilon))
    algorithms: dict[str, tuple[Any, Any]] = {
        "maximum": (truth.maximum, exact.max_match(X, Y, epsilon)),
        "by radius": (truth.maximum, exact.match_radii(X, Y).max_match(epsilon)),
        "simple": (set(truth.simple), set(exact.simple_matches(X, Y, epsilon).matches)),
    }
    for what, (one, other) in algorithms.items():
        if one != other:
            raise ArithmeticError(f"{what} at {epsilon}: brute force says {one}, the exact algorithm {other}")
    return {
        "epsilon": str(epsilon),
        "clear_of_rounding": recorder.margin > CLEAR and epsilon > 0,
        "maximum_match": _indices(truth.maximum),
        "maximum_match_without_dead": _indices(exact.max_match(X, Y, epsilon, dead_neurons="unmatched")),
        "similarity": str(exact.similarity(X, Y, epsilon)),
        "simple_matches": [_indices(match) for match in truth.simple],
        "minimal_matches": [
            {"side": v.side, "index": v.index, "matches": [_indices(match) for match in matches]}
            for v, matches in truth.minimal.items()
        ],
    }


def _indices(match: Match) -> dict[str, list[int]]:
    return {"x": sorted(match.x), "y": sorted(match.y)}


def golden_text() -> str:
    """The file: one line for each array of numbers."""
    return _compact(golden_vectors()) + "\n"


def _compact(value: Any, indent: str = "") -> str:
    """JSON with a line for each entry of a large list or dict."""
    short = json.dumps(value, ensure_ascii=False)
    if len(short) + len(indent) <= 110 or not isinstance(value, list | dict):
        return short
    inner = indent + " "
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + _compact(one, inner) for one in value) + f"\n{indent}]"
    entries = [f"{inner}{json.dumps(key)}: {_compact(one, inner)}" for key, one in value.items()]
    return "{\n" + ",\n".join(entries) + f"\n{indent}}}"


def schema_text() -> str:
    """The JSON schema of the file."""
    return (FOLDER / "schema.json").read_text(encoding="utf-8")
