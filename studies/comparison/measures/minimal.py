"""The minimal matches of two layers: one for every neuron that matches (T7), and how local they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial, reduce
from operator import or_
from typing import Any

import numpy as np

from ....algorithms.compressed.problem import Compressed
from ....algorithms.structure import SIZE_CLASSES, SampledMatches, locality
from ....theory.matches import sort_key
from ...workers import Piece, carried_out, spare
from ..protocol import MinimalOptions
from ..records import pair_name
from ..samples import MeasuredPair, generator


@dataclass(frozen=True)
class LayerMinimal:
    """A pair of layers at one epsilon: the maximum match, and one minimal match for each of its neurons.

    ``neurons``: of both layers, as they came; ``matched``: how many are in the maximum match; ``alone``: those that
    match without any other (dead ones); ``one_to_one``: those whose minimal match is one neuron of each network
    (local); ``median_size``, ``largest_size``: of the minimal matches, and ``different``: how many there are, those
    alone left out of all three; ``complete``: whether every neuron was answered; ``matches``: (x indices, y indices)
    of all different ones, those alone too, small ones first. The sizes of simple matches are another question, to which
    one order gives a biased answer: ``orders`` random ones were tried for each neuron, and ``sizes`` has, for each of
    ``SIZE_CLASSES``, how many of the different matches found lie in it, and their share with its standard error.
    """

    layer: str
    epsilon: float
    neurons: tuple[int, int]
    matched: int
    alone: int
    one_to_one: int
    median_size: float
    largest_size: int
    different: int
    complete: bool
    matches: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    orders: int = 0
    sizes: tuple[tuple[int, float, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def _sampled(compressed: Compressed, epsilon: float, options: MinimalOptions, pair: MeasuredPair) -> SampledMatches:
    if not options.orders:
        return SampledMatches((), complete=True)
    seed = int(generator(pair.protocol.seed, "orders", pair.a, pair.b).integers(2**31))
    search = partial(compressed.sampled_matches, epsilon, seed=seed, timeout=options.timeout)
    shares = [part.tolist() for part in np.array_split(range(options.orders), min(spare(), options.orders))]
    if len(shares) == 1:
        return search(orders=options.orders)
    pieces = [Piece(f"orders from {part[0]}", partial(search, orders=len(part), first=part[0])) for part in shares]
    found: list[SampledMatches] = carried_out(pieces, workers=len(pieces))
    return reduce(or_, found)


def minimal_matches(pair: MeasuredPair) -> list[LayerMinimal]:
    """One record an epsilon, at the first draw of the pair."""
    options = pair.protocol.minimal or MinimalOptions()
    compressed, found = pair.compressed[0], []
    for epsilon in options.epsilons:
        answers = compressed.min_matches(epsilon, timeout=options.timeout)
        local = locality(answers.matches)
        sampled = _sampled(compressed, epsilon, options, pair)
        numbers = [sum(number for size, number in sampled.sizes.items() if a <= size <= b) for a, b in SIZE_CLASSES]
        shares = [sampled.share(*size) for size in SIZE_CLASSES]
        matches = sorted(set(answers.matches.values()), key=sort_key)
        found.append(
            LayerMinimal(
                layer=pair_name(pair.a, pair.b),
                epsilon=epsilon,
                neurons=pair.neurons,
                matched=len(compressed.max_match(epsilon)),
                alone=local.alone,
                one_to_one=local.one_to_one,
                median_size=local.median_size,
                largest_size=local.largest_size,
                different=local.different,
                complete=answers.complete,
                matches=tuple((tuple(sorted(match.x)), tuple(sorted(match.y))) for match in matches),
                orders=len(sampled.by_order),
                sizes=tuple((number, *share) for number, share in zip(numbers, shares, strict=True)),
            )
        )
    return found
