"""The minimal matches of a layer as a picture: which neurons are in one together."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

from ..markup import Markup, element
from .curves import drawing
from .sentences import count

SIDE = 240.0
#: How dark a cell is, by the size of the smallest minimal match that holds both of its neurons.
STRENGTHS = ((2, 1.0), (4, 0.7), (10, 0.45), (10**9, 0.22))


def figures(layers: list[dict[str, Any]]) -> list[Markup]:
    """A picture for each layer, at the largest epsilon at which neurons match that need others."""
    chosen = {one["layer"]: one for one in layers if any(x and y for x, y in one["matches"])}
    return [_figure(one) for one in chosen.values()]


def cells(layer: dict[str, Any]) -> tuple[list[int], list[int], dict[tuple[int, int], int]]:
    """The neurons of both sides in the order of their smallest minimal match, so that those of one match stand
    together, and for each pair that shares a minimal match the size of the smallest one, by place."""
    smallest: dict[tuple[int, int], int] = {}
    order: tuple[dict[int, None], dict[int, None]] = ({}, {})
    for x, y in sorted((m for m in layer["matches"] if m[0] and m[1]), key=lambda m: len(m[0]) + len(m[1])):
        order[0].update(dict.fromkeys(x))
        order[1].update(dict.fromkeys(y))
        for pair in product(x, y):
            smallest.setdefault(pair, len(x) + len(y))
    rows, columns = list(order[0]), list(order[1])
    place_x, place_y = ({neuron: k for k, neuron in enumerate(side)} for side in (rows, columns))
    return rows, columns, {(place_x[x], place_y[y]): size for (x, y), size in smallest.items()}


def _figure(layer: dict[str, Any]) -> Markup:
    rows, columns, sizes = cells(layer)
    step = SIDE / max(len(rows), len(columns))
    strength = {pair: next(s for most, s in STRENGTHS if size <= most) for pair, size in sizes.items()}
    paths = [
        element(
            "path",
            d="".join(
                f"M{j * step:.1f} {i * step:.1f}h{step:.1f}v{step:.1f}h-{step:.1f}z"
                for (i, j), own in sorted(strength.items())
                if own == level
            ),
            fill="currentColor",
            fill_opacity=str(level),
        )
        for level in sorted(set(strength.values()))
    ]
    name = f"{layer['layer']} at epsilon {layer['epsilon']:g}"
    counts = Counter(sizes.values())
    said = (
        f"{len(rows)} neurons of the first network (rows) and {len(columns)} of the second (columns) that are in a "
        f"minimal match with others; {count(counts[2], 'pair')} matched one to one."
    )
    size = (len(columns) * step + 2, len(rows) * step + 2)
    return element(
        "figure",
        drawing("cells", name, said, size, *paths, corner=(-1, -1)),
        element("figcaption", f"{name}: {said}"),
        class_="beside",
    )
