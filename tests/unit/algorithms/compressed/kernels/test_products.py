"""Products of two sides in strips: those of NumPy, and the same bits however many strips are made at once."""

from __future__ import annotations

import numpy as np
import pytest

from spanmatch.algorithms.compressed.kernels import products, threads


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i2"])
@pytest.mark.parametrize("widths", [(1, 1), (100, 29), (1, 200), (200, 1), (257, 515)])
def test_products_are_those_of_numpy(widths: tuple[int, int], dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, y = ((10 * rng.standard_normal((1_100, n))).astype(dtype) for n in widths)
    z = np.hstack([x, y], dtype=np.float64)
    found = products.products(x, y, leaf=64, exponents=None)
    assert found == pytest.approx(z.T @ z, rel=1e-12, abs=1e-9)
    assert (found == found.T).all()
    exponents = rng.integers(-3, 4, z.shape[1])
    scaled = np.ldexp(z, -exponents)
    assert products.products(x, y, 64, exponents) == pytest.approx(scaled.T @ scaled, rel=1e-12, abs=1e-9)


def test_fortran_order_and_rows_left_out() -> None:
    rng = np.random.default_rng(1)
    x, y = np.asfortranarray(rng.standard_normal((500, 90))), rng.standard_normal((1_000, 90))[::2]
    z = np.hstack([x, y])
    assert products.products(x, y, 64, None) == pytest.approx(z.T @ z, rel=1e-12, abs=1e-9)


def test_the_same_bits_on_one_thread_and_on_several(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = np.random.default_rng(2).standard_normal((2, 700, 300))

    def found(count: int) -> np.ndarray:
        token = threads._at_once.set(count)
        try:
            with threads.threads_for(0):
                return products.products(x, y, 64, None)
        finally:
            threads._at_once.reset(token)

    assert all((found(count) == found(1)).all() for count in (2, 3))
