"""The triangular factor of a tall matrix, by a tree of small QR factorisations (TSQR)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ..theory.validation import Array


def triangular_factor(Z: Float[Array, "inputs neurons"], *, block: int = 256) -> Float[Array, "k neurons"]:
    """R of Z = QR, k = min(inputs, neurons): all distances between columns and spans of columns of Z are R's.

    The rows are halved until a block of them is small, and factors are merged in pairs. That is not for speed only:
    in one Householder sweep over many inputs the rounding of exactly dependent columns grows with the inputs, to
    several 1e-15 at 2 000, beyond any rank tolerance that does not know the number of inputs; in a tree it stays at
    a few roundings. Cost: O(inputs neurons^2). Source: theory.md section 5.
    """
    rows, neurons = Z.shape
    if rows <= max(block, 2 * neurons):
        return _r(Z)
    half = rows // 2
    halves = [triangular_factor(part, block=block) for part in (Z[:half], Z[half:])]
    return _r(np.vstack(halves))


def _r(Z: Array) -> Array:
    return np.asarray(np.linalg.qr(Z, mode="r"))
