"""All counterexamples that show which hypotheses the theorems need, and the hypotheses that turned out not needed."""

from __future__ import annotations

from . import counterexamples_changes as changes
from . import counterexamples_covers as covers
from . import counterexamples_dynamics as dynamics
from . import counterexamples_layers as layers
from . import counterexamples_numbers as numbers
from . import counterexamples_residuals as residuals
from . import counterexamples_unneeded as unneeded
from .counterexample_statement import NeededAfterAllError, NeededHypothesis, Statement, UnneededHypothesis, faults

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
    case.id: case for module in (covers, residuals, layers, changes, numbers, dynamics) for case in module.NEEDED
}
UNNEEDED: tuple[UnneededHypothesis, ...] = tuple(
    one for module in (unneeded, layers, changes, numbers, dynamics) for one in module.UNNEEDED
)
