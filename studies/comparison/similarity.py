"""Similarity of a pair of layers: curves over the draws, the null of shuffled images, the interval, the verdict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...algorithms.intervals import LEAST_SUBSAMPLES, needed_images, radii_bounds
from ...algorithms.results import MatchRadii
from ...theory.chance import chance_levels
from ...theory.matches import Side
from ...theory.validation import Array
from .results import LayerComparison
from .samples import MeasuredPair
from .verdict import THRESHOLDS, against_null

SIDES: tuple[Side, Side] = ("x", "y")


def similarity_curves(pair: MeasuredPair) -> LayerComparison:
    """The curves of every draw, what shuffled images give at the inputs of the first, and what follows from these."""
    protocol = pair.protocol
    radii = [one.match_radii() for one in pair.compressed]
    null = pair.null(protocol.shuffles)
    curves, null_curves = _curves(radii, protocol.epsilons), _curves(null, protocol.epsilons)
    low, high, without = _interval(pair, radii[0])
    chance = chance_levels(pair.inputs, pair.compressed[0].ranks, pair.constant_shares)
    lowest, null_highest = curves.min(axis=0).tolist(), null_curves.max(axis=0).tolist()
    area = float(np.mean([one.area for one in radii]))
    null_area = float(np.mean([one.area for one in null])) if null else 0.0
    return LayerComparison(
        layer_a=pair.a,
        layer_b=pair.b,
        neurons=pair.neurons,
        dead=pair.dead,
        rank=pair.compressed[0].ranks,
        participation=pair.participation,
        inputs=pair.inputs,
        available=pair.images * pair.positions,
        draws=len(pair.compressed),
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
        radii=(tuple(radii[0].x.tolist()), tuple(radii[0].y.tolist())),
        undecided=sum(len(one.undecided(epsilon)) for one in radii for epsilon in protocol.epsilons),
        notes=(*_notes(pair), *without),
    )


Curve = tuple[float, ...] | None


def _interval(pair: MeasuredPair, full: MatchRadii) -> tuple[Curve, Curve, list[str]]:
    """Below and above the curve of the first draw, from the images that it has inputs of; or why there is none."""
    images, count, grid = pair.seen, pair.protocol.bootstrap, np.array(pair.protocol.epsilons)
    if not count:
        return None, None, []
    needed = needed_images(full)
    if count < LEAST_SUBSAMPLES or images < needed:
        return None, None, [
            f"no interval: got {count} subsamples of {images} images, need at least {LEAST_SUBSAMPLES} of {needed}, "
            f"two images for each live neuron"
        ]
    lower, upper = radii_bounds(full, pair.subsampled(count))
    return tuple(upper.similarity(grid).tolist()), tuple(lower.similarity(grid).tolist()), []


def _notes(pair: MeasuredPair) -> list[str]:
    notes = []
    available, wanted = pair.images * pair.positions, pair.protocol.positions
    if available < wanted:
        notes.append(f"only {available} inputs ({wanted} requested), so one draw uses all")
    if not pair.protocol.shuffles:
        notes.append("no null was drawn (shuffles = 0): nothing says what chance gives")
    return notes


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
