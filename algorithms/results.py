"""What the algorithms return beside a ``Match``: radii with the curve they define, and families of simple matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ..theory.matches import Match, Neuron
from ..theory.radii import counted_neurons, matched_share
from ..theory.validation import Array, DeadNeurons, as_epsilon, as_epsilons


@dataclass(frozen=True, repr=False, eq=False)
class MatchRadii:
    """The match radius of every neuron (D7), and with it the maximum match at every epsilon.

    ``x``, ``y``: radii in [0, 1], shapes (m,) and (n,); a neuron is in the maximum match at epsilon iff its radius is
    at most epsilon (T5, T6). ``error``: bound on the error of each radius in floating point (T18). ``dead``: the
    neurons that are exactly zero: radius 0 where they match, 1 where they do not. ``counted``: the denominator of s.
    """

    x: Float[Array, " m"]
    y: Float[Array, " n"]
    error: float
    dead: Match = field(default_factory=Match)
    dead_neurons: DeadNeurons = "match"

    @property
    def counted(self) -> int:
        return counted_neurons(len(self.x), len(self.y), self.dead, self.dead_neurons)

    def max_match(self, epsilon: float) -> Match:
        """M(epsilon) = all neurons of radius at most epsilon."""
        epsilon = as_epsilon(epsilon)
        return Match(np.flatnonzero(self.x <= epsilon), np.flatnonzero(self.y <= epsilon))

    @overload
    def similarity(self, epsilon: float) -> float: ...
    @overload
    def similarity(self, epsilon: npt.NDArray[Any] | list[float]) -> Array: ...
    def similarity(self, epsilon: Any) -> float | Array:
        """s(epsilon) = share of the neurons whose radius is at most epsilon (D4, D7); an array of epsilons at once."""
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
        """How far the closest radius is from epsilon: no answer at epsilon changes under smaller errors."""
        return float(np.abs(self._all - as_epsilon(epsilon)).min())

    def undecided(self, epsilon: float) -> Match:
        """The neurons whose radius lies within ``error`` of epsilon: floating point does not decide them."""
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
    """One minimal match (D6) for neurons of the maximum match; ``complete`` if there is one for each of them.

    ``undecided``: a residual lay within rounding of epsilon, so in exact arithmetic other matches may be minimal.
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
    """A family of simple matches (D5), smallest first; ``complete`` only where it is proved that these are all.

    ``evictions``: for each neuron of the maximum match the minimal eviction sets found (T15); all of them where
    ``complete``, and then each family is what the other one says it must be. ``undecided``: a residual lay within
    rounding of epsilon, so in exact arithmetic the family may be another one; never ``complete`` then.
    """

    matches: tuple[Match, ...]
    complete: bool
    evictions: Mapping[Neuron, tuple[Match, ...]] = field(default_factory=dict, hash=False)
    undecided: bool = False

    def __len__(self) -> int:
        return len(self.matches)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    def __repr__(self) -> str:
        sizes = f", {len(self.matches[0])} to {len(self.matches[-1])} neurons" if self.matches else ""
        return f"SimpleMatches({len(self)} {'in all' if self.complete else 'found, maybe more'}{sizes})"


def map_epsilon(epsilon: Any, similarity: Callable[[float], float]) -> float | Array:
    """``similarity`` at one epsilon, or at each of an array of epsilons."""
    levels = as_epsilons(epsilon)
    found = np.array([similarity(e) for e in levels.ravel().tolist()], dtype=np.float64).reshape(levels.shape)
    return found if levels.ndim else float(found)
