"""The command, the README and CITATION.cff say the same about how to cite."""

from __future__ import annotations

import json
import re

from quality.repository import ROOT
from typer.testing import CliRunner

import spanmatch
from spanmatch.cli import commands
from spanmatch.files import citation


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(commands.app, ["cite", *arguments])
    assert result.exit_code == 0
    return result.stdout


def test_the_readme_has_what_the_command_prints() -> None:
    assert f"```bibtex\n{invoke('--bibtex')}```" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_bibtex_is_well_formed() -> None:
    entries = re.findall(r"^@(\w+)\{(\w+),\n((?:  \w+ += \{.*\},\n)+)\}$", citation.bibtex(), re.M)
    assert [entry[:2] for entry in entries] == [("software", "spanmatch"), ("inproceedings", "wang2018towards")]
    assert citation.bibtex().count("{") == citation.bibtex().count("}")


def test_citation_file() -> None:
    told = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert told.count(f'title: "{citation.TITLE}"') == 2  # and in the preferred citation
    assert told.count(f"version: {spanmatch.__version__}\n") == 2
    assert f'title: "{citation.PAPER_TITLE}"' in told
    assert f"year: {citation.SOFTWARE_YEAR}" in told
    assert re.search(r"^date-released: \d{4}-\d\d-\d\d$", told, re.M)
    authors = re.findall(r"family-names: (\w+)\n +given-names: (\w+)", told)
    assert tuple(f"{given} {family}" for family, given in authors) == citation.PAPER_AUTHORS
    assert f"arXiv:{citation.PAPER_ARXIV}" in told


def test_text_and_json() -> None:
    assert citation.PAPER_TITLE in invoke()
    assert f"version {spanmatch.__version__}" in invoke()
    assert json.loads(invoke("--json"))["paper"]["eprint"] == citation.PAPER_ARXIV
