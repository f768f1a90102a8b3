"""Golden vectors: cases with exact rational inputs and exact answers, for implementations in any language.

``vectors/vectors.json`` holds them, ``schema.json`` beside it describes them; ``spanmatch golden`` copies both, and a
test computes them again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from ...algorithms import exact
from ...algorithms.exact import ExactGeometry
from ...synthetic import generate
from ...synthetic.planted import SMALL, SimpleLevel
from ...theory.brute_force import brute_force
from ...theory.matches import Match, sort_key
from ..harness.capabilities import Capabilities
from ..harness.large import large_sum
from ..harness.margins import CLEAR, MarginRecorder

VERSION = 2
EPSILONS = tuple(Fraction(text) for text in ("0", "1/10", "3/10", "1/2", "3/5", "4/5", "9/10"))
MOST_NEURONS, MOST_INPUTS = 10, 16
COARSE, MIDDLE, FINE = 64, 2**12, 2**20
"""Floats are rounded to 64ths; finer where that would be more than the noise."""
LARGE_SEEDS = (0, 1)
WIDE = 0.02
"""Large sets are asked in the middle of gaps between radii that are wider."""

LONGEST_RATIO, SMALLEST_DIRECTION = 1e6, 1e-4
"""Where a side's lengths differ by more, or its unit columns have a smaller positive singular value, rounding may hide
the right answer."""

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
    enumerated: bool = True
    """Whether it is small enough for brute force, and so has simple and minimal matches."""
    planted: SimpleLevel | None = None
    """The simple matches of a set that is too large for brute force, where they are known by construction."""


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
        parts = FINE if family == "noisy" else COARSE
        about = f"at most {MOST_INPUTS} inputs and {MOST_NEURONS // 2} neurons per side, floats rounded to {parts}ths"
        X, Y = (_short(Z[:MOST_INPUTS, : MOST_NEURONS // 2], parts) for Z in planted.matrices)
        yield Golden(f"family-{family}", family, about, X, Y)


def _short(Z: Any, parts: int) -> Rows:
    """Integers as they are, floats rounded: the answers are those of the numbers written down."""
    if not np.array_equal(Z, np.rint(Z)):
        Z = np.rint(parts * np.asarray(Z, dtype=np.float64)) / parts
    return [[Fraction(float(entry)) for entry in row] for row in Z]


def _large() -> Iterator[Golden]:
    """Too many neurons for brute force: sums of small parts, whose answers are those of the parts."""
    for seed in LARGE_SEEDS:
        whole = large_sum(random.Random(seed).choice, Capabilities())
        radii = sorted({float(square) ** 0.5 for square in whole.radii.values() if square < 1} | {0.0, 1.0})
        between = tuple(Fraction(round(512 * (a + b)), 1024) for a, b in pairwise(radii) if b - a > WIDE)
        X, Y = ([[Fraction(int(entry)) for entry in row] for row in Z] for Z in (whole.X, whole.Y))
        about = "orthogonal parts in one set: noisy combinations, a staircase, private neurons"
        yield Golden(f"large-{seed}", "sum of parts", about, X, Y, between, enumerated=False)


def _noisy_digraph() -> Iterator[Golden]:
    """Simple matches of many sizes at epsilon > 0, in a set of real numbers."""
    planted = generate("noisy", seed=1, parameters={"inputs": 56, "components": [3, 2, 4, 1, 3, 2, 5, 1, 2]})
    X, Y = (_short(Z, MIDDLE) for Z in planted.matrices)
    (level,) = planted.simple
    among = Fraction(round(1024 * (level.low + level.high)), 2048)
    about = f"nine components in a tree, with noise; floats rounded to {MIDDLE}ths"
    epsilons = (among, *(epsilon for epsilon in EPSILONS if epsilon > among))
    yield Golden("noisy-digraph", "noisy", about, X, Y, epsilons, enumerated=False, planted=level)


def golden_cases() -> tuple[Golden, ...]:
    """All cases, in their order in the file."""
    return (*_by_hand(), *_by_family(), *_large(), *_noisy_digraph())


def golden_vectors() -> dict[str, Any]:
    """The content of the file, every answer computed anew by two routes.

    *Raises* ``ArithmeticError`` when the two differ: brute force over all pairs of subsets and the exact algorithms, or
    the peel and the radii of large sets, their construction and the exact search for simple matches.
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
    radii, geometry = exact.match_radii(X, Y), ExactGeometry(X, Y)
    grade: Grade = "required" if well_posed(X) and well_posed(Y) else "numerical"
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
        "grade_of_radii": grade,
        "match_radii_squared": {"x": [str(r) for r in radii.x], "y": [str(r) for r in radii.y]},
        "levels": [_level(case, X, Y, radii, epsilon, grade) for epsilon in case.epsilons],
    }


Grade = Literal["required", "numerical", "threshold"]
"""The level of the conformance kit at which such a question is asked."""


def _level(case: Golden, X: Any, Y: Any, radii: Any, epsilon: Fraction, grade_of_radii: Grade) -> dict[str, Any]:
    maximum = exact.max_match(X, Y, epsilon)
    found: dict[str, Any] = {}
    if case.enumerated:
        recorder = MarginRecorder(ExactGeometry(X, Y), epsilon)
        truth = brute_force(recorder.at(epsilon))
        margin = recorder.margin
        _agree("maximum", epsilon, truth.maximum, maximum)
        _agree("simple matches", epsilon, set(truth.simple), set(exact.simple_matches(X, Y, epsilon).matches))
        found["simple_matches"] = [_indices(match) for match in truth.simple]
        found["minimal_matches"] = [
            {"side": v.side, "index": v.index, "matches": [_indices(match) for match in matches]}
            for v, matches in truth.minimal.items()
        ]
    else:
        margin = min(abs(float(square) ** 0.5 - float(epsilon)) for square in (*radii.x, *radii.y))
        if case.planted and case.planted.low < epsilon < case.planted.high:
            simple = exact.simple_matches(X, Y, epsilon).matches
            _agree("planted simple matches", epsilon, set(case.planted.matches), set(simple))
            found["simple_matches"] = [_indices(match) for match in sorted(simple, key=sort_key)]
    _agree("maximum by radius", epsilon, radii.max_match(epsilon), maximum)
    clear: Grade = grade_of_radii if margin > CLEAR else "threshold"
    grade = clear if epsilon else "numerical"
    return {
        "epsilon": str(epsilon),
        "grade": grade,
        "maximum_match": _indices(maximum),
        "maximum_match_without_dead": _indices(exact.max_match(X, Y, epsilon, dead_neurons="unmatched")),
        "similarity": str(exact.similarity(X, Y, epsilon)),
        **found,
    }


def _agree(what: str, epsilon: Fraction, one: Any, other: Any) -> None:
    if one != other:
        raise ArithmeticError(f"{what} at {epsilon}: one route says {one}, the other {other}")


def well_posed(Z: Any) -> bool:
    """Whether float64 can be held to this side: neurons of like lengths, none nearly a combination of others."""
    columns = np.array([[float(entry) for entry in row] for row in Z])
    lengths = np.linalg.norm(columns, axis=0)
    live = lengths > 0
    if not live.any():
        return True
    values = np.linalg.svd(columns[:, live] / lengths[live], compute_uv=False)
    positive = values[values > 1e-12 * values[0]]
    return bool(lengths[live].max() <= LONGEST_RATIO * lengths[live].min() and positive.min() >= SMALLEST_DIRECTION)


def _indices(match: Match) -> dict[str, list[int]]:
    return {"x": sorted(match.x), "y": sorted(match.y)}


def computed_text() -> str:
    """The file, computed anew: one line for each array of numbers."""
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
