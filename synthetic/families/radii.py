"""Planted radii: blocks at a chosen angle, so that every match radius is known in closed form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ...theory.errors import InvalidOption
from ..linear import Array, mixing, orthonormal, product, tolerance_for
from ..planted import Planted, family, levels_from_radii, need, need_private

RadiusBlock = tuple[float, int, int, int]

RATIONAL_RADII = {
    Fraction(0): (1, 0),
    Fraction(3, 5): (4, 3),
    Fraction(4, 5): (3, 4),
    Fraction(5, 13): (12, 5),
    Fraction(12, 13): (5, 12),
    Fraction(8, 17): (15, 8),
    Fraction(15, 17): (8, 15),
}
"""Radii sin(theta) for the integer variant, each with integers proportional to (cos theta, sin theta)."""

_REASON = (
    "X-neurons of block b span U_b, its Y-neurons span V_b = cos(theta_b) U_b + sin(theta_b) W_b, with U_b, W_b and "
    "all blocks and private directions mutually orthogonal. Every vector of U_b has the relative residual "
    "sin(theta_b) against V_b, and the other way round; no other neuron helps, and no subset does better (T1). So "
    "every neuron of block b has match radius sin(theta_b) (D7), private ones 1, and M(epsilon) is all neurons of "
    "radius <= epsilon."
)


@family("radii", inputs=12, blocks=[[0.6, 1, 1, 2], [0.8, 1, 2, 1]], private=[1, 1], integer=True)
def planted_radii(
    *,
    inputs: int = 200,
    blocks: Sequence[RadiusBlock] = ((0.0, 2, 3, 2), (0.2, 2, 2, 3), (0.5, 3, 3, 4), (0.8, 1, 2, 1)),
    private: tuple[int, int] = (2, 3),
    condition: float = 10.0,
    integer: bool = False,
    seed: int = 0,
) -> Planted:
    """Blocks of neurons of both networks with planted match radii, and private neurons besides.

    Parameters
    ----------
    inputs : int, default 200
        At least the number of orthogonal directions.
    blocks : sequence of (radius, k, p, q)
        p neurons of X and q of Y each span k directions, at the angle arcsin(radius), 1 <= k <= p, q.
    private : pair of int, default (2, 3)
        Neurons of X and of Y that match nothing: of radius 1.
    condition : float, default 10.0
        Condition number of each block's mixing matrices.
    integer : bool, default False
        All values are integers (int64) and the geometry is exact; each radius must then be one of ``RATIONAL_RADII``
        (0, .6, .8, 5/13, ...).
    seed : int, default 0
        Of all random numbers.

    Returns
    -------
    Planted
        With all radii, and the maximum match at every epsilon that is not within the tolerance of a radius; do not ask
        at epsilon equal to a radius. The simple matches are not known: at epsilon above a radius there are matches
        inside a block.

    Raises
    ------
    InvalidOption
        If an argument is not as described.

    Notes
    -----
    Cost: O(inputs neurons^2).

    References
    ----------
    D7; docs/theory/planted-sets.md#planted-radii.

    Examples
    --------
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii(blocks=[(0.0, 1, 1, 1), (0.6, 2, 2, 2)], private=(1, 0))
    >>> planted.radii
    (array([0. , 0.6, 0.6, 1. ]), array([0. , 0.6, 0.6]))
    """
    sizes = [(float(radius), int(k), int(p), int(q)) for radius, k, p, q in blocks]
    need(all(0 <= radius < 1 for radius, *_ in sizes), "blocks", sizes, "radii in [0, 1)")
    need(all(1 <= k <= min(p, q) for _, k, p, q in sizes), "blocks", sizes, "(radius, k, p, q) with 1 <= k <= p, q")
    need_private(private)
    need(condition >= 1, "condition", condition, "a condition number >= 1")
    columns = sum(p for _, _, p, _ in sizes) + private[0], sum(q for _, _, _, q in sizes) + private[1]
    need(min(columns) >= 1, "blocks, private", (sizes, private), "at least one neuron on each side")
    directions = 2 * sum(k for _, k, _, _ in sizes) + sum(private)
    need(inputs >= directions, "inputs", inputs, f"at least the {directions} orthogonal directions of the set")
    rng = np.random.default_rng(seed)
    frame = _integer_frame(rng, inputs, directions) if integer else orthonormal(rng, inputs, directions)
    mix_x, mix_y = (np.zeros((directions, count), dtype=frame.dtype) for count in columns)
    radii = np.ones(columns[0]), np.ones(columns[1])
    cosine: float
    sine: float
    first, at_x, at_y = 0, 0, 0
    for radius, k, p, q in sizes:
        if integer:
            cosine, sine = _rational(radius)
            P, Q = _integer_spanning(rng, k, p), _integer_spanning(rng, k, q)
        else:
            cosine, sine = math.sqrt((1 - radius) * (1 + radius)), radius
            P, Q = mixing(rng, k, p, condition), mixing(rng, k, q, condition)
        mix_x[first : first + k, at_x : at_x + p] = P
        mix_y[first : first + k, at_y : at_y + q] = cosine * Q
        mix_y[first + k : first + 2 * k, at_y : at_y + q] = sine * Q
        radii[0][at_x : at_x + p] = radius
        radii[1][at_y : at_y + q] = radius
        first, at_x, at_y = first + 2 * k, at_x + p, at_y + q
    for mix, at in ((mix_x, at_x), (mix_y, at_y)):
        for column in range(at, mix.shape[1]):
            mix[first, column] = 1
            first += 1
    X, Y = product(frame, mix_x), product(frame, mix_y)
    tolerance = tolerance_for(X, Y)
    return Planted(
        X,
        Y,
        "radii",
        seed,
        {
            "inputs": inputs,
            "blocks": [list(size) for size in sizes],
            "private": list(private),
            "condition": condition,
            "integer": integer,
        },
        _REASON,
        radii=radii,
        maximum=levels_from_radii(radii, tolerance),
        tolerance=tolerance,
        exact=integer,
    )


def _rational(radius: float) -> tuple[int, int]:
    for exact, pair in RATIONAL_RADII.items():
        if abs(radius - float(exact)) < 1e-9:
            return pair
    allowed = ", ".join(str(exact) for exact in RATIONAL_RADII)
    raise InvalidOption(
        f"blocks: got radius {radius!r}, need one with integer coordinates when integer=True: {allowed}"
    )


def _integer_frame(rng: np.random.Generator, inputs: int, directions: int) -> Array:
    """Orthogonal integer columns of equal length: the reflection |v|^2 I - 2 v v^T for a small integer v."""
    v = rng.integers(-1, 2, size=inputs)
    v[0] = 1
    reflection = int(v @ v) * np.eye(inputs, dtype=np.int64) - 2 * np.outer(v, v)
    frame: Array = reflection[:, rng.permutation(inputs)[:directions]]
    return frame


def _integer_spanning(rng: np.random.Generator, dimension: int, columns: int) -> Array:
    """Small integers of full row rank: a unit triangular matrix and further columns, in random order."""
    mix = rng.integers(-2, 3, size=(dimension, columns))
    mix[:, :dimension] = np.triu(mix[:, :dimension], 1) + np.eye(dimension, dtype=np.int64)
    # A column of zeros would be a dead neuron, of radius 0 whatever the block's.
    mix[0, ~mix.any(axis=0)] = 1
    spanning: Array = mix[:, rng.permutation(columns)]
    return spanning
