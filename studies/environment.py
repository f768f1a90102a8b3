"""What was installed when a result was made."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version


def versions() -> dict[str, str]:
    """Python's version and those of the packages that results depend on, as far as they are installed."""
    found = {"python": platform.python_version()}
    for package in ("spanmatch", "numpy", "scipy", "torch", "hypothesis", "python-flint"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
