"""Counterexamples about the effective theory (T17), and what T16 does not need."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from ...theory import dynamics
from ...theory.errors import InvalidState
from .statement import NeededAfterAllError, NeededHypothesis, Statement, UnneededHypothesis

LONG, NEARBY = 1e6, 1e-8


@dataclass(frozen=True)
class State:
    """dx, dy, eta_h, eta_y and the state that training starts from; w0 such that it is possible."""

    dx: Fraction
    dy: Fraction
    eta_h: Fraction
    eta_y: Fraction
    h0: Fraction
    y0: Fraction
    w0: Fraction

    @classmethod
    def of(cls, *numbers: str) -> State:
        return cls(*map(Fraction, numbers))

    @property
    def possible(self) -> bool:
        return self.h0 > 0 and (self.y0 - self.w0) ** 2 <= self.y0 * self.dy**2

    @property
    def last(self) -> float | None:
        """h after a long time; None where h runs into 0 before."""
        dx, dy, eta_h, eta_y, h0, y0, w0 = self._floats
        try:
            h, _, _ = dynamics.solve(dx, dy, eta_h, eta_y, h0, y0, w0, [LONG])
        except InvalidState:
            return None
        return float(h[0])

    @property
    def predicted(self) -> float:
        """T17's closed form."""
        dx, dy, eta_h, eta_y, h0, y0, _ = self._floats
        return dynamics.final_squared_distance(dx, dy, eta_h, eta_y, h0, y0)

    @property
    def _floats(self) -> list[float]:
        return [float(number) for number in vars(self).values()]


def ends_as_predicted(state: State) -> bool:
    return state.last is not None and math.isclose(state.last, state.predicted, rel_tol=NEARBY)


_STAYS = "a state from which h does not run into 0"
_T17 = Statement(
    "T17",
    {"a possible state": lambda state: state.possible, _STAYS: lambda state: state.last is not None},
    ends_as_predicted,
)
_ALIGNED = State.of("1", "1", "1", "1", "1/10", "1/4", "1/4")

NEEDED = (
    NeededHypothesis(
        "T17-opposed", _T17, _STAYS,
        "outputs exactly opposed to their targets, A_high < 0: sqrt(h) falls at a rate bounded away from 0, and at "
        "h = 0 the equations of h, y and w end (continued in r, u and v, the flow does reach the value)",
        State.of("1", "1", "1", "1", "1/10", "1/4", "3/4"), _ALIGNED,
    ),
    NeededHypothesis(
        "T17-nearly-opposed", _T17, _STAYS,
        "nearly opposed outputs too: h is at 0 before the outputs have turned, and there the equations end as well",
        State.of("1", "1", "1", "1", "1/100", "109/10000", "1109/10000"), _ALIGNED,
    ),
)  # fmt: skip


def _negative_h() -> int:
    """T16's derivative along the flow, in fractions, at states that no two points can be in."""
    cases = 0
    for h in (Fraction(-1), Fraction(-2, 3), Fraction(-7, 5)):
        for y, w, X, eta_h, eta_y in ((Fraction(1, 2), Fraction(2), 3, 5, 7), (Fraction(-3), Fraction(1, 9), 1, 2, 1)):
            h_rate, y_rate, _ = dynamics.right_hand_side((h, y, w), X, 1, eta_h, eta_y)
            if y_rate / h - y * h_rate / h**2 - Fraction(eta_y, eta_h * X) * h_rate != 0:
                raise NeededAfterAllError(f"not so at h = {h}, y = {y}, w = {w}")
            cases += 1
    return cases


UNNEEDED = (
    UnneededHypothesis(
        "T16", "h > 0", "an h other than 0 is enough for the identity; at 0 the quantity is not defined", _negative_h
    ),
)  # fmt: skip
