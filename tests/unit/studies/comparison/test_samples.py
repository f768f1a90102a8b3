"""Positions are drawn without replacement, the same on both sides, from a seed and the layer's name."""

from __future__ import annotations

from typing import Any

import numpy as np

from spanmatch.studies.comparison.samples import draws_of_inputs, generator


def test_draws_are_without_replacement_and_from_everywhere() -> None:
    draws = draws_of_inputs(500, 100, 16, generator(0, "conv1"))
    assert len(draws) == 16
    assert all(len(np.unique(draw)) == 100 and draw.min() >= 0 and draw.max() < 500 for draw in draws)
    counts = np.bincount(np.concatenate(draws), minlength=500)
    # 16 draws with chance 1/5 each: 3.2 a position on average.
    assert abs(counts[:250].sum() - 800) < 100
    assert len(np.unique(counts)) > 3


def test_all_of_them_once_when_there_are_no_more() -> None:
    for wanted in (10, 11):
        (draw,) = draws_of_inputs(10, wanted, 16, generator(0, "conv1"))
        np.testing.assert_array_equal(draw, np.arange(10))


def test_the_seed_and_the_names_decide() -> None:
    def first(*key: Any) -> list[int]:
        return generator(*key).integers(2**62, size=2).tolist()

    assert first(0, "draws", "a") == first(0, "draws", "a")
    assert (
        len({tuple(first(*key)) for key in ((0, "draws", "a"), (1, "draws", "a"), (0, "draws", "b"), (0, "x", "a"))})
        == 4
    )
