"""Two layers that come batch by batch: what is kept of them, and the pair that a comparison measures in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from ....algorithms.compressed.compressor import Compressed, Compressor, Method
from ....algorithms.results import MatchRadii
from ....files.digest import Digest
from ....theory.errors import without_advice
from ....theory.validation.arrays import to_numpy
from ....theory.validation.layer import Layer
from ....theory.validation.pooling import pooled
from ..protocol import Protocol
from ..samples import generator

GROUPS, LEFT_OUT = 20, 4
"""For the interval images are put into so many groups, and a subsample is without so many of these: a fifth."""


class Side:
    """A layer of one network, averaged to a resolution where that is wanted, with the digest of all that came."""

    def __init__(self, resolution: Mapping[str, int] | None) -> None:
        self._resolution = None if resolution is None else dict(resolution)
        self.digest = Digest()

    def taken(self, layer: Layer) -> Layer:
        """A batch, as it is compared. Raises: ``InvalidActivations``."""
        found = layer if self._resolution is None else pooled(layer, self._resolution)
        self.digest.update(to_numpy(found.matrix, "values")[0])
        return found


class PairStream:
    """A layer of network A and one of network B, of so many neurons and positions an image, while batches come.

    ``share``: of the usual memory for images that are kept for the shuffles; ``first``: the number of the first image
    that comes. Held are factors, whatever the number of
    images: one, and for the interval one more for each of the groups of images.
    """

    def __init__(
        self,
        a: str,
        b: str,
        A: Layer,
        B: Layer,
        protocol: Protocol,
        method: Method,
        share: float,
        notes: Sequence[str],
        first: int = 0,
    ) -> None:
        self.a, self.b, self.protocol, self.notes = a, b, protocol, tuple(notes)
        self.positions, self._first = A.positions, first
        self._groups = [self._compressor(A, B, "gram", 0) for _ in range(GROUPS if protocol.bootstrap else 0)]
        self.compressor = self._compressor(A, B, method, protocol.shuffles, share)

    def add(self, A: Layer, B: Layer) -> None:
        """Take in a batch of both layers. Raises: ``InvalidActivations``."""
        numbers = np.arange(A.images) + self._first + self.images
        self.compressor.update(A, B)
        group = self._group_of(numbers) if self._groups else numbers
        for k, compressor in enumerate(self._groups):
            if (chosen := np.flatnonzero(group == k)).size:
                compressor.update(A.some(chosen), B.some(chosen))

    def followed_by(self, other: PairStream) -> PairStream:
        """What both have taken in, in a new one; the images of ``other`` come next."""
        both = copy(self)
        both.compressor = deepcopy(self.compressor).merge(other.compressor)
        both._groups = [deepcopy(one).merge(more) for one, more in zip(self._groups, other._groups, strict=True)]
        return both

    @property
    def images(self) -> int:
        """How many have come."""
        return self.compressor.inputs // self.positions

    @property
    def compressors(self) -> list[Compressor]:
        """All that changes as batches come."""
        return [self.compressor, *self._groups]

    def _compressor(self, A: Layer, B: Layer, method: Method, shuffles: int, share: float = 1.0) -> Compressor:
        return Compressor(
            A.neurons,
            B.neurons,
            method=method,
            dead_neurons=self.protocol.dead_neurons,
            rank_tol=self.protocol.rank_tol,
            shuffles=shuffles,
            positions=self.positions,
            seed=int(generator(self.protocol.seed, "shuffles", self.a, self.b).integers(2**62)),
            held_share=share,
        )

    def _group_of(self, images: np.ndarray) -> np.ndarray:
        """Of every so many images that follow one another each goes into another group, which follows from the seed."""
        block, place = np.divmod(images, GROUPS)
        orders = {
            one: generator(self.protocol.seed, "groups", self.a, self.b, int(one)).permutation(GROUPS)
            for one in np.unique(block)
        }
        return np.array([orders[one][k] for one, k in zip(block, place, strict=True)])

    def merged(self, groups: Sequence[int]) -> Compressed:
        """The images of some groups together."""
        first, *others = [self._groups[k] for k in groups]
        together = Compressor(first.m, first.n, method="gram", dead_neurons=first.dead_neurons, rank_tol=first.rank_tol)
        for one in (first, *others):
            together.merge(one)
        return together.finish()


@dataclass(frozen=True, eq=False)
class StreamedPair:
    """What a comparison measures of two layers when all batches have come (a ``MeasuredPair``): all inputs are its one
    draw."""

    stream: PairStream
    digests: tuple[str, str]
    measures: tuple[str, ...] = ("similarity",)

    @property
    def a(self) -> str:
        return self.stream.a

    @property
    def b(self) -> str:
        return self.stream.b

    @property
    def protocol(self) -> Protocol:
        return self.stream.protocol

    @property
    def notes(self) -> tuple[str, ...]:
        return self.stream.notes

    @property
    def neurons(self) -> tuple[int, int]:
        return self.stream.compressor.m, self.stream.compressor.n

    @property
    def dead(self) -> tuple[int, int]:
        dead = self.compressed[0].dead
        return len(dead.x), len(dead.y)

    @property
    def computed_in(self) -> tuple[str, str]:
        return self.stream.compressor.dtypes or ("", "")

    @property
    def images(self) -> int:
        return self.stream.images

    @property
    def positions(self) -> int:
        return self.stream.positions

    @property
    def inputs(self) -> int:
        return self.stream.compressor.inputs

    @property
    def seen(self) -> int:
        return self.images

    @cached_property
    def compressed(self) -> tuple[Compressed, ...]:
        return (self.stream.compressor.finish(),)

    @property
    def constant_shares(self) -> tuple[float, float]:
        return self.compressed[0].constant_shares

    @property
    def participation(self) -> tuple[float, float]:
        return self.stream.compressor.participation()

    def null(self, count: int) -> Sequence[MatchRadii]:
        return self.stream.compressor.null() if count else ()

    def subsampled(self, count: int) -> Sequence[MatchRadii]:
        """Without a fifth of the groups of images, which ones follows from the seed."""
        kept = list(combinations(range(GROUPS), GROUPS - LEFT_OUT))
        rng = generator(self.protocol.seed, "bootstrap", self.a, self.b)
        chosen = rng.choice(len(kept), size=min(count, len(kept)), replace=False)
        with without_advice():
            return [self.stream.merged(kept[k]).match_radii() for k in chosen]
