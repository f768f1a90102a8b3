"""The figure of several networks, from ``Population.to_dict``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...theory.errors import MissingExtra
from ..populations import middle_of
from ..tables import has_null

try:
    from matplotlib import colormaps
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
except ImportError as error:
    raise MissingExtra('figures need matplotlib, which is not installed; pip install "spanmatch[verify]"') from error


def population_figure(population: dict[str, Any]) -> Figure:
    """Mean similarity of each layer against epsilon, the band from the lowest pair to the highest; of checkpoints also
    the similarity to the last (solid) and to the next one (dashed) over training."""
    training, layers = population["training"], population["layers"]
    figure = Figure(figsize=(7.4 * (1 + training), 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 1 + training, squeeze=False)[0]
    colours = [colormaps["viridis"](0.92 * k / max(1, len(layers) - 1)) for k in range(len(layers))]
    for colour, layer in zip(colours, layers, strict=True):
        grid = layer["epsilons"]
        panels[0].plot(grid, layer["similarity"], color=colour, label=layer["name"], linewidth=1.8)
        panels[0].fill_between(grid, layer["lowest"], layer["highest"], color=colour, alpha=0.15, linewidth=0)
        if has_null(population):
            panels[0].plot(grid, layer["null"], color=colour, linestyle="--", linewidth=0.9)
    panels[0].set(xlim=(0, 1), xlabel="epsilon (relative error)", ylabel="maximum match similarity s")
    panels[0].set_title(f"{len(population['networks'])} networks: mean and range of the pairs")
    if training:
        epsilon, k = middle_of(population)
        names = population["networks"][:-1]
        for colour, layer in zip(colours, layers, strict=True):
            for curve, style in (("to_last", "-"), ("to_next", "--")):
                panels[1].plot(range(len(names)), [one[k] for one in layer[curve]], style, color=colour, marker="o")
        panels[1].set_xticks(range(len(names)), names, rotation=45, ha="right", fontsize="x-small")
        panels[1].set_title(f"s({epsilon:g}) with the last checkpoint (solid) and the next (dashed)", fontsize="medium")
    for panel in panels:
        panel.set_ylim(-0.02, 1.02)
        panel.grid(alpha=0.25)
    panels[-1].legend(*panels[0].get_legend_handles_labels(), fontsize="x-small", loc="center left",
                      bbox_to_anchor=(1.0, 0.5), frameon=False)  # fmt: skip
    return figure


def save_population(population: dict[str, Any], path: Path | Any) -> None:
    """``population_figure`` as a PNG."""
    population_figure(population).savefig(path, format="png", dpi=110)
