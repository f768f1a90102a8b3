"""The formal proofs against the ledger, and the programs extracted from them against ours.

``make proofs`` has Coq check the proofs; here their names are held against the ledger, and where Coq is installed the
extracted programs run as one more implementation.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from spanmatch.algorithms import reference
from spanmatch.algorithms.peeling import batch_peel
from spanmatch.proofs_check.formal import extracted, headlines
from spanmatch.synthetic import all_covers
from spanmatch.theory.formal import COQ_THEOREMS, PROVED_IN_PART
from spanmatch.theory.ledger import THEOREMS

needs_coq = pytest.mark.skipif(
    bool(extracted.missing_tools()), reason=f"not run: {', '.join(extracted.missing_tools())} not installed"
)


def test_what_is_called_proved_is_a_headline_and_the_other_way_round() -> None:
    assert headlines() == COQ_THEOREMS


def test_every_theorem_with_a_proof_is_in_the_ledger() -> None:
    assert {name for name in COQ_THEOREMS if name.startswith("T")} <= {theorem.id for theorem in THEOREMS}
    for theorem in THEOREMS:
        assert theorem.formal == COQ_THEOREMS.get(theorem.id, ())
        assert theorem.proved_formally == (bool(theorem.formal) and theorem.id not in PROVED_IN_PART)


def test_a_missing_headline_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.v").write_text("Theorem T3_other : True.\nProof. exact I. Qed.\n", encoding="utf-8")
    monkeypatch.setattr("spanmatch.proofs_check.formal.FOLDER", tmp_path)
    assert headlines() == {"T3": ("T3_other",)} != COQ_THEOREMS


@needs_coq
@pytest.mark.parametrize(("m", "n", "count"), [(2, 2, 1_296), (3, 2, 86_400)])
def test_extracted_programs_agree_on_every_cover(m: int, n: int, count: int, tmp_path: Path) -> None:
    covers = list(all_covers(m, n))
    found = extracted.answers(extracted.build(tmp_path), covers)
    assert len(found) == count
    for cover, answer in zip(covers, found, strict=True):
        assert answer.maximum == batch_peel(cover)
        for v in cover.everything:
            ours = reference.min_match(cover, v, max_match=batch_peel)
            assert answer.minimal[v] == ours, f"{cover}: {v}"
