"""T16, T17: the effective theory of representation learning, against a literal integration of its equations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from ...theory.dynamics import a_high, a_low, conserved, right_hand_side
from ...theory.validation import Array
from ..harness.answers import Counterexample
from ..harness.registry import Budget, check, for_all

CONSERVED, FLOW, FINAL = 1e-9, 1e-6, 1e-8
TIMES = np.linspace(0.0, 8.0, 17)


@dataclass(frozen=True)
class Start:
    """A setting of the effective theory and a valid state."""

    dx: float
    dy: float
    eta_h: float
    eta_y: float
    h0: float
    y0: float
    w0: float

    def integrate(self, times: Array) -> Array:
        """(h, y, w) at ``times`` by integrating the equations as written; turns away what comes near h = 0."""
        found = solve_ivp(
            lambda _, state: right_hand_side(state, self.dx**2, self.dy**2, self.eta_h, self.eta_y),
            (0.0, float(times[-1])),
            [self.h0, self.y0, self.w0],
            method="LSODA",
            dense_output=True,
            rtol=1e-12,
            atol=1e-14,
        )
        # Over the solver's own steps, which are dense where h dips.
        assume(found.status == 0 and found.y[0].min() > 1e-2 * self.h0)
        return np.asarray(found.sol(times))  # type: ignore[misc]


@st.composite
def starts(draw: st.DrawFn) -> Start:
    """Rich to lazy; outputs from aligned with their targets to moderately opposed."""
    dx, dy, eta_h, eta_y = (draw(st.floats(0.5, 1.5)) for _ in range(4))
    h0, y0 = (10 ** draw(st.floats(-1.5, 0.5)) for _ in range(2))
    cosine = draw(st.floats(-0.5, 1.0))
    return Start(dx, dy, eta_h, eta_y, h0, y0, y0 - cosine * math.sqrt(y0) * dy)


@check("T16-conserved", "T16", "solve_dynamics", "y/h - (eta_y / (eta_h X)) h does not change along solutions")
def conserved_along(implementation: Any, budget: Budget) -> int:
    def examine(start: Start) -> None:
        start.integrate(TIMES)
        h, y, _ = implementation.solve_dynamics(*vars(start).values(), TIMES)
        values = conserved(start.dx, start.eta_h, start.eta_y, h, y)
        drift = float(np.ptp(values)) / max(1.0, abs(float(values[0])))
        if not drift <= CONSERVED:
            raise Counterexample(f"the conserved quantity moves by {drift:.2e} of its size, from {values[0]:.6g}")

    return for_all(starts(), examine, cases=budget.cases, seed=budget.seed)


@check("T16-flow", "T16", "solve_dynamics", "solutions are those of a literal integration of the equations")
def follows_flow(implementation: Any, budget: Budget) -> int:
    def examine(start: Start) -> None:
        truth = start.integrate(TIMES)
        found = np.array(implementation.solve_dynamics(*vars(start).values(), TIMES))
        off = np.abs(found - truth).max(axis=1) / np.maximum(1.0, np.abs(truth).max(axis=1))
        if not off.max() <= FLOW:
            raise Counterexample(f"h, y, w are off by {off[0]:.2e}, {off[1]:.2e}, {off[2]:.2e}")

    return for_all(starts(), examine, cases=budget.cases, seed=budget.seed)


@check("T17-final-distance", "T17", "final_squared_distance", "the closed form is where a literal integration ends")
def final_distance(implementation: Any, budget: Budget) -> int:
    def examine(start: Start) -> None:
        h, _, w = start.integrate(np.array([0.0, 1e4]))[:, 1]
        assume(abs(w) < 1e-11)
        found = implementation.final_squared_distance(*list(vars(start).values())[:-1])
        if not abs(found - h) <= FINAL * max(1.0, h):
            raise Counterexample(f"final_squared_distance was {found!r}, but should be {h!r}")

    return for_all(starts(), examine, cases=budget.cases, seed=budget.seed)


@check("T17-limits", "T17", "final_squared_distance",
       "rich: A_low; lazy: A_high; A_high << -A_low: A_low^2/|A_high|; Y = 0: max(A_high, 0)")
def limits(implementation: Any, budget: Budget) -> int:
    def examine(start: Start) -> None:
        setting = (start.dx, start.dy, start.eta_h, start.eta_y)
        low = a_low(*setting)
        still = (start.dx, 0.0, start.eta_h, start.eta_y, start.h0, start.y0)
        high = a_high(start.dx, start.eta_h, start.eta_y, start.h0, start.y0)
        opposed = a_high(start.dx, start.eta_h, start.eta_y, 1e-3, 1e3)
        for name, arguments, expected in (
            ("rich", (*setting, 1e-9 * low, 0.0), low),
            ("lazy", (*setting, 1e9 * low, start.y0), 1e9 * low),
            ("A_high << -A_low", (*setting, 1e-3, 1e3), low**2 / abs(opposed)),
            ("Y = 0", still, max(high, 0.0)),
        ):
            found = implementation.final_squared_distance(*arguments)
            if not abs(found - expected) <= 1e-6 * expected + 1e-12 * start.h0:
                raise Counterexample(f"{name}: final_squared_distance was {found!r}, but should be {expected!r}")

    return for_all(starts(), examine, cases=budget.cases, seed=budget.seed)
