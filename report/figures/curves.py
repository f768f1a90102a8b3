"""Figures from results as plain dictionaries (``Comparison.to_dict``)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...theory.errors import InvalidOption, MissingExtra, UnknownLayer, shown
from ...theory.validation.options import as_names
from ..tables import has_null

try:
    from matplotlib import rc_context
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
except ImportError as error:
    raise MissingExtra('figures need matplotlib, which is not installed; pip install "spanmatch[plot]"') from error

COLUMNS = 2
FONTS: dict[Any, Any] = {"pdf.fonttype": 42, "ps.fonttype": 42, "svg.fonttype": "none"}
"""TrueType fonts are embedded in PDF, and text stays text in SVG, which journals ask for."""


class ShownFigure(Figure):
    """A figure that notebooks show whether or not pyplot was loaded, and that saves its fonts."""

    def savefig(self, *given: Any, **options: Any) -> None:
        with rc_context(FONTS):
            super().savefig(*given, **options)

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png")
        return content.getvalue()


def plotted(comparison: dict[str, Any], panel: Axes | None = None, layers: Sequence[str] | None = None) -> Figure:
    """One panel of ``curves_figure``: in a figure of its own, or on the given axes; some of the layers, in order."""
    names = [layer["name"] for layer in comparison["layers"]]
    if layers is not None:
        wanted = as_names(layers, "layers", f"names of layers among {', '.join(names)}")
        if missing := [name for name in wanted if name not in names]:
            raise UnknownLayer(f"layers: got {missing[0]!r}, compared were {', '.join(names)}")
        comparison = comparison | {"layers": [comparison["layers"][names.index(name)] for name in wanted]}
    if panel is None:
        return curves_figure(comparison)
    if not isinstance(panel, Axes):
        raise InvalidOption(f"ax: got {shown(panel)}, need Axes of matplotlib")
    _draw_curves(panel, comparison)
    return panel.figure  # type: ignore[return-value]  # of a subfigure it is the subfigure


def curves_figure(*comparisons: dict[str, Any]) -> Figure:
    """Similarity against epsilon, one panel for each comparison, one line a layer, in its colour the null dashed and
    untrained networks dotted.

    The line is the exact curve of the first draw, step by step. The colour runs with depth, from the first layer to the
    last; the band is the 95 % interval where there is one, else it spans the draws of positions.
    """
    rows = -(-len(comparisons) // COLUMNS)
    columns = min(len(comparisons), COLUMNS)
    figure = ShownFigure(figsize=(7.4 * columns, 4.2 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, comparison in zip(panels, comparisons, strict=False):
        _draw_curves(panel, comparison)
    for panel in panels[len(comparisons) :]:
        panel.set_axis_off()
    return figure


def _draw_curves(panel: Any, comparison: dict[str, Any]) -> None:
    from matplotlib import colormaps

    layers, null = comparison["layers"], has_null(comparison)
    colours = [colormaps["viridis"](0.92 * k / max(1, len(layers) - 1)) for k in range(len(layers))]
    for colour, layer in zip(colours, layers, strict=True):
        grid = layer["epsilons"]
        dead = sum(layer["dead"])
        label = layer["name"] + (f" ({dead} dead)" if dead else "")
        # From epsilon 0, where s may be positive already, to 1.
        steps = [(0.0, 0.0), *layer["breakpoints"]]
        steps.append((1.0, steps[-1][1]))
        panel.step(*zip(*steps, strict=True), where="post", color=colour, label=label, linewidth=1.8)
        band = ("interval_low", "interval_high") if layer["interval_low"] else ("lowest", "highest")
        panel.fill_between(grid, *(layer[end] for end in band), color=colour, alpha=0.15, linewidth=0)
        if null:
            panel.plot(grid, layer["null"], color=colour, linestyle="--", linewidth=0.9)
        if layer["baseline"]:
            panel.plot(grid, layer["baseline"]["similarity"], color=colour, linestyle=":", linewidth=0.9)
    for drawn, style, label in (
        (null, "--", "shuffled images (null)"),
        (any(layer["baseline"] for layer in layers), ":", "untrained networks"),
    ):
        if drawn:
            panel.plot([], [], color="grey", linestyle=style, linewidth=0.9, label=label)
    if any(layer["interval_low"] for layer in layers):
        panel.fill_between([], [], color="grey", alpha=0.15, linewidth=0, label="95 % interval")
    panel.set(
        xlim=(0, 1),
        ylim=(-0.02, 1.02),
        xlabel="epsilon (relative error)",
        ylabel="maximum match similarity s",
        title=" against ".join(comparison["networks"]),
    )
    panel.grid(alpha=0.25)
    panel.legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def matrix_figure(comparison: dict[str, Any]) -> Figure:
    """The layers of A in rows, those of B in columns; each cell is an area, and empty where nothing was compared."""
    matrix, names = comparison["matrix"], comparison["networks"]
    rows, columns = matrix["layers_a"], matrix["layers_b"]
    figure = ShownFigure(figsize=(2.2 + 0.42 * len(columns), 2.0 + 0.36 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    panel = figure.subplots()
    values = [[float("nan") if one is None else one for one in row] for row in matrix["area"]]
    image = panel.imshow(values, vmin=0, vmax=1, cmap="viridis", aspect="auto")
    for i, row in enumerate(matrix["area"]):
        for j, value in enumerate(row):
            if value is not None:
                ink = "black" if value > 0.6 else "white"
                panel.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize="x-small", color=ink)
    panel.set_xticks(range(len(columns)), columns, rotation=90)
    panel.set_yticks(range(len(rows)), rows)
    panel.set(xlabel=names[1], ylabel=names[0])
    figure.colorbar(image, label="area: mean of s over epsilon")
    return figure


def save_comparison(comparison: dict[str, Any], path: Path | Any) -> None:
    """The picture of one comparison as a PNG: layer against layer where all pairs were compared, else the curves."""
    figure = matrix_figure(comparison) if comparison["matrix"] else curves_figure(comparison)
    figure.savefig(path, format="png", dpi=110)


def save_curves(comparisons: Sequence[dict[str, Any]], path: Path | Any) -> None:
    """The figure of ``curves_figure`` as a PNG."""
    curves_figure(*comparisons).savefig(path, format="png", dpi=110)
