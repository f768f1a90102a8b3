"""What is asked: statements of the theorems as checks, by topic. They register themselves when imported."""

from ..harness.registry import CHECKS
from . import chance, covers, dynamics, invariance, manners, maximum, minimal, radii, residuals, robustness

__all__ = [
    "CHECKS",
    "chance",
    "covers",
    "dynamics",
    "invariance",
    "manners",
    "maximum",
    "minimal",
    "radii",
    "residuals",
    "robustness",
]
