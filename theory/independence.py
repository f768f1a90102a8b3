"""Strong independence and stability: when minimal matches are unique at epsilon > 0 (T19), literally.

Stability speaks of the residuals against all subsets; ``stable_up_to`` needs those against one neuron less and one more
of each neuron, which decide all the others. Sines are squared throughout, so that no angle is ever taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import numpy as np
from jaxtyping import Float

from .covers import Geometry
from .errors import InvalidActivations
from .matches import SIDES, Match, Neuron, other_side
from .residuals import unit_columns
from .validation import Array

MOST_NEURONS = 12
"""More neurons than this are refused where all subsets of a side are visited."""


def squared_sine(Z: Float[Array, "inputs neurons"]) -> float:
    """sin^2 of the least principal angle between the spans of disjoint non-empty sets of columns; 0 if dependent.

    Implements T19's strong independence from its definition: a side is theta-strongly independent if this is at least
    sin^2 theta. A part of a set makes no smaller angle, so sets that together are all columns decide; 1 for a single
    column. Dead columns count for nothing. Cost: 2^(neurons - 1) singular value decompositions.

    Raises: ``InvalidActivations`` for more than ``MOST_NEURONS`` neurons.

    >>> import numpy as np
    >>> round(squared_sine(np.array([[1.0, 1.0], [0.0, 1.0]])), 3)
    0.5
    """
    unit, dead = unit_columns(np.asarray(Z, dtype=np.float64))
    unit = unit[:, ~dead]
    count = unit.shape[1]
    if count > MOST_NEURONS:
        raise InvalidActivations(
            f"Z: all subsets are visited, for at most {MOST_NEURONS} neurons, got {count}; use wielandt_squared_sine"
        )
    if count > np.linalg.matrix_rank(unit):
        return 0.0
    least = 1.0
    for size in range(1, count // 2 + 1):
        for part in combinations(range(count), size):
            rest = [k for k in range(count) if k not in part]
            one, other = (np.linalg.qr(unit[:, list(chosen)])[0] for chosen in (part, rest))
            # The sine itself, from what sticks out: 1 - cosine^2 would lose small ones.
            sines = np.linalg.svd(one - other @ (other.T @ one), compute_uv=False)
            least = min(least, float(sines[-1]) ** 2)
    return least


def wielandt_squared_sine(condition: float) -> float:
    """A lower bound of ``squared_sine`` from the condition number k of the Gram matrix of unit columns: 4k/(k + 1)^2.

    Implements Wielandt's inequality (T19); 0 for an infinite condition number.

    >>> wielandt_squared_sine(3.0)
    0.75
    """
    return 4 / (condition + 2 + 1 / condition) if condition < math.inf else 0.0


def gram_condition(Z: Float[Array, "inputs neurons"]) -> float:
    """The condition number of the Gram matrix of the unit columns that are not dead; infinite if they are dependent."""
    unit, dead = unit_columns(np.asarray(Z, dtype=np.float64))
    values = np.linalg.svd(unit[:, ~dead], compute_uv=False)
    if (~dead).sum() > len(values) or (len(values) and values[-1] < 1e-12):
        return math.inf
    return float(values[0] / values[-1]) ** 2 if len(values) else 1.0


@dataclass(frozen=True)
class Stability:
    """How T19 stands at one epsilon.

    ``squared_sine``: sin^2 theta, such that both sides of the maximum match are theta-strongly independent; ``found``:
    the largest factor for which no residual inside the maximum match lies in (epsilon, factor epsilon), 1 if it is
    not known to be more.
    """

    epsilon: float
    squared_sine: float
    found: float

    @property
    def needed(self) -> float:
        """lambda = sqrt(1 + 4 / sin^2 theta); infinite for dependent sides."""
        return math.sqrt(1 + 4 / self.squared_sine) if self.squared_sine else math.inf

    @property
    def holds(self) -> bool:
        """Whether the hypotheses of T19 do; at epsilon 0 those of T9 and T10."""
        return self.found > self.needed

    @property
    def theorem(self) -> str:
        """Which theorem then lists the simple matches."""
        return "T19" if self.epsilon else "T10"

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {**vars(self), "needed": self.needed, "holds": self.holds}


def residuals_inside(geometry: Geometry[Any], maximum: Match) -> Iterator[float]:
    """Every r(v | T) of a neuron v of one side of the maximum match against a subset T of its other side."""
    for side in SIDES:
        members, others = sorted(maximum.side(side)), sorted(maximum.side(other_side(side)))
        if len(others) > MOST_NEURONS:
            raise InvalidActivations(f"maximum: got {len(others)} neurons, need {MOST_NEURONS} at most for all subsets")
        subsets = chain.from_iterable(combinations(others, size) for size in range(len(others) + 1))
        for subset in subsets:
            yield from map(geometry.relative, geometry.residuals(side, members, subset))


def is_stable(geometry: Geometry[Any], maximum: Match, epsilon: float, factor: float) -> bool:
    """(epsilon, factor)-stability from its definition (T19): no residual inside lies in (epsilon, factor epsilon]."""
    return not any(epsilon < r <= factor * epsilon for r in residuals_inside(geometry, maximum))


def needed_by(geometry: Geometry[Any], maximum: Match, epsilon: Any) -> tuple[dict[Neuron, Match], float]:
    """E(v): the neurons without which alone the rest of M's other side does not cover v; and the least such residual.

    Every set that covers v holds E(v). Cost: a residual of each neuron for each neuron of the other side.
    """
    level = geometry.level(epsilon)
    needed: dict[Neuron, Match] = {}
    least = math.inf
    for side in SIDES:
        members, others = sorted(maximum.side(side)), maximum.side(other_side(side))
        found: dict[int, list[Neuron]] = {i: [] for i in members}
        for u in sorted(others):
            for i, r in zip(members, geometry.residuals(side, members, others - {u}), strict=True):
                if not r <= level:
                    found[i].append(Neuron(other_side(side), u))
                    least = min(least, geometry.relative(r))
        needed |= {Neuron(side, i): Match.of(evicting) for i, evicting in found.items()}
    return needed, least


def stable_up_to(geometry: Geometry[Any], maximum: Match, epsilon: Any) -> float:
    """The largest factor for which ``is_stable`` holds below it, by few residuals; 1 where a neuron's E(v) does not
    cover it.

    Where E(v) covers v, a set covers v if and only if it holds E(v), and any other set lacks a u of E(v): its residual
    is at least that against all but u (T1). So the least of these is the least residual above epsilon.
    """
    needed, least = needed_by(geometry, maximum, epsilon)
    cover = geometry.at(epsilon)
    if not all(cover.covers(v, own.side(other_side(v.side))) for v, own in needed.items()):
        return 1.0
    return least / float(epsilon) if epsilon else math.inf
