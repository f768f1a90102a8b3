"""Small cases with readable entries, and what makes one worth having."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """Small integer activations, X (inputs, m) and Y (inputs, n), and a rational epsilon; the repr rebuilds it."""

    X: Integers
    Y: Integers
    epsilon: Fraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", np.array(self.X, dtype=np.int64))
        object.__setattr__(self, "Y", np.array(self.Y, dtype=np.int64))
        object.__setattr__(self, "epsilon", Fraction(self.epsilon))

    def __repr__(self) -> str:
        return f"Case(X={self.X.tolist()}, Y={self.Y.tolist()}, epsilon={self.epsilon!r})"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Hypothesis prints falsifying examples through this."""
        printer.text(repr(self))


def case_features(case: Case) -> set[str]:
    """What makes a case worth having, for the report of shares (not an oracle: least squares with a margin).

    Labels: one of "empty", "proper", "everything" for the maximum match; "rank deficient" (a side has fewer
    dimensions than neurons), "three rounds" (the batch peel A3, a round being X and then Y, removes something in at
    least three rounds), "three half-rounds", "dead", "duplicate", "exact" (epsilon 0).
    """
    sides = [case.X.astype(np.float64), case.Y.astype(np.float64)]
    kept = [list(range(Z.shape[1])) for Z in sides]
    removals: list[bool] = []
    while len(removals) < 2 or any(removals[-2:]):
        side = len(removals) % 2
        stays = (
            _squared_residuals(sides[side][:, kept[side]], sides[1 - side][:, kept[1 - side]])
            <= float(case.epsilon) ** 2 + 1e-9
        )
        kept[side] = [index for index, stay in zip(kept[side], stays, strict=True) if stay]
        removals.append(not stays.all())
    rounds = sum(any(removals[k : k + 2]) for k in range(0, len(removals), 2))
    remaining, total = sum(map(len, kept)), sum(Z.shape[1] for Z in sides)
    conditions = {
        "empty": remaining == 0,
        "proper": 0 < remaining < total,
        "everything": remaining == total,
        "rank deficient": any(np.linalg.matrix_rank(Z) < Z.shape[1] for Z in sides),
        "three rounds": rounds >= 3,
        "three half-rounds": sum(removals) >= 3,
        "dead": any(not Z.any(axis=0).all() for Z in sides),
        "duplicate": any(len({tuple(column) for column in Z.T}) < Z.shape[1] for Z in sides),
        "exact": case.epsilon == 0,
    }
    return {label for label, holds in conditions.items() if holds}


def _squared_residuals(own: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    squares = np.sum(own * own, axis=0)
    rest = own - other @ np.linalg.lstsq(other, own, rcond=1e-10)[0] if other.shape[1] and own.shape[1] else own
    ratios: npt.NDArray[np.float64] = np.sum(rest * rest, axis=0) / np.where(squares > 0, squares, 1.0)
    return ratios
