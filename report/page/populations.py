"""Several networks on the page: mean curves, who is like whom, what all learn, and what changes over training."""

from __future__ import annotations

from typing import Any

from ..markup import Markup, element
from ..populations import middle_of, population_table, training_table
from ..tables import has_null
from .curves import curves, heat_map, legend
from .matrices import matrix_map
from .sentences import Layer, count


def population_section(population: dict[str, Any]) -> Markup:
    """All layers over all pairs, then a matrix of the networks for each layer, or what changes over training."""
    layers, networks = population["layers"], population["networks"]
    pairs = count(len(population["comparisons"]), "pair")
    title = f"{len(networks)} {'checkpoints of one training' if population['training'] else 'networks'}"
    parts: list[object] = [element("h2", f"{title}, compared in {pairs}", id="population")]
    parts.append(element("ol", *(element("li", name) for name in networks)))
    if not layers:
        return element("section", *parts, element("p", "No layer is in every pair."))
    parts.append(element("ul", *(element("li", line) for line in _seen(population)), class_="seen"))
    said = "Line: s, the mean over the pairs of networks. Band: from the lowest pair to the highest."
    if has_null(population):
        said += " Dashed, in the layer's colour: the mean of the nulls."
    drawn = element("div", curves(population, title), legend(population), class_="pictures")
    parts += [
        element("h3", "Similarity curves"),
        element("figure", drawn, element("figcaption", said)),
        element("h3", "Layer by epsilon, mean of the pairs"),
        element("figure", heat_map(population, title)),
        population_table(population).html(),
        *(_training(population) if population["training"] else _matrices(population)),
    ]
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


def _matrices(population: dict[str, Any]) -> list[Markup]:
    epsilon, k = middle_of(population)
    names = [f"{number} {name}" for number, name in enumerate(population["networks"], 1)]
    parts = [element("h3", f"Network against network, s at epsilon {epsilon:g}")]
    for layer in population["layers"]:
        drawn = matrix_map(
            names, names, layer["similarities"][k], title=f"{layer['name']}, network against network", measure="s"
        )
        parts.append(element("figure", element("figcaption", layer["name"]), drawn))
    return parts


def _training(population: dict[str, Any]) -> list[Markup]:
    epsilon, k = middle_of(population)
    names, layers = population["networks"], population["layers"]
    parts = []
    for curve, title in (("to_last", f"Similarity to the last checkpoint, {names[-1]}"), ("to_next", "To the next")):
        values = [[one[k] for one in layer[curve]] for layer in layers]
        drawn = matrix_map(
            [layer["name"] for layer in layers], names[:-1], values, title=title, measure=f"s({epsilon:g})"
        )
        parts += [
            element("h3", f"{title}, s at epsilon {epsilon:g}"),
            element("figure", drawn),
            training_table(population, curve).html(),
        ]
    return parts
