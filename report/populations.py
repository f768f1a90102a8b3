"""Tables of several networks that were compared in pairs, from ``Population.to_dict``."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from .table import Column, Record, Table
from .tables import has_null, shown_epsilons

SHOWN_PAIRS = 6
"""So many pairs of networks have a column of their own; more are on the page, in the JSON and in the CSV."""


ALIKE = (0.3, 0.5, 0.8)
"""Features are counted from these correlations on."""


def middle_of(population: Record) -> tuple[float, int]:
    """The epsilon of the grid that is closest to 0.5, and its number."""
    grid = population["layers"][0]["epsilons"] if population["layers"] else [0.5]
    place = closest_to_half(grid)
    return grid[place], place


def closest_to_half(grid: Sequence[float]) -> int:
    """The number of the epsilon closest to 0.5, 0 where there is none."""
    return min(((abs(epsilon - 0.5), epsilon, k) for k, epsilon in enumerate(grid)), default=(0.0, 0.0, 0))[2]


def population_table(population: Record) -> Table:
    """A row for each layer: mean and standard deviation over the pairs, and the neurons that match in all of them."""
    layers, (middle, _) = population["layers"], middle_of(population)
    columns = [Column("layer", "name", kind="name")]
    if has_null(population):
        columns.append(Column("verdicts", _verdicts, kind="text", hint="of how many pairs", rank=2))
    columns.append(Column("area", _of("area", "area_spread"), hint="mean ± standard deviation over the pairs", rank=1))
    if has_null(population):
        columns.append(Column("null area", "null_area", ".3f", rank=9))
    for epsilon, rank in shown_epsilons(layers):
        columns.append(Column(f"s {epsilon:g}", _at(epsilon), rank=rank))
        if epsilon == middle:
            columns += [
                Column("lowest", _curve("lowest", epsilon), ".3f", hint=f"pair, at {epsilon:g}", rank=2),
                Column("highest", _curve("highest", epsilon), ".3f", rank=2),
            ]
    reliable = f"neurons that match at {middle:g} in every pair of their network, dead ones too"
    columns += [
        Column("in every pair", lambda layer: _reliable(layer, middle), hint=reliable, rank=4),
        Column("neurons", "neurons", rank=5),
        Column("dead", "dead", rank=6),
    ]
    networks = population["networks"]
    named = f"{len(networks)} checkpoints" if population["training"] else f"{len(networks)} networks"
    title = f"Layers of {named} ({networks[0]} to {networks[-1]}), {len(population['comparisons'])} pairs"
    return Table(title, columns, layers)


def pairs_table(population: Record) -> Table:
    """A row for each layer, a column for each pair of networks: s at the middle of the grid."""
    epsilon, k = middle_of(population)
    names = population["networks"]
    pairs = [one["of"] for one in population["comparisons"]][:SHOWN_PAIRS]
    columns = [Column("layer", "name", kind="name")]
    columns += [
        Column(f"{names[i]} / {names[j]}", _cell(k, i, j), ".3f", rank=rank) for rank, (i, j) in enumerate(pairs)
    ]
    return Table(f"Pairs of networks, s at epsilon {epsilon:g}", columns, population["layers"])


def training_table(population: Record, curve: str) -> Table:
    """A row for each layer, a column for each checkpoint. ``curve``: "to_last" or "to_next"."""
    epsilon, k = middle_of(population)
    names = population["networks"]
    columns = [Column("layer", "name", kind="name")]
    columns += [
        Column(name, _checkpoint(curve, number, k), ".3f", rank=len(names) - number)
        for number, name in enumerate(names[:-1])
    ]
    what = f"with the last one, {names[-1]}" if curve == "to_last" else "with the next one"
    return Table(f"Checkpoints compared {what}: s at epsilon {epsilon:g}", columns, population["layers"])


def features_table(population: Record) -> Table:
    """A row for each layer whose units were matched: the features that all networks have, and how alike they are."""
    columns = [
        Column("layer", "name", kind="name"),
        Column("features", lambda one: len(one["features"]), hint="units, one of each network, paired in every pair"),
        *(Column(f"from {r:g}", _features(r), hint=f"those whose correlations are all {r:g} or more") for r in ALIKE),
        Column("highest", lambda layer: max(_lowest(layer), default=0.0), ".3f", hint="lowest correlation of the best"),
        Column("median", lambda layer: median(_lowest(layer)) if layer["features"] else 0.0, ".3f", rank=1),
        Column("neurons", "neurons", rank=2),
    ]
    title = f"Features of all {len(population['networks'])} networks: one unit of each, by their lowest correlation"
    return Table(title, columns, [layer for layer in population["layers"] if layer["features"] is not None])


def has_features(population: Record) -> bool:
    """Whether the units of some layer were matched in every two networks."""
    return any(layer["features"] is not None for layer in population["layers"])


def population_tables(population: Record) -> list[Table]:
    """All that a terminal shows."""
    if population["training"]:
        return [population_table(population), *(training_table(population, one) for one in ("to_last", "to_next"))]
    features = [features_table(population)] if has_features(population) else []
    return [population_table(population), pairs_table(population), *features]


def _verdicts(layer: Record) -> str:
    return ", ".join(f"{verdict}: {count} of {layer['pairs']}" for verdict, count in layer["verdicts"].items())


def _of(value: str, spread: str) -> Any:
    return lambda layer: f"{layer[value]:.3f} ± {layer[spread]:.3f}"


def _at(epsilon: float) -> Any:
    def text(layer: Record) -> str | None:
        if epsilon not in layer["epsilons"]:
            return None
        k = layer["epsilons"].index(epsilon)
        return f"{layer['similarity'][k]:.3f} ± {layer['spread'][k]:.3f}"

    return text


def _curve(curve: str, epsilon: float) -> Any:
    return lambda layer: dict(zip(layer["epsilons"], layer[curve], strict=True)).get(epsilon)


def _reliable(layer: Record, epsilon: float) -> list[int]:
    return [sum(radius <= epsilon for radius in radii) for radii in layer["reliable_radii"]]


def _lowest(layer: Record) -> list[float]:
    return [lowest for _, lowest in layer["features"]]


def _features(least: float) -> Any:
    return lambda layer: sum(lowest >= least for lowest in _lowest(layer))


def _cell(k: int, i: int, j: int) -> Any:
    return lambda layer: layer["similarities"][k][i][j]


def _checkpoint(curve: str, number: int, k: int) -> Any:
    return lambda layer: layer[curve][number][k]
