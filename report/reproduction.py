"""The tables of the published experiments, from ``Reproduction.to_dict``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from rich.console import Console

from .table import Column, Record, Table
from .tables import sizes_table


def print_reproduction(found: dict[str, Any], console: Console) -> None:
    """Accuracies and similarities."""
    for table in (_networks(found), *_similarities(found)):
        console.print(table)


def tables(found: dict[str, Any]) -> str:
    """All tables in Markdown, under their titles."""
    several = (_networks(found), *_similarities(found), *_sizes(found))
    return "\n".join(f"## {table.title}\n\n{table.markdown()}" for table in several)


def _networks(found: dict[str, Any]) -> Table:
    columns = [
        Column("network", lambda one: f"{one['architecture']}-{one['seed']}", kind="name"),
        Column("epochs", "epochs"),
        Column("test accuracy", "test_accuracy", ".4f"),
    ]
    return Table("Networks", columns, found["networks"])


def _similarities(found: dict[str, Any]) -> Iterator[Table]:
    columns = [
        Column("layer", "name", kind="name"),
        *(Column(f"s {epsilon:g}", partial(_mean, k=k)) for k, epsilon in enumerate(found["epsilons"])),
        Column(f"null {found['epsilons'][-1]:g}", lambda layer: layer["null"][-1], ".3f", hint="with images shuffled"),
    ]
    for name, population in found["architectures"].items():
        pairs = population["layers"][0]["pairs"]
        yield Table(f"{name}: mean and standard deviation of {pairs} pairs", columns, population["layers"])


def _sizes(found: dict[str, Any]) -> Iterator[Table]:
    for name, population in found["architectures"].items():
        first = population["comparisons"][0]
        table = sizes_table(first["minimal"])
        yield Table(f"{table.title}: {name}, first pair", table.columns, table.records)


def _mean(layer: Record, *, k: int) -> str:
    return f"{layer['similarity'][k]:.3f} ± {layer['spread'][k]:.3f}"
