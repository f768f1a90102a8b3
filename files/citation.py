"""How to cite spanmatch and the paper behind it: the one place that knows; CITATION.cff and the README say the same."""

from __future__ import annotations

from importlib.metadata import version

TITLE = (
    "spanmatch: reference implementation, verification suite and benchmark generator for neuron activation subspace "
    "matching"
)
PAPER_AUTHORS = (
    "Liwei Wang", "Lunjia Hu", "Jiayuan Gu", "Zhiqiang Hu", "Yue Wu", "Kun He", "John Hopcroft",
)  # fmt: skip
PAPER_TITLE = (
    "Towards Understanding Learning Representations: To What Extent Do Different Neural Networks Learn the Same "
    "Representation"
)
PAPER_VOLUME, PAPER_YEAR, PAPER_ARXIV = "Advances in Neural Information Processing Systems 31", 2018, "1810.11750"
SOFTWARE_YEAR = 2026


def software() -> dict[str, str]:
    """The fields of BibTeX's entry of this version."""
    return {
        "title": TITLE,
        "author": "{The spanmatch contributors}",
        "year": str(SOFTWARE_YEAR),
        "version": version("spanmatch"),
        "license": "Apache-2.0",
    }


def paper() -> dict[str, str]:
    """The fields of BibTeX's entry of the paper whose definitions and algorithms are implemented."""
    return {
        "title": PAPER_TITLE,
        "author": " and ".join(PAPER_AUTHORS),
        "booktitle": PAPER_VOLUME,
        "year": str(PAPER_YEAR),
        "eprint": PAPER_ARXIV,
        "archiveprefix": "arXiv",
    }


def bibtex() -> str:
    """Both entries."""
    return f"{_entry('software', 'spanmatch', software())}\n{_entry('inproceedings', 'wang2018towards', paper())}"


def _entry(kind: str, key: str, entry: dict[str, str]) -> str:
    lines = "".join(f"  {name:13} = {{{value}}},\n" for name, value in entry.items())
    return f"@{kind}{{{key},\n{lines}}}\n"


def text() -> str:
    """Two sentences for a list of references."""
    return (
        f"The spanmatch contributors ({SOFTWARE_YEAR}). {TITLE}, version {version('spanmatch')}.\n"
        f"{', '.join(PAPER_AUTHORS)} ({PAPER_YEAR}). {PAPER_TITLE}. {PAPER_VOLUME}. arXiv:{PAPER_ARXIV}.\n"
    )
