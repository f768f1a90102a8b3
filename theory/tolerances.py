"""Every tolerance and error bound, derived from dtype, conditioning and inputs (docs/theory/numerics.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

UNIT_ROUNDOFF = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "float64": 2.0**-53}
_U = UNIT_ROUNDOFF["float64"]

LITERAL_ZERO = 1e-9
"""Literal least squares counts a relative residual up to this as 0, so that epsilon = 0 means something in floats."""

GRAM_RANK_TOLERANCE = 5e-7
"""A Gram matrix cannot tell a smaller pivot from rounding, whatever the dtype.

Source: docs/theory/numerics.md#rank-tolerance.
"""

NEAR = 10.0
"""A pivot within this factor of the rank tolerance leaves the rank open: another tolerance would decide otherwise."""


def rank_tolerance(dtype: str, neurons: int) -> float:
    """tau for unit columns: below it a pivot of the QR factorisation is rounding of the stored activations.

    4u for float16 and bfloat16, 32u for float32, 64 sqrt(neurons) u for float64 and integers; independent of the
    number of inputs, which ``algorithms.compressed.factor.QRFactor`` makes possible. Source:
    docs/theory/numerics.md#rank-tolerance (8 sqrt(neurons) u is too small: exactly dependent integer columns reach .4
    of that in a tree, 1.1 in one sweep).
    """
    u = UNIT_ROUNDOFF.get(dtype, _U)
    return u * {"float16": 4.0, "bfloat16": 4.0, "float32": 32.0}.get(dtype, 64.0 * math.sqrt(neurons))


@dataclass(frozen=True)
class Accuracy:
    """How exactly a factor holds the unit columns z of the data, and what error follows in a residual.

    ``column``: the factor is exact for columns z + e, |e| <= ``column``; ``product``: its inner products are within
    ``product`` of the exact ones. Let r = |z_v - sum_a c_a z_a| be a residual, c the coefficients that attain it, and
    *reach* = 1 + |c|_1. The same c on the columns that are off leave at most r + column reach, and the same holds
    with the two exchanged; r^2 is a quadratic form in the inner products with coefficients (1, -c), so it is off by
    at most product reach^2. Hence

        |computed r - r| <= column reach + root_error(product reach^2, r).

    Source: docs/theory/numerics.md#inexact-columns.
    """

    column: float
    product: float = 0.0

    def reach(self, lengths: Vector, dual: float) -> Vector:
        """1 + |c|_1 for computed coefficients of these ``lengths`` |c|_1, with room for their own error: up to the
        square of ``dual``, the sum of the lengths of the dual vectors, times that of the factor."""
        return 1 + lengths + (self.column + self.product) * dual**2

    def errors(self, residuals: npt.ArrayLike, reach: npt.ArrayLike) -> Vector:
        """The bound above, for each computed residual."""
        return self.column * np.asarray(reach) + root_error(self.product * np.square(reach), residuals)


def factor_accuracy(route: str, inputs: int) -> Accuracy:
    """Of the factor of so many inputs.

    A leaf of the tree of QR factorisations rounds a column by a few u, up to 16 u where all of it rounds in one
    direction (constant columns), and so does each of the log2(inputs / 256) levels above it. An inner product is
    rounded once for each row of a leaf (``algorithms.compressed.factor``: at most a few hundred before libraries
    themselves add in pieces), at most half of that relative to |z_i| |z_j|; sums of leaves add next to nothing.
    """
    levels = max(0, math.ceil(math.log2(max(1, inputs) / 256)))
    return Accuracy(column=(16 + 4 * levels) * _U) if route == "qr" else Accuracy(column=16 * _U, product=128 * _U)


def root_error(square_error: npt.ArrayLike, residual: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """How far r may lie from a computed value when its square is off by up to ``square_error``: r - sqrt(r^2 - e),
    about e / 2r, and sqrt(e) near 0."""
    e = np.asarray(square_error, dtype=np.float64)
    square = np.maximum(np.square(residual), e)
    return np.asarray(e / np.maximum(np.sqrt(square) + np.sqrt(square - e), 1e-300))


def gram_error(condition: float, least_residual: float) -> float:
    """Bound on the error of every residual, against any part of a side, from a Gram matrix of full rank.

    A Gram matrix squares the condition number: r^2 is off by up to a multiple of u condition^2. ``condition``:
    Frobenius norm K of the dual basis, which no part of an independent side exceeds. With k predicting neurons
    reach <= 1 + sqrt(k) K, so product reach^2 <= (1 + sqrt(k))^2 product K^2 for certain; for many neurons the errors
    of single products do not all have the sign that this supposes, and 256 u K^2 has held on every set tried.
    ``least_residual``: no residual that is asked for is smaller. Source: docs/theory/numerics.md#gram-or-qr.
    """
    return float(root_error(256 * _U * condition**2, least_residual))


def factorises(neurons: int, condition: float) -> bool:
    """Whether rounding cannot keep a Gram matrix from having a Cholesky factorisation, however it is computed.

    The computed factor is the exact one of a matrix that is off by a multiple of u neurons, and all pivots are positive
    as long as this is below the least eigenvalue, which is at least 1 / condition^2 (Higham, *Accuracy and Stability of
    Numerical Algorithms*, theorem 10.7). ``condition``: as in ``gram_error``.
    """
    return 4 * neurons * _U * condition**2 < 1
