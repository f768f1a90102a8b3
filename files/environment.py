"""What is installed: the extras that a call needs, and the versions that produced a result."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from ..theory.errors import MissingExtra


def require(extra: str, modules: tuple[str, ...], purpose: str) -> None:
    """Check that ``modules`` are installed, without importing them.

    *Raises* ``MissingExtra``, which names the extra to install.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise MissingExtra(
            f'{purpose} needs {", ".join(missing)}, not installed here: pip install "spanmatch[{extra}]"'
        )


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that results depend on, where installed."""
    found = {"python": platform.python_version()}
    for package in ("spanmatch", "numpy", "scipy", "torch", "hypothesis", "python-flint"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
