"""The verdict on a layer: how far its curves lie beyond the null, and what is said of that."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pytest

from spanmatch import SpanmatchWarning, compare
from spanmatch.studies.comparison.verdict import AgainstNull, BeyondNull, against_null

GRID = (0.25, 0.5, 0.75)


def judged(
    lowest: Sequence[float] = (0.0, 0.5, 1.0),
    null_highest: Sequence[float] = (0.0, 0.0, 0.0),
    epsilons: Sequence[float] = GRID,
    *,
    area: float = 0.5,
    null_area: float = 0.5,
) -> AgainstNull:
    return against_null(epsilons, lowest, null_highest, area, null_area, 3)


def test_of_a_tie_the_smallest_epsilon() -> None:
    assert judged((0.5, 0.5, 1.0)).beyond_null == BeyondNull(0.5, 0.25, 0.25)


def test_below_the_null_everywhere_is_negative() -> None:
    assert judged((0.0, 0.1, 0.2), (0.3, 0.3, 0.3)).beyond_null == BeyondNull(-0.2, 0.5, None)


def test_first_may_come_before_the_largest() -> None:
    assert judged((0.1, 0.5, 1.0)).beyond_null == BeyondNull(0.5, 0.5, 0.25)


@pytest.mark.parametrize(("null_from", "verdict"), [(0.82, "no better than the null"), (0.83, "shares something")])
def test_a_cliff_that_comes_a_little_earlier_is_not_a_find(null_from: float, verdict: str) -> None:
    grid = [round(0.7 + 0.01 * k, 2) for k in range(20)]
    curves = ([float(e >= start) for e in grid] for start in (0.8, null_from))
    assert judged(*curves, grid, area=0.2, null_area=0.18).verdict == verdict


@pytest.mark.parametrize(("area", "verdict"), [(0.52, "no better than the null"), (0.521, "shares little")])
def test_an_earlier_curve_is_little_even_between_two_epsilons(area: float, verdict: str) -> None:
    found = judged((0.0, 0.0, 1.0), (0.0, 0.0, 1.0), area=area)
    assert (found.verdict, found.area_beyond_null) == (verdict, round(area - 0.5, 3))


def test_a_single_epsilon_is_read_as_it_is() -> None:
    assert judged((0.4,), (0.1,), (0.5,)).beyond_null == BeyondNull(0.3, 0.5, 0.5)


@pytest.mark.parametrize(
    ("above", "verdict"),
    [
        (0.0, "no better than the null"),
        (0.02, "no better than the null"),
        (0.021, "shares little"),
        (0.099, "shares little"),
        (0.1, "shares something"),
        (-0.3, "no better than the null"),
    ],
)
def test_thresholds(above: float, verdict: str) -> None:
    # 0.5 + 0.1 - 0.5 is below 0.1 in floats: the rounding is what decides.
    assert judged((0.0, 0.5 + above, 0.5), (0.5, 0.5, 0.5)).verdict == verdict


def test_without_a_null_or_a_grid_there_is_nothing_to_judge() -> None:
    assert against_null(GRID, (0.0, 0.5, 1.0), (0.0, 0.0, 0.0), 0.5, 0.0, 0) == AgainstNull("no null", None, None)
    assert against_null((), (), (), 0.5, 0.0, 3) == AgainstNull("no epsilon", None, None)


def test_independent_sets_share_nothing_even_on_a_fine_grid() -> None:
    rng = np.random.default_rng(0)
    a, b = (np.maximum(rng.standard_normal((1000, 32)), 0) for _ in "ab")
    grid = np.linspace(0.7, 0.9, 101).tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpanmatchWarning)
        found = compare({"l": a}, {"l": b}, epsilons=grid, positions=500, draws=4, shuffles=3)["l"]
    assert found.verdict == "no better than the null"
