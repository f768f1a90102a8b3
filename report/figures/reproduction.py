"""The figures of the published experiments, from ``Reproduction.to_dict``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...algorithms.structure import SIZE_CLASSES
from ...theory.errors import MissingExtra
from ..tables import size_name

try:
    from matplotlib import colormaps
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
except ImportError as error:
    raise MissingExtra('figures need matplotlib, which is not installed; pip install "spanmatch[plot]"') from error


def similarity_figure(found: dict[str, Any]) -> Figure:
    """Similarity of each layer, a line for each epsilon with its range over the pairs; dashed with images shuffled."""
    architectures = found["architectures"]
    figure, panels = _panels(1, len(architectures))
    for panel, (name, population) in zip(panels[0], architectures.items(), strict=True):
        layers = population["layers"]
        places = np.arange(len(layers))
        for colour, (k, epsilon) in zip(_colours(found["epsilons"]), enumerate(found["epsilons"]), strict=True):
            curves = {key: [one[key][k] for one in layers] for key in ("similarity", "lowest", "highest", "null")}
            panel.plot(places, curves["similarity"], marker="o", color=colour, label=f"epsilon {epsilon:g}")
            panel.fill_between(places, curves["lowest"], curves["highest"], color=colour, alpha=0.2, linewidth=0)
            panel.plot(places, curves["null"], color=colour, linestyle="--", linewidth=0.8)
        _along_layers(panel, [one["name"] for one in layers])
        panel.set_title(f"{name}: mean and range of {layers[0]['pairs']} pairs; dashed: images shuffled")
        panel.set_ylabel("maximum match similarity")
    panels[0][-1].legend(fontsize="x-small", frameon=False)
    return figure


def sizes_figure(found: dict[str, Any]) -> Figure:
    """Sizes of the simple matches of each layer: what share of the different ones found has how many neurons. Over the
    bars, how many were found; nothing where no neuron matches."""
    architectures = found["architectures"]
    epsilons = sorted({one["epsilon"] for first in _first_pairs(found) for one in first["minimal"]})
    figure, panels = _panels(len(epsilons), len(architectures))
    colours = _colours(SIZE_CLASSES)
    for column, (name, population) in enumerate(architectures.items()):
        minimal = population["comparisons"][0]["minimal"]
        for row, epsilon in enumerate(epsilons):
            panel, records = panels[row][column], [one for one in minimal if one["epsilon"] == epsilon]
            below = np.zeros(len(records))
            for k, (colour, size) in enumerate(zip(colours, SIZE_CLASSES, strict=True)):
                shares = np.array([one["sizes"][k][1] if one["sizes"] else 0.0 for one in records])
                panel.bar(range(len(records)), shares, bottom=below, color=colour, label=size_name(*size))
                below += shares
            for place, one in enumerate(records):
                count = sum(number for number, *_ in one["sizes"])
                panel.text(place, 1.03, count or "", ha="center", fontsize=6)
            _along_layers(panel, [one["layer"] for one in records])
            panel.set_title(f"{name}, first pair: sizes of simple matches at epsilon {epsilon:g}")
            panel.set_ylabel("share of the matches found")
    panels[0][-1].legend(title="neurons", fontsize="x-small", frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def training_figure(found: dict[str, Any]) -> Figure:
    """Similarity through training at the largest epsilon: of two seeds, and of one network with its own end."""
    records, epsilon = found["training"], found["epsilons"][-1]
    kinds, names = ("other seed", "own end"), list(dict.fromkeys(one["architecture"] for one in records))
    figure, panels = _panels(len(kinds), len(names))
    for row, kind in enumerate(kinds):
        for panel, name in zip(panels[row], names, strict=True):
            of_both = [one for one in records if (one["architecture"], one["with"]) == (name, kind)]
            layers = list(dict.fromkeys(one["layer"] for one in of_both))
            for colour, layer in zip(_colours(layers), layers, strict=True):
                points = [(one["epoch"], one["similarity"][-1]) for one in of_both if one["layer"] == layer]
                panel.plot(*zip(*points, strict=True), marker="o", markersize=3, color=colour, label=layer)
            panel.set(xlabel="epoch", ylabel=f"s({epsilon:g})", ylim=(-0.02, 1.02))
            panel.set_title(f"{name}, {'two seeds' if kind == 'other seed' else 'a network with its own end'}")
            panel.grid(alpha=0.25)
    for panel in panels[0]:
        panel.legend(fontsize=5, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _first_pairs(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [population["comparisons"][0] for population in found["architectures"].values()]


def _panels(rows: int, columns: int) -> tuple[Figure, Any]:
    figure = Figure(figsize=(8.2 * columns, 4.4 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False)


def _colours(of: Sequence[object]) -> list[Any]:
    return [colormaps["viridis"](0.92 * k / max(1, len(of) - 1)) for k in range(len(of))]


def _along_layers(panel: Any, names: Sequence[str]) -> None:
    panel.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize="x-small")
    panel.set_ylim(-0.02, 1.1)
    panel.grid(alpha=0.25)
