"""The effective theory against networks as a page of its own, in one file that needs nothing else."""

from __future__ import annotations

from typing import Any

from .page import document
from .page.dynamics import dynamics_section


def dynamics_page(result: dict[str, Any]) -> str:
    """``DynamicsResult.to_dict()`` as one self-contained HTML page, well-formed as XML too; no script."""
    origin = [f"seed {result['seed']}", f"{result['grid']} × {result['grid']} distances", f"{result['seconds']} s"]
    origin += [f"{name} {version}" for name, version in result["versions"].items()]
    title = "spanmatch: the effective theory against networks"
    return document(title, (), (dynamics_section(result),), " · ".join(origin))
