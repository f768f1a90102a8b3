"""The section "Units": its table, its figure, and the verification's own look at the numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from report_results import comparison, everything, layer, unit_layer, units

from spanmatch.report.page import page
from spanmatch.report.page.units import units_section
from spanmatch.report.tables import units_table
from spanmatch.studies import compare
from spanmatch.studies.comparison.measures.units import UnitViews
from spanmatch.theory.errors import without_advice


def section(*layers: dict[str, Any]) -> ET.Element:
    return ET.fromstring(f"<div>{units_section(units(*layers), 'a against b')}</div>")


def by_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [node for node in root.iter() if name in node.get("class", "").split()]


def cells(markup: str) -> list[list[str]]:
    return [["".join(cell.itertext()) for cell in row] for row in ET.fromstring(markup).iter("tr")]


@pytest.fixture(scope="module")
def found() -> UnitViews:
    """A layer of other widths with constant units, one of a single unit, one of constants, one against itself."""
    rng = np.random.default_rng(0)
    own = rng.standard_normal((30, 4))
    near = own[:, :1] + 0.3 * rng.standard_normal((30, 4))
    a = {"wide": np.hstack([near, np.ones((30, 1))]), "single": own[:, :1], "still": np.ones((30, 2)), "same": own}
    b = {"wide": own[:, :3], "single": -own[:, :1], "still": np.zeros((30, 2))}
    with without_advice():
        views = compare(
            a, b | {"same": own}, shuffles=0, units={"blocks": 2, "penalties": (0.1, 0.01), "folds": 2}
        ).units
    assert views is not None
    return views


def test_the_table_has_the_numbers_of_the_study(found: UnitViews) -> None:
    plain = found.to_dict()
    head, *rows = cells(units_table(plain).html())
    assert len(rows) == 4
    assert found["wide"].semi > found["wide"].matched + 0.1
    for row, one in zip(rows, found.layers, strict=True):
        told = dict(zip(head, row, strict=True))
        views = ("s 0.5", one.similarity), ("matched", one.matched), ("semi", one.semi), ("gap", one.gap)
        for name, value in (*views, ("R² of first", one.r2[0]), ("R² of second", one.r2[1])):
            assert told[name] == f"{value:.3f}", (one.name, name)
        assert told["participation"] == f"{one.participation[0]:.1f} + {one.participation[1]:.1f}"
        assert told["shared blocks"] == f"{sum(min(block) > 0 for block in one.blocks)} of {len(one.blocks)}"
        assert told["constant"] == f"{one.constant[0]} + {one.constant[1]}"


def test_degenerate_layers_have_numbers_and_pictures(found: UnitViews) -> None:
    single, still = found["single"], found["still"]
    assert (single.matched, single.similarity, single.participation) == (-1.0, 1.0, (1.0, 1.0))
    assert (still.matched, still.participation, still.blocks) == (0.0, (0.0, 0.0), ())
    written = page({**comparison(*map(layer, ("wide", "single", "still", "same"))), "units": found.to_dict()})
    root = ET.fromstring(written.partition("\n")[2])
    assert "nan" not in written.lower()
    assert len(by_class(root, "block-grid")) == 3
    assert "still: no block, all units are constant" in "".join(root.itertext())


def test_marks_lie_where_the_numbers_say() -> None:
    root = section(unit_layer("one"), unit_layer("two", similarity=1.0, matched=0.0, semi=0.0, r2=[0.2, 0.4]))
    (figure,) = by_class(root, "views-by-layer")
    lines = [line.get("points", "").split() for line in figure.iter("polyline")]
    # From 160 at 0 to 748 at 1.
    places = [[float(point.split(",")[0]) for point in line] for line in lines]
    assert places == [
        [160 + 588 * 0.25, 748.0],
        [160 + 588 * 0.5, 160.0],
        [160 + 588 * 0.625, 160.0],
        [pytest.approx(160 + 588 * 0.775), pytest.approx(160 + 588 * 0.3)],
    ]
    assert len(by_class(figure, "point")) == 8
    assert len({mark.text for mark in by_class(figure, "point")}) == 4
    assert "two: s 1.00, matched 0.00, semi-matched 0.00, R² 0.30" in figure.get("aria-label", "")


def test_what_is_below_0_stays_in_the_figure() -> None:
    (figure,) = by_class(section(unit_layer(matched=-1.0, r2=[-0.42, -0.4])), "views-by-layer")
    assert figure.find(".//g[@class='view matched']/polyline").get("points", "").startswith("160,")  # type: ignore[union-attr]
    assert [tick.text for tick in by_class(figure, "tick")] == ["-1", "-0.6", "-0.2", "0.2", "0.6", "1"]


def test_a_cell_for_each_pair_of_blocks_and_a_bar_where_one_network_is_alone() -> None:
    (grid,) = by_class(section(unit_layer()), "block-grid")
    boxes = by_class(grid, "cell")
    assert [float(box.get("fill-opacity", "")) for box in boxes] == [0.875, 0.25, 0.25, 0.0]
    assert [[box.get(name) for name in ("x", "y", "width", "height")] for box in boxes] == [
        ["0", "0", "80", "80"], ["80", "0", "20", "80"], ["0", "80", "80", "20"], ["80", "80", "20", "20"],
    ]  # fmt: skip
    assert [bar.get("y") for bar in by_class(grid, "chance")] == ["80"]


def test_protocol_and_notes_are_told() -> None:
    text = "".join(section(unit_layer()).itertext())
    assert "One draw of 1000 inputs a layer. Sparse prediction: penalties 0.1, 0.01; 2 folds of whole images" in text
    assert "conv1: 1 + 0 constant units" in text
    assert "docs/convergent-learning.md" in text


def test_nothing_where_nobody_asked() -> None:
    for result in (comparison(layer()), everything(), {**comparison(layer()), "units": None}):
        assert "<h3>Units</h3>" not in page(result)
    assert units_section(units(), "a against b") == ""


def test_a_section_for_each_pair_of_a_verification_and_names_are_escaped() -> None:
    result = everything()
    for one in result["pairs"]:
        one["comparison"]["units"] = units(unit_layer("</svg><script>&"), unit_layer("x" * 60))
    written = page(result)
    root = ET.fromstring(written.partition("\n")[2])
    assert len(by_class(root, "views-by-layer")) == 3
    assert written.count("<script") == 2
    assert not re.search(r"\b(src|href)=\"(?!#)", written)
