"""Wrong equations with as many rates to fit as the right ones: that they fit worse shows that a fit could have failed.

Not every error in an equation can be seen in every run: where a term is small, no curve tells. Whether it could be seen
is asked of the theory alone: the wrong equation is fitted to the theory's own curves, and only a misfit there that is
larger than the theory's misfit on the network can be told from it. The four in ``TEST`` are those of which most runs
can tell; those in ``WEAK`` and ``OTHERS`` are measured too, and judged by nothing.
"""

from __future__ import annotations

from typing import Any

from ...theory.dynamics import RightHandSide


def altered(
    *,
    hidden: float = 1.0,
    hidden_x: bool = True,
    output: float = 1.0,
    decoder: float = 0.5,
    encoder: float = 0.5,
    three: float = 3.0,
    minus_y: float = 1.0,
    plus_target: float = 1.0,
    plus_w: float = 1.0,
) -> RightHandSide:
    """The equations with other coefficients: ``hidden`` times h' (without its factor X unless ``hidden_x``),
    ``output`` times y', and w' = −decoder η_y (three w − minus_y y + plus_target Y) h
    − encoder η_h X (y + plus_w w) w/h.
    """

    def ode(state: Any, X: Any, Y: Any, eta_h: Any, eta_y: Any) -> tuple[Any, Any, Any]:
        h, y, w = state
        return (
            -hidden * eta_h * (X if hidden_x else 1.0) * w,
            -output * w * (eta_y * h + eta_h * X * y / h),
            -decoder * eta_y * (three * w - minus_y * y + plus_target * Y) * h
            - encoder * eta_h * X * (y + plus_w * w) * w / h,
        )

    return ode


def _blind(state: Any, X: Any, Y: Any, eta_h: Any, eta_y: Any) -> tuple[Any, Any, Any]:
    h, y, w = state
    return -eta_h * X * w, -w * eta_y * h, -0.5 * eta_y * (3 * w - y + Y) * h


def _swapped_rates(state: Any, X: Any, Y: Any, eta_h: Any, eta_y: Any) -> tuple[Any, Any, Any]:
    right = altered()
    dh, _, _ = right(state, X, Y, eta_h, eta_y)
    _, dy, dw = right(state, X, Y, eta_y, eta_h)
    return dh, dy, dw


TEST: dict[str, RightHandSide] = {
    "w' with w for 3w": altered(three=1.0),
    "w' without Y - y": altered(minus_y=0.0, plus_target=0.0),
    "w' without its target Y": altered(plus_target=0.0),
    "y' of the wrong sign": altered(output=-1.0),
}
"""Those that must fit worse on 90 % of runs."""

WEAK: dict[str, RightHandSide] = {
    "h' of the wrong sign": altered(hidden=-1.0),
    "w' without its factor 1/2": altered(decoder=1.0, encoder=1.0),
    "outputs blind to the moving representation": _blind,
    "rates swapped in y' and w'": _swapped_rates,
}
"""Those of which fewer runs can tell."""

OTHERS: dict[str, RightHandSide] = {
    "h' doubled": altered(hidden=2.0),
    "h' halved": altered(hidden=0.5),
    "h' without X": altered(hidden_x=False),
    "h frozen": altered(hidden=0.0),
    "y' doubled": altered(output=2.0),
    "y' halved": altered(output=0.5),
    "w' halved": altered(decoder=0.25, encoder=0.25),
    "w' with 2w for 3w": altered(three=2.0),
    "w' with 4w for 3w": altered(three=4.0),
    "w' with 5w for 3w": altered(three=5.0),
    "w' with 2 (Y - y)": altered(minus_y=2.0, plus_target=2.0),
    "w' with half of Y - y": altered(minus_y=0.5, plus_target=0.5),
    "w' with y - Y for Y - y": altered(minus_y=-1.0, plus_target=-1.0),
    "w' without -y": altered(minus_y=0.0),
    "w' with -Y": altered(plus_target=-1.0),
    "w' with y - w for y + w": altered(plus_w=-1.0),
    "w' without the encoder's term": altered(encoder=0.0),
    "w' with the decoder's term doubled": altered(decoder=1.0),
    "w' with the encoder's term doubled": altered(encoder=1.0),
}
"""All others that were tried."""
