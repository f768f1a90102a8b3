"""Match radii (D7) and the maximum match similarity (D4), literally: by visiting every pair of subsets."""

from __future__ import annotations

from fractions import Fraction

from .brute_force import all_pairs
from .covers import Geometry, Level
from .matches import SIDES, Match, Neuron, other_side
from .validation import DeadNeurons


def match_radii(geometry: Geometry[Level]) -> dict[Neuron, Level]:
    """The least level at which each neuron is in a match, and 1 for a neuron that is in none below 1.

    Implements D7 on tiny sets. A pair is a match at exactly those levels that no residual of a member exceeds (D1),
    and a neuron is in the maximum match if and only if it is in some match (D3). Radii are residuals of the geometry:
    of the exact oracle they are squares. Holds for any residual, also for one that grows with the predicting set,
    where the matches of a level need not have a maximum. Cost: O(2^(m+n)) pairs.

    >>> from spanmatch.theory.residuals import LeastSquares
    >>> match_radii(LeastSquares([[1.0, 0.0], [0.0, 1.0]], [[3.0], [4.0]]))[Neuron("y", 0)]
    0.6
    """
    radii = dict.fromkeys(Match.everything(geometry.m, geometry.n), geometry.level(1))
    for pair in all_pairs(geometry.m, geometry.n):
        if pair:
            level = max(r for s in SIDES for r in geometry.residuals(s, sorted(pair.side(s)), pair.side(other_side(s))))
            for v in pair:
                radii[v] = min(radii[v], level)
    return radii


def counted_neurons(m: int, n: int, dead: Match, dead_neurons: DeadNeurons) -> int:
    """The denominator of s (D4): all neurons, less the dead ones if they are dropped."""
    return m + n - (len(dead) if dead_neurons == "drop" else 0)


def matched_share(matched: int, counted: int) -> Fraction:
    """s = matched / counted (D4), with ``counted`` from ``counted_neurons``; 0 when every neuron is dropped."""
    return Fraction(matched, counted) if counted else Fraction(0)
