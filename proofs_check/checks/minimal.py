"""Minimal and simple matches (D5, D6, T7-T10, T19): against brute force over all pairs of subsets, and the graph."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from ...algorithms.exact import ExactGeometry
from ...synthetic.strategies.independent import independent_cases
from ...synthetic.strategies.small import Case, Integers
from ...synthetic.strategies.stable import nearly_exact_cases
from ...theory.brute_force import BruteForce
from ...theory.graph import closed_sets, coefficient_edges, cover_edges, reachable
from ...theory.independence import Stability, squared_sine, stable_up_to
from ...theory.matches import Match, sort_key
from ..harness.answers import Counterexample
from ..harness.capabilities import Capabilities
from ..harness.cases import everything_about, minimal_question, ordinary, simple_question, with_dead
from ..harness.large import large_minimal
from ..harness.margins import CLEAR
from ..harness.questions import AllSimpleQuestion, Question, SimpleQuestion
from ..harness.registry import asks
from .maximum import planted_of, two_partners


def listed(matches: Iterable[Match]) -> list[Match]:
    return sorted(matches, key=sort_key)


@asks("T7-min-match", "D6 T7", "required", "min_match", "min_match is a minimal match by brute force, or None")
def _minimal(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    return minimal_question(draw, case.X, case.Y, case.epsilon, can)


asks("T7-min-match-large", "D6 T7", "required", "min_match",
     "min_match is the only minimal match, of 8 to 12 neurons, inside a larger maximum match",
     rate=1 / 3)(large_minimal)


@asks("T7-copies", "T7 T12", "required", "min_match", "a minimal match never holds a neuron and a copy of it",
      rate=2)
def _copies(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    copied = draw(st.integers(0, case.X.shape[1] - 1))
    X = np.hstack([case.X, 2 * case.X[:, [copied]]])
    both = Match([copied, X.shape[1] - 1], [])
    for match in everything_about(X, case.Y, case.epsilon, can).simple:
        if both <= match:
            raise Counterexample(f"T7 fails: {match} is minimal and holds both of {both}, one a copy of the other")
    return minimal_question(draw, X, case.Y, case.epsilon, can, both.neurons)


@asks("T7-simple-matches", "D5 T7", "required", "simple_matches",
      "simple_matches are simple by brute force, and their union is the maximum match")
def _simple(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    return simple_question(case.X, case.Y, case.epsilon, can)


@asks("T7-simple-planted", "T7", "numerical", "simple_matches",
      "simple_matches of planted activations are among the planted ones and cover the maximum match", rate=1 / 2)
def _simple_planted(draw: st.DrawFn, can: Capabilities) -> Question:
    assume(not can.strict_threshold)
    planted = planted_of(draw, can, exact=can.exact or draw(st.booleans()))
    levels = [level for level in planted.simple if level.high >= can.smallest_epsilon]
    assume(levels)
    level = draw(st.sampled_from(levels))
    return SimpleQuestion(*planted.matrices, level.high, level.matches)


@asks("T7-all-simple-matches", "D5 T7", "optional", "all_simple_matches", "simple_matches lists every simple match")
def _all_simple(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(ordinary())
    if draw(st.booleans()):
        # Copies give a neuron several minimal matches.
        case = Case(np.hstack([case.X, case.X[:, :1]]), np.hstack([case.Y, case.Y[:, :1]]), case.epsilon)
    return AllSimpleQuestion(case.X, case.Y, case.epsilon, everything_about(case.X, case.Y, case.epsilon, can).simple)


@asks("T8-one-partner", "T8", "required", "min_match", "each of two equal partners alone is a minimal match",
      rate=1)
def _one_partner(draw: st.DrawFn, can: Capabilities) -> Question:
    X, Y = two_partners(draw)
    epsilon = draw(st.sampled_from([Fraction(k, 10) for k in range(1, 10)]))
    return minimal_question(draw, X, Y, epsilon, can)


def _independent(draw: st.DrawFn, can: Capabilities) -> tuple[Case, BruteForce]:
    """A case under the hypotheses of T9 and T10, about which both are held to be true."""
    assume(not can.strict_threshold)
    case = draw(independent_cases())
    truth = everything_about(case.X, case.Y, case.epsilon, can)
    matches = set(truth.matches)
    for one in matches:
        if len(one.x) != len(one.y):
            raise Counterexample(f"T9 fails: {one} is a match of {case!r}")
        for other in matches:
            if one & other not in matches:
                raise Counterexample(f"T9 fails: {one} and {other} are matches of {case!r}, {one & other} is not")
    if any(len(found) != 1 for found in truth.minimal.values()) or len(truth.simple) > len(truth.maximum.x):
        raise Counterexample(f"T9 fails: the minimal matches of {case!r} are {truth.minimal}")
    if listed(_reachable(case, truth.maximum)) != list(truth.simple):
        raise Counterexample(f"T10 fails: the simple matches of {case!r} are {truth.simple}, no reachable sets")
    return case, truth


@asks("T9-min-match-unique", "T9", "numerical", "min_match", "exact and independent: the one minimal match",
      rate=2)
def _unique(draw: st.DrawFn, can: Capabilities) -> Question:
    case, _ = _independent(draw, can)
    return minimal_question(draw, case.X, case.Y, case.epsilon, can)


@asks("T10-simple-matches-at-zero", "T9 T10", "numerical", "all_simple_matches",
      "exact and independent: every simple match, one for each strong component of the graph")
def _at_zero(draw: st.DrawFn, can: Capabilities) -> Question:
    case, truth = _independent(draw, can)
    return AllSimpleQuestion(case.X, case.Y, case.epsilon, truth.simple)


def _stable(draw: st.DrawFn, can: Capabilities) -> tuple[Case, BruteForce]:
    """A case under the hypotheses of T19, about which it is held to be true."""
    case = draw(nearly_exact_cases())
    truth = everything_about(case.X, case.Y, case.epsilon, can)
    maximum, oracle = truth.maximum, ExactGeometry(case.X, case.Y)
    sides = case.X[:, sorted(maximum.x)], case.Y[:, sorted(maximum.y)]
    sine = min(squared_sine(Z.astype(np.float64)) for Z in sides)
    found = stable_up_to(oracle, maximum, case.epsilon)
    assume(Stability(float(case.epsilon), sine * (1 - CLEAR), found).holds)
    matches = set(truth.matches)
    if any(one & other not in matches for one in matches for other in matches):
        raise Counterexample(f"T19 fails: the matches of {case!r} are not closed under intersection")
    if any(len(found) != 1 for found in truth.minimal.values()) or len(truth.simple) > len(maximum):
        raise Counterexample(f"T19 fails: the minimal matches of {case!r} are {truth.minimal}")
    if matches != set(closed_sets(maximum, cover_edges(maximum, oracle.at(case.epsilon)))):
        raise Counterexample(f"T19 fails: the matches of {case!r} are not the closed sets of its graph")
    return case, truth


@asks("T19-min-match", "T19", "required", "min_match", "strongly independent and stable: the one minimal match",
      rate=1)
def _minimum(draw: st.DrawFn, can: Capabilities) -> Question:
    case, truth = _stable(draw, can)
    return minimal_question(draw, case.X, case.Y, case.epsilon, can, truth.maximum.neurons)


@asks("T19-simple-matches", "T19", "optional", "all_simple_matches",
      "strongly independent and stable: every simple match, one for each strong component of the graph")
def _simple_when_stable(draw: st.DrawFn, can: Capabilities) -> Question:
    case, truth = _stable(draw, can)
    return AllSimpleQuestion(case.X, case.Y, case.epsilon, truth.simple)


def _reachable(case: Case, maximum: Match) -> list[Match]:
    """The sets reachable from one neuron each in the graph of T10, by rational elimination."""
    C = _solve(case.X[:, sorted(maximum.x)], case.Y[:, sorted(maximum.y)])
    inverse = _solve(case.Y[:, sorted(maximum.y)], case.X[:, sorted(maximum.x)])
    return [Match.of(reach) for reach in set(reachable(maximum, coefficient_edges(maximum, C, inverse)).values())]


def _solve(basis: Integers, vectors: Integers) -> list[list[Fraction]]:
    """The coefficients of vectors in the span of independent columns, by Gauss-Jordan elimination."""
    rank = basis.shape[1]
    rows = [[Fraction(int(entry)) for entry in row] for row in np.hstack([basis, vectors])]
    for column in range(rank):
        pivot = next(r for r in range(column, len(rows)) if rows[r][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for r, row in enumerate(rows):
            if r != column and row[column]:
                rows[r] = [a - row[column] * b for a, b in zip(row, rows[column], strict=True)]
    return [row[rank:] for row in rows[:rank]]


@asks("D1-dead-min-match", "D1 D6", "required", "min_match", "a neuron that is 0 alone is its minimal match, or none",
      rate=1)
def _dead(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(with_dead())
    return minimal_question(draw, case.X, case.Y, case.epsilon, can)


@asks("D1-dead-simple-matches", "D1 D5", "required", "simple_matches",
      "each neuron that is 0 is a simple match of its own, or in none")
def _dead_simple(draw: st.DrawFn, can: Capabilities) -> Question:
    case = draw(with_dead())
    return simple_question(case.X, case.Y, case.epsilon, can)
