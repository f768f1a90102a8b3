"""Products of two sides in strips: those of NumPy, and the same bits however many strips are made at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import spanmatch
from spanmatch.algorithms.compressed.kernels import products, threads


def check_products(x: np.ndarray, y: np.ndarray, exponents: np.ndarray | None = None) -> None:
    found = products.products(x, y, 64, exponents)
    z = np.hstack([x, y], dtype=np.float64)
    z = z if exponents is None else np.ldexp(z, -exponents)
    np.testing.assert_allclose(found, z.T @ z, rtol=1e-12, atol=1e-9)
    assert (found == found.T).all()


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i2"])
@pytest.mark.parametrize("widths", [(1, 1), (100, 29), (1, 200), (200, 1), (257, 515)])
def test_products_are_those_of_numpy(widths: tuple[int, int], dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, y = ((10 * rng.standard_normal((1_100, n))).astype(dtype) for n in widths)
    check_products(x, y)
    check_products(x, y, rng.integers(-3, 4, sum(widths)))


@pytest.mark.parametrize("few", [1, 90])
def test_whatever_their_order(few: int) -> None:
    """In Fortran's order one neuron counts as contiguous, although the next number is far away."""
    rng = np.random.default_rng(1)
    x, y = np.asfortranarray(rng.standard_normal((500, 91)))[:, -few:], rng.standard_normal((1_000, 140))[::-2]
    check_products(x, y)
    check_products(y, x)


def at_an_odd_address(x: np.ndarray) -> np.ndarray:
    return np.frombuffer(b"-" + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape)


@pytest.mark.parametrize("change", [np.float32, np.asfortranarray, lambda x: x[:, ::-1], at_an_odd_address])
def test_copies_are_small(change: Callable[[np.ndarray], np.ndarray]) -> None:
    x = change(np.arange(4.0 * products.BLOCK).reshape(-1, 100))
    found = [piece for (piece,) in products.pieces(x)]
    assert max(piece.size for piece in found) <= products.BLOCK
    assert (np.vstack(found) == x).all()


@pytest.mark.parametrize("widths", [(300, 260), (520, 40)])
def test_the_same_radii_on_one_thread_and_on_several(widths: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    X, Y = (rng.standard_normal((700, n)) for n in widths)
    Y[:, ::2] += X[:, : len(Y[0, ::2])]

    def found(count: int) -> np.ndarray:
        with threads.one_thread_each(2 * threads.SMALL):
            threads._at_once.set(count)
            radii = spanmatch.compress(X, Y, method="gram").match_radii()
        return np.concatenate([radii.x, radii.y])

    alone = found(1)
    assert all((found(count) == alone).all() for count in (2, 3))
