"""The participation ratio: how many dimensions a layer's activations take up, with the large ones counting more."""

from __future__ import annotations

from jaxtyping import Real
from numpy.typing import ArrayLike

from ...theory.validation import as_matrix
from .correlations import too_few
from .moments import moments_of


def participation_ratio(X: Real[ArrayLike, "inputs units"]) -> float:
    """How many dimensions a layer's activations take up: (tr C)^2 / tr(C^2) of their covariance C.

    Parameters
    ----------
    X : array-like of shape (inputs, units)
        Activations of one layer.

    Returns
    -------
    float
        n for n uncorrelated units of one variance, 1 for a single direction, 0 when all units are constant.

    Raises
    ------
    InvalidActivations
        For NaN, fewer than two inputs, and the like.

    Notes
    -----
    Guarantee: between 1 and the rank of C unless all units are constant. Rotations of the units, a common factor and
    shifts do not change it, but scaling one unit does. One streaming pass in float64; ``CorrelationAccumulator.finish``
    gives it too.

    Cost: O(inputs units^2).

    References
    ----------
    docs/theory/neighbours.md#participation-ratio.

    Examples
    --------
    >>> from spanmatch import convergent
    >>> convergent.participation_ratio([[1, 0], [-1, 0], [0, 1], [0, -1]])
    2.0
    """
    values, _ = as_matrix(X, "X")
    if len(values) < 2:
        raise too_few(len(values), "X")
    return moments_of([(values, "X")]).participation_ratio(slice(None))
