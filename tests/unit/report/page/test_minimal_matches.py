"""The picture of minimal matches: its data."""

from __future__ import annotations

import re
from typing import Any

from spanmatch.report.page.minimal_matches import cells, figures


def minimal(**changes: Any) -> dict[str, Any]:
    return {
        "layer": "fc", "epsilon": 0.5, "neurons": [4, 5], "matched": 6, "alone": 1, "one_to_one": 2,
        "median_size": 2.0, "largest_size": 4, "different": 3, "complete": True,
        "matches": [[[3], []], [[2], [4]], [[0, 2], [1, 4]]],
    } | changes  # fmt: skip


def test_pairs_have_the_size_of_the_smallest_match_that_holds_both() -> None:
    rows, columns, sizes = cells(minimal())
    assert (rows, columns) == ([2, 0], [4, 1])
    assert sizes == {(0, 0): 2, (0, 1): 4, (1, 0): 4, (1, 1): 4}


def test_one_picture_a_layer_with_as_many_cells_as_pairs_and_words_for_it() -> None:
    (figure,) = figures([minimal(epsilon=0.3), minimal()])
    assert sum(len(re.findall("M", path)) for path in re.findall(r' d="([^"]*)"', figure)) == 4
    assert "fc at epsilon 0.5" in figure
    assert 'role="img"' in figure
    assert "1 pair matched one to one" in figure


def test_no_picture_where_only_dead_neurons_match() -> None:
    assert figures([minimal(matches=[[[3], []]])]) == []
