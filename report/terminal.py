"""Results printed on a terminal: tables that fit its width, notes, and what failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from .populations import population_table, population_tables
from .table import STYLES, Record, Table
from .tables import (
    agreements_table,
    altered_table,
    checks_table,
    grouped_notes,
    layers_table,
    minimal_table,
    planted_table,
    sizes_table,
    summary_table,
    units_table,
)


def print_comparison(comparison: dict[str, Any], console: Console) -> None:
    """``Comparison.to_dict``: its tables, a sentence a layer, and each note with the layers that it is about."""
    units = comparison["units"]
    _print(_measures(comparison), console)
    _print((Text(f"{layer['name']}: {layer['sentence']}") for layer in comparison["layers"]), console)
    layers = [*comparison["layers"], *(units["layers"] if units else ())]
    notes = [*comparison["notes"], *grouped_notes(layers)]
    _print(map(Text, notes), console)


def print_population(population: dict[str, Any], console: Console) -> None:
    """``Population.to_dict``: its tables, and what was left out."""
    _print(population_tables(population) if population["layers"] else (), console)
    notes = dict.fromkeys(note for one in (population, *population["comparisons"]) for note in one["notes"])
    _print(map(Text, notes), console)


def print_verification(report: dict[str, Any], console: Console) -> None:
    """``VerificationReport.to_dict``: checks, planted families, pairs of networks, and what failed."""
    _print((checks_table(name, outcomes) for name, outcomes in report["checks"].items()), console)
    shares = ", ".join(
        f"{name} {share:.0%} (at least {report['shares']['required'][name]:.0%})"
        for name, share in report["shares"]["found"].items()
    )
    console.print(f"Of {report['shares']['cases']} generated cases: {shares}\n")
    console.print(planted_table(report["planted"]))
    for pair in report["pairs"]:
        console.print(Text(f"{pair['name']} ({pair['kind']})\n", style="bold underline"))
        _print(_measures(pair["comparison"]), console)
        if pair["agreements"]:
            console.print(agreements_table(pair["agreements"]))
    _print(map(population_table, report["populations"]), console)
    if report["dynamics"]:
        print_dynamics(report["dynamics"], console)
    for fault in report["faults"]:
        console.print(Text.assemble(("failed", STYLES["bad"]), " ", fault))
    said = "everything passed" if report["ok"] else f"{len(report['faults'])} failed"
    verdict = said, STYLES["good" if report["ok"] else "bad"]
    console.print(Text.assemble(verdict, f" in {report['seconds']} s ({report['mode']}, seed {report['seed']})"))


def print_dynamics(result: dict[str, Any], console: Console) -> None:
    """``DynamicsResult.to_dict``: the effective theory compared with networks, and the altered equations."""
    _print((summary_table(result), altered_table(result)), console)


def _measures(comparison: Record) -> list[Table]:
    """A table for each measure that was asked for."""
    minimal, units = comparison["minimal"], comparison["units"]
    tables = [layers_table(comparison)]
    tables += [minimal_table(minimal)] if minimal else []
    tables += [sizes_table(minimal)] if any(one.get("orders") for one in minimal) else []
    return tables + ([units_table(units)] if units else [])


def _print(parts: Iterable[Table | Text], console: Console) -> None:
    for part in parts:
        console.print(part)
