"""Which inputs are looked at: the published sampling of positions, the same for every measure of a pair of layers.

A layer's activations are (images, neurons) or (images, channels, height, width). An input is an image, or an image
and a position in it. Samples take the same inputs on both sides; shuffles pair each image of one side with another
image of the other, position by position. Everything follows from a seed and the layers' names, not from their order.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ...algorithms.compressed.compressor import Compressed, compress
from ...theory.errors import InvalidActivations
from ...theory.tolerances import rank_tolerance
from ...theory.validation import as_matrix, check_finite, check_shape, to_numpy
from ...theory.validation.options import as_option
from .protocol import Layout, Protocol
from .records import pair_name

Raw = npt.NDArray[Any]
Inputs = npt.NDArray[np.int64]

_REMEDIES = {
    1: "one neuron is array.reshape(-1, 1)",
    3: "make each (image, token) an input with array.reshape(-1, array.shape[-1]) if neurons come last",
}


@dataclass(frozen=True, eq=False)
class LayerActivations:
    """One layer's activations with the channels last: shape (images, positions per image, neurons).

    ``dtype``: as they came; NumPy holds bfloat16 as float32, but how far its values can be trusted is another matter.
    """

    values: Raw
    dtype: str

    @classmethod
    def of(cls, array: Any, layout: Layout, name: str) -> LayerActivations:
        """From (images, neurons), or 4-D in the given layout; every value is looked at. Raises: ``InvalidActivations``.

        What is never drawn must be valid too: otherwise the seed would decide whether a NaN is seen.
        """
        as_option(layout, "layout", ("nchw", "nhwc"))
        values, dtype = to_numpy(array, name)
        if values.ndim == 4:
            values = values.transpose(0, 2, 3, 1) if layout == "nchw" else values
            values = values.reshape(values.shape[0], values.shape[1] * values.shape[2], values.shape[3])
        elif values.ndim == 2:
            values = values[:, None, :]
        else:
            raise InvalidActivations(
                f"{name}: got shape {values.shape} ({values.ndim}-D), need (images, neurons) or the 4-D activations of "
                f"a convolutional layer; {_REMEDIES.get(values.ndim, 'reshape it to one of these')}"
            )
        check_shape((values.shape[0] * values.shape[1], values.shape[2]), name)
        as_matrix(values[0], name)
        check_finite(values.reshape(-1, values.shape[2]), name)
        return cls(values, dtype)

    @property
    def images(self) -> int:
        return int(self.values.shape[0])

    @property
    def positions(self) -> int:
        return int(self.values.shape[1])

    @property
    def neurons(self) -> int:
        return int(self.values.shape[2])

    @property
    def dead(self) -> int:
        """How many neurons are exactly 0 on every input."""
        return int((~self.values.any(axis=(0, 1))).sum())

    def rows(self, inputs: Inputs, order: Inputs | None = None) -> Raw:
        """The (inputs, neurons) array of the numbered inputs (image * positions + position).

        ``order``: take image ``order[i]`` in place of image i.
        """
        image, position = np.divmod(inputs, self.positions)
        return np.asarray(self.values[image if order is None else order[image], position])


@dataclass(frozen=True, eq=False)
class LayerPair:
    """A layer of network A and one of network B under a protocol: drawn and compressed once, for all ``measures``.

    It is an independent piece of work: what a measure finds depends on nothing else, and another process can do it.
    """

    a: str
    b: str
    A: LayerActivations
    B: LayerActivations
    protocol: Protocol
    measures: tuple[str, ...] = ("similarity",)

    @property
    def name(self) -> str:
        return pair_name(self.a, self.b)

    @property
    def available(self) -> int:
        """How many inputs there are to draw from."""
        return self.A.images * self.A.positions

    @cached_property
    def draws(self) -> list[Inputs]:
        """The numbers of the inputs of each draw."""
        return draws_of_inputs(self.available, self.protocol.positions, self.protocol.draws, self.generator("draws"))

    @cached_property
    def compressed(self) -> tuple[Compressed, ...]:
        """Each draw, compressed."""
        return tuple(self.problem(*self.rows(draw)) for draw in range(len(self.draws)))

    def rows(self, draw: int = 0, order: Inputs | None = None) -> tuple[Raw, Raw]:
        """The activations of both sides at a draw's inputs; ``order``: B's images are taken in this order."""
        return self.A.rows(self.draws[draw]), self.B.rows(self.draws[draw], order)

    def problem(self, X: Raw, Y: Raw) -> Compressed:
        """Rows of both sides under the protocol's policies; the rank is decided for the less precise of the two."""
        tau = self.protocol.rank_tol
        if tau is None:
            tau = max(rank_tolerance(side.dtype, self.A.neurons + self.B.neurons) for side in (self.A, self.B))
        return compress(X, Y, dead_neurons=self.protocol.dead_neurons, rank_tol=tau)

    def generator(self, what: str) -> np.random.Generator:
        """Random numbers for some purpose, which depend on the seed and the layers' names only."""
        return generator(self.protocol.seed, what, self.a, self.b)

    def __getstate__(self) -> dict[str, Any]:
        """What is cached does not travel."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def generator(seed: int, *what: str | int) -> np.random.Generator:
    """A random generator that belongs to this seed and these names."""
    return np.random.default_rng([seed, *(zlib.crc32(str(one).encode()) for one in what)])


def draws_of_inputs(total: int, wanted: int, draws: int, rng: np.random.Generator) -> list[Inputs]:
    """``draws`` samples of ``wanted`` of ``total`` inputs without replacement; one of all if there are no more."""
    if total <= wanted:
        return [np.arange(total)]
    return [np.sort(rng.choice(total, size=wanted, replace=False)) for _ in range(draws)]
