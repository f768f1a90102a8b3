"""The machine-checked proofs: where they lie, and which statements they prove (``README.md`` says the rest)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).resolve().parent
ASSUMPTIONS = re.compile(r"^Print Assumptions (([DTA]\d+)_\w+)\.", re.MULTILINE)
HEADLINE = re.compile(r"^(?:Theorem|Lemma|Corollary) ([DTA]\d+_\w+)")

PROVED_IN_PART: dict[str, str] = {
    "A8": "what the checker accepts is true; not that it accepts every valid certificate",
    "T19": "closure under intersection and uniqueness; not the number of simple matches, nor Wielandt's bound",
    "T12": "scaling, isometries and exact injective maps; not permutations, swaps and copies",
}
"""Theorems of whose statement only a part is proved formally, and which."""


@dataclass(frozen=True)
class Headline:
    """A Coq theorem that carries the id of a statement, and where it stands."""

    name: str
    file: str
    line: int


def headlines() -> dict[str, tuple[Headline, ...]]:
    """Id -> the Coq theorems that ``assumptions.v`` says are proved without axioms, sorted by name."""
    listed = ASSUMPTIONS.findall((SOURCES / "assumptions.v").read_text(encoding="utf-8"))
    places = {one.name: one for one in stated()}
    found: dict[str, list[Headline]] = {}
    for name, identifier in sorted(listed):
        found.setdefault(identifier, []).append(places[name])
    return {identifier: tuple(names) for identifier, names in found.items()}


def stated() -> list[Headline]:
    """Every theorem in the sources whose name begins with an id."""
    return [
        Headline(match[1], source.name, number)
        for source in sorted(SOURCES.glob("*.v"))
        for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1)
        if (match := HEADLINE.match(line))
    ]
