"""``make claims``: every claim measured again, a row each. Exit code 1 when one is short, 2 when none was asked for.

The claims stand in the modules of ``topics/``, each with a list ``CLAIMS``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

# PYTHONSAFEPATH keeps a script's folder off the import path; the modules of claims are wanted from there.
FOLDER = Path(__file__).resolve().parent
if str(FOLDER) not in sys.path:
    sys.path.insert(0, str(FOLDER))

from claim import Claim, NotRun  # noqa: E402

OK, SHORT, NOT_RUN = "ok", "short", "not run"
STYLES = {OK: "green", SHORT: "bold red", NOT_RUN: "yellow"}


@dataclass(frozen=True)
class Row:
    """What came of one claim."""

    id: str
    where: str
    text: str
    required: str
    measured: str | float
    verdict: str


def registered() -> list[Claim]:
    """The claims of every topic. *Raises* ``ValueError`` when two have the same id."""
    modules = [import_module(f"topics.{path.stem}") for path in sorted((FOLDER / "topics").glob("*.py"))]
    claims: list[Claim] = [claim for module in modules for claim in module.CLAIMS]
    twice = {claim.id for claim in claims if sum(other.id == claim.id for other in claims) > 1}
    if twice:
        raise ValueError(f"claims registered twice: {', '.join(sorted(twice))}")
    return claims


def measure(claim: Claim) -> Row:
    """One row; a measurement that breaks is short, for what it claims was not seen."""
    try:
        measured, ok = claim.measure()
        verdict = OK if ok else SHORT
    except NotRun as reason:
        measured, verdict = str(reason), NOT_RUN
    except Exception as error:
        measured, verdict = f"{type(error).__name__}: {error}", SHORT
    return Row(claim.id, claim.where, claim.text, claim.required, measured, verdict)


def measure_all(claims: Sequence[Claim]) -> Iterator[Row]:
    """The rows in order, each told on a terminal while it is being measured."""
    console = Console(stderr=True)
    for claim in claims:
        if console.is_terminal:
            with console.status(claim.id):
                row = measure(claim)
        else:
            row = measure(claim)
        yield row


def show(rows: Sequence[Row]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    table = Table("claim", "source", "what is measured", "required", "measured", "verdict", show_lines=True)
    for row in rows:
        measured = f"{row.measured:.6g}" if isinstance(row.measured, float) else str(row.measured)
        cells = (row.id, row.where, row.text, row.required, measured)
        table.add_row(*map(Text, cells), Text(row.verdict, STYLES[row.verdict]))
    console.print(table)
    console.print(", ".join(f"{sum(row.verdict == v for row in rows)} {v}" for v in STYLES))


def main(arguments: Sequence[str] | None = None, claims: Sequence[Claim] | None = None) -> int:
    """Measure and print the claims that ``--only`` picks; the exit code."""
    parser = argparse.ArgumentParser(
        prog="claims.py",
        description="Measure again what the README, the docs and the requirements claim.",
        epilog="example: benchmarks/claims.py --only 'frame.*' --json",
    )
    parser.add_argument("--only", metavar="GLOB", default="*", help="the claims whose id matches")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    chosen = [c for c in (registered() if claims is None else claims) if fnmatchcase(c.id, options.only)]
    if not chosen:
        print(f"claims.py: no claim matches {options.only!r}", file=sys.stderr)
        return 2
    rows = list(measure_all(chosen))
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
    else:
        show(rows)
    return int(any(row.verdict == SHORT for row in rows))


if __name__ == "__main__":
    sys.exit(main())
