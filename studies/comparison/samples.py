"""Which inputs are looked at: the published sampling of positions, the same for every measure of a pair of layers.

An input is an image, or an image and a position in it. Samples take the same inputs on both sides; shuffles pair each
image of one side with another image of the other, position by position. Everything follows from a seed and the layers'
names, not from their order.
"""

from __future__ import annotations

import typing
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ...algorithms.compressed.compressor import Compressed, compress
from ...algorithms.compressed.grams import gram_tolerance, shuffled_radii
from ...algorithms.convergent.participation import participation_ratio
from ...algorithms.intervals import subsamples
from ...algorithms.results import MatchRadii
from ...files.digest import TOGETHER, Digest
from ...theory.tolerances import rank_tolerance
from ...theory.validation.arrays import to_numpy
from ...theory.validation.layer import Layer
from .protocol import Protocol
from .records import pair_name

Raw = npt.NDArray[Any]
Inputs = npt.NDArray[np.int64]


class MeasuredPair(typing.Protocol):
    """What the similarity of two layers follows from, whether they are held as arrays or came as a stream.

    ``a``, ``b``: the layers' names; ``neurons``, ``dead``: of each side; ``images``, ``positions``: how many images
    there are, and rows of each; ``inputs``: how many (image, position) each draw has; ``seen``: of how many images the
    first draw has inputs; ``compressed``: each draw; ``constant_shares``, ``participation``: of both sides at the first
    draw; ``digests``: of both sides, all inputs (``files.digest``).
    """

    @property
    def a(self) -> str: ...
    @property
    def b(self) -> str: ...
    @property
    def protocol(self) -> Protocol: ...
    @property
    def neurons(self) -> tuple[int, int]: ...
    @property
    def dead(self) -> tuple[int, int]: ...
    @property
    def images(self) -> int: ...
    @property
    def positions(self) -> int: ...
    @property
    def inputs(self) -> int: ...
    @property
    def seen(self) -> int: ...
    @property
    def compressed(self) -> tuple[Compressed, ...]: ...
    @property
    def constant_shares(self) -> tuple[float, float]: ...
    @property
    def participation(self) -> tuple[float, float]: ...
    @property
    def digests(self) -> tuple[str, str]: ...

    def null(self, count: int) -> Sequence[MatchRadii]:
        """The radii of so many shuffles of B's images, at the inputs of the first draw."""

    def subsampled(self, count: int) -> Sequence[MatchRadii]:
        """The radii of so many ``subsamples`` of the images of the first draw."""


class AskedPair(MeasuredPair, typing.Protocol):
    """A pair that knows in which precision its sides were ``computed_in``, what is asked of it (``measures``, by their
    names in ``compare``), and ``notes`` to be said."""

    @property
    def computed_in(self) -> tuple[str, str]: ...
    @property
    def measures(self) -> tuple[str, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, eq=False)
class LayerPair:
    """A layer of network A and one of network B under a protocol: drawn and compressed once, for all ``measures``.

    It is an independent piece of work: what a measure finds depends on nothing else, and another process can do it.
    """

    a: str
    b: str
    A: Layer
    B: Layer
    protocol: Protocol
    measures: tuple[str, ...] = ("similarity",)
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return pair_name(self.a, self.b)

    @property
    def neurons(self) -> tuple[int, int]:
        return self.A.neurons, self.B.neurons

    @property
    def dead(self) -> tuple[int, int]:
        return self.A.dead, self.B.dead

    @property
    def images(self) -> int:
        return self.A.images

    @property
    def positions(self) -> int:
        return self.A.positions

    @cached_property
    def draws(self) -> list[Inputs]:
        """The numbers of the inputs of each draw."""
        available = self.images * self.positions
        return draws_of_inputs(available, self.protocol.positions, self.protocol.draws, self.generator("draws"))

    @property
    def inputs(self) -> int:
        return len(self.draws[0])

    @property
    def seen(self) -> int:
        return int(self._of_image.max()) + 1

    @cached_property
    def _of_image(self) -> Inputs:
        """Of which image each input of the first draw is; the images that it has inputs of are numbered from 0."""
        return np.unique(self.draws[0] // self.positions, return_inverse=True)[1]

    @cached_property
    def compressed(self) -> tuple[Compressed, ...]:
        """Each draw, compressed."""
        return tuple(self.problem(self.A.rows_there(draw), self.B.rows_there(draw)) for draw in self.draws)

    def rows(self, draw: int = 0, order: Inputs | None = None) -> tuple[Raw, Raw]:
        """The activations of both sides at a draw's inputs; ``order``: B's images are taken in this order."""
        return self.A.rows(self.draws[draw]), self.B.rows(self.draws[draw], order)

    def problem(self, X: Raw, Y: Raw) -> Compressed:
        """Rows of both sides under the protocol's policies; the rank is decided for the less precise of the two."""
        tau = self.protocol.rank_tol
        if tau is None:
            tau = max(rank_tolerance(side.computed_in, self.A.neurons + self.B.neurons) for side in (self.A, self.B))
        return compress(X, Y, dead_neurons=self.protocol.dead_neurons, rank_tol=tau)

    @property
    def constant_shares(self) -> tuple[float, float]:
        return self.compressed[0].constant_shares

    @property
    def participation(self) -> tuple[float, float]:
        X, Y = self.rows()
        return _dimensions(X), _dimensions(Y)

    @property
    def computed_in(self) -> tuple[str, str]:
        return self.A.computed_in, self.B.computed_in

    @property
    def digests(self) -> tuple[str, str]:
        return _digest(self.A), _digest(self.B)

    def null(self, count: int) -> list[MatchRadii]:
        rng = self.generator("shuffles")
        first, X = self.compressed[0], self.A.rows(self.draws[0])
        shuffled = (self.B.rows(self.draws[0], rng.permutation(self.images)) for _ in range(count))
        tau, whole = gram_tolerance(first), self.inputs == self.images * self.positions
        if tau is None:
            return [self.problem(X, Y).match_radii() for Y in shuffled]
        return list(shuffled_radii(X, shuffled, tau, first.dead_neurons, same_rows=whole))

    def subsampled(self, count: int) -> list[MatchRadii]:
        X, Y = self.rows()
        found = []
        for kept in subsamples(self.seen, count, self.generator("bootstrap")):
            rows = np.isin(self._of_image, kept)
            found.append(self.problem(X[rows], Y[rows]).match_radii())
        return found

    def generator(self, what: str) -> np.random.Generator:
        """Random numbers for some purpose, which depend on the seed and the layers' names only."""
        return generator(self.protocol.seed, what, self.a, self.b)

    def __getstate__(self) -> dict[str, Any]:
        """What is cached does not travel."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _dimensions(rows: Raw) -> float:
    """The participation ratio; 0 for one input, which spans no direction about its mean."""
    return participation_ratio(rows) if len(rows) > 1 else 0.0


def _digest(layer: Layer) -> str:
    """Of all rows; some images at a time, for the whole matrix may be a copy."""
    digest, some = Digest(), max(1, TOGETHER // (layer.dtype.itemsize * layer.positions * layer.neurons))
    for first in range(0, layer.images, some):
        images = layer.by_image[first : min(first + some, layer.images), ...]
        digest.update(to_numpy(images, "values")[0].reshape(-1, layer.neurons))
    return digest.hex()


def generator(seed: int, *what: str | int) -> np.random.Generator:
    """A random generator that belongs to this seed and these names."""
    return np.random.default_rng([seed, *(zlib.crc32(str(one).encode()) for one in what)])


def draws_of_inputs(total: int, wanted: int, draws: int, rng: np.random.Generator) -> list[Inputs]:
    """``draws`` samples of ``wanted`` of ``total`` inputs without replacement; one of all if there are no more."""
    if total <= wanted:
        return [np.arange(total)]
    return [np.sort(rng.choice(total, size=wanted, replace=False)) for _ in range(draws)]
