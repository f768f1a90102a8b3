"""All matches of a tiny cover, literally by D1-D6: the first of the three routes to every answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations

from .covers import Cover
from .errors import InvalidActivations
from .matches import Match, Neuron, sort_key

LARGEST = 16
"""More neurons than this are refused: all 2^(m+n) pairs are visited."""


@dataclass(frozen=True)
class BruteForce:
    """Everything there is to know about the matches of one cover.

    ``matches``: all of them (D1), smallest first; ``maximum``: the one that contains all others (D3);
    ``simple``: the simple ones (D5); ``minimal``: for each neuron of the maximum all its minimal matches (D6).
    """

    matches: tuple[Match, ...]
    maximum: Match
    simple: tuple[Match, ...]
    minimal: dict[Neuron, tuple[Match, ...]]


@lru_cache(maxsize=64)
def all_pairs(m: int, n: int) -> tuple[Match, ...]:
    """All 2^(m+n) pairs of subsets, smallest first."""
    neurons = Match.everything(m, n).neurons
    subsets = chain.from_iterable(combinations(neurons, size) for size in range(len(neurons) + 1))
    return tuple(sorted((Match.of(subset) for subset in subsets), key=sort_key))


def brute_force(cover: Cover) -> BruteForce:
    """All matches, the maximum match, all simple and all minimal matches of a tiny cover, from their definitions.

    Implements D1, D3, D5, D6 by visiting every pair of subsets, and is the oracle on covers with at most
    ``LARGEST`` neurons. Exact for any cover, monotone or not; where the relation is not monotone there need not be
    a match that contains all others, and this raises ``ValueError``. Cost: O(2^(m+n)) cover queries per neuron.

    Raises: ``InvalidActivations`` for more than ``LARGEST`` neurons.
    """
    if cover.m + cover.n > LARGEST:
        raise InvalidActivations(
            f"cover: brute force visits all pairs of subsets and takes at most {LARGEST} neurons, got "
            f"{cover.m} + {cover.n}; use a smaller sample, or spanmatch.exact"
        )
    matches = tuple(pair for pair in all_pairs(cover.m, cover.n) if cover.is_match(pair))
    largest = matches[-1]
    if not all(pair <= largest for pair in matches):
        raise ValueError("no match contains all others: the relation is not monotone")
    return BruteForce(
        matches,
        largest,
        simple=tuple(pair for pair in matches if is_simple(pair, matches)),
        minimal={v: minimal_among(v, matches) for v in largest.neurons},
    )


def is_simple(pair: Match, matches: tuple[Match, ...]) -> bool:
    """D5: non-empty and not the union of the matches strictly smaller than it."""
    union = Match()
    for smaller in matches:
        if smaller < pair:
            union = union | smaller
    return bool(pair) and union != pair


def minimal_among(v: Neuron, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """D6: the matches that contain v and no strictly smaller match that contains v."""
    containing = [pair for pair in matches if v in pair]
    return tuple(pair for pair in containing if not any(smaller < pair for smaller in containing))


def minimal_evictions(truth: BruteForce) -> dict[Neuron, tuple[Match, ...]]:
    """All minimal eviction sets (T15) of each neuron of the maximum match, smallest first, from the definition.

    H evicts v when v is not in the maximum match of what is left of the maximum without H: when no match that
    contains v avoids H. Cost: O(2^(m+n)) for each neuron.
    """
    return {v: _minimal_evictions(v, truth) for v in truth.maximum}


def _minimal_evictions(v: Neuron, truth: BruteForce) -> tuple[Match, ...]:
    position = {u: 1 << k for k, u in enumerate(truth.maximum)}
    containing = [sum(position[u] for u in pair) for pair in truth.matches if v in pair]
    found: list[int] = []
    for code in sorted(range(1, 1 << len(position)), key=int.bit_count):
        if all(code & pair for pair in containing) and not any(smaller & code == smaller for smaller in found):
            found.append(code)
    return tuple(sorted((Match.of(u for u, bit in position.items() if code & bit) for code in found), key=sort_key))
