"""What is derived about each statement, and a run of it (that names resolve: ``quality/test_ledger.py``)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spanmatch.proofs_check import CHECKS, Budget, run_check
from spanmatch.proofs_check import evidence as study
from spanmatch.proofs_check.harness.implementations import FAST
from spanmatch.report.theorems import ledger_page, one_statement, run_table
from spanmatch.theory.ledger import LEDGER

SMALL = 1_296


@pytest.mark.parametrize("name", [name for name, check in CHECKS.items() if "cover_" in " ".join(check.needs)])
def test_exhaustive_is_who_visits_every_small_cover(name: str) -> None:
    all_of_them, none = (
        run_check(CHECKS[name], FAST, Budget(cases=1, exhaustive=sizes)).cases for sizes in (("2+2",), ())
    )
    assert (all_of_them >= SMALL > none) == CHECKS[name].exhaustive
    assert none


def test_no_other_check_says_so() -> None:
    assert all("cover_" in " ".join(check.needs) for check in CHECKS.values() if check.exhaustive)


class TestEvidence:
    @pytest.mark.parametrize(
        ("id", "evidence"),
        [
            ("T2", ("proved formally", "exhaustive to 3+2", "property-tested")),
            ("T10", ("proved formally", "symbolic in part", "property-tested")),
            ("T12", ("proved formally in part", "property-tested")),
            ("T16", ("symbolic", "property-tested")),
            ("T19", ("proved formally in part", "symbolic in part", "property-tested")),
            ("D8", ("unchecked",)),
            ("A1", ("proved formally",)),
        ],
    )
    def test_every_kind_is_told_the_strongest_first(self, id: str, evidence: tuple[str, ...]) -> None:
        assert study.evidence_for(id) == evidence

    def test_status_is_what_the_checks_reach(self) -> None:
        statuses = {id: study.record(id)["status"] for id in ("T3", "T15", "T20")}
        assert statuses == {"T3": "exhaustive to 3+2", "T15": "property-tested", "T20": "exhaustive to 3+2"}

    def test_nothing_rests_on_itself(self) -> None:
        assert study.rests_on("T6") == ("D7", "T4")
        assert study.rests_on("T20") == ("T3", "T7")  # T9, T15 and T19 are mentioned after the proof
        known = {id: set(study.rests_on(id)) for id in LEDGER}
        while known:
            first = {id for id, needed in known.items() if not needed & known.keys()}
            assert first, f"a circle among {sorted(known)}"
            known = {id: needed for id, needed in known.items() if id not in first}

    def test_without_the_documents_nothing_is_quoted(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        assert study.theory_text("T6")[0] == "docs/theory/maximum-match.md#t6"
        monkeypatch.setattr(study, "ROOT", tmp_path)
        assert study.theory_text("T6") == ("", "")


class TestRun:
    """A run of the evidence of one statement."""

    def test_counts_what_it_saw(self) -> None:
        told: list[str] = []
        run = study.run_ledger(cases=3, seed=1, only="T14", progress=told.append)
        assert run.ok
        (seen,) = run.theorems
        assert (seen.id, seen.identities, seen.counterexamples) == ("T14", 3, 4)
        assert seen.cases >= 4
        assert set(seen.kills) == set(study.record("T14")["kills"])
        assert {"reference: T14-robust", "broken: best two neurons", "symbolic: T14-bound"} <= set(told)
        assert not any("T13" in line or "T15" in line for line in told)
        found = run.to_dict()
        assert (found["ok"], found["cases"], found["seed"], len(found["theorems"])) == (True, 3, 1, 1)
        assert len(run_table(found).records) == 1

    def test_each_level_has_somebody_who_is_held_to_it(self) -> None:
        held = {check.level: study.sound_for(check).name.partition(":")[0] for check in CHECKS.values()}
        assert held == {
            **dict.fromkeys(("required", "numerical", "ours"), "reference"),
            "optional": "spanmatch",
            "threshold": "exact oracle",
        }

    def test_what_goes_wrong_is_told_where_it_belongs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sound = replace(FAST, name="sound")
        monkeypatch.setattr(study, "CHECKS", {"T14-robust": CHECKS["T14-robust"]})
        monkeypatch.setattr(study, "REFERENCE", next(one for one in study.BROKEN if "mean" in one.name))
        monkeypatch.setattr(study, "BROKEN", {sound: ("T14-robust",)})
        proof, case = study.SYMBOLIC["T14-bound"], study.COUNTEREXAMPLES["T14-far"]
        wrong = replace(proof, claim=proof.wrong["length as before"], wrong={"right": proof.claim})
        monkeypatch.setattr(study, "SYMBOLIC", {"T14-bound": wrong})
        monkeypatch.setattr(study, "COUNTEREXAMPLES", {"T14-far": replace(case, broken=case.repaired)})

        def needed() -> int:
            raise study.NeededAfterAllError("a case")

        monkeypatch.setattr(study, "UNNEEDED", (replace(study.UNNEEDED[0], theorem="T14", evidence=needed),))
        run = study.run_ledger(cases=60)
        assert not run.ok
        faults = next(theorem.faults for theorem in run.theorems if theorem.id == "T14")
        assert faults == run.faults
        assert faults[0].startswith("T14-robust: failed: ")
        assert faults[1] == "T14-robust: lets the broken 'sound' pass"
        assert faults[2].startswith("T14-bound: ")
        assert faults[3:] == (
            "T14-bound: accepts the wrong statement 'right'",
            "T14-far: the object has 'every move at most delta'",
            "T14-far: the conclusion holds for the object",
            "T14 needs 'a monotone cover (D8)': a case",
        )


class TestRecords:
    def test_kills_are_those_recorded(self) -> None:
        records: dict[str, Any] = {record["id"]: record for record in study.theorem_records()}
        kills = {check["id"]: check["kills"] for check in records["T16"]["checks"]}
        assert "w' without its factor 1/2" in kills["T16-flow"]
        assert "w' without its factor 1/2" not in kills["T16-conserved"]
        assert set(kills["T16-flow"]) <= set(records["T16"]["kills"])

    def test_others_are_definitions_and_algorithms(self) -> None:
        ids = [one["id"] for one in study.other_records()]
        assert ids == [*(f"D{k}" for k in range(1, 9)), *(f"A{k}" for k in range(1, 9))]

    def test_page_escapes_markdown(self) -> None:
        page = ledger_page(study.theorem_records(), study.other_records())
        assert "X\\*" in page
        assert "| [T18](#t18) |" in page

    def test_one_statement_is_told_with_lines(self) -> None:
        told = "\n".join(one_statement(study.record("T6")))
        for text in ("algorithms/peeling.py:", "T6-match-radii (required): ", "Coq:\n  T6_cover", "*Proof.*"):
            assert text in told
        assert "docs/theory is not installed here" in "\n".join(
            one_statement({**study.record("T6"), "theory": "", "proof": ""})
        )
