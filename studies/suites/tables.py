"""How scores are shown."""

from __future__ import annotations

from ...report.table import Column, Table
from .scoring import Scores

_MARKS = (
    Column("sets", "sets"),
    Column("right", lambda row: f"{row['right']} of {row['questions']}"),
    Column("radii error", "radii_error", ".1e", hint="the largest error of a match radius"),
    Column("agreement", "agreement", ".3f", hint="of maximum matches with the right ones"),
    Column("simple found", "simple_found", ".0%", hint="of all simple matches; to cover the maximum match is right"),
    Column("seconds", "seconds", ".1f"),
    Column("× reference", "times_reference", ".2f", hint="time over that of the literal algorithms, where both ran"),
)


def score_table(scores: Scores) -> Table:
    """A row for each group of sets, and one for all."""
    title = f"{scores.name} on {scores.suite} {scores.version}"
    return Table(title, (Column("group", "group", kind="name"), *_MARKS), [*scores.to_rows(), scores.whole()])
