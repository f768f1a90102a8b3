"""The programs extracted from the proofs, as one more implementation on abstract covers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ...theory.covers import TableCover
from ...theory.errors import MissingExtra
from ...theory.matches import Match, Neuron, Side
from . import SOURCES

TOOLS = ("coqc", "ocamlfind", "ocamlopt")


@dataclass(frozen=True)
class Answers:
    """What the proved programs say of one cover: maximum match, and the minimal match of each neuron (or None)."""

    maximum: Match
    minimal: dict[Neuron, Match | None]


def missing_tools() -> tuple[str, ...]:
    """The programs that building needs and that are not here."""
    return tuple(tool for tool in TOOLS if shutil.which(tool) is None)


def build(folder: Path) -> Path:
    """Extract the proved programs from their Coq sources and compile them in ``folder``.

    Raises: ``MissingExtra`` where Coq or OCaml is absent.
    """
    if missing_tools():
        raise MissingExtra(
            f"extracted programs: {', '.join(missing_tools())} not found; install the Debian packages coq and "
            f"libcoq-mathcomp-algebra"
        )
    subprocess.run(["sh", str(SOURCES / "extract.sh"), str(folder)], check=True, capture_output=True, text=True)
    return folder / "match_tables"


def answers(program: Path, covers: Sequence[TableCover]) -> list[Answers]:
    """Run the proved programs on covers, each written out as a full table."""
    lines = "".join(f"{table(cover)}\n" for cover in covers)
    done = subprocess.run([str(program)], input=lines, check=True, capture_output=True, text=True)
    return [_read(line, cover) for line, cover in zip(done.stdout.splitlines(), covers, strict=True)]


def table(cover: TableCover) -> str:
    """One line for the program: residual 0 where a set covers a neuron and 1 where not, level 0, cap 1."""
    rows = [_row(sets, cover.m, cover.n, "x") for sets in cover.x] + [
        _row(sets, cover.m, cover.n, "y") for sets in cover.y
    ]
    return f"{cover.m + cover.n} 0 1 {' '.join(rows)}"


@lru_cache(maxsize=1000)
def _row(sets: tuple[frozenset[int], ...], m: int, n: int, side: Side) -> str:
    """For every set of neurons, by its number, whether it covers a neuron of ``side`` with these covering sets."""
    neurons = Match.everything(m, n).neurons
    residuals = []
    for bits in range(2 ** len(neurons)):
        members = (u for k, u in enumerate(neurons) if bits >> k & 1)
        others = frozenset(u.index for u in members if u.side != side)
        residuals.append("0" if any(needed <= others for needed in sets) else "1")
    return " ".join(residuals)


def _read(line: str, cover: TableCover) -> Answers:
    neurons = cover.everything.neurons
    maximum, *rest = map(int, line.split())
    minimal = {
        v: None if bits < 0 else _match(bits, neurons) for v, bits in zip(neurons, rest[: len(neurons)], strict=True)
    }
    return Answers(_match(maximum, neurons), minimal)


def _match(bits: int, neurons: Iterable[Neuron]) -> Match:
    return Match.of(u for k, u in enumerate(neurons) if bits >> k & 1)
