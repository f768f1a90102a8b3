"""The two figures of a comparison as inline SVG: similarity curves, and a heat map of layer against epsilon.

Colours are CSS variables of the page, so that a figure follows light, dark and print. Depth is told by colour (from
dark to light as in viridis) and by a number on each curve, which needs no colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..markup import Markup, element
from ..tables import has_null
from .embedded import Shown
from .terms import term

#: Viridis at nine places from dark to light.
VIRIDIS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
LONGEST_NAME = 15

Point = tuple[float, float]


def depth_colours(layers: int) -> list[str]:
    """For each layer the CSS variables of its colour on light and on dark ground, and of the text upon it."""
    colours = []
    for k in range(layers):
        depth = k / max(1, layers - 1)
        light, dark = _viridis(0.86 * depth), _viridis(0.28 + 0.72 * depth)
        colours.append(f"--light:{light};--light-ink:{_ink(light)};--dark:{dark};--dark-ink:{_ink(dark)}")
    return colours


def curves(comparison: dict[str, Any], title: str, shown: Shown, where: str) -> Markup:
    """Similarity against epsilon: a numbered line a layer, a band over the draws, the null dashed in its colour, and
    untrained networks dotted. ``where``: the path of the comparison in the run."""
    layers = [layer for layer in comparison["layers"] if layer["epsilons"]]
    null = has_null(comparison)
    frame = Frame(40.0, 8.0, 310.0, 236.0)
    at, ticks = frame.at, [(k / 5, f"{k / 5:.1f}") for k in range(6)]
    grid = frame.axes(ticks, "epsilon (relative error)", "maximum match similarity s")
    lines, badges = [], []
    for number, (colour, layer) in enumerate(zip(depth_colours(len(layers)), layers, strict=True)):
        epsilons = layer["epsilons"]
        parts = [element("title", layer["name"])]
        if layer["lowest"] != layer["highest"]:
            outline = [*zip(epsilons, layer["highest"], strict=True)]
            outline += reversed([*zip(epsilons, layer["lowest"], strict=True)])
            parts.append(element("polygon", class_="band", points=_points([at(e, s) for e, s in outline])))
        if null:
            shuffled = [at(e, s) for e, s in zip(epsilons, layer["null"], strict=True)]
            parts.append(element("polyline", class_="null", points=_points(shuffled)))
        if baseline := layer.get("baseline"):
            untrained = [at(e, s) for e, s in zip(epsilons, baseline["similarity"], strict=True)]
            parts.append(element("polyline", class_="baseline", points=_points(untrained)))
        line = [at(e, s) for e, s in zip(epsilons, layer["similarity"], strict=True)]
        parts.append(element("polyline", class_="curve", points=_points(line)))
        if len(line) == 1:
            parts.append(element("circle", class_="dot", cx=digits(line[0][0]), cy=digits(line[0][1]), r="3"))
        tip = None
        if layers == comparison["layers"] and shown.follows(layer):
            path = f"{where}layers.{number}"
            tip = f"{{{path}.name}} at ε = {{e}}\ns: {{{path}.similarity.*}}"
            tip += f"\nshuffled images: {{{path}.null.*}}" if null else ""
            tip += f"\nuntrained: {{{path}.baseline.similarity.*}}" if layer.get("baseline") else ""
        lines.append(element("g", *parts, class_="layer", style=colour, data_tip=tip))
    for number, (colour, place) in enumerate(zip(depth_colours(len(layers)), _places(layers, at), strict=True), 1):
        x, y = place
        badges.append(
            element(
                "g",
                element("circle", class_="badge", cx=digits(x), cy=digits(y), r="6"),
                element("text", number, class_="badge-text", x=digits(x), y=digits(y + 2.8), text_anchor="middle"),
                class_="layer",
                style=colour,
            )
        )
    said = (
        f"{len(layers)} curves of similarity s against epsilon, both from 0 to 1, one for each layer: "
        + "; ".join(f"{k} {layer['name']}, {_ends(layer)}" for k, layer in enumerate(layers, 1))
        + (". Dashed: the same with shuffled images, the null." if null else ". No null was drawn.")
    )
    (x, bottom), (_, top) = at(0, 0), at(0, 1)
    ends = {"x1": digits(x), "x2": digits(x), "y1": digits(bottom), "y2": digits(top)}
    mark = shown.mark("cursor", scale=digits(frame.width))
    moved = f"translate({digits(shown.epsilon * frame.width)} 0)"
    cursor = element("line", class_="cursor", transform=moved, **ends, **mark)
    return drawing("curves", f"Similarity curves, {title}", said, (360, 284), *grid, cursor, *lines, *badges)


def legend(comparison: dict[str, Any]) -> Markup:
    """Number, colour and name of each curve, its dead neurons marked, and what the dashes are."""
    layers = [layer for layer in comparison["layers"] if layer["epsilons"]]
    items = []
    for number, (colour, layer) in enumerate(zip(depth_colours(len(layers)), layers, strict=True), 1):
        dead = sum(layer["dead"])
        mark = element("span", number, class_="mark")
        note = element("span", f" ({dead} dead)", class_="dead") if dead else ""
        items.append(element("li", mark, " ", layer["name"], note, class_="layer", style=colour))
    if has_null(comparison) and layers:
        items.append(element("li", element("span", class_="dashes"), " ", term("shuffled images"), " (null)"))
    if any(layer.get("baseline") for layer in layers):
        items.append(element("li", element("span", class_="dashes dots"), " ", term("untrained networks")))
    return element("ul", *items, class_="legend")


def heat_map(comparison: dict[str, Any], title: str, shown: Shown) -> Markup:
    """Layers by epsilons: the darker (on dark ground: the brighter) the cell, the more neurons match; a bar in each
    row where shuffled images begin to match too, and a frame about the column of the page's epsilon."""
    layers = comparison["layers"]
    epsilons = sorted({epsilon for layer in layers for epsilon in layer["epsilons"]})
    left, top, row = 160.0, 4.0, 26.0
    width = (760 - left - 4) / max(1, len(epsilons))
    bottom = top + row * len(layers)
    parts = []
    for k, layer in enumerate(layers):
        y = top + k * row
        name = element("text", short(layer["name"]), x=digits(left - 8), y=digits(y + row / 2 + 6), text_anchor="end")
        parts.append(element("g", element("title", layer["name"]), name, class_="label"))
        at = dict(zip(layer["epsilons"], layer["similarity"], strict=True))
        for j, epsilon in enumerate(epsilons):
            if epsilon in at:
                said = f"{layer['name']}, epsilon {epsilon:g}: s {at[epsilon]:.3f}"
                parts.append(cell(left + j * width, y, width, row, said, at[epsilon]))
        chance = layer["chance_epsilon"]
        if has_null(comparison) and epsilons and chance <= epsilons[-1]:
            x = left + width * sum(epsilon < chance for epsilon in epsilons)
            height = digits(row - 2)
            parts.append(element("rect", class_="chance", x=digits(x - 2), y=digits(y + 1), width="4", height=height))
    every = max(1, -(-len(epsilons) // 6))
    for j, epsilon in enumerate(epsilons):
        kind = "tick" if j % every == every - 1 or len(epsilons) <= 6 else "tick minor"
        x = left + (j + 0.5) * width
        if kind == "tick" or width >= 26:
            parts.append(
                element("text", f"{epsilon:.2g}", class_=kind, x=digits(x), y=digits(bottom + 22), text_anchor="middle")
            )
    if epsilons == shown.grid:
        place = {"x": digits(left), "y": digits(top - 1), "width": digits(width), "height": digits(bottom - top + 2)}
        moved = f"translate({digits(shown.place * width)} 0)"
        mark = shown.mark("column", scale=repr(width))
        parts.append(element("rect", class_="cursor", transform=moved, **place, **mark))
    middle = left + (760 - left) / 2
    below = digits(bottom + 46)
    parts.append(element("text", "epsilon", class_="axis", x=digits(middle), y=below, text_anchor="middle"))
    said = (
        f"{len(layers)} layers in rows, {len(epsilons)} values of epsilon in columns; each cell is similarity s. "
        + "; ".join(f"{layer['name']}: {_ends(layer)}" for layer in layers)
    )
    return drawing("heat", f"Similarity by layer and epsilon, {title}", said, (760, bottom + 54), *parts)


@dataclass(frozen=True)
class Frame:
    """Where a diagram is drawn."""

    left: float
    top: float
    width: float
    height: float

    def at(self, across: float, up: float) -> Point:
        """The place of a point whose coordinates run from 0 to 1."""
        return self.left + across * self.width, self.top + (1 - up) * self.height

    def axes(self, ticks: Iterable[tuple[float, str]], across: str, up: str) -> list[Markup]:
        """Grid lines and their labels, the same on both axes, and what the axes are."""
        (left, bottom), (right, top) = self.at(0, 0), self.at(1, 1)
        parts = []
        for place, label in ticks:
            x, y = self.at(place, place)
            parts += [
                element("line", class_="grid", x1=digits(x), y1=digits(top), x2=digits(x), y2=digits(bottom)),
                element("line", class_="grid", x1=digits(left), y1=digits(y), x2=digits(right), y2=digits(y)),
                element("text", label, class_="tick", x=digits(x), y=digits(bottom + 13), text_anchor="middle"),
                element("text", label, class_="tick", x=digits(left - 5), y=digits(y + 3.5), text_anchor="end"),
            ]
        x, y = self.at(0.5, 0.5)
        turned = f"translate(11 {digits(y)}) rotate(-90)"
        return [
            *parts,
            element("text", across, class_="axis", x=digits(x), y=digits(bottom + 29), text_anchor="middle"),
            element("text", up, class_="axis", text_anchor="middle", transform=turned),
        ]


def drawing(
    kind: str, title: str, said: str, size: tuple[float, float], *parts: object, corner: Point = (0, 0)
) -> Markup:
    """An inline SVG of this class and size, with its title and its content in words for those who cannot see it."""
    return element(
        "svg",
        element("title", title),
        element("desc", said),
        *parts,
        class_=kind,
        viewBox=" ".join(map(digits, (*corner, *size))),
        role="img",
        aria_label=f"{title}. {said}",
    )


def cell(x: float, y: float, width: float, height: float, said: str, s: float, **mark: object) -> Markup:
    """A cell of a heat map, as strong as s, with s on it where there is room, and ``said`` for whoever points at it.

    ``mark``: attributes of a cell that follows epsilon.
    """
    box = element(
        "rect",
        class_="cell",
        x=digits(x + 0.5),
        y=digits(y + 0.5),
        width=digits(max(width - 1, 0.5)),
        height=digits(height - 1),
        fill_opacity=f"{s:.3f}",
    )
    value = ""
    if width >= 26:
        shown = "1" if s == 1 else "0" if s == 0 else f"{s:.2f}".removeprefix("0")
        # Which ink reads better on a cell of middling strength is for the ground, light or dark, to say.
        kind = "value full" if s >= 0.7 else "value half" if s >= 0.55 else "value"
        value = element("text", shown, class_=kind, x=digits(x + width / 2), y=digits(y + 17), text_anchor="middle")
    return element("g", element("title", said), box, value, **mark)


def _places(layers: Sequence[dict[str, Any]], at: Any) -> list[Point]:
    """Where each curve bears its number: the grid point farthest from other curves and from numbers already set."""
    points = [[at(e, s) for e, s in zip(layer["epsilons"], layer["similarity"], strict=True)] for layer in layers]
    taken: list[Point] = []
    for k, mine in enumerate(points):
        others: dict[float, list[float]] = {round(x, 3): [] for x, _ in mine}
        for j, curve in enumerate(points):
            for x, y in curve:
                if j != k and round(x, 3) in others:
                    others[round(x, 3)].append(y)

        def room(place: Point, others: dict[float, list[float]] = others) -> float:
            x, y = place
            curve = min((abs(y - other) for other in others[round(x, 3)]), default=99.0)
            badge = min((((x - a) ** 2 + (y - b) ** 2) ** 0.5 for a, b in taken), default=99.0)
            return min(curve, 14.0) + 3 * min(badge, 15.0)

        taken.append(max(mine, key=room))
    return taken


def _ends(layer: dict[str, Any]) -> str:
    """s at the first, the middle and the last epsilon, for those who cannot see the figure."""
    pairs = list(zip(layer["epsilons"], layer["similarity"], strict=True))
    chosen = [pairs[k] for k in sorted({0, len(pairs) // 2, len(pairs) - 1})] if pairs else []
    return ", ".join(f"{s:.2f} at {e:g}" for e, s in chosen) or "no epsilon"


def short(name: str) -> str:
    """The end of a name that is too long for a row of a figure."""
    return name if len(name) <= LONGEST_NAME else "…" + name[1 - LONGEST_NAME :]


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{digits(x)},{digits(y)}" for x, y in points)


def digits(value: float) -> str:
    """A coordinate, to two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _viridis(place: float) -> str:
    k = min(int(place * (len(VIRIDIS) - 1)), len(VIRIDIS) - 2)
    share = place * (len(VIRIDIS) - 1) - k
    low, high = (_rgb(VIRIDIS[k + step]) for step in (0, 1))
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(low, high, strict=True))


def _ink(colour: str) -> str:
    """Black or white, whichever is easier to read upon the colour."""
    red, green, blue = _rgb(colour)
    return "#000" if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else "#fff"


def _rgb(colour: str) -> list[int]:
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
