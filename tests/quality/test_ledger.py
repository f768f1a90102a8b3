"""Every name in the ledger leads somewhere, and so does every name on the page of the evidence."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
from quality.repository import ROOT

from spanmatch.proofs_check import CHECKS
from spanmatch.proofs_check.counterexamples import COUNTEREXAMPLES, UNNEEDED
from spanmatch.proofs_check.evidence import record
from spanmatch.proofs_check.formal import headlines
from spanmatch.proofs_check.symbolic import SYMBOLIC
from spanmatch.theory.ledger import LEDGER, Statement

LISTS = ("code", "coq", "checks", "symbolic_proofs", "needed", "killers")

STATEMENTS = pytest.mark.parametrize("statement", LEDGER.values(), ids=LEDGER)


def resolve(dotted: str) -> Any:
    """The object of a dotted name, below ``spanmatch`` whether that is written or not."""
    parts = dotted.removeprefix("spanmatch.").split(".")
    for end in range(len(parts), -1, -1):
        try:
            found: Any = importlib.import_module(".".join(["spanmatch", *parts[:end]]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[end:]:
            found = getattr(found, attribute)
        return found
    raise ModuleNotFoundError(dotted)


def defines(one: dict[str, Any]) -> bool:
    """Whether the line that is named, or a statement that begins there, gives the name."""
    lines = (ROOT / one["file"]).read_text(encoding="utf-8").splitlines()[one["line"] - 1 :]
    name = one.get("id") or one["name"]
    last = name.rpartition(".")[2]
    says = (f'"{name}"', f"def {last}", f"class {last}", f"Theorem {name}", f"Lemma {name}", f"Corollary {name}")
    whole_module = one["line"] == 1 and one["file"].endswith(f"{last}.py")
    return whole_module or any(text in line for line in lines[:3] for text in says)


def test_every_number_is_there_once() -> None:
    for kind, least in (("D", 8), ("T", 20), ("A", 8)):
        ids = [id for id in LEDGER if id.startswith(kind)]
        assert ids == [f"{kind}{k}" for k in range(1, max(least, len(ids)) + 1)]


@STATEMENTS
class TestStatement:
    def test_says_what_and_where_from(self, statement: Statement) -> None:
        assert all((statement.name, statement.statement, statement.hypotheses, statement.source))

    def test_implementations_exist(self, statement: Statement) -> None:
        for name in statement.implemented_by:
            resolve(name)

    def test_has_a_place_in_the_theory(self, statement: Statement) -> None:
        found = record(statement.id)
        assert found["theory"].startswith("docs/theory/")
        assert statement.id in found["proof"].splitlines()[0]

    def test_every_name_leads_to_the_line_that_gives_it(self, statement: Statement) -> None:
        found = record(statement.id)
        named = [one for kind in LISTS for one in found[kind]]
        made_of_parts = [one for one in named if not defines(one)]
        assert {one["id"].partition("-")[0] for one in made_of_parts} <= {"T12"}
        assert {one["file"] for one in made_of_parts} <= {"proofs_check/checks/invariance.py"}

    def test_a_hypothesis_is_shown_needed_or_not(self, statement: Statement) -> None:
        found = record(statement.id)
        if statement.id.startswith("T"):
            assert statement.hypotheses == "none" or found["needed"] or found["unneeded"]

    def test_unchecked_says_so(self, statement: Statement) -> None:
        found = record(statement.id)
        assert (found["status"] == "unchecked") == (found["checked_by"] == [])
        if statement.id.startswith("T"):
            assert found["status"] != "unchecked"


def test_evidence_is_of_statements_in_the_ledger() -> None:
    named = {id for one in (*CHECKS.values(), *SYMBOLIC.values()) for id in one.theorems} | set(headlines())
    named |= {case.theorem for case in COUNTEREXAMPLES.values()} | {one.theorem for one in UNNEEDED}
    assert named <= set(LEDGER)


def test_an_id_stands_for_one_piece_of_evidence() -> None:
    """However it is made: a check, a symbolic proof, a counterexample."""
    ids = [*CHECKS, *SYMBOLIC, *COUNTEREXAMPLES]
    assert len(ids) == len(set(ids))


def test_the_page_links_to_the_files_that_define() -> None:
    page = (ROOT / "docs" / "theorems.md").read_text(encoding="utf-8")
    links = dict(re.findall(r"\[`([^`]+)`\]\(\.\./([^)]+)\)", page))
    named = [one for id in LEDGER for kind in LISTS if kind != "killers" for one in record(id)[kind]]
    assert {one.get("id") or one["name"]: one["file"] for one in named} == links
    assert all((ROOT / file).is_file() for file in links.values())


@pytest.mark.parametrize("name", ["algorithms.reference.no_such_function", "no_such_package.f", "theory.nothing"])
def test_names_that_lead_nowhere_are_seen(name: str) -> None:
    with pytest.raises((ModuleNotFoundError, AttributeError)):
        resolve(name)


@pytest.mark.parametrize(
    "one",
    [
        {"name": "algorithms.peeling.batch_peel", "file": "algorithms/peeling.py", "line": 1},
        {"id": "T6-match-radii", "file": "proofs_check/checks/maximum.py", "line": 30},
    ],
)
def test_places_that_define_something_else_are_seen(one: dict[str, Any]) -> None:
    assert not defines(one)
