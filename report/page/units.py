"""The section "Units" of a pair: Convergent Learning beside the maximum match, from ``UnitViews.to_dict``."""

from __future__ import annotations

from itertools import accumulate
from math import floor
from typing import Any

from ..markup import Markup, element, join
from ..tables import shared_blocks, units_table
from .curves import digits, drawing, short

_LEFT, _RIGHT, _ROW = 160.0, 748.0, 26.0
GRID = 100.0
DOCS = "docs/convergent-learning.md"

#: Each view with the mark of its points, and what it sees.
VIEWS = (
    ("subspace", "●", "groups of neurons that span the same directions, in any basis; it does not show single units"),
    ("matched", "■", "mean correlation of units paired one to one; it misses features spread over several units"),
    ("semi", "◆", "the same with partners used repeatedly; above ■ where several units have the same best partner"),
    ("sparse", "▲", "held-out R² of each unit predicted from a few of the other network, mean of both directions"),
)


def units_section(found: dict[str, Any], name: str) -> Markup:
    """Heading, what each view sees, the figure, the table and the protocol; nothing where no layer was compared."""
    if not found["layers"]:
        return Markup("")
    return join(
        element("h3", "Units"),
        element(
            "p",
            "Convergent Learning (Li et al. 2016) beside the maximum match, on the same inputs: do the networks share "
            f"single units, or only subspaces? {DOCS} says in full what each view sees and what it misses.",
        ),
        element("figure", _views(found), _dots(found, name), class_="views"),
        element(
            "figure",
            element("div", *(_blocks(layer) for layer in found["layers"]), class_="grids"),
            element(
                "figcaption",
                "Spectral blocks of the units of both networks, drawn in proportion to their numbers of units; the "
                "stronger the cell, the larger the mean absolute correlation. ",
                element("span", class_="swatch"),
                " units of one network only. Blocks show which units belong together, not how well one network "
                "predicts the other; their number is given in advance.",
            ),
        ),
        units_table(found).html(),
        element("p", _protocol(found), class_="soft"),
    )


def _views(found: dict[str, Any]) -> Markup:
    names = {
        "subspace": f"s({found['protocol']['epsilon']:g}), maximum match:",
        "matched": "matched:",
        "semi": "semi-matched:",
        "sparse": "sparse prediction:",
    }
    items = [
        element("li", element("span", sign, class_=f"view {kind}"), " ", element("b", names[kind]), " ", said)
        for kind, sign, said in VIEWS
    ]
    return element("ul", *items, class_="legend")


def _values(layer: dict[str, Any]) -> dict[str, float]:
    """The four numbers of a layer that are drawn."""
    values = {
        "subspace": layer["similarity"],
        "matched": layer["matched"],
        "semi": layer["semi"],
        "sparse": sum(layer["r2"]) / 2,
    }
    return {kind: float(value) for kind, value in values.items()}


def _dots(found: dict[str, Any], name: str) -> Markup:
    """Layers in rows, from the first downwards; a mark for each view, a line through the marks of one view."""
    layers = found["layers"]
    values = [_values(layer) for layer in layers]
    # Correlations and R² may be below 0; the axis begins at the tenth below.
    low = floor(min(0.0, *(value for one in values for value in one.values())) * 10) / 10
    top, bottom = 4.0, 4.0 + _ROW * len(layers)

    def across(value: float) -> float:
        return _LEFT + (value - low) / (1 - low) * (_RIGHT - _LEFT)

    parts = []
    for k in range(6):
        value = low + (1 - low) * k / 5
        x = digits(across(value))
        parts.append(element("line", class_="grid", x1=x, y1=digits(top), x2=x, y2=digits(bottom)))
        parts.append(element("text", f"{value:.2g}", class_="tick", x=x, y=digits(bottom + 22), text_anchor="middle"))
    for k, layer in enumerate(layers):
        y = digits(top + (k + 0.5) * _ROW + 6)
        label = element("text", short(layer["name"]), x=digits(_LEFT - 12), y=y, text_anchor="end")
        parts.append(element("g", element("title", layer["name"]), label, class_="label"))
    for kind, sign, _ in VIEWS:
        places = [(across(one[kind]), top + (k + 0.5) * _ROW) for k, one in enumerate(values)]
        line = " ".join(f"{digits(x)},{digits(y)}" for x, y in places)
        marks = [
            element(
                "g",
                element("title", f"{layer['name']}: {one[kind]:.3f}"),
                element("text", sign, class_="point", x=digits(x), y=digits(y + 5), text_anchor="middle"),
            )
            for layer, one, (x, y) in zip(layers, values, places, strict=True)
        ]
        parts.append(element("g", element("polyline", points=line), *marks, class_=f"view {kind}"))
    said = f"{len(layers)} layers in rows; similarity, correlation and R² across. " + "; ".join(
        f"{layer['name']}: s {one['subspace']:.2f}, matched {one['matched']:.2f}, semi-matched {one['semi']:.2f}, "
        f"R² {one['sparse']:.2f}"
        for layer, one in zip(layers, values, strict=True)
    )
    return drawing("views-by-layer", f"Units, {name}", said, (760, bottom + 32), *parts)


def _blocks(layer: dict[str, Any]) -> Markup:
    """The affinity between the blocks of a layer; a bar beside a block with units of one network only."""
    sizes = [sum(block) for block in layer["blocks"]]
    if not sizes:
        return element("div", element("p", f"{layer['name']}: no block, all units are constant", class_="soft"))
    edges = [GRID * reached / sum(sizes) for reached in (0, *accumulate(sizes))]
    parts = []
    for i, row in enumerate(layer["affinity"]):
        for j, affinity in enumerate(row):
            a, b = layer["blocks"][i], layer["blocks"][j]
            said = f"{a[0]} + {a[1]} units with {b[0]} + {b[1]}: mean absolute correlation {affinity:.2f}"
            box = element(
                "rect",
                class_="cell",
                x=digits(edges[j]),
                y=digits(edges[i]),
                width=digits(edges[j + 1] - edges[j]),
                height=digits(edges[i + 1] - edges[i]),
                fill_opacity=f"{affinity:.3f}",
            )
            parts.append(element("g", element("title", said), box))
        if not min(layer["blocks"][i]):
            height = digits(edges[i + 1] - edges[i])
            parts.append(element("rect", class_="chance", x="-5", y=digits(edges[i]), width="4", height=height))
    units = ", ".join(f"{a} + {b}" for a, b in layer["blocks"])
    said = f"{len(sizes)} blocks, of {units} units of the first and of the second network."
    size = (GRID + 7, GRID + 2)
    picture = drawing("block-grid", f"Blocks of {layer['name']}", said, size, *parts, corner=(-6, -1))
    return element("div", picture, element("p", f"{layer['name']}: {shared_blocks(layer)} shared", class_="soft"))


def _protocol(found: dict[str, Any]) -> str:
    """How the numbers were obtained, and what to keep in mind about some layers."""
    protocol, first = found["protocol"], found["layers"][0]
    penalties = ", ".join(f"{penalty:g}" for penalty in first["penalties"])
    inputs = sorted({layer["inputs"] for layer in found["layers"]})
    drawn = f"{inputs[0]} inputs a layer" if len(inputs) == 1 else f"{inputs[0]} to {inputs[-1]} inputs a layer"
    notes = [f" {layer['name']}: {note}." for layer in found["layers"] for note in layer["notes"]]
    left_out = [f" {note[0].upper()}{note[1:]}." for note in found["notes"]]
    return (
        f"One draw of {drawn}. Sparse prediction: penalties {penalties}; {protocol['folds']} folds of whole images; "
        f"units for 90 %: how many units of the other network give nine tenths of the R². Participation: the ratio "
        f"(tr C)²/tr(C²) of the covariance C. A constant unit has correlation 0, is in no block and is left out of R²."
        f"{''.join(left_out + notes)}"
    )
