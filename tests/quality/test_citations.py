"""Every number of the theory, every page of it and every link between the documents leads somewhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

import pytest
from quality.repository import ROOT, files, modules

THEORY = Path("docs", "theory")

ID = re.compile(r"(?<![\w.#])[DTA]\d+(?!\w)")
PAGE = re.compile(r"docs/theory/([\w-]+\.md)(?:#([\w-]+))?")
ANCHOR = re.compile(r'<a id="([\w-]+)"></a>')
#: The project's own text has names instead of sections; only other people's papers have numbered ones.
SECTION = re.compile(r"(?<!paper's )(?<!\d{4}, )\b[Ss]ections? \d+")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!\w+:)([^()\s]*)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)

#: The theorem of the example from beginning to end, which nobody has added.
MADE_UP = {"CONTRIBUTING.md": {"T21"}}

FOLDERS = sorted({path.parts[0] for path in modules().values() if len(path.parts) > 1})
#: A dotted name below one of the package's folders, in single backticks; `report.json` is a file.
NAME = re.compile(rf"(?<!`)`((?:{'|'.join(FOLDERS)})(?!\.(?:html|json|v)`)(?:\.[A-Za-z_]\w*)+)`")

SOURCES = [path for path in files("*.py", "*.v", "*.md") if path != Path("tests/quality/test_citations.py")]
DOCUMENTS = [path for path in SOURCES if path.suffix == ".md"]


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a link into a page of Markdown may name: its anchors, and its headings as they are written in links."""
    text = CODE.sub(lambda code: code[0].strip("`") if "\n" not in code[0] else "", read(page))
    headings = re.findall(r"^#+ (.*?)\s*$", text, re.M)
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return frozenset(slugs | set(ANCHOR.findall(text)))


def read(path: Path) -> str:
    """A file's text; of Coq's the comments, since A1 is a good name for a set there."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"\(\*.*?\*\)", text, re.S)) if path.suffix == ".v" else text


def defined() -> dict[str, list[str]]:
    """D, T and A -> the pages of the theory that define it."""
    found: dict[str, list[str]] = {}
    for page in files(f"{THEORY}/*.md"):
        for anchor in ANCHOR.findall(read(page)):
            if re.fullmatch(r"[dta]\d+", anchor):
                found.setdefault(anchor.upper(), []).append(page.name)
    return found


def dead_citations(text: str) -> list[str]:
    """The numbers, pages and sections that a text cites and that docs/theory does not have."""
    dead = [id for id in ID.findall(text) if id not in defined()]
    for page, anchor in PAGE.findall(text):
        path = THEORY / page
        if path not in files("*.md") or (anchor and anchor not in anchors(path)):
            dead.append(f"{path}#{anchor}" if anchor else str(path))
    dead += SECTION.findall(text)
    return dead + re.findall(r"(?<![\w/-])theory\.md", text)


def dead_names(text: str) -> list[str]:
    """The dotted names of code, as in `theory.radii.match_radii`, that are not in the package."""
    dead = []
    for name in NAME.findall(text):
        try:
            resolve_name(f"spanmatch.{name}")
        except (ImportError, AttributeError):
            dead.append(name)
    return dead


def dead_links(path: Path, text: str) -> list[str]:
    """The links of a document that lead to no file, or to no place in it."""
    dead = []
    for link in LINK.findall(CODE.sub("", text)):
        target, _, anchor = link.partition("#")
        place = (ROOT / path.parent / target).resolve() if target else (ROOT / path).resolve()
        if not place.exists() or (anchor and anchor not in anchors(place.relative_to(ROOT))):
            dead.append(link)
    return dead


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_citations_resolve(path: Path) -> None:
    assert set(dead_citations(read(path))) <= MADE_UP.get(str(path), set())


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_links_resolve(path: Path) -> None:
    assert dead_links(path, read(path)) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_names_of_code_resolve(path: Path) -> None:
    assert dead_names(read(path)) == []


def test_a_number_is_defined_once_and_listed() -> None:
    assert {id: pages for id, pages in defined().items() if len(pages) > 1} == {}
    listed = re.findall(r"^\| \[([DTA]\d+)\]\(([\w-]+\.md)#(\w+)\)", read(THEORY / "README.md"), re.M)
    assert {id: [page] for id, page, anchor in listed if anchor == id.lower()} == defined()
    for kind, count in (("D", 8), ("T", 20), ("A", 8)):
        assert {f"{kind}{k}" for k in range(1, count + 1)} <= set(defined())


@pytest.mark.parametrize("path", files(f"{THEORY}/*.md"), ids=str)
def test_every_section_has_an_anchor(path: Path) -> None:
    """So that a heading may be reworded and no citation breaks."""
    text = read(path)
    if path.name != "README.md":
        assert len(re.findall(r'^<a id="[\w-]+"></a>\n## ', text, re.M)) == len(re.findall(r"^## ", text, re.M)) > 0


@pytest.mark.parametrize(
    "text",
    [
        "Implements T77.",
        "the peel (T6, A9)",
        "'T0-max-match'",
        "D1-D10",
        "Source: theory.md section 5",
        "see theory.md",
        "the planted radii of section 7",
        "(Section 9)",
        "docs/theory/nothing.md",
        "docs/theory/numerics.md#nothing",
    ],
)
def test_dead_citations_are_seen(text: str) -> None:
    assert dead_citations(text)


@pytest.mark.parametrize(
    "text",
    [
        "T6's peel, D1-D6 and A8",
        "docs/theory/numerics.md#rank-tolerance.",
        "Source: docs/theory/chance.md; Wang et al. 2018, section 5, and the paper's section 4",
        "x.T6, DT1, #D50000, T1_residual",
    ],
)
def test_living_citations_pass(text: str) -> None:
    assert dead_citations(text) == []


@pytest.mark.parametrize("text", ["`theory.nothing`", "see `theory.radii.no_such_function`."])
def test_dead_names_are_seen(text: str) -> None:
    assert dead_names(text)


@pytest.mark.parametrize(
    "text", ["`theory.radii.match_radii`, `algorithms.simple`", "`scipy.linalg.nothing`", "theory.x"]
)
def test_living_names_pass(text: str) -> None:
    assert dead_names(text) == []


@pytest.mark.parametrize("text", ["[a](nothing.md)", "[a](../README.md#nothing)", "[a](#nothing)"])
def test_dead_links_are_seen(text: str) -> None:
    assert dead_links(THEORY / "README.md", text)


@pytest.mark.parametrize("text", ["[a](definitions.md#d7)", "[a](#all-numbers)", "[a](https://arxiv.org)", "`[a](b)`"])
def test_living_links_pass(text: str) -> None:
    assert dead_links(THEORY / "README.md", text) == []
