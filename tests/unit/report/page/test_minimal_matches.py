"""The picture of shared pieces: its data."""

from __future__ import annotations

import re
from typing import Any

from spanmatch.report.page.minimal_matches import blocks, cells, structure_table


def piece(**changes: Any) -> dict[str, Any]:
    return {
        "layer": "fc", "epsilon": 0.5, "neurons": [4, 5], "matched": 6, "alone": 1, "one_to_one": 2,
        "median_size": 2.0, "largest_size": 4, "different": 3, "complete": True,
        "matches": [[[3], []], [[2], [4]], [[0, 2], [1, 4]]],
    } | changes  # fmt: skip


def test_pairs_have_the_size_of_the_smallest_match_that_holds_both() -> None:
    rows, columns, sizes = cells(piece())
    assert (rows, columns) == ([2, 0], [4, 1])
    assert sizes == {(0, 0): 2, (0, 1): 4, (1, 0): 4, (1, 1): 4}


def test_one_picture_a_layer_with_as_many_cells_as_pairs_and_words_for_it() -> None:
    (figure,) = blocks([piece(epsilon=0.3), piece()])
    assert sum(len(re.findall("M", path)) for path in re.findall(r' d="([^"]*)"', figure)) == 4
    assert "fc at epsilon 0.5" in figure
    assert 'role="img"' in figure
    assert "1 pairs match one to one" in figure


def test_no_picture_where_only_dead_neurons_match() -> None:
    assert blocks([piece(matches=[[[3], []]])]) == []


def test_names_are_escaped_and_time_out_is_said() -> None:
    assert "&lt;b&gt;" in structure_table([piece(layer="<b>")])
    assert "(time ran out)" in structure_table([piece(complete=False)])
