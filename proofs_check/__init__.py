"""The evidence: checks of every theorem, runnable on any implementation, and the broken ones that they reject."""

from . import (
    checks_activations,
    checks_chance,
    checks_covers,
    checks_dynamics,
    checks_invariance,
    checks_simple,
    checks_stability,
)
from .certificate_checker import check_certificate
from .implementations import Implementation
from .registry import CHECKS, Budget, Check, Counterexample, Outcome, run_check, run_checks

__all__ = [
    "CHECKS",
    "Budget",
    "Check",
    "Counterexample",
    "Implementation",
    "Outcome",
    "check_certificate",
    "checks_activations",
    "checks_chance",
    "checks_covers",
    "checks_dynamics",
    "checks_invariance",
    "checks_simple",
    "checks_stability",
    "run_check",
    "run_checks",
]
