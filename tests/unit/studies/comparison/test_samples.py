"""Positions are drawn without replacement, the same on both sides, from a seed and the layer's name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from spanmatch.studies.comparison.samples import LayerActivations, draws_of_inputs, generator
from spanmatch.theory.errors import InvalidActivations, InvalidOption
from spanmatch.theory.validation import flatten_conv


def conv() -> np.ndarray:
    return np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_rows_are_those_of_flatten_conv(layout: Any) -> None:
    layer = LayerActivations.of(conv(), layout, "A")
    flat = flatten_conv(conv(), layout)
    assert (layer.images, layer.positions, layer.neurons) == ((2, 20, 3) if layout == "nchw" else (2, 12, 5))
    np.testing.assert_array_equal(layer.rows(np.arange(len(flat))), flat)
    np.testing.assert_array_equal(layer.rows(np.array([7, 3])), flat[[7, 3]])


def test_a_shuffle_takes_whole_images_at_their_positions() -> None:
    layer = LayerActivations.of(conv(), "nchw", "A")
    swapped = LayerActivations.of(conv()[::-1], "nchw", "A")
    inputs = np.array([0, 5, 19, 20, 39])
    np.testing.assert_array_equal(layer.rows(inputs, np.array([1, 0])), swapped.rows(inputs))


def test_draws_are_without_replacement_and_from_everywhere() -> None:
    draws = draws_of_inputs(500, 100, 16, generator(0, "conv1"))
    assert len(draws) == 16
    assert all(len(np.unique(draw)) == 100 and draw.min() >= 0 and draw.max() < 500 for draw in draws)
    counts = np.bincount(np.concatenate(draws), minlength=500)
    # 16 draws with chance 1/5 each: 3.2 a position on average.
    assert abs(counts[:250].sum() - 800) < 100
    assert len(np.unique(counts)) > 3


def test_all_of_them_once_when_there_are_no_more() -> None:
    for wanted in (10, 11):
        (draw,) = draws_of_inputs(10, wanted, 16, generator(0, "conv1"))
        np.testing.assert_array_equal(draw, np.arange(10))


def test_the_seed_and_the_names_decide() -> None:
    def first(*key: Any) -> list[int]:
        return generator(*key).integers(2**62, size=2).tolist()

    assert first(0, "draws", "a") == first(0, "draws", "a")
    assert (
        len({tuple(first(*key)) for key in ((0, "draws", "a"), (1, "draws", "a"), (0, "draws", "b"), (0, "x", "a"))})
        == 4
    )


def test_dead_neurons_are_those_that_are_zero_everywhere() -> None:
    values = conv()
    values[:, 1] = 0
    values[:, 2] = 0
    values[1, 2, 3, 4] = 1e-30
    assert LayerActivations.of(values, "nchw", "A").dead == 1


def test_tensors_keep_their_dtype_in_mind() -> None:
    layer = LayerActivations.of(torch.ones(3, 2, dtype=torch.bfloat16, requires_grad=True), "nchw", "A")
    assert (layer.dtype, layer.values.dtype) == ("bfloat16", np.float32)


def broken(index: tuple[int, ...], value: float) -> np.ndarray:
    values = conv()
    values[index] = value
    return values


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros(3), r"A: got shape \(3,\) \(1-D\).*reshape\(-1, 1\)"),
        (np.zeros((2, 3, 4)), r"3-D.*each \(image, token\) an input"),
        (np.zeros((2, 3, 4, 5, 6)), r"5-D"),
        (np.zeros((0, 3)), "no inputs"),
        (np.zeros((3, 0)), "no neurons"),
        (np.zeros((2, 3, 0, 5)), "no inputs"),
        (np.array([["a"]]), "dtype str"),
        (np.array([[1j]]), "dtype complex128"),
        (np.array([[True]]), "dtype bool"),
        (np.array([[{}]], dtype=object), "dtype object"),
        (None, "got None"),
        (broken((1, 2, 3, 4), np.nan), r"first: NaN at input 39, neuron 2"),
        (broken((0, 1, 0, 3), np.inf), r"first: infinity at input 3, neuron 1"),
    ],
)
def test_bad_activations_are_named(values: Any, message: str) -> None:
    with pytest.raises(InvalidActivations, match=message):
        LayerActivations.of(values, "nchw", "A")


def test_an_unknown_layout_is_an_error() -> None:
    with pytest.raises(InvalidOption, match="layout: got 'chwn', need one of 'nchw', 'nhwc'"):
        LayerActivations.of(conv(), "chwn", "A")  # type: ignore[arg-type]
