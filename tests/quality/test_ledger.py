"""Every name in the ledger of theorems leads somewhere."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
from quality.repository import modules

from spanmatch.proofs_check.registry import CHECKS
from spanmatch.theory.ledger import THEOREMS

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

    def test_unchecked_says_so(self, theorem: Any) -> None:
        assert (theorem.status == "unchecked") == (theorem.checked_by == ())


@pytest.mark.parametrize("name", ["algorithms.reference.no_such_function", "no_such_package.f", "theory.nothing"])
def test_names_that_lead_nowhere_are_seen(name: str) -> None:
    with pytest.raises((ModuleNotFoundError, AttributeError)):
        resolve(name)
