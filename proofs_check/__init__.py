"""The evidence: checks of every theorem, runnable on any implementation, and the broken ones that they reject.

Names are imported when first used: checking a certificate needs NumPy and python-flint only, the checks hypothesis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .certificate_checker import check_certificate
    from .checks import CHECKS
    from .harness.answers import Counterexample
    from .harness.implementations import Implementation
    from .harness.registry import Budget, Check, Outcome, run_check, run_checks

_HOMES = {
    "check_certificate": "certificate_checker",
    "CHECKS": "checks",
    "Counterexample": "harness.answers",
    "Implementation": "harness.implementations",
    **dict.fromkeys(("Budget", "Check", "Outcome", "run_check", "run_checks"), "harness.registry"),
}

__all__ = [
    "CHECKS",
    "Budget",
    "Check",
    "Counterexample",
    "Implementation",
    "Outcome",
    "check_certificate",
    "run_check",
    "run_checks",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
