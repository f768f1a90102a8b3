"""Several networks: the features that all of them learn, as one unit of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from ...theory.errors import InvalidOption, shown
from ...theory.validation import Array
from ...theory.validation.options import as_real
from .matchings import Indices, UnitMatching


@dataclass(frozen=True, eq=False, repr=False)
class SharedFeatures:
    """Units of K networks that are partners of one another in every two of them.

    Attributes
    ----------
    units : ndarray of int of shape (features, K)
        The unit of each network; no unit is in two features.
    lowest : ndarray of shape (features,)
        The lowest similarity of two units of the feature, in descending order.

    Examples
    --------
    >>> from spanmatch import convergent
    >>> C = [[0.9, 0.1], [0.2, 0.3]]
    >>> features = convergent.shared_features({of: convergent.bipartite_matching(C) for of in ((0, 1), (0, 2), (1, 2))})
    >>> features.units.tolist(), features.lowest.tolist()
    ([[0, 0, 0], [1, 1, 1]], [0.9, 0.3])
    >>> features.at_least(0.5)
    SharedFeatures(1 feature of 3 networks, lowest similarity 0.900 to 0.900)
    """

    units: Int[Indices, "features networks"]
    lowest: Float[Array, " features"]

    def at_least(self, similarity: float) -> SharedFeatures:
        """The features whose units are all this similar: those that were learnt reliably.

        Parameters
        ----------
        similarity : float
            The least similarity of any two of their units.

        Returns
        -------
        SharedFeatures
            The first ones of these.

        Raises
        ------
        InvalidOption
            If it is not a number.
        """
        count = int((self.lowest >= as_real(similarity, "similarity", "a real number")).sum())
        return SharedFeatures(self.units[:count], self.lowest[:count])

    def __len__(self) -> int:
        return len(self.lowest)

    def __repr__(self) -> str:
        features = f"{len(self)} feature{'' if len(self) == 1 else 's'} of {self.units.shape[1]} networks"
        span = f", lowest similarity {self.lowest[-1]:.3f} to {self.lowest[0]:.3f}" if len(self) else ""
        return f"SharedFeatures({features}{span})"


def shared_features(matchings: Mapping[tuple[int, int], UnitMatching]) -> SharedFeatures:
    """The features of K networks: one unit of each, every two of them partners in the matching of their networks.

    Parameters
    ----------
    matchings : mapping
        (i, j) to the bipartite matching of network i with network j, for all 0 <= i < j < K and K of at least 2.

    Returns
    -------
    SharedFeatures
        All there are, with the highest lowest similarity first.

    Raises
    ------
    InvalidOption
        If two networks have no matching, or partners are reused in one.

    Notes
    -----
    Guarantee: exact. A unit has at most one partner in each network, so it is in at most one feature, and the features
    follow from the matchings. They need not be all that networks share: a feature that two units of a network share
    equally may be matched otherwise in another pair. For two networks they are the pairs of the matching.

    Cost: O(K^2) look-ups for each unit of network 0.

    References
    ----------
    docs/theory/neighbours.md#convergent-learning.

    Examples
    --------
    Units 0 of networks 0, 1 and 2 look alike from network 0, but networks 1 and 2 do not agree:

    >>> from spanmatch import convergent
    >>> agree, cross = ([[0.7, 0.1], [0.1, 0.7]], [[0.1, 0.7], [0.7, 0.1]])
    >>> pairs = {(0, 1): agree, (0, 2): agree, (1, 2): cross}
    >>> len(convergent.shared_features({of: convergent.bipartite_matching(C) for of, C in pairs.items()}))
    0
    """
    count, partners = _checked(matchings)
    pairs = tuple(combinations(range(count), 2))
    found: list[tuple[float, tuple[int, ...]]] = []
    for first in partners[0, 1]:
        units = [first]
        for network in range(1, count):
            partner = partners[0, network].get(first)
            if partner is None:
                break
            units.append(partner[0])
        else:
            between = [partners[i, j].get(units[i], (-1, 0.0)) for i, j in pairs]
            if all(partner == units[j] for (_, j), (partner, _) in zip(pairs, between, strict=True)):
                found.append((min(value for _, value in between), tuple(units)))
    found.sort(key=lambda one: (-one[0], one[1]))
    return SharedFeatures(
        np.array([units for _, units in found], dtype=np.int64).reshape(len(found), count),
        np.array([lowest for lowest, _ in found], dtype=np.float64),
    )


def _checked(matchings: Any) -> tuple[int, dict[tuple[int, int], dict[int, tuple[int, float]]]]:
    """How many networks there are, and for each two of them unit -> (its partner, their similarity)."""
    needed = "a mapping of every two of at least two networks, such as (0, 1), to their bipartite matching"
    if not isinstance(matchings, Mapping) or not matchings:
        raise InvalidOption(f"matchings: got {shown(matchings)}, need {needed}")
    count = round((1 + (1 + 8 * len(matchings)) ** 0.5) / 2)
    if set(matchings) != set(combinations(range(count), 2)):
        raise InvalidOption(f"matchings: got those of {shown(list(matchings))}, need {needed}")
    for of, one in matchings.items():
        if not isinstance(one, UnitMatching):
            raise InvalidOption(f"matchings: got {shown(one)} for networks {of}, need {needed}")
        if len(np.unique(one.y)) < len(one.y):
            raise InvalidOption(
                f"matchings: got partners that are reused for networks {of}, need bipartite ones, no semi-matchings"
            )
    return count, {
        of: {x: (y, value) for x, y, value in zip(one.x.tolist(), one.y.tolist(), one.values.tolist(), strict=True)}
        for of, one in matchings.items()
    }
