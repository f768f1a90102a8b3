"""The machine-checked proofs: where they lie, and which theorems they prove (``README.md`` says the rest)."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
HEADLINE = re.compile(r"^(?:Theorem|Lemma|Corollary) (([DTA]\d+)_\w+)", re.MULTILINE)


def headlines() -> dict[str, tuple[str, ...]]:
    """Theory id -> names of the Coq theorems that carry it, sorted; ``build.sh`` proves each of them axiom-free."""
    found: dict[str, set[str]] = {}
    for source in FOLDER.glob("*.v"):
        for name, identifier in HEADLINE.findall(source.read_text(encoding="utf-8")):
            found.setdefault(identifier, set()).add(name)
    return {identifier: tuple(sorted(names)) for identifier, names in sorted(found.items())}
