"""One to one: each unit used once (matching), or each unit with its best partner (semi-matching)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int, Real
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

from ...theory.errors import InvalidActivations, InvalidOption
from ...theory.validation import Array, check_finite, to_numpy
from ...theory.validation.options import as_instance

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class UnitMatching:
    """Pairs of units: ``x[k]`` of network 1 goes with ``y[k]`` of network 2.

    Attributes
    ----------
    x, y : ndarray of int of shape (pairs,)
        The units; x ascends.
    values : ndarray of shape (pairs,)
        The similarity of each pair.

    Examples
    --------
    >>> from spanmatch import convergent
    >>> matching = convergent.bipartite_matching([[0.9, 0.8], [0.9, 0.1]])
    >>> matching.curve.tolist(), round(matching.mean, 3)
    ([0.9, 0.8], 0.85)
    """

    x: Int[Indices, " pairs"]
    y: Int[Indices, " pairs"]
    values: Float[Array, " pairs"]

    @property
    def mean(self) -> float:
        """The mean similarity of the pairs."""
        return float(self.values.mean())

    @property
    def curve(self) -> Float[Array, " pairs"]:
        """The values in descending order: what the figures show."""
        return np.sort(self.values)[::-1]

    def __repr__(self) -> str:
        return (
            f"UnitMatching({len(self.x)} pairs, {len(np.unique(self.y))} units of y used; mean {self.mean:.3f}, "
            f"{self.values.min():.3f} to {self.values.max():.3f})"
        )


def bipartite_matching(C: Real[ArrayLike, "m n"]) -> UnitMatching:
    """The matching that maximises the summed similarity, each unit used at most once.

    Parameters
    ----------
    C : array-like of shape (m, n)
        Similarities, for instance signed correlations.

    Returns
    -------
    UnitMatching
        min(m, n) pairs, negative ones too: a unit is left without a partner only where there are not enough of them.

    Raises
    ------
    InvalidActivations
        If C is no finite real array of two dimensions.

    Notes
    -----
    Guarantee: the sum is the largest there is, up to rounding of the sum. Which of several best matchings comes out is
    not specified, but it is always the same one.

    Cost: O(min(m, n)^2 max(m, n)).

    Examples
    --------
    >>> from spanmatch import convergent
    >>> convergent.bipartite_matching([[0.9, 0.8], [0.9, 0.1]]).y.tolist()
    [1, 0]
    """
    values = _similarities(C)
    x, y = (np.asarray(side, dtype=np.int64) for side in linear_sum_assignment(values, maximize=True))
    return UnitMatching(x, y, values[x, y])


def semi_matching(C: Real[ArrayLike, "m n"]) -> UnitMatching:
    """Each unit of network 1 with the unit of network 2 that it is most similar to; partners are reused.

    Parameters
    ----------
    C : array-like of shape (m, n)
        Similarities; for the other direction pass ``C.T``.

    Returns
    -------
    UnitMatching
        m pairs. Ties go to the lowest index.

    Raises
    ------
    InvalidActivations
        If C is no finite real array of two dimensions.

    Notes
    -----
    Guarantee: each value is at least what any matching gives the same unit, so over the same units the mean is at least
    theirs. Cost: O(m n).

    Examples
    --------
    >>> from spanmatch import convergent
    >>> convergent.semi_matching([[0.9, 0.8], [0.9, 0.1]]).y.tolist()
    [0, 0]
    """
    values = _similarities(C)
    y = values.argmax(axis=1).astype(np.int64)
    x = np.arange(len(values), dtype=np.int64)
    return UnitMatching(x, y, values[x, y])


def matching_gap(semi: UnitMatching, matching: UnitMatching) -> Float[Array, " pairs"]:
    """What each unit of ``matching.x`` loses when its partner must not be shared.

    Parameters
    ----------
    semi, matching : UnitMatching
        The semi-matching and the matching of the same similarities.

    Returns
    -------
    ndarray of shape (pairs,)
        Differences of similarity, never negative, in descending order. A large one says that units of network 1 share
        partners: what they have in common is not one to one.

    Raises
    ------
    InvalidOption
        If the two do not come from the same similarities.

    Examples
    --------
    >>> from spanmatch import convergent
    >>> C = [[0.9, 0.8], [0.9, 0.1]]
    >>> convergent.matching_gap(convergent.semi_matching(C), convergent.bipartite_matching(C)).round(3).tolist()
    [0.1, 0.0]
    """
    as_instance(semi, "semi", UnitMatching)
    as_instance(matching, "matching", UnitMatching)
    partner = dict(zip(semi.x.tolist(), semi.values.tolist(), strict=True))
    if not set(matching.x.tolist()) <= set(partner):
        raise InvalidOption("semi, matching: got units that only the matching has, need both made from the same C")
    gaps = np.array([partner[unit] for unit in matching.x.tolist()]) - matching.values
    if gaps.min() < 0:
        raise InvalidOption(
            "semi, matching: got a matching above its semi-matching, need both made from the same C, semi first"
        )
    return np.sort(gaps)[::-1]


def _similarities(C: Any) -> Array:
    array, dtype = to_numpy(C, "C")
    if array.ndim != 2 or not array.size or array.dtype.kind not in "fiu":
        raise InvalidActivations(
            f"C: got shape {array.shape} of dtype {dtype}, need real similarities of shape (m, n), such as what "
            f"correlations(X, Y) returns"
        )
    values = array.astype(np.float64)
    check_finite(values, "C")
    return values
