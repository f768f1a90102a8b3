"""BLAS and LAPACK in float64, which several threads of Python can run at the same time.

SciPy's own wrappers keep the interpreter's lock while they compute. Here the same routines are called by their
addresses, which ``scipy.linalg.cython_blas`` and ``cython_lapack`` publish for compiled code, and ``ctypes`` gives the
lock up meanwhile. A matrix may be a block of a larger one, and is in C's order: in Fortran's it would be the transpose,
so upper triangles there are lower ones here.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.linalg import cython_blas, cython_lapack

from ....theory.validation import Array


def add_product(a: Float[Array, "k m"], b: Float[Array, "k n"], out: Float[Array, "m n"], factor: float = 1.0) -> None:
    """``out`` += factor a'b."""
    (k, m), n = a.shape, b.shape[1]
    first, second, result = _matrix(a, k, m), _matrix(b, k, n), _changed(out, m, n)
    _call("dgemm", b"N", b"T", n, m, k, factor, *second, *first, 1.0, *result)


def add_square(a: Float[Array, "k m"], out: Float[Array, "m m"]) -> None:
    """The lower triangle of ``out`` += that of a'a."""
    k, m = a.shape
    values, result = _matrix(a, k, m), _changed(out, m, m)
    _call("dsyrk", b"U", b"N", m, k, 1.0, *values, 1.0, *result)


def dual_basis(gram: Float[Array, "n n"]) -> Float[Array, "n n"] | None:
    """The lower triangular D with D gram D' = 1; None if rounding allows none. Reads the lower triangle."""
    dual, n = np.tril(gram), len(gram)
    values = _changed(dual, n, n)
    return None if _call("dpotrf", b"U", n, *values) or _call("dtrtri", b"U", b"N", n, *values) else dual


def times_lower(lower: Float[Array, "m m"], rows: Float[Array, "m n"], *, transposed: bool = False) -> None:
    """``rows`` becomes lower rows, or lower' rows."""
    _by_triangle("dtrmm", b"T" if transposed else b"N", lower, rows)


def solve_lower(lower: Float[Array, "m m"], rows: Float[Array, "m n"]) -> None:
    """``rows`` becomes lower^-1 rows."""
    _by_triangle("dtrsm", b"N", lower, rows)


def _by_triangle(name: str, turned: bytes, lower: Array, rows: Array) -> None:
    m, n = rows.shape
    triangle, values = _matrix(lower, m, m), _changed(rows, m, n)
    _call(name, b"R", b"U", turned, b"N", n, m, 1.0, *triangle, *values)


def square_lower(lower: Float[Array, "n n"]) -> None:
    """``lower`` becomes the lower triangle of lower' lower."""
    n = len(lower)
    _call("dlauum", b"U", n, *_changed(lower, n, n))


def _changed(matrix: Array, rows: int, columns: int) -> tuple[int, int]:
    """As ``_matrix``, for one that is written to."""
    if not matrix.flags.writeable:
        raise ValueError(f"got an array of shape {matrix.shape} that is read-only, need one to write to")
    return _matrix(matrix, rows, columns)


def _matrix(matrix: Array, rows: int, columns: int) -> tuple[int, int]:
    """Its address and the distance of its rows. Raises: ``ValueError`` unless it is of that shape: more than it has
    would be read or written."""
    size = matrix.itemsize
    fits = matrix.shape == (rows, columns) and matrix.dtype == np.float64 and matrix.flags.aligned
    # Along one row or one column the stride may be any, and the matrix counts as contiguous.
    distance = matrix.strides[0] if fits and rows > 1 and columns else columns * size
    together = not fits or not rows or columns < 2 or matrix.strides[1] == size
    if not (fits and together and distance >= columns * size and distance % size == 0):
        raise ValueError(
            f"got {matrix.dtype} of shape {matrix.shape} with strides {matrix.strides}, need float64 of shape "
            f"({rows}, {columns}) in C's order"
        )
    return matrix.ctypes.data, max(distance // size, 1)


_INTEGERS = {"int": ctypes.c_int, "int64_t": ctypes.c_int64}
"""SciPy can be built with either."""


def _call(name: str, *arguments: bytes | int | float) -> int:
    """Runs a routine; ``int`` is an address where it takes matrices. Returns: 0, or where LAPACK failed."""
    routine, kinds = _routine(name)
    info = _INTEGERS[kinds[-1]]()
    # Only LAPACK's have one more argument, in which they say how it went.
    routine(*(_passed(kind, given) for kind, given in zip(kinds, (*arguments, info), strict=False)))
    return int(info.value)


def _passed(kind: str, given: Any) -> Any:
    """An argument as Fortran takes it: by its address."""
    if isinstance(given, float):
        return ctypes.byref(ctypes.c_double(given))
    if kind in _INTEGERS:
        return ctypes.byref(_INTEGERS[kind](given) if isinstance(given, int) else given)
    return given


@cache
def _routine(name: str) -> tuple[Callable[..., None], list[str]]:
    """What may be called, and the types that its arguments point to."""
    capsule = {**vars(cython_blas)["__pyx_capi__"], **vars(cython_lapack)["__pyx_capi__"]}[name]
    # Prototypes of our own: those of ``ctypes.pythonapi`` are everyone's.
    read, api = ctypes.PYFUNCTYPE, ctypes.pythonapi
    signature = read(ctypes.c_char_p, ctypes.py_object)(("PyCapsule_GetName", api))(capsule)
    address = read(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", api))(
        capsule, signature
    )
    kinds = re.findall(r"(\w+) \*", signature.decode())
    if unknown := [kind for kind in kinds if kind not in {"char", *_INTEGERS} and not kind.endswith("_d")]:
        raise ImportError(f"scipy.linalg: got {name} of {unknown}, need {list(_INTEGERS)}; install another SciPy")
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(kinds))(address), kinds
