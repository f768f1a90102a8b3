"""All counterexamples that show which hypotheses the theorems need, and the hypotheses that turned out not needed."""

from __future__ import annotations

from . import chance, covers, dynamics, independence, invariance, radii, stability, unneeded
from .statement import NeededAfterAllError, NeededHypothesis, Statement, UnneededHypothesis, faults

__all__ = [
    "COUNTEREXAMPLES",
    "UNNEEDED",
    "NeededAfterAllError",
    "NeededHypothesis",
    "Statement",
    "UnneededHypothesis",
    "faults",
]

COUNTEREXAMPLES: dict[str, NeededHypothesis] = {
    case.id: case
    for module in (covers, radii, independence, stability, invariance, chance, dynamics)
    for case in module.NEEDED
}
UNNEEDED: tuple[UnneededHypothesis, ...] = tuple(
    one for module in (unneeded, independence, stability, invariance, chance, dynamics) for one in module.UNNEEDED
)
