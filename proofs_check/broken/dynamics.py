"""Wrong versions of the effective theory of representation learning, and the checks that must reject each."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from ...theory.dynamics import RightHandSide, a_high, a_low, final_squared_distance, right_hand_side
from ..harness.implementations import Implementation


def _solves(ode: RightHandSide) -> Callable[..., Any]:
    """A solver of other equations."""

    def solve(
        dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float, w0: float, times: Any
    ) -> tuple[Any, ...]:
        found = solve_ivp(
            lambda _, state: ode(state, dx**2, dy**2, eta_h, eta_y), (0.0, float(times[-1])), [h0, y0, w0],
            method="LSODA", t_eval=times, rtol=1e-12, atol=1e-14,
        )  # fmt: skip
        h, y, w = found.y
        return h, y, w

    return solve


def _never_shrinks(state: Any, X: float, Y: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    dh, dy, dw = right_hand_side(state, X, Y, eta_h, eta_y)
    return abs(dh), dy, dw


def _without_half(state: Any, X: float, Y: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    dh, dy, dw = right_hand_side(state, X, Y, eta_h, eta_y)
    return dh, dy, 2 * dw


def _swapped(state: Any, X: float, Y: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    return right_hand_side(state, X, Y, eta_y, eta_h)


def _blind(state: Any, X: float, Y: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    h, y, w = state
    return -eta_h * X * w, -w * eta_y * h, -0.5 * eta_y * (3 * w - y + Y) * h


def _plus(dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float) -> float:
    high = h0 + eta_h / eta_y * dx**2 * y0 / h0
    return 0.5 * high + math.hypot(0.5 * high, a_low(dx, dy, eta_h, eta_y))


def _whole_root(dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float) -> float:
    high = a_high(dx, eta_h, eta_y, h0, y0)
    return 0.5 * high + math.hypot(high, a_low(dx, dy, eta_h, eta_y))


def _always_rich(dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float) -> float:
    return max(a_low(dx, dy, eta_h, eta_y), a_high(dx, eta_h, eta_y, h0, y0))


def _swapped_end(dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float) -> float:
    return final_squared_distance(dx, dy, eta_y, eta_h, h0, y0)


def _lengths_not_squared(dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float) -> float:
    return final_squared_distance(float(np.sqrt(dx)), float(np.sqrt(dy)), eta_h, eta_y, h0, y0)


BROKEN: dict[Implementation, str] = {
    Implementation("h' without its sign", solve_dynamics=_solves(_never_shrinks)): "T16-conserved T16-flow",
    Implementation("w' without its factor 1/2", solve_dynamics=_solves(_without_half)): "T16-flow",
    Implementation("rates swapped", solve_dynamics=_solves(_swapped), final_squared_distance=_swapped_end):
        "T16-conserved T16-flow T17-final-distance T17-limits",
    Implementation("outputs blind to the moving representation", solve_dynamics=_solves(_blind)):
        "T16-conserved T16-flow",
    Implementation("A_high with a plus", final_squared_distance=_plus): "T17-final-distance T17-limits",
    Implementation("A_high not halved under the root", final_squared_distance=_whole_root):
        "T17-final-distance T17-limits",
    Implementation("the larger of rich and lazy", final_squared_distance=_always_rich): "T17-final-distance T17-limits",
    Implementation("takes lengths for squares", final_squared_distance=_lengths_not_squared):
        "T17-final-distance T17-limits",
}
"""Each implementation, and the checks that must reject it. The factor 1/2 leaves the conserved quantity alone (T16
says nothing of w'), so only the flow can tell."""
