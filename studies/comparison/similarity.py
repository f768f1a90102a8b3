"""Similarity of a pair of layers: curves over the draws, the null of shuffled images, the interval, the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...algorithms.convergent.participation import participation_ratio
from ...algorithms.intervals import LEAST_SUBSAMPLES, needed_images, radii_bounds, subsamples
from ...algorithms.results import MatchRadii
from ...theory.chance import chance_levels, constant_share
from ...theory.matches import Side
from ...theory.validation import Array
from .results import LayerComparison
from .samples import LayerPair
from .verdict import THRESHOLDS, against_null

SIDES: tuple[Side, Side] = ("x", "y")


def similarity_curves(pair: LayerPair) -> LayerComparison:
    """The curves of every draw, what shuffled images give at the inputs of the first, and what follows from these."""
    protocol, A, B = pair.protocol, pair.A, pair.B
    X, Y = pair.rows()
    radii = [one.match_radii() for one in pair.compressed]
    rng = pair.generator("shuffles")
    orders = [rng.permutation(B.images) for _ in range(protocol.shuffles)]
    null = [pair.problem(*pair.rows(order=order)).match_radii() for order in orders]
    curves, null_curves = _curves(radii, protocol.epsilons), _curves(null, protocol.epsilons)
    low, high, without = _interval(pair, radii[0])
    chance = chance_levels(len(X), pair.compressed[0].ranks, (constant_share(X), constant_share(Y)))
    lowest, null_highest = curves.min(axis=0).tolist(), null_curves.max(axis=0).tolist()
    area = float(np.mean([one.area for one in radii]))
    null_area = float(np.mean([one.area for one in null])) if null else 0.0
    return LayerComparison(
        layer_a=pair.a,
        layer_b=pair.b,
        neurons=(A.neurons, B.neurons),
        dead=(A.dead, B.dead),
        rank=pair.compressed[0].ranks,
        participation=(_dimensions(X), _dimensions(Y)),
        inputs=len(X),
        available=pair.available,
        draws=len(pair.draws),
        shuffles=len(null),
        epsilons=protocol.epsilons,
        similarity=tuple(curves.mean(axis=0).tolist()),
        lowest=tuple(lowest),
        highest=tuple(curves.max(axis=0).tolist()),
        null=tuple(null_curves.mean(axis=0).tolist()),
        null_highest=tuple(null_highest),
        bootstrap=protocol.bootstrap if low else 0,
        interval_low=low,
        interval_high=high,
        area=area,
        null_area=null_area,
        **vars(against_null(protocol.epsilons, lowest, null_highest, area, null_area, len(null))),
        chance=chance,
        below_chance=(_below_chance(chance[0], radii, "x"), _below_chance(chance[1], radii, "y")),
        chance_epsilon=_chance_epsilon(null),
        undecided=sum(len(one.undecided(epsilon)) for one in radii for epsilon in protocol.epsilons),
        notes=(*_notes(pair), *without),
    )


Curve = tuple[float, ...] | None


def _interval(pair: LayerPair, full: MatchRadii) -> tuple[Curve, Curve, list[str]]:
    """Below and above the curve of the first draw, from the images that it has inputs of; or why there is none."""
    of_image = np.unique(pair.draws[0] // pair.A.positions, return_inverse=True)[1]
    images, count, grid = int(of_image.max()) + 1, pair.protocol.bootstrap, np.array(pair.protocol.epsilons)
    if not count:
        return None, None, []
    needed = needed_images(full)
    if count < LEAST_SUBSAMPLES or images < needed:
        return None, None, [
            f"no interval: got {count} subsamples of {images} images, need at least {LEAST_SUBSAMPLES} of {needed}, "
            f"two images for each live neuron"
        ]
    X, Y = pair.rows()
    found = []
    for kept in subsamples(images, count, pair.generator("bootstrap")):
        rows = np.isin(of_image, kept)
        found.append(pair.problem(X[rows], Y[rows]).match_radii())
    lower, upper = radii_bounds(full, found)
    return tuple(upper.similarity(grid).tolist()), tuple(lower.similarity(grid).tolist()), []


def _notes(pair: LayerPair) -> list[str]:
    notes = []
    if pair.available < pair.protocol.positions:
        wanted = pair.protocol.positions
        notes.append(f"all {pair.available} inputs in one draw: there are fewer than the {wanted} asked for")
    if not pair.protocol.shuffles:
        notes.append("no null was drawn (shuffles = 0): nothing says what chance gives")
    return notes


def _dimensions(rows: Any) -> float:
    """The participation ratio; 0 for one input, which spans no direction about its mean."""
    return participation_ratio(rows) if len(rows) > 1 else 0.0


def _curves(radii: Sequence[MatchRadii], grid: tuple[float, ...]) -> Array:
    """One similarity curve a row; a row of zeros where there is none."""
    return np.array([one.similarity(np.array(grid)) for one in radii] or [np.zeros(len(grid))])


def _chance_epsilon(null: Sequence[MatchRadii]) -> float:
    live = np.concatenate([_live(one, side) for one in null for side in SIDES]) if null else np.empty(0)
    return float(np.quantile(live, THRESHOLDS.chance_share, method="higher")) if live.size else 1.0


def _live(radii: MatchRadii, side: Side) -> Array:
    return np.delete(radii.x if side == "x" else radii.y, sorted(radii.dead.side(side)))


def _below_chance(chance: float, radii: Sequence[MatchRadii], side: Side) -> float:
    """Chance less radius, averaged over a side's live neurons and the draws; 0 where there is no live neuron."""
    live = np.concatenate([_live(one, side) for one in radii])
    return float(chance - live.mean()) if live.size else 0.0
