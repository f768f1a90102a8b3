"""Similarity of a pair of layers: curves over the draws, the null of shuffled images, the interval, the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ...algorithms.compressed.problem import Compressed
from ...algorithms.intervals import LEAST_SUBSAMPLES, needed_images, radii_bounds
from ...algorithms.results import MatchRadii
from ...theory.chance import chance_levels
from ...theory.errors import InvalidOption
from ...theory.matches import Side
from ...theory.tolerances import GRAM_RANK_TOLERANCE
from ...theory.validation import Array
from .results import LayerComparison
from .samples import MeasuredPair
from .verdict import THRESHOLDS, Baseline, corrected, further_p, holm, permutation_p

SIDES: tuple[Side, Side] = ("x", "y")


def similarity_curves(pair: MeasuredPair) -> LayerComparison:
    """The curves of every draw, what shuffled images give at the inputs of the first, and what follows from these.

    The p-value is that of this layer alone, and there is no baseline, until ``concluded``.
    """
    protocol, first = pair.protocol, pair.compressed[0]
    radii = [one.match_radii() for one in pair.compressed]
    null = pair.null(protocol.shuffles)
    curves, null_curves = _curves(radii, protocol.epsilons), _curves(null, protocol.epsilons)
    low, high, without = _interval(pair, radii[0])
    chance = chance_levels(pair.inputs, first.ranks, pair.constant_shares)
    p_value = _permutation_p(radii[0], null)
    return LayerComparison(
        layer_a=pair.a,
        layer_b=pair.b,
        neurons=pair.neurons,
        dead=pair.dead,
        rank=first.ranks,
        rank_bound=_rank_bound(first),
        participation=pair.participation,
        images=pair.images,
        positions=pair.positions,
        inputs=pair.inputs,
        draws=len(radii),
        dtypes=first.dtypes,
        rank_tol=first.tau,
        digests=pair.digests,
        shuffles=len(null),
        epsilons=protocol.epsilons,
        similarity=tuple(curves.mean(axis=0).tolist()),
        lowest=tuple(curves.min(axis=0).tolist()),
        highest=tuple(curves.max(axis=0).tolist()),
        null=tuple(null_curves.mean(axis=0).tolist()),
        null_highest=tuple(null_curves.max(axis=0).tolist()),
        bootstrap=protocol.bootstrap if low else 0,
        interval_low=low,
        interval_high=high,
        area=float(np.mean([one.area for one in radii])),
        null_area=float(np.mean([one.area for one in null])) if null else 0.0,
        p_value=p_value,
        p_adjusted=p_value,
        baseline=None,
        chance=chance,
        below_chance=(_below_chance(chance[0], radii, "x"), _below_chance(chance[1], radii, "y")),
        chance_epsilon=_chance_epsilon(null),
        radii=(tuple(radii[0].x.tolist()), tuple(radii[0].y.tolist())),
        counted=radii[0].counted,
        error=radii[0].error,
        undecided=sum(len(one.undecided(epsilon)) for one in radii for epsilon in protocol.epsilons),
        notes=(*_notes(pair), *without),
    )


def concluded(
    layers: Sequence[LayerComparison], baseline: Sequence[Iterable[LayerComparison]] = ()
) -> tuple[LayerComparison, ...]:
    """All layers of a comparison with their p-values adjusted for one another, and with what each is in the pairs of
    untrained networks of ``baseline``. Raises: ``InvalidOption`` for pairs on another grid or without a null."""
    adjusted = holm([layer.p_value for layer in layers])
    bases = [_baseline(layer, baseline) for layer in layers]
    together = holm([base.p_value if base else None for base in bases])
    return tuple(
        replace(layer, p_adjusted=p, baseline=base and replace(base, p_adjusted=q))
        for layer, p, base, q in zip(layers, adjusted, bases, together, strict=True)
    )


def _baseline(layer: LayerComparison, pairs: Sequence[Iterable[LayerComparison]]) -> Baseline | None:
    found = [one for pair in pairs for one in pair if one.name == layer.name]
    if not found or not layer.shuffles:
        return None
    if any(one.epsilons != layer.epsilons or not one.shuffles for one in found):
        raise InvalidOption(
            f"baseline: got {layer.name} on another grid of epsilons, or without shuffles; need the grid of the "
            f"comparison, and shuffles to correct areas for chance"
        )
    curves = np.array([one.similarity for one in found])
    areas = [corrected(one.area, one.null_area) for one in found]
    p_value = further_p(corrected(layer.area, layer.null_area), areas)
    return Baseline(
        pairs=len(found),
        similarity=tuple(curves.mean(axis=0).tolist()),
        highest=tuple(curves.max(axis=0).tolist()),
        area=float(np.mean([one.area for one in found])),
        highest_area=max(one.area for one in found),
        corrected_area=float(np.mean(areas)),
        spread=float(np.std(areas, ddof=1)) if len(found) > 1 else None,
        p_value=p_value,
        p_adjusted=p_value,
    )


def _permutation_p(first: MatchRadii, null: Sequence[MatchRadii]) -> float | None:
    """Areas within their errors of one another count as equal: of two routes to one number either may be larger."""
    return permutation_p(first.area, [one.area + one.error + first.error for one in null]) if null else None


def _rank_bound(problem: Compressed) -> bool:
    """See ``LayerComparison``."""
    x, y = problem.whole
    dead_x, dead_y = (sorted(problem.dead.side(side)) for side in SIDES)
    left = np.concatenate([np.delete(x.squares, dead_y), np.delete(y.squares, dead_x)])
    live = problem.m - len(dead_x), problem.n - len(dead_y)
    if not min(live) or left.max() > problem.zero**2:
        return False
    if x.rank >= problem.inputs:
        return True
    predictor = problem.projections[0]
    cosines = np.delete(np.delete(predictor.own.T @ predictor.other, dead_x, axis=0), dead_y, axis=1)
    apart = 1 - cosines**2 > max(problem.zero, GRAM_RANK_TOLERANCE) ** 2
    copies = not (apart.all(axis=1).any() or apart.all(axis=0).any())
    return (x.rank < live[0] or y.rank < live[1]) and not copies


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
