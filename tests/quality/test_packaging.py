"""The root is the package: every package is listed by name, and nothing is loaded under a second name."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from quality.repository import ROOT, files, modules, pyproject

import spanmatch


def test_every_package_is_listed() -> None:
    found = {".".join(["spanmatch", *path.parent.parts]) for path in files("*__init__.py")}
    listed = pyproject()["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(found)


def test_every_python_file_is_in_a_package() -> None:
    listed = set(pyproject()["tool"]["setuptools"]["packages"])
    stray = [
        name for name, path in modules().items() if path.stem != "__init__" and name.rpartition(".")[0] not in listed
    ]
    assert stray == []


def test_root_python_files() -> None:
    assert {p.name for p in files("*.py") if len(p.parts) == 1} == {"__init__.py", "__main__.py"}


def test_every_data_file_is_shipped() -> None:
    """What stands beside the modules is either listed as package data or not there."""
    package_data = pyproject()["tool"]["setuptools"]["package-data"]
    shipped = set()
    for package, patterns in package_data.items():
        folder = ROOT.joinpath(*package.split(".")[1:])
        shipped |= {p.relative_to(ROOT) for pattern in patterns for p in folder.glob(pattern)}
    folders = {Path(*package.split(".")[1:]) for package in pyproject()["tool"]["setuptools"]["packages"]} - {Path()}
    beside = {p for p in files() if p.suffix not in (".py", ".md") and any(p.is_relative_to(f) for f in folders)}
    assert beside - shipped == set()
    assert (ROOT / "py.typed").is_file()


def test_nothing_is_loaded_under_a_second_name() -> None:
    for name in modules():
        importlib.import_module(name)
    ours = {(ROOT / path).resolve(): name for name, path in modules().items()}
    loaded = {
        (name, ours[path])
        for name, module in list(sys.modules.items())
        if (file := getattr(module, "__file__", None)) and (path := Path(file).resolve()) in ours
    }
    assert {name for name, own in loaded if name != own} == set()
    assert {own for _, own in loaded} == set(ours.values())


LOADED = """
import sys
import numpy, scipy.sparse.csgraph, jaxtyping
before = {name.partition(".")[0] for name in sys.modules}
import spanmatch
after = {name.partition(".")[0] for name in sys.modules}
print(*sorted(after - before - set(sys.stdlib_module_names)))
"""


def test_import_loads_nothing_heavy(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=os.environ)
    assert [name for name in done.stdout.split() if not name.startswith("__editable__")] == ["spanmatch"]


def test_one_version_everywhere() -> None:
    version = pyproject()["project"]["version"]
    changelog = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    citation = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M)
    assert changelog is not None
    assert citation is not None
    assert spanmatch.__version__ == version
    assert changelog[1] == version
    assert citation[1] == version


@pytest.mark.parametrize("extra", ["verify", "networks", "exact", "formats", "test", "all"])
def test_extras_that_messages_name_exist(extra: str) -> None:
    assert extra in pyproject()["project"]["optional-dependencies"]


def test_messages_name_only_extras_that_exist() -> None:
    named = {
        extra
        for path in modules().values()
        for extra in re.findall(r"spanmatch\[(\w+)\]", (ROOT / path).read_text(encoding="utf-8"))
    }
    assert named <= set(pyproject()["project"]["optional-dependencies"])
