"""Knobs common to all families: each changes activations and carries the planted answer along (T12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product as all_choices
from math import log2, prod
from typing import Any

import numpy as np

from ..theory.errors import InvalidOption
from ..theory.matches import Match, sort_key
from .linear import Array, tolerance_for, unit_columns
from .planted import (
    MOST_SIMPLE_MATCHES,
    MaximumLevel,
    Planted,
    Radii,
    SimpleLevel,
    as_nchw,
    levels_from_radii,
    need,
    proved_level,
)

DTYPES = ("float16", "float32", "float64")


def modify(
    planted: Planted,
    *,
    scales: float = 0.0,
    dead: tuple[int, int] = (0, 0),
    duplicates: tuple[int, int] = (0, 0),
    dtype: str | None = None,
    noise: float = 0.0,
    permute: bool = False,
    seed: int = 0,
) -> Planted:
    """A harder set with the answer transported to it; the given one is unchanged.

    Parameters
    ----------
    planted : Planted
        The set to start from.
    scales : float, default 0.0
        Each neuron is multiplied by +-2^k, uniform over +-``scales`` decades. Lossless; no answer changes.
    dead : pair of int, default (0, 0)
        How many zero neurons to add to X and to Y: of radius 0, in every maximum match, each a simple match of its own.
    duplicates : pair of int, default (0, 0)
        How many copies of random neurons of the same network to add to X and to Y: of the same radius, in the maximum
        match when the original is. No simple match contains two copies, and any copy may stand for another.
    dtype : {"float16", "float32", "float64"}, optional
        Where rounding changes a value, radii stay known up to a wider tolerance and maximum matches from an epsilon of
        a few roundings on; simple matches become unknown.
    noise : float, default 0.0
        Gaussian, of this length relative to each neuron. Radii and simple matches become unknown; a maximum match stays
        known where D1 and T1 prove it on the noisy numbers.
    permute : bool, default False
        Whether to put the neurons of each side and the inputs in random order.
    seed : int, default 0
        Each change has its own random numbers from it.

    Returns
    -------
    Planted
        The changed set.

    Raises
    ------
    InvalidOption
        If an argument is not as described, or the dtype cannot hold the values.

    Notes
    -----
    The changes are made in this order: noise, duplicates, dead neurons, scales, permutation, dtype.

    References
    ----------
    T12 (scaling, permuting, copies in the same network) and T14 (what is left after noise and rounding).

    Examples
    --------
    >>> from spanmatch.synthetic import modify, planted_blocks
    >>> planted = modify(planted_blocks(blocks=[(2, 2, 2)], private=(1, 0)), dead=(0, 1))
    >>> planted.max_match(0.0)
    Match(x={0, 1}, y={0, 1, 2})
    """
    need(scales >= 0, "scales", scales, "a number of decades >= 0")
    need(min(dead) >= 0, "dead", dead, "two counts >= 0")
    need(min(duplicates) >= 0, "duplicates", duplicates, "two counts >= 0")
    need(0 <= noise < 1, "noise", noise, "a relative length in [0, 1)")
    need(dtype is None or dtype in DTYPES, "dtype", dtype, f"None or one of {', '.join(DTYPES)}")
    flat = replace(planted, X=planted.matrices[0].copy(), Y=planted.matrices[1].copy())
    steps: list[tuple[bool, Callable[[Planted, np.random.Generator], Planted]]] = [
        (noise > 0, lambda p, rng: _with_noise(p, noise, rng)),
        (any(duplicates), lambda p, rng: _with_duplicates(p, duplicates, rng)),
        (any(dead), lambda p, _: _with_dead(p, dead)),
        (scales > 0, lambda p, rng: _with_scales(p, scales, rng)),
        (permute, _permuted),
        (dtype is not None, lambda p, _: _rounded(p, str(dtype))),
    ]
    for k, (wanted, step) in enumerate(steps):
        if wanted:
            flat = step(flat, np.random.default_rng([seed, k]))
    knobs: dict[str, Any] = {
        "scales": scales,
        "dead": list(dead),
        "duplicates": list(duplicates),
        "dtype": dtype,
        "noise": noise,
        "permute": permute,
        "seed": seed,
    }
    earlier = planted.parameters.get("modifications", [])
    parameters = planted.parameters | {"modifications": [*earlier, knobs]}
    if planted.X.ndim == 4:
        images, _, height, width = planted.X.shape
        shape = (images, height, width)
        flat = replace(flat, X=as_nchw(flat.X, shape), Y=as_nchw(flat.Y, shape))
    return replace(flat, parameters=parameters)


def _mapped(planted: Planted, change: Callable[[Match], Match]) -> Planted:
    """All answers (but the radii) with their matches changed."""
    return replace(
        planted,
        maximum=tuple(MaximumLevel(level.low, level.high, change(level.match)) for level in planted.maximum),
        simple=tuple(
            SimpleLevel(level.low, level.high, _sorted(change(match) for match in level.matches))
            for level in planted.simple
        ),
        dead=change(planted.dead),
    )


def _each_side(radii: Radii | None, change: Callable[[Array, int], Array]) -> Radii | None:
    """Radii, when they are known, changed by a function of them and of the side's number."""
    return None if radii is None else (change(radii[0], 0), change(radii[1], 1))


def _sorted(matches: Iterable[Match]) -> tuple[Match, ...]:
    return tuple(sorted(matches, key=sort_key))


def _with_noise(planted: Planted, noise: float, rng: np.random.Generator) -> Planted:
    X, Y = (_noisy(Z, noise, rng) for Z in (planted.X, planted.Y))
    return replace(
        planted,
        X=X,
        Y=Y,
        radii=None,
        maximum=tuple(kept for level in planted.maximum for kept in proved_level(X, Y, level.match)),
        simple=(),
        exact=False,
        reason=f"{planted.reason} Noise of relative length {noise:g} was added; what is still said is proved on the "
        "noisy numbers: the members are within epsilon of each other (D1), no other neuron is within epsilon of the "
        "whole other side (T1).",
    )


def _noisy(Z: Array, noise: float, rng: np.random.Generator) -> Array:
    values = Z.astype(np.float64)
    directions = unit_columns(rng.standard_normal(values.shape))
    noisy: Array = values + noise * np.sqrt(np.sum(values * values, axis=0)) * directions
    return noisy


def _with_duplicates(planted: Planted, counts: tuple[int, int], rng: np.random.Generator) -> Planted:
    sources = [rng.integers(Z.shape[1], size=count) for Z, count in zip((planted.X, planted.Y), counts, strict=True)]
    X, Y = (np.hstack([Z, Z[:, source]]) for Z, source in zip((planted.X, planted.Y), sources, strict=True))
    copies: dict[tuple[str, int], list[int]] = {}
    for side, Z, source in (("x", planted.X, sources[0]), ("y", planted.Y, sources[1])):
        for k, original in enumerate(source):
            copies.setdefault((side, int(original)), []).append(Z.shape[1] + k)

    def with_copies(match: Match) -> Match:
        return match | Match.of((v.side, copy) for v in match.neurons for copy in copies.get(v, []))

    simple = tuple(
        SimpleLevel(level.low, level.high, listed)
        for level in planted.simple
        if (listed := _representatives(level.matches, copies)) is not None
    )
    return replace(
        _mapped(replace(planted, simple=()), with_copies),
        X=X,
        Y=Y,
        radii=_each_side(planted.radii, lambda side, k: np.concatenate([side, side[sources[k]]])),
        simple=simple,
        reason=f"{planted.reason} Copies of neurons were added to their own network: they change no span, so every "
        "radius stays and a copy has that of its original (T12). A match with two copies of a neuron is the union of "
        "the two with one of them left out, so a simple match has at most one, any of them.",
    )


def _representatives(matches: tuple[Match, ...], copies: dict[tuple[str, int], list[int]]) -> tuple[Match, ...] | None:
    """The matches with each member replaced by any of its copies, None when they are too many."""
    options = [[[(v.side, k) for k in (v.index, *copies.get(v, []))] for v in match.neurons] for match in matches]
    if sum(prod(len(choice) for choice in choices) for choices in options) > MOST_SIMPLE_MATCHES:
        return None
    return _sorted(Match.of(chosen) for choices in options for chosen in all_choices(*choices))


def _with_dead(planted: Planted, counts: tuple[int, int]) -> Planted:
    added = Match(*(range(Z.shape[1], Z.shape[1] + k) for Z, k in zip((planted.X, planted.Y), counts, strict=True)))
    X, Y = (
        np.hstack([Z, np.zeros((Z.shape[0], k), dtype=Z.dtype)])
        for Z, k in zip((planted.X, planted.Y), counts, strict=True)
    )
    singletons = tuple(Match.of([v]) for v in added.neurons)
    return replace(
        planted,
        X=X,
        Y=Y,
        radii=_each_side(planted.radii, lambda side, k: np.concatenate([side, np.zeros(counts[k])])),
        maximum=tuple(MaximumLevel(level.low, level.high, level.match | added) for level in planted.maximum),
        simple=tuple(
            SimpleLevel(level.low, level.high, _sorted((*level.matches, *singletons))) for level in planted.simple
        ),
        dead=planted.dead | added,
        reason=f"{planted.reason} Zero neurons were added: by D1 they match anything, the empty set too, so each is "
        "in every maximum match, has radius 0 and is a simple match of its own, and in no other.",
    )


def _with_scales(planted: Planted, decades: float, rng: np.random.Generator) -> Planted:
    X, Y = (_scaled(Z, decades, rng) for Z in (planted.X, planted.Y))
    return replace(
        planted,
        X=X,
        Y=Y,
        reason=f"{planted.reason} Each neuron was multiplied by plus or minus a power of two within {decades:g} "
        "decades, which loses no bit and changes no match (T12).",
    )


def _scaled(Z: Array, decades: float, rng: np.random.Generator) -> Array:
    largest = int(decades * log2(10))
    values = Z.astype(np.float64)
    exponents = rng.integers(-largest, largest + 1, size=values.shape[1])
    signs = rng.choice([-1.0, 1.0], size=values.shape[1])
    with np.errstate(over="ignore", under="ignore"):
        scaled: Array = np.ldexp(values * signs, exponents)
        lossless = np.array_equal(np.ldexp(scaled, -exponents) * signs, values)
    if not lossless:
        raise InvalidOption(f"scales: got {decades:g} decades, which float64 cannot hold; use fewer")
    return scaled + 0.0


def _permuted(planted: Planted, rng: np.random.Generator) -> Planted:
    # New column k is old column order[k].
    rows = rng.permutation(planted.X.shape[0])
    orders = [rng.permutation(Z.shape[1]) for Z in (planted.X, planted.Y)]
    places = [np.argsort(order) for order in orders]
    X, Y = (Z[rows][:, order] for Z, order in zip((planted.X, planted.Y), orders, strict=True))

    def moved(match: Match) -> Match:
        return Match((places[0][i] for i in match.x), (places[1][j] for j in match.y))

    return replace(
        _mapped(planted, moved),
        X=X,
        Y=Y,
        radii=_each_side(planted.radii, lambda side, k: side[orders[k]]),
        reason=f"{planted.reason} Neurons and inputs were permuted, which permutes the answer (T12).",
    )


def _rounded(planted: Planted, dtype: str) -> Planted:
    with np.errstate(over="ignore"):
        X, Y = (Z.astype(dtype) for Z in (planted.X, planted.Y))
    pairs = ((planted.X, X), (planted.Y, Y))
    if not all(np.isfinite(new).all() and np.array_equal(new.any(axis=0), old.any(axis=0)) for old, new in pairs):
        raise InvalidOption(f"dtype: got {dtype}, which cannot hold these values; use fewer decades of scales")
    if all(np.array_equal(new.astype(np.float64), old.astype(np.float64)) for old, new in pairs):
        return replace(planted, X=X, Y=Y)
    moved = max(float(np.sqrt(np.sum((unit_columns(a) - unit_columns(b)) ** 2, axis=0)).max()) for a, b in pairs)
    tolerance = max(planted.tolerance, tolerance_for(planted.X, planted.Y, moved))
    if planted.radii is not None:
        maximum = levels_from_radii(planted.radii, tolerance, zero_from=tolerance)
    else:
        maximum = tuple(kept for old in planted.maximum for kept in proved_level(X, Y, old.match, low=tolerance))
    return replace(
        planted,
        X=X,
        Y=Y,
        maximum=maximum,
        simple=(),
        tolerance=tolerance,
        exact=False,
        reason=f"{planted.reason} Rounding to {dtype} moved unit vectors by at most {moved:.1e}, and residuals by at "
        f"most about {tolerance:g} (T14 in first order, with a margin); answers hold from there on.",
    )
