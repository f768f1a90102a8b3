"""Who may import whom: the folders are layers, and no arrow runs upward."""

from __future__ import annotations

import ast
import sys

import pytest
from quality.repository import ROOT, modules

ROOT_MODULE = "(root)"

#: folder or root module -> the folders and root modules that it may import
ALLOWED = {
    "theory": set(),
    "algorithms": {"theory"},
    "synthetic": {"theory"},
    "proofs_check": {"theory", "algorithms", "synthetic"},
    "files": {"theory"},
    "networks": {"theory", "algorithms", "files"},
    "report": {"theory", "files"},
    "studies": {"theory", "algorithms", "synthetic", "proofs_check", "networks", "report", "files"},
    "cli": {"theory", "studies", "proofs_check", "report", "files", ROOT_MODULE},
    "__main__": {"cli"},
    ROOT_MODULE: {"theory", "algorithms", "synthetic", "proofs_check", "networks", "studies", "report", "files"},
}

#: torch belongs to the networks and to what runs them; theory/ is to be read beside the paper.
TORCH = {"networks", "studies"}
THEORY = {"numpy", "scipy", "jaxtyping"}


def folder(name: str) -> str:
    """spanmatch.theory.matches -> theory; spanmatch -> (root)."""
    return name.split(".")[1] if "." in name else ROOT_MODULE


def imported(name: str, source: str, is_package: bool) -> set[str]:
    """The absolute dotted names that a module imports, at its top or within functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")[: None if is_package else -1]
            base = base[: len(base) - node.level + 1] if node.level else []
            if node.module:
                found.add(".".join([*base, node.module]))
            else:
                found |= {".".join([*base, alias.name]) for alias in node.names}
    return found


def faults(name: str, source: str, is_package: bool) -> list[str]:
    """What one module imports and should not."""
    here, found = folder(name), []
    for target in sorted(imported(name, source, is_package)):
        top = target.partition(".")[0]
        if top == "spanmatch":
            there = folder(target)
            there = there if there in ALLOWED else ROOT_MODULE
            if there not in {here, *ALLOWED[here]}:
                found.append(f"{name} imports {target}: {here} may not import {there}")
        elif top == "torch" and here not in TORCH:
            found.append(f"{name} imports torch, which belongs to {sorted(TORCH)}")
        elif here == "theory" and top not in THEORY and top not in sys.stdlib_module_names:
            found.append(f"{name} imports {top}, but theory needs only {sorted(THEORY)}")
    tree = ast.parse(source)
    absolute = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and not n.level and n.module]
    plain = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    for target in [*(str(n.module) for n in absolute), *plain]:
        if target.partition(".")[0] == "spanmatch":
            found.append(f"{name} imports {target}: inside the package imports are relative")
    return found


@pytest.mark.parametrize("name", modules())
def test_no_arrow_runs_upward(name: str) -> None:
    path = modules()[name]
    assert faults(name, (ROOT / path).read_text(encoding="utf-8"), path.stem == "__init__") == []


@pytest.mark.parametrize(
    ("name", "source", "is_package"),
    [
        ("spanmatch.theory.a", "from ..algorithms.b import c", False),
        ("spanmatch.theory.a", "from .. import algorithms", False),
        ("spanmatch.theory", "from ..synthetic import c", True),
        ("spanmatch.theory.a", "from .. import max_match", False),
        ("spanmatch.theory.a", "import sympy", False),
        ("spanmatch.algorithms.a", "def f():\n    import torch", False),
        ("spanmatch.algorithms.a", "from ..synthetic.b import c", False),
        ("spanmatch.algorithms.a", "from spanmatch.theory import Match", False),
        ("spanmatch.algorithms.a", "import spanmatch.theory", False),
        ("spanmatch.report.a", "from ..studies.b import c", False),
        ("spanmatch.files", "from .cli import main", False),
    ],
)
def test_wrong_arrows_are_seen(name: str, source: str, is_package: bool) -> None:
    assert faults(name, source, is_package) != []


@pytest.mark.parametrize(
    ("name", "source", "is_package"),
    [
        ("spanmatch.theory.a", "from .b import c\nimport numpy.typing as npt", False),
        ("spanmatch.algorithms", "from ..theory import Match", True),
        ("spanmatch.algorithms", "from .exact import max_match", True),
        ("spanmatch.cli", "from . import __version__\nfrom .files import to_json", False),
        ("spanmatch", "from .theory.matches import Match", True),
    ],
)
def test_right_arrows_pass(name: str, source: str, is_package: bool) -> None:
    assert faults(name, source, is_package) == []
