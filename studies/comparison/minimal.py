"""The minimal matches of two layers: one for every neuron that matches (T7), and how local they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...algorithms.structure import locality
from ...theory.matches import sort_key
from .protocol import MinimalOptions
from .records import pair_name
from .samples import MeasuredPair


@dataclass(frozen=True)
class LayerMinimal:
    """A pair of layers at one epsilon: the maximum match, and one minimal match for each of its neurons.

    ``neurons``: of both layers, as they came; ``matched``: how many are in the maximum match; ``alone``: those that
    match without any other (dead ones); ``one_to_one``: those whose minimal match is one neuron of each network
    (local); ``median_size``, ``largest_size``: of the minimal matches, and ``different``: how many there are, those
    alone left out of all three; ``complete``: whether every neuron was answered; ``matches``: (x indices, y indices)
    of all different ones, those alone too, small ones first.
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

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def minimal_matches(pair: MeasuredPair) -> list[LayerMinimal]:
    """One record an epsilon, at the first draw of the pair."""
    options = pair.protocol.minimal or MinimalOptions()
    compressed, found = pair.compressed[0], []
    for epsilon in options.epsilons:
        answers = compressed.min_matches(epsilon, timeout=options.timeout)
        local = locality(answers.matches)
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
            )
        )
    return found
