"""Bounds of match radii from subsamples of the images: what they correct, and how far they reach."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from spanmatch import Match
from spanmatch.algorithms.intervals import needed_images, radii_bounds, subsamples
from spanmatch.algorithms.results import MatchRadii


def radii(*x: float, y: tuple[float, ...] = (0.5,), **other: object) -> MatchRadii:
    return MatchRadii(np.array(x), np.array(y), 0.0, **other)  # type: ignore[arg-type]


class TestBounds:
    def test_an_error_linear_in_one_over_n_is_corrected(self) -> None:
        """Radii .5 (1 - k/N) with k = 20, of 100 images and of 80: the bounds are what is measured, and .5."""
        low, high = radii_bounds(radii(0.5 * (1 - 20 / 100)), [radii(0.5 * (1 - 20 / 80))] * 9)
        assert low.x == pytest.approx([0.4])
        assert high.x == pytest.approx([0.5])
        assert low.y == high.y == [0.5]

    def test_the_other_way_round(self) -> None:
        low, high = radii_bounds(radii(0.5), [radii(0.51)] * 9)
        assert (low.x, high.x) == (pytest.approx([0.46]), [0.5])

    def test_the_reach_is_that_of_a_mean(self) -> None:
        """For a mean it is known: four times the variance of subsamples is that of the mean of the whole."""
        rng = np.random.default_rng(0)
        values = 0.5 + 0.1 * rng.standard_normal(200)
        found = [radii(float(values[kept].mean())) for kept in subsamples(200, 2000, rng)]
        low, high = radii_bounds(radii(float(values.mean())), found)
        error = values.std(ddof=1) / np.sqrt(200)
        assert (high.x - low.x) / 2 == pytest.approx(scipy.stats.t.ppf(1 - 0.025 / 2, 1999) * error, rel=0.1)

    def test_within_0_and_1(self) -> None:
        low, high = radii_bounds(radii(0.02, 0.98), [radii(0.0, 1.0), radii(0.1, 0.8)])
        assert (low.x >= 0).all()
        assert (high.x <= 1).all()

    def test_policy_and_dead_neurons_are_kept(self) -> None:
        full = radii(1.0, 0.3, dead=Match([0], []), dead_neurons="drop")
        for bound in radii_bounds(full, [full, full]):
            assert bound.counted == 2
            assert bound.similarity(0.6) == 1


class TestSubsamples:
    def test_a_fifth_is_left_out_and_none_comes_twice(self) -> None:
        for kept in subsamples(101, 7, np.random.default_rng(0)):
            assert len(set(kept.tolist())) == len(kept) == 81
            assert (np.diff(kept) > 0).all()
            assert 0 <= kept[0] <= kept[-1] < 101

    def test_they_differ_and_follow_from_the_generator(self) -> None:
        once, again = (subsamples(50, 5, np.random.default_rng(3)) for _ in range(2))
        assert all((a == b).all() for a, b in zip(once, again, strict=True))
        assert len({tuple(kept) for kept in once}) == 5


@pytest.mark.parametrize(
    ("full", "images"), [(radii(*[0.5] * 19), 40), (radii(0.5), 20), (radii(*[0.5] * 19, dead=Match([0], [0])), 36)]
)
def test_images_that_an_interval_takes(full: MatchRadii, images: int) -> None:
    assert needed_images(full) == images
