"""Predicted against measured: the effective theory of representation learning held against small trained networks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ..files import atomic_writes, to_json
from ..networks.two_point import ARCHITECTURES, Setting, TwoPointRun, train_two_points
from ..theory.dynamics import Rates, RightHandSide, final_squared_distance, fit_rates, regime_index, right_hand_side
from ..theory.errors import InvalidOption
from .versions import versions

Progress = Callable[[str], None]

STEPS = 3000
SCALES: dict[str, tuple[float, float]] = {"rich": (0.4, 0.15), "middle": (0.8, 0.05), "lazy": (1.6, 0.005)}
"""Initial scale -> (gain of the initial weights, step size)."""
NEAR = 0.10


def _no_feedback(state: Any, X: float, Y: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    h, y, w = state
    return -eta_h * X * w, -w * eta_y * h, -0.5 * eta_y * (3 * w - y + Y) * h


def _wrong_sign(state: Any, X: float, Y: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    dh, dy, dw = right_hand_side(state, X, Y, eta_h, eta_y)
    return -dh, dy, dw


def _without_half(state: Any, X: float, Y: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    dh, dy, dw = right_hand_side(state, X, Y, eta_h, eta_y)
    return dh, dy, 2 * dw


def _swapped_rates(state: Any, X: float, Y: float, eta_h: float, eta_y: float) -> tuple[float, float, float]:
    dh, _, _ = right_hand_side(state, X, Y, eta_h, eta_y)
    _, dy, dw = right_hand_side(state, X, Y, eta_y, eta_h)
    return dh, dy, dw


ALTERED: dict[str, RightHandSide] = {
    "outputs blind to the moving representation": _no_feedback,
    "h' of the wrong sign": _wrong_sign,
    "w' without its factor 1/2": _without_half,
    "rates swapped in y' and w'": _swapped_rates,
}
"""Wrong equations with as many rates to fit: that they fit worse is the test that the fit could have failed."""


@dataclass(frozen=True)
class Prediction:
    """One network: distances (lengths, not squared) of its two hidden representations, and the fits.

    ``fitted``: from the rates fitted to this run's own curves; ``held_out``: from the median ratio of the other runs
    of its architecture and initial scale; ``one_ratio``: from the median ratio of its architecture, all scales; both
    know only the initial values of the run itself.
    """

    run: TwoPointRun
    scale: str
    rates: Rates
    altered: dict[str, float]
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
        """A_high / A_low."""
        s = self.run.setting
        return regime_index(s.dx, s.dy, self.rates.ratio, 1.0, float(self.run.h[0]), float(self.run.y[0]))

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
            "curves": {name: getattr(self.run, name).tolist() for name in ("times", "h", "y", "w")},
        }


def predicted(run: TwoPointRun, ratio: float) -> float:
    """The predicted final distance (a length), from the run's initial values and a ratio of the rates."""
    s = run.setting
    return float(np.sqrt(final_squared_distance(s.dx, s.dy, ratio, 1.0, float(run.h[0]), float(run.y[0]))))


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
        """For each altered ODE: the share of runs that it fits worse, over all and at each initial scale, and how many
        times worse in the median."""

        def share(name: str, runs: Iterable[Prediction]) -> float:
            return float(np.mean([one.altered[name] > one.rates.error for one in runs]))

        return {
            name: {
                "share": share(name, self.runs),
                **{scale: share(name, [one for one in self.runs if one.scale == scale]) for scale in SCALES},
                "times": float(np.median([one.altered[name] / max(one.rates.error, 1e-12) for one in self.runs])),
            }
            for name in ALTERED
        }

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
            "runs": [one.to_dict() for one in self.runs],
        }

    def save(self, folder: Path) -> tuple[Path, Path]:
        """Write ``dynamics.json`` and ``dynamics.png`` into an existing folder, whole or not at all."""
        from ..report.dynamics_figure import save_phase

        found, paths = self.to_dict(), (folder / "dynamics.json", folder / "dynamics.png")
        with atomic_writes(*paths) as (numbers, picture):
            numbers.write_text(to_json(found), encoding="utf-8")
            save_phase(found, picture)
        return paths

    def print(self, console: Console) -> None:
        """Tables for a person."""
        table = Table(title=f"Final hidden distance: predicted against measured, seed {self.seed}")
        for heading in ("network", "initial scale", "A_high/A_low", "eta_h/eta_y", "fitted: within 10 %", "median",
                        "held out: within 10 %", "median", "one ratio: within 10 %", "median"):  # fmt: skip
            table.add_column(heading, justify="left" if heading in ("network", "initial scale") else "right")
        for row in self.summary():
            cells = [row["architecture"], row["scale"], f"{row['regime']:.2f}", f"{row['ratio']:.3g}"]
            for kind in ("fitted", "held_out", "one_ratio"):
                cells += [f"{row[f'{kind}_near']} of {row['runs']}", f"{row[f'{kind}_median']:.1%}"]
            table.add_row(*cells)
        console.print(table)
        for name, found in self.worse().items():
            console.print(
                f"{name}: fits worse on {found['share']:.1%} of {len(self.runs)} runs, "
                f"{found['times']:.3g} times in the median ("
                + ", ".join(f"{scale} {found[scale]:.0%}" for scale in SCALES)
                + ")",
                highlight=False, markup=False,
            )  # fmt: skip


def run_dynamics(
    *,
    grid: int = 5,
    seed: int = 0,
    architectures: Iterable[str] = tuple(ARCHITECTURES),
    progress: Progress | None = None,
) -> DynamicsResult:
    """Train networks over a grid of input and target distances at three initial scales; fit and predict.

    Input distances run from 0.5 to 1.5, those of targets from 1/grid to 1, ``grid`` of each. Cost: about a
    minute and a half for the default grid of 225 networks, on one core. *Raises* ``InvalidOption``.
    """
    if isinstance(grid, bool) or not isinstance(grid, int) or grid < 2:
        raise InvalidOption(f"grid: got {grid!r}, need an integer of at least 2: points along each axis")
    started = time.perf_counter()
    tell = progress or (lambda _: None)
    found: list[Prediction] = []
    for architecture in architectures:
        tell(f"{architecture}: training {len(SCALES) * grid**2} networks")
        points = [(float(dx), float(dy)) for dx in np.linspace(0.5, 1.5, grid) for dy in np.linspace(1 / grid, 1, grid)]
        plan = [(scale, dx, dy) for scale in SCALES for dx, dy in points]
        # A large factor keeps the networks' seeds of different runs of the study apart.
        settings = [Setting(dx, dy, *SCALES[scale], seed=seed * 100_000 + k) for k, (scale, dx, dy) in enumerate(plan)]
        runs = train_two_points(architecture, settings, STEPS)
        tell(f"{architecture}: fitting")
        rates = [_fit(run, right_hand_side) for run in runs]
        ratios = np.array([one.ratio for one in rates])
        for k, (run, (scale, _, _)) in enumerate(zip(runs, plan, strict=True)):
            others = [j for j, (other, _, _) in enumerate(plan) if other == scale and j != k]
            found.append(
                Prediction(
                    run,
                    scale,
                    rates[k],
                    {name: _fit(run, ode).error for name, ode in ALTERED.items()},
                    held_out=predicted(run, float(np.median(ratios[others]))),
                    one_ratio=predicted(run, float(np.median(np.delete(ratios, k)))),
                )
            )
    return DynamicsResult(tuple(found), grid, seed, time.perf_counter() - started)


def _fit(run: TwoPointRun, ode: RightHandSide) -> Rates:
    return fit_rates(run.times, run.h, run.y, run.w, run.setting.dx, run.setting.dy, ode=ode)


def _errors(relative: list[float]) -> dict[str, float]:
    sizes = np.abs(relative)
    return {"near": int((sizes <= NEAR).sum()), "median": float(np.median(sizes)), "largest": float(sizes.max())}
