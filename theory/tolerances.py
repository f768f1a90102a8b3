"""Every tolerance, derived from dtype and conditioning (docs/theory/numerics.md)."""

from __future__ import annotations

import math

UNIT_ROUNDOFF = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "float32": 2.0**-24, "float64": 2.0**-53}

LITERAL_ZERO = 1e-9
"""Literal least squares counts a relative residual up to this as 0, so that epsilon = 0 means something in floats."""


def rank_tolerance(dtype: str, neurons: int) -> float:
    """tau for unit columns: below it a pivot of the QR factorisation is rounding of the stored activations.

    4u for float16 and bfloat16, 32u for float32, 64 sqrt(neurons) u for float64 and integers; independent of the
    number of inputs, which ``algorithms.compressed.factor.QRFactor`` makes possible. Source:
    docs/theory/numerics.md#rank-tolerance (8 sqrt(neurons) u is too small: exactly dependent integer columns reach .4
    of that in a tree, 1.1 in one sweep).
    """
    u = UNIT_ROUNDOFF.get(dtype, UNIT_ROUNDOFF["float64"])
    return u * {"float16": 4.0, "bfloat16": 4.0, "float32": 32.0}.get(dtype, 64.0 * math.sqrt(neurons))


def gram_error(condition: float, least_residual: float) -> float:
    """Bound on the rounding error of a relative residual computed in float64 from a Gram matrix.

    A Gram matrix squares the condition number: r^2 is off by up to a multiple of u condition^2, so r by that over r,
    and by its square root near r = 0. ``condition``: Frobenius norm of the dual basis, whose square already grows with
    the number of neurons; ``least_residual``: no residual that is asked for is smaller. Source:
    docs/theory/numerics.md#gram-or-qr.
    """
    squared = 64 * UNIT_ROUNDOFF["float64"] * condition**2
    return max(1e-12, squared / max(least_residual, math.sqrt(squared)))


GRAM_RANK_TOLERANCE = 5e-7
"""A Gram matrix cannot tell a smaller pivot from rounding, whatever the dtype.

Source: docs/theory/numerics.md#rank-tolerance.
"""


def residual_error(condition: float) -> float:
    """Bound on the rounding error of a relative residual computed in float64 by orthogonal factorisation.

    ``condition``: condition number of the unit columns of the predicting side's basis. A column-wise relative
    perturbation of u turns a subspace by up to u times the condition; 100 leaves room for the factorisations.
    """
    return max(1e-12, 100 * UNIT_ROUNDOFF["float64"] * condition)
