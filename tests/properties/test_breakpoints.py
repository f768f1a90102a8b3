"""At every breakpoint of the radii, just below and just above, the maximum match is the reference's (T5, T6, D7)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, seed, settings

import spanmatch
from spanmatch.algorithms import reference
from spanmatch.algorithms.exact import ExactGeometry
from spanmatch.synthetic.strategies.activations import Case, activation_cases

STEP = 1e-6


@pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")
def test_on_both_sides_of_every_breakpoint() -> None:
    compared = 0

    @seed(0)
    @settings(max_examples=500, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(activation_cases())
    def compare(case: Case) -> None:
        nonlocal compared
        radii = spanmatch.match_radii(case.X, case.Y)
        oracle = ExactGeometry(case.X, case.Y)
        for epsilon in {max(0.0, b + s) for b in radii.breakpoints.tolist() for s in (-STEP, STEP) if b + s < 1}:
            if radii.margin(epsilon) < STEP / 2:
                continue
            truth = reference.max_match(oracle.at(Fraction(epsilon)))
            assert radii.max_match(epsilon) == truth, f"at {epsilon}"
            compared += 1

    compare()
    assert compared > 1000
