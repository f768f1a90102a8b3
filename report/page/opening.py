"""How a page opens: a sentence for each question, and one picture of all layers with what they are compared to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..markup import Markup, element
from ..tables import has_null
from .curves import Frame, digits, drawing, short
from .embedded import Shown
from .sentences import count, listed
from .terms import term

MOST_LAYERS = 40
"""Of more layers than these a profile cannot be read."""
SIGNS = {"main": "●", "control": "◇", "other": "△"}
UNTOLD = "too few shuffles"
"""The verdict on a layer that the shuffles drawn could not tell from chance, whatever its similarity."""
BOX = Frame(68.0, 10.0, 684.0, 220.0)


@dataclass(frozen=True)
class Series:
    """What is drawn over the layers: ``paths`` of its similarity in each of them, None where there is none; ``low`` and
    ``high`` of its range. ``kind``: main, control, other, or null, which is drawn as bars behind."""

    kind: str
    name: str
    paths: Sequence[str | None]
    low: Sequence[str | None] = ()
    high: Sequence[str | None] = ()


def of_comparison(shown: Shown, comparison: Mapping[str, Any], where: str) -> list[Series]:
    """A comparison whose path is ``where``: the null, untrained networks, and the pair itself."""
    layers = comparison["layers"]
    numbers = [f"{where}layers.{k}" if shown.follows(layer) else None for k, layer in enumerate(layers)]

    def paths(key: str) -> list[str | None]:
        return [f"{number}.{key}.*" if number else None for number in numbers]

    found = []
    if has_null(comparison):
        found.append(Series("null", "shuffled images", paths("null")))
    if any(layer.get("baseline") for layer in layers):
        found.append(Series("control", "untrained networks", paths("baseline.similarity")))
    name = "mean of the pairs" if "comparisons" in comparison else " against ".join(comparison["networks"])
    return [*found, Series("main", name, paths("similarity"), paths("lowest"), paths("highest"))]


def with_controls(shown: Shown, result: Mapping[str, Any]) -> list[Series]:
    """The first pair of a verification; behind it the controls that have the same first network, untrained first."""
    pairs = result["pairs"]
    main = pairs[0]["comparison"]
    *behind, own = of_comparison(shown, main, "pairs.0.comparison.")
    for kind, sign in (("untrained", "control"), ("random labels", "other")):
        for k, pair in enumerate(pairs):
            other = pair["comparison"]
            if pair["kind"] == kind and other["networks"][0] == main["networks"][0]:
                places = {layer["name"]: j for j, layer in enumerate(other["layers"]) if shown.follows(layer)}
                paths = [
                    f"pairs.{k}.comparison.layers.{places[layer['name']]}.similarity.*"
                    if layer["name"] in places
                    else None
                    for layer in main["layers"]
                ]
                behind.append(Series(sign, pair["name"], paths))
    return [*behind, own]


def questions(shown: Shown, comparison: Mapping[str, Any], series: Sequence[Series]) -> Markup:
    """What one wants to know, and the answers at the page's first epsilon."""
    if not shown.grid or not comparison["layers"]:
        return Markup("")
    answers = [
        part
        for question, answer in _answers(shown, comparison, series)
        for part in (element("dt", question), element("dd", answer))
    ]
    return element("dl", *answers, class_="questions")


def profile(shown: Shown, comparison: Mapping[str, Any], series: Sequence[Series], pair: str) -> Markup:
    """Layers along x, similarity at epsilon: the pair as dots with their range, controls as open marks, the null as
    bars behind. ``pair``: the id of the section where a click on a layer looks into it."""
    layers = [layer["name"] for layer in comparison["layers"]]
    if not shown.grid or not 0 < len(layers) <= MOST_LAYERS:
        return Markup("")
    step = BOX.width / len(layers)
    across = [BOX.left + (k + 0.5) * step for k in range(len(layers))]
    parts = list(_axis())
    for one in series:
        drawn = _bars if one.kind == "null" else _points
        parts.append(element("g", *drawn(shown, one, across, step), class_=f"series {one.kind}"))
    turned = len(layers) > 5 or max(map(len, layers)) > 12
    bottom = BOX.top + BOX.height
    for k, name in enumerate(layers):
        x = digits(across[k])
        where = (
            {"transform": f"translate({x} {digits(bottom + 16)}) rotate(-35)", "text_anchor": "end"}
            if turned
            else {"x": x, "y": digits(bottom + 20), "text_anchor": "middle"}
        )
        label = element("text", short(name), class_="tick", **where)
        here = [(one.name, one.paths[k]) for one in series if one.paths[k]]
        tip = "\n".join([f"{name} at ε = {{e}}", *(f"{drawn}: {{{path}}}" for drawn, path in here)])
        hit = element(
            "rect", class_="hit", x=digits(across[k] - step / 2), y=digits(BOX.top), width=digits(step),
            height=digits(BOX.height),
        )  # fmt: skip
        parts.append(element("g", label, hit, data_tip=tip, data_pair=pair, data_layer=k, class_="column"))
    said = "; ".join(
        f"{name}: " + ", ".join(f"{one.name} {shown.filled(f'{{{one.paths[k]}}}')}" for one in series if one.paths[k])
        for k, name in enumerate(layers)
    )
    keys = [element("li", element("span", class_=f"key {one.kind}"), " ", one.name) for one in reversed(series)]
    title = f"Similarity of each layer at epsilon {shown.epsilon:g}"
    of_what = "pair" if "comparisons" in comparison else "draw of inputs"
    caption = element(
        "figcaption",
        term("similarity", "Similarity s"),
        shown.text(" of each layer at ε = {e}, from the first layer to the last."),
        f" Line through a dot: from the lowest {of_what} to the highest." if series[-1].low else "",
        " Choose a layer to look into it, by pointing at it or with the arrow keys and Enter.",
    )
    picture = drawing("profile", title, said, (760, bottom + (84 if turned else 30)), *parts)
    return element("figure", picture, element("ul", *keys, class_="legend keys"), caption)


def _axis() -> Iterator[Markup]:
    for k in range(6):
        (left, y), (right, _) = BOX.at(0, k / 5), BOX.at(1, k / 5)
        yield element("line", class_="grid", x1=digits(left), y1=digits(y), x2=digits(right), y2=digits(y))
        yield element("text", f"{k / 5:g}", class_="tick", x=digits(left - 8), y=digits(y + 5), text_anchor="end")
    middle = f"translate(14 {digits(BOX.at(0, 0.5)[1])}) rotate(-90)"
    yield element("text", "similarity s", class_="axis", text_anchor="middle", transform=middle)


def _bars(shown: Shown, series: Series, across: Sequence[float], step: float) -> Iterator[Markup]:
    bottom, width = BOX.top + BOX.height, min(0.7 * step, 60)
    for x, path in zip(across, series.paths, strict=True):
        if path is not None and (value := shown.at(path)) is not None:
            height = value * BOX.height
            yield element(
                "rect", x=digits(x - width / 2), y=digits(bottom - height), width=digits(width), height=digits(height),
                **shown.mark("bar", path, bottom=digits(bottom), scale=digits(BOX.height)),
            )  # fmt: skip


def _points(shown: Shown, series: Series, across: Sequence[float], step: float) -> Iterator[Markup]:
    known = [(x, path) for x, path in zip(across, series.paths, strict=True) if path and shown.at(path) is not None]
    bottom = BOX.top + BOX.height
    frame = {"bottom": digits(bottom), "scale": digits(BOX.height)}
    line = shown.mark("line", *(path for _, path in known), across=" ".join(digits(x) for x, _ in known), **frame)
    points = " ".join(f"{digits(x)},{digits(BOX.at(0, shown.at(path))[1])}" for x, path in known)
    yield element("polyline", points=points, **line)
    for x, low, high in zip(across, series.low, series.high, strict=False):
        if not (low and high):
            continue
        y = [digits(BOX.at(0, shown.at(path))[1]) for path in (low, high)]
        ends = {"x1": digits(x), "x2": digits(x), "y1": y[0], "y2": y[1]}
        yield element("line", class_="range", **ends, **shown.mark("range", low, high, **frame))
    for x, path in known:
        up = f"translate({digits(x)} {digits(BOX.at(0, shown.at(path))[1])})"
        options = shown.mark("up", path, left=digits(x), **frame)
        yield element("g", _sign(series.kind, min(step / 5, 6.0)), transform=up, **options)


def _sign(kind: str, size: float) -> Markup:
    r = digits(size)
    if kind == "main":
        return element("circle", r=r)
    if kind == "control":
        return element("path", d=f"M0 -{r}L{r} 0L0 {r}L-{r} 0z")
    return element("path", d=f"M0 -{r}L{r} {r}L-{r} {r}z")


def _answers(shown: Shown, comparison: Mapping[str, Any], series: Sequence[Series]) -> Iterator[tuple[object, object]]:
    layers, own = comparison["layers"], series[-1]
    values = {layer["name"]: float(shown.at(path)) for layer, path in zip(layers, own.paths, strict=True) if path}
    mean = sum(values.values()) / len(values)
    names = comparison["networks"]
    who = " and ".join(names) if len(names) < 4 else f"{len(names)} networks"
    at = f"at ε = {shown.epsilon:g}"
    of_layers = f" on average over {count(len(values), 'layer')}" if len(values) > 1 else f" in {layers[0]['name']}"
    yield (
        "What do these networks share?",
        element(
            "span", f"{at.capitalize()}, {mean:.0%} of the neurons of {who} ", term("match"),
            f"{of_layers}: each of them is a linear combination of matched neurons of the other network, up to a "
            "relative error of ε.",
        ),
    )  # fmt: skip
    if len(values) > 1:
        ordered = sorted(values, key=lambda name: -values[name])
        most, least = ([f"{name} ({values[name]:.2f})" for name in some] for some in (ordered[:3], ordered[-1:]))
        yield "Where?", f"Most in {listed(most[: len(ordered) - 1])}; least in {least[0]}."
    yield "More than chance?", _against_chance(comparison)
    if (untrained := _against_untrained(shown, comparison, series, values)) is not None:
        yield element("span", "More than ", term("untrained networks"), "?"), untrained


def _against_chance(comparison: Mapping[str, Any]) -> object:
    if not has_null(comparison):
        return "Not known: no images were shuffled."
    verdicts: dict[str, list[str]] = {}
    of_layers = [layer.get("verdicts") or {layer["verdict"]: 1} for layer in comparison["layers"]]
    if all([*found] == [UNTOLD] for found in of_layers):
        drawn = count(comparison["settings"]["shuffles"], "shuffle")
        return element("span", f"Not known: {drawn} of the images are too few to tell (", term("shuffled images"), ").")
    for layer, found in zip(comparison["layers"], of_layers, strict=True):
        for one in found:
            verdicts.setdefault(f"{one} in some pair" if len(found) > 1 else one, []).append(layer["name"])
    total = count(len(comparison["layers"]), "layer")
    said = []
    for verdict, names in verdicts.items():
        every = len(names) == len(comparison["layers"])
        where = "every layer" if every else f"{len(names)} of {total}: {listed(names)}"
        said.append(f"{verdict} in {where}")
    text = "; ".join(said)
    return element("span", f"{text[:1].upper()}{text[1:]} (against ", term("shuffled images"), ").")


def _against_untrained(
    shown: Shown, comparison: Mapping[str, Any], series: Sequence[Series], values: Mapping[str, float]
) -> str | None:
    control = next((one for one in series if one.kind == "control"), None)
    if control is None:
        if "comparisons" in comparison:
            return None
        return "Not known: none were compared (baseline=10, or --baseline 10, does it)."
    both = [
        (values[layer["name"]], float(other))
        for layer, path in zip(comparison["layers"], control.paths, strict=True)
        if layer["name"] in values and path is not None and (other := shown.at(path)) is not None
    ]
    mine, theirs = (sum(side) / len(both) for side in zip(*both, strict=True))
    lower = sum(other < own for own, other in both)
    return (
        f"Untrained networks share {theirs:.0%} at ε = {shown.epsilon:g} where these share {mine:.0%}; they share "
        f"less in {lower} of {count(len(both), 'layer')}."
    )
