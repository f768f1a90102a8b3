"""The effective theory of when representations align: two inputs, their hidden distance, and where training takes it.

Source: L. van Rossem, A. Saxe, "When Representations Align: Universality in Representation Learning Dynamics",
ICML 2024 (arXiv 2402.09142); section 9 of the specification. X = dx² and Y = dy² are the squared distances of two
inputs and of their targets, h and y those of their hidden representations and outputs, w = y − dy·dŷ.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from scipy.integrate import ODEintWarning, odeint, solve_ivp
from scipy.optimize import least_squares

from .errors import InvalidState
from .validation import Array

Curves = tuple[Array, Array, Array]
RightHandSide = Callable[[Any, float, float, float, float], tuple[float, float, float]]
"""(state, X, Y, eta_h, eta_y) -> (h', y', w')."""

_SLACK = 1e-9
_FIT_TOLERANCE = 1e-8
_RATIO_GRID = np.geomspace(1e-2, 1e2, 9)
_PENALTY = 10.0


def right_hand_side(state: Any, X: float, Y: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    """The ODE of section 9, literally: (h', y', w') at ``state`` = (h, y, w), h ≠ 0. X and Y are squared lengths."""
    h, y, w = state
    return (
        -eta_h * X * w,
        -w * (eta_y * h + eta_h * X * y / h),
        -0.5 * eta_y * (3 * w - y + Y) * h - 0.5 * eta_h * X * (y + w) * w / h,
    )


def solve(dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float, w0: float, times: Any) -> Curves:
    """The squared distances h, y and w at ``times`` ≥ 0 (ascending), from the values h0, y0, w0 at time 0.

    Parameters: ``dx`` > 0, ``dy`` ≥ 0: lengths (not squared); ``eta_h``, ``eta_y`` > 0: effective rates.
    Guarantee: up to 1e-9 of the state's size. Numerics: with r² = h, and r·(u, v) the output's difference along
    and across dy,
    the ODE reads r' = ½η_h X (dy·u − r(u² + v²)), u' = ½η_y r (dy − r·u), v' = −½η_y r² v, which has no singularity;
    this is integrated (LSODA, stiff or not). Where r would change its sign, h runs into 0 and the ODE ends.
    Raises: ``InvalidState``, also when h runs into 0 within ``times``.
    """
    dx, dy, eta_h, eta_y = _setting(dx, dy, eta_h, eta_y)
    h0, y0, w0 = _state(dy, h0, y0, w0)
    grid = _times(times)
    start = _smooth_state(dy, h0, y0, w0)
    found = solve_ivp(
        lambda t, state: _smooth(state, t, dx * dx, dy, eta_h, eta_y), (0.0, max(grid[-1], 1e-300)), start,
        method="LSODA", t_eval=grid, rtol=1e-12, atol=1e-14 * max(1.0, *map(abs, start)),
    )  # fmt: skip
    if found.status != 0 or not np.isfinite(found.y).all():
        raise InvalidState(
            f"times: got times up to {grid[-1]:g}, over which the integration broke down ({found.message}); "
            f"need shorter "
            f"ones, or rates and lengths nearer to 1"
        )
    r, u, v = found.y
    # The quadrant r < 0, u < 0 is never left again, so the sign at the times asked for tells all.
    if (r <= 0).any():
        raise InvalidState(
            f"h0, y0, w0: got {h0}, {y0}, {w0}, from where h runs into 0 by time "
            f"{grid[int(np.argmax(r <= 0))]:g} and the "
            f"ODE ends; need outputs less opposed to their targets (a smaller w0), or a larger h0"
        )
    y = r * r * (u * u + v * v)
    return r * r, y, y - dy * r * u


def conserved(dx: float, eta_h: float, eta_y: float, h: Any, y: Any) -> Any:
    """y/h − (η_y / (η_h X)) h, constant along the flow. *Implements* T16. ``dx`` is a length."""
    return np.asarray(y) / h - eta_y / (eta_h * dx**2) * np.asarray(h)


def final_squared_distance(
    dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float, w0: float | None = None
) -> float:
    """The squared hidden distance at the end of training: ½A_high + sqrt(¼A_high² + A_low²). *Implements* T17.

    ``dx``, ``dy`` are lengths. The value does not depend on w0, but whether it is reached does: with ``w0`` given, a
    state that is impossible or exactly anti-aligned with A_high ≤ 0 is an error (``solve`` finds the other states
    that run into
    h = 0). Numerics: relative error of a few roundings, also where A_high ≪ −A_low. Raises: ``InvalidState``.
    """
    dx, dy, eta_h, eta_y = _setting(dx, dy, eta_h, eta_y)
    h0, y0 = _distances(h0, y0)
    if w0 is not None:
        w0 = _possible(dy, y0, _number("w0", w0), _SLACK)
    low, high = a_low(dx, dy, eta_h, eta_y), a_high(dx, eta_h, eta_y, h0, y0)
    if w0 is not None and y0 > 0 and high <= 0 and w0 - y0 >= dy * math.sqrt(y0) * (1 - _SLACK) > 0:
        raise InvalidState(
            f"w0: got {w0}, with outputs exactly opposed to their targets and A_high = {high:.3g} <= 0, from "
            f"where h runs "
            f"into 0; need w0 below y0 + sqrt(y0) dy = {y0 + dy * math.sqrt(y0):.6g}, or a larger h0"
        )
    root = math.hypot(0.5 * high, low)
    if high >= 0:
        return 0.5 * high + root
    return low * low / (root - 0.5 * high)


def a_low(dx: float, dy: float, eta_h: float, eta_y: float) -> float:
    """sqrt(η_h/η_y)·dx·dy: the final squared distance from small initial values (the rich regime)."""
    return math.sqrt(eta_h / eta_y) * dx * dy


def a_high(dx: float, eta_h: float, eta_y: float, h0: float, y0: float) -> float:
    """h0 − (η_h/η_y) X y0/h0: the final squared distance from large initial values (the lazy regime)."""
    return h0 - eta_h / eta_y * dx**2 * y0 / h0


def regime_index(dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float) -> float:
    """A_high/A_low: near 0 in the rich regime, ≫ 1 in the lazy one, ≪ −1 where the decoder is far too large;
    infinite at dy = 0.

    Raises: ``InvalidState``.
    """
    dx, dy, eta_h, eta_y = _setting(dx, dy, eta_h, eta_y)
    h0, y0 = _distances(h0, y0)
    low, high = a_low(dx, dy, eta_h, eta_y), a_high(dx, eta_h, eta_y, h0, y0)
    return high / low if low else math.copysign(math.inf, high) if high else 0.0


def loss_curve(dy: float, y: Any, w: Any, times: Any, mean_rate: float, mean_error: float) -> Array:
    """The loss over the two points, half the mean squared error: ¼[2 e^(−2 mean_rate t) mean_error + w + ½(Y − y)].

    ``mean_error`` is the squared distance at time 0 of the outputs' mean to the targets' mean.
    """
    decay = 2 * mean_error * np.exp(-2 * mean_rate * np.asarray(times, dtype=np.float64))
    return np.asarray(0.25 * (decay + np.asarray(w) + 0.5 * (dy**2 - np.asarray(y))))


@dataclass(frozen=True)
class Rates:
    """Effective rates fitted to measured curves; ``error`` is the root mean square of the scaled residuals."""

    eta_h: float
    eta_y: float
    error: float

    @property
    def ratio(self) -> float:
        return self.eta_h / self.eta_y


def fit_rates(
    times: Any, h: Any, y: Any, w: Any, dx: float, dy: float, *, ode: RightHandSide = right_hand_side
) -> Rates:
    """η_h and η_y for which the ODE, started at the first point of measured curves, comes nearest to all of them.

    Parameters: ``times``: ascending, at least three; ``h``, ``y``, ``w`` measured there; ``dx``, ``dy`` > 0: lengths;
    ``ode``: another right-hand side, homogeneous of degree 1 in the rates, to compare with. Guarantee: a local
    minimum of the sum of squares,
    each curve divided by its scale (its largest value; for y and w at least Y), refined from the best point of a
    log grid about η_h/η_y =
    h_final²/(X Y).
    Cost: some dozens of integrations. Raises: ``InvalidState``.
    """
    dx, dy, _, _ = _setting(dx, dy, 1.0, 1.0)
    grid = _times(times)
    measured = np.array([h, y, w], dtype=np.float64)
    if dy == 0 or grid.size < 3 or measured.shape != (3, grid.size) or not np.isfinite(measured).all():
        raise InvalidState(
            f"times, h, y, w, dy: got {grid.size} times, curves of shape {measured.shape} and dy = {dy}; "
            f"need at least three "
            f"times, one finite value of each curve for each of them, and dy > 0"
        )
    h0, y0, w0 = (float(one) for one in measured[:, 0])
    _state(dy, h0, y0, w0, slack=1e-4)
    scales = np.maximum(np.abs(measured).max(axis=1), [0, dy * dy, dy * dy])[:, None]
    since = grid - grid[0]

    def misfit(found: Array) -> Array:
        return np.asarray(np.clip((found - measured) / scales, -_PENALTY, _PENALTY)).ravel()

    def curves(log_rates: Any, at: Array) -> Array:
        eta_h, eta_y = np.exp(log_rates)
        # A wrong ODE may be too hard to integrate: what comes of it then is far from the curves, which is all
        # that counts.
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", ODEintWarning)
            found, _ = odeint(
                _guarded(ode), measured[:, 0], at, args=(dx * dx, dy * dy, eta_h, eta_y), full_output=True,
                rtol=_FIT_TOLERANCE, atol=_FIT_TOLERANCE * float(scales.max()), mxstep=2000, printmessg=False,
            )  # fmt: skip
        return np.nan_to_num(found.T, nan=_PENALTY, posinf=_PENALTY, neginf=-_PENALTY)

    centre = float(measured[0, -1]) ** 2 / (dx * dy) ** 2
    best, start = math.inf, np.zeros(2)
    spread = np.concatenate([[0.0], np.geomspace(1e-2, 1e4, 400)])
    for ratio in centre * _RATIO_GRID:
        # Rates scale time only: one solution at eta_y = 1 serves all of them.
        unit = 1 / (math.sqrt(ratio) * dx * dy)
        found = curves((math.log(ratio * unit), math.log(unit)), spread)
        for speed in np.geomspace(10, 1e4, 25) / since[-1]:
            error = float(np.sum(misfit(np.array([np.interp(speed * since, spread, one) for one in found])) ** 2))
            if error < best:
                best, start = error, np.log([speed * unit * ratio, speed * unit])
    def residuals(log_rates: Any) -> Array:
        return misfit(curves(log_rates, since))

    fitted = least_squares(residuals, start, max_nfev=30, bounds=(start - 8, start + 8))
    eta_h, eta_y = np.exp(fitted.x)
    return Rates(float(eta_h), float(eta_y), float(np.sqrt(np.mean(fitted.fun**2))))


def _guarded(ode: RightHandSide) -> Callable[..., Any]:
    """A wrong ODE may run away or through h = 0: it stops there instead of taking the integration down."""

    def guarded(state: Any, _time: float, *setting: float) -> Any:
        if not (state[0] > 0 and max(map(abs, state)) < 1e6):
            return (0.0, 0.0, 0.0)
        return ode(state, *setting)

    return guarded


def _smooth(state: Any, _time: float, X: float, dy: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    r, u, v = state
    return (
        0.5 * eta_h * X * (dy * u - r * (u * u + v * v)),
        0.5 * eta_y * r * (dy - r * u),
        -0.5 * eta_y * r * r * v,
    )


def _smooth_state(dy: float, h: float, y: float, w: float) -> tuple[float, float, float]:
    along = (y - w) / dy if dy else 0.0
    across = math.sqrt(max(y - along * along, 0.0))
    # Rounding must not turn "exactly opposed" into "nearly".
    across = 0.0 if across * across <= _SLACK * _SLACK * y else across
    r = math.sqrt(h)
    return r, along / r, across / r


def _setting(dx: Any, dy: Any, eta_h: Any, eta_y: Any) -> tuple[float, float, float, float]:
    """Checked lengths and rates."""
    for name, value, least in (("dx", dx, "> 0"), ("dy", dy, ">= 0"), ("eta_h", eta_h, "> 0"), ("eta_y", eta_y, "> 0")):
        number = _number(name, value)
        if number < 0 or (number == 0 and least == "> 0"):
            what = "a length" if name.startswith("d") else "an effective rate"
            raise InvalidState(f"{name}: got {value!r}, need {what} {least}")
    return float(dx), float(dy), float(eta_h), float(eta_y)


def _state(dy: float, h0: Any, y0: Any, w0: Any, slack: float = _SLACK) -> tuple[float, float, float]:
    """A state that two points can be in: h0 > 0, y0 ≥ 0, |y0 − w0| ≤ sqrt(y0)·dy."""
    h0, y0 = _distances(h0, y0)
    return h0, y0, _possible(dy, y0, _number("w0", w0), slack)


def _distances(h0: Any, y0: Any) -> tuple[float, float]:
    h0, y0 = _number("h0", h0), _number("y0", y0)
    if h0 <= 0:
        raise InvalidState(f"h0: got {h0}, need a squared distance > 0; at 0 the ODE is singular")
    if y0 < 0:
        raise InvalidState(f"y0: got {y0}, need a squared distance >= 0")
    return h0, y0


def _possible(dy: float, y0: float, w0: float, slack: float) -> float:
    most = math.sqrt(y0) * dy
    if dy and abs(y0 - w0) > most + slack * max(most, y0, abs(w0)):
        raise InvalidState(
            f"w0: got {w0} with y0 = {y0} and dy = {dy}, but w0 = y0 - dy.dyhat lies within {y0 - most:.6g} and "
            f"{y0 + most:.6g}; check that dx and dy are lengths, the others squared"
        )
    if not dy and abs(y0 - w0) > slack * max(y0, abs(w0)):
        raise InvalidState(f"w0: got {w0} with y0 = {y0} and dy = 0, need w0 = y0")
    return w0


def _times(times: Any) -> Array:
    grid = np.atleast_1d(np.asarray(times, dtype=np.float64))
    if grid.ndim != 1 or not grid.size or not np.isfinite(grid).all() or grid[0] < 0 or (np.diff(grid) < 0).any():
        raise InvalidState(f"times: got {times!r}, need finite ascending numbers >= 0, at least one")
    return grid


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real) or not math.isfinite(float(value)):
        raise InvalidState(f"{name}: got {value!r}, need a finite real number")
    return float(value)
