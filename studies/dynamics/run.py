"""Predicted against measured: the effective theory of representation learning held against small trained networks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from ...files.atomic import atomic_writes, output_folder, to_json
from ...files.environment import versions
from ...networks.two_point import TWO_POINT_ARCHITECTURES, Setting, TwoPointRun, train_two_points
from ...report.terminal import print_dynamics
from ...theory.dynamics import (
    MeasuredCurves,
    Rates,
    RightHandSide,
    final_squared_distance,
    fit_many,
    follow,
    regime_index,
)
from ...theory.errors import InvalidOption
from ...theory.validation.options import Tell
from . import DYNAMICS_FILES, SCALES, STEPS
from .wrong_equations import TEST, WEAK

NEAR = 0.10


@dataclass(frozen=True)
class Prediction:
    """One network: distances (lengths, not squared) of its two hidden representations, and the fits.

    ``fitted``: from the rates fitted to this run's own curves; ``held_out``: from the median ratio of the other runs
    of its architecture and initial scale; ``one_ratio``: from the median ratio of its architecture, all scales; both
    know only the initial values of the run itself. ``altered``: the misfits of the altered equations to the run;
    ``in_principle``: to the theory's own curves, from the run's first point with the run's rates.
    """

    run: TwoPointRun
    scale: str
    rates: Rates
    altered: dict[str, float]
    in_principle: dict[str, float]
    held_out: float
    one_ratio: float

    @property
    def measured(self) -> float:
        return float(np.sqrt(self.run.h[-1]))

    @property
    def fitted(self) -> float:
        return predicted(self.run, self.rates.ratio)

    @property
    def regime(self) -> float:
        return regime(self.run, self.rates.ratio)

    def to_dict(self) -> dict[str, Any]:
        return {
            "architecture": self.run.architecture,
            "scale": self.scale,
            "setting": vars(self.run.setting),
            "eta_h": self.rates.eta_h,
            "eta_y": self.rates.eta_y,
            "regime": self.regime,
            "measured": self.measured,
            "fitted": self.fitted,
            "held_out": self.held_out,
            "one_ratio": self.one_ratio,
            "trained": float(self.run.y[-1] / self.run.setting.dy**2),
            "fit_error": self.rates.error,
            "altered": self.altered,
            "in_principle": self.in_principle,
            "curves": {name: getattr(self.run, name).tolist() for name in ("times", "h", "y", "w")},
        }


def predicted(run: TwoPointRun, ratio: float) -> float:
    """The predicted final distance (a length), from the run's initial values and a ratio of the rates."""
    s = run.setting
    return float(np.sqrt(final_squared_distance(s.dx, s.dy, ratio, 1.0, float(run.h[0]), float(run.y[0]))))


def regime(run: TwoPointRun, ratio: float) -> float:
    """A_high / A_low, from the run's initial values and a ratio of the rates."""
    return regime_index(run.setting.dx, run.setting.dy, ratio, 1.0, float(run.h[0]), float(run.y[0]))


@dataclass(frozen=True)
class DynamicsResult:
    """All runs, with what they say by architecture and initial scale."""

    runs: tuple[Prediction, ...]
    grid: int
    seed: int
    seconds: float

    def groups(self) -> dict[tuple[str, str], list[Prediction]]:
        found: dict[tuple[str, str], list[Prediction]] = {}
        for one in self.runs:
            found.setdefault((one.run.architecture, one.scale), []).append(one)
        return found

    def summary(self) -> list[dict[str, Any]]:
        """A row for each architecture and initial scale: relative errors, and how many runs are within 10 %."""
        return [
            {
                "architecture": architecture,
                "scale": scale,
                "runs": len(runs),
                "regime": float(np.median([one.regime for one in runs])),
                "ratio": float(np.median([one.rates.ratio for one in runs])),
                **{
                    f"{kind}_{name}": value
                    for kind in ("fitted", "held_out", "one_ratio")
                    for name, value in _errors([getattr(one, kind) / one.measured - 1 for one in runs]).items()
                },
                "fit_error": float(np.median([one.rates.error for one in runs])),
                "trained": float(min(one.run.y[-1] / one.run.setting.dy**2 for one in runs)),
            }
            for (architecture, scale), runs in self.groups().items()
        ]

    def worse(self) -> dict[str, dict[str, float]]:
        """For each altered ODE: ``share`` of the runs that it fits worse, over all and at each initial scale;
        ``times``, how many times worse in the median; ``can_tell``, the share of the runs whose theoretical curves it
        misses by more than the theory misses the network; ``share_of_those``, the share of these that it fits worse.
        """
        found = {}
        for name in self.runs[0].altered:
            worse = np.array([one.altered[name] > one.rates.error for one in self.runs])
            can_tell = np.array([one.in_principle[name] > one.rates.error for one in self.runs])
            at = {scale: np.array([one.scale == scale for one in self.runs]) for scale in SCALES}
            times = [one.altered[name] / max(one.rates.error, 1e-12) for one in self.runs]
            found[name] = {
                "share": float(worse.mean()),
                **{scale: float(worse[here].mean()) for scale, here in at.items()},
                "times": float(np.median(times)),
                "can_tell": float(can_tell.mean()),
                "share_of_those": float(worse[can_tell].mean()) if can_tell.any() else 0.0,
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": 1,
            "grid": self.grid,
            "seed": self.seed,
            "steps": STEPS,
            "scales": {name: {"gain": gain, "step": step} for name, (gain, step) in SCALES.items()},
            "seconds": round(self.seconds, 1),
            "versions": versions(),
            "summary": self.summary(),
            "altered": self.worse(),
            "test": [name for name in TEST if name in self.runs[0].altered],
            "runs": [one.to_dict() for one in self.runs],
        }

    def save(self, folder: Path) -> tuple[Path, ...]:
        """Write the files of ``DYNAMICS_FILES`` into a folder, all or none; those that are there are replaced."""
        from ...report.figures.dynamics import save_phase
        from ...report.page import dynamics_page

        found = self.to_dict()
        paths = tuple(folder / name for name in DYNAMICS_FILES)
        with output_folder(folder), atomic_writes(*paths) as (numbers, picture, page):
            numbers.write_text(to_json(found), encoding="utf-8")
            save_phase(found, picture)
            page.write_text(dynamics_page(found), encoding="utf-8")
        return paths

    def print(self, console: Console) -> None:
        """Tables for a person."""
        print_dynamics(self.to_dict(), console)


def run_dynamics(
    *,
    grid: int = 5,
    seed: int = 0,
    architectures: Iterable[str] = tuple(TWO_POINT_ARCHITECTURES),
    altered: Mapping[str, RightHandSide] = TEST | WEAK,
    progress: Tell | None = None,
) -> DynamicsResult:
    """Train networks over a grid of input and target distances at three initial scales; fit and predict.

    Input distances run from 0.5 to 1.5, those of targets from 1/grid to 1, ``grid`` of each. ``altered``: wrong
    equations to fit as well. Cost: about 45 s for the default grid of 225 networks, on one core, most of it for the
    altered equations. *Raises* ``InvalidOption``.
    """
    if isinstance(grid, bool) or not isinstance(grid, int) or grid < 2:
        raise InvalidOption(f"grid: got {grid!r}, need an integer of at least 2: points along each axis")
    started = time.perf_counter()
    tell = progress or (lambda _: None)
    points = [(float(dx), float(dy)) for dx in np.linspace(0.5, 1.5, grid) for dy in np.linspace(1 / grid, 1, grid)]
    plan = [(scale, dx, dy) for scale in SCALES for dx, dy in points]
    # A large factor keeps the networks' seeds of different runs of the study apart.
    settings = [Setting(dx, dy, *SCALES[scale], seed=seed * 100_000 + k) for k, (scale, dx, dy) in enumerate(plan)]
    runs: list[TwoPointRun] = []
    for architecture in dict.fromkeys(architectures):
        tell(f"{architecture}: training {len(settings)} networks")
        runs += train_two_points(architecture, settings, STEPS)
    if not runs:
        raise InvalidOption(f"architectures: got none, need at least one of {', '.join(TWO_POINT_ARCHITECTURES)}")
    tell(f"fitting the theory to {len(runs)} networks")
    curves = [curves_of(run) for run in runs]
    rates = fit_many(curves)
    own = follow(curves, rates)
    misfits, in_principle = {}, {}
    for name, ode in altered.items():
        tell(f"fitting an altered equation: {name}")
        errors = [one.error for one in fit_many([*curves, *own], ode=ode)]
        misfits[name], in_principle[name] = errors[: len(runs)], errors[len(runs) :]
    found = []
    for k, run in enumerate(runs):
        like = [j for j, other in enumerate(runs) if other.architecture == run.architecture and j != k]
        # Every architecture goes through the same plan.
        same_scale = [j for j in like if plan[j % len(plan)][0] == plan[k % len(plan)][0]]
        found.append(
            Prediction(
                run,
                plan[k % len(plan)][0],
                rates[k],
                {name: misfits[name][k] for name in altered},
                {name: in_principle[name][k] for name in altered},
                held_out=predicted(run, median_ratio([rates[j] for j in same_scale])),
                one_ratio=predicted(run, median_ratio([rates[j] for j in like])),
            )
        )
    return DynamicsResult(tuple(found), grid, seed, time.perf_counter() - started)


def small_dynamics(*, seed: int = 0, progress: Tell | None = None) -> DynamicsResult:
    """``run_dynamics`` in a few seconds: twelve leaky-ReLU networks and two of the altered equations."""
    return run_dynamics(
        grid=2,
        seed=seed,
        architectures=("leaky-relu-mlp",),
        altered={name: TEST[name] for name in ("w' with w for 3w", "y' of the wrong sign")},
        progress=progress,
    )


def curves_of(run: TwoPointRun) -> MeasuredCurves:
    """What ``fit_many`` takes."""
    return MeasuredCurves(run.times, run.h, run.y, run.w, run.setting.dx, run.setting.dy)


def median_ratio(rates: Iterable[Rates]) -> float:
    """The median of η_h/η_y."""
    return float(np.median([one.ratio for one in rates]))


def _errors(relative: list[float]) -> dict[str, float]:
    sizes = np.abs(relative)
    return {"near": int((sizes <= NEAR).sum()), "median": float(np.median(sizes)), "largest": float(sizes.max())}
