"""Abstract covers (D8) on tiny sets: all of them, or random ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

import numpy as np

from ...theory.covers import TableCover
from ..planted import need

Antichain = tuple[frozenset[int], ...]

MOST_ENUMERATED = 4
"""Monotone Boolean functions are enumerated up to this many points (168 of them); for 5 there are 7 581."""


@cache
def antichains(points: int) -> tuple[Antichain, ...]:
    """All antichains of subsets of 0..points-1, one for each monotone Boolean function: 2, 3, 6, 20, 168.

    Parameters
    ----------
    points : int
        From 0 to 4.

    Returns
    -------
    tuple of antichains
        Each a tuple of frozensets: the minimal sets on which the function is true.

    Raises
    ------
    InvalidOption
        If there are more points.

    Examples
    --------
    >>> from spanmatch.synthetic import antichains
    >>> antichains(1)
    ((), (frozenset(),), (frozenset({0}),))
    """
    need(0 <= points <= MOST_ENUMERATED, "points", points, f"0..{MOST_ENUMERATED}")
    subsets = [frozenset(k for k in range(points) if code >> k & 1) for code in range(2**points)]

    def extend(chosen: Antichain, start: int) -> Iterator[Antichain]:
        yield chosen
        for k in range(start, len(subsets)):
            if not any(subsets[k] <= other or other <= subsets[k] for other in chosen):
                yield from extend((*chosen, subsets[k]), k + 1)

    return tuple(extend((), 0))


def all_covers(m: int, n: int) -> Iterator[TableCover]:
    """Every monotone cover on m + n neurons, once.

    Parameters
    ----------
    m, n : int
        Neurons of the two sides, at least 1 and at most 4.

    Yields
    ------
    TableCover
        1 296 of them for 2 + 2, 86 400 for 3 + 2.

    Raises
    ------
    InvalidOption
        If m or n is out of its range.

    References
    ----------
    D8; docs/theory/planted-sets.md#abstract-covers.

    Examples
    --------
    >>> from spanmatch.synthetic import all_covers
    >>> sum(1 for cover in all_covers(2, 2))
    1296
    """
    need(m >= 1 and n >= 1, "m, n", (m, n), "counts >= 1")
    for choice in product(*[antichains(n)] * m, *[antichains(m)] * n):
        yield TableCover(choice[:m], choice[m:])


def random_cover(m: int, n: int, *, seed: int) -> TableCover:
    """A random monotone cover.

    Parameters
    ----------
    m, n : int
        Neurons of the two sides, at least 1.
    seed : int
        Of the random numbers.

    Returns
    -------
    TableCover
        Uniform over all covers while both sides have at most 4 neurons. On larger sides each neuron is covered by the
        minimal ones of up to four random subsets.

    Raises
    ------
    InvalidOption
        If m or n is less than 1.

    References
    ----------
    D8; docs/theory/planted-sets.md#abstract-covers.

    Examples
    --------
    >>> from spanmatch.synthetic import random_cover
    >>> cover = random_cover(2, 2, seed=0)
    >>> cover == random_cover(2, 2, seed=0), cover.m, cover.n
    (True, 2, 2)
    """
    need(m >= 1 and n >= 1, "m, n", (m, n), "counts >= 1")
    rng = np.random.default_rng(seed)
    return TableCover(
        tuple(_random_antichain(rng, n) for _ in range(m)), tuple(_random_antichain(rng, m) for _ in range(n))
    )


def _random_antichain(rng: np.random.Generator, points: int) -> Antichain:
    if points <= MOST_ENUMERATED:
        choices = antichains(points)
        return choices[int(rng.integers(len(choices)))]
    drawn = {frozenset(np.flatnonzero(rng.random(points) < rng.random()).tolist()) for _ in range(rng.integers(5))}
    minimal = [members for members in drawn if not any(other < members for other in drawn)]
    return tuple(sorted(minimal, key=lambda members: (len(members), sorted(members))))
