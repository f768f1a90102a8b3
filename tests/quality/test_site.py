"""What `make docs` does not see by itself: a public name that is on no page of the API reference."""

from __future__ import annotations

import re
from collections import Counter

from quality.repository import ROOT

import spanmatch

#: A name that a page documents, or a module all of whose names it does.
DOCUMENTED = re.compile(r"^\.\. auto(?:function|class|exception|module):: (?:[\w.]+\.)?(\w+)$", re.M)


def documented() -> Counter[str]:
    pages = (ROOT / "docs" / "api").glob("*.md")
    return Counter(name for page in pages for name in DOCUMENTED.findall(page.read_text(encoding="utf-8")))


def test_every_public_name_is_on_one_page() -> None:
    found = documented()
    assert {name: found[name] for name in spanmatch.__all__ if found[name] != 1} == {}
