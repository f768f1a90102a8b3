"""The formal proofs against the ledger, and the programs extracted from them against ours.

``make proofs`` has Coq check the proofs; here their names are held against the ledger, and where Coq is installed the
extracted programs run as one more implementation.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from spanmatch.algorithms import reference
from spanmatch.algorithms.peeling import batch_peel
from spanmatch.proofs_check.formal import PROVED_IN_PART, Headline, extracted, headlines, stated
from spanmatch.synthetic import all_covers
from spanmatch.theory.ledger import LEDGER

needs_coq = pytest.mark.skipif(
    bool(extracted.missing_tools()), reason=f"not run: {', '.join(extracted.missing_tools())} not installed"
)


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
