"""The effective theory compared with trained networks, as a section of the page: a picture and two tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..markup import Markup, element, join
from ..tables import altered_table, summary_table
from .curves import Frame, depth_colours, digits, drawing
from .sentences import count

FRAME = Frame(46.0, 8.0, 304.0, 236.0)

Run = dict[str, Any]


def dynamics_section(result: dict[str, Any]) -> Markup:
    """``DynamicsResult.to_dict()`` as a section with id "dynamics"."""
    runs = result["runs"]
    within = sum(row["held_out_near"] for row in result["summary"])
    missed = [name for name in result["test"] if result["altered"][name]["share"] < 0.9]
    verdict = (
        element("span", f"Not so: {', '.join(missed)}.", class_="bad")
        if missed
        else element("span", f"All {count(len(result['test']), 'altered equation')} do.", class_="good")
    )
    said = (
        "Each network learns two points. The effective theory predicts the distance of their two hidden "
        "representations at the end of training from the initial values and the ratio of two rates, here the median "
        "ratio of the other networks of the same architecture and initial scale: the network itself is held out.",
        f"The prediction is within 10 % of the measured distance for {within} of {count(len(runs), 'network')}.",
        join("Deliberately altered equations must fit the measured curves worse on 90 % of the networks. ", verdict),
    )
    caption = (
        "Predicted against measured final distance, both axes logarithmic; on the line they are equal. Colour: initial "
        "scale; shape: architecture."
    )
    drawn = element("div", _picture(runs), _legend(runs), class_="pictures")
    return element(
        "section",
        element("h2", "When representations align", id="dynamics"),
        *(element("p", line) for line in said),
        element("figure", drawn, element("figcaption", caption)),
        summary_table(result).html(),
        altered_table(result).html(),
    )


def _picture(runs: Sequence[Run]) -> Markup:
    values = [run[key] for run in runs for key in ("measured", "held_out")]
    low, high = math.log10(min(values)) - 0.05, math.log10(max(values)) + 0.05

    def share(value: float) -> float:
        return (math.log10(value) - low) / (high - low)

    decades = [m * 10.0**p for p in range(math.floor(low), math.ceil(high)) for m in (1, 2, 5)]
    ticks = [(share(tick), f"{tick:g}") for tick in decades if 0 <= share(tick) <= 1]
    parts = [*FRAME.axes(ticks, "measured", "predicted, held out"), _diagonal()]
    for colour, scale in zip(depth_colours(len(_names(runs, "scale"))), _names(runs, "scale"), strict=True):
        for architecture, shape in zip(_names(runs, "architecture"), _SHAPES, strict=False):
            chosen = [run for run in runs if (run["scale"], run["architecture"]) == (scale, architecture)]
            marks = [shape(*FRAME.at(share(run["measured"]), share(run["held_out"]))) for run in chosen]
            name = element("title", f"{architecture}, {scale}")
            parts.append(element("g", name, *marks, class_="layer", style=colour, fill_opacity="0.75"))
    errors = sorted(abs(run["held_out"] / run["measured"] - 1) for run in runs)
    said = (
        f"{count(len(runs), 'network')}: final hidden distance predicted from other networks' rates against measured, "
        f"from {min(values):.2g} to {max(values):.2g}. Median error {errors[len(errors) // 2]:.1%}, largest "
        f"{errors[-1]:.1%}."
    )
    return drawing("curves", "Predicted against measured final distance", said, (360, 284), *parts)


def _diagonal() -> Markup:
    (x1, y1), (x2, y2) = FRAME.at(0, 0), FRAME.at(1, 1)
    style = "stroke: var(--soft); stroke-dasharray: 3 2.5"
    return element("line", class_="grid", style=style, x1=digits(x1), y1=digits(y1), x2=digits(x2), y2=digits(y2))


def _legend(runs: Sequence[Run]) -> Markup:
    items = []
    for colour, scale in zip(depth_colours(len(_names(runs, "scale"))), _names(runs, "scale"), strict=True):
        mark = element("span", "\u00a0", class_="mark")
        items.append(element("li", mark, " ", f"{scale} initial scale", class_="layer", style=colour))
    for architecture, shape in zip(_names(runs, "architecture"), _SIGNS, strict=False):
        items.append(element("li", f"{shape} {architecture}"))
    items.append(element("li", element("span", class_="dashes"), " equal"))
    return element("ul", *items, class_="legend")


def _names(runs: Sequence[Run], key: str) -> list[str]:
    return list(dict.fromkeys(run[key] for run in runs))


def _circle(x: float, y: float) -> Markup:
    return element("circle", class_="dot", cx=f"{x:.1f}", cy=f"{y:.1f}", r="2.6")


def _square(x: float, y: float) -> Markup:
    return element("rect", class_="dot", x=f"{x - 2.3:.1f}", y=f"{y - 2.3:.1f}", width="4.6", height="4.6")


def _triangle(x: float, y: float) -> Markup:
    corners = ((x, y - 3.2), (x - 2.9, y + 2.2), (x + 2.9, y + 2.2))
    return element("polygon", class_="dot", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners))


_SHAPES, _SIGNS = (_circle, _square, _triangle), "●■▲"
