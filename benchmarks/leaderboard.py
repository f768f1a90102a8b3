"""The implementations that are here, scored: ``python benchmarks/leaderboard.py`` makes docs/leaderboard.md's table."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from spanmatch.proofs_check.conformance.published_style import DECLARED, PUBLISHED_STYLE
from spanmatch.proofs_check.harness.implementations import BRUTE_FORCE, EXACT, FAST, REFERENCE
from spanmatch.report.table import Column, Table
from spanmatch.studies.suites.scoring import score
from spanmatch.studies.suites.writing import write_suite

SUITE = "quick"
IMPLEMENTATIONS: Mapping[str, Any] = {
    "spanmatch": FAST,
    "literal algorithms of the paper (reference)": REFERENCE,
    "exact arithmetic": EXACT,
    "brute force": BRUTE_FORCE,
    "published style, declared": DECLARED,
    "published style": PUBLISHED_STYLE,
    "score only: spanmatch's similarity": SimpleNamespace(similarity=FAST.similarity),
    "score only: published style": SimpleNamespace(
        similarity=lambda X, Y, epsilon: sum(map(len, DECLARED.max_match(X, Y, epsilon))) / (X.shape[1] + Y.shape[1])
    ),
}
COLUMNS = (
    Column("implementation", "name", kind="name"),
    Column("points", "points", ".1f"),
    Column("right", lambda row: f"{row['right']} of {row['questions']}"),
    Column("radii error", "radii_error", ".0e"),
    Column("agreement", "agreement", ".3f"),
    Column("simple found", "simple_found", ".0%"),
    Column("sets not asked", "not_asked"),
    Column("ms a question", lambda row: 1000 * row["seconds"] / row["questions"], ".0f"),
)
SAME = ("implementation", "points", "right", "agreement", "simple found", "sets not asked")
"""The columns that are the same whenever they are measured."""


def rows(suite: str = SUITE) -> list[dict[str, Any]]:
    """A row for each implementation, the best first."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        write_suite(suite, folder)
        for name, one in IMPLEMENTATIONS.items():
            # So long that no answer is wrong because the machine was busy.
            scores = score(folder, one, reference=False, time_limit=120.0)
            more = {"name": name, "points": scores.points, "not_asked": len(scores.not_asked)}
            found.append({**scores.whole(), **more})
    return sorted(found, key=lambda row: (-row["points"], -row["right"]))


def table(suite: str = SUITE) -> Table:
    """The same as a table."""
    return Table(f"Scores on {suite}", COLUMNS, rows(suite))


if __name__ == "__main__":
    sys.stdout.write(table(*sys.argv[1:2]).markdown())
