"""The two effective rates, fitted to measured curves: a global fit of many runs at once, for any right-hand side.

Rates scale time only, so a solution depends on their ratio, and their size says how fast it is gone through. All runs
and all ratios are integrated side by side, each with steps as long as its own state allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import InvalidState
from ..validation import Array
from ..validation.options import as_function, as_instance, as_list
from .batch import STEP, Batch, Indices, MeasuredCurves, integrate, rates_of_ratio, read
from .equations import RightHandSide, right_hand_side

PENALTY = 10.0
"""The most that one scaled residual counts: a solution that runs away is wrong, and no more than that."""

_COARSE_STEP = 0.4
_RATIOS = np.geomspace(1e-4, 1e4, 17)
_SPEEDS = np.geomspace(1.0, 1e5, 17)
_RATIO_BOUND, _SPEED_BOUNDS = np.log(1e5), np.log([1e-1, 1e6])
_STARTS, _ITERATIONS, _RUNS_AT_ONCE = 2, 25, 100
_DIFFERENCE, _SMALL_STEP, _SMALL_GAIN, _HOPELESS = 1e-5, 1e-7, 1e-7, 1e8


@dataclass(frozen=True)
class Rates:
    """Effective rates fitted to measured curves.

    Attributes
    ----------
    eta_h, eta_y : float
        The rates.
    error : float
        Root mean square of the residuals, each curve divided by its scale.

    Examples
    --------
    >>> from spanmatch import dynamics
    >>> dynamics.Rates(eta_h=0.5, eta_y=1.0, error=1e-8).ratio
    0.5
    """

    eta_h: float
    eta_y: float
    error: float

    @property
    def ratio(self) -> float:
        """η_h/η_y, on which the shape of the curves depends; the size of the rates is that of time."""
        return self.eta_h / self.eta_y


def fit_rates(
    times: Array, h: Array, y: Array, w: Array, dx: float, dy: float, *, ode: RightHandSide = right_hand_side
) -> Rates:
    """The effective rates of one run: ``fit_many`` for a single pair of inputs.

    Parameters
    ----------
    times : ndarray of shape (times,)
        At least three, ascending.
    h, y, w : ndarray of shape (times,)
        Squared distances measured at these times.
    dx, dy : float
        Distances of the two inputs and of their targets (lengths), dy > 0.
    ode : callable, default right_hand_side
        Another right-hand side to compare with; see ``fit_many``.

    Returns
    -------
    Rates
        For which the ODE comes nearest to the curves.

    Raises
    ------
    InvalidState
        If an argument is not as described.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import dynamics
    >>> times = np.linspace(0, 10, 10)
    >>> h, y, w = dynamics.solve(1, 2, 0.5, 1, 0.1, 0.1, 0.1, times)
    >>> rates = dynamics.fit_rates(times, h, y, w, dx=1, dy=2)
    >>> round(rates.eta_h, 4), round(rates.eta_y, 4)
    (0.5, 1.0)
    """
    return fit_many([MeasuredCurves(times, h, y, w, dx, dy)], ode=ode)[0]


def fit_many(runs: Sequence[MeasuredCurves], *, ode: RightHandSide = right_hand_side) -> list[Rates]:
    """The effective rates of each run: those whose ODE, from the first measured point, comes nearest to its curves.

    Parameters
    ----------
    runs : sequence of MeasuredCurves
        Each with dy > 0 and the same number of times, at least three.
    ode : callable, default right_hand_side
        Another right-hand side to compare with, (state, X, Y, eta_h, eta_y) -> (h', y', w'): homogeneous of degree 1 in
        the rates, and for arrays.

    Returns
    -------
    list of Rates
        One for each run.

    Raises
    ------
    InvalidState
        If a run is not as described.
    InvalidOption
        If ``ode`` is no function, or gives arrays of another shape.

    Notes
    -----
    Guarantee: a local minimum of the sum of squares, each curve divided by its scale (its largest value; for y and w at
    least Y). It is the best of those reached from the two deepest valleys of a grid of 17 ratios η_h/η_y about
    h_final²/(X Y), over eight decades, times 17 speeds; the same grid for every ODE.

    Numerics: Runge–Kutta steps of a fifth of the state's own time; errors of some 1e-5 of the scales.

    Cost: some ten milliseconds per run, when there are many.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import dynamics
    >>> times = np.linspace(0, 10, 10)
    >>> runs = [
    ...     dynamics.MeasuredCurves(times, *dynamics.solve(dx, 2, 0.5, 1, 0.1, 0.1, 0.1, times), dx, 2)
    ...     for dx in (1, 1.5)
    ... ]
    >>> [round(rates.ratio, 4) for rates in dynamics.fit_many(runs)]
    [0.5, 0.5]
    """
    as_function(ode, "ode")
    batch = Batch.of(runs)
    which, start = _valleys(batch, ode)
    found, costs = _descend(batch, ode, which, start)
    rates = []
    for k in range(len(runs)):
        best = min(np.flatnonzero(which == k), key=lambda j: costs[j])
        eta_h, eta_y = rates_of_ratio(batch.X[k], batch.Y[k], float(np.exp(found[best, 0])))
        speed = np.exp(found[best, 1])
        error = np.sqrt(costs[best] / batch.measured[k].size)
        rates.append(Rates(float(speed * eta_h), float(speed * eta_y), float(error)))
    return rates


def follow(
    runs: Sequence[MeasuredCurves], rates: Sequence[Rates], *, ode: RightHandSide = right_hand_side
) -> list[MeasuredCurves]:
    """The curves of the ODE itself, from each run's first measured point, with its rates, at its times.

    Parameters
    ----------
    runs : sequence of MeasuredCurves
        As in ``fit_many``.
    rates : sequence of Rates
        One for each run.
    ode : callable, default right_hand_side
        As in ``fit_many``.

    Returns
    -------
    list of MeasuredCurves
        One for each run.

    Raises
    ------
    InvalidState, InvalidOption
        If an argument is not as described.

    Notes
    -----
    Numerics: as ``fit_many``.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import dynamics
    >>> times = np.linspace(0, 10, 6)
    >>> run = dynamics.MeasuredCurves(times, *dynamics.solve(1, 2, 0.5, 1, 0.1, 0.1, 0.1, times), dx=1, dy=2)
    >>> followed, = dynamics.follow([run], [dynamics.Rates(0.5, 1.0, 0.0)])
    >>> bool(abs(followed.h - run.h).max() < 1e-4)
    True
    """
    as_function(ode, "ode")
    batch = Batch.of(runs)
    rates = [as_instance(one, "rates", Rates) for one in as_list(rates, "rates", "one Rates a run")]
    if len(rates) != len(runs):
        raise InvalidState(f"rates: got {len(rates)} for {len(runs)} runs, need one for each")
    ratios = np.array([one.ratio for one in rates])
    unit = np.array([rates_of_ratio(*one)[1] for one in zip(batch.X, batch.Y, ratios, strict=True)])
    speeds = np.array([one.eta_y for one in rates]) / unit
    every = np.arange(len(runs))
    values, _ = read(integrate(batch, ode, every, ratios, STEP), every, speeds[:, None] * batch.since)
    return [MeasuredCurves(run.times, h, y, w, run.dx, run.dy) for run, (h, y, w) in zip(runs, values, strict=True)]


def _valleys(batch: Batch, ode: RightHandSide) -> tuple[Indices, Array]:
    """Where to start: indices of runs, and log ratio and log speed of the deepest valleys over the grid of ratios."""
    which, starts = [], []
    for first in range(0, len(batch.X), _RUNS_AT_ONCE):
        chunk = np.arange(first, min(first + _RUNS_AT_ONCE, len(batch.X)))
        ratios = batch.centre[chunk, None] * _RATIOS
        found = integrate(batch, ode, np.repeat(chunk, _RATIOS.size), ratios.ravel(), _COARSE_STEP)
        times, states = np.ascontiguousarray(found.times.T), np.ascontiguousarray(found.states.transpose(2, 1, 0))
        for run, ratio in zip(chunk, ratios, strict=True):
            speeds = _SPEEDS / batch.since[run, -1]
            at = speeds[:, None] * batch.since[run]
            costs = np.empty((_RATIOS.size, _SPEEDS.size))
            for k in range(_RATIOS.size):
                j = (run - first) * _RATIOS.size + k
                values = np.stack([np.interp(at, times[j], curve) for curve in states[j]], axis=1)
                residuals = batch.residuals(run, values)
                costs[k] = np.square(np.clip(residuals, -PENALTY, PENALTY)).sum(axis=(1, 2))
            depth = np.concatenate([[np.inf], costs.min(axis=1), [np.inf]])
            valleys = np.flatnonzero((depth[1:-1] <= depth[:-2]) & (depth[1:-1] <= depth[2:]))
            for valley in valleys[np.argsort(depth[1:-1][valleys], kind="stable")][:_STARTS]:
                which.append(run)
                starts.append([np.log(ratio[valley]), np.log(speeds[costs[valley].argmin()])])
    return np.array(which), np.array(starts)


def _descend(batch: Batch, ode: RightHandSide, which: Indices, start: Array) -> tuple[Array, Array]:
    """Levenberg–Marquardt in (log ratio, log speed) from all starts side by side: where they end, and the sums of
    squares there."""
    place = start.copy()
    low = np.stack([np.log(batch.centre[which]) - _RATIO_BOUND, _SPEED_BOUNDS[0] - np.log(batch.since[which, -1])], 1)
    high = np.stack([np.log(batch.centre[which]) + _RATIO_BOUND, _SPEED_BOUNDS[1] - np.log(batch.since[which, -1])], 1)
    residuals, jacobian = _linearised(batch, ode, which, place)
    costs = np.square(residuals).sum(axis=1)
    damping, active = np.full(len(which), 1e-3), np.arange(len(which))
    for _ in range(_ITERATIONS):
        if not active.size:
            break
        J = jacobian[active]
        normal = np.einsum("nkl,nkm->nlm", J, J)
        normal += np.eye(2) * (damping[active, None] * np.einsum("nll->nl", normal) + 1e-12)[:, None]
        step = -np.linalg.solve(normal, np.einsum("nkl,nk->nl", J, residuals[active])[..., None])[..., 0]
        moved = np.clip(place[active] + np.clip(step, -2, 2), low[active], high[active])
        step = moved - place[active]
        new_residuals, new_jacobian = _linearised(batch, ode, which[active], moved)
        gain = costs[active] - np.square(new_residuals).sum(axis=1)
        better = gain > 0
        taken = active[better]
        place[taken], residuals[taken], jacobian[taken] = moved[better], new_residuals[better], new_jacobian[better]
        costs[taken] -= gain[better]
        damping[active] *= np.where(better, 0.2, 6.0)
        ended = (np.abs(step).max(axis=1) < _SMALL_STEP) | (better & (gain < _SMALL_GAIN * costs[active]))
        active = active[~ended & (damping[active] < _HOPELESS)]
    return place, costs


def _linearised(batch: Batch, ode: RightHandSide, which: Indices, place: Array) -> tuple[Array, Array]:
    """(starts, residuals) and their derivatives by log ratio and log speed; what is cut off does not move."""
    count = len(which)
    at = np.exp(place[:, 1:]) * batch.since[which]
    ratios = np.exp(np.concatenate([place[:, 0], place[:, 0] + _DIFFERENCE]))
    found = integrate(batch, ode, np.concatenate([which, which]), ratios, STEP)
    values, slopes = read(found, np.arange(count), at)
    beside, _ = read(found, np.arange(count, 2 * count), at)
    residuals = batch.residuals(which, values)
    counted = np.abs(residuals) < PENALTY
    by_ratio = (beside - values) / _DIFFERENCE / batch.scales[which]
    by_speed = slopes * at[:, None] / batch.scales[which]
    jacobian = np.stack([np.where(counted, one, 0.0).reshape(count, -1) for one in (by_ratio, by_speed)], axis=2)
    return np.clip(residuals, -PENALTY, PENALTY).reshape(count, -1), jacobian
