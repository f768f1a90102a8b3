"""The equations of the effective theory, and what it takes: lengths, rates, states and times that are possible."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidState, shown
from ..validation import Array, as_reals
from ..validation.options import as_real

RightHandSide = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any, Any]]
"""(state, X, Y, eta_h, eta_y) -> (h', y', w'), of numbers or of arrays of one shape."""

SLACK = 1e-9


def right_hand_side(state: Any, X: Any, Y: Any, eta_h: Any, eta_y: Any) -> tuple[Any, Any, Any]:
    """The ODE of the effective theory, literally: (h', y', w').

    Parameters
    ----------
    state : tuple of three
        (h, y, w), h ≠ 0: numbers, arrays or symbols, as all the others.
    X, Y
        Squared distances of the two inputs and of their targets.
    eta_h, eta_y
        Effective rates.

    Returns
    -------
    tuple of three
        The derivatives of h, y and w by time.

    References
    ----------
    docs/theory/effective-theory.md#equations.

    Examples
    --------
    >>> from spanmatch import dynamics
    >>> dynamics.right_hand_side((2.0, 4.0, 1.0), X=1, Y=4, eta_h=1, eta_y=1)
    (-1.0, -4.0, -4.25)
    """
    h, y, w = state
    return (
        -eta_h * X * w,
        -w * (eta_y * h + eta_h * X * y / h),
        -0.5 * eta_y * (3 * w - y + Y) * h - 0.5 * eta_h * X * (y + w) * w / h,
    )


def as_setting(dx: Any, dy: Any, eta_h: Any, eta_y: Any) -> tuple[float, float, float, float]:
    """Checked lengths and rates."""
    lengths = as_positive("dx", dx), as_number("dy", dy, least=0.0)
    return *lengths, as_positive("eta_h", eta_h), as_positive("eta_y", eta_y)


def as_state(dy: float, h0: Any, y0: Any, w0: Any, slack: float = SLACK) -> tuple[float, float, float]:
    """A state that two points can be in: h0 > 0, y0 ≥ 0, |y0 − w0| ≤ sqrt(y0)·dy."""
    h0, y0 = as_distances(h0, y0)
    return h0, y0, as_possible(dy, y0, as_number("w0", w0), slack)


def as_distances(h0: Any, y0: Any) -> tuple[float, float]:
    return as_positive("h0", h0), as_number("y0", y0, least=0.0)


def as_possible(dy: float, y0: float, w0: float, slack: float) -> float:
    most = math.sqrt(y0) * dy
    if dy and abs(y0 - w0) > most + slack * max(most, y0, abs(w0)):
        raise InvalidState(
            f"w0: got {w0} with y0 = {y0} and dy = {dy}, but w0 = y0 - dy.dyhat lies within {y0 - most:.6g} and "
            f"{y0 + most:.6g}; check that dx and dy are lengths, the others squared"
        )
    if not dy and abs(y0 - w0) > slack * max(y0, abs(w0)):
        raise InvalidState(f"w0: got {w0} with y0 = {y0} and dy = 0, need w0 = y0")
    return w0


def as_times(times: Any) -> Array:
    needed = "finite ascending numbers >= 0, at least one"
    grid = np.atleast_1d(as_reals(times, "times", needed, InvalidState))
    if grid.ndim != 1 or not grid.size or grid[0] < 0 or (np.diff(grid) < 0).any():
        raise InvalidState(f"times: got {shown(times)}, need {needed}")
    return grid


def as_number(name: str, value: Any, least: float = -math.inf) -> float:
    needed = "a finite real number" if least < 0 else f"a finite real number >= {least:g}"
    return as_real(value, name, needed, lambda number: math.isfinite(number) and number >= least, InvalidState)


def as_positive(name: str, value: Any) -> float:
    """A length, a rate, or a squared distance that the equations divide by."""
    needed = "a finite real number > 0"
    # The float must be positive: a fraction may round to 0.
    return as_real(value, name, needed, lambda number: math.isfinite(number) and float(number) > 0, InvalidState)
