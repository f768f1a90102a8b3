"""Every name in the ledger of theorems leads somewhere."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
from quality.repository import modules

from spanmatch.proofs_check.counterexamples import COUNTEREXAMPLES, UNNEEDED
from spanmatch.proofs_check.harness.registry import CHECKS
from spanmatch.proofs_check.symbolic import SYMBOLIC
from spanmatch.theory.formal import COQ_THEOREMS
from spanmatch.theory.ledger import SYMBOLIC_IN_FULL, THEOREMS

# Checks register themselves when their module is imported.
for _name in modules():
    if _name.startswith("spanmatch.proofs_check."):
        importlib.import_module(_name)


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


def test_ids_are_unique_and_in_order() -> None:
    numbers = [int(re.fullmatch(r"T(\d+)", theorem.id)[1]) for theorem in THEOREMS]  # type: ignore[index]
    assert numbers == sorted(set(numbers))


def test_every_numbered_theorem_is_there() -> None:
    assert {theorem.id for theorem in THEOREMS} >= {f"T{k}" for k in range(1, 19)}


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.id)
class TestTheorem:
    def test_says_what_and_where_from(self, theorem: Any) -> None:
        assert theorem.name
        assert theorem.statement
        assert theorem.source
        assert theorem.status

    def test_implementations_exist(self, theorem: Any) -> None:
        for name in theorem.implemented_by:
            resolve(name)

    def test_checks_exist(self, theorem: Any) -> None:
        assert set(theorem.checked_by) <= set(CHECKS)

    def test_symbolic_proofs_are_all_of_it(self, theorem: Any) -> None:
        assert set(theorem.symbolic) == {proof.id for proof in SYMBOLIC.values() if theorem.id in proof.theorems}

    def test_counterexamples_are_all_of_it(self, theorem: Any) -> None:
        assert set(theorem.counterexamples) == {
            case.id for case in COUNTEREXAMPLES.values() if case.theorem == theorem.id
        }

    def test_a_hypothesis_is_shown_needed_or_not(self, theorem: Any) -> None:
        """Of T1 there is none to drop, and T8 is an example (on which T9 fails)."""
        looked_at = theorem.counterexamples or theorem.id in {one.theorem for one in UNNEEDED}
        assert bool(looked_at) == (theorem.id not in ("T1", "T8"))

    def test_unchecked_says_so(self, theorem: Any) -> None:
        assert (theorem.status == "unchecked") == (theorem.checked_by == ())


def test_evidence_is_of_the_ledger_or_of_what_coq_knows() -> None:
    known = {theorem.id for theorem in THEOREMS} | set(COQ_THEOREMS) | {"D5", "D6"}
    assert {id for proof in SYMBOLIC.values() for id in proof.theorems} <= known
    assert {case.theorem for case in COUNTEREXAMPLES.values()} | {one.theorem for one in UNNEEDED} <= known


def test_symbolic_in_full_is_symbolic() -> None:
    assert set(SYMBOLIC_IN_FULL) <= {theorem.id for theorem in THEOREMS if theorem.symbolic}


@pytest.mark.parametrize("name", ["algorithms.reference.no_such_function", "no_such_package.f", "theory.nothing"])
def test_names_that_lead_nowhere_are_seen(name: str) -> None:
    with pytest.raises((ModuleNotFoundError, AttributeError)):
        resolve(name)
