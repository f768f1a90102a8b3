"""Heat maps with names on both sides: every cell says what it is, names stay distinct, gaps are dots."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from report_results import comparison, layer

from spanmatch.report.figures.curves import matrix_figure
from spanmatch.report.page import MOST_CURVES, page
from spanmatch.report.page.embedded import Shown
from spanmatch.report.page.matrices import matrix_map

NAMES = [f"encoder.layer.{k}.output.dense" for k in range(16)]


def drawn(rows: list[str], columns: list[str], values: list[list[float | None]]) -> ET.Element:
    """At the first epsilon of the three that every layer has, ``values`` are the similarities."""
    layers = [layer("x", similarity=[value or 0.0, 0.5, 1.0]) for line in values for value in line]
    size = len(columns)
    paths = [
        [None if value is None else f"layers.{i * size + j}.similarity.0" for j, value in enumerate(line)]
        for i, line in enumerate(values)
    ]
    return ET.fromstring(matrix_map(rows, columns, paths, Shown(comparison(*layers)), title="t"))


def texts(root: ET.Element) -> list[str]:
    return [str(node.text) for node in root.iter("text")]


def test_each_cell_has_its_value_and_says_what_it_is() -> None:
    root = drawn(["a", "b"], ["c"], [[0.25], [None]])
    titles = [node.text for node in root.iter("title")]
    assert "a / c: s 0.250 at ε = 0.5" in titles
    assert "b / c: not compared" in titles
    assert [rect.get("fill-opacity") for rect in root.iter("rect")] == ["0.250"]
    assert ".25" in texts(root)


def test_sixteen_layers_can_be_read() -> None:
    values: list[list[float | None]] = [[(i + j) / 30 for j in range(16)] for i in range(16)]
    root = drawn(NAMES, NAMES, values)
    labels = [one for one in texts(root) if "dense" in one]
    assert len(labels) == 32
    assert len(set(labels)) == 16
    boxes = list(root.iter("rect"))
    assert len(boxes) == 256
    assert min(float(box.get("width", "")) for box in boxes) > 24  # two digits at the size of the text
    right = max(float(box.get("x", "")) + float(box.get("width", "")) for box in boxes)
    assert right <= float(root.get("viewBox", "").split()[2])
    # The value is drawn only where there is room.
    assert sum(one.startswith(".") or one in "01" for one in texts(root)) == 256


def crossed(size: int) -> dict[str, Any]:
    names = NAMES[:size]
    found = comparison(*(layer(f"{a} / {b}") for a in names for b in names))
    area = [[0.5] * size for _ in range(size)]
    return found | {"matrix": {"layers_a": names, "layers_b": names, "area": area}}


def test_the_page_has_the_matrix_in_place_of_too_many_curves() -> None:
    few, many = (ET.fromstring(page(crossed(size)).partition("\n")[2]) for size in (2, 16))
    assert MOST_CURVES < 16 * 16
    for root, kinds in ((few, ["profile", "heat matrix small", "curves", "heat"]), (many, ["heat matrix"])):
        assert [svg.get("class") for svg in root.iter("svg")] == kinds


def test_the_figure_has_a_number_in_each_cell() -> None:
    found = crossed(3)
    found["matrix"]["area"][0][2] = None
    panel = matrix_figure(found).axes[0]
    assert [one.get_text() for one in panel.texts] == ["0.50"] * 8
