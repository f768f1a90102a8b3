"""Isomorphic layers without a match: the same geometry and the same output, from different functions of the inputs."""

from __future__ import annotations

import math

import numpy as np

from ..linear import Array, orthonormal, product, tolerance_for
from ..planted import Planted, family, levels_from_radii, need, need_directions

_REASON = (
    "x_i = cos f + sin g_i and y_i = cos f + sin h_i with sin the radius, f, the g and the h mutually orthogonal, and "
    "the g_i, like the h_i, the corners of a regular simplex: unit vectors whose sum is 0, which is their only "
    "relation. The g are orthogonal to Y, so x_i has the residual sin against sets of Y whose span holds f, which is "
    "the whole of Y only, and a larger one against others. The same holds of y_i. So below sin nothing matches, and "
    "from there on all does (D1, D7)."
)


@family("isomorphic", neurons=3, inputs=8)
def isomorphic_layers(*, neurons: int = 8, inputs: int = 60, radius: float = 0.9, seed: int = 0) -> Planted:
    """Two layers with equal Gram matrices and equal sums of their neurons, of which nothing matches below ``radius``.

    Parameters
    ----------
    neurons : int, default 8
        Of each layer, at least 2.
    inputs : int, default 60
        At least 2 neurons - 1, the number of independent directions.
    radius : float, default 0.9
        The match radius of every neuron, in (0, 1).
    seed : int, default 0
        Of all random numbers.

    Returns
    -------
    Planted
        With all radii, and the maximum match at every epsilon that is not within the tolerance of ``radius``.

    Raises
    ------
    InvalidOption
        If an argument is not as described.

    Notes
    -----
    Cost: O(inputs neurons^2). After J. Johnson, "Subspace match probably does not accurately assess the similarity of
    learned representations", arXiv 1901.00884 (2019).

    References
    ----------
    D7; docs/what-it-measures.md.

    Examples
    --------
    >>> from spanmatch import similarity
    >>> from spanmatch.synthetic import isomorphic_layers
    >>> planted = isomorphic_layers()
    >>> similarity(planted.X, planted.Y, [0.5, 0.95])
    array([0., 1.])
    """
    need(neurons >= 2, "neurons", neurons, "at least 2")
    need(0 < radius < 1, "radius", radius, "a number in (0, 1)")
    directions = 2 * neurons - 1
    need_directions(inputs, directions)
    rng = np.random.default_rng(seed)
    basis = orthonormal(rng, inputs, directions)
    corners = _simplex(neurons)
    cosine = math.sqrt((1 - radius) * (1 + radius))
    shared = cosine * basis[:, :1]
    X = shared + radius * product(basis[:, 1:neurons], corners)
    Y = shared + radius * product(basis[:, neurons:], corners)
    radii = np.full(neurons, radius), np.full(neurons, radius)
    tolerance = tolerance_for(X, Y)
    return Planted(
        X,
        Y,
        "isomorphic",
        seed,
        {"neurons": neurons, "inputs": inputs, "radius": radius},
        _REASON,
        radii=radii,
        maximum=levels_from_radii(radii, tolerance),
        tolerance=tolerance,
    )


def _simplex(corners: int) -> Array:
    """The corners of a regular simplex as columns: unit vectors of one coordinate less that sum to 0."""
    found = np.zeros((corners - 1, corners))
    for k in range(corners - 1):
        # Helmert's rows: orthonormal, and orthogonal to the constant vector.
        found[k, : k + 1] = 1 / math.sqrt((k + 1) * (k + 2))
        found[k, k + 1] = -(k + 1) / math.sqrt((k + 1) * (k + 2))
    return found * math.sqrt(corners / (corners - 1))
