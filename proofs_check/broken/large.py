"""Named implementations that are right on small cases with room around epsilon, and who rejects them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

from ...algorithms import reference
from ...algorithms.peeling import batch_peel, peel, peel_radii
from ...theory.covers import Cover, Geometry
from ...theory.matches import Match, Neuron, Side
from ...theory.residuals import LeastSquares
from ..harness.implementations import Implementation, from_parts

ROUNDS, FIRST, LARGE = 8, 20, 7


def eight_rounds(cover: Cover, within: Match) -> Match:
    """Removes the violators of both sides eight times, and returns what is left."""
    *_, last = islice(peel(cover, within), ROUNDS + 1)
    return last


def first_twenty(cover: Cover, within: Match) -> Match:
    """Looks at the first twenty neurons of each side only."""
    return batch_peel(cover, within & Match.everything(FIRST, FIRST))


def radii_of_first_twenty(geometry: Geometry[Any]) -> dict[Neuron, Any]:
    """Peels the first twenty neurons of each side only, and gives the others the radius 1."""
    shown = _Shown(geometry)
    return dict.fromkeys(Match.everything(geometry.m, geometry.n), geometry.level(1)) | peel_radii(shown)


class _Shown(Geometry[Any]):
    """The first twenty neurons of each side of a geometry."""

    def __init__(self, whole: Geometry[Any]) -> None:
        self.whole, self.m, self.n = whole, min(whole.m, FIRST), min(whole.n, FIRST)

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> Sequence[Any]:
        return self.whole.residuals(side, members, others)

    def level(self, epsilon: Fraction) -> Any:
        return self.whole.level(epsilon)


def gives_up(cover: Cover, neuron: Neuron) -> Match | None:
    """Returns the maximum match in place of a minimal one of seven or more neurons."""
    found = reference.min_match(cover, neuron, max_match=batch_peel)
    return batch_peel(cover) if found and len(found) >= LARGE else found


class EpsilonTimes(LeastSquares):
    """Works with epsilon times a factor."""

    factor = 1.0

    def level(self, epsilon: float) -> float:
        return super().level(epsilon) * self.factor


class LargerEpsilon(EpsilonTimes):
    factor = 1 + 2e-4


class SmallerEpsilon(EpsilonTimes):
    factor = 1 - 1e-3


class EpsilonPlus(LeastSquares):
    """Adds a slack to epsilon, as if residuals were inexact by that much."""

    def level(self, epsilon: float) -> float:
        return super().level(epsilon) + 1e-5


BROKEN: dict[Implementation, str] = {
    from_parts("eight rounds only", max_match=eight_rounds): "T4-long-staircase",
    from_parts("first twenty neurons only", max_match=first_twenty, radii=radii_of_first_twenty):
        "T3-max-match-large T6-match-radii-large",
    from_parts("gives up on large minimal matches", max_match=batch_peel, min_match=gives_up): "T7-min-match-large",
    from_parts("epsilon a little larger", geometry=LargerEpsilon, max_match=batch_peel): "T6-close-decisions",
    from_parts("epsilon a little smaller", geometry=SmallerEpsilon, max_match=batch_peel): "T6-close-decisions",
    from_parts("a slack of 1e-5", geometry=EpsilonPlus, max_match=batch_peel): "T6-close-decisions",
}
"""Implementation -> the checks that must reject it, the one that names its fault first."""
