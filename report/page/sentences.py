"""What a comparison shows, in plain sentences that are true of every input.

Each function takes results as plain dictionaries (``Comparison.to_dict`` and its layers) and gives text. Differences
are rounded to three decimals *before* they are compared, so that words and printed numbers do not contradict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SHARED = 0.1
"""A layer shares something beyond the null when its excess is at least this much at some epsilon."""
NEGLIGIBLE = 0.02
"""A layer is no better than the null when its excess is at most this much at every epsilon, and its area exceeds the
null's by no more than ``LEAD``."""
LEAD = 0.02
"""The shuffles are read at an epsilon larger by at least this much: curves rise from 0 to 1 within less, so that of two
that differ by sampling alone one may stand far above the other for a moment. An area that is larger by this much is a
curve that comes earlier by this much in the mean."""
CHANCE_SHARE = 0.05
"""The share of live neurons that match with shuffled images from a layer's ``chance_epsilon`` on."""
NAMED = 12
"""At most so many layers are named in a sentence; the tables have them all."""

Layer = dict[str, Any]
Standing = Literal["shares something", "shares little", "no better than the null", "no null", "no epsilon"]


@dataclass(frozen=True)
class Excess:
    """The largest excess and the smallest epsilon that has it; ``first``: the smallest epsilon with an excess of at
    least ``SHARED``, None if nowhere."""

    amount: float
    epsilon: float
    first: float | None


def has_null(comparison: dict[str, Any]) -> bool:
    """Whether any shuffle was drawn: without one the null curves are zeros that mean nothing."""
    return bool(comparison["settings"]["shuffles"])


def largest_excess(layer: Layer) -> Excess | None:
    """How far every draw rises above every shuffle (negative: below one), the shuffles at the next epsilon of the grid
    that is larger by ``LEAD``, or, on a grid without any such pair, at the same one. None when the grid is empty."""
    grid: list[float] = layer["epsilons"]
    if not grid:
        return None
    later = [next((j for j, e in enumerate(grid) if e >= epsilon + LEAD - 1e-9), None) for epsilon in grid]
    read_at = [(k, j) for k, j in enumerate(later) if j is not None] or [(k, k) for k in range(len(grid))]
    amounts = [(round(layer["lowest"][k] - layer["null_highest"][j], 3), grid[k]) for k, j in read_at]
    largest = max(amount for amount, _ in amounts)
    return Excess(
        largest,
        next(epsilon for amount, epsilon in amounts if amount == largest),
        next((epsilon for amount, epsilon in amounts if amount >= SHARED), None),
    )


def standing(layer: Layer, null: bool) -> Standing:
    """The layer's verdict against the null; ``null``: whether one was drawn."""
    excess = largest_excess(layer)
    if excess is None:
        return "no epsilon"
    if not null:
        return "no null"
    if excess.amount >= SHARED:
        return "shares something"
    if excess.amount > NEGLIGIBLE or area_beyond_null(layer) > LEAD:
        return "shares little"
    return "no better than the null"


def what_is_seen(comparison: dict[str, Any]) -> list[str]:
    """All that can be said of one comparison by itself."""
    layers: list[Layer] = comparison["layers"]
    if not layers:
        return ["No layer was compared."]
    if not any(layer["epsilons"] for layer in layers):
        return ["No epsilon was asked for, so there are no curves.", *_dead(comparison)]
    return [*_against_null(comparison), *_dead(comparison), *_undecided(layers)]


def itself(comparison: dict[str, Any]) -> str:
    """A network against itself: similarity 1 everywhere, or where it is not."""
    lowest = {layer["name"]: min(layer["lowest"], default=1.0) for layer in comparison["layers"]}
    off = [f"{name} (down to {least!r})" for name, least in lowest.items() if least != 1.0]
    if off:
        return (
            f"Against itself similarity has to be exactly 1, and is not in {count(len(off), 'layer')}: {listed(off)}."
        )
    return "Against itself similarity is exactly 1 in every layer compared, in every draw and at every epsilon."


def against_trained(control: dict[str, Any], trained: dict[str, Any]) -> list[str]:
    """A control pair against the trained pair that has the same first network, layer by layer."""
    both = in_common(control, trained)
    pair = " against ".join(trained["networks"])
    if not both:
        return [f"No layer in common with the trained pair {pair}, so it is not set against that pair."]
    lines = _below(f"By area, against the trained pair {pair}", both, _area)
    if has_null(control) and has_null(trained):
        lines += _below("By the area beyond the null, against the same pair", both, area_beyond_null)
    missing = len(control["layers"]) - len(both)
    return [*lines, f"{count(missing, 'layer')} not in the trained pair, and left out here."] if missing else lines


def in_common(control: dict[str, Any], trained: dict[str, Any]) -> list[tuple[Layer, Layer]]:
    """The layers of both, in the control's order."""
    names = {layer["name"]: layer for layer in trained["layers"]}
    return [(layer, names[layer["name"]]) for layer in control["layers"] if layer["name"] in names]


def area_beyond_null(layer: Layer) -> float:
    """The area under s less that under the null's mean."""
    return round(float(layer["area"]) - float(layer["null_area"]), 3)


def count(number: int, noun: str) -> str:
    """1 layer, 2 layers."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}".replace(",", " ")


def listed(names: Sequence[str]) -> str:
    """Names with commas; of many the first ``NAMED`` and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more (in the table)" if more > 0 else "")


def _area(layer: Layer) -> float:
    return round(float(layer["area"]), 3)


def _against_null(comparison: dict[str, Any]) -> list[str]:
    layers = comparison["layers"]
    if not has_null(comparison):
        return ["No shuffled images were drawn, so there is no null: nothing here tells similarity from chance."]
    by = {
        verdict: [layer for layer in layers if standing(layer, True) == verdict]
        for verdict in ("shares something", "shares little", "no better than the null")
    }
    total = count(len(layers), "layer")
    strong, little, none = by.values()
    lines = []
    if strong:
        lines.append(
            f"Beyond the null (excess at least {SHARED} at some epsilon): {len(strong)} of {total}; "
            f"largest excess, and its epsilon: {listed([_excess(layer) for layer in strong])}."
        )
        firsts = [(excess.first, layer["name"]) for layer in strong if (excess := largest_excess(layer))]
        earliest = min(first for first, _ in firsts if first is not None)
        lines.append(
            f"The smallest epsilon with an excess of at least {SHARED} is {earliest:g}: "
            f"{listed([name for first, name in firsts if first == earliest])}."
        )
    else:
        lines.append(f"No layer is beyond the null (excess at least {SHARED}) at any epsilon.")
    if little:
        lines.append(
            f"Little beyond the null (excess nowhere {SHARED}, but more than {NEGLIGIBLE} or an area more than {LEAD} "
            f"above the null's): {len(little)} of {total}; "
            f"{listed([f'{_excess(layer)}, area {area_beyond_null(layer):+.3f}' for layer in little])}."
        )
    if none:
        lines.append(
            f"No better than the null (excess at most {NEGLIGIBLE} at every epsilon, area at most {LEAD} above): "
            f"{len(none)} of {total}; {listed([layer['name'] for layer in none])}."
        )
    return [*lines, *_chance(layers)]


def _excess(layer: Layer) -> str:
    excess = largest_excess(layer)
    if excess is None:
        return str(layer["name"])
    where = f" (at {excess.epsilon:g})" if excess.amount > 0 else ""
    return f"{layer['name']} by {excess.amount:.3f}{where}"


def _chance(layers: Sequence[Layer]) -> list[str]:
    """From which epsilon on shuffled images match too."""
    at = [(round(layer["chance_epsilon"], 3), layer["name"]) for layer in layers if layer["chance_epsilon"] < 1]
    never = [layer["name"] for layer in layers if layer["chance_epsilon"] >= 1]
    share = f"{CHANCE_SHARE:.0%} of the live neurons"
    lines = []
    if at:
        (low, first), (high, last) = min(at), max(at)
        span = f"from epsilon {low:.3f} on in {first}"
        if low < high:
            span = f"{span}, the soonest, to {high:.3f} in {last}, the latest"
        elif len(at) > 1:
            span = f"from epsilon {low:.3f} on in {listed([name for _, name in at])}"
        lines.append(f"Shuffled images match too (at least {share}) {span}: beyond, read s against the null only.")
    if never:
        lines.append(
            f"No epsilon is called chance in {listed(never)}: the {CHANCE_SHARE:.0%} quantile of the null's radii "
            "is 1 there, or no neuron is live."
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
        return [
            "No match radius lies within rounding error of an epsilon of the grid: no point of the curves is undecided."
        ]
    return [
        f"Undecided within rounding error (a match radius too close to an epsilon of the grid; summed over draws): "
        f"{listed(unsure)}."
    ]


def _below(opening: str, both: Sequence[tuple[Layer, Layer]], measure: Callable[[Layer], float]) -> list[str]:
    """Which layers of a control are below the trained pair's, and which are not."""
    below: list[str] = []
    equal: list[str] = []
    above: list[str] = []
    for control, trained in both:
        mine, theirs = measure(control), measure(trained)
        group = below if mine < theirs else above if mine > theirs else equal
        group.append(f"{control['name']} ({mine:.3f} against {theirs:.3f})")
    total = count(len(both), "layer")
    if not equal and not above:
        return [f"{opening}: below it in every layer ({len(below)} of {total}): {listed(below)}."]
    parts = [
        f"{word} in {len(group)} of {total}: {listed(group)}"
        for word, group in (("below it", below), ("not below it but equal to 3 decimals", equal), ("above it", above))
        if group
    ]
    return [f"{opening}: {'; '.join(parts)}."]
