"""Solutions of two-point equations, any right-hand side, for many measured runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InvalidOption, InvalidState
from ..validation import Array, as_reals
from ..validation.options import as_instance, as_list
from .equations import RightHandSide, as_setting, as_state, as_times

Indices = npt.NDArray[np.intp]

STEP = 0.2
"""Of a solution's own time: errors of some 1e-5 of the curves' scales."""

_LONGEST_STEP = 1.0
_STEADY, _GROWING, _LATE = 60.0, 60, 100
_TOO_LARGE = 1e6

_ORDINARY = 1e-50
"""Beyond this and its inverse the squares and ratios of lengths leave floating point."""


@dataclass(frozen=True)
class MeasuredCurves:
    """Squared distances of two inputs as measured over time.

    Attributes
    ----------
    times : ndarray of shape (times,)
        Ascending.
    h, y, w : ndarray of shape (times,)
        Squared distance of the hidden representations, that of the outputs, and w = y − dy·dŷ.
    dx, dy : float
        Distances of the two inputs and of their targets (lengths).

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import dynamics
    >>> times = np.linspace(0, 10, 6)
    >>> run = dynamics.MeasuredCurves(times, *dynamics.solve(1, 2, 0.5, 1, 0.1, 0.1, 0.1, times), dx=1, dy=2)
    >>> run.h.round(3)
    array([0.1  , 0.198, 0.796, 1.171, 1.223, 1.228])
    """

    times: Array
    h: Array
    y: Array
    w: Array
    dx: float
    dy: float


@dataclass(frozen=True)
class Batch:
    """Checked runs: (runs, 3, times) curves and their scales, (runs, times) times since the first."""

    measured: Array
    scales: Array
    since: Array
    X: Array
    Y: Array

    @classmethod
    def of(cls, runs: Sequence[MeasuredCurves]) -> Batch:
        curves: list[Array] = []
        since, lengths = [], []
        for run in as_list(runs, "runs", "a sequence of MeasuredCurves"):
            as_instance(run, "runs", MeasuredCurves)
            dx, dy, _, _ = as_setting(run.dx, run.dy, 1.0, 1.0)
            grid = as_times(run.times)
            lines = [
                as_reals(line, name, "one finite number for each of times", InvalidState)
                for name, line in (("h", run.h), ("y", run.y), ("w", run.w))
            ]
            if grid.size < 3 or grid[0] == grid[-1] or {line.shape for line in lines} != {grid.shape}:
                shapes = ", ".join(str(line.shape) for line in lines)
                raise InvalidState(
                    f"times, h, y, w: got {grid.size} times and curves of shapes {shapes}; need at least three times, "
                    "not all the same, and one finite value of each curve for each of them"
                )
            measured = np.array(lines)
            if not _ORDINARY < min(dx, dy) <= max(dx, dy, *np.abs(measured).max(axis=1)) < 1 / _ORDINARY:
                raise InvalidState(
                    f"dx, dy, h, y, w: got lengths {dx:g} and {dy:g} and curves up to {np.abs(measured).max():g}; need "
                    f"dy > 0, lengths above {_ORDINARY:g} and everything below {1 / _ORDINARY:g}; take other units"
                )
            if curves and measured.shape != curves[0].shape:
                raise InvalidState(
                    f"runs: got runs of {curves[0].shape[1]} and of {grid.size} times, need the same number; "
                    "fit them one by one"
                )
            h0, y0, w0 = map(float, measured[:, 0])
            as_state(dy, h0, y0, w0, slack=1e-4)
            curves.append(measured)
            since.append(grid - grid[0])
            lengths.append((dx, dy))
        if not curves:
            raise InvalidState("runs: got none, need at least one")
        measured = np.array(curves)
        X, Y = np.square(lengths).T
        least = np.stack([np.zeros_like(Y), Y, Y], axis=1)
        return cls(measured, np.maximum(np.abs(measured).max(axis=2), least)[:, :, None], np.array(since), X, Y)

    @property
    def centre(self) -> Array:
        """η_h/η_y, had each run ended at A_low."""
        return np.asarray(self.measured[:, 0, -1] ** 2 / (self.X * self.Y))

    def residuals(self, which: Any, values: Array) -> Array:
        return np.asarray((values - self.measured[which]) / self.scales[which])


def rates_of_ratio(X: Any, Y: Any, ratio: Any) -> tuple[Any, Any]:
    """The rates of this ratio for which sqrt(η_h η_y) dx dy = 1, the rate at which small values grow."""
    unit = np.sqrt(X * Y)
    return np.sqrt(ratio) / unit, 1 / (np.sqrt(ratio) * unit)


@dataclass(frozen=True)
class Solutions:
    """(steps, solutions) times, and (steps, 3, solutions) states and derivatives there."""

    times: Array
    states: Array
    slopes: Array


def integrate(batch: Batch, ode: RightHandSide, which: Indices, ratios: Array, step: float) -> Solutions:
    """Solutions from the first points of the runs ``which``, by Runge–Kutta of order 4 in each solution's own time.

    That time runs at the sum of all rates in the equations: steps are short where the state changes fast, and a
    solution that runs into h = 0 or away comes to rest before it gets there. Late steps, when only slow modes are
    left, are longer.
    """
    X, Y = batch.X[which], batch.Y[which]
    eta_h, eta_y = rates_of_ratio(X, Y, ratios)
    pull = eta_h * X
    state = np.ascontiguousarray(batch.measured[which, :, 0].T)
    steps = [step] * int(_STEADY / step)
    steps += [*step * np.geomspace(1, _LONGEST_STEP / step, _GROWING), *[_LONGEST_STEP] * _LATE]
    times = np.zeros((len(steps) + 1, len(which)))
    states, slopes = (np.empty((len(steps) + 1, *state.shape)) for _ in range(2))
    largest = _TOO_LARGE * max(1.0, float(np.abs(state).max()))
    alive = np.ones(len(which), dtype=bool)

    def flow(at: Array) -> tuple[Array, Array]:
        h, y, w = at
        return np.array(ode(at, X, Y, eta_h, eta_y)), 1 / (1 + eta_y * h + pull * (np.abs(y) + np.abs(w)) / h)

    with np.errstate(all="ignore"):
        slope, pace = flow(state)
        if slope.shape != state.shape:
            raise InvalidOption(f"ode: gave shape {slope.shape} for states of {state.shape}, need h', y', w' for each")
        states[0], slopes[0] = state, slope
        for k, length in enumerate(steps):
            one = slope * pace
            slope, pace_2 = flow(state + 0.5 * length * one)
            two = slope * pace_2
            slope, pace_3 = flow(state + 0.5 * length * two)
            three = slope * pace_3
            slope, pace_4 = flow(state + length * three)
            moved = state + length / 6 * (one + 2 * (two + three) + slope * pace_4)
            passed = length / 6 * (pace + 2 * (pace_2 + pace_3) + pace_4)
            alive &= (moved[0] > 0) & (np.abs(moved).max(axis=0) < largest) & (passed > 0)
            state = np.where(alive, moved, state)
            times[k + 1] = times[k] + np.where(alive, passed, 0.0)
            slope, pace = flow(state)
            slope = np.where(alive, slope, 0.0)
            states[k + 1], slopes[k + 1] = state, slope
    return Solutions(times, states, slopes)


def read(solutions: Solutions, columns: Indices, at: Array) -> tuple[Array, Array]:
    """(solutions, 3, times) values and derivatives at the times ``at`` (solutions, times) by cubic interpolation; after
    the last step a solution rests."""
    times = solutions.times
    last = len(times) - 2
    k = np.array([np.searchsorted(times[:, c], one, side="right") - 1 for c, one in zip(columns, at, strict=True)])
    k = np.clip(k, 0, last)
    c = columns[:, None]
    length = times[k + 1, c] - times[k, c]
    moving = length > 0
    length = np.where(moving, length, 1.0)
    x = np.where(moving, (at - times[k, c]) / length, 1.0)
    moving &= x <= 1
    x, length, moving = np.minimum(x, 1.0)[..., None], length[..., None], moving[..., None]
    low, high = solutions.states[k, :, c], solutions.states[k + 1, :, c]
    rise, fall = solutions.slopes[k, :, c] * length, solutions.slopes[k + 1, :, c] * length
    gap = high - low
    values = low + x * (rise + x * (3 * gap - 2 * rise - fall + x * (rise + fall - 2 * gap)))
    slopes = (rise + x * (2 * (3 * gap - 2 * rise - fall) + 3 * x * (rise + fall - 2 * gap))) / length
    return np.moveaxis(values, 2, 1), np.moveaxis(np.where(moving, slopes, 0.0), 2, 1)
