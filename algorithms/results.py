"""What the algorithms return beside a ``Match``: radii with the curve they define, and families of simple matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from jaxtyping import Float

from ..theory.independence import Stability
from ..theory.matches import Match, Neuron
from ..theory.radii import counted_neurons, matched_share
from ..theory.validation import Array, DeadNeurons, Epsilons, as_epsilon, as_epsilons
from ..theory.validation.options import as_count


@dataclass(frozen=True, repr=False, eq=False)
class MatchRadii:
    """The match radius of every neuron, and with it the maximum match at every epsilon.

    Attributes
    ----------
    x, y : ndarray of shapes (m,) and (n,)
        Radii in [0, 1]. A neuron is in the maximum match at epsilon if and only if its radius is at most epsilon.
    error : float
        Bound on the error of each radius in floating point (T18).
    dead : Match
        The neurons that are exactly zero: radius 0 where they match, 1 where they do not.
    dead_neurons : {"match", "unmatched", "drop"}
        The policy for them; see ``compress``.
    counted : int
        How many neurons the similarity counts: its denominator.

    References
    ----------
    D7, T5, T6; docs/theory/definitions.md#d7.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> E = np.eye(4)
    >>> X, Y = E[:, :2], np.column_stack([E[0], 0.8 * E[1] + 0.6 * E[2]])
    >>> radii = spanmatch.match_radii(X, Y)
    >>> radii.max_match(0.5), radii.similarity(0.5), round(radii.area, 3)
    (Match(x={0}, y={0}), 0.5, 0.7)
    """

    x: Float[Array, " m"]
    y: Float[Array, " n"]
    error: float
    dead: Match = field(default_factory=Match)
    dead_neurons: DeadNeurons = "match"

    @property
    def counted(self) -> int:
        """How many neurons the similarity counts: its denominator."""
        return counted_neurons(len(self.x), len(self.y), self.dead, self.dead_neurons)

    def max_match(self, epsilon: float) -> Match:
        """The maximum match at one epsilon: all neurons of radius at most epsilon.

        Parameters
        ----------
        epsilon : float
            Relative error in [0, 1).

        Returns
        -------
        Match
            M(epsilon).

        Raises
        ------
        InvalidEpsilon
            If epsilon is no number in [0, 1).
        """
        epsilon = as_epsilon(epsilon)
        return Match(np.flatnonzero(self.x <= epsilon), np.flatnonzero(self.y <= epsilon))

    @overload
    def similarity(self, epsilon: float) -> float: ...
    @overload
    def similarity(self, epsilon: Epsilons) -> Array: ...
    def similarity(self, epsilon: float | Epsilons) -> float | Array:
        """The similarity s(epsilon), the share of the counted neurons whose radius is at most epsilon (D4, D7).

        Parameters
        ----------
        epsilon : float or array-like of float
            Relative error in [0, 1), or an array of them.

        Returns
        -------
        float or ndarray
            In [0, 1], of the shape of ``epsilon``.

        Raises
        ------
        InvalidEpsilon
            If an epsilon is no number in [0, 1).
        """
        return map_epsilon(epsilon, lambda e: float(matched_share(int(np.count_nonzero(self._all <= e)), self.counted)))

    @property
    def breakpoints(self) -> Array:
        """The radii below 1, each once, ascending: where the similarity curve jumps."""
        radii = np.unique(self._all)
        return radii[radii < 1]

    @property
    def area(self) -> float:
        """The area under s over [0, 1]: 1 - mean radius of the counted neurons."""
        if not self.counted:
            return 0.0
        unmatched_dead = len(self.x) + len(self.y) - self.counted
        return float(1 - (self._all.sum() - unmatched_dead) / self.counted)

    def margin(self, epsilon: float) -> float:
        """How far the closest radius is from epsilon: no answer at epsilon changes under smaller errors.

        Parameters
        ----------
        epsilon : float
            Relative error in [0, 1).

        Returns
        -------
        float
            The distance, in units of epsilon.

        Raises
        ------
        InvalidEpsilon
            If epsilon is no number in [0, 1).
        """
        return float(np.abs(self._all - as_epsilon(epsilon)).min())

    def smallest_epsilon(self, neurons: int | None = None) -> float:
        """The least epsilon at which the maximum match holds so many neurons, or all of them.

        Parameters
        ----------
        neurons : int, optional
            How many, of both layers together; all by default. That epsilon is then also the largest residual of a
            neuron against the whole other layer.

        Returns
        -------
        float
            A match radius, 0 for no neurons; 1 where no epsilon below 1 is enough.

        Raises
        ------
        InvalidOption
            If the layers have fewer neurons.
        """
        count = as_count(self._all.size if neurons is None else neurons, "neurons", 0, self._all.size)
        return float(np.sort(self._all)[count - 1]) if count else 0.0

    def undecided(self, epsilon: float) -> Match:
        """The neurons whose radius lies within ``error`` of epsilon: floating point does not decide them.

        Parameters
        ----------
        epsilon : float
            Relative error in [0, 1).

        Returns
        -------
        Match
            These neurons; empty where the maximum match is certain.

        Raises
        ------
        InvalidEpsilon
            If epsilon is no number in [0, 1).
        """
        epsilon = as_epsilon(epsilon)
        return Match(*(np.flatnonzero(np.abs(side - epsilon) <= self.error) for side in (self.x, self.y)))

    @property
    def _all(self) -> Array:
        return np.concatenate([self.x, self.y])

    def __repr__(self) -> str:
        return (
            f"MatchRadii({len(self.x)} + {len(self.y)} neurons, {len(self.dead)} dead, area {self.area:.4f}, "
            f"{len(self.breakpoints)} breakpoints, error <= {self.error:.1e})"
        )


@dataclass(frozen=True, repr=False)
class MinMatches:
    """One minimal match for neurons of the maximum match.

    Attributes
    ----------
    matches : mapping of Neuron to Match
        The minimal match found for each neuron.
    complete : bool
        Whether there is one for each neuron of the maximum match.
    undecided : bool
        Whether a residual lay within rounding of epsilon, so that in exact arithmetic other matches may be minimal.

    References
    ----------
    D6; docs/theory/definitions.md#d6.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> spanmatch.min_matches(np.eye(4)[:, :2], np.eye(4)[:, 1:], 0.1)
    MinMatches(2 neurons, 1 different matches, median size 2)
    """

    matches: Mapping[Neuron, Match] = field(hash=False)
    complete: bool
    undecided: bool = False

    def __len__(self) -> int:
        return len(self.matches)

    def __repr__(self) -> str:
        sizes = sorted(map(len, self.matches.values()))
        middle = f", median size {sizes[len(sizes) // 2]}" if sizes else ""
        return f"MinMatches({len(self)} neurons, {len(set(self.matches.values()))} different matches{middle}" + (
            ")" if self.complete else ", incomplete)"
        )


@dataclass(frozen=True, repr=False)
class SimpleMatches:
    """A family of simple matches, those with the fewest neurons first.

    Attributes
    ----------
    matches : tuple of Match
        Each is simple and stands once; iterating over the family gives them too.
    complete : bool
        Whether these are proved to be all.
    evictions : mapping of Neuron to tuple of Match
        For each neuron of the maximum match the minimal eviction sets found (T15); all of them where ``complete``, and
        then each of the two families determines the other.
    undecided : bool
        Whether a residual lay within rounding of epsilon, so that in exact arithmetic the family may be another one;
        then it is not ``complete``.
    reasons : mapping of str to int
        Why nothing is missing: theorem -> for how many neurons it says so. "T10": both sides are independent, at
        epsilon 0; "T19": both sides are strongly independent and stable; "T20": the neurons needed form a match;
        "T15": minimal matches and minimal eviction sets were listed until each family was dual to the other.
    stability : Stability, optional
        How far both sides are from the hypotheses of T19, where that was measured.

    References
    ----------
    D5, T10, T15, T19, T20; docs/theory/definitions.md#d5.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> spanmatch.simple_matches(np.eye(4)[:, :3], np.eye(4)[:, 1:], 0.1)
    SimpleMatches(2 in all by T19, 2 to 2 neurons)
    """

    matches: tuple[Match, ...]
    complete: bool
    evictions: Mapping[Neuron, tuple[Match, ...]] = field(default_factory=dict, hash=False)
    undecided: bool = False
    reasons: Mapping[str, int] = field(default_factory=dict, compare=False)
    stability: Stability | None = field(default=None, compare=False)

    @property
    def minimum(self) -> dict[Neuron, Match]:
        """The v-minimum match of every neuron v that is known to have one: the only v-minimal match (T20).

        Its members are the neurons that evict v alone; where v has several minimal matches, larger sets evict it too.
        """
        return {
            v: Match.of(u for single in sets for u in single)
            for v, sets in self.evictions.items()
            if self.complete and all(len(one) == 1 for one in sets)
        }

    def __len__(self) -> int:
        return len(self.matches)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    def __repr__(self) -> str:
        sizes = f", {len(self.matches[0])} to {len(self.matches[-1])} neurons" if self.matches else ""
        because = f" by {', '.join(self.reasons)}" if self.reasons else ""
        return f"SimpleMatches({len(self)} {'in all' + because if self.complete else 'found, maybe more'}{sizes})"


def map_epsilon(epsilon: Any, similarity: Callable[[float], float]) -> float | Array:
    """``similarity`` at one epsilon, or at each of an array of epsilons."""
    levels = as_epsilons(epsilon)
    found = np.array([similarity(e) for e in levels.ravel().tolist()], dtype=np.float64).reshape(levels.shape)
    return found if levels.ndim else float(found)
