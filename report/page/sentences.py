"""What a comparison shows, in plain sentences that are true of every input.

Each function takes results as plain dictionaries (``Comparison.to_dict`` and its layers), whose verdicts are there
already, and gives text. Areas are rounded to three decimals *before* they are compared, so that words and printed
numbers do not contradict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..tables import has_null

NAMED = 12
"""At most so many layers are named in a sentence; the tables have them all."""

Layer = dict[str, Any]


def what_is_seen(comparison: dict[str, Any]) -> list[str]:
    """What can be said of one comparison by itself, over its layers."""
    layers: list[Layer] = comparison["layers"]
    if not layers:
        return ["No layer was compared."]
    if not any(layer["epsilons"] for layer in layers):
        return ["No epsilon was asked for, so there are no curves.", *_dead(comparison)]
    return [*_against_null(comparison), *_dead(comparison), *_undecided(layers)]


def of_each_layer(comparison: dict[str, Any]) -> list[str]:
    """The verdict of each layer that has curves, in its own words."""
    return [f"{layer['name']}: {layer['sentence']}" for layer in comparison["layers"] if layer["epsilons"]]


def itself(comparison: dict[str, Any]) -> str:
    """A network against itself: similarity 1 everywhere, or where it is not."""
    lowest = {layer["name"]: min(layer["lowest"], default=1.0) for layer in comparison["layers"]}
    off = [f"{name} (down to {least!r})" for name, least in lowest.items() if least != 1.0]
    if off:
        where = f"{count(len(off), 'layer')}: {listed(off)}"
        return f"Similarity of a network to itself must be exactly 1, but is not in {where}."
    return "Similarity to itself is exactly 1 in every layer compared, in every draw and at every epsilon."


def against_trained(control: dict[str, Any], trained: dict[str, Any]) -> list[str]:
    """A control pair against the trained pair that has the same first network, layer by layer."""
    both = in_common(control, trained)
    pair = " against ".join(trained["networks"])
    if not both:
        return [f"No layer in common with the trained pair {pair}, so there is nothing to compare with it."]
    lines = _compared(f"Area, compared with the trained pair {pair}", both, _area)
    if has_null(control) and has_null(trained):
        lines += _compared("Area corrected for chance, compared with the same pair", both, _corrected)
    missing = len(control["layers"]) - len(both)
    left_out = f"{count(missing, 'layer')} of the control not in the trained pair, and left out here."
    return [*lines, left_out] if missing else lines


def in_common(control: dict[str, Any], trained: dict[str, Any]) -> list[tuple[Layer, Layer]]:
    """The layers of both, in the control's order."""
    names = {layer["name"]: layer for layer in trained["layers"]}
    return [(layer, names[layer["name"]]) for layer in control["layers"] if layer["name"] in names]


def count(number: int, noun: str) -> str:
    """1 layer, 2 layers."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}".replace(",", " ")


def listed(names: Sequence[str]) -> str:
    """Names with commas; of many the first ``NAMED`` and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more (in the table)" if more > 0 else "")


def _area(layer: Layer) -> float:
    return round(float(layer["area"]), 3)


def _corrected(layer: Layer) -> float:
    return round(float(layer["corrected_area"] or 0), 3)


def _against_null(comparison: dict[str, Any]) -> list[str]:
    layers = comparison["layers"]
    if not has_null(comparison):
        return ["No shuffled images were drawn, so there is no null: nothing here tells similarity from chance."]
    total, verdicts = count(len(layers), "layer"), dict.fromkeys(layer["verdict"] for layer in layers)
    lines = []
    for verdict in verdicts:
        names = [layer["name"] for layer in layers if layer["verdict"] == verdict]
        lines.append(f"{verdict.capitalize()} in {len(names)} of {total}: {listed(names)}.")
    share = f"{comparison['settings']['verdict']['chance_share']:.0%}"
    return [*lines, *_chance(layers, share)]


def _chance(layers: Sequence[Layer], share: str) -> list[str]:
    """From which epsilon on shuffled images match too."""
    at = [(round(layer["chance_epsilon"], 3), layer["name"]) for layer in layers if layer["chance_epsilon"] < 1]
    never = [layer["name"] for layer in layers if layer["chance_epsilon"] >= 1]
    lines = []
    if at:
        (low, first), (high, last) = min(at), max(at)
        span = f"from epsilon {low:.3f} on in {listed([name for _, name in at])}"
        if low < high:
            others = ", in the other layers from values in between" if len(at) > 2 else ""
            span = f"from epsilon {low:.3f} on in {first} and from {high:.3f} on in {last}{others}"
        lines.append(f"Shuffled images match too (at least {share} of the live neurons do) {span}.")
    if never:
        lines.append(
            f"No chance epsilon in {listed(never)}: the {share} quantile of the null's match radii is 1 there, or no "
            "neuron is live."
        )
    return lines


def _dead(comparison: dict[str, Any]) -> list[str]:
    dead = [
        f"{layer['name']} ({layer['dead'][0]} of {layer['neurons'][0]} and {layer['dead'][1]} of {layer['neurons'][1]})"
        for layer in comparison["layers"]
        if sum(layer["dead"])
    ]
    if not dead:
        return ["No neuron is dead (0 on every input)."]
    treated = {
        "match": "they match at every epsilon, in s and in the null alike",
        "unmatched": "they never match, but are counted, in s and in the null alike",
        "drop": "they are left out of s and of the null",
    }[comparison["settings"]["dead_neurons"]]
    return [f"Dead neurons (0 on every input) in {listed(dead)}: {treated}."]


def _undecided(layers: Sequence[Layer]) -> list[str]:
    unsure = [f"{layer['name']} ({layer['undecided']:,})".replace(",", " ") for layer in layers if layer["undecided"]]
    if not unsure:
        return ["No point of the curves is undecided: no match radius lies within rounding error of its epsilon."]
    return [
        f"Undecided (match radii within rounding error of an epsilon of the grid, summed over draws): {listed(unsure)}."
    ]


def _compared(opening: str, both: Sequence[tuple[Layer, Layer]], measure: Callable[[Layer], float]) -> list[str]:
    """Which layers of a control are below the trained pair's, and which are not."""
    groups: dict[str, list[str]] = {"lower": [], "equal to 3 decimals": [], "higher": []}
    for control, trained in both:
        mine, theirs = measure(control), measure(trained)
        word = "lower" if mine < theirs else "higher" if mine > theirs else "equal to 3 decimals"
        groups[word].append(f"{control['name']} ({mine:.3f} against {theirs:.3f})")
    total = count(len(both), "layer")
    if len(groups["lower"]) == len(both):
        return [f"{opening}: lower in every layer ({total}): {listed(groups['lower'])}."]
    parts = [f"{word} in {len(group)} of {total}: {listed(group)}" for word, group in groups.items() if group]
    return [f"{opening}: {'; '.join(parts)}."]
