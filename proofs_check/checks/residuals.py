"""T1, T3-T8 on activations: generated ones against the exact oracle, planted ones against the planted answers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis.strategies import SearchStrategy

from ...algorithms.exact import ExactGeometry
from ...algorithms.peeling import batch_peel, peel_radii
from ...synthetic.planted import Planted
from ...synthetic.strategies.activations import Case, activation_cases, planted_sets
from ...theory.brute_force import brute_force
from ...theory.covers import Cover
from ...theory.matches import Match, Neuron
from ..conformance.target import Capabilities
from ..harness.implementations import Activations, Implementation
from ..harness.large import close_decisions, large_minimal, large_radii, large_sets, staircases
from ..harness.margins import CLEAR, MarginRecorder, match_of, radius_margin
from ..harness.questions import Question
from ..harness.registry import Budget, Counterexample, check, for_all, over

GRID = tuple(Fraction(k, 10) for k in range(10))


def suited(implementation: Implementation, planted: Planted) -> tuple[Activations, Activations]:
    """The planted activations, if the implementation can be held to their answers."""
    X, Y = planted.matrices
    assume(X.shape[1] + Y.shape[1] <= implementation.most_neurons)
    assume(planted.exact or not implementation.exact)
    return X, Y


@check("T1-residual-monotone", "T1", "r(v | T) does not grow with T, and equals the exact residual", "residual")
def residual_monotone(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        oracle = ExactGeometry(case.X, case.Y)
        for v in Match.everything(oracle.m, oracle.n):
            size = oracle.n if v.side == "x" else oracle.m
            previous = 1.0
            for others in (list(range(k)) for k in range(size + 1)):
                found = implementation.residual(case.X, case.Y, v.side, v.index, others)
                truth = oracle.relative(oracle.residuals(v.side, [v.index], others)[0])
                if not abs(found - truth) <= CLEAR:
                    raise Counterexample(f"r({tuple(v)} | {others}) is {found}, but should be {truth}")
                if found > previous + CLEAR:
                    raise Counterexample(f"r({tuple(v)} | {others}) is {found}, more than {previous} on fewer neurons")
                previous = found

    return for_all(activation_cases(), examine, cases=budget.cases, seed=budget.seed)


@check("T3-max-match-exact", "T3 T4", "the maximum match of generated activations is the exact oracle's", "max_match")
def max_match_exact(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        oracle = ExactGeometry(case.X, case.Y)
        radii = peel_radii(oracle)
        assume(radius_margin(radii, oracle, case.epsilon) > CLEAR)
        truth = batch_peel(oracle.at(case.epsilon))
        by_radius = Match.of(v for v, square in radii.items() if square <= case.epsilon**2)
        if truth != by_radius:
            raise Counterexample(f"two exact routes differ: peeling {truth}, radii (T6) {by_radius}")
        found = match_of(implementation.max_match(case.X, case.Y, float(case.epsilon)))
        if found != truth:
            raise Counterexample(f"max_match is {found}, but should be {truth}")

    return for_all(activation_cases(), examine, cases=10 * budget.cases, seed=budget.seed)


@check("T3-max-match-planted", "T3 T4", "the maximum match of planted activations is the planted one", "max_match")
def max_match_planted(implementation: Implementation, budget: Budget) -> int:
    def examine(planted: Planted) -> None:
        X, Y = suited(implementation, planted)
        for level in planted.maximum:
            for epsilon in {level.low, (level.low + level.high) / 2}:
                found = match_of(implementation.max_match(X, Y, epsilon))
                if found != level.match:
                    wrong = f"max_match at {epsilon} is {found}, but should be {level.match}"
                    raise Counterexample(f"{wrong}: {planted.reason}")

    return for_all(planted_sets(), examine, cases=budget.cases, seed=budget.seed)


@check("T5-nested", "T5", "the maximum match grows with epsilon", "max_match")
def nested(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        oracle = ExactGeometry(case.X, case.Y)
        radii = peel_radii(oracle)
        smaller, at = Match(), Fraction(0)
        for epsilon in (e for e in GRID if radius_margin(radii, oracle, e) > CLEAR):
            found = match_of(implementation.max_match(case.X, case.Y, float(epsilon)))
            if not smaller <= found:
                raise Counterexample(f"max_match at {float(at)} is {smaller}, at {float(epsilon)} only {found}")
            smaller, at = found, epsilon

    return for_all(activation_cases(), examine, cases=budget.cases, seed=budget.seed)


@check("T6-radii-exact", "T6 T5", "match radii are the exact oracle's", "match_radii")
def radii_exact(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        oracle = ExactGeometry(case.X, case.Y)
        truth = {v: oracle.relative(square) for v, square in peel_radii(oracle).items()}
        found = dict(zip(Match.everything(oracle.m, oracle.n), np.concatenate(
            implementation.match_radii(case.X, case.Y)), strict=True))
        for v, radius in truth.items():
            if not abs(found[v] - radius) <= CLEAR:
                raise Counterexample(f"the match radius of {tuple(v)} is {found[v]}, but should be {radius}")

    return for_all(activation_cases(), examine, cases=budget.cases, seed=budget.seed)


@check("T7-min-match-by-definition", "T7", "min_match is a match that contains the neuron, and no smaller one does",
       "min_match")
def min_match_by_definition(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        recorder = MarginRecorder(ExactGeometry(case.X, case.Y), case.epsilon)
        cover = recorder.at(case.epsilon)
        maximum = batch_peel(cover)
        for v in cover.everything:
            answer = implementation.min_match(case.X, case.Y, float(case.epsilon), v.side, v.index)
            found = None if answer is None else match_of(answer)
            fault = _fault_of_minimal(cover, maximum, v, found)
            assume(not fault or recorder.margin > CLEAR)
            if fault:
                raise Counterexample(f"min_match of {tuple(v)} is {found}, {fault}")

    return for_all(activation_cases(), examine, cases=budget.cases, seed=budget.seed)


def _fault_of_minimal(cover: Cover, maximum: Match, v: Neuron, found: Match | None) -> str:
    if found is None:
        return f"but {tuple(v)} is in the maximum match {maximum}" if v in maximum else ""
    if v not in found:
        return "which does not contain it"
    if not cover.is_match(found):
        return f"which is no match: {cover.violators(found)} violate D1"
    for u in found:
        smaller = batch_peel(cover, found.without(u))
        if u != v and v in smaller:
            return f"but the smaller match {smaller} contains it too"
    return ""


@check("T7-simple-by-definition", "T7", "simple_matches are simple by brute force over all pairs of subsets, and their "
       "union is the maximum match", "simple_matches")
def simple_by_definition(implementation: Implementation, budget: Budget) -> int:
    def examine(case: Case) -> None:
        recorder = MarginRecorder(ExactGeometry(case.X, case.Y), case.epsilon)
        truth = brute_force(recorder.at(case.epsilon))
        assume(recorder.margin > CLEAR)
        union = Match()
        for answer in implementation.simple_matches(case.X, case.Y, float(case.epsilon)):
            found = match_of(answer)
            if found not in truth.simple:
                raise Counterexample(f"{found} is returned as simple, but the simple matches are {list(truth.simple)}")
            union = union | found
        if union != truth.maximum:
            raise Counterexample(f"the simple matches cover {union}, but should cover {truth.maximum}")

    return for_all(activation_cases(), examine, cases=max(10, budget.cases // 2), seed=budget.seed)


@check("T7-simple-planted", "T7", "simple_matches of planted activations are among the planted ones and cover the "
       "maximum match", "simple_matches")
def simple_planted(implementation: Implementation, budget: Budget) -> int:
    def examine(planted: Planted) -> None:
        assume(planted.simple)
        X, Y = suited(implementation, planted)
        for level in planted.simple:
            union, truth = Match(), Match()
            for answer in implementation.simple_matches(X, Y, level.high):
                found = match_of(answer)
                if found not in level.matches:
                    raise Counterexample(f"{found} is returned as simple at {level.high}, but is not planted")
                union = union | found
            for match in level.matches:
                truth = truth | match
            if union != truth:
                raise Counterexample(f"the simple matches at {level.high} cover {union}, but should cover {truth}")

    return for_all(planted_sets(), examine, cases=max(10, budget.cases // 2), seed=budget.seed)


@check("T8-two-partners", "T8", "a neuron with two equal partners: each alone is a minimal match with it",
       "min_match max_match")
def two_partners(implementation: Implementation, _: Budget) -> int:
    """At several scales and epsilons, 0 among them, which a strict inequality or a rank cut would get wrong."""

    def examine(case: tuple[float, float]) -> None:
        scale, epsilon = case
        X = np.array([[3.0], [4.0], [0.0]])
        Y = np.hstack([X * scale, X])
        maximum = match_of(implementation.max_match(X, Y, epsilon))
        if maximum != Match([0], [0, 1]):
            raise Counterexample(f"max_match is {maximum}, but should be {Match([0], [0, 1])}")
        found = match_of(implementation.min_match(X, Y, epsilon, "x", 0) or ((), ()))
        if found not in (Match([0], [0]), Match([0], [1])):
            raise Counterexample(f"min_match of ('x', 0) is {found}, but should have one partner")

    return over([(scale, epsilon) for scale in (1.0, -2.0, 2.0**-40, 2.0**40) for epsilon in (0.0, 0.3, 0.9)], examine)


def _asked(implementation: Implementation, questions: Callable[[Capabilities], SearchStrategy[Question]], cases: int,
           budget: Budget) -> int:
    """Questions of the conformance kit as a check."""
    able = Capabilities(most_neurons=implementation.most_neurons)
    return for_all(questions(able), lambda one: one.ask(implementation), cases=max(1, cases), seed=budget.seed)


@check("T4-long-staircase", "T4", "of 17 to 20 neurons a side that violate one after the other, two are left",
       "max_match")
def long_staircase(implementation: Implementation, budget: Budget) -> int:
    return _asked(implementation, staircases, budget.cases // 12, budget)


@check("T3-max-match-large", "T3 T4", "the maximum match of 40 to 64 neurons a side is the exact oracle's, part by "
       "part", "max_match")
def max_match_large(implementation: Implementation, budget: Budget) -> int:
    return _asked(implementation, large_sets, budget.cases // 12, budget)


@check("T6-close-decisions", "T6", "the maximum match is the exact oracle's where epsilon is three millionths beside a "
       "match radius", "max_match")
def decided_closely(implementation: Implementation, budget: Budget) -> int:
    return _asked(implementation, close_decisions, budget.cases, budget)


@check("T6-radii-large", "T6", "the match radii of 40 to 64 neurons a side are the exact oracle's, part by part",
       "match_radii")
def radii_large(implementation: Implementation, budget: Budget) -> int:
    return _asked(implementation, large_radii, budget.cases // 30, budget)


@check("T7-min-match-large", "T7", "min_match is the only minimal match, of 8 to 12 neurons, inside a larger maximum "
       "match", "min_match")
def min_match_large(implementation: Implementation, budget: Budget) -> int:
    return _asked(implementation, large_minimal, budget.cases // 4, budget)
