"""What a layer's curves say against the null: how far they lie beyond it, and the verdict in words.

Differences are rounded to three decimals *before* they are compared, so that verdicts and printed numbers agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Verdict = Literal["shares something", "shares little", "no better than the null", "no null", "no epsilon"]


@dataclass(frozen=True)
class Thresholds:
    """The levels that decide a verdict.

    ``shared``: a layer shares something when it lies at least this far beyond the null at some epsilon.
    ``negligible``: it is no better than the null when it lies at most this far beyond it at every epsilon, and its
    area at most ``lead`` above the null's. ``lead``: the shuffles are read at an epsilon larger by at least this much:
    curves rise from 0 to 1 within less, so that of two that differ by sampling alone one may stand far above the other
    for a moment. An area larger by this much is a curve that comes earlier by this much in the mean.
    ``chance_share``: shuffled images are said to match from the epsilon on at which this share of live neurons does.
    """

    shared: float = 0.1
    negligible: float = 0.02
    lead: float = 0.02
    chance_share: float = 0.05

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


THRESHOLDS = Thresholds()


@dataclass(frozen=True)
class BeyondNull:
    """How far every draw rises above every shuffle: the largest ``amount`` (negative where a draw lies below a
    shuffle everywhere) and the smallest ``epsilon`` that has it; ``first``: the smallest epsilon with an amount of at
    least ``Thresholds.shared``, None if nowhere."""

    amount: float
    epsilon: float
    first: float | None


@dataclass(frozen=True)
class AgainstNull:
    """A layer's ``verdict``, and the numbers that it rests on: None where there is no null."""

    verdict: Verdict
    beyond_null: BeyondNull | None
    area_beyond_null: float | None


def against_null(
    epsilons: Sequence[float],
    lowest: Sequence[float],
    null_highest: Sequence[float],
    area: float,
    null_area: float,
    shuffles: int,
) -> AgainstNull:
    """The verdict on one layer, from the lowest draw and the highest of ``shuffles`` shuffles at each epsilon."""
    if not epsilons:
        return AgainstNull("no epsilon", None, None)
    if not shuffles:
        return AgainstNull("no null", None, None)
    beyond, more = _beyond(epsilons, lowest, null_highest), round(area - null_area, 3)
    if beyond.amount >= THRESHOLDS.shared:
        return AgainstNull("shares something", beyond, more)
    if beyond.amount > THRESHOLDS.negligible or more > THRESHOLDS.lead:
        return AgainstNull("shares little", beyond, more)
    return AgainstNull("no better than the null", beyond, more)


def _beyond(epsilons: Sequence[float], lowest: Sequence[float], null_highest: Sequence[float]) -> BeyondNull:
    """The shuffles are read at the next epsilon of the grid that is larger by ``lead``, or, on a grid without any such
    pair, at the same one."""
    lead = THRESHOLDS.lead - 1e-9  # in floats 0.3 - 0.28 is below 0.02
    later = [next((j for j, e in enumerate(epsilons) if e >= epsilon + lead), None) for epsilon in epsilons]
    read_at = [(k, j) for k, j in enumerate(later) if j is not None] or [(k, k) for k in range(len(epsilons))]
    amounts = [(round(lowest[k] - null_highest[j], 3), epsilons[k]) for k, j in read_at]
    largest = max(amount for amount, _ in amounts)
    return BeyondNull(
        largest,
        next(epsilon for amount, epsilon in amounts if amount == largest),
        next((epsilon for amount, epsilon in amounts if amount >= THRESHOLDS.shared), None),
    )
