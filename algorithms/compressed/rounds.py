"""The peel of T6 in rounds: match radii from two sides that keep each other's residuals up to date.

Each round removes the neuron with the largest residual; where others have come to lie at or above the lowest level so
far, all of them at once (T4), and their radius is that level. It ends as soon as nothing more can be learnt: when all
that is left has residual 0, and so radius 0, or when one side is empty.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from jaxtyping import Float, Int

NeuronIndices = Int[np.ndarray, " indices"]

ANEW = 1 / 3
"""If at least this share of a side of independent neurons goes at once, what stays is factorised anew."""

TOGETHER = 32
"""So many updates wait, to be carried out as one product."""


class Predictors(Protocol):
    """One side as it predicts the other while neurons of both are removed."""

    def forget(self, gone: NeuronIndices) -> None:
        """Some neurons of the other side are gone."""

    def remove(self, gone: NeuronIndices) -> None:
        """Some neurons of this side are gone: the squares of the other side's grow."""


def peeled_radii(
    x: Predictors,
    y: Predictors,
    m: int,
    squares: Float[np.ndarray, " neurons"],
    zero: float,
    dead_residual: float,
) -> tuple[Float[np.ndarray, " neurons"], float]:
    """Match radii (D7), and the largest residual that was counted as 0.

    ``squares``: r^2 of the m neurons of x, then of those of y, each against the whole other side; -inf for dead ones.
    The predictors keep them up to date, and find -inf for a neuron that is gone. ``zero``: residuals up to this count
    as 0; ``dead_residual``: that of a dead neuron.
    """
    live = squares > -np.inf
    left_x, left_y = int(np.count_nonzero(live[:m])), int(np.count_nonzero(live[m:]))
    radii = np.where(live, 0.0, min(1.0, dead_residual))
    level = 1.0
    while left_x and left_y:
        v = int(squares.argmax())
        largest = float(squares[v])
        if largest <= zero**2:
            return radii, float(np.sqrt(max(largest, 0.0)))
        if largest >= level:
            gone = np.flatnonzero(squares >= level)
        else:
            gone, level = np.array([v]), largest
        radii[gone] = np.sqrt(level)
        squares[gone] = -np.inf
        first_y = int(np.searchsorted(gone, m))
        gone_x, gone_y = gone[:first_y], gone[first_y:] - m
        left_x, left_y = left_x - len(gone_x), left_y - len(gone_y)
        if left_x and left_y:
            y.forget(gone_x)
            x.forget(gone_y)
            if len(gone_x):
                x.remove(gone_x)
            if len(gone_y):
                y.remove(gone_y)
    # What is alone has a residual of 1.
    radii[squares > -np.inf] = np.sqrt(level)
    return radii, 0.0
