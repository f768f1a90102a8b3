"""Checks: each bound to theorem ids, runnable on any implementation, each able to say passed, failed or not run."""

from __future__ import annotations

import io
import math
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeVar

import hypothesis
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.strategies import SearchStrategy

from ...synthetic.planted import Planted
from .implementations import Implementation

Verdict = Literal["passed", "failed", "not run"]
Case = TypeVar("Case")

SHRINKING_SECONDS = 10.0


class Counterexample(Exception):
    """What a check raises on a case where the implementation is wrong: what came, but what should be."""


@dataclass(frozen=True)
class Budget:
    """How much to try: ``cases`` per property check, everything from ``seed``; ``exhaustive`` names the sizes of
    abstract covers that are enumerated completely, ("2+2",) or ("2+2", "3+2")."""

    cases: int = 100
    seed: int = 0
    exhaustive: tuple[str, ...] = ("2+2",)


@dataclass(frozen=True)
class Outcome:
    """What one check found: ``cases`` it looked at, and the shrunk counterexample or the reason for not running."""

    check: str
    theorems: tuple[str, ...]
    verdict: Verdict
    cases: int
    detail: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "theorems": list(self.theorems)}


@dataclass(frozen=True)
class Check:
    """One executable statement. ``run(implementation, budget)`` returns the number of cases that it looked at, or
    raises ``Counterexample``; ``needs`` names the functions that an implementation must have for it."""

    id: str
    theorems: tuple[str, ...]
    statement: str
    needs: tuple[str, ...]
    run: Callable[[Implementation, Budget], int]


CHECKS: dict[str, Check] = {}
"""Those of the modules imported so far; ``spanmatch.proofs_check.CHECKS`` imports them all."""


def check(id: str, theorems: str, statement: str, needs: str) -> Callable[..., Callable[[Implementation, Budget], int]]:
    """Registers the function below as the check ``id``; ``theorems`` and ``needs`` are separated by blanks."""

    def register(run: Callable[[Implementation, Budget], int]) -> Callable[[Implementation, Budget], int]:
        if id in CHECKS:
            raise ValueError(f"two checks are called {id!r}")
        CHECKS[id] = Check(id, tuple(theorems.split()), statement, tuple(needs.split()), run)
        return run

    return register


def run_check(check: Check, implementation: Implementation, budget: Budget) -> Outcome:
    """Run one check on one implementation. An exception that the implementation raises is a failure of the check."""
    missing = [name for name in check.needs if not implementation.provides(name)]
    if missing:
        reason = f"{implementation.name} does not provide {', '.join(missing)}"
        return Outcome(check.id, check.theorems, "not run", 0, reason, 0.0)
    started = time.perf_counter()
    try:
        cases, verdict, detail = check.run(implementation, budget), "passed", ""
    except Counterexample as found:
        cases, verdict, detail = 0, "failed", str(found)
    if verdict == "passed" and not cases:
        verdict, detail = "not run", f"{implementation.name} can be held to none of the cases generated"
    seconds = time.perf_counter() - started
    return Outcome(check.id, check.theorems, verdict, cases, detail, seconds)  # type: ignore[arg-type]


def run_checks(
    implementation: Implementation, budget: Budget, checks: Iterable[Check] | None = None
) -> Iterator[Outcome]:
    """The outcomes of all checks (or of these), one after the other."""
    for one in CHECKS.values() if checks is None else checks:
        yield run_check(one, implementation, budget)


@contextmanager
def without_shrinking() -> Iterator[None]:
    """Failures found inside keep the case that was drawn: for whom a verdict is enough."""
    global SHRINKING_SECONDS
    before, SHRINKING_SECONDS = SHRINKING_SECONDS, 0.0
    try:
        yield
    finally:
        SHRINKING_SECONDS = before


class _Enough(BaseException):
    """Ends a shrinking that takes too long; no Exception, so that hypothesis lets it pass."""


def for_all(strategy: SearchStrategy[Case], examine: Callable[[Case], None], *, cases: int, seed: int) -> int:
    """Examine that many generated cases; on a failure shrink it and raise it with the smallest case found.

    ``examine`` raises ``Counterexample``; anything else that it raises is the implementation's own crash and is
    reported as one. Shrinking ends after ``SHRINKING_SECONDS``. Returns the number of cases examined, without those
    that ``hypothesis.assume`` turned away. Leaves no files behind.
    """
    failures: list[tuple[Counterexample, str]] = []
    deadline = math.inf
    examined = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=cases,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        report_multiple_bugs=False,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
    )
    @hypothesis.given(strategy)
    def property_holds(case: Case) -> None:
        nonlocal examined, deadline
        if time.monotonic() > deadline:
            raise _Enough
        try:
            guarded(examine, case)
        except Counterexample as found:
            deadline = min(deadline, time.monotonic() + SHRINKING_SECONDS)
            failures.append((found, expression(case)))
            raise
        examined += 1

    set_hypothesis_home_dir(_hypothesis_home().name)
    remark = ""
    with redirect_stdout(io.StringIO()), suppress(Counterexample, _Enough, hypothesis.errors.Unsatisfiable):
        try:
            property_holds()
        except hypothesis.errors.Flaky:
            remark = "\nnot every time: the implementation answers differently on the same case"
    if failures:
        found, case = min(failures, key=lambda failure: len(failure[1]))
        raise Counterexample(f"{found}\nfor {case}{remark}") from found
    return examined


@cache
def _hypothesis_home() -> tempfile.TemporaryDirectory[str]:
    """Where hypothesis keeps what it would leave in the current folder; removed when the process ends."""
    return tempfile.TemporaryDirectory()


def expression(case: object) -> str:
    """Python that makes the case again."""
    return case.expression if isinstance(case, Planted) else repr(case)


def over(cases: Iterable[Case], examine: Callable[[Case], None]) -> int:
    """Examine every one of these cases; returns how many there were."""
    count = 0
    for case in cases:
        try:
            guarded(examine, case)
        except Counterexample as found:
            raise Counterexample(f"{found}\nfor {expression(case)}") from found
        count += 1
    return count


def guarded(examine: Callable[[Case], None], case: Case) -> None:
    """Examine one case; a crash inside it is a counterexample too."""
    try:
        examine(case)
    except (Counterexample, hypothesis.errors.HypothesisException):
        raise
    except (Exception, SystemExit) as crash:
        raise Counterexample(f"raised {type(crash).__name__}: {crash}") from crash
