"""Which arrays stay where they are, and what is refused before anything is read of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spanmatch import InvalidActivations, Layer, match_radii
from spanmatch.theory.validation.arrays import to_numpy
from spanmatch.theory.validation.foreign import as_foreign, is_foreign, is_lazy
from spanmatch.theory.validation.pooling import pooled

VALUES = np.ones((4, 2), np.float32)


def strict(values: Any) -> Any:
    return pytest.importorskip("array_api_strict").asarray(values)


def lazy(values: Any) -> Any:
    return pytest.importorskip("dask.array").from_array(values, chunks=2)


def test_what_numpy_can_read_in_place_is_not_foreign() -> None:
    torch = pytest.importorskip("torch")
    for values in (VALUES, VALUES.tolist(), torch.tensor(VALUES), torch.empty(4, 2, device="meta"), None, "x"):
        assert not is_foreign(values)


@pytest.mark.parametrize("library", [strict, lazy])
def test_arrays_of_other_libraries_are(library: Any) -> None:
    values = library(VALUES)
    assert is_foreign(values)
    assert is_lazy(values) == (library is lazy)
    assert as_foreign(values, "X")[0] is values
    assert as_foreign(values, "X")[1] == "float32"


def test_cupy_is_asked_for_its_values() -> None:
    class Refusing:
        dtype, shape = np.dtype(np.float32), (4, 2)

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            raise TypeError("Implicit conversion to a NumPy array is not allowed")

        def get(self) -> Any:
            return VALUES

    cupy = type("ndarray", (Refusing,), {"__module__": "cupy"})()
    assert is_foreign(cupy)
    assert to_numpy(cupy, "X")[0] is VALUES
    with pytest.raises(InvalidActivations, match="Implicit conversion"):
        to_numpy(Refusing(), "X")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [(VALUES[0], "1-D"), (VALUES[:0], "no inputs"), (VALUES[:, :0], "no neurons"), (VALUES > 0, "dtype bool")],
)
def test_what_no_matrix_of_numbers_is(wrong: Any, message: str) -> None:
    with pytest.raises(InvalidActivations, match=message):
        as_foreign(strict(wrong), "X")


GRID = np.random.default_rng(3).standard_normal((6, 3, 2, 2)).astype(np.float32)
GRID[:, 1] = 0
HERE = Layer(GRID, "nchw", precision="bfloat16")


@pytest.fixture(params=[strict, lazy], ids=lambda library: library.__name__)
def layer(request: pytest.FixtureRequest) -> Layer:
    return Layer(request.param(GRID), "nchw", precision="bfloat16")


def test_a_layer_leaves_its_values_where_they_are(layer: Layer) -> None:
    assert is_foreign(layer.values)
    assert is_foreign(layer.matrix)
    assert is_foreign(layer.rows_there(np.arange(3)))
    assert is_foreign(layer.some(np.arange(3)).values)


def test_a_layer_is_the_same_from_any_library(layer: Layer) -> None:
    for what in ("images", "positions", "neurons", "dtype", "precision", "computed_in", "dead", "shape"):
        assert getattr(layer, what) == getattr(HERE, what), what
    numbers, order = np.array([1, 5, 23]), np.arange(6)[::-1]
    assert repr(layer) == repr(HERE)
    assert (np.asarray(layer) == HERE.matrix).all()
    assert (layer.rows(numbers, order) == HERE.rows(numbers, order)).all()
    assert (np.asarray(layer.some(numbers % 6)) == HERE.some(numbers % 6).matrix).all()
    assert (pooled(layer, {"h": 1, "w": 2}).values == pooled(HERE, {"h": 1, "w": 2}).values).all()


def test_a_number_that_is_not_finite_is_found_on_a_device() -> None:
    values = GRID.copy()
    values[4, 2, 1, 0] = np.inf
    with pytest.raises(InvalidActivations, match=r"Z: 1 of 72 .* infinity at input 18, neuron 2"):
        Layer(strict(values), "nchw").check_finite("Z")


def test_layers_compare_the_same_from_any_library(layer: Layer) -> None:
    other = Layer(GRID[::-1].copy(), "nchw")
    expected, found = (match_radii(one, other) for one in (HERE, layer))
    assert np.abs(expected.x - found.x).max() <= expected.error + found.error
