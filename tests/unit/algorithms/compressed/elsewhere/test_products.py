"""The same radii whatever library holds the activations, and no more than blocks of them come here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import spanmatch
from spanmatch import Compressor, InvalidActivations, compress
from spanmatch.algorithms.compressed.elsewhere import place, products
from spanmatch.algorithms.compressed.factor import GramFactor

RNG = np.random.default_rng(5)
X = np.maximum(RNG.standard_normal((5_000, 6)), 0)
Y = X[:, ::-1] + 0.3 * RNG.standard_normal((5_000, 6))


def strict(values: Any) -> Any:
    return pytest.importorskip("array_api_strict").asarray(values)


def torch(values: Any) -> Any:
    return pytest.importorskip("torch").tensor(values, requires_grad=True)


def jax(values: Any) -> Any:
    return pytest.importorskip("jax").numpy.asarray(values)


def dask(values: Any) -> Any:
    return pytest.importorskip("dask.array").from_array(values, chunks=(1_300, 4))


@pytest.fixture(params=[strict, torch, jax, dask], ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    chosen: Callable[[Any], Any] = request.param
    return chosen


@pytest.mark.parametrize("method", ["auto", "qr"])
def test_the_radii_are_those_of_numpy(library: Callable[[Any], Any], method: Any) -> None:
    # JAX holds float32 unless it is told otherwise.
    x, y = X.astype(np.float32), Y.astype(np.float32)
    expected, found = (compress(*pair, method=method).match_radii() for pair in ((x, y), (library(x), library(y))))
    for side, other in ((expected.x, found.x), (expected.y, found.y)):
        assert np.abs(side - other).max() <= expected.error + found.error < 1e-8
    assert compress(library(x), y).dtypes == ("float32", "float32")


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_half_precision_keeps_its_tolerance(name: str) -> None:
    jnp = pytest.importorskip("jax.numpy")
    torch = pytest.importorskip("torch")
    halves = [torch.tensor(side).to(getattr(torch, name)) for side in (X, Y)]
    # The same values: JAX rounds float64 by way of float32.
    pairs = [[jnp.asarray(side.float().numpy(), dtype=name) for side in halves], halves]
    mine, theirs = (compress(*pair) for pair in pairs)
    assert mine.dtypes == theirs.dtypes == (name, name)
    assert mine.tau == theirs.tau
    assert mine.match_radii().x == pytest.approx(theirs.match_radii().x, abs=1e-8)


@pytest.mark.parametrize("numbers", [products.NUMBERS, 1_200])
@pytest.mark.parametrize("rows", [10, 640, 64 * 7 + 3])
def test_products_in_float64_where_the_rows_are(rows: int, numbers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Few numbers at a time: the products of several steps are added there.
    monkeypatch.setattr(products, "NUMBERS", numbers)
    z, leaf = np.hstack([X, Y])[:rows], 64
    found = products.products_there(strict(X[:rows]), strict(Y[:rows]), leaf)
    assert found is not None
    assert found.gram.here() == pytest.approx(z.T @ z, rel=1e-13, abs=1e-12)
    assert found.squares == pytest.approx(np.square(z).sum(axis=0), rel=1e-13)
    assert found.sums == pytest.approx(z.sum(axis=0), rel=1e-13)
    assert (found.sizes == np.abs(z).max(axis=0)).all()


def test_only_products_come_here(monkeypatch: pytest.MonkeyPatch) -> None:
    brought: list[int] = []
    original = place.to_numpy

    def counted(rows: Any, name: str) -> Any:
        brought.append(rows.shape[0])
        return original(rows, name)

    monkeypatch.setattr(place, "to_numpy", counted)
    monkeypatch.setattr(GramFactor, "add", None)
    x = X.copy()
    # It is no reason to read the rows here that a neuron is dead.
    x[:, 2] = 0
    assert compress(strict(x), strict(Y)).dead.x == {2}
    assert brought
    assert max(brought) <= 12


def test_products_stay_there_until_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    brought: list[int] = []
    here = products.GramThere.here
    monkeypatch.setattr(products.GramThere, "here", lambda self: brought.append(1) or here(self))
    first, second = Compressor(6, 6), Compressor(6, 6)
    for rows in (slice(0, 2_000), slice(2_000, 3_000)):
        first.update(strict(X[rows]), strict(Y[rows]))
    second.update(strict(X[3_000:]), strict(Y[3_000:]))
    assert not brought
    found, expected = first.merge(second).finish().match_radii(), spanmatch.match_radii(X, Y)
    assert len(brought) == 2
    assert np.abs(found.x - expected.x).max() <= found.error + expected.error


def test_what_rounding_takes_from_sums_is_kept_there() -> None:
    place_of = place.Place.of(strict(X), strict(Y))
    assert place_of is not None
    total, small = (products.GramThere(place_of, tuple([strict(np.full((1, 1), size))] * 3)) for size in (1.0, 2**-54))
    for _ in range(100):
        total = total.plus(small)
    assert (total.here() == 1 + 100 * 2**-54).all()


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_sizes_that_squares_do_not_hold(scale: float) -> None:
    expected, found = (compress(*pair).match_radii() for pair in ((X, Y), (strict(X * scale), strict(Y * scale))))
    assert np.abs(expected.x - found.x).max() <= expected.error + found.error


def test_a_number_that_is_not_finite_is_named(library: Callable[[Any], Any]) -> None:
    x = X.astype(np.float32)
    x[4_321, 2] = np.nan
    compressor = Compressor(6, 6)
    with pytest.raises(InvalidActivations, match=r"X: 1 of .* NaN at input 4321, neuron 2"):
        compressor.update(library(x), library(Y.astype(np.float32)))
    assert compressor.inputs == 0
    assert compressor.dtypes is None


def test_other_dtypes_are_named(library: Callable[[Any], Any]) -> None:
    if library is torch:
        pytest.skip("complex gradients are another matter")
    with pytest.raises(InvalidActivations, match=r"X: got dtype complex64.*real"):
        spanmatch.match_radii(library(X.astype(np.complex64)), library(Y))


def test_the_null_of_a_stream_from_another_library(library: Callable[[Any], Any]) -> None:
    x, y = X[:600].astype(np.float32), Y[:600].astype(np.float32)
    expected, found = (Compressor(6, 6, shuffles=2).update(*pair).null() for pair in ((x, y), (library(x), library(y))))
    for one, other in zip(expected, found, strict=True):
        assert np.abs(one.x - other.x).max() <= one.error + other.error
