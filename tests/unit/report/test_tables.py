"""Every table of the report: the same on terminal, page and in a notebook, and at every width without a cut number."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from report_results import AGREEMENT, comparison, layer, unit_layer, units, verification
from rich.console import Console

from spanmatch.report.table import Table
from spanmatch.report.tables import (
    agreements_table,
    altered_table,
    checks_table,
    control_table,
    in_this_run,
    layers_table,
    minimal_table,
    planted_table,
    separated,
    shown_epsilons,
    sizes_table,
    summary_table,
    theorems_table,
    units_table,
)

NAMES = [f"backbone.stages.{k // 12}.blocks.{k % 12}.mlp.fc{k % 2}" for k in range(24)]
GRID = [round(0.05 * k, 2) for k in range(1, 20)]
FOUND = comparison(
    *(layer(name, [e**2 for e in GRID], [e**9 for e in GRID], epsilons=GRID, dead=(3, 117)) for name in NAMES)
)
MINIMAL = {
    "epsilon": 0.5, "neurons": [512, 512], "matched": 1024, "alone": 17, "one_to_one": 200, "median_size": 2.5,
    "largest_size": 345, "different": 512, "complete": False,
}  # fmt: skip
PREDICTED = {
    f"{kind}_{of}": value
    for kind in ("fitted", "held_out", "one_ratio")
    for of, value in (("near", 45), ("median", 0.0123))
}
GROUP = {"scale": "large", "runs": 75, "regime": -1.5, "ratio": 0.123} | PREDICTED
DYNAMICS = {
    "summary": [{"architecture": f"deep linear {k}"} | GROUP for k in range(3)],
    "scales": {"small": {}, "large": {}},
    "test": ["no interaction"],
    "altered": {"no interaction": {"share": 0.987, "small": 1.0, "large": 0.5, "can_tell": 0.25, "times": 123.4}},
}
RUN, DETAIL = verification(), " ".join(["wrong"] * 30)
TABLES = {
    "layers": layers_table(FOUND),
    "control": control_table(FOUND, FOUND, [(one, one) for one in FOUND["layers"]]),
    "minimal": minimal_table([{"layer": name} | MINIMAL for name in NAMES]),
    "units": units_table(units(*map(unit_layer, NAMES))),
    "agreements": agreements_table([AGREEMENT | {"layer": name} for name in NAMES]),
    "checks": checks_table("fast", [RUN["checks"]["fast"][0] | {"check": name, "detail": DETAIL} for name in NAMES]),
    "planted": planted_table(RUN["planted"]),
    "summary": summary_table(DYNAMICS),
    "altered": altered_table(DYNAMICS),
    "theorems": theorems_table(RUN["theorems"], RUN["checks"]),
}  # fmt: skip


def printed(table: Table, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def rule(lines: list[str]) -> int:
    """Where the line below the headings is."""
    return next(k for k, line in enumerate(lines) if set(line.strip()) == {"─"})


def cells(markup: str) -> list[list[str]]:
    return [["".join(cell.itertext()) for cell in row] for row in ET.fromstring(markup).iter("tr")]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_numbers_are_whole_and_lines_fit(table: Table, width: int) -> None:
    lines = printed(table, width)
    assert max(map(len, lines)) <= width
    numbers = [column for column in table.columns if column.kind == "number"]
    written = {column.text(record) for column in numbers for record in table.records}
    body = [re.split(" {2,}", line.strip())[1:] for line in lines[rule(lines) + 1 :]]
    found = [[cell for cell in line if cell[0] in "+-–0123456789"] for line in body]
    assert {cell for line in found for cell in line} <= written
    assert sum(map(bool, found)) == len(table.records) * bool(numbers)
    assert "…" not in "".join(cell for line in body for cell in line)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_pipe_has_what_the_page_has(table: Table) -> None:
    head, *rows = cells(table.html())
    lines = [re.split(" {2,}", line.strip()) for line in printed(table, 2000)]
    assert lines[1] == head
    assert lines[3 : 3 + len(rows)] == [[cell for cell in row if cell] for row in rows]
    assert table.markdown().count("\n") == 2 + len(rows)


def test_the_wider_the_more_epsilons_and_always_about_the_middle() -> None:
    def epsilons(width: int) -> list[str]:
        lines = printed(TABLES["layers"], width)
        return re.findall(r"s 0(\.\d+)", " ".join(lines[1 : rule(lines)]))

    assert epsilons(60) == [".5"]
    assert epsilons(80) == [".3", ".5", ".7"]
    assert epsilons(140) == [".1", ".3", ".5", ".7", ".9"]
    assert len(epsilons(220)) == 9


def test_layers_have_the_numbers_of_the_record() -> None:
    one = layer("conv", (0.05, 0.5, 1.0), (0.0, 0.0, 0.45), dead=(1, 0), area=0.25, null_area=0.125, chance=1.0)
    one |= {"lowest": [0.0, 0.0, 0.0], "highest": [1.0, 1.0, 1.0]}
    (row,) = layers_table(comparison(one)).rows()
    assert row == {
        "layer": "conv", "verdict": "above chance", "corrected area": 1 / 7, "p": 0.005, "untrained": None,
        "p untrained": None, "s 0.25": 0.05, "s 0.5": 0.5, "s 0.75": 1.0, "null 0.5": 0.0, "area": 0.25,
        "null area": 0.125, "chance epsilon": None, "neurons": (8, 8), "dead": (1, 0), "rank": (8, 8),
        "participation": (3.25, 4.5), "inputs": "2 × 1 000",
    }  # fmt: skip


def test_without_a_null_nothing_is_said_of_it() -> None:
    (row,) = layers_table(comparison(layer(), shuffles=0)).rows()
    assert row["verdict"] == "no null"
    assert not [heading for heading in row if "null" in heading or "chance" in heading]


@pytest.mark.parametrize(
    ("grid", "shown", "kept"),
    [
        ([], [], []),
        ([0.4], [0.4], [0.4]),
        ([0.01, 0.02], [0.01, 0.02], [0.01]),
        (GRID, [round(0.1 * k, 1) for k in range(1, 10)], [0.5]),
        ([round(0.5 + 0.001 * k, 3) for k in range(100)], [0.5, 0.599], [0.5]),
    ],
)
def test_of_a_fine_grid_tenths_are_shown(grid: list[float], shown: list[float], kept: list[float]) -> None:
    found = shown_epsilons([layer(similarity=grid, null=grid, epsilons=grid)])
    assert [epsilon for epsilon, _ in found] == shown
    assert [epsilon for epsilon, rank in found if rank == 1] == kept


def test_separated_needs_every_draw() -> None:
    trained = layer(similarity=(0.5, 0.5, 0.5), spread=0.1)
    control = layer(similarity=(0.1, 0.35, 0.9), spread=0.1)
    assert separated(control, trained) == (1, 1, 3)
    assert separated(layer(similarity=(0.1,), null=(0.0,), epsilons=(0.3,)), trained) == (0, 0, 0)


def test_a_check_not_run_passes_no_theorem() -> None:
    assert in_this_run([]) == in_this_run(["passed", "not run"]) == "not run"
    assert in_this_run(["passed", "not run", "failed"]) == "failed"
    assert in_this_run(["passed", "passed"]) == "passed"


def test_what_ran_out_of_time_says_so() -> None:
    done: dict[str, Any] = {"layer": "fc"} | MINIMAL | {"complete": True}
    assert "time ran out" in TABLES["minimal"].markdown()
    assert "complete" not in minimal_table([done]).markdown()


def test_sizes_have_their_shares_with_errors_and_stand_where_orders_were_tried() -> None:
    sizes = [[3, 0.6, 0.0521], [2, 0.4, 1.0], *[[0, 0.0, 0.0]] * 4]
    table = sizes_table([MINIMAL | {"layer": "fc", "orders": 10, "sizes": sizes}, MINIMAL | {"layer": "old"}])
    ((_, *cells),) = ([column.text(record) for column in table.columns] for record in table.records)
    assert cells == ["0.5", "10", "5", "0.60 ± 0.05", "0.40", *["0.00"] * 4]


def test_the_interval_has_a_column_where_there_is_one() -> None:
    wide = layer("conv") | {"interval_low": [0.0, 0.4, 0.9], "interval_high": [0.1, 0.7, 1.0]}
    headings = [column.heading for column in layers_table(comparison(wide, layer("fc"))).columns]
    (place,) = [k for k, heading in enumerate(headings) if heading.startswith("interval")]
    column = layers_table(comparison(wide, layer("fc"))).columns[place]
    assert [column.text(one) for one in (wide, layer("fc"))] == ["0.400 to 0.700", "–"]
    assert not any(one.heading.startswith("interval") for one in layers_table(comparison(layer("fc"))).columns)
