"""The ledger claims no more than the checks show (that its names resolve: ``quality/test_ledger.py``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spanmatch.proofs_check import CHECKS, Budget, run_check
from spanmatch.proofs_check import evidence as study
from spanmatch.proofs_check.harness.implementations import FAST
from spanmatch.report.theorems import ledger_page, run_table
from spanmatch.theory.ledger import THEOREMS, Theorem

SMALL = 1_296


def is_exhaustive(name: str) -> bool:
    """Whether a check visits every cover of a size that the budget names, and none if it names none."""
    all_of_them, none = (
        run_check(CHECKS[name], FAST, Budget(cases=1, exhaustive=sizes)).cases for sizes in (("2+2",), ())
    )
    return all_of_them >= SMALL > none


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.id)
class TestTheorem:
    def test_every_check_of_it_says_so_or_is_of_a_consequence(self, theorem: Theorem) -> None:
        """At least one check is listed under the theorem itself; the others under one that rests on it."""
        own = [name for name in theorem.checked_by if theorem.id in CHECKS[name].theorems]
        assert bool(own) == bool(theorem.checked_by)

    def test_checks_of_it_are_listed(self, theorem: Theorem) -> None:
        assert {name for name, check in CHECKS.items() if theorem.id in check.theorems} <= set(theorem.checked_by)

    def test_exhaustive_only_if_a_check_of_it_is(self, theorem: Theorem) -> None:
        if theorem.status.startswith("exhaustive"):
            assert any(is_exhaustive(name) for name in theorem.checked_by if theorem.id in CHECKS[name].theorems)
        else:
            assert not any(is_exhaustive(name) for name in theorem.checked_by)


def test_checks_name_theorems_of_the_ledger() -> None:
    known = {theorem.id for theorem in THEOREMS}
    assert {theorem for check in CHECKS.values() for theorem in check.theorems} <= known


class TestEvidence:
    BY_ID = {theorem.id: theorem for theorem in THEOREMS}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("id", "evidence"),
        [
            ("T2", ("proved formally", "exhaustive to 3+2", "property-tested")),
            ("T10", ("proved formally", "symbolic in part", "property-tested")),
            ("T12", ("proved formally in part", "property-tested")),
            ("T16", ("symbolic", "property-tested")),
        ],
    )
    def test_every_kind_is_told_the_strongest_first(self, id: str, evidence: tuple[str, ...]) -> None:
        assert self.BY_ID[id].evidence == evidence

    def test_none_is_told_too(self) -> None:
        bare = replace(self.BY_ID["T16"], checked_by=(), status="unchecked", symbolic=())
        assert bare.evidence == ("unchecked",)

    @pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.id)
    def test_exhaustive_is_property_tested_as_well(self, theorem: Theorem) -> None:
        """Which the evidence says of both: a check of it also draws cases."""
        if theorem.status.startswith("exhaustive"):
            drawn = (run_check(CHECKS[name], FAST, Budget(cases=2, exhaustive=())) for name in theorem.checked_by)
            assert any(outcome.cases for outcome in drawn)


class TestRun:
    """A run of the ledger, with the checks cut down to what goes wrong."""

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(study, "CHECKS", {name: CHECKS[name] for name in CHECKS if name.startswith("T8")})
        monkeypatch.setattr(study, "BROKEN", {
            one: kept for one, names in study.BROKEN.items()
            if (kept := tuple(name for name in names if name.startswith("T8")))
        })  # fmt: skip
        proofs = {"T14-bound", "T16-flow-of-vectors", "T17-end"}
        monkeypatch.setattr(study, "SYMBOLIC", {name: one for name, one in study.SYMBOLIC.items() if name in proofs})
        only = tuple(theorem for theorem in THEOREMS if theorem.id in ("T8", "T14", "T17"))
        checks = {"T8": ("T8-minimal-not-unique", "T8-two-partners")}
        monkeypatch.setattr(study, "THEOREMS", tuple(
            replace(theorem, checked_by=checks.get(theorem.id, ())) for theorem in only
        ))  # fmt: skip

    def test_counts_what_it_saw(self) -> None:
        told: list[str] = []
        run = study.run_ledger(cases=3, seed=1, progress=told.append)
        assert run.ok
        rows = {theorem.id: theorem for theorem in run.theorems}
        assert rows["T8"].cases == 13
        assert set(rows["T8"].kills) == {"strict inequality", "min_match tries network 1 only"}
        assert (rows["T14"].cases, rows["T14"].identities, rows["T14"].counterexamples) == (0, 3, 4)
        assert {"reference: T8-two-partners", "broken: strict inequality", "symbolic: T14-bound"} <= set(told)
        found = run.to_dict()
        assert (found["ok"], found["cases"], found["seed"], len(found["theorems"])) == (True, 3, 1, 3)
        assert run_table(found).row_count == 3

    def test_what_goes_wrong_is_told_where_it_belongs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sound = replace(FAST, name="sound")
        broken = next(one for one in study.BROKEN if one.name == "strict inequality")
        proof, case = study.SYMBOLIC["T17-end"], study.COUNTEREXAMPLES["T14-far"]
        monkeypatch.setattr(study, "REFERENCE", broken)
        monkeypatch.setattr(study, "BROKEN", {sound: ("T8-two-partners",)})
        wrong = replace(proof, claim=proof.wrong["A_low for all"], wrong={"right": proof.claim})
        monkeypatch.setattr(study, "SYMBOLIC", {**study.SYMBOLIC, "T17-end": wrong})
        monkeypatch.setattr(study, "COUNTEREXAMPLES", {"T14-far": replace(case, broken=case.repaired)})

        def needed() -> int:
            raise study.NeededAfterAllError("a case")

        monkeypatch.setattr(study, "UNNEEDED", (replace(study.UNNEEDED[0], theorem="T14", evidence=needed),))
        run = study.run_ledger(cases=3)
        faults = {theorem.id: theorem.faults for theorem in run.theorems}
        assert not run.ok
        assert faults["T8"][0].startswith("T8-two-partners: failed: ")
        assert faults["T8"][1] == "T8-two-partners: lets the broken 'sound' pass"
        assert faults["T17"][0].startswith("T17-end: ")
        assert faults["T17"][1] == "T17-end: accepts the wrong statement 'right'"
        assert faults["T14"] == (
            "T14-far: the object has 'every move at most delta'",
            "T14-far: the conclusion holds for the object",
            "T14 needs 'a monotone cover (D8)': a case",
        )
        assert len(run.faults) == 7


class TestRecords:
    def test_kills_are_those_recorded(self) -> None:
        records: dict[str, Any] = {record["id"]: record for record in study.theorem_records()}
        kills = {check["id"]: check["kills"] for check in records["T16"]["checks"]}
        assert "w' without its factor 1/2" in kills["T16-flow"]
        assert "w' without its factor 1/2" not in kills["T16-conserved"]
        assert set(kills["T16-flow"]) <= set(records["T16"]["kills"])

    def test_others_are_definitions_and_algorithms(self) -> None:
        ids = [record["id"] for record in study.other_records()]
        assert {"A1", "A4", "D1", "D5", "D6"} <= set(ids)
        assert not {theorem.id for theorem in THEOREMS} & set(ids)

    def test_page_escapes_markdown(self) -> None:
        page = ledger_page(study.theorem_records(), study.other_records())
        assert "X\\*" in page
        assert "| [T18](#t18) |" in page
