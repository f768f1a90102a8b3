"""Large sets, long peels and close decisions: what an implementation that is right on small cases may get wrong.

A large set is an orthogonal sum of small integer parts: the residual of a neuron depends on the neurons of its own part
alone, so matches, radii and minimal matches are those of the parts, which the exact oracle decides. The order of the
neurons, their lengths and the inputs are then changed without changing a match (T12).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
import scipy.linalg
from hypothesis import assume
from hypothesis import strategies as st

from ...algorithms.exact import ExactGeometry
from ...algorithms.minimal import minimum_matches
from ...algorithms.peeling import peel_radii
from ...synthetic.strategies.small import Integers
from ...theory.matches import Match, Neuron
from .capabilities import Capabilities
from .cases import ask_only_able, maximum_of, ordinary
from .margins import CLEAR, CLOSE, MarginRecorder, radius_margin
from .questions import MaximumQuestion, MinimalQuestion, Question, RadiiQuestion

BEYOND = 20
"""The right answer takes in and leaves out neurons after this many on both sides."""

LARGE_MINIMAL = 8
"""Neurons that a large minimal match has, at least."""

_FACTORS = (1, 1, 1, 2, -1, -3)

Pick = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True, eq=False)
class Part:
    """Small integer activations with all their squared match radii, exactly."""

    X: Integers
    Y: Integers
    oracle: ExactGeometry
    radii: dict[Neuron, Fraction]

    @classmethod
    def of(cls, X: Integers, Y: Integers) -> Part:
        oracle = ExactGeometry(X, Y)
        return cls(X, Y, oracle, peel_radii(oracle))


@dataclass(frozen=True, eq=False)
class Sum:
    """The orthogonal sum of ``parts``; ``origins``: where each neuron of the sum is from."""

    parts: tuple[Part, ...]
    X: Integers
    Y: Integers
    origins: dict[Neuron, tuple[int, Neuron]]

    @property
    def radii(self) -> dict[Neuron, Fraction]:
        return {v: self.parts[part].radii[u] for v, (part, u) in self.origins.items()}

    def match(self, part: int, found: Match) -> Match:
        """A match of one part as one of the sum."""
        return Match.of(v for v, (number, u) in self.origins.items() if number == part and u in found)


@lru_cache(maxsize=64)
def staircase_part(length: int, long: int, short: int, flipped: bool) -> Part:
    """A path of ``length`` neurons, odd ones in X and even ones in Y (the other way round if ``flipped``).

    Neuron k is (long, short) on inputs k and k + 1, the last one is on its input alone. So neurons of one side are
    orthogonal, neighbours have cosine c = long short / (long^2 + short^2), and 1 - r^2 of a neuron with one neighbour
    left is c^2, of the last one short^2 / (long^2 + short^2) > c^2. Between the two, neuron after neuron is peeled
    from the front, each only when the one before it is gone, until the last two are left.
    """
    path = long * np.eye(length, dtype=np.int64) + short * np.eye(length, k=-1, dtype=np.int64)
    path[-1, -1] = 1
    X, Y = path[:, ::2], path[:, 1::2]
    return Part.of(Y, X) if flipped else Part.of(X, Y)


def private_part() -> Part:
    """A neuron of each side that nothing of the other side predicts."""
    return Part.of(np.array([[1], [0]]), np.array([[0], [1]]))


@lru_cache(maxsize=64)
def noisy_part(directions: int, p: int, q: int, seed: int) -> Part:
    """p and q neurons near the same ``directions``: those of Y have an input each of their own besides."""
    rng = np.random.default_rng([directions, p, q, seed])
    X, Y = (rng.integers(1, 4, (directions, size)) * rng.choice([-1, 1], (directions, size)) for size in (p, q))
    own = np.diag(rng.integers(1, 4, q))
    return Part.of(np.vstack([X, np.zeros((q, p), dtype=np.int64)]), np.vstack([Y, own]))


@lru_cache(maxsize=16)
def slow_part(size: int, noisy: int) -> Part:
    """``size`` neurons per side: those of X are inputs, those of Y sums of sums of the inputs from one on.

    The first ``noisy`` of X have an input of their own besides. The columns of Y are far from orthogonal, with singular
    values spread over a factor of several hundred, so that an iterative solver needs as many steps as neurons.
    """
    X, sums = 2 * np.eye(size, dtype=np.int64), np.tril(np.ones((size, size), dtype=np.int64))
    Y = sums @ sums
    own = np.eye(noisy, size, dtype=np.int64)
    return Part.of(np.vstack([X, own]), np.vstack([Y, np.zeros_like(own)]))


@lru_cache(maxsize=64)
def spanning_part(size: int, downstream: int, epsilon: Fraction, seed: int) -> tuple[Part, dict[Neuron, Match]]:
    """``size`` neurons per side that span the same directions, and those minimal matches of it that are the only ones.

    The first ``downstream`` neurons of both sides span the same, so that they match without the others.
    """
    for attempt in range(1000):
        rng = np.random.default_rng([size, downstream, seed, attempt])
        X, C = (rng.integers(-3, 4, (size, size)) for _ in range(2))
        C[downstream:, :downstream] = 0
        if all(np.linalg.matrix_rank(Z) == size for Z in (X, C)):
            part = Part.of(X, X @ C)
            minimal = _clear_minimal(part.oracle, epsilon)
            if max(map(len, minimal.values()), default=0) >= LARGE_MINIMAL:
                return part, minimal
    raise RuntimeError("no part with a large minimal match in 1000 draws")  # pragma: no cover


def _clear_minimal(oracle: ExactGeometry, epsilon: Fraction) -> dict[Neuron, Match]:
    """The minimal matches of neurons that have no other (T20); none where a residual of any pair is near epsilon."""
    recorder = MarginRecorder(oracle, epsilon)
    for side, own, others in (("x", oracle.m, oracle.n), ("y", oracle.n, oracle.m)):
        for count in range(others + 1):
            for chosen in combinations(range(others), count):
                recorder.residuals(side, range(own), chosen)  # type: ignore[arg-type]
    return {} if recorder.margin <= CLEAR else minimum_matches(oracle.at(epsilon))


def evenly(draw: st.DrawFn) -> Pick:
    """Picks from one random seed: hypothesis repeats itself, for which large questions are too few."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return lambda options: options[int(rng.integers(len(options)))]


def summed(pick: Pick, parts: Sequence[Part]) -> Sum:
    """The sum of the parts, shuffled and scaled; sometimes reflected, so that every input sees every part."""
    rng = np.random.default_rng(pick(range(2**32)))
    sides, origins = [], {}
    for side in ("x", "y"):
        columns = [(k, Neuron(side, i)) for k, part in enumerate(parts) for i in range(_size(part, side))]
        order = rng.permutation(len(columns))
        Z = scipy.linalg.block_diag(*(part.X if side == "x" else part.Y for part in parts)).astype(np.int64)
        sides.append(Z[:, order] * rng.choice(_FACTORS, len(order)))
        origins.update({Neuron(side, at): columns[k] for at, k in enumerate(order.tolist())})
    if pick((False, True)):
        # n times the reflection in the hyperplane orthogonal to (1, ..., 1): integers stay integers.
        sides = [len(Z) * Z - 2 * Z.sum(axis=0) for Z in sides]
    return Sum(tuple(parts), sides[0], sides[1], origins)


def _size(part: Part, side: str) -> int:
    return part.oracle.m if side == "x" else part.oracle.n


def middling(squares: Collection[Fraction]) -> list[float]:
    """The radii from a tenth to below 1, of which there must be one."""
    radii = sorted({float(square) ** 0.5 for square in squares if Fraction(1, 100) <= square < 1})
    assume(radii)
    return radii


def maximum_question(whole: Sum, epsilon: Fraction, can: Capabilities) -> MaximumQuestion:
    """The maximum match, where no radius is near epsilon."""
    ask_only_able(whole.X, whole.Y, epsilon, can)
    assume(min(radius_margin(part.radii, part.oracle, epsilon) for part in whole.parts) > CLEAR)
    right = Match.of(v for v, square in whole.radii.items() if square <= epsilon**2)
    return MaximumQuestion(whole.X, whole.Y, epsilon, right)


def able(sizes: tuple[int, int], can: Capabilities) -> None:
    """Turns a set of these sizes away before anything is computed about it."""
    assume(sum(sizes) <= can.most_neurons)


def staircases(draw: st.DrawFn, can: Capabilities) -> Question:
    """17 to 20 neurons per side, of which all but two go one by one: at least 16 rounds of both sides."""
    pick = evenly(draw)
    length = 2 * pick(range(17, 21))
    able((length // 2, length // 2), can)
    whole = summed(pick, [staircase_part(length, *pick([(2, 1), (1, 1), (3, 2)]), pick((False, True)))])
    lowest, highest = sorted(set(whole.radii.values()))
    least, largest = float(lowest) ** 0.5, float(highest) ** 0.5
    epsilon = Fraction(pick([(least + largest) / 2, least * (1 + CLOSE), largest * (1 - CLOSE)]))
    return maximum_question(whole, epsilon, can)


def large_sum(pick: Pick, can: Capabilities) -> Sum:
    """40 to 64 neurons per side: noisy parts, a short staircase, private neurons."""
    able((40, 40), can)
    shapes = [(3, 4, 4), (4, 5, 6), (4, 6, 5), (2, 4, 3), (5, 5, 5)]
    parts = [staircase_part(12, 2, 1, pick((False, True))), private_part(), private_part()]
    wanted = pick(range(40, 57))
    while min(sum(_size(part, side) for part in parts) for side in ("x", "y")) < wanted:
        parts.append(noisy_part(*pick(shapes), pick(range(4))))
    assume(max(sum(_size(part, side) for part in parts) for side in ("x", "y")) <= 64)
    return summed(pick, parts)


def large_sets(draw: st.DrawFn, can: Capabilities) -> Question:
    pick = evenly(draw)
    whole = large_sum(pick, can)
    radii = middling(whole.radii.values())
    k = pick(range(len(radii)))
    half_way = (radii[k] + [*radii, 1.0][k + 1]) / 2
    epsilon = Fraction(pick([half_way, radii[k] * (1 - CLOSE), radii[k] * (1 + CLOSE)]))
    question = maximum_question(whole, epsilon, can)
    for own, size in ((question.right.x, question.sizes[0]), (question.right.y, question.sizes[1])):
        assume(max(own, default=0) >= BEYOND and set(range(BEYOND, size)) - own)
    return question


def many_predictors(draw: st.DrawFn, can: Capabilities) -> Question:
    """Neurons that twelve to fifteen of the other side predict together, none of which does much alone."""
    able((13, 13), can)
    pick = evenly(draw)
    p, q = (13 + pick(range(3)) for _ in range(2))
    return _half_way(pick, summed(pick, [noisy_part(12, p, q, pick(range(3)))]), can)


def slow_convergence(draw: st.DrawFn, can: Capabilities) -> Question:
    """Predictors of a condition number of several hundred, all of which are needed."""
    able((24, 24), can)
    pick = evenly(draw)
    size = pick((22, 24, 26))
    return _half_way(pick, summed(pick, [slow_part(size, pick((0, size // 2, size))), private_part()]), can)


def _half_way(pick: Pick, whole: Sum, can: Capabilities) -> MaximumQuestion:
    """At an epsilon in the middle between two radii."""
    radii = sorted({0.0, 0.98, *(float(square) ** 0.5 for square in whole.radii.values() if square < 1)})
    k = pick([k for k in range(len(radii) - 1) if radii[k + 1] - radii[k] > CLEAR])
    return maximum_question(whole, Fraction((radii[k] + radii[k + 1]) / 2), can)


def large_radii(draw: st.DrawFn, can: Capabilities) -> Question:
    whole = large_sum(evenly(draw), can)
    ask_only_able(whole.X, whole.Y, 1, can)
    found = {v: min(1.0, float(square) ** 0.5) for v, square in whole.radii.items()}
    x, y = ([found[v] for v in sorted(found) if v.side == side] for side in ("x", "y"))
    return RadiiQuestion(whole.X, whole.Y, 0, (x, y))


def large_minimal(draw: st.DrawFn, can: Capabilities) -> Question:
    """A neuron whose only minimal match has at least 8 neurons, in a maximum match that has at least 8 others."""
    able((10, 10), can)
    pick = evenly(draw)
    epsilon = pick([Fraction(1, 20), Fraction(1, 10), Fraction(1, 5)])
    sizes = [pick([(4, 0), (5, 0), (5, 2), (6, 0)]) for _ in range(pick((2, 3)))]
    found = [spanning_part(*size, epsilon, pick(range(4))) for size in sizes]
    whole = summed(pick, [*(part for part, _ in found), private_part()])
    ask_only_able(whole.X, whole.Y, epsilon, can)
    known = {
        v: whole.match(part, found[part][1][u])
        for v, (part, u) in whole.origins.items()
        if part < len(found) and len(found[part][1].get(u, ())) >= LARGE_MINIMAL
    }
    neuron = pick(sorted(known))
    return MinimalQuestion(whole.X, whole.Y, epsilon, neuron, (known[neuron],))


def close_decisions(draw: st.DrawFn, can: Capabilities) -> Question:
    """Small integers at an epsilon beside one of their match radii."""
    case = draw(ordinary())
    radii = middling(Part.of(case.X, case.Y).radii.values())
    epsilon = Fraction(draw(st.sampled_from(radii)) * (1 + draw(st.sampled_from([-CLOSE, CLOSE]))))
    return MaximumQuestion(case.X, case.Y, epsilon, maximum_of(case.X, case.Y, epsilon, can))
