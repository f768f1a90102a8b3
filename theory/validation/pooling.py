"""Layers of unequal resolution: averaged over positions, to the smaller of the two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import to_numpy
from .layer import Layer

TOGETHER = 64
"""Images that are averaged at a time."""


def common_resolution(A: Layer, B: Layer) -> dict[str, int] | None:
    """The smaller length of each axis of positions; none at all if one layer has none; None if the axes differ."""
    if A.resolution.keys() == B.resolution.keys():
        return {axis: min(length, B.resolution[axis]) for axis, length in A.resolution.items()}
    return None if A.resolution and B.resolution else {}


def same_positions(A: Layer, B: Layer) -> bool:
    """Whether the positions of two layers can be the same ones: axes of one name are of one length, and where the names
    differ, as of tokens and a grid, there are as many."""
    if A.resolution.keys() == B.resolution.keys():
        return A.resolution == B.resolution
    return A.positions == B.positions


def pooled(layer: Layer, resolution: Mapping[str, int]) -> Layer:
    """The averages over bins of positions, so that each axis has the length that ``resolution`` says, or is gone.

    Bin i of r of an axis of length n holds the positions from floor(i n / r) up to ceil((i + 1) n / r), as in adaptive
    average pooling. Sums are float64; the precision stays that of the layer.
    """
    if resolution == layer.resolution:
        return layer
    axes = layer.resolution
    blocks = []
    for first in range(0, layer.images, TOGETHER):
        images = to_numpy(layer.by_image[first : min(first + TOGETHER, layer.images), ...], "values")[0]
        blocks.append(_averaged(images.reshape(len(images), *axes.values(), layer.neurons), axes, resolution))
    joined, names = np.concatenate(blocks), f"n{''.join(resolution)}c"
    if layer.dtype.kind != "f":
        return Layer(joined, names, inputs=layer.inputs)
    return Layer(joined.astype(layer.dtype, copy=False), names, precision=layer.precision, inputs=layer.inputs)


def _averaged(values: npt.NDArray[Any], axes: Mapping[str, int], resolution: Mapping[str, int]) -> npt.NDArray[Any]:
    for place, (axis, length) in reversed(list(enumerate(axes.items(), 1))):
        wanted = resolution.get(axis, 1)
        bins = [slice(i * length // wanted, -(-(i + 1) * length // wanted)) for i in range(wanted)]
        moved = np.moveaxis(values, place, 0)
        means = [moved[one].mean(axis=0, dtype=np.float64) for one in bins]
        values = np.stack(means, axis=place) if axis in resolution else means[0]
    return values
