"""The effective theory: numerically, in its limits, and what it refuses (symbolically: ``test_symbolic.py``)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from spanmatch import dynamics
from spanmatch.theory.errors import InvalidOption, InvalidState

LONG = 1e6


def random_states(count: int) -> list[tuple[float, ...]]:
    """Valid ones from which h does not run into 0."""
    rng = np.random.default_rng(0)
    found: list[tuple[float, ...]] = []
    while len(found) < count:
        dx, dy = rng.uniform(0.3, 2, 2)
        eta_h, eta_y = np.exp(rng.uniform(-1.5, 1.5, 2))
        h0, y0 = np.exp(rng.uniform(-4, 1.5, 2))
        state = (dx, dy, eta_h, eta_y, h0, y0, y0 - rng.uniform(-1, 1) * math.sqrt(y0) * dy)
        try:
            dynamics.solve(*state, [LONG])
        except InvalidState:
            continue
        found.append(state)
    return found


class TestNumerically:
    def test_conserved_to_1e_9_and_final_to_1e_8(self) -> None:
        times = np.concatenate([np.linspace(0, 30, 60), [LONG]])
        for state in random_states(100):
            h, y, _ = dynamics.solve(*state, times)
            dx, _, eta_h, eta_y, *_ = state
            values = dynamics.conserved(dx, eta_h, eta_y, h, y)
            assert np.ptp(values) <= 1e-9 * max(1, abs(values[0]))
            assert h[-1] == pytest.approx(dynamics.final_squared_distance(*state[:-1]), rel=1e-8)

    def test_solution_is_that_of_a_literal_integration(self) -> None:
        times = np.linspace(0, 6, 25)
        for dx, dy, eta_h, eta_y, h0, y0, w0 in random_states(20):
            literal = solve_ivp(
                lambda _, z, a=(dx**2, dy**2, eta_h, eta_y): dynamics.right_hand_side(z, *a),
                (0, 6), [h0, y0, w0], method="Radau", t_eval=times, rtol=1e-9, atol=1e-12,
            ).y  # fmt: skip
            assert np.array(dynamics.solve(dx, dy, eta_h, eta_y, h0, y0, w0, times)) == pytest.approx(literal, abs=1e-6)

    def test_no_cancellation_where_the_decoder_is_far_too_large(self) -> None:
        found = dynamics.final_squared_distance(1.0, 1.0, 1.0, 1.0, 1e-6, 1e6)
        assert found == pytest.approx(1e-12, rel=1e-9)
        assert dynamics.regime_index(1, 1, 1, 1, 1e-6, 1e6) < -1e11

    def test_equal_targets(self) -> None:
        assert dynamics.final_squared_distance(1, 0, 1, 1, 0.5, 0.1) == pytest.approx(0.3)
        assert dynamics.final_squared_distance(1, 0, 1, 1, 0.1, 0.5) == 0
        assert dynamics.solve(1, 0, 1, 1, 0.5, 0.1, 0.1, [LONG])[0][0] == pytest.approx(0.3)
        assert dynamics.regime_index(1, 0, 1, 1, 0.5, 0.1) == math.inf

    def test_loss_is_half_the_mean_squared_error(self) -> None:
        rng = np.random.default_rng(1)
        targets, outputs = rng.standard_normal((2, 2, 3))
        dy, dyhat = targets[0] - targets[1], outputs[0] - outputs[1]
        mean_error = float(np.sum((outputs.mean(0) - targets.mean(0)) ** 2))
        y, length = float(dyhat @ dyhat), float(np.linalg.norm(dy))
        loss = dynamics.loss_curve(length, y, y - float(dyhat @ dy), 0.0, 1.0, mean_error)
        assert float(loss) == pytest.approx(0.25 * np.sum((outputs - targets) ** 2))


class TestSingularity:
    def test_exactly_opposed_outputs_are_an_error(self) -> None:
        dy, h0, y0 = 1.0, 0.1, 0.5
        opposed = y0 + math.sqrt(y0) * dy
        with pytest.raises(InvalidState, match="runs into 0"):
            dynamics.solve(1, dy, 1, 1, h0, y0, opposed, [10])
        with pytest.raises(InvalidState, match="exactly opposed"):
            dynamics.final_squared_distance(1, dy, 1, 1, h0, y0, opposed)

    def test_opposed_with_positive_a_high_ends_as_predicted(self) -> None:
        h0, y0 = 1.0, 0.25
        h, _, _ = dynamics.solve(1, 1, 1, 1, h0, y0, y0 + 0.5, [LONG])
        assert h[0] == pytest.approx(dynamics.final_squared_distance(1, 1, 1, 1, h0, y0, y0 + 0.5), rel=1e-8)

    def test_h_runs_into_zero_without_exact_opposition_too(self) -> None:
        """An open set of states does: r crosses 0 while u < 0, in a time too short for v to matter."""
        r, u, v = 0.1, -1.0, 0.3
        h0 = r * r
        y0 = h0 * (u * u + v * v)
        with pytest.raises(InvalidState, match="runs into 0"):
            dynamics.solve(1, 1, 1, 1, h0, y0, y0 - r * u, [1])
        literal = solve_ivp(
            lambda _, z: dynamics.right_hand_side(z, 1, 1, 1, 1),
            (0, 1),
            [h0, y0, y0 - r * u],
            method="LSODA",
            rtol=1e-10,
            atol=1e-13,
        )
        assert literal.y[0].min() < 1e-6


class TestFit:
    def test_recovers_the_rates(self) -> None:
        times = np.linspace(0, 10, 60)
        curves = dynamics.solve(1.2, 0.7, 0.8, 0.3, 0.05, 0.02, 0.01, times)
        rates = dynamics.fit_rates(times, *curves, 1.2, 0.7)
        assert (rates.eta_h, rates.eta_y) == pytest.approx((0.8, 0.3), rel=1e-5)
        assert rates.ratio == pytest.approx(8 / 3, rel=1e-5)

    def test_refuses_curves_that_do_not_fit_together(self) -> None:
        with pytest.raises(InvalidState, match="three"):
            dynamics.fit_rates([0, 1], [1, 1], [1, 1], [0, 0], 1, 1)


VALID: dict[str, Any] = {
    "dx": 1.0,
    "dy": 1.0,
    "eta_h": 1.0,
    "eta_y": 1.0,
    "h0": 0.1,
    "y0": 0.04,
    "w0": 0.0,
    "times": [1],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dx", 0), ("dx", -1), ("dy", -0.5), ("eta_h", 0), ("eta_h", -1), ("eta_y", -1e-9), ("h0", 0), ("h0", -0.1),
        ("y0", -1), ("w0", 0.5), ("w0", -0.5), ("h0", math.nan), ("dx", "1"), ("eta_y", True), ("w0", math.inf),
        ("times", []), ("times", [1, 0]), ("times", [-1]), ("times", [math.nan]),
    ],
)  # fmt: skip
def test_bad_input_is_a_clear_error(name: str, value: Any) -> None:
    with pytest.raises(InvalidState, match=rf"^{name}: got .*need|^{name}: got .*lies within"):
        dynamics.solve(**{**VALID, name: value})


def test_valid_input_is_taken() -> None:
    assert dynamics.solve(**VALID)[0][0] > 0


@pytest.mark.parametrize("last", [0.0, 1e-320, 1e-300, 1e-20])
def test_times_in_which_nothing_happens(last: float) -> None:
    """Steps below the resolution of the last time would be looked for without end."""
    h, y, w = dynamics.solve(1, 1, 1, 1, 0.1, 0.2, 0.3, [0.0, last])
    assert h == pytest.approx([0.1, 0.1], rel=1e-12)
    assert y == pytest.approx([0.2, 0.2], rel=1e-12)
    assert w == pytest.approx([0.3, 0.3], rel=1e-12)


@pytest.mark.parametrize("name", ["dx", "dy", "eta_h", "eta_y", "times"])
def test_what_cannot_be_integrated_ends_in_an_error(name: str) -> None:
    with pytest.raises(InvalidState, match=r"^dx, dy, .*, times: got .*breaks down; need shorter times"):
        dynamics.solve(**{**VALID, name: [1e308] if name == "times" else 1e308})


def test_repeated_times_are_answered_alike() -> None:
    once = np.array(dynamics.solve(1, 1, 1, 1, 1, 1, 0.5, [0, 1]))
    again = np.array(dynamics.solve(1, 1, 1, 1, 1, 1, 0.5, [0, 1, 1]))
    np.testing.assert_array_equal(again, once[:, [0, 1, 1]])


def test_what_floats_cannot_hold() -> None:
    for arguments in ((1e200, 1e200, 1, 1, 1, 1), (1e-200, 1, 1e300, 1e-300, 1, 1), (1, 1, 1, 1, 1e-300, 1e300)):
        with pytest.raises(InvalidState, match="beyond floating point"):
            dynamics.final_squared_distance(*arguments)
    with pytest.raises(InvalidState, match="times: got"):
        dynamics.solve(1, 1, 1, 1, 1, 1, 0.5, ["a"])
    with pytest.raises(InvalidState, match=r"^dx, dy, h, y, w: got lengths 1e\+200 .* take other units"):
        dynamics.fit_rates(range(4), [1.0] * 4, [1.0] * 4, [0.5] * 4, 1e200, 1)


def test_what_an_ode_gives_is_looked_at() -> None:
    curves = dynamics.solve(1, 1, 1, 1, 0.1, 0.1, 0.1, range(4))
    with pytest.raises(InvalidOption, match=r"^ode: gave shape \(2, "):
        dynamics.fit_rates(range(4), *curves, 1, 1, ode=lambda state, *_: state[:2])


def test_curves_of_other_lengths_are_named() -> None:
    with pytest.raises(InvalidState, match=r"^y, w, times: got shapes \(2,\), \(2,\), \(3,\)"):
        dynamics.loss_curve(1.0, [1, 2], [1, 2], [1, 2, 3], 1.0, 1.0)
    with pytest.raises(InvalidState, match=r"^times, h, y, w: got 3 times and curves of shapes \(3,\), \(2,\), \(3,\)"):
        dynamics.fit_rates(range(3), [1.0] * 3, [1.0] * 2, [0.5] * 3, 1, 1)
