"""The section "Unit by unit" of a pair: Convergent Learning's views beside the maximum match, a table and a figure.

From results as plain dictionaries (``Convergence.to_dict``).
"""

from __future__ import annotations

from itertools import accumulate
from math import floor
from typing import Any

from .curves import digits, drawing, short
from .markup import Markup, element, join, table

LEFT, RIGHT, ROW = 160.0, 748.0, 26.0
GRID = 100.0
DOCS = "docs/convergent-learning.md"

#: Each view with the mark that its points bear, what it sees and what it does not.
VIEWS = (
    ("subspace", "●", "sees groups that span the same directions, in any basis; no single units, and all or nothing"),
    ("matched", "■", "mean correlation of units paired one to one: sees partners; not a feature spread over several"),
    ("semi", "◆", "the same with partners reused: what it has above ■ is units that want the same partner"),
    ("sparse", "▲", "held-out R² of each unit from few of the other network, mean of both ways: one to many, linear"),
)


def units_section(found: dict[str, Any], name: str) -> Markup:
    """Heading, what each view sees, the figure, the table and the protocol; nothing where no layer was compared."""
    if not found["layers"]:
        return Markup("")
    return join(
        element("h3", "Unit by unit"),
        element(
            "p",
            "Convergent Learning (Li et al. 2016) beside the maximum match, on the same inputs: do the networks share "
            f"units, not only subspaces? What each view sees and does not see is told at length in {DOCS}.",
        ),
        element("figure", _views(found), _dots(found, name), class_="views"),
        element(
            "figure",
            element("div", *(_blocks(layer) for layer in found["layers"]), class_="grids"),
            element(
                "figcaption",
                "Spectral blocks of the units of both networks, as large as they have units; the stronger the cell, "
                "the larger the mean absolute correlation. ",
                element("span", class_="swatch"),
                " units of one network only. They see that units belong together, not how well one side predicts the "
                "other, and there are always as many as asked for.",
            ),
        ),
        units_table(found),
        element("p", _protocol(found), class_="soft"),
    )


def units_table(found: dict[str, Any]) -> Markup:
    """A row a layer: maximum match, matching, semi-matching, sparse prediction, blocks."""
    rows: list[list[object]] = []
    for layer in found["layers"]:
        both = sum(min(block) > 0 for block in layer["blocks"])
        rows.append(
            [
                layer["name"],
                f"{layer['similarity']:.3f}",
                f"{layer['matched']:.3f}",
                f"{layer['semi']:.3f}",
                f"{layer['gap']:.3f}",
                *(f"{value:.3f}" for value in layer["r2"]),
                " / ".join(f"{value:.0f}" for value in layer["units"]),
                f"{both} of {len(layer['blocks'])}",
                f"{layer['shared']:.2f}",
                " + ".join(f"{ratio:.1f}" for ratio in layer["participation"]),
                " + ".join(map(str, layer["neurons"])),
                " + ".join(map(str, layer["constant"])),
            ]
        )
    columns = ["layer", f"s {found['protocol']['epsilon']:g}", "matched", "semi", "gap", "R² of first", "R² of second"]
    columns += ["units for 90 %", "shared blocks", "units in them", "dimensions", "units", "constant"]
    return table("Maximum match, unit matching, sparse prediction and blocks", columns, rows)


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
    top, bottom = 4.0, 4.0 + ROW * len(layers)

    def across(value: float) -> float:
        return LEFT + (value - low) / (1 - low) * (RIGHT - LEFT)

    parts = []
    for k in range(6):
        value = low + (1 - low) * k / 5
        x = digits(across(value))
        parts.append(element("line", class_="grid", x1=x, y1=digits(top), x2=x, y2=digits(bottom)))
        parts.append(
            element("text", f"{value:.2g}", class_="tick", x=x, y=digits(bottom + 22), text_anchor="middle")
        )
    for k, layer in enumerate(layers):
        y = digits(top + (k + 0.5) * ROW + 6)
        label = element("text", short(layer["name"]), x=digits(LEFT - 12), y=y, text_anchor="end")
        parts.append(element("g", element("title", layer["name"]), label, class_="label"))
    for kind, sign, _ in VIEWS:
        places = [(across(one[kind]), top + (k + 0.5) * ROW) for k, one in enumerate(values)]
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
    return drawing("views-by-layer", f"Unit by unit, {name}", said, (760, bottom + 32), *parts)


def _blocks(layer: dict[str, Any]) -> Markup:
    """The affinity between the blocks of a layer; a bar beside a block with units of one network only."""
    sizes = [sum(block) for block in layer["blocks"]]
    both = sum(min(block) > 0 for block in layer["blocks"])
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
    told = ", ".join(f"{a} + {b}" for a, b in layer["blocks"])
    said = f"{len(sizes)} blocks, of {told} units of the first and of the second network."
    picture = element(
        "svg",
        element("title", f"Blocks of {layer['name']}"),
        element("desc", said),
        *parts,
        class_="block-grid",
        viewBox=f"-6 -1 {digits(GRID + 7)} {digits(GRID + 2)}",
        role="img",
        aria_label=f"Blocks of {layer['name']}. {said}",
    )
    return element("div", picture, element("p", f"{layer['name']}: {both} of {len(sizes)} shared", class_="soft"))


def _protocol(found: dict[str, Any]) -> str:
    """How the numbers came about, and what is to be kept in mind of some layers."""
    protocol, first = found["protocol"], found["layers"][0]
    penalties = ", ".join(f"{penalty:g}" for penalty in first["penalties"])
    inputs = sorted({layer["inputs"] for layer in found["layers"]})
    drawn = f"{inputs[0]} inputs a layer" if len(inputs) == 1 else f"{inputs[0]} to {inputs[-1]} inputs a layer"
    notes = [f" {layer['name']}: {note}." for layer in found["layers"] for note in layer["notes"]]
    left_out = [f" {note[0].upper()}{note[1:]}." for note in found["notes"]]
    return (
        f"One draw of {drawn}. Sparse prediction: penalties {penalties}; {protocol['folds']} folds of whole images; "
        f"units for 90 %: how many units of the other network give nine tenths of the R². Dimensions: participation "
        f"ratios. A constant unit has correlation 0, is in no block and is left out of R².{''.join(left_out + notes)}"
    )
