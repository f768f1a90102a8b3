"""The effective theory of when representations align: two inputs, their hidden distance, and where training takes it.

Source: L. van Rossem, A. Saxe, "When Representations Align: Universality in Representation Learning Dynamics",
ICML 2024 (arXiv 2402.09142); docs/theory/effective-theory.md. X = dx² and Y = dy² are the squared distances of two
inputs and of their targets, h and y those of their hidden representations and outputs, w = y − dy·dŷ.
"""

from __future__ import annotations

import math
from itertools import count
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from ..errors import InvalidState, shown
from ..validation import Array, as_reals
from .batch import MeasuredCurves
from .equations import (
    SLACK,
    RightHandSide,
    as_distances,
    as_number,
    as_possible,
    as_setting,
    as_state,
    as_times,
    right_hand_side,
)
from .fit import Rates, fit_many, fit_rates, follow

__all__ = [
    "MeasuredCurves",
    "Rates",
    "RightHandSide",
    "a_high",
    "a_low",
    "conserved",
    "final_squared_distance",
    "fit_many",
    "fit_rates",
    "follow",
    "loss_curve",
    "regime_index",
    "right_hand_side",
    "solve",
]

Curves = tuple[Array, Array, Array]

MOST_EVALUATIONS = 20_000
"""Of the right-hand side; over six decades of lengths and rates solutions take up to 3 400."""


def solve(
    dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float, w0: float, times: Float[ArrayLike, " times"]
) -> Curves:
    """The squared distances h, y and w over time, from their values at time 0.

    Parameters
    ----------
    dx, dy : float
        Distances of the two inputs (> 0) and of their targets (>= 0): lengths, not squared.
    eta_h, eta_y : float
        Effective rates, > 0.
    h0, y0, w0 : float
        Values at time 0: h0 > 0, y0 >= 0 and |y0 - w0| <= sqrt(y0) dy.
    times : array-like of shape (times,)
        Ascending, >= 0.

    Returns
    -------
    h, y, w : ndarray of shape (times,)
        Squared distance of the hidden representations, that of the outputs, and w = y - dy·dŷ.

    Raises
    ------
    InvalidState
        If an argument is not as described, or h runs into 0 within ``times``.

    Notes
    -----
    Guarantee: up to 1e-9 of the state's size.

    Numerics: with r² = h, and r·(u, v) the output's difference along and across dy, the ODE reads r' = ½η_h X (dy·u −
    r(u² + v²)), u' = ½η_y r (dy − r·u), v' = −½η_y r² v, which has no singularity; this is integrated (LSODA, stiff or
    not). Where r would change its sign, h runs into 0 and the ODE ends.

    References
    ----------
    docs/theory/effective-theory.md#equations.

    Examples
    --------
    >>> from spanmatch import dynamics
    >>> h, y, w = dynamics.solve(1, 2, 0.5, 1, 0.1, 0.1, 0.1, times=[0, 4, 10])
    >>> h.round(3).tolist(), y.round(3).tolist()
    ([0.1, 0.796, 1.228], [0.1, 1.904, 3.997])
    """
    dx, dy, eta_h, eta_y = as_setting(dx, dy, eta_h, eta_y)
    h0, y0, w0 = as_state(dy, h0, y0, w0)
    given = {"dx": dx, "dy": dy, "eta_h": eta_h, "eta_y": eta_y, "h0": h0, "y0": y0, "w0": w0}
    grid = as_times(times)
    start = _smooth_state(dy, h0, y0, w0)
    calls = count()

    def flow(_time: float, state: Array) -> Array:
        with np.errstate(all="ignore"):
            slope: Array = grid[-1] * np.array(_smooth(state, dx * dx, dy, eta_h, eta_y))
        # LSODA looks for a step that fits for ever where there is none.
        if next(calls) > MOST_EVALUATIONS or not np.isfinite(slope).all():
            raise _broken_down(given, grid[-1])
        return slope

    # In units of the last time, for steps below 1e-300 of a time are none; at the last time 0 nothing moves.
    units = grid / (grid[-1] or 1.0)
    found = solve_ivp(
        flow, (0.0, 1.0), start,
        method="LSODA", t_eval=np.unique(units), rtol=1e-12, atol=1e-14 * max(1.0, *map(abs, start)),
    )  # fmt: skip
    if found.status != 0 or not np.isfinite(found.y).all():
        raise _broken_down(given, grid[-1])
    r, u, v = found.y[:, np.searchsorted(found.t, units)]
    # The quadrant r < 0, u < 0 is never left again, so the sign at the times asked for tells all.
    if (r <= 0).any():
        raise InvalidState(
            f"h0, y0, w0: got {h0}, {y0}, {w0}, from where h runs into 0 by time {grid[int(np.argmax(r <= 0))]:g} "
            "and the ODE ends; need outputs less opposed to their targets (a smaller w0), or a larger h0"
        )
    y = r * r * (u * u + v * v)
    return r * r, y, y - dy * r * u


def conserved(dx: float, eta_h: float, eta_y: float, h: ArrayLike, y: ArrayLike) -> Array:
    """y/h − (η_y / (η_h X)) h, which is constant along the flow.

    Parameters
    ----------
    dx : float
        Distance of the two inputs (a length).
    eta_h, eta_y : float
        Effective rates, > 0.
    h, y : array-like
        Squared distances, h > 0: numbers, or arrays of one shape.

    Returns
    -------
    ndarray
        Of the shape of h and y.

    Raises
    ------
    InvalidState
        If an argument is not as described.

    References
    ----------
    T16; docs/theory/effective-theory.md#t16.

    Examples
    --------
    >>> from spanmatch import dynamics
    >>> h, y, w = dynamics.solve(1, 2, 0.5, 1, 0.1, 0.1, 0.1, times=[0, 4, 10])
    >>> dynamics.conserved(1, 0.5, 1, h, y).round(6)
    array([0.8, 0.8, 0.8])
    """
    dx, _, eta_h, eta_y = as_setting(dx, 0.0, eta_h, eta_y)
    h, y = _alike(h=h, y=y)
    if (h <= 0).any():
        raise InvalidState(f"h: got {shown(h)}, need squared distances > 0")
    with np.errstate(all="ignore"):
        value = y / h - eta_y / (eta_h * np.square(dx)) * h
    return _held(value, dx=dx, eta_h=eta_h, eta_y=eta_y, h=h, y=y)


def final_squared_distance(
    dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float, w0: float | None = None
) -> float:
    """The squared hidden distance at the end of training: ½A_high + sqrt(¼A_high² + A_low²).

    Parameters
    ----------
    dx, dy : float
        Distances of the two inputs (> 0) and of their targets (>= 0): lengths, not squared.
    eta_h, eta_y : float
        Effective rates, > 0.
    h0, y0 : float
        Squared distances at time 0: h0 > 0, y0 >= 0.
    w0 : float, optional
        The value does not depend on it, but whether it is reached does: with ``w0`` given, a state that is impossible,
        or exactly opposed to its target with A_high ≤ 0, is an error. ``solve`` finds the other states that run into h
        = 0.

    Returns
    -------
    float
        The squared distance, up to a relative error of a few roundings, also where A_high ≪ −A_low.

    Raises
    ------
    InvalidState
        If an argument is not as described.

    References
    ----------
    T17; docs/theory/effective-theory.md#t17.

    Examples
    --------
    >>> from spanmatch import dynamics
    >>> h, y, w = dynamics.solve(1, 2, 0.5, 1, 0.1, 0.1, 0.1, times=[50])
    >>> round(dynamics.final_squared_distance(1, 2, 0.5, 1, 0.1, 0.1), 6), h.round(6)
    (1.228286, array([1.228286]))
    """
    dx, dy, eta_h, eta_y = as_setting(dx, dy, eta_h, eta_y)
    h0, y0 = as_distances(h0, y0)
    if w0 is not None:
        w0 = as_possible(dy, y0, as_number("w0", w0), SLACK)
    low, high = a_low(dx, dy, eta_h, eta_y), a_high(dx, eta_h, eta_y, h0, y0)
    if w0 is not None and y0 > 0 and high <= 0 and w0 - y0 >= dy * math.sqrt(y0) * (1 - SLACK) > 0:
        raise InvalidState(
            f"w0: got {w0}, with outputs exactly opposed to their targets and A_high = {high:.3g} <= 0, from where "
            f"h runs into 0; need w0 below y0 + sqrt(y0) dy = {y0 + dy * math.sqrt(y0):.6g}, or a larger h0"
        )
    root = math.hypot(0.5 * high, low)
    if high >= 0:
        return 0.5 * high + root
    return low * low / (root - 0.5 * high)


def a_low(dx: float, dy: float, eta_h: float, eta_y: float) -> float:
    """sqrt(η_h/η_y)·dx·dy: the final squared distance from small initial values (the rich regime).

    Parameters
    ----------
    dx, dy : float
        Distances of the two inputs (> 0) and of their targets (>= 0): lengths, not squared.
    eta_h, eta_y : float
        Effective rates, > 0.

    Returns
    -------
    float
        A_low.

    Raises
    ------
    InvalidState
        If an argument is not as described.

    References
    ----------
    T17; docs/theory/effective-theory.md#t17.

    Examples
    --------
    >>> from spanmatch import dynamics
    >>> dynamics.a_low(1, 2, 1, 4)
    1.0
    """
    dx, dy, eta_h, eta_y = as_setting(dx, dy, eta_h, eta_y)
    with np.errstate(all="ignore"):
        value = np.sqrt(np.divide(eta_h, eta_y)) * dx * dy
    return float(_held(value, dx=dx, dy=dy, eta_h=eta_h, eta_y=eta_y))


def a_high(dx: float, eta_h: float, eta_y: float, h0: float, y0: float) -> float:
    """h0 − (η_h/η_y) X y0/h0: the final squared distance from large initial values (the lazy regime).

    Parameters
    ----------
    dx : float
        Distance of the two inputs (a length), > 0.
    eta_h, eta_y : float
        Effective rates, > 0.
    h0, y0 : float
        Squared distances at time 0: h0 > 0, y0 >= 0.

    Returns
    -------
    float
        A_high, which may be negative.

    Raises
    ------
    InvalidState
        If an argument is not as described.

    References
    ----------
    T17; docs/theory/effective-theory.md#t17.

    Examples
    --------
    >>> from spanmatch import dynamics
    >>> dynamics.a_high(1, 1, 1, h0=10, y0=5)
    9.5
    """
    dx, _, eta_h, eta_y = as_setting(dx, 0.0, eta_h, eta_y)
    h0, y0 = as_distances(h0, y0)
    with np.errstate(all="ignore"):
        value = h0 - np.divide(eta_h, eta_y) * np.square(dx) * y0 / h0
    return float(_held(value, dx=dx, eta_h=eta_h, eta_y=eta_y, h0=h0, y0=y0))


def regime_index(dx: float, dy: float, eta_h: float, eta_y: float, h0: float, y0: float) -> float:
    """A_high/A_low: near 0 in the rich regime, ≫ 1 in the lazy one, ≪ −1 where the decoder is far too large.

    Parameters
    ----------
    dx, dy : float
        Distances of the two inputs (> 0) and of their targets (>= 0): lengths, not squared.
    eta_h, eta_y : float
        Effective rates, > 0.
    h0, y0 : float
        Squared distances at time 0: h0 > 0, y0 >= 0.

    Returns
    -------
    float
        Infinite at dy = 0, unless A_high is 0 too.

    Raises
    ------
    InvalidState
        If an argument is not as described.

    Examples
    --------
    >>> from spanmatch import dynamics
    >>> dynamics.regime_index(1, 2, 1, 4, h0=0.01, y0=0), dynamics.regime_index(1, 2, 1, 4, h0=10, y0=0)
    (0.01, 10.0)
    """
    low, high = a_low(dx, dy, eta_h, eta_y), a_high(dx, eta_h, eta_y, h0, y0)
    return high / low if low else math.copysign(math.inf, high) if high else 0.0


def loss_curve(dy: float, y: ArrayLike, w: ArrayLike, times: ArrayLike, mean_rate: float, mean_error: float) -> Array:
    """The loss over the two points: ¼[2 e^(−2 mean_rate t) mean_error + w + ½(Y − y)], half the mean squared error.

    Parameters
    ----------
    dy : float
        Distance of the two targets (a length).
    y, w, times : array-like
        Squared distance of the outputs, w = y − dy·dŷ, and the times: numbers, or arrays of one shape.
    mean_rate : float
        At which the outputs' mean approaches the targets' mean, >= 0.
    mean_error : float
        Squared distance of these two means at time 0, >= 0.

    Returns
    -------
    ndarray
        Of the shape of y, w and times.

    Raises
    ------
    InvalidState
        If an argument is not as described.

    Examples
    --------
    >>> from spanmatch import dynamics
    >>> times = [0, 4, 10]
    >>> h, y, w = dynamics.solve(1, 2, 0.5, 1, 0.1, 0.1, 0.1, times)
    >>> dynamics.loss_curve(2, y, w, times, mean_rate=1, mean_error=1).round(3).tolist()
    [1.012, 0.095, 0.0]
    """
    length, rate, error = (
        as_number(name, value, least=0.0)
        for name, value in (("dy", dy), ("mean_rate", mean_rate), ("mean_error", mean_error))
    )
    y, w, times = _alike(y=y, w=w, times=times)
    with np.errstate(all="ignore"):
        decay = 2 * error * np.exp(-2 * rate * times)
        loss = 0.25 * (decay + w + 0.5 * (np.square(length) - y))
    return _held(loss, dy=length, y=y, w=w, times=times, mean_rate=rate, mean_error=error)


def _alike(**given: Any) -> list[Array]:
    """Numbers, and arrays of one shape."""
    arrays = [as_reals(value, name, "finite real numbers", InvalidState) for name, value in given.items()]
    if len({array.shape for array in arrays if array.ndim}) > 1:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise InvalidState(f"{', '.join(given)}: got shapes {shapes}, need numbers or arrays of one shape")
    return arrays


def _held(value: Any, **given: Any) -> Array:
    """The value, if floating point holds it."""
    if not np.isfinite(value).all():
        raise InvalidState(
            f"{', '.join(given)}: got {', '.join(map(shown, given.values()))}, for which the answer is beyond floating "
            "point; need lengths, rates and distances nearer to 1"
        )
    return np.asarray(value)


def _broken_down(given: dict[str, float], last: float) -> InvalidState:
    return InvalidState(
        f"{', '.join(given)}, times: got {', '.join(map(str, given.values()))} and times up to {last:g}, over which "
        "the integration breaks down; need shorter times, or rates and lengths nearer to 1"
    )


def _smooth(state: Any, X: float, dy: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
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
    across = 0.0 if across * across <= SLACK * SLACK * y else across
    r = math.sqrt(h)
    return r, along / r, across / r
