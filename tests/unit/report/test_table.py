"""A table described once: every rendering shows the same, and on a terminal no number is ever cut."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import pytest
from rich.cells import cell_len
from rich.console import Console

from spanmatch.report.table import Column, Table, shortened

LONG = [f"backbone.stages.{k}.blocks.1{k}.mlp.fc{j}" for k in range(4) for j in (1, 2)]
COLUMNS = [
    Column("layer", "layer", kind="name"),
    Column("verdict", "verdict", kind="word"),
    Column("amount beyond", "amount", ".3f", hint="how far"),
    *(Column(f"s {k / 10:g}", lambda one, k=k: one["s"][k], ".3f", rank=k) for k in range(1, 10)),
    Column("neurons", "neurons", rank=3),
    Column("detail", "detail", kind="text", rank=4),
    Column("inputs", "inputs", ",", rank=5),
]


def record(name: str, **changes: object) -> dict[str, object]:
    s = [round(0.111 * k, 3) for k in range(10)]
    own = {"layer": name, "verdict": "no better than untrained", "amount": -0.125, "s": s}
    return own | {"neurons": (64, 512), "detail": "", "inputs": 1234567} | changes


def printed(table: Table, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def cells(markup: str) -> list[list[str]]:
    return [["".join(cell.itertext()) for cell in row] for row in ET.fromstring(markup).iter("tr")]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200, 1000])
def test_at_every_width_numbers_are_whole_and_no_line_is_too_long(width: int) -> None:
    table = Table("Layers", COLUMNS, [record(name) for name in LONG])
    lines = printed(table, width)
    assert max(map(len, lines)) <= width
    body = [line for line in lines if "-0.125" in line]
    assert len(body) == len(LONG)
    for line in body:
        assert "…" not in line.partition("-0.125")[2]
        assert re.fullmatch(r"(0\.\d{3}|64 \+ 512|1 234 567| )*", line.partition("-0.125")[2])
    names = [line.split()[0] for line in body]
    assert len(set(names)) == len(LONG)
    if width >= 200:
        assert names == LONG


def test_more_width_shows_more_columns_and_says_what_is_left_out() -> None:
    table = Table("Layers", COLUMNS, [record(name) for name in LONG])
    counts = [len(re.findall(r"0\.\d{3}", next(x for x in printed(table, w) if "-0.125" in x))) for w in (40, 80, 120)]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]
    assert "not shown at this width: s 0.3, s 0.4" in " ".join(map(str.strip, printed(table, 60)))
    assert "not shown" not in " ".join(printed(table, 1000))


def test_every_rendering_has_the_same_cells() -> None:
    table = Table("Layers", COLUMNS, [record("conv|1"), record("fc", amount=None, detail="something")])
    head, *rows = cells(table.html())
    assert head == [column.heading for column in COLUMNS]
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.markdown().splitlines()]
    assert [[cell.strip().replace("\\|", "|") for cell in line] for line in lines[:1] + lines[2:]] == [head, *rows]
    printed_rows = [re.split(" {2,}", line.strip()) for line in printed(table, 1000)]
    assert [[one for one in row if one] for row in rows] == [row for row in printed_rows if row[0] in ("conv|1", "fc")]
    assert rows[1][2] == "–"
    assert rows[0][-1] == "1 234 567"
    assert rows[0][-3] == "64 + 512"


def test_rows_have_the_values_themselves() -> None:
    (row,) = Table("Layers", COLUMNS, [record("fc")]).rows()
    assert row["s 0.3"] == 0.333
    assert row["neurons"] == (64, 512)
    assert list(row) == [column.heading for column in COLUMNS]


def test_a_column_without_any_value_is_not_shown() -> None:
    table = Table("Layers", COLUMNS, [record("conv"), record("fc")])
    assert "detail" not in cells(table.html())[0]
    assert "detail" in cells(Table("Layers", COLUMNS, []).html())[0]


def test_names_are_data() -> None:
    table = Table("[red]T</b>", COLUMNS, [record("[bold]<b>\x1b[31m")])
    assert "&lt;b&gt;" in table.html()
    text = "\n".join(printed(table, 300))
    assert "[bold]<b>\ufffd[31m" in text
    assert "[red]T</b>" in text


def test_verdicts_have_colours() -> None:
    columns = [Column("check", "check", kind="name"), Column("verdict", "verdict", kind="verdict")]
    verdicts = {"passed": "good", "failed": "bad", "not run": "unsure", "3 not found": "bad"}
    table = Table("Checks", columns, [{"check": "T1", "verdict": verdict} for verdict in verdicts])
    assert re.findall(r'class="(\w+) whole"', table.html()) == list(verdicts.values())
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="standard")
    console.print(table)
    assert re.findall("\x1b\\[3([123])m", console.file.getvalue()) == ["2", "1", "3", "1"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", range(1, 12))
@pytest.mark.parametrize("name", ["encoder.12", "層層層層層層", "a"])
def test_a_shortened_name_is_as_wide_as_it_may_be(name: str, width: int) -> None:
    short = shortened(name, width)
    assert cell_len(short) <= width
    assert short == name or ("…" in short and cell_len(short) >= width - 2)


def test_the_end_of_a_name_is_kept_longer_than_its_beginning() -> None:
    assert shortened("backbone.stages.3.blocks.11.mlp.fc2", 16) == "back….11.mlp.fc2"
