"""Two layers that Dask holds, as what a comparison measures: blocks of images become factors where they lie.

All inputs are one draw, as of models that are compared while they run (``stream``). Blocks are merged in
a fixed tree, so the numbers follow from the activations, how they are chunked, and the seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ....algorithms.compressed.compressor import Method, good_enough
from ....algorithms.compressed.elsewhere.blocks import in_a_tree
from ....algorithms.compressed.factor import GramFactor
from ....files.digest import Digest, DigestPart
from ....theory.errors import InvalidActivations, without_advice
from ....theory.validation import check_finite
from ....theory.validation.layer import Layer
from ....theory.validation.options import Steps
from ....theory.validation.pooling import pooled
from ..protocol import Protocol
from .stream import PairStream, StreamedPair


@dataclass(frozen=True)
class LazySide:
    """One of the two layers: its ``name``, what messages call it, its axes and precision, and one image of zeros."""

    name: str
    said: str
    axes: str
    precision: str
    image: Layer

    @classmethod
    def of(cls, name: str, said: str, layer: Layer) -> LazySide:
        # The outline of all images would travel as that many zeros.
        return cls(name, said, layer.axes, layer.precision, layer.outline().some(np.arange(1)))


@dataclass(frozen=True)
class Recipe:
    """How a block is taken in. ``resolution``: to which both layers are averaged, None for as they are."""

    sides: tuple[LazySide, LazySide]
    protocol: Protocol
    resolution: Mapping[str, int] | None
    notes: tuple[str, ...]
    method: Method = "gram"

    def stream(self, first: int) -> PairStream:
        """Without any images; ``first``: the number of the first that comes."""
        (a, b), (A, B) = (side.name for side in self.sides), (self.averaged(side.image) for side in self.sides)
        return PairStream(a, b, A, B, self.protocol, self.method, 1.0, self.notes, first=first)

    def averaged(self, layer: Layer) -> Layer:
        return layer if self.resolution is None else pooled(layer, self.resolution)


@dataclass(frozen=True)
class Taken:
    """Some images of both layers, and the parts of their digests."""

    stream: PairStream
    parts: tuple[tuple[DigestPart, ...], tuple[DigestPart, ...]]

    def followed_by(self, other: Taken) -> Taken:
        """Both, in a new one."""
        (x, y), (more_x, more_y) = self.parts, other.parts
        return Taken(self.stream.followed_by(other.stream), (x + more_x, y + more_y))

    def digests(self) -> tuple[str, str]:
        found = Digest(), Digest()
        for digest, parts in zip(found, self.parts, strict=True):
            for part in parts:
                digest.join(part)
        return found[0].hex(), found[1].hex()


def pair_in_blocks(
    A: Layer, B: Layer, recipe: Recipe, measures: tuple[str, ...], progress: Steps | None
) -> StreamedPair:
    """What is measured of two layers of the same images, at least one of which is lazy.

    By a Gram matrix; where that is not good enough the blocks are read again for QR. Raises: ``InvalidActivations``;
    what ``in_a_tree`` raises.
    """
    image = recipe.averaged(recipe.sides[0].image)
    columns = recipe.sides[0].image.neurons + recipe.sides[1].image.neurons
    axes = A.axes.index("n"), B.axes.index("n")
    methods: tuple[Method, ...] = ("gram", "qr")
    for method in methods:
        taken: Taken = in_a_tree(
            A.values,
            B.values,
            partial(_of_block, replace(recipe, method=method)),
            Taken.followed_by,
            axes=axes,
            least=-(-GramFactor(columns).leaf // image.positions),
            progress=progress,
        )
        with without_advice():
            if good_enough(taken.stream.compressor.finish()):
                break
    return StreamedPair(taken.stream, taken.digests(), measures)


def _of_block(recipe: Recipe, x: Any, y: Any, first: int) -> Taken:
    """Some images of both sides, the first of which has this number."""
    layers = [
        recipe.averaged(Layer(values, side.axes, precision=side.precision))
        for side, values in zip(recipe.sides, (x, y), strict=True)
    ]
    stream, rows = recipe.stream(first), [first * layer.positions for layer in layers]
    try:
        stream.add(*layers)
    except InvalidActivations:
        # Again, with the number that the input has among all.
        for layer, side, before in zip(layers, recipe.sides, rows, strict=True):
            check_finite(layer.matrix, side.said, before)
        raise
    x_part, y_part = (DigestPart.of(layer.matrix, before) for layer, before in zip(layers, rows, strict=True))
    return Taken(stream, ((x_part,), (y_part,)))
