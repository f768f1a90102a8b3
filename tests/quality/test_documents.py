"""Doctests and the README's examples run, and no file names a machine."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import matplotlib
import pytest
from quality.repository import ROOT, files, modules

from spanmatch.proofs_check.evidence import other_records, theorem_records
from spanmatch.report.theorems import ledger_page

matplotlib.use("Agg")

#: Page -> its examples.
BLOCKS = {
    page: re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
    for page in ("README.md", "docs/models.md", "docs/what-it-measures.md", "docs/larger-than-memory.md")
}

#: Folders of one machine, and package hosts: a file that names them works in one place only.
MACHINE = re.compile(
    r"(?<![\w.$}])/(?:work|tmp|root|home|opt|mnt|Users)/[\w.]"
    r"|\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org|(?:extra-)?index-url|find-links)\b"
)


@pytest.mark.parametrize("name", [name for name in modules() if not name.endswith("__main__")])
def test_doctests(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_pages_have_examples() -> None:
    assert all(BLOCKS.values())


@pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")
@pytest.mark.parametrize("page", BLOCKS)
def test_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order and in one namespace, as somebody reads them."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "page"}
    for block in BLOCKS[page]:
        exec(compile(block, page, "exec"), namespace)


def test_page_of_theorems_is_what_the_ledger_says() -> None:
    """``spanmatch theorems --markdown`` writes it."""
    written = (ROOT / "docs" / "theorems.md").read_text(encoding="utf-8")
    assert written == ledger_page(theorem_records(), other_records())


@pytest.mark.parametrize("path", files(), ids=str)
def test_no_machine_is_named(path: Path) -> None:
    try:
        text = (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        assert path.suffix in (".safetensors", ".npz", ".png"), "neither text nor a known binary format"
        return
    if path != Path(__file__).resolve().relative_to(ROOT):
        assert MACHINE.findall(text) == []


@pytest.mark.parametrize("text", ["see /tmp/x", "'/home/me'", "(/root/.cache)", "pip --index-url y", "at pypi.org"])
def test_machines_are_seen(text: str) -> None:
    assert MACHINE.search(text)


@pytest.mark.parametrize("text", ["out/tmp/x", "https://arxiv.org/home/x", "/usr/share/datasets", "$x/tmp/y"])
def test_other_paths_pass(text: str) -> None:
    assert not MACHINE.search(text)
