"""Results as tables on a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def print_verification(report: dict[str, Any], console: Console) -> None:
    """The report of the verification run: checks, planted families, layers, and what failed."""
    for name, outcomes in report["checks"].items():
        console.print(_checks(name, outcomes))
    shares = ", ".join(
        f"{name} {share:.0%} (at least {report['shares']['required'][name]:.0%})"
        for name, share in report["shares"]["found"].items()
    )
    console.print(f"Of {report['shares']['cases']} generated cases: {shares}\n")
    console.print(_planted(report["planted"]))
    for pair in report["pairs"]:
        console.print(layers_table(pair["comparison"], f"{pair['name']} ({pair['kind']})"))
        if pair["agreements"]:
            console.print(_agreements(pair["agreements"]))
        if pair["structure"]:
            console.print(structure_table(pair["structure"], f"Minimal matches of {pair['name']}"))
        if pair["units"]:
            console.print(units_table(pair["units"], f"Unit by unit: {pair['name']}"))
    if report["dynamics"]:
        rows = report["dynamics"]["summary"]
        near, runs = (sum(row[name] for row in rows) for name in ("held_out_near", "runs"))
        console.print(f"Effective theory: the final distance of {near} of {runs} networks predicted within 10 %\n")
    for fault in report["faults"]:
        console.print(f"[red]failed[/] {escape(fault)}")
    verdict = "[green]everything passed[/]" if report["ok"] else f"[red]{len(report['faults'])} failed[/]"
    console.print(f"{verdict} in {report['seconds']} s ({report['mode']}, seed {report['seed']})")


def layers_table(comparison: dict[str, Any], title: str) -> Table:
    """One row a layer: neurons, dead ones, similarity on the grid, and from which epsilon on it may be chance."""
    shown = [epsilon for epsilon in SHOWN if any(epsilon in layer["epsilons"] for layer in comparison["layers"])]
    table = Table(title=escape(title), padding=(0, 0), pad_edge=False)
    table.add_column("layer", no_wrap=True)
    columns = ("neurons", "dead", "inputs", *(f"s {epsilon}" for epsilon in shown), "null .5", "area", "chance", "dims")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    table.caption = (
        "s: similarity at this epsilon; null: with shuffled images; chance: from here on these match too; "
        "dims: participation ratios"
    )
    for layer in comparison["layers"]:
        at = dict(zip(layer["epsilons"], layer["similarity"], strict=True))
        null = dict(zip(layer["epsilons"], layer["null"], strict=True))
        table.add_row(
            escape(layer["name"]),
            "+".join(map(str, layer["neurons"])),
            "+".join(map(str, layer["dead"])),
            f"{layer['draws']}x{layer['inputs']}",
            *(f"{at[epsilon]:.2f}" for epsilon in shown),
            f"{null[0.5]:.2f}" if 0.5 in null and layer["shuffles"] else "",
            f"{layer['area']:.3f}",
            f"{layer['chance_epsilon']:.2f}",
            "+".join(f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:.0f}" for ratio in layer["participation"]),
        )
    return table


def units_table(found: dict[str, Any], title: str) -> Table:
    """One row a layer: what unit matching, sparse prediction and clustering see beside the maximum match."""
    table = Table(title=escape(title), padding=(0, 0), pad_edge=False)
    table.add_column("layer", no_wrap=True)
    columns = ("neurons", "constant", f"s {found['protocol']['epsilon']:g}", "matched", "semi", "gap")
    for column in (*columns, "R2 A, B", "units", "blocks", "dimensions"):
        table.add_column(column, justify="right")
    table.caption = (
        "s: maximum match similarity; matched, semi: mean correlation of units used once, of each with its best; "
        "R2: sparse prediction of A from B, of B from A, and how many units nine tenths of it take; "
        "blocks: with units of both, of all; dimensions: participation ratios"
    )
    for layer in found["layers"]:
        both = sum(min(block) > 0 for block in layer["blocks"])
        table.add_row(
            escape(layer["name"]),
            "+".join(map(str, layer["neurons"])),
            "+".join(map(str, layer["constant"])),
            f"{layer['similarity']:.2f}",
            f"{layer['matched']:.3f}",
            f"{layer['semi']:.3f}",
            f"{layer['gap']:.3f}",
            ", ".join(f"{value:.2f}" for value in layer["r2"]),
            ", ".join(f"{value:.0f}" for value in layer["units"]),
            f"{both} of {len(layer['blocks'])}",
            ", ".join(f"{value:.1f}" for value in layer["participation"]),
        )
    return table


def structure_table(layers: list[dict[str, Any]], title: str) -> Table:
    """One row a layer and epsilon: how local the minimal matches are."""
    table = Table(title=escape(title))
    columns = ("layer", "epsilon", "neurons", "matched", "alone", "one to one", "median size", "largest", "different")
    for column in columns:
        table.add_column(column, justify="left" if column == "layer" else "right")
    for one in layers:
        table.add_row(
            escape(one["layer"]),
            f"{one['epsilon']:g}",
            "+".join(map(str, one["neurons"])),
            str(one["matched"]),
            str(one["alone"]),
            str(one["one_to_one"]),
            f"{one['median_size']:g}",
            str(one["largest_size"]),
            str(one["different"]) + ("" if one["complete"] else " (time ran out)"),
        )
    return table


def _checks(name: str, outcomes: list[dict[str, Any]]) -> Table:
    table = Table(title=f"Theorem checks on {escape(name)}")
    for column in ("check", "theorems", "verdict", "cases", "seconds"):
        table.add_column(column, justify="right" if column in ("cases", "seconds") else "left")
    colours = {"passed": "green", "failed": "red", "not run": "yellow"}
    for outcome in outcomes:
        table.add_row(
            outcome["check"],
            " ".join(outcome["theorems"]),
            f"[{colours[outcome['verdict']]}]{outcome['verdict']}[/] {escape(outcome['detail'][:80])}".rstrip(),
            f"{outcome['cases']:,}".replace(",", " "),
            f"{outcome['seconds']:.1f}",
        )
    return table


def _planted(families: list[dict[str, Any]]) -> Table:
    table = Table(title="Planted families recovered")
    columns = ("family", "sets", "maximum matches", "radii", "largest error / allowed", "simple matches", "verdict")
    for column in columns:
        table.add_column(column, justify="left" if column in ("family", "verdict") else "right")
    for one in families:
        table.add_row(
            one["family"],
            str(one["sets"]),
            str(one["maximum_matches"]),
            str(one["radii"]),
            f"{one['radius_error']:.2g}" if one["radii"] else "",
            str(one["simple_matches"]),
            "[green]all found[/]" if one["ok"] else f"[red]{len(one['faults'])} not found[/]",
        )
    return table


def _agreements(layers: list[dict[str, Any]]) -> Table:
    table = Table(title="Three routes on real layers: A3, A4 against A1 as published, radii against the exact oracle")
    for column in ("layer", "channels", "epsilons compared", "undecided", "radius error", "allowed", "verdict"):
        table.add_column(column, justify="left" if column in ("layer", "verdict") else "right")
    for one in layers:
        table.add_row(
            escape(one["layer"]),
            "+".join(map(str, one["channels"])),
            str(one["matches"]),
            str(one["undecided"]),
            f"{one['radius_error']:.1e}",
            f"{one['allowed']:.1e}",
            "[green]agree[/]" if one["ok"] else "[red]differ[/]",
        )
    return table
