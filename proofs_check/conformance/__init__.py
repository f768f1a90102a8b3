"""For implementations from elsewhere: what they get right, and golden vectors for programs in any language.

Names are imported when first used: the golden vectors need no hypothesis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .kit import conform, parametrize_with_checks
    from .report import ConformanceReport

_HOMES = {"conform": "kit", "parametrize_with_checks": "kit", "ConformanceReport": "report"}

__all__ = ["ConformanceReport", "conform", "parametrize_with_checks"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
