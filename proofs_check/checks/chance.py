"""T13: what residuals are by chance alone, on seeded random directions."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from scipy.stats import beta, kstest

from ...synthetic.strategies.small import Case
from ...theory.chance import chance_level
from ...theory.validation import Array
from ..harness.answers import Counterexample
from ..harness.implementations import Activations
from ..harness.margins import CLEAR
from ..harness.registry import Budget, check, for_all, over

FALSE_ALARMS = 1e-9
"""The probability at most that a sound implementation is called wrong by a check on random numbers."""


def _squares(implementation: Any, T: Activations, directions: Activations) -> Array:
    """r^2 of each direction against T, alternately as a neuron of network 1 and of network 2."""
    others = range(T.shape[1])
    return np.array([
        implementation.residual(v, T, "x", 0, others) if k % 2 else implementation.residual(T, v, "y", 0, others)
        for k, v in enumerate(np.split(directions, directions.shape[1], axis=1))
    ]) ** 2


@check("T13-beta", "T13", "residual",
       "r^2 of random directions against rank k in d dimensions follows Beta((d - k)/2, k/2)")
def beta_law(implementation: Any, budget: Budget) -> int:
    count = max(200, 3 * budget.cases)

    def examine(sizes: tuple[int, int]) -> None:
        d, k = sizes
        rng = np.random.default_rng([budget.seed, d, k])
        # Rounded to integers, which the exact oracle takes in its stride; 1e-4 of a direction changes no law visibly.
        T, directions = (np.rint(10_000 * rng.standard_normal((d, size))).astype(np.int64) for size in (k, count))
        squares = _squares(implementation, T, directions)
        distance = float(kstest(squares, beta((d - k) / 2, k / 2).cdf).statistic)
        allowed = math.sqrt(math.log(2 / FALSE_ALARMS) / (2 * count))
        if not distance <= allowed:
            raise Counterexample(
                f"the distribution of {count} values of r^2, of mean {squares.mean():.3f}, is {distance:.3f} away from "
                f"Beta({(d - k) / 2}, {k / 2}), of mean {1 - k / d:.3f}: more than {allowed:.3f}"
            )

    return count * over([(6, 2), (12, 8), (30, 10)], examine)


@check("T13-constant-share", "T13", "residual",
       "independent ReLU neurons predict each other as well as chance_level says")
def constant_share(implementation: Any, budget: Budget) -> int:
    d, count = 300, 60

    def examine(k: int) -> None:
        rng = np.random.default_rng([budget.seed, d, k])
        T, neurons = (
            np.maximum(np.rint(1000 * rng.standard_normal((d, size))), 0).astype(np.int64) for size in (k, count)
        )
        found = float(_squares(implementation, T, neurons).mean())
        expected = chance_level(d, k, 1 / math.pi) ** 2
        if not abs(found - expected) <= 0.05:
            raise Counterexample(f"the mean of r^2 is {found:.3f}, but should be {expected:.3f}")

    return count * over([1, 20], examine)


@check("T13-full-rank-residual", "T13", "residual", "where the others span all inputs, every residual is 0")
def full_rank(implementation: Any, budget: Budget) -> int:
    def examine(case: Case) -> None:
        assume(np.linalg.matrix_rank(case.Y) == len(case.Y))
        found = implementation.residual(case.X, case.Y, "x", 0, range(case.Y.shape[1]))
        if not found <= CLEAR:
            raise Counterexample(f"r(('x', 0) | all) is {found}, but should be 0")

    return for_all(_square_cases(), examine, cases=budget.cases, seed=budget.seed)


@st.composite
def _square_cases(draw: st.DrawFn) -> Case:
    """At most four inputs, one neuron in network 1; in network 2 as many as inputs, and one or two dependent ones."""
    d = draw(st.integers(1, 4))
    column = st.lists(st.integers(-3, 3), min_size=d, max_size=d)
    x = draw(column)
    y = draw(st.lists(column, min_size=d, max_size=d))
    for _ in range(draw(st.integers(0, 2))):
        one, other = draw(st.sampled_from(y)), draw(st.sampled_from(y))
        y.insert(draw(st.integers(0, len(y))), [a + b for a, b in zip(one, other, strict=True)])
    return Case(np.array([x]).T, np.array(y).T, Fraction(0))
