"""The verdict on a layer: is it above chance, and above what the architecture and the data alone give?

Chance is answered by a permutation test on the area under the similarity curve, adjusted for the number of layers
(S. Holm, Scandinavian Journal of Statistics 6, 1979); the other question by untrained networks of the same
architecture, of which a trained pair would have to be one more draw. Every output shows these words and this sentence.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import scipy.special

Verdict = Literal[
    "rank-bound",
    "no null",
    "too few images",
    "too few shuffles",
    "no better than chance",
    "little above chance",
    "above chance",
    "no better than untrained",
    "above untrained",
]


@dataclass(frozen=True)
class Thresholds:
    """The levels that decide a verdict.

    ``significance``: an adjusted p-value up to this counts. ``little``: a corrected area up to this is little, however
    certain. ``chance_share``: shuffled images are said to match from the epsilon on at which this share of live
    neurons does.
    """

    significance: float = 0.05
    little: float = 0.05
    chance_share: float = 0.05

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


THRESHOLDS = Thresholds()

_MANY = 20
"""So many images have more orders than anybody shuffles."""


@dataclass(frozen=True)
class Baseline:
    """A layer in pairs of untrained networks: what the architecture and the data give by themselves.

    ``pairs``: how many; ``similarity``, ``highest``: the mean curve, and the highest at each epsilon; ``area``,
    ``highest_area``: likewise; ``corrected_area``, ``spread``: mean and standard deviation of the corrected areas (None
    for one pair). ``p_value``, ``p_adjusted``: that one more pair of untrained networks lies as high as the layer, by
    the t distribution for a further observation; None for one pair.
    """

    pairs: int
    similarity: tuple[float, ...]
    highest: tuple[float, ...]
    area: float
    highest_area: float
    corrected_area: float
    spread: float | None
    p_value: float | None
    p_adjusted: float | None


def corrected(area: float, null_area: float) -> float:
    """The area corrected for chance: 0 where it is that of shuffled images, 1 where everything matches at epsilon 0."""
    return (area - null_area) / (1 - null_area) if null_area < 1 else 0.0


def permutation_p(area: float, null: Sequence[float]) -> float:
    """The share of shuffles with at least this area, the layer itself counted among them, so that it is never 0."""
    return (1 + sum(one >= area for one in null)) / (1 + len(null))


def further_p(value: float, sample: Sequence[float]) -> float | None:
    """The probability that a further draw from the normal distribution of a sample is at least this large; None for a
    sample of one."""
    if len(sample) < 2:
        return None
    mean, spread = float(np.mean(sample)), float(np.std(sample, ddof=1))
    if spread == 0:
        return float(value <= mean)
    t = (value - mean) / (spread * math.sqrt(1 + 1 / len(sample)))
    return float(scipy.special.stdtr(len(sample) - 1, -t))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values, in the same order: rejecting those up to a level errs once or more with at most that
    probability. None stays, and does not count.

    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    known = sorted((p, k) for k, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, k) in enumerate(known):
        least = max(least, min(1.0, (len(known) - rank) * p))
        adjusted[k] = least
    return adjusted


class Judged(typing.Protocol):
    """What a verdict rests on; ``LayerComparison`` says what the numbers are."""

    @property
    def neurons(self) -> tuple[int, int]: ...
    @property
    def rank(self) -> tuple[int, int]: ...
    @property
    def rank_bound(self) -> bool: ...
    @property
    def images(self) -> int: ...
    @property
    def shuffles(self) -> int: ...
    @property
    def area(self) -> float: ...
    @property
    def null_area(self) -> float: ...
    @property
    def p_value(self) -> float | None: ...
    @property
    def p_adjusted(self) -> float | None: ...
    @property
    def baseline(self) -> Baseline | None: ...


def needed_images(layer: Judged) -> int:
    """From how many images on two equal layers would be told from chance, by so many shuffles among so many layers.

    A shuffle of N images is their own order with probability 1/N!, and counts against the layer: it should not for
    chance alone, up to two standard deviations. 0 where the shuffles are too few for any number of images.
    """
    if not layer.p_value or not layer.p_adjusted:
        return 0
    for images in range(1, _MANY):
        restored = layer.shuffles / math.factorial(images)
        smallest = (1 + restored + 2 * math.sqrt(restored)) / (1 + layer.shuffles)
        if smallest * layer.p_adjusted / layer.p_value <= THRESHOLDS.significance:
            return images
    return 0


def verdict_of(layer: Judged) -> Verdict:
    """The verdict on one layer."""
    level = THRESHOLDS.significance
    if layer.rank_bound:
        return "rank-bound"
    if layer.p_value is None or layer.p_adjusted is None:
        return "no null"
    if layer.p_adjusted > level:
        # In the first two cases no larger area would have done either.
        if layer.images < needed_images(layer):
            return "too few images"
        smallest = 1 / (1 + layer.shuffles)
        return "too few shuffles" if level < smallest or layer.p_value == smallest else "no better than chance"
    if layer.baseline and layer.baseline.p_adjusted is not None:
        return "above untrained" if layer.baseline.p_adjusted <= level else "no better than untrained"
    little = corrected(layer.area, layer.null_area) <= THRESHOLDS.little
    return "little above chance" if little else "above chance"


def sentence_of(layer: Judged) -> str:
    """The verdict with the numbers that it rests on, in one plain sentence."""
    verdict, baseline = verdict_of(layer), layer.baseline
    if verdict == "rank-bound":
        return (
            f"Rank-bound: {layer.neurons[0]} + {layer.neurons[1]} neurons span the same {layer.rank[0]} dimensions and "
            f"match at every epsilon, whatever was learned (area {layer.area:.3f})."
        )
    if layer.p_value is None or layer.p_adjusted is None:
        return f"No null: area {layer.area:.3f}, and without shuffled images nothing says what chance gives."
    said = (
        f"{verdict.capitalize()}: area {layer.area:.3f} against {layer.null_area:.3f} with shuffled images, corrected "
        f"{corrected(layer.area, layer.null_area):z.3f} (p = {layer.p_value:.3g}, adjusted {layer.p_adjusted:.3g})"
    )
    if verdict == "too few images":
        needed = f"at least {needed_images(layer)} images are needed to tell"
        return f"{said}; {needed}, and there are {layer.images}. Is their axis the right one?"
    if verdict == "too few shuffles":
        return f"{said}; more than {layer.shuffles} shuffles are needed to tell."
    if baseline is None:
        return f"{said}."
    if baseline.p_value is None or baseline.p_adjusted is None:
        return f"{said}; one pair of untrained networks ({baseline.corrected_area:z.3f}) is too few to judge by."
    return (
        f"{said}; {baseline.pairs} pairs of untrained networks {baseline.corrected_area:z.3f} ± {baseline.spread:.3f} "
        f"(p = {baseline.p_value:.3g}, adjusted {baseline.p_adjusted:.3g})."
    )
