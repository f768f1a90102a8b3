"""Which inputs are looked at: the published sampling of positions, and the shuffles of the permuted-inputs null.

A layer's activations are (images, neurons) or (images, channels, height, width). An input is an image, or an image
and a position in it. Samples take the same inputs on both sides; shuffles pair each image of one side with another
image of the other, position by position. Everything follows from a seed and the layers' names, not from their order.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ...theory.errors import InvalidActivations
from ...theory.validation import as_matrix, check_finite, check_shape, to_numpy
from ...theory.validation.options import as_option

Layout = Literal["nchw", "nhwc"]
Raw = npt.NDArray[Any]

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

    def rows(self, inputs: npt.NDArray[np.int64], order: npt.NDArray[np.int64] | None = None) -> Raw:
        """The (inputs, neurons) array of the numbered inputs (image * positions + position).

        ``order``: take image ``order[i]`` in place of image i.
        """
        image, position = np.divmod(inputs, self.positions)
        return np.asarray(self.values[image if order is None else order[image], position])


def generator(seed: int, *what: str | int) -> np.random.Generator:
    """A random generator that belongs to this seed and these names."""
    return np.random.default_rng([seed, *(zlib.crc32(str(one).encode()) for one in what)])


def draws_of_inputs(total: int, wanted: int, draws: int, rng: np.random.Generator) -> list[npt.NDArray[np.int64]]:
    """``draws`` samples of ``wanted`` of ``total`` inputs without replacement; one of all if there are no more."""
    if total <= wanted:
        return [np.arange(total)]
    return [np.sort(rng.choice(total, size=wanted, replace=False)) for _ in range(draws)]
