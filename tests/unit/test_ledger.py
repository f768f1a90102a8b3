"""The ledger claims no more than the checks show (that its names resolve: ``quality/test_ledger.py``)."""

from __future__ import annotations

import pytest

from spanmatch.proofs_check import CHECKS, Budget, run_check
from spanmatch.proofs_check.implementations import FAST
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
