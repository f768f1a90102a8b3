"""A table described once: the same headings, numbers and verdicts on a terminal, on a page, in Markdown and in CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.align import Align
from rich.box import SIMPLE
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.table import Table as RichTable
from rich.text import Text

from .markup import Markup, element

Record = Mapping[str, Any]
Kind = Literal["name", "number", "word", "verdict", "text"]

GAP = 2
"""Spaces between two columns on a terminal."""
COMFORT = 16
"""Names are cut and words wrapped to this width before columns are left out."""
BEGINNING = 4
"""The first characters of a name that is cut; its end, which tells layers apart, is given all other space."""

#: How a verdict looks, on the page and on a terminal. Whatever is not listed is bad.
TONES = {
    **dict.fromkeys(("passed", "agree", "all found", "ok"), "good"),
    **dict.fromkeys(("not run", "expected failure"), "unsure"),
}
STYLES = {"good": "green", "unsure": "yellow", "bad": "red"}


@dataclass(frozen=True)
class Column:
    """One column: its heading, where its value stands in a record, and how that is written.

    ``value``: a key, or a function of the record; None is written as a dash, and what has several parts with plus signs
    between them. ``format``: of numbers, as in ``format``. ``kind``: names are shortened in the middle where space is
    short, texts and words are wrapped, numbers are never cut; a verdict has a colour. ``hint``: what the heading
    means. ``rank``: on a narrow terminal, columns of the highest rank are left out first, those of rank 0 never.
    """

    heading: str
    value: str | Callable[[Record], object]
    format: str = ""
    kind: Kind = "number"
    hint: str = ""
    rank: int = 0

    def of(self, record: Record) -> object:
        """The value itself."""
        return record[self.value] if isinstance(self.value, str) else self.value(record)

    def text(self, record: Record) -> str:
        """The value as it is written."""
        value = self.of(record)
        if value is None:
            return "–"
        parts = value if isinstance(value, (list, tuple)) else [value]
        return " + ".join(one if isinstance(one, str) else f"{one:{self.format}}".replace(",", " ") for one in parts)


@dataclass(frozen=True)
class Table:
    """Records under columns; a column without any value is not shown. Printed by rich, it fits the console."""

    title: str
    columns: Sequence[Column]
    records: Sequence[Record]

    @property
    def shown(self) -> list[Column]:
        """The columns that hold something; all of them where there is no record."""
        return [
            column
            for column in self.columns
            if not self.records or any(column.of(record) not in (None, "") for record in self.records)
        ]

    def rows(self) -> list[dict[str, object]]:
        """A dictionary from headings to values for each record, for CSV and data frames."""
        return [{column.heading: column.of(record) for column in self.columns} for record in self.records]

    def markdown(self) -> str:
        """The table in Markdown, without its title."""
        columns = self.shown
        lines = [[column.heading for column in columns]]
        lines.append(["---:" if column.kind == "number" else "---" for column in columns])
        lines += [[column.text(record).replace("|", "\\|") for column in columns] for record in self.records]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def html(self, of: str = "") -> Markup:
        """The table in a container that scrolls sideways by itself; the first column is the header of its row.

        ``of``: what tells it from others of its title, for those who hear the names of a page's regions.
        """
        columns = self.shown
        head = [
            element("th", column.heading, scope="col", class_=_class(column), title=column.hint or None)
            for column in columns
        ]
        body = [
            element("tr", *(_html_cell(column, record, k == 0) for k, column in enumerate(columns)))
            for record in self.records
        ]
        inside = element(
            "table",
            element("caption", element("span", self.title)),
            element("thead", element("tr", *head)),
            element("tbody", *body),
        )
        # Focusable, so that the keyboard can scroll it.
        return element(
            "div",
            inside,
            class_="scroll",
            tabindex="0",
            role="region",
            aria_label=f"{self.title}, {of}" if of else self.title,
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[object]:
        yield Text(self.title, style="bold")
        columns = self._fitting(options.max_width)
        widths = self._widths(columns, options.max_width)
        drawn = RichTable(box=SIMPLE, padding=(0, GAP - 1, 0, 0), pad_edge=False, show_edge=False)
        for column, width in zip(columns, widths, strict=True):
            side: Literal["left", "right"] = "right" if column.kind == "number" else "left"
            drawn.add_column(Align(column.heading, side, vertical="bottom"), justify=side, width=width, overflow="fold")
        for record in self.records:
            drawn.add_row(*map(_rich_cell, columns, [record] * len(columns), widths))
        yield drawn
        hints = [f"{column.heading}: {column.hint}" for column in columns if column.hint]
        if absent := [column.heading for column in self.shown if column not in columns]:
            hints.append(f"not shown at this width: {', '.join(absent)}")
        if hints:
            yield Text("; ".join(hints), style="dim")
        yield ""

    def _fitting(self, width: int) -> list[Column]:
        """What can be shown without cutting a number."""
        columns = self.shown
        while (rank := max(column.rank for column in columns)) and _total(map(self._least, columns)) > width:
            columns = [column for column in columns if column.rank < rank]
        return columns

    def _widths(self, columns: Sequence[Column], width: int) -> list[int]:
        """How wide each column is: names are given what numbers leave, then words and texts, then long headings."""
        widths = [*map(self._least, columns)]
        spare = width - _total(widths)
        for kinds in (("name",), ("word", "verdict"), ("text",), ("number",)):
            for k, column in enumerate(columns):
                if column.kind in kinds:
                    more = min(spare, self._natural(column) - widths[k])
                    widths[k] = max(1, widths[k] + (more if column.kind == "name" else max(0, more)))
                    spare = width - _total(widths)
        return widths

    def _natural(self, column: Column) -> int:
        return max(map(cell_len, [column.heading, *self._texts(column)]))

    def _least(self, column: Column) -> int:
        """The width below which numbers would be cut, words broken, and names cut too short or alike."""
        texts, longest = self._texts(column), self._natural(column)
        if column.kind == "name":
            distinct = len(set(texts))
            return next(
                width
                for width in range(min(COMFORT, longest), longest + 1)
                if width == longest or len({shortened(text, width) for text in texts}) == distinct
            )
        whole = [*column.heading.split(), *(texts if column.kind == "number" else " ".join(texts).split())]
        words = min(COMFORT, longest) if column.kind in ("word", "verdict") else 0
        return max(words, *map(cell_len, whole))

    def _texts(self, column: Column) -> list[str]:
        return [printable(column.text(record)) for record in self.records]


def shortened(text: str, width: int) -> str:
    """A name that is too wide, without some of its middle."""
    if cell_len(text) <= width:
        return text
    head = tail = ""
    while cell_len(head + text[len(head)]) <= min(BEGINNING, (width - 1) // 3):
        head = text[: len(head) + 1]
    while cell_len(head + "…" + text[-len(tail) - 1 :]) <= width:
        tail = text[-len(tail) - 1 :]
    return f"{head}…{tail}"


def printable(text: str) -> str:
    """What a terminal would obey rather than show is replaced."""
    return "".join(one if one.isprintable() else "\ufffd" for one in text)


def tone(verdict: str) -> str:
    """The kind of a verdict: good, unsure or bad."""
    return TONES.get(verdict, "bad")


def _total(widths: Iterable[int]) -> int:
    listed = list(widths)
    return sum(listed) + GAP * (len(listed) - 1)


def _class(column: Column) -> str | None:
    return "number" if column.kind == "number" else None


def _html_cell(column: Column, record: Record, header: bool) -> Markup:
    text: object = column.text(record)
    if column.kind == "verdict":
        text = element("span", text, class_=f"{tone(str(text))} whole")
    elif column.kind == "word":
        text = element("span", text, class_="whole")
    return element("th" if header else "td", text, scope="row" if header else None, class_=_class(column))


def _rich_cell(column: Column, record: Record, width: int) -> Text:
    text = printable(column.text(record))
    if column.kind == "name":
        text = shortened(text, width)
    return Text(text, style=STYLES[tone(text)] if column.kind == "verdict" else "")
