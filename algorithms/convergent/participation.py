"""The participation ratio: how many dimensions a layer's activations take up, with the large ones counting more."""

from __future__ import annotations

from typing import Any

from ...theory.validation import as_matrix
from .correlations import too_few
from .moments import moments_of


def participation_ratio(X: Any) -> float:
    """(tr C)^2 / tr(C^2) of a layer's covariance C: n for n uncorrelated units of one variance, 1 for one direction.

    Parameters: ``X``: shape (inputs, units). Guarantee: between 1 and the rank of C; 0 when all units are constant,
    which have no dimension; unchanged by rotations of the units, by a common factor and by shifts, but *not* by
    scaling one unit. One streaming pass in float64; ``CorrelationAccumulator.finish`` gives it too. Cost: O(inputs
    units^2). Raises: ``InvalidActivations`` (NaN, fewer than two inputs, ...). Source:
    docs/theory/neighbours.md#participation-ratio.

    >>> participation_ratio([[1, 0], [-1, 0], [0, 1], [0, -1]])
    2.0
    """
    values, _ = as_matrix(X, "X")
    if len(values) < 2:
        raise too_few(len(values), "X")
    return moments_of([(values, "X")]).participation_ratio(slice(None))
