"""Heat maps with names on both sides, as inline SVG: layers against layers, networks against networks."""

from __future__ import annotations

from collections.abc import Sequence

from ..markup import Markup, element
from ..table import shortened
from .curves import LONGEST_NAME, cell, digits, drawing
from .embedded import Shown

WIDTH, ROW, WIDEST, LETTER = 760.0, 26.0, 64.0, 8.5
MOST_LETTERS = 30


def matrix_map(
    rows: Sequence[str],
    columns: Sequence[str],
    paths: Sequence[Sequence[str | None]],
    shown: Shown,
    *,
    title: str,
    heads: Sequence[str] | None = None,
) -> Markup:
    """A cell for each row and column: the darker (on dark ground: the brighter), the larger its similarity.

    ``paths``: of the similarities in the run; a dot stands for None, and for what is None there. ``heads``: what stands
    below the columns, where it is shorter than their names.
    """
    values = [[None if path is None else shown.at(path) for path in line] for line in paths]
    names_of_rows, names_of_columns = _distinct(rows), list(heads or _distinct(columns))
    upright = max(map(len, names_of_columns)) <= 2
    left = 24 + LETTER * max(map(len, names_of_rows))
    width = min(WIDEST, (WIDTH - left - 4) / len(columns))
    bottom = 4 + ROW * len(rows)
    parts = []
    for i, row in enumerate(rows):
        y = 4 + ROW * i
        name = element("text", names_of_rows[i], x=digits(left - 8), y=digits(y + ROW / 2 + 6), text_anchor="end")
        parts.append(element("g", element("title", row), name, class_="label"))
        for j, column in enumerate(columns):
            value, x = values[i][j], left + j * width
            if value is None:
                at = {"cx": digits(x + width / 2), "cy": digits(y + ROW / 2)}
                parts.append(
                    element("circle", element("title", f"{row} / {column}: not compared"), class_="none", **at, r="1.5")
                )
            else:
                path = str(paths[i][j])
                tip = f"{row} / {column}: s {{{path}}} at ε = {{e}}"
                said = f"{row} / {column}: s {value:.3f} at ε = {shown.epsilon:g}"
                parts.append(cell(x, y, width, ROW, said, value, data_tip=tip, **shown.mark("cell", path)))
    for j, column in enumerate(columns):
        x = left + (j + 0.5) * width
        place = f"translate({digits(x)} {digits(bottom + 18)})"
        if not upright:
            place = f"translate({digits(x + 5)} {digits(bottom + 8)}) rotate(-90)"
        name = element("text", names_of_columns[j], text_anchor="middle" if upright else "end", transform=place)
        parts.append(element("g", element("title", column), name, class_="label"))
    known = [
        (value, f"{row} / {column}")
        for row, line in zip(rows, values, strict=True)
        for column, value in zip(columns, line, strict=True)
        if value is not None
    ]
    said = f"s at epsilon {shown.epsilon:g} of {len(rows)} rows and {len(columns)} columns"
    if known:
        (least, where_least), (most, where_most) = min(known), max(known)
        said += f", from {least:.2f} ({where_least}) to {most:.2f} ({where_most})"
    below = 24.0 if upright else 18 + LETTER * max(map(len, names_of_columns))
    across = left + width * len(columns) + 4
    # A small one is drawn to its own size, on a phone too.
    kind, across = ("heat matrix small", across) if across < WIDTH / 2 else ("heat matrix", WIDTH)
    return drawing(kind, title, f"{said}.", (across, bottom + below), *parts)


def _distinct(names: Sequence[str]) -> list[str]:
    """Names without some of their middle, each as long as it takes to tell them apart."""
    for width in range(LONGEST_NAME, MOST_LETTERS):
        cut = [shortened(name, width) for name in names]
        if len(set(cut)) == len(set(names)):
            return cut
    return [shortened(name, MOST_LETTERS) for name in names]
