"""Several networks on the page: mean curves, who is like whom, what all learn, and what changes over training."""

from __future__ import annotations

from typing import Any

from ..markup import Markup, element
from ..populations import features_table, has_features, middle_of, population_table, training_table
from ..tables import has_null
from .curves import Frame, curves, depth_colours, digits, drawing, heat_map, legend, short
from .embedded import Shown
from .matrices import matrix_map
from .sentences import Layer, count

FEW = 5
"""Matrices of so few networks stand side by side."""


def population_section(population: dict[str, Any], shown: Shown) -> Markup:
    """All layers over all pairs, then a matrix of the networks for each layer, or what changes over training."""
    layers, networks = population["layers"], population["networks"]
    pairs = count(len(population["comparisons"]), "pair")
    title = f"{len(networks)} {'checkpoints of one training' if population['training'] else 'networks'}"
    parts: list[object] = [element("h2", f"{title}, compared in {pairs}", id="population")]
    parts.append(element("ol", *(element("li", name) for name in networks)))
    if not layers:
        return element("section", *parts, element("p", "No layer is in every pair."))
    parts.append(element("ul", *(element("li", line) for line in _seen(population)), class_="seen"))
    parts += _training(population, shown) if population["training"] else _matrices(population, shown)
    said = "Line: s, the mean over the pairs of networks. Band: from the lowest pair to the highest."
    if has_null(population):
        said += " Dashed, in the layer's colour: the mean of the nulls."
    drawn = element("div", curves(population, title, shown, ""), legend(population), class_="pictures")
    table = population_table(population).html()
    parts += [
        element("h3", "Similarity curves"),
        element("figure", drawn, element("figcaption", said)),
        element("h3", "Layer by epsilon, mean of the pairs"),
        element("figure", heat_map(population, title, shown)),
        element("div", table, class_="layers", data_where="", data_pair=""),
    ]
    if has_features(population):
        said = (
            "Convergent Learning over all networks: units, one of each network, that are partners in the matching of "
            "every two networks. A feature is as alike as the two of its units that correlate least."
        )
        heading = element("h3", "Features that all networks have")
        parts += [heading, element("p", said), features_table(population).html()]
    return element("section", *parts)


def _seen(population: dict[str, Any]) -> list[str]:
    epsilon, k = middle_of(population)
    layers: list[Layer] = population["layers"]
    widest = max(layers, key=lambda layer: layer["highest"][k] - layer["lowest"][k])
    lines = [
        f"How far one pair can be from another: at epsilon {epsilon:g} the similarity of {widest['name']} lies between "
        f"{widest['lowest'][k]:.3f} and {widest['highest'][k]:.3f}."
    ]
    shares = []
    for layer in layers:
        reliable = sum(radius <= epsilon for radii in layer["reliable_radii"] for radius in radii)
        shares.append(f"{layer['name']}: {reliable} of {sum(layer['neurons'])} ({sum(layer['dead'])} dead)")
    lines.append(f"Neurons that match at epsilon {epsilon:g} in every pair of their network: {'; '.join(shares)}.")
    return lines


def _matrices(population: dict[str, Any], shown: Shown) -> list[Markup]:
    names = [f"{number} {name}" for number, name in enumerate(population["networks"], 1)]
    numbers = range(len(names))
    heading = element("h3", "Network against network, ", shown.text("s at ε = {e}"))
    parts = []
    for k, layer in enumerate(population["layers"]):
        paths = [[f"layers.{k}.similarities.*.{i}.{j}" for j in numbers] for i in numbers]
        title = f"{layer['name']}, network against network"
        drawn = matrix_map(names, names, paths, shown, title=title, heads=[str(i + 1) for i in numbers])
        parts.append(element("figure", element("figcaption", layer["name"]), drawn))
    return [heading, element("div", *parts, class_="side-by-side" if len(names) <= FEW else None)]


def _training(population: dict[str, Any], shown: Shown) -> list[Markup]:
    names = population["networks"]
    parts = []
    titles = {"to_last": f"Similarity to the last checkpoint, {names[-1]}", "to_next": "To the next one"}
    for curve, title in titles.items():
        drawn = element("div", _lines(population, curve, shown, title), legend(population), class_="pictures")
        parts += [
            element("h3", f"{title}, ", shown.text("s at ε = {e}")),
            element("figure", drawn),
            training_table(population, curve).html(),
        ]
    return parts


def _lines(population: dict[str, Any], curve: str, shown: Shown, title: str) -> Markup:
    """Over the checkpoints, from the first to the last but one, a line for each layer."""
    names, layers = population["networks"][:-1], population["layers"]
    frame = Frame(40.0, 8.0, 310.0, 200.0)
    bottom = frame.top + frame.height
    across = [frame.at((k + 0.5) / len(names), 0)[0] for k in range(len(names))]
    parts = []
    for k in range(6):
        (left, y), (right, _) = frame.at(0, k / 5), frame.at(1, k / 5)
        parts.append(element("line", class_="grid", x1=digits(left), y1=digits(y), x2=digits(right), y2=digits(y)))
        place = {"x": digits(left - 5), "y": digits(y + 3.5), "text_anchor": "end"}
        parts.append(element("text", f"{k / 5:g}", class_="tick", **place))
    for x, name in zip(across, names, strict=True):
        turned = f"translate({digits(x)} {digits(bottom + 12)}) rotate(-30)"
        parts.append(element("text", short(name), class_="tick", text_anchor="end", transform=turned))
    for number, (colour, layer) in enumerate(zip(depth_colours(len(layers)), layers, strict=True)):
        paths = [f"layers.{number}.{curve}.{k}.*" for k in range(len(names))]
        values = [float(shown.at(path)) for path in paths]
        frame_of = {"bottom": digits(bottom), "scale": digits(frame.height)}
        line = shown.mark("line", *paths, across=" ".join(map(digits, across)), **frame_of)
        points = " ".join(f"{digits(x)},{digits(frame.at(0, s)[1])}" for x, s in zip(across, values, strict=True))
        dots = [
            element(
                "g", element("circle", class_="dot", r="2.6"),
                transform=f"translate({digits(x)} {digits(frame.at(0, s)[1])})",
                data_tip=f"{layer['name']}, {name}: s {{{path}}} at ε = {{e}}",
                **shown.mark("up", path, left=digits(x), **frame_of),
            )
            for x, s, name, path in zip(across, values, names, paths, strict=True)
        ]  # fmt: skip
        drawn = element("polyline", class_="curve", points=points, **line)
        parts.append(element("g", drawn, *dots, class_="layer", style=colour))
    said = "; ".join(
        f"{layer['name']}: " + ", ".join(f"{shown.at(f'layers.{n}.{curve}.{k}.*'):.2f}" for k in range(len(names)))
        for n, layer in enumerate(layers)
    )
    return drawing("curves", title, f"s at epsilon {shown.epsilon:g} over training. {said}.", (360, 268), *parts)
