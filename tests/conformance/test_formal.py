"""The formal proofs against the ledger: ``make proofs`` has Coq check them, here their names are looked at.

The programs extracted from them run in ``tests/properties/test_covers_exhaustive.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from spanmatch.proofs_check.formal import PROVED_IN_PART, Headline, headlines, stated
from spanmatch.theory.ledger import LEDGER


def test_what_is_listed_is_stated_and_the_other_way_round() -> None:
    """``build.sh`` has Coq say of each name in ``assumptions.v`` that it rests on no axiom."""
    assert {one.name for several in headlines().values() for one in several} == {one.name for one in stated()}


def test_every_proof_is_of_a_statement_in_the_ledger() -> None:
    assert set(headlines()) <= set(LEDGER)
    assert set(PROVED_IN_PART) <= set(headlines())


def test_a_name_that_is_listed_and_not_stated_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.v").write_text("\nTheorem T3_other : True.\nProof. exact I. Qed.\n", encoding="utf-8")
    (tmp_path / "assumptions.v").write_text("Print Assumptions T3_other.\n", encoding="utf-8")
    monkeypatch.setattr("spanmatch.proofs_check.formal.SOURCES", tmp_path)
    assert headlines() == {"T3": (Headline("T3_other", "main.v", 2),)}
    (tmp_path / "assumptions.v").write_text("Print Assumptions T4_gone.\n", encoding="utf-8")
    with pytest.raises(KeyError, match="T4_gone"):
        headlines()
