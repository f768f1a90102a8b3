"""The staircase: the worst case for peeling in rounds."""

from __future__ import annotations

import math

import numpy as np

from ..linear import orthonormal, product, tolerance_for
from ..planted import Planted, family, levels_from_radii, need

WEIGHT, LAST_WEIGHT = 0.4, 0.55
"""Cosines of neighbours on the path, and of its last two."""

STAIRCASE_EPSILON = math.sqrt(0.75)
"""The epsilon at which the batch peel (A3) removes one neuron per half-round."""

_REASON = (
    "Unit vectors v_1, ..., v_N alternate between X and Y with the Gram matrix of a path: neighbours have cosine "
    ".4, the last two .55, all others 0, so neurons of one side are orthogonal and 1 - r^2 is the sum of squared "
    "cosines to the neighbours that are left. Peeling the largest residual (T6) removes v_1 at r^2 = 1 - .16 = .84, "
    "which leaves v_2 with one neighbour and the same .84, and so on to v_(N-2); the last two stay within "
    "1 - .3025 = .6975. At epsilon^2 = .75 only the first neuron of what is left violates D1, so the batch peel "
    "(A3) removes one neuron per half-round."
)


@family("staircase", length=6, inputs=8)
def planted_staircase(*, length: int = 16, inputs: int = 40, seed: int = 0) -> Planted:
    """A path of neurons, odd ones in X and even ones in Y, on which A1 and A3 take the most rounds.

    Parameters
    ----------
    length : int, default 16
        Neurons of both sides together, at least 2.
    inputs : int, default 40
        At least ``length``.
    seed : int, default 0
        Of all random numbers.

    Returns
    -------
    Planted
        With squared radii .84, and .6975 for the last two; the maximum match at every epsilon that is not within the
        tolerance of these.

    Raises
    ------
    InvalidOption
        If an argument is not as described.

    References
    ----------
    docs/theory/planted-sets.md#staircase.

    Examples
    --------
    >>> from spanmatch.synthetic import STAIRCASE_EPSILON, planted_staircase
    >>> planted = planted_staircase(length=6, inputs=8)
    >>> planted.max_match(STAIRCASE_EPSILON)
    Match(x={2}, y={2})
    """
    need(length >= 2, "length", length, "at least 2 neurons")
    need(inputs >= length, "inputs", inputs, f"at least length = {length} independent directions")
    cosines = [WEIGHT] * (length - 2) + [LAST_WEIGHT]
    factor = np.zeros((length, length))
    # The Cholesky factor of a tridiagonal matrix has two diagonals.
    factor[0, 0] = 1.0
    for k, cosine in enumerate(cosines):
        factor[k, k + 1] = cosine / factor[k, k]
        factor[k + 1, k + 1] = math.sqrt(1 - factor[k, k + 1] ** 2)
    vectors = product(orthonormal(np.random.default_rng(seed), inputs, length), factor)
    squares = np.full(length, 1 - WEIGHT**2)
    squares[-2:] = 1 - LAST_WEIGHT**2
    radii = np.sqrt(squares[::2]), np.sqrt(squares[1::2])
    X, Y = vectors[:, ::2].copy(), vectors[:, 1::2].copy()
    tolerance = tolerance_for(X, Y)
    return Planted(
        X,
        Y,
        "staircase",
        seed,
        {"length": length, "inputs": inputs},
        _REASON,
        radii=radii,
        maximum=levels_from_radii(radii, tolerance),
        tolerance=tolerance,
    )
