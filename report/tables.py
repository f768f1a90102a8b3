"""Every table of the report, each described once: terminal, page, notebook and CSV show the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ..algorithms.structure import SIZE_CLASSES
from .table import Column, Record, Table

SHOWN = [round(0.1 * k, 1) for k in range(1, 10)]
"""Of a fine grid the epsilons closest to these have a column."""


def has_null(comparison: Record) -> bool:
    """Whether any shuffle was drawn: without one the null curves are zeros that mean nothing."""
    return bool(comparison["settings"]["shuffles"])


def shown_epsilons(layers: Iterable[Record]) -> list[tuple[float, int]]:
    """The epsilons that have a column, in order, each with its rank: the middle is kept longest, then those about it at
    an even distance."""
    grid = sorted({epsilon for layer in layers for epsilon in layer["epsilons"]})
    if len(grid) > len(SHOWN):
        grid = sorted({min(grid, key=lambda epsilon: abs(epsilon - wanted)) for wanted in SHOWN})
    middle = (len(grid) - 1) // 2
    away = [abs(k - middle) for k in range(len(grid))]
    return [
        (epsilon, 12 if steps % 2 else 8 if steps > 2 else 3 if steps else 1)
        for epsilon, steps in zip(grid, away, strict=True)
    ]


def layers_table(comparison: Record) -> Table:
    """A row for each layer: the verdict, what it rests on, s on the grid, and what was compared."""
    layers = comparison["layers"]
    shown = shown_epsilons(layers)
    columns = [Column("layer", "name", kind="name"), Column("verdict", "verdict", kind="word")]
    if null := has_null(comparison):
        columns += [
            Column("corrected area", "corrected_area", "z.3f", hint="0 as in shuffled images, 1 if all match", rank=1),
            Column("p", "p_adjusted", ".3g", hint="of the permutation test, adjusted for the layers", rank=4),
            Column("untrained", _baseline("corrected_area"), "z.3f", hint="corrected area of untrained pairs", rank=4),
            Column("p untrained", _baseline("p_adjusted"), ".3g", hint="that one more would reach the layer", rank=4),
        ]
    columns.append(Column("area", "area", ".3f", hint="the mean of s over all epsilon", rank=2))
    if null:
        columns += [
            Column("null area", "null_area", ".3f", rank=9),
            Column("chance epsilon", _chance, ".3f", hint="from here on shuffled images match too", rank=6),
        ]
    columns += [Column(f"s {epsilon:g}", _at("similarity", epsilon), ".3f", rank=rank) for epsilon, rank in shown]
    columns += [
        Column(f"interval {epsilon:g}", _interval(epsilon), hint="of s for infinitely many images, 95 %", rank=3)
        for epsilon, rank in shown
        if rank == 1 and any(layer["interval_low"] for layer in layers)
    ]
    columns += [
        Column(f"null {epsilon:g}", _at("null", epsilon), ".3f", hint="s with shuffled images", rank=9)
        for epsilon, rank in shown
        if null and rank == 1
    ]
    columns += [
        Column("neurons", "neurons", rank=5),
        Column("dead", "dead", rank=6),
        Column("rank", "rank", rank=10),
        Column("participation", "participation", ".1f", hint="effective numbers of directions", rank=10),
        Column("inputs", lambda layer: f"{layer['draws']} × {layer['inputs']:,}".replace(",", " "), rank=11),
    ]
    return Table(f"Layers of {' and of '.join(comparison['networks'])}", columns, layers)


def control_table(control: Record, trained: Record, pairs: Sequence[tuple[Record, Record]]) -> Table:
    """A control against the trained pair, a row for each of these ``pairs`` of layers of both."""
    records = []
    for mine, theirs in pairs:
        lower, higher, grid = separated(mine, theirs)
        difference = round(mine["area"], 3) - round(theirs["area"], 3)
        own = {"difference": difference, "lower": f"{lower} of {grid}", "higher": f"{higher} of {grid}"}
        records.append({**mine, **own, **{f"trained {key}": value for key, value in theirs.items()}})
    columns = [
        Column("layer", "name", kind="name"),
        Column("area", "area", ".3f", rank=1),
        Column("trained area", "trained area", ".3f", rank=1),
        Column("difference", "difference", "+.3f"),
    ]
    if has_null(control) and has_null(trained):
        columns += [
            Column("corrected area", "corrected_area", "z.3f", rank=2),
            Column("trained corrected", "trained corrected_area", ".3f", rank=2),
        ]
    columns += [
        Column("every draw lower at", "lower", hint="epsilons", rank=3),
        Column("every draw higher at", "higher", hint="epsilons", rank=3),
    ]
    return Table(f"Compared with {' against '.join(trained['networks'])}", columns, records)


def separated(control: Record, trained: Record) -> tuple[int, int, int]:
    """At how many common epsilons every draw of the control lies below, above every one of the trained pair; of how
    many."""
    theirs = {e: k for k, e in enumerate(trained["epsilons"])}
    both = [(k, theirs[e]) for k, e in enumerate(control["epsilons"]) if e in theirs]
    lower = sum(control["highest"][k] < trained["lowest"][j] for k, j in both)
    higher = sum(control["lowest"][k] > trained["highest"][j] for k, j in both)
    return lower, higher, len(both)


def grouped_notes(layers: Iterable[Record]) -> list[str]:
    """Each note of some layers once, with the layers that it is about."""
    names_of: dict[str, list[str]] = {}
    for layer in layers:
        for note in layer["notes"]:
            names_of.setdefault(note, []).append(layer["name"])
    return [f"{', '.join(names)}: {note}" for note, names in names_of.items()]


def minimal_table(layers: Sequence[Record]) -> Table:
    """A row for each layer and epsilon: how local the minimal matches are."""
    columns = [
        Column("layer", "layer", kind="name"),
        Column("epsilon", "epsilon", "g"),
        Column("neurons", "neurons", rank=3),
        Column("matched", "matched", hint="neurons of the maximum match"),
        Column("alone", "alone", hint="those that match without any other", rank=2),
        Column("one to one", "one_to_one", hint="those whose minimal match is one neuron of each network", rank=1),
        Column("median size", "median_size", "g", hint="excluding neurons that match alone", rank=1),
        Column("largest size", "largest_size", rank=2),
        Column("different", "different", hint="minimal matches, excluding neurons that match alone", rank=1),
        Column("complete", lambda one: "" if one["complete"] else "time ran out", kind="word"),
    ]
    return Table("Minimal matches: one for every neuron of the maximum match", columns, layers)


def sizes_table(layers: Sequence[Record]) -> Table:
    """A row for each layer and epsilon where random orders were tried: the sizes of the simple matches found."""
    columns = [
        Column("layer", "layer", kind="name"),
        Column("epsilon", "epsilon", "g"),
        Column("orders", "orders", hint="random orders tried for each neuron"),
        Column("found", lambda one: sum(number for number, *_ in one["sizes"]), hint="different simple matches"),
        *(
            Column(size_name(*size), partial(_share, size=k), hint="their share, and its standard error")
            for k, size in enumerate(SIZE_CLASSES)
        ),
    ]
    sampled = [one for one in layers if one.get("orders")]
    return Table("Sizes of simple matches, in neurons of both layers", columns, sampled)


def size_name(smallest: int, largest: int) -> str:
    if (smallest, largest) == SIZE_CLASSES[-1]:
        return f"{smallest} or more"
    return str(smallest) if smallest == largest else f"{smallest} to {largest}"


def _share(layer: Record, size: int) -> str:
    _, share, error = layer["sizes"][size]
    return f"{share:.2f} ± {error:.2f}" if share and error < 1 else f"{share:.2f}"


def units_table(found: Record) -> Table:
    """A row for each layer: maximum match, matching, semi-matching, sparse prediction, blocks."""
    columns = [
        Column("layer", "name", kind="name"),
        Column(f"s {found['protocol']['epsilon']:g}", "similarity", ".3f", hint="maximum match similarity"),
        Column("matched", "matched", ".3f", hint="mean correlation of units paired one to one", rank=1),
        Column("semi", "semi", ".3f", hint="mean correlation of the same units with their best partners", rank=1),
        Column("gap", "gap", ".3f", hint="semi minus matched", rank=2),
        Column("R² of first", lambda one: one["r2"][0], ".3f", hint="sparse prediction from the second", rank=1),
        Column("R² of second", lambda one: one["r2"][1], ".3f", hint="sparse prediction from the first", rank=1),
        Column("units for 90 %", "units", ".0f", hint="units needed for 90 % of R²", rank=3),
        Column("shared blocks", shared_blocks, hint="spectral blocks with units of both", rank=3),
        Column("units in them", "shared", ".2f", hint="their share of all", rank=4),
        Column("participation", "participation", ".1f", hint="effective numbers of directions", rank=6),
        Column("neurons", "neurons", rank=5),
        Column("constant", "constant", rank=5),
    ]
    title = f"Units of {' and of '.join(found['networks'])}: maximum match, matching, sparse prediction and blocks"
    return Table(title, columns, found["layers"])


def shared_blocks(layer: Record) -> str:
    """How many spectral blocks have units of both networks, of how many."""
    return f"{sum(min(block) > 0 for block in layer['blocks'])} of {len(layer['blocks'])}"


def agreements_table(agreements: Sequence[Record]) -> Table:
    """Three routes to the same answers on real layers."""
    columns = [
        Column("layer", "layer", kind="name"),
        Column("verdict", lambda one: "agree" if one["ok"] else "differ", kind="verdict"),
        Column("channels", "channels", rank=2),
        Column("epsilons compared", "matches", rank=1),
        Column("undecided", "undecided", rank=1),
        Column("radius error", "radius_error", ".1e"),
        Column("allowed", "allowed", ".1e"),
    ]
    title = "Maximum matches by A3 and A4 against A1 as published; radii against the exact oracle"
    return Table(title, columns, agreements)


def checks_table(name: str, outcomes: Sequence[Record]) -> Table:
    """What each check of a theorem said."""
    columns = [
        Column("check", "check", kind="name"),
        Column("verdict", "verdict", kind="verdict"),
        Column("theorems", lambda one: " ".join(one["theorems"]), kind="text", rank=2),
        Column("detail", "detail", kind="text"),
        Column("cases", "cases", ",", rank=1),
        Column("seconds", "seconds", ".1f", rank=3),
    ]
    return Table(f"Checks of {name}", columns, outcomes)


def planted_table(families: Sequence[Record]) -> Table:
    """What was planted and found again."""
    columns = [
        Column("family", "family", kind="name"),
        Column("verdict", lambda one: "all found" if one["ok"] else f"{len(one['faults'])} not found", kind="verdict"),
        Column("sets", "sets", rank=1),
        Column("maximum matches", "maximum_matches", rank=1),
        Column("radii", "radii", rank=1),
        Column("largest error / allowed", lambda one: one["radius_error"] if one["radii"] else None, ".2g"),
        Column("simple matches", "simple_matches", rank=1),
    ]
    return Table("Planted families recovered", columns, families)


def summary_table(result: Record) -> Table:
    """The effective theory: a row for each architecture and initial scale."""
    columns = [
        Column("network", "architecture", kind="name"),
        Column("initial scale", "scale", kind="word"),
        Column("A_high/A_low", "regime", ".2f", rank=2),
        Column("η_h/η_y", "ratio", ".3g", rank=2),
    ]
    for heading, kind, rank in (
        ("held-out rates", "held_out", 0), ("own rates", "fitted", 1), ("one ratio for all scales", "one_ratio", 3)
    ):  # fmt: skip
        columns += [
            Column(f"{heading}: within 10 %", _of_runs(f"{kind}_near"), rank=rank),
            Column(f"{heading}: median error", f"{kind}_median", ".1%", rank=rank),
        ]
    return Table("Final hidden distance, predicted against measured", columns, result["summary"])


def altered_table(result: Record) -> Table:
    """A row for each altered equation."""
    columns = [
        Column("altered equation", "name", kind="text"),
        Column("must reach 90 %", lambda one: "yes" if one["name"] in result["test"] else "no", kind="word", rank=1),
        Column("fits worse on", "share", ".1%"),
        *(Column(scale, scale, ".1%", rank=2) for scale in result["scales"]),
        Column(
            "can be told in principle on",
            "can_tell",
            ".1%",
            hint="the theory's own curves tell it from the theory by more than the theory misses the network",
            rank=1,
        ),
        Column("times worse, median", "times", ".3g", rank=1),
    ]
    records = [{"name": name, **found} for name, found in result["altered"].items()]
    return Table("Altered equations with as many rates to fit", columns, records)


def theorems_table(theorems: Sequence[Record], checks: Mapping[str, Sequence[Record]]) -> Table:
    """Every theorem, its evidence, and what the checks of this run say of it."""
    outcomes = [one for group in checks.values() for one in group]

    def seen(theorem: Record) -> str:
        return in_this_run([one["verdict"] for one in outcomes if theorem["id"] in one["theorems"]])

    columns = [
        Column("id", "id", kind="name"),
        Column("theorem", "name", kind="text"),
        Column("statement", "statement", kind="text"),
        Column("needs", "hypotheses", kind="text", rank=2),
        Column("evidence", lambda theorem: ", ".join(theorem["evidence"]), kind="text", rank=1),
        Column("in this run", seen, kind="verdict"),
    ]
    return Table("Theorems and their evidence", columns, theorems)


def in_this_run(verdicts: Sequence[str]) -> str:
    """What several checks of one theorem come to: one failure is a failure, and no check at all is "not run"."""
    bad = [verdict for verdict in ("failed", "not run") if verdict in verdicts]
    return bad[0] if bad else "passed" if verdicts else "not run"


def _baseline(key: str) -> Any:
    return lambda layer: layer["baseline"] and layer["baseline"][key]


def _at(curve: str, epsilon: float) -> Any:
    return lambda layer: dict(zip(layer["epsilons"], layer[curve], strict=True)).get(epsilon)


def _interval(epsilon: float) -> Any:
    def between(layer: Record) -> str | None:
        ends = [_at(curve, epsilon)(layer) for curve in ("interval_low", "interval_high") if layer[curve]]
        return " to ".join(f"{end:.3f}" for end in ends if end is not None) or None

    return between


def _chance(layer: Record) -> float | None:
    return layer["chance_epsilon"] if layer["chance_epsilon"] < 1 else None


def _of_runs(key: str) -> Any:
    return lambda row: f"{row[key]} of {row['runs']}"
