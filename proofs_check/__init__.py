"""The evidence: checks of every theorem, runnable on any implementation, and the broken ones that they reject.

Names are imported when first used: checking a certificate needs NumPy and python-flint only, the checks hypothesis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "check_certificate": "certificate_checker",
    "Implementation": "implementations",
    **dict.fromkeys(("CHECKS", "Budget", "Check", "Counterexample", "Outcome", "run_check", "run_checks"), "registry"),
}
#: They register themselves when imported, in this order.
_CHECKS = tuple(name for name in __all__ if name.startswith("checks_"))


def __getattr__(name: str) -> Any:
    if name in _CHECKS:
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _HOMES[name] == "registry":
        for module in _CHECKS:
            import_module(f".{module}", __name__)
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
