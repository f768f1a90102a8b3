"""The large questions of the kit: their answers by other ways, and who falls for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from spanmatch.algorithms.exact import ExactGeometry
from spanmatch.algorithms.peeling import batch_peel, peel, rounds
from spanmatch.proofs_check import CHECKS, Budget, run_check
from spanmatch.proofs_check.harness import large, registry
from spanmatch.proofs_check.harness.capabilities import Capabilities
from spanmatch.proofs_check.harness.implementations import FAST, REFERENCE, from_parts
from spanmatch.proofs_check.harness.margins import CLEAR, radius_margin
from spanmatch.proofs_check.harness.registry import for_all
from spanmatch.theory import Match, brute_force
from spanmatch.theory.residuals import LeastSquares, unit_columns

CAN = Capabilities()


@pytest.fixture(autouse=True)
def without_shrinking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "SHRINKING_SECONDS", 0.0)


def asked(questions: Callable[..., Any], cases: int) -> list[Any]:
    found: list[Any] = []
    assert for_all(st.composite(questions)(CAN), found.append, cases=cases, seed=0) >= cases * 2 // 3
    return found


def exact(question: Any) -> ExactGeometry:
    return ExactGeometry(question.X, question.Y)


def test_staircases_are_long_and_right() -> None:
    for question in asked(large.staircases, 6):
        cover = exact(question).at(Fraction(question.epsilon))
        assert rounds(cover) >= 16
        assert batch_peel(cover) == question.right
        assert len(question.right) == 2
        assert 17 <= min(question.sizes) <= max(question.sizes) <= 20


def test_large_sets_are_large_and_right_and_clear_but_some_are_close() -> None:
    questions = asked(large.large_sets, 20)
    margins = []
    for question in questions:
        geometry = exact(question)
        assert 40 <= min(question.sizes) <= max(question.sizes) <= 64
        assert batch_peel(geometry.at(Fraction(question.epsilon))) == question.right
        for own in (question.right.x, question.right.y):
            assert max(own) >= 20
        margins.append(radius_margin(large.peel_radii(geometry), geometry, question.epsilon) / question.epsilon)
    assert min(margins) > CLEAR
    assert sum(share <= 1.01 * large.CLOSE for share in margins) >= 5
    assert len({question.sizes for question in questions}) >= 10


def test_close_decisions_are_close_and_clear() -> None:
    for question in asked(large.close_decisions, 20):
        geometry = exact(question)
        radii = large.peel_radii(geometry)
        share = radius_margin(radii, geometry, question.epsilon) / question.epsilon
        assert share <= 1.01 * large.CLOSE
        assert share * question.epsilon > CLEAR


@pytest.mark.parametrize(("size", "downstream"), [(4, 0), (4, 2)])
def test_minimal_matches_called_the_only_ones_are(size: int, downstream: int) -> None:
    epsilon = Fraction(1, 10)
    part, minimal = large.spanning_part(size, downstream, epsilon, 0)
    truth = brute_force(part.oracle.at(epsilon))
    assert minimal == {v: matches[0] for v, matches in truth.minimal.items() if len(matches) == 1}


def test_large_minimal_matches_are_large_and_not_everything() -> None:
    for question in asked(large.large_minimal, 20):
        (right,) = question.right
        maximum = batch_peel(exact(question).at(Fraction(question.epsilon)))
        assert 8 <= len(right) <= 12
        assert question.neuron in right
        assert right <= maximum
        assert len(maximum) >= len(right) + 8


def test_many_predictors_are_needed_and_none_is_dominant() -> None:
    for question in asked(large.many_predictors, 10):
        geometry = exact(question)
        assert batch_peel(geometry.at(Fraction(question.epsilon))) == question.right
        assert radius_margin(large.peel_radii(geometry), geometry, question.epsilon) > CLEAR
        X, Y = (unit_columns(Z)[0] for Z in (question.X, question.Y))
        assert np.median(np.abs(X.T @ Y)) < 0.5


def test_slow_convergence_is_ill_conditioned_and_clear() -> None:
    for question in asked(large.slow_convergence, 10):
        geometry = exact(question)
        assert batch_peel(geometry.at(Fraction(question.epsilon))) == question.right
        assert radius_margin(large.peel_radii(geometry), geometry, question.epsilon) > CLEAR
        sides = (unit_columns(Z)[0] for Z in (question.X, question.Y))
        assert 500 < max(np.linalg.cond(Z) for Z in sides) < 5000


class NormalEquations(LeastSquares):
    """Correct as far as squared condition numbers let it be."""

    def residuals(self, side: Any, members: Any, others: Any) -> list[float]:
        own, T = (unit_columns(self._values[s])[0] for s in (side, "y" if side == "x" else "x"))
        own, T = own[:, list(members)], T[:, sorted(others)]
        left = own - T @ np.linalg.solve(T.T @ T, T.T @ own) if T.size else own
        return [float(r) for r in np.linalg.norm(left, axis=0)]


@pytest.mark.parametrize("check", ["T3-many-predictors", "T3-slow-convergence"])
@pytest.mark.parametrize("geometry", [LeastSquares, NormalEquations])
def test_plain_float_arithmetic_passes(geometry: Any, check: str) -> None:
    implementation = from_parts("plain", geometry=geometry, max_match=batch_peel)
    outcome = run_check(CHECKS[check], implementation, Budget(cases=60))
    assert (outcome.verdict, outcome.detail) == ("passed", "")


def first(count: int) -> Any:
    return from_parts("", max_match=lambda cover, within: batch_peel(cover, within & Match.everything(count, count)))


def capped(count: int) -> Any:
    return from_parts("", max_match=lambda cover, within: list(islice(peel(cover, within), count + 1))[-1])


def other_epsilon(change: Callable[[float], float]) -> Any:
    return replace(FAST, max_match=lambda X, Y, epsilon: FAST.max_match(X, Y, min(change(epsilon), 0.999)))


@pytest.mark.parametrize(
    ("implementation", "check"),
    [
        (capped(4), "T4-long-staircase"),
        (capped(8), "T4-long-staircase"),
        (capped(15), "T4-long-staircase"),
        (first(10), "T3-max-match-large"),
        (first(20), "T3-max-match-large"),
        (first(39), "T3-max-match-large"),
        *((other_epsilon(change), check)
          for check in ("T6-close-decisions", "T3-max-match-large", "T4-long-staircase")
          for change in (lambda e: e + 1e-5, lambda e: e - 1e-5, lambda e: e * (1 + 2e-4), lambda e: e * (1 - 1e-3))),
    ],
)  # fmt: skip
def test_who_is_right_on_small_cases_only_is_rejected(implementation: Any, check: str) -> None:
    assert run_check(CHECKS[check], implementation, Budget(cases=360)).verdict == "failed"


@pytest.mark.parametrize("most", [8, 20, 33])
def test_sets_too_large_for_an_implementation_are_not_asked(most: int) -> None:
    asked_at_most = []

    def max_match(X: Any, Y: Any, epsilon: float) -> Any:
        asked_at_most.append(X.shape[1] + Y.shape[1])
        return REFERENCE.max_match(X, Y, epsilon)

    asking = replace(REFERENCE, max_match=max_match, most_neurons=most)
    for check in ("T4-long-staircase", "T3-max-match-large", "T6-close-decisions"):
        outcome = run_check(CHECKS[check], asking, Budget(cases=12))
        assert outcome.verdict == ("passed" if check == "T6-close-decisions" else "not run")
    assert max(asked_at_most) <= most
