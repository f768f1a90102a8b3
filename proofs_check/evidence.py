"""The ledger with everything that stands behind it: what each piece of evidence says, and a run of all of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..theory.formal import COQ_THEOREMS
from ..theory.ledger import THEOREMS
from . import CHECKS, Budget, run_check
from .broken import BROKEN
from .counterexamples import COUNTEREXAMPLES, UNNEEDED, NeededAfterAllError, faults
from .harness.implementations import REFERENCE
from .harness.registry import without_shrinking
from .symbolic import SYMBOLIC, NotAnIdentityError, prove, wrong_statements_accepted

Progress = Callable[[str], None]
Record = dict[str, Any]

ENOUGH_TO_FAIL = 300
"""Cases for a broken implementation: a check of it ends at the first failure."""


@cache
def theorem_records() -> tuple[Record, ...]:
    """One record a theorem: what the ledger says, with each name's own statement. Runs nothing."""
    return tuple({**theorem.to_dict(), **_evidence(theorem.id, theorem.checked_by)} for theorem in THEOREMS)


@cache
def other_records() -> tuple[Record, ...]:
    """The same for definitions and algorithms about which something is proved or shown."""
    ids = {*COQ_THEOREMS, *(id for proof in SYMBOLIC.values() for id in proof.theorems)}
    ids |= {case.theorem for case in COUNTEREXAMPLES.values()} | {one.theorem for one in UNNEEDED}
    others = sorted(ids - {theorem.id for theorem in THEOREMS})
    return tuple({"id": id, "formal": list(COQ_THEOREMS.get(id, ())), **_evidence(id, ())} for id in others)


def _evidence(id: str, checked_by: tuple[str, ...]) -> Record:
    rejected = {name: [one.name for one, names in BROKEN.items() if name in names] for name in checked_by}
    return {
        "checks": [
            {"id": name, "statement": CHECKS[name].statement, "kills": rejected[name]} for name in checked_by
        ],
        "symbolic_proofs": [
            {"id": one.id, "statement": one.statement, "scope": one.scope, "rejects": list(one.wrong)}
            for one in SYMBOLIC.values()
            if id in one.theorems
        ],
        "needed": [
            {"id": one.id, "hypothesis": one.dropped, "why": one.why}
            for one in COUNTEREXAMPLES.values()
            if one.theorem == id
        ],
        "unneeded": [{"hypothesis": one.hypothesis, "why": one.why} for one in UNNEEDED if one.theorem == id],
        "kills": [one.name for one, names in BROKEN.items() if set(names) & set(checked_by)],
    }


@dataclass(frozen=True)
class TheoremRun:
    """What a run saw of one theorem: ``cases`` that its checks examined on the reference, ``identities`` derived,
    ``counterexamples`` verified, the broken implementations that its checks rejected, and what went wrong."""

    id: str
    name: str
    evidence: tuple[str, ...]
    cases: int
    identities: int
    counterexamples: int
    kills: tuple[str, ...]
    faults: tuple[str, ...]

    def to_dict(self) -> Record:
        lists = {name: list(getattr(self, name)) for name in ("evidence", "kills", "faults")}
        return {**vars(self), **lists}


@dataclass(frozen=True)
class LedgerRun:
    """A run of all the evidence; ``faults`` also holds what belongs to no theorem, such as proofs about algorithms."""

    theorems: tuple[TheoremRun, ...]
    faults: tuple[str, ...]
    cases: int
    seed: int
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.faults

    def to_dict(self) -> Record:
        return {
            "ok": self.ok,
            "cases": self.cases,
            "seed": self.seed,
            "seconds": self.seconds,
            "faults": list(self.faults),
            "theorems": [theorem.to_dict() for theorem in self.theorems],
        }


def run_ledger(*, cases: int = 60, seed: int = 0, progress: Progress | None = None) -> LedgerRun:
    """Run every check on the reference and on the broken implementations that it is recorded to reject, every symbolic
    proof with its wrong statements, every counterexample, and the evidence against hypotheses that are not needed.

    Parameters: ``cases``: generated cases for each check of the reference, which must pass; broken implementations
    get at least ``ENOUGH_TO_FAIL``, and must fail. ``seed``: of everything random. Cost: about a minute.
    """
    started = time.perf_counter()
    tell = progress or (lambda _: None)
    wrong: dict[str, list[str]] = {}
    examined, rejected = {}, set()
    with without_shrinking():
        for check in CHECKS.values():
            tell(f"reference: {check.id}")
            outcome = run_check(check, REFERENCE, Budget(cases, seed))
            examined[check.id] = outcome.cases
            if outcome.verdict != "passed":
                wrong.setdefault(check.id, []).append(f"{check.id}: {outcome.verdict}: {outcome.detail}")
        for broken, names in BROKEN.items():
            tell(f"broken: {broken.name}")
            for name in names:
                if run_check(CHECKS[name], broken, Budget(max(cases, ENOUGH_TO_FAIL), seed)).verdict == "failed":
                    rejected.add((name, broken.name))
                else:
                    wrong.setdefault(name, []).append(f"{name}: lets the broken {broken.name!r} pass")
    derived = _derive(wrong, tell)
    _verify(wrong, tell)
    theorems = tuple(
        TheoremRun(
            theorem.id,
            theorem.name,
            theorem.evidence,
            sum(examined[name] for name in theorem.checked_by),
            sum(derived[name] for name in theorem.symbolic),
            sum(name not in wrong for name in theorem.counterexamples),
            tuple(one.name for one in BROKEN if any((name, one.name) in rejected for name in theorem.checked_by)),
            tuple(
                fault
                for name in (*theorem.checked_by, *theorem.symbolic, *theorem.counterexamples, theorem.id)
                for fault in wrong.get(name, ())
            ),
        )
        for theorem in THEOREMS
    )
    everything = tuple(fault for found in wrong.values() for fault in found)
    return LedgerRun(theorems, everything, cases, seed, time.perf_counter() - started)


def _derive(wrong: dict[str, list[str]], tell: Progress) -> dict[str, int]:
    """Identities derived for each symbolic proof; notes what fails in ``wrong``."""
    derived = {}
    for proof in SYMBOLIC.values():
        tell(f"symbolic: {proof.id}")
        try:
            derived[proof.id] = prove(proof)
        except NotAnIdentityError as error:
            derived[proof.id] = 0
            wrong.setdefault(proof.id, []).append(str(error))
        for claim in wrong_statements_accepted(proof):
            wrong.setdefault(proof.id, []).append(f"{proof.id}: accepts the wrong statement {claim!r}")
    return derived


def _verify(wrong: dict[str, list[str]], tell: Progress) -> None:
    """Counterexamples, and hypotheses that are not needed; notes what fails in ``wrong``."""
    for case in COUNTEREXAMPLES.values():
        tell(f"counterexample: {case.id}")
        for fault in faults(case):
            wrong.setdefault(case.id, []).append(fault)
    for one in UNNEEDED:
        tell(f"not needed: {one.theorem}")
        try:
            one.evidence()
        except NeededAfterAllError as error:
            wrong.setdefault(one.theorem, []).append(f"{one.theorem} needs {one.hypothesis!r}: {error}")
