"""Sound implementations pass every check; each broken one is rejected by the checks listed for it, though it answers
at least half of ordinary questions rightly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

from spanmatch.algorithms.exact import ExactGeometry
from spanmatch.algorithms.peeling import peel_radii
from spanmatch.proofs_check import CHECKS, Budget, run_check
from spanmatch.proofs_check.broken import BROKEN
from spanmatch.proofs_check.harness.implementations import BRUTE_FORCE, EXACT, FAST, REFERENCE, Implementation
from spanmatch.proofs_check.harness.margins import CLEAR, MarginRecorder, match_of
from spanmatch.synthetic.strategies.activations import Case, activation_cases, table_covers
from spanmatch.theory import Match, TableCover, brute_force
from spanmatch.theory.brute_force import BruteForce, all_pairs

SOUND = (REFERENCE, FAST, EXACT, BRUTE_FORCE)
BUDGET = Budget(cases=60)
ENOUGH_TO_FAIL = Budget(cases=300)
"""A check ends at the first failure; the cases drawn depend on more than the seed, such as constants in the source."""
ORDINARY = 200
LARGE = {"T4-long-staircase", "T3-max-match-large", "T6-radii-large", "T7-min-match-large"}
"""Checks on more neurons than brute force can take."""


@pytest.mark.parametrize("implementation", SOUND, ids=lambda implementation: implementation.name)
def test_sound_implementations_pass_every_check(implementation: Implementation) -> None:
    budget = Budget(cases=15) if implementation is BRUTE_FORCE else BUDGET
    outcomes = [run_check(one, implementation, budget) for one in CHECKS.values()]
    too_large = LARGE if implementation is BRUTE_FORCE else set()
    assert {outcome.check for outcome in outcomes if outcome.verdict == "not run"} == too_large
    assert {outcome.check: outcome.detail for outcome in outcomes if outcome.verdict == "failed"} == {}
    assert all(outcome.cases > 0 for outcome in outcomes if outcome.check not in too_large)


@pytest.mark.parametrize("implementation", BROKEN, ids=lambda implementation: implementation.name)
def test_broken_implementations_are_rejected(implementation: Implementation) -> None:
    assert BROKEN[implementation]
    for name in BROKEN[implementation]:
        outcome = run_check(CHECKS[name], implementation, ENOUGH_TO_FAIL)
        assert outcome.verdict == "failed", f"{name} lets {implementation.name!r} pass"
        assert "\nfor " in outcome.detail


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_rejects_somebody(name: str) -> None:
    """The other sets are held to their lists in ``test_{dynamics,invariance,simple}.py``."""
    everybody = BROKEN
    assert [implementation.name for implementation, checks in everybody.items() if name in checks]


def drawn(strategy: SearchStrategy[Case] | SearchStrategy[TableCover]) -> list[Case | TableCover]:
    found: list[Case | TableCover] = []

    @seed(0)
    @settings(max_examples=ORDINARY + 50, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(case: Case | TableCover) -> None:
        found.append(case)

    collect()
    return found


@cache
def ordinary_covers() -> list[tuple[TableCover, BruteForce]]:
    return [(cover, brute_force(cover)) for cover in drawn(table_covers())]


@cache
def ordinary_cases() -> list[tuple[Case, BruteForce]]:
    """Those that floating point decides: no residual lies at epsilon."""
    found = []
    for case in drawn(activation_cases()):
        recorder = MarginRecorder(ExactGeometry(case.X, case.Y), case.epsilon)
        truth = brute_force(recorder.at(case.epsilon))
        if recorder.margin > CLEAR:
            found.append((case, truth))
    return found


def right_simple(found: set[Match], truth: BruteForce) -> bool:
    union = Match.of(v for match in found for v in match)
    return found <= set(truth.simple) and union == truth.maximum


def right_minimal(found: Match | None, truth: BruteForce, v: tuple[str, int]) -> bool:
    return found in truth.minimal.get(v, (None,))  # type: ignore[call-overload]


def cover_is_match(implementation: Implementation) -> Iterator[bool]:
    for cover, truth in ordinary_covers():
        for pair in all_pairs(cover.m, cover.n):
            yield implementation.cover_is_match(cover, pair) == (pair in truth.matches)


def cover_max_match(implementation: Implementation) -> Iterator[bool]:
    for cover, truth in ordinary_covers():
        yield implementation.cover_max_match(cover, cover.everything) == truth.maximum


def cover_min_match(implementation: Implementation) -> Iterator[bool]:
    for cover, truth in ordinary_covers():
        for v in cover.everything:
            yield right_minimal(implementation.cover_min_match(cover, v), truth, v)


def cover_simple_matches(implementation: Implementation) -> Iterator[bool]:
    for cover, truth in ordinary_covers():
        yield right_simple(set(implementation.cover_simple_matches(cover)), truth)


def max_match(implementation: Implementation) -> Iterator[bool]:
    for case, truth in ordinary_cases():
        yield match_of(implementation.max_match(case.X, case.Y, float(case.epsilon))) == truth.maximum


def min_match(implementation: Implementation) -> Iterator[bool]:
    for case, truth in ordinary_cases():
        for v in Match.everything(case.X.shape[1], case.Y.shape[1]):
            found = implementation.min_match(case.X, case.Y, float(case.epsilon), v.side, v.index)
            yield right_minimal(None if found is None else match_of(found), truth, v)


def simple_matches(implementation: Implementation) -> Iterator[bool]:
    for case, truth in ordinary_cases():
        answers = implementation.simple_matches(case.X, case.Y, float(case.epsilon))
        yield right_simple({match_of(answer) for answer in answers}, truth)


def decided(r: float, case: Case) -> bool:
    """Whether floating point tells r from epsilon; a 0 counts as 0."""
    return abs(r - case.epsilon) > CLEAR or r == case.epsilon == 0


def match_radii(implementation: Implementation) -> Iterator[bool]:
    for case, _ in ordinary_cases():
        oracle = ExactGeometry(case.X, case.Y)
        truth = peel_radii(oracle)
        for side, radii in zip("xy", implementation.match_radii(case.X, case.Y), strict=True):
            for index, radius in enumerate(radii):
                square = truth[side, index]  # type: ignore[index]
                if decided(oracle.relative(square), case):
                    yield (radius <= case.epsilon) == (square <= case.epsilon**2)


def residual(implementation: Implementation) -> Iterator[bool]:
    for case, _ in ordinary_cases():
        oracle = ExactGeometry(case.X, case.Y)
        for v in Match.everything(oracle.m, oracle.n):
            others = range(oracle.n if v.side == "x" else oracle.m)
            found = implementation.residual(case.X, case.Y, v.side, v.index, others)
            square = oracle.residuals(v.side, [v.index], others)[0]
            if decided(oracle.relative(square), case):
                yield (found <= case.epsilon) == (square <= case.epsilon**2)


QUESTIONS: dict[str, Callable[[Implementation], Iterator[bool]]] = {
    ask.__name__: ask
    for ask in (
        cover_is_match,
        cover_max_match,
        cover_min_match,
        cover_simple_matches,
        max_match,
        min_match,
        simple_matches,
        match_radii,
        residual,
    )
}


def agreement(implementation: Implementation, function: str) -> float:
    """The share of ordinary questions to this function that are answered rightly; of a residual or a radius the
    question is whether it is at most the case's epsilon."""
    answers = list(QUESTIONS[function](implementation))
    assert len(answers) >= ORDINARY
    return float(sum(answers) / len(answers))


@pytest.mark.parametrize("implementation", BROKEN, ids=lambda implementation: implementation.name)
def test_broken_implementations_are_mostly_right(implementation: Implementation) -> None:
    """Of the functions that the listed checks reject; one that no ordinary question could tell from nonsense would
    prove nothing about the checks."""
    functions = sorted({function for name in BROKEN[implementation] for function in CHECKS[name].needs})
    shares = {function: agreement(implementation, function) for function in functions}
    print(f"{implementation.name}: " + ", ".join(f"{function} {share:.1%}" for function, share in shares.items()))
    assert min(shares.values()) >= 0.5, shares


def test_sound_implementations_answer_every_ordinary_question() -> None:
    """Otherwise the shares above would measure nothing."""
    assert {function: agreement(FAST, function) for function in QUESTIONS} == dict.fromkeys(QUESTIONS, 1.0)
