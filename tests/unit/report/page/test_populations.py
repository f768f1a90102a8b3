"""Several networks on the page: every mark names the number of the run that it shows, and stands where it says."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

import spanmatch
from spanmatch.report.page import page
from spanmatch.report.page.embedded import Shown

NAMES = ["first", "second", "third"]


@lru_cache
def population(*, training: bool) -> dict[str, Any]:
    random = np.random.default_rng(0)
    start, step = random.standard_normal((2, 60, 5)) * [[[1.0] * 5], [[0.05, 0.2, 0.4, 0.6, 0.8]]]
    networks = [{"one": start + k * step, "two": start + (2 - k) * step} for k in range(3)]
    found = spanmatch.compare(*networks, names=NAMES, training=training, shuffles=0, draws=1)
    assert isinstance(found, spanmatch.Population)
    return found.to_dict()


def marks(run: dict[str, Any], kind: str) -> list[ET.Element]:
    root = ET.fromstring(page(run).partition("\n")[2])
    section = next(node for node in root.iter("section"))
    return [node for node in section.iter() if node.get("data-show") == kind]


def test_networks_against_networks() -> None:
    run = population(training=False)
    cells = marks(run, "cell")
    wanted = [f"layers.{k}.similarities.*.{i}.{j}" for k in range(2) for i in range(3) for j in range(3)]
    assert [cell.get("data-at") for cell in cells] == wanted
    shown = Shown(run)
    drawn = [float(rect.get("fill-opacity", "")) for cell in cells for rect in cell.iter("rect")]
    assert drawn == pytest.approx([shown.at(path) for path in wanted], abs=6e-4)
    assert len(set(drawn)) > 2
    assert cells[1].get("data-tip") == "1 first / 2 second: s {layers.0.similarities.*.0.1} at ε = {e}"


def test_a_line_over_the_checkpoints_for_each_layer() -> None:
    run = population(training=True)
    shown = Shown(run)
    wanted = [
        [f"layers.{k}.{curve}.{i}.*" for i in range(2)] for curve in ("to_last", "to_next") for k in range(2)
    ]  # fmt: skip
    lines = marks(run, "line")
    assert [str(line.get("data-at")).split("|") for line in lines] == wanted
    for line, paths in zip(lines, wanted, strict=True):
        bottom, scale = (float(line.get(f"data-{key}", "")) for key in ("bottom", "scale"))
        up = [float(point.partition(",")[2]) for point in line.get("points", "").split()]
        assert up == pytest.approx([bottom - shown.at(path) * scale for path in paths], abs=0.01)
    tips = [dot.get("data-tip") for dot in marks(run, "up")]
    assert tips[0] == "one, first: s {layers.0.to_last.0.*} at ε = {e}"
    assert len(tips) == 8
