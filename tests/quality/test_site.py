"""What `make docs` does not see by itself: a public name that is on no page of the API reference."""

from __future__ import annotations

import re
from collections import Counter
from pkgutil import resolve_name

from quality.repository import ROOT
from quality.test_docstrings import MODULES

#: A module, and those of its names that a page documents; without any, all of them.
DOCUMENTED = re.compile(r"^\.\. public:: (\S+)\n((?:\n?   .*\n)*)", re.M)


def documented(text: str) -> Counter[str]:
    return Counter(
        f"{module}.{name}"
        for module, names in DOCUMENTED.findall(text)
        for name in names.split() or resolve_name(module).__all__
    )


def test_every_public_name_is_on_one_page() -> None:
    pages = (ROOT / "docs" / "api").glob("*.md")
    found = documented("\n".join(page.read_text(encoding="utf-8") for page in pages))
    public = {f"{module}.{name}" for module in MODULES for name in resolve_name(module).__all__} - set(MODULES)
    assert {name: found[name] for name in public if found[name] != 1} == {}


def test_names_of_a_page_are_seen() -> None:
    page = ".. public:: spanmatch\n\n   Match Neuron\n```\n.. public:: spanmatch.proofs_check.conformance\n```\n"
    assert documented(page)["spanmatch.Neuron"] == 1
    assert documented(page)["spanmatch.proofs_check.conformance.conform"] == 1
    assert documented(page)["spanmatch.compare"] == 0
