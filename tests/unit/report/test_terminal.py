"""What is printed: the same numbers, names and verdicts as on the page; notes once, with their layers; what failed."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from report_results import AGREEMENT, comparison, everything, layer, pair, unit_layer, units, verification
from rich.console import Console

from spanmatch import compare
from spanmatch.report.page import page
from spanmatch.report.terminal import print_comparison, print_verification


def printed(result: dict[str, Any], width: int = 2000) -> str:
    console = Console(file=io.StringIO(), width=width)
    (print_verification if "pairs" in result else print_comparison)(result, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def complete() -> dict[str, Any]:
    """A comparison with every measure, a hostile name, and notes that layers share."""
    minimal = {
        "layer": "[b]conv", "epsilon": 0.5, "neurons": [8, 8], "matched": 9, "alone": 1, "one_to_one": 2,
        "median_size": 2.5, "largest_size": 4, "different": 3, "complete": False, "matches": [[[3], []], [[2], [4]]],
    }  # fmt: skip
    weak = layer("[b]conv", (0.05, 0.5, 1.0), (0.0, 0.0, 0.45), p=0.4) | {"notes": ["few inputs"]}
    none = layer("fc", (0.0, 0.5, 1.0), untrained=0.2) | {"notes": ["few inputs"]}
    return {
        **comparison(layer("strong"), weak, none),
        "notes": ["logits left out"],
        "minimal": [minimal],
        "units": units(unit_layer("fc", notes=["[b]constant units"])),
    }


def test_terminal_and_page_show_the_same_cells_in_the_same_order() -> None:
    result = complete()
    root = ET.fromstring(page(result).partition("\n")[2])
    shown = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]
    lines = [re.split(" {2,}", line.strip()) for line in printed(result).splitlines()]
    assert [line for line in lines if line in shown] == shown
    assert len(shown) == 3 + 3 + 2
    assert [row[1] for row in shown[1:4]] == ["above chance", "no better than chance", "above untrained"]


def test_a_note_is_printed_once_with_its_layers() -> None:
    lines = printed(complete()).splitlines()
    assert lines[-3:] == ["logits left out", "[b]conv, fc: few inputs", "fc: [b]constant units"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_everything_fits(width: int) -> None:
    result = everything()
    result["pairs"][0] |= {"minimal": complete()["minimal"], "units": complete()["units"]}
    for one in (complete(), result):
        assert max(map(len, printed(one, width).splitlines())) <= width


def test_networks_that_differ_in_their_seeds_are_told_over_all_pairs() -> None:
    rng = np.random.default_rng(0)
    population = compare(*({"fc": rng.standard_normal((30, 2))} for _ in "abc"), shuffles=0).to_dict()
    told = {**population, "comparisons": [{"of": one["of"]} for one in population["comparisons"]]}
    result = verification(pair(comparison(layer()))) | {"populations": [told]}
    title = "Layers of 3 networks (A to C), 3 pairs"
    assert title in printed(result)
    assert title in page(result)
    assert "<h2 id='populations'>" in page(result).replace('"', "'")


def test_the_verification_says_what_failed() -> None:
    good = printed(verification(pair(comparison(layer()), agreements=[AGREEMENT])))
    assert good.endswith("everything passed in 1.5 s (quick, seed 7)\n")
    assert "Of 100 generated cases: proper 50% (at least 30%)" in good
    assert "a against b (other seed)" in good
    bad = printed(verification(faults=["T1: [b]wrong"], verdict="failed"))
    assert "failed T1: [b]wrong\n1 failed in 1.5 s" in bad
