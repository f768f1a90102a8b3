"""What the commands ``conform`` and ``golden`` run: the conformance kit, and the golden vectors as files."""

from __future__ import annotations

from pathlib import Path

from ..files.activations import write_text
from ..proofs_check.conformance.golden import golden_cases, golden_text, schema_text
from ..proofs_check.conformance.kit import LEVELS, conform
from ..theory.errors import InvalidOption

__all__ = ["LEVELS", "conform", "write_golden"]


def write_golden(out: Path) -> tuple[tuple[Path, Path], list[str]]:
    """Write the vectors to ``out`` and ``schema.json`` beside it: the two files, and the names of the cases.

    *Raises* ``InvalidOption`` when ``out`` is the schema's name, ``InvalidFile`` when a file cannot be written.
    """
    written = (out, out.with_name("schema.json"))
    if written[0] == written[1]:
        raise InvalidOption(f"--out: got {out}, need another name; schema.json is the schema's")
    write_text(written[0], golden_text())
    write_text(written[1], schema_text())
    return written, [case.name for case in golden_cases()]
