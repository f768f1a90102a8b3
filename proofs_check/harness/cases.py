"""What is asked about, and the right answers: by the exact oracle and by brute force.

Only ``with_dead`` makes dead neurons, so that an implementation with another policy fails on these alone.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from ...algorithms.exact import ExactGeometry
from ...algorithms.peeling import batch_peel, peel_radii
from ...synthetic.strategies.activations import activation_cases
from ...synthetic.strategies.small import Case
from ...synthetic.strategies.transformed import Change
from ...theory.brute_force import BruteForce, brute_force
from ...theory.matches import Match, Neuron
from ...theory.residuals import unit_columns
from .answers import Counterexample
from .capabilities import Capabilities
from .margins import CLEAR, MarginRecorder, radius_margin
from .questions import MinimalQuestion, RadiiQuestion, SimpleQuestion

MOST_FOR_BRUTE_FORCE = 8


def ask_only_able(X: Any, Y: Any, epsilon: Fraction | float, can: Capabilities) -> None:
    """Turns away what the implementation has said that it cannot be asked."""
    assume(X.shape[1] + Y.shape[1] <= can.most_neurons and epsilon >= can.smallest_epsilon)
    if can.rank_tolerance:
        assume(all(_least_singular_value(Z) > 10 * can.rank_tolerance for Z in (X, Y)))


def _least_singular_value(Z: Any) -> float:
    """The least one of the unit columns that is not rounding."""
    values = np.linalg.svd(unit_columns(np.asarray(Z, dtype=np.float64))[0], compute_uv=False)
    return float(min((s for s in values if s > 1e-12), default=1.0))


def _radii(X: Any, Y: Any, can: Capabilities) -> tuple[ExactGeometry, dict[Neuron, Fraction]]:
    oracle = ExactGeometry(X, Y, dead_neurons=can.dead_neurons)
    return oracle, peel_radii(oracle)


def maximum_of(X: Any, Y: Any, epsilon: Fraction, can: Capabilities) -> Match:
    """M(epsilon) by the exact oracle, where no match radius is near epsilon."""
    ask_only_able(X, Y, epsilon, can)
    oracle, radii = _radii(X, Y, can)
    assume(radius_margin(radii, oracle, epsilon) > CLEAR)
    by_radius = Match.of(v for v, square in radii.items() if square <= epsilon**2)
    if by_radius != (peeled := batch_peel(oracle.at(epsilon))):
        raise Counterexample(f"T6 fails: at {epsilon} peeling (T4) ends at {peeled}, the radii give {by_radius}")
    return by_radius


def radii_question(X: Any, Y: Any, can: Capabilities) -> RadiiQuestion:
    ask_only_able(X, Y, 1, can)
    oracle, radii = _radii(X, Y, can)
    found = {v: min(1.0, oracle.relative(square)) for v, square in radii.items()}
    x, y = ([found[v] for v in sorted(found) if v.side == side] for side in "xy")
    return RadiiQuestion(X, Y, 0, (x, y), counted=counted(X, Y, can))


def counted(X: Any, Y: Any, can: Capabilities) -> int:
    """How many neurons the similarity counts: without dead ones where these are dropped."""
    if can.dead_neurons != "drop":
        return int(X.shape[1] + Y.shape[1])
    return sum(int(Z.any(axis=0).sum()) for Z in (X, Y))


def everything_about(X: Any, Y: Any, epsilon: Fraction, can: Capabilities) -> BruteForce:
    """All matches by brute force, where no residual of any pair is near epsilon."""
    ask_only_able(X, Y, epsilon, can)
    assume(X.shape[1] + Y.shape[1] <= MOST_FOR_BRUTE_FORCE)
    X, Y = np.ascontiguousarray(X), np.ascontiguousarray(Y)
    truth, margin = _brute_force(X.tobytes(), Y.tobytes(), str(X.dtype), len(X), epsilon, can)
    assume(margin > CLEAR)
    return truth


@lru_cache(maxsize=2000)
def _brute_force(
    x: bytes, y: bytes, dtype: str, inputs: int, epsilon: Fraction, can: Capabilities
) -> tuple[BruteForce, float]:
    X, Y = (np.frombuffer(Z, dtype=dtype).reshape(inputs, -1) for Z in (x, y))
    recorder = MarginRecorder(ExactGeometry(X, Y, dead_neurons=can.dead_neurons), epsilon)
    return brute_force(recorder.at(epsilon)), recorder.margin


def minimal_question(
    draw: st.DrawFn, X: Any, Y: Any, epsilon: Fraction, can: Capabilities, among: Collection[Neuron] = ()
) -> MinimalQuestion:
    """About one neuron, of these or of all."""
    truth = everything_about(X, Y, epsilon, can)
    neuron = draw(st.sampled_from(sorted(among or Match.everything(X.shape[1], Y.shape[1]))))
    return MinimalQuestion(X, Y, epsilon, neuron, truth.minimal.get(neuron, (None,)))


def simple_question(X: Any, Y: Any, epsilon: Fraction, can: Capabilities) -> SimpleQuestion:
    return SimpleQuestion(X, Y, epsilon, everything_about(X, Y, epsilon, can).simple)


def alive(*sides: Any) -> bool:
    return all(Z.any(axis=0).all() for Z in sides)


def positive(epsilon: Fraction) -> Fraction:
    """An epsilon for cases made for 0 that rounding does not touch."""
    return epsilon or Fraction(1, 10)


@st.composite
def ordinary(draw: st.DrawFn) -> Case:
    """Small integers without dead neurons, epsilon > 0."""
    case = draw(activation_cases())
    X, Y = (Z[:, Z.any(axis=0)] for Z in (case.X, case.Y))
    assume(X.size and Y.size)
    return Case(X, Y, positive(case.epsilon))


@st.composite
def with_dead(draw: st.DrawFn) -> Case:
    """The same with one or two dead neurons."""
    case = draw(ordinary())
    sides = [case.X, case.Y]
    for _ in range(draw(st.integers(1, 2))):
        side = draw(st.integers(0, 1))
        sides[side] = np.insert(sides[side], draw(st.integers(0, sides[side].shape[1])), 0, axis=1)
    return Case(sides[0], sides[1], case.epsilon)


@st.composite
def scaled(draw: st.DrawFn, factors: tuple[float, ...]) -> Change:
    """Every neuron of a case times a factor of its own."""
    case = draw(ordinary())
    X, Y = (
        Z * np.array(draw(st.lists(st.sampled_from(factors), min_size=Z.shape[1], max_size=Z.shape[1])))
        for Z in (case.X, case.Y)
    )
    origins = [tuple(v for v in Match.everything(X.shape[1], Y.shape[1]) if v.side == side) for side in "xy"]
    return Change(case, X, Y, (origins[0], origins[1]))


MODERATE = (1.0, -1.0, 2.0, -3.0, 7.0, 2.0**-10, 2.0**10)
EXTREME = (1.0, -3.0, 2.0**-20, -(2.0**20), 2.0**-100, 2.0**100)


@st.composite
def spanning(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two sides that span all of their one to three inputs, neither with dead neurons; some neurons dependent."""
    inputs = draw(st.integers(1, 3))
    sides = []
    for _ in range(2):
        entries = draw(st.lists(st.integers(-2, 2), min_size=inputs * inputs, max_size=inputs * inputs))
        basis = np.tril(np.array(entries).reshape(inputs, inputs), -1) + np.eye(inputs, dtype=np.int64)
        further = [basis[:, [k]] * 2 for k in draw(st.lists(st.integers(0, inputs - 1), max_size=1))]
        Z = np.hstack([basis, *further])
        sides.append(Z[:, draw(st.permutations(range(Z.shape[1])))])
    return sides[0], sides[1]
