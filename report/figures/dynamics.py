"""The phase picture of the effective theory, from ``DynamicsResult.to_dict``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...theory.errors import MissingExtra

try:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter
except ImportError as error:
    raise MissingExtra('figures need matplotlib, which is not installed; pip install "spanmatch[verify]"') from error

import numpy as np

from ...theory.dynamics import solve
from ...theory.errors import InvalidState

MARKERS = ("o", "s", "^", "D")
COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:red")


def phase_figure(result: dict[str, Any]) -> Figure:
    """Left: final distance over its rich value, against A_high/A_low: one curve for all, and every network as measured.
    Middle: predicted from held-out rates against measured. Right: one run of each initial scale, h and y over time.
    """
    figure = Figure(figsize=(17, 5), layout="constrained")
    FigureCanvasAgg(figure)
    phase, agreement, curves = figure.subplots(1, 3)
    _phase(phase, result["runs"])
    _agreement(agreement, result["runs"])
    _curves(curves, result["runs"])
    for panel in (phase, agreement, curves):
        panel.grid(alpha=0.25)
        panel.legend(fontsize="x-small", frameon=False)
    return figure


def save_phase(result: dict[str, Any], path: Path | Any) -> None:
    """``phase_figure`` as a PNG."""
    phase_figure(result).savefig(path, format="png", dpi=110)


def _names(runs: list[dict[str, Any]], key: str) -> list[str]:
    return list(dict.fromkeys(run[key] for run in runs))


def _scatter(panel: Any, runs: list[dict[str, Any]], point: Callable[[dict[str, Any]], tuple[float, float]]) -> None:
    for marker, architecture in zip(MARKERS, _names(runs, "architecture"), strict=False):
        for colour, scale in zip(COLOURS, _names(runs, "scale"), strict=False):
            chosen = [run for run in runs if (run["architecture"], run["scale"]) == (architecture, scale)]
            x, y = zip(*map(point, chosen), strict=True)
            panel.scatter(x, y, s=16, marker=marker, color=colour, alpha=0.6, label=f"{architecture}, {scale}")


def _phase(panel: Any, runs: list[dict[str, Any]]) -> None:
    def point(run: dict[str, Any]) -> tuple[float, float]:
        low = np.sqrt(run["eta_h"] / run["eta_y"]) * run["setting"]["dx"] * run["setting"]["dy"]
        return run["regime"], run["measured"] ** 2 / low

    _scatter(panel, runs, point)
    regimes = [run["regime"] for run in runs]
    index = np.linspace(min(-1.0, *regimes), max(1.0, *regimes), 2000)
    panel.plot(index, index / 2 + np.hypot(index / 2, 1), color="black", linewidth=1, label="theory")
    panel.axvspan(-1, 1, color="grey", alpha=0.12, label="rich: |A_high| < A_low")
    panel.set_xscale("symlog", linthresh=1)
    panel.set_yscale("log")
    panel.set(xlabel="regime index A_high / A_low", ylabel="final h / A_low", title="Regimes")


def _agreement(panel: Any, runs: list[dict[str, Any]]) -> None:
    _scatter(panel, runs, lambda run: (run["measured"], run["held_out"]))
    ends = [min(run["measured"] for run in runs), max(run["measured"] for run in runs)]
    panel.plot(ends, ends, color="black", linewidth=1, label="equal")
    panel.set_xscale("log")
    panel.set_yscale("log")
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())
    panel.set(xlabel="measured final distance", ylabel="predicted from the other runs' rates", title="Held out")


def _curves(panel: Any, runs: list[dict[str, Any]]) -> None:
    for colour, scale in zip(COLOURS, _names(runs, "scale"), strict=False):
        chosen = [run for run in runs if run["scale"] == scale]
        run = chosen[len(chosen) // (2 * len(_names(runs, "architecture")))]
        times, h, y, w = (np.array(run["curves"][name]) for name in ("times", "h", "y", "w"))
        share = times / times[-1]
        panel.plot(share, h / h[-1], ".", color=colour, markersize=4, label=f"{scale}: h / final h")
        panel.plot(share, y / y[-1], "x", color=colour, markersize=4, label=f"{scale}: y / final y")
        s = run["setting"]
        try:
            found = solve(s["dx"], s["dy"], run["eta_h"], run["eta_y"], h[0], y[0], w[0], times)
        except InvalidState:
            # Float32 networks may start a rounding error outside of the possible states, or run into h = 0.
            continue
        for curve, last in zip(found, (h[-1], y[-1]), strict=False):
            panel.plot(share, curve / last, color=colour, linewidth=1)
    panel.set_xscale("symlog", linthresh=1e-4)
    panel.set_yscale("log")
    panel.set(xlabel="share of training", title=f"{runs[0]['architecture']}: measured (marks) and fitted (lines)")
