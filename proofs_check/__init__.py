"""The evidence: checks of every theorem, runnable on any implementation, and the broken ones that they reject."""

from . import checks_activations, checks_covers
from .implementations import Implementation
from .registry import CHECKS, Budget, Check, Counterexample, Outcome, run_check, run_checks

__all__ = [
    "CHECKS",
    "Budget",
    "Check",
    "Counterexample",
    "Implementation",
    "Outcome",
    "checks_activations",
    "checks_covers",
    "run_check",
    "run_checks",
]
