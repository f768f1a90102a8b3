"""Named implementations that answer rightly, but where they should not, or at a cost; and the checks that say so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...algorithms.peeling import batch_peel
from ..harness.implementations import Activations, Implementation, from_parts


def _changes_its_argument() -> Implementation:
    sound = from_parts("normalises X in place", max_match=batch_peel)

    def max_match(X: Activations, Y: Activations, epsilon: Any) -> Any:
        X *= 2
        return sound.max_match(X, Y, epsilon)

    return replace(sound, max_match=max_match)


BROKEN: dict[Implementation, str] = {
    from_parts("answers whatever it is asked", max_match=batch_peel): "T13-too-few-inputs D1-epsilon-out-of-range",
    _changes_its_argument(): "activations-unchanged",
}
"""Implementation -> the checks that must reject it, the one that names its fault first."""
