"""What is installed is found out without importing it."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError

import numpy
import pytest

from spanmatch.files.environment import require, versions
from spanmatch.theory.errors import MissingExtra


def test_require_imports_nothing() -> None:
    before = set(sys.modules)
    require("none", ("this", "antigravity"), "a test")
    assert not {"this", "antigravity"} & (set(sys.modules) - before)
    with pytest.raises(MissingExtra, match=r"a test needs no_such_module, .*spanmatch\[none\]"):
        require("none", ("this", "no_such_module"), "a test")


def test_versions_are_of_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    here = ".".join(map(str, sys.version_info[:3]))
    assert versions()["python"] == here
    assert versions()["numpy"] == numpy.__version__

    def nothing(package: str) -> str:
        raise PackageNotFoundError(package)

    monkeypatch.setattr("spanmatch.files.environment.version", nothing)
    assert versions() == {"python": here}
