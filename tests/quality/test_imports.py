"""Who may import whom: the package keeps the contracts of pyproject.toml, and each rejects bad examples."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from pathlib import Path

import grimp
import importlinter.api  # noqa: F401  (configures import-linter)
import pytest
from importlinter.application.use_cases import lint_imports
from quality.repository import ROOT, modules, pyproject

CONTRACTS = {contract["name"]: contract for contract in pyproject()["tool"]["importlinter"]["contracts"]}
DOWN, KINDS, CIRCLES, WHOLE, TORCH = CONTRACTS

#: theory/ is to be read beside the paper: it stands on little.
THEORY_NEEDS = {"numpy", "scipy", "jaxtyping", "array_api_compat"}


def broken(config: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The contracts of a configuration file that its package does not keep."""
    capsys.readouterr()
    kept = lint_imports(str(config), cache_dir=None, no_logo=True)
    printed = capsys.readouterr().out
    assert f"Contracts: {printed.count(' KEPT')} kept, {printed.count(' BROKEN')} broken." in printed, printed
    found = {name for name in CONTRACTS if f"{name} BROKEN" in printed}
    assert kept == (found == set())
    return found


def others(package: str, folder: str) -> set[str]:
    """What a folder of a package imports from outside the package and the standard library."""
    graph = grimp.build_graph(package, include_external_packages=True, cache_dir=None)
    inside = {name for name in graph.modules if name.startswith(f"{package}.{folder}")}
    imported = {name for module in inside for name in graph.find_modules_directly_imported_by(module)}
    return {name for name in imported if name.partition(".")[0] not in {package, *sys.stdlib_module_names}}


def names_itself(source: str) -> bool:
    """Whether a module imports spanmatch by name; inside the package imports are relative."""
    targets: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            targets += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            targets.append(str(node.module))
    return any(target.partition(".")[0] == "spanmatch" for target in targets)


class Toy:
    """A package with our folders and our contracts, and nothing in it but what a test writes there."""

    def __init__(self, folder: Path) -> None:
        self.name = f"toy_{folder.name}"
        self.config = folder / "pyproject.toml"
        self.root = folder / self.name
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        rules = text[text.index("[tool.importlinter]") : text.index("[tool.ruff]")]
        self.config.write_text(rules.replace("spanmatch", self.name), encoding="utf-8")
        for contract in (DOWN, KINDS):
            container = CONTRACTS[contract]["containers"][0].split(".")[1:]
            for layer in CONTRACTS[contract]["layers"]:
                for name in layer.split(" | "):
                    self.write({"/".join([*container, name, "__init__.py"]): ""})
        self.write({"__init__.py": "", "__main__.py": "from .cli import main"})

    def write(self, files: Mapping[str, str]) -> None:
        for name, source in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    monkeypatch.syspath_prepend(tmp_path)
    return Toy(tmp_path)


def test_the_package_keeps_its_contracts(capsys: pytest.CaptureFixture[str]) -> None:
    assert broken(ROOT / "pyproject.toml", capsys) == set()


def test_theory_stands_on_little() -> None:
    assert others("spanmatch", "theory") <= THEORY_NEEDS


def test_imports_inside_are_relative() -> None:
    assert [name for name, path in modules().items() if names_itself((ROOT / path).read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("contract", "files"),
    [
        (DOWN, {"theory/a.py": "from ..algorithms.b import c", "algorithms/b.py": ""}),
        (DOWN, {"theory/a.py": "from .. import algorithms"}),
        (DOWN, {"theory/__init__.py": "from ..synthetic import c"}),
        (DOWN, {"theory/a.py": "def f():\n    from .. import cli"}),
        (DOWN, {"algorithms/a.py": "from ..synthetic.b import c", "synthetic/b.py": ""}),
        (DOWN, {"report/a.py": "from ..studies.b import c", "studies/b.py": ""}),
        (DOWN, {"report/a.py": "from ..networks.b import c", "networks/b.py": ""}),
        (DOWN, {"files/__init__.py": "from ..cli import main"}),
        (DOWN, {"plugins/__init__.py": ""}),
        (DOWN, {"adapters/a.py": "from ..cli import main"}),
        (KINDS, {"proofs_check/checks/a.py": "from ..conformance import kit"}),
        (KINDS, {"proofs_check/checks/a.py": "from .. import counterexamples"}),
        (KINDS, {"proofs_check/symbolic/a.py": "from ..formal import c"}),
        (KINDS, {"proofs_check/harness/a.py": "from ..broken import BROKEN"}),
        (CIRCLES, {"algorithms/a.py": "from .b import c", "algorithms/b.py": "def f():\n    from .a import d"}),
        (WHOLE, {"theory/a.py": "from .. import max_match"}),
        (WHOLE, {"studies/__init__.py": "from .. import __version__"}),
        (TORCH, {"algorithms/a.py": "def f():\n    import torch"}),
        (TORCH, {"proofs_check/checks/a.py": "from torch.nn import Module"}),
    ],
)
def test_bad_examples_are_rejected(
    contract: str, files: dict[str, str], toy: Toy, capsys: pytest.CaptureFixture[str]
) -> None:
    toy.write(files)
    assert broken(toy.config, capsys) == {contract}


def test_good_examples_pass(toy: Toy, capsys: pytest.CaptureFixture[str]) -> None:
    toy.write(
        {
            "__init__.py": "from .theory.matches import Match",
            "theory/matches.py": "import numpy.typing as npt\nfrom .errors import E",
            "theory/errors.py": "",
            "algorithms/__init__.py": "from .exact import max_match",
            "algorithms/exact.py": "from ..theory import Match",
            "networks/a.py": "import torch\nfrom ..algorithms.exact import max_match",
            "studies/a.py": "from ..networks.a import c\nimport torch",
            "cli/__init__.py": "from .. import __version__\nfrom ..studies.a import b",
            "proofs_check/conformance/kit.py": "from ..checks.a import b",
            "proofs_check/checks/a.py": "from ..harness.registry import Check",
            "proofs_check/harness/registry.py": "",
        }
    )
    assert broken(toy.config, capsys) == set()
    assert others(toy.name, "theory") == {"numpy"}


def test_what_theory_needs_beyond_that_is_seen(toy: Toy) -> None:
    toy.write({"theory/a.py": "import ast\ndef f():\n    from sympy.core import Symbol"})
    assert others(toy.name, "theory") == {"sympy"}


@pytest.mark.parametrize("source", ["import spanmatch", "import spanmatch.theory", "from spanmatch.theory import a"])
def test_absolute_imports_are_seen(source: str) -> None:
    assert names_itself(source)
    assert not names_itself('"""\n>>> import spanmatch\n"""\nfrom .. import theory')
