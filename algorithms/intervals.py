"""An interval for the similarity curve that infinitely many images would give (the population's).

Images are left out at random, a fifth at a time and each at most once: where images are drawn with repetition there
are fewer different ones, and residuals are too small. Of N images they are too small anyway, by a share of about k/N
against k neurons, which fit some of the noise: E r^2 = r^2 (1 - k/N). What is linear in 1/N follows from subsamples of
b images, and without it the radius is full + b/(N - b) (full - mean of the subsamples). Subsamples vary about the full
set by (1/b - 1/N) / (1/N) = (N - b)/b of the variance at N. (Delete-d jackknife: J. Shao, C. F. J. Wu, Annals of
Statistics 17, 1989.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy.special

from ..theory.validation import Array
from .results import MatchRadii

LEFT_OUT = 0.2
"""The share of the images that a subsample is without."""

CONFIDENCE = 0.95

IMAGES_A_NEURON = 2
"""Below so many images for each live neuron of both sides together no interval is given: it would hold too seldom."""

LEAST_IMAGES = 20
"""Nor below so many images, or so many subsamples:"""


LEAST_SUBSAMPLES = 2


def needed_images(radii: MatchRadii) -> int:
    """How many images an interval for these neurons takes."""
    live = len(radii.x) + len(radii.y) - len(radii.dead)
    return max(LEAST_IMAGES, IMAGES_A_NEURON * live)


def subsamples(images: int, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The images of each of ``count`` subsamples, in order."""
    kept = images - round(LEFT_OUT * images)
    return [np.sort(rng.choice(images, size=kept, replace=False)) for _ in range(count)]


def radii_bounds(full: MatchRadii, found: Sequence[MatchRadii]) -> tuple[MatchRadii, MatchRadii]:
    """Lower and upper bounds of all match radii at once, from those of the images and of at least two ``subsamples``.

    From the corrected radius or the measured one, whichever is lower (higher), as far as the t-quantile at
    ``CONFIDENCE`` for that many neurons (Bonferroni) times the standard error. The curves of the bounds enclose the
    measured curve, and the population's at every epsilon at once, with the coverage of docs/null-and-intervals.md.
    """
    factor = (1 - LEFT_OUT) / LEFT_OUT
    neurons = len(full.x) + len(full.y)
    quantile = float(scipy.special.stdtrit(len(found) - 1, 1 - (1 - CONFIDENCE) / (2 * neurons)))

    def bounds(measured: Array, sampled: Array) -> tuple[Array, Array]:
        corrected = measured + factor * (measured - sampled.mean(axis=0))
        reach = quantile * np.sqrt(factor * sampled.var(axis=0, ddof=1))
        low, high = np.minimum(corrected, measured) - reach, np.maximum(corrected, measured) + reach
        return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)

    x = bounds(full.x, np.array([one.x for one in found]))
    y = bounds(full.y, np.array([one.y for one in found]))
    return replace(full, x=x[0], y=y[0]), replace(full, x=x[1], y=y[1])
