"""Positions are drawn without replacement, the same on both sides, from a seed and the layer's name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spanmatch import Layer
from spanmatch.studies.comparison.protocol import Protocol
from spanmatch.studies.comparison.samples import LayerPair, draws_of_inputs, generator


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


def test_a_pair_from_another_library_is_the_same() -> None:
    strict = pytest.importorskip("array_api_strict")
    A, B = np.random.default_rng(1).standard_normal((2, 30, 3, 2, 2)).astype(np.float32)
    protocol = Protocol.checked(
        epsilons=[0.5], positions=50, draws=3, shuffles=3, bootstrap=0, layout=None, seed=0, dead_neurons="match",
        rank_tol=None, minimal=False, units=False,
    )  # fmt: skip
    here, there = (
        LayerPair("conv", "conv", Layer(of(A), "nchw"), Layer(of(B), "nchw"), protocol)
        for of in (np.asarray, strict.asarray)
    )
    assert there.digests == here.digests
    assert there.participation == here.participation
    for one, other in zip((*here.compressed,), (*there.compressed,), strict=True):
        mine, theirs = one.match_radii(), other.match_radii()
        assert np.abs(mine.x - theirs.x).max() <= mine.error + theirs.error
    assert [one.area for one in here.null(3)] == [one.area for one in there.null(3)]
