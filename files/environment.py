"""What is installed: the extras that a call needs, and the versions that a result was made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from ..theory.errors import MissingExtra


def require(extra: str, modules: tuple[str, ...], purpose: str) -> None:
    """Nothing, or which extra to install when one of ``modules`` is not there; imports none of them.

    *Raises* ``MissingExtra``.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise MissingExtra(
            f'{purpose} needs {", ".join(missing)}, not installed here: pip install "spanmatch[{extra}]"'
        )


def versions() -> dict[str, str]:
    """Python's version and those of the packages that results depend on, as far as they are installed."""
    found = {"python": platform.python_version()}
    for package in ("spanmatch", "numpy", "scipy", "torch", "hypothesis", "python-flint"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
