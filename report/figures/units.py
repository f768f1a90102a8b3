"""One figure for a pair of networks: unit matching against semi-matching, and the blocks, layer by layer.

From results as plain dictionaries (``UnitViews.to_dict``).
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from ...files.atomic import atomic_write
from ...theory.errors import InvalidOption, MissingExtra

try:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
except ImportError as error:
    raise MissingExtra('figures need matplotlib, which is not installed; pip install "spanmatch[verify]"') from error

FORMATS = (".png", ".svg")


def units_figure(found: dict[str, Any]) -> Figure:
    """A column for each layer. Above: correlations of the pairs in descending order, used once and reused, and what
    lies between them. Below: spectral blocks, cells as large as their numbers of units, as dark as their mean absolute
    correlation; each block is named by its units of A + B.
    """
    layers = found["layers"]
    figure = Figure(figsize=(max(4.0, 2.7 * len(layers)), 6.0), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, len(layers), squeeze=False)
    image = None
    for column, layer in enumerate(layers):
        _draw_curves(panels[0, column], layer, first=column == 0)
        image = _draw_blocks(panels[1, column], layer) or image
    if image is not None:
        figure.colorbar(image, ax=list(panels[1]), label="mean |correlation|", shrink=0.8)
    figure.suptitle(" against ".join(found["networks"]))
    return figure


def save_units_figure(found: dict[str, Any], path: str | Path) -> None:
    """The figure as a PNG or SVG, whole or not at all. Raises: ``InvalidOption`` (another suffix), ``InvalidFile``."""
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise InvalidOption(f"path: got {str(path)!r}, need a name that ends in {' or '.join(FORMATS)}")
    figure = units_figure(found)
    with atomic_write(path) as temporary:
        figure.savefig(temporary, format=suffix[1:], dpi=110)


def _draw_curves(panel: Any, layer: dict[str, Any], *, first: bool) -> None:
    semi, matched = layer["semi_curve"], layer["matched_curve"]
    panel.plot(range(1, len(semi) + 1), semi, color="#0b57a4", linewidth=1.8, label="semi-matching")
    panel.plot(range(1, len(matched) + 1), matched, color="#c2410c", linewidth=1.8, label="matching")
    shorter = min(len(semi), len(matched))
    panel.fill_between(
        range(1, shorter + 1), semi[:shorter], matched[:shorter], color="#0b57a4", alpha=0.15, linewidth=0, label="gap"
    )
    low = min(0.0, *semi, *matched)
    panel.set(ylim=(low - 0.02, 1.02), xlabel="unit (sorted)")
    panel.set_title(
        f"{layer['name']}\ns({layer['epsilon']:g}) {layer['similarity']:.2f}, "
        f"R² {layer['r2'][0]:.2f}, {layer['r2'][1]:.2f}\n"
        f"matched {layer['matched']:.2f}, semi {layer['semi']:.2f}",
        fontsize="small",
    )
    panel.grid(alpha=0.25)
    if first:
        panel.set_ylabel("correlation")
        panel.legend(fontsize="x-small", frameon=False)


def _draw_blocks(panel: Any, layer: dict[str, Any]) -> Any:
    """The heat map, or None where all units are constant."""
    sizes = [sum(block) for block in layer["blocks"]]
    if not sizes:
        panel.set_axis_off()
        panel.set_title("no block: all units are constant", fontsize="small")
        return None
    edges = [0, *accumulate(sizes)]
    image = panel.pcolormesh(edges, edges, layer["affinity"], vmin=0, vmax=1, edgecolors="white", lw=0.4)
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    panel.set_yticks(middles, [f"{a}+{b}" for a, b in layer["blocks"]], fontsize="x-small")
    panel.set_xticks([])
    panel.set(aspect="equal", xlabel=f"{layer['shared']:.0%} in shared blocks")
    panel.invert_yaxis()
    return image
