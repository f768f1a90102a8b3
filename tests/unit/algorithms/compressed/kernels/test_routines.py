"""Routines by their addresses agree with NumPy, on blocks of larger matrices too, and read and write no more."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import cython_lapack

from spanmatch.algorithms.compressed.kernels.routines import (
    _call,
    _matrix,
    _routine,
    add_product,
    add_square,
    dual_basis,
    solve_lower,
    square_lower,
    times_lower,
)

SIZES = st.integers(0, 9)


def block(rng: np.random.Generator, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """A block of random numbers, and the matrix around it."""
    around = rng.standard_normal((rows + 3, columns + 4))
    return around[1 : rows + 1, 2 : columns + 2], around


def lower_triangle(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.tril(rng.standard_normal((n, n))) + 4 * np.eye(n)


@given(k=SIZES, m=SIZES, n=SIZES, seed=st.integers(0, 2**32))
def test_they_agree_with_numpy(k: int, m: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = block(rng, k, m)[0], block(rng, k, n)[0]
    lower, holder = block(rng, m, m)
    lower[:] = lower_triangle(rng, m)
    triangle = lower.copy()

    def changed(run: Callable[[np.ndarray], Any], rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """A block before and after; what is around it stays."""
        out, around = block(rng, rows, columns)
        before, outside = out.copy(), around.copy()
        run(out)
        after = out.copy()
        out[:] = before
        assert (around == outside).all()
        return before, after

    before, after = changed(lambda out: add_product(a, b, out, -2.0), m, n)
    assert after == pytest.approx(before - 2 * a.T @ b)
    before, after = changed(lambda out: add_square(a, out), m, m)
    assert after == pytest.approx(np.where(np.tri(m, dtype=bool), before + a.T @ a, before))
    for transposed, matrix in ((False, triangle), (True, triangle.T)):
        before, after = changed(lambda out, turned=transposed: times_lower(lower, out, transposed=turned), m, n)
        assert after == pytest.approx(matrix @ before)
    before, after = changed(lambda out: solve_lower(lower, out), m, n)
    assert triangle @ after == pytest.approx(before)
    square_lower(lower)
    assert np.tril(lower) == pytest.approx(np.tril(triangle.T @ triangle))
    assert (holder[0] != 0).all()
    dual = dual_basis(triangle @ triangle.T)
    assert dual is not None
    assert dual @ triangle == pytest.approx(np.eye(m), abs=1e-9)


def test_no_dual_basis() -> None:
    assert dual_basis(np.ones((3, 3)) - 0.1 * np.eye(3)) is None


AT_AN_ODD_ADDRESS = np.frombuffer(bytes(8 * 15 + 1), np.uint8)[1:].view(np.float64).reshape(5, 3)


@pytest.mark.parametrize(
    ("a", "b", "out"),
    [
        (np.ones((5, 2)), np.ones((5, 3)), np.ones((3, 3))),
        (np.ones((5, 2)), np.ones((4, 3)), np.ones((2, 3))),
        (np.ones((0, 2)), np.ones((0, 3)), np.ones((2, 0))),
        (np.ones((5, 2)), np.ones((5, 3), np.float32), np.ones((2, 3))),
        (np.ones((5, 2)), np.ones((5, 3), ">f8"), np.ones((2, 3))),
        (np.ones((5, 2)), np.ones((3, 5)).T, np.ones((2, 3))),
        (np.ones((5, 2)), np.ones((5, 6))[:, ::2], np.ones((2, 3))),
        (np.ones((5, 2)), np.ones((5, 3))[::-1], np.ones((2, 3))),
        (np.ones((5, 2)), np.broadcast_to(np.ones(3), (5, 3)), np.ones((2, 3))),
        (np.ones((5, 2)), np.lib.stride_tricks.sliding_window_view(np.ones(7), 3), np.ones((2, 3))),
        (np.ones((5, 2)), AT_AN_ODD_ADDRESS, np.ones((2, 3))),
        (np.ones((5, 2)), np.ones((5, 3)), np.frombuffer(bytes(48)).reshape(2, 3)),
    ],
    ids=[
        "out too large",
        "other inputs",
        "no outputs",
        "float32",
        "bytes swapped",
        "Fortran's order",
        "columns left out",
        "rows backwards",
        "one row again and again",
        "rows that overlap",
        "not aligned",
        "read-only",
    ],
)
def test_what_does_not_fit(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"need float64 of shape|read-only"):
        add_product(a, b, out)


def test_a_row_or_a_column_of_any_stride() -> None:
    values = np.arange(12.0).reshape(3, 4)
    column, row, out = values.T[:, :1], values[::-7], np.zeros((1, 1))
    assert column.flags.c_contiguous
    add_product(column, column, out)
    assert out[0, 0] == 14
    out = np.zeros((4, 4))
    add_square(row, out)
    assert (out == np.tril(np.outer(values[2], values[2]))).all()


@pytest.mark.parametrize("integer", ["int64_t", "long long"])
def test_a_scipy_with_other_integers(integer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as SciPy may be built with; of others a routine is not called."""
    name = f"void (char *, {integer} *, __pyx_t_d *, {integer} *, {integer} *)".encode()
    seen = []

    @ctypes.CFUNCTYPE(None, ctypes.c_char_p, *[ctypes.POINTER(ctypes.c_int64)] * 4)
    def routine(part: bytes, n: Any, values: Any, distance: Any, info: Any) -> None:
        seen.append((part[:1], n[0], distance[0]))
        info[0] = 2**40

    new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    capsule = new(("PyCapsule_New", ctypes.pythonapi))(ctypes.cast(routine, ctypes.c_void_p), name, None)
    monkeypatch.setitem(vars(cython_lapack)["__pyx_capi__"], "dlauum", capsule)
    _routine.cache_clear()
    try:
        if integer == "int64_t":
            assert _call("dlauum", b"U", 3, *_matrix(np.ones((3, 5))[:, :3], 3, 3)) == 2**40
            assert seen == [(b"U", 3, 5)]
        else:
            with pytest.raises(ImportError, match="got dlauum of"):
                square_lower(np.ones((3, 3)))
            assert not seen
    finally:
        _routine.cache_clear()
