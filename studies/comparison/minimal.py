"""What the shared pieces of two layers are: one minimal match for every neuron (T7), and how local they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ...algorithms.compressed.compressor import compress
from ...algorithms.structure import locality
from ..quiet import without_advice
from .samples import LayerActivations, Layout, draws_of_inputs, generator

EPSILONS = (0.3, 0.5)


@dataclass(frozen=True)
class LayerStructure:
    """One layer at one epsilon: the maximum match, and one minimal match for each of its neurons.

    ``matched``: neurons of the maximum match; ``alone``: those that match without any other (dead ones);
    ``one_to_one``: those whose minimal match is one neuron of each network (local); ``median_size``, ``largest_size``
    of the minimal matches, those alone left out; ``different``: different minimal matches found; ``complete``: whether
    every neuron was answered; ``matches``: (x indices, y indices) of the different ones, smallest first.
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


def structure(
    acts_a: Mapping[str, Any],
    acts_b: Mapping[str, Any],
    layers: Sequence[str],
    *,
    epsilons: Sequence[float] = EPSILONS,
    layout: Layout = "nchw",
    positions: int = 10_000,
    seed: int = 0,
    timeout: float | None = 20.0,
) -> list[LayerStructure]:
    """The structure of some layers of the same name, at the first draw of positions of ``compare`` with this seed.

    ``timeout``: seconds a layer and epsilon; what was found until then is marked as not complete. Raises as
    ``compare``.
    """
    found = []
    for name in layers:
        A, B = (LayerActivations.of(acts[name], layout, f"acts[{name!r}]") for acts in (acts_a, acts_b))
        rng = generator(seed, "draws", name, name)
        inputs = draws_of_inputs(A.images * A.positions, positions, 1, rng)[0]
        with without_advice():
            compressed = compress(A.rows(inputs), B.rows(inputs))
        for epsilon in epsilons:
            answers = compressed.min_matches(epsilon, timeout=timeout)
            local = locality(answers.matches)
            different = sorted({(tuple(sorted(m.x)), tuple(sorted(m.y))) for m in answers.matches.values()}, key=_size)
            found.append(
                LayerStructure(
                    layer=name,
                    epsilon=epsilon,
                    neurons=(A.neurons, B.neurons),
                    matched=len(compressed.max_match(epsilon)),
                    alone=local.alone,
                    one_to_one=local.one_to_one,
                    median_size=local.median_size,
                    largest_size=local.largest_size,
                    different=len(different),
                    complete=answers.complete,
                    matches=tuple(different),
                )
            )
    return found


def _size(match: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[int, Any]:
    return len(match[0]) + len(match[1]), match
