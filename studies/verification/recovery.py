"""Are planted answers found again? Every family, several seeds, maximum matches, radii and simple matches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...algorithms.compressed.compressor import compress
from ...synthetic import FAMILIES, STRESSES, Planted
from ...theory.errors import without_advice

FEW_NEURONS = 64
"""Simple matches are searched in sets of at most this many neurons per side."""


@dataclass(frozen=True)
class Recovery:
    """One family: how many sets, how many planted maximum and simple matches were asked for, what was not found.

    ``radius_error``: the largest distance of a radius from its closed form, as a share of what the set allows.
    """

    family: str
    sets: int
    maximum_matches: int
    radii: int
    radius_error: float
    simple_matches: int
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


def sets_of(family: str, seeds: Iterable[int]) -> list[Planted]:
    """The sets of a family that are tried; of "stress" every kind."""
    if family == "stress":
        return [FAMILIES[family](kind=kind, seed=seed) for kind in STRESSES for seed in seeds]
    return [FAMILIES[family](seed=seed) for seed in seeds]


@without_advice()
def recover(family: str, seeds: Iterable[int]) -> Recovery:
    """Compare what the public functions find with what was planted in a family's sets."""
    sets = sets_of(family, seeds)
    faults: list[str] = []
    maximum = radii = simple = 0
    worst = 0.0
    for planted in sets:
        compressed = compress(*planted.matrices)
        found = compressed.match_radii()
        for level in planted.maximum:
            for epsilon in (level.low, (level.low + level.high) / 2):
                maximum += 1
                answer = compressed.max_match(epsilon)
                if answer != level.match or found.max_match(epsilon) != level.match:
                    faults.append(f"{planted!r}: max_match at {epsilon} is {answer}, planted {level.match}")
        if planted.radii is not None:
            radii += compressed.m + compressed.n
            error = max(np.abs(a - b).max() for a, b in zip((found.x, found.y), planted.radii, strict=True))
            worst = max(worst, float(error / planted.tolerance))
            if error > planted.tolerance:
                faults.append(f"{planted!r}: a radius is {error} from its closed form")
        if max(compressed.m, compressed.n) <= FEW_NEURONS:
            for one in planted.simple:
                answers = compressed.simple_matches(one.high)
                simple += len(answers)
                stray = [match for match in answers if match not in one.matches]
                if stray or (answers.complete and set(answers) != set(one.matches)):
                    faults.append(f"{planted!r}: simple matches at {one.high}: {stray or answers}")
    return Recovery(family, len(sets), maximum, radii, worst, simple, tuple(faults))
