"""Averages over positions agree with torch's adaptive pooling, and keep what the layer means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from spanmatch import Layer
from spanmatch.theory.validation.pooling import common_resolution, pooled

POOLS: dict[str, Any] = {
    "ncl": torch.nn.functional.adaptive_avg_pool1d,
    "nchw": torch.nn.functional.adaptive_avg_pool2d,
    "ncdhw": torch.nn.functional.adaptive_avg_pool3d,
}


@pytest.mark.parametrize(
    ("axes", "shape", "smaller"),
    [
        ("ncl", (3, 2, 7), (7,)),
        ("ncl", (3, 2, 7), (3,)),
        ("nchw", (70, 2, 6, 4), (3, 2)),
        ("nchw", (3, 2, 7, 5), (4, 3)),
        ("nchw", (3, 2, 7, 5), (1, 5)),
        ("ncdhw", (3, 2, 4, 3, 5), (2, 2, 2)),
    ],
)
def test_as_in_torch(axes: str, shape: tuple[int, ...], smaller: tuple[int, ...]) -> None:
    values = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = pooled(Layer(values, axes), dict(zip(axes[2:], smaller, strict=True)))
    expected = POOLS[axes](values, smaller).movedim(1, -1)
    np.testing.assert_allclose(found.by_image, expected.reshape(len(values), -1, 2), atol=1e-14)
    assert found.resolution == dict(zip(axes[2:], smaller, strict=True))


@pytest.mark.parametrize(
    ("dtype", "precision", "after"),
    [("float16", None, "float16"), ("float32", "bfloat16", "float32"), ("float64", None, "float64"),
     ("int8", None, "float64")],
)  # fmt: skip
def test_what_the_layer_means_is_kept(dtype: str, precision: Any, after: str) -> None:
    layer = Layer(np.arange(24).reshape(2, 3, 4).astype(dtype), "ntc", precision=precision, inputs=["a", "b"])
    found = pooled(layer, {})
    assert (found.axes, found.dtype.name, found.inputs) == ("nc", after, ("a", "b"))
    assert found.precision == (precision or after)
    np.testing.assert_array_equal(found.values, layer.values.mean(axis=1))
    assert pooled(layer, layer.resolution) is layer


def test_the_smaller_resolution_axis_by_axis() -> None:
    def layer(axes: str, *shape: int) -> Layer:
        return Layer(np.ones(shape), axes)

    assert common_resolution(layer("nchw", 2, 1, 8, 3), layer("nhwc", 2, 4, 5, 1)) == {"h": 4, "w": 3}
    assert common_resolution(layer("nchw", 2, 1, 8, 3), layer("nc", 2, 1)) == {}
    assert common_resolution(layer("nchw", 2, 1, 8, 3), layer("ntc", 2, 4, 1)) is None
