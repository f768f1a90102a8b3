"""Checks: each bound to theorem ids, runnable on any implementation, each able to say passed, failed or not run."""

from __future__ import annotations

import io
import math
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar

import hypothesis
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.strategies import SearchStrategy

from ...synthetic.planted import Planted
from .answers import Counterexample, NotAsked
from .capabilities import Capabilities, answers_for, provides
from .questions import UNKNOWN_PLACE, Question
from .scores import suited

Verdict = Literal["passed", "failed", "expected failure", "not run"]
Level = Literal["required", "numerical", "threshold", "optional", "ours"]
LEVELS: tuple[Level, ...] = ("required", "numerical", "threshold", "optional")
"""Those of the checks that implementations from elsewhere are asked; the others need functions that only we have."""

Case = TypeVar("Case")

SHRINKING_SECONDS = 10.0
HOPELESS = 100
"""A check that turned away its first hundred cases, each because of what the implementation can do, draws no more."""
NEURONS_ASKED = 4
"""A question to min_match is about one neuron, so there are as many times more of them."""


@dataclass(frozen=True)
class Budget:
    """How much to try.

    Attributes
    ----------
    cases : int
        Cases of each property check.
    seed : int
        Of all random numbers.
    exhaustive : tuple of str
        The sizes of abstract covers that are enumerated completely, ("2+2",) or ("2+2", "3+2").

    Examples
    --------
    >>> from spanmatch.proofs_check import Budget
    >>> Budget(cases=20)
    Budget(cases=20, seed=0, exhaustive=('2+2',))
    """

    cases: int = 100
    seed: int = 0
    exhaustive: tuple[str, ...] = ("2+2",)


@dataclass(frozen=True)
class Outcome:
    """What one check found.

    Attributes
    ----------
    check : str
        Its id.
    theorems : tuple of str
        What it is evidence for.
    level, function, statement : str
        Of the check: whom it is asked, the functions that it asks, what should hold.
    verdict : {"passed", "failed", "expected failure", "not run"}
        "not run" is never "passed".
    cases : int
        How many it looked at.
    detail : str
        The smallest counterexample found, or the reason for not running.
    script : str
        Reproduces a wrong answer with numpy alone.
    seconds : float
        How long it took.

    Examples
    --------
    >>> from spanmatch.proofs_check import CHECKS, Budget, Implementation, run_check
    >>> outcome = run_check(CHECKS["T3-max-match"], Implementation("nothing yet"), Budget())
    >>> outcome.verdict, outcome.detail
    ('not run', 'nothing yet does not provide max_match')
    """

    check: str
    theorems: tuple[str, ...]
    level: Level
    function: str
    statement: str
    verdict: Verdict
    cases: int
    detail: str
    script: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON-ready values.

        Returns
        -------
        dict
            With seconds rounded to milliseconds.
        """
        return {**vars(self), "theorems": list(self.theorems), "seconds": round(self.seconds, 3)}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Outcome:
        """The outcome that ``to_dict`` told of.

        Parameters
        ----------
        told : mapping
            As ``to_dict`` returns it.

        Returns
        -------
        Outcome
            The same.
        """
        return cls(**{**told, "theorems": tuple(told["theorems"])})


Run = Callable[[Any, Budget, Capabilities], int]
Builder = Callable[..., Question]
"""``build(draw, capabilities)``: one question, drawn as in a composite strategy of hypothesis."""
Examination = Callable[[Any, Budget], int]


@dataclass(frozen=True)
class Check:
    """One executable statement.

    Attributes
    ----------
    id : str
        Its name.
    theorems : tuple of str
        What it is evidence for.
    level : {"required", "numerical", "threshold", "optional", "ours"}
        Which implementations are asked; see docs/conformance.md.
    needs : tuple of str
        The functions that an implementation must have for it.
    statement : str
        What should hold.
    run : callable
        Returns the number of cases that it looked at, or raises ``Counterexample``.
    defined : callable
        The function that says what is asked.
    rate : float
        How many questions there are for each case of the budget.
    exhaustive : bool
        Whether it visits every abstract cover of the sizes that the budget names.

    Examples
    --------
    >>> from spanmatch.proofs_check import CHECKS
    >>> CHECKS["T3-max-match"].needs
    ('max_match',)
    """

    id: str
    theorems: tuple[str, ...]
    level: Level
    needs: tuple[str, ...]
    statement: str
    run: Run = field(repr=False)
    defined: Callable[..., Any] = field(repr=False)
    rate: float = 1.0
    exhaustive: bool = False


CHECKS: dict[str, Check] = {}
"""Those of the modules imported so far; ``spanmatch.proofs_check.CHECKS`` imports them all."""


def _register(check: Check) -> None:
    if check.id in CHECKS:
        raise ValueError(f"two checks are called {check.id!r}")
    CHECKS[check.id] = check


def asks(
    id: str, theorems: str, level: Level, needs: str, statement: str, *, rate: float | None = None
) -> Callable[[Builder], Builder]:
    """Registers the builder below: the check ``id`` asks what it draws. ``theorems`` are separated by blanks.

    ``rate``: questions for each case of the budget, less than 1 where one takes long.
    """
    each = rate or (NEURONS_ASKED if needs == "min_match" else 1)

    def register(build: Builder) -> Builder:
        questions = st.composite(build)

        def run(implementation: Any, budget: Budget, able: Capabilities) -> int:
            count = max(1, int(budget.cases * each))
            asked = questions(able).map(lambda one: suited(one, implementation, able))
            return for_all(asked, lambda one: one.ask(implementation), cases=count, seed=budget.seed)

        _register(Check(id, tuple(theorems.split()), level, (needs,), statement, run, build, each))
        return build

    return register


def check(
    id: str, theorems: str, needs: str, statement: str, *, exhaustive: bool = False
) -> Callable[[Examination], Examination]:
    """Registers the function below, ``examine(implementation, budget)``, as a check of ours."""

    def register(examination: Examination) -> Examination:
        def run(implementation: Any, budget: Budget, _: Capabilities) -> int:
            return examination(implementation, budget)

        named = tuple(theorems.split()), "ours", tuple(needs.split()), statement
        _register(Check(id, *named, run, examination, exhaustive=exhaustive))  # type: ignore[arg-type]
        return examination

    return register


def run_check(
    check: Check, implementation: object, budget: Budget, *, able: Capabilities | None = None, line: str = UNKNOWN_PLACE
) -> Outcome:
    """Run one check on one implementation.

    Parameters
    ----------
    check : Check
        One of ``CHECKS``.
    implementation : object
        Anything that has some of the functions of ``Implementation``.
    budget : Budget
        How much to try.
    able : Capabilities, optional
        What the implementation says of itself, by default in its ``spanmatch_capabilities``.
    line : str, optional
        The line of Python by which a script finds the implementation.

    Returns
    -------
    Outcome
        An exception that the implementation raises is a failure of the check.

    Examples
    --------
    >>> from spanmatch.proofs_check import CHECKS, Budget, Implementation, run_check
    >>> empty = Implementation("always empty", max_match=lambda X, Y, epsilon: ((), ()))
    >>> run_check(CHECKS["T3-max-match"], empty, Budget(cases=5)).verdict
    'failed'
    """
    name = getattr(implementation, "name", type(implementation).__name__)
    started = time.perf_counter()
    verdict: Verdict = "passed"
    cases, detail, script = 0, "", ""
    # Our own checks call what they need themselves.
    asked = {need: need if check.level == "ours" else answers_for(implementation, need) for need in check.needs}
    missing = [need for need, function in asked.items() if not function or not provides(implementation, function)]
    if missing:
        verdict, detail = "not run", f"{name} does not provide {', '.join(missing)}"
    else:
        try:
            cases = check.run(implementation, budget, able or Capabilities.of(implementation))
        except NotAsked as reason:
            verdict, detail = "not run", str(reason)
        except Counterexample as found:
            verdict, cases, detail = "failed", found.examined, str(found)
            if isinstance(found.case, Question):
                head = f"# {check.id} ({' '.join(check.theorems)}): {check.statement}\n"
                script = head + found.case.script(line)
    if verdict == "passed" and not cases:
        verdict, detail = "not run", f"{name} can be held to none of the cases generated"
    seconds = time.perf_counter() - started
    function = " ".join(found or need for need, found in asked.items())
    return Outcome(
        check.id, check.theorems, check.level, function, check.statement, verdict, cases, detail, script, seconds
    )


def run_checks(implementation: object, budget: Budget, checks: Iterable[Check] | None = None) -> Iterator[Outcome]:
    """The outcomes of all checks, or of some, one after the other.

    Parameters
    ----------
    implementation : object
        Anything that has some of the functions of ``Implementation``.
    budget : Budget
        How much to try.
    checks : iterable of Check, optional
        By default all of ``CHECKS``.

    Yields
    ------
    Outcome
        One for each check.

    Examples
    --------
    >>> from spanmatch.proofs_check import CHECKS, Budget, Implementation, run_checks
    >>> [outcome.verdict for outcome in run_checks(Implementation("nothing yet"), Budget(), [CHECKS["T3-max-match"]])]
    ['not run']
    """
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
    """Ends a search that takes too long or finds no case; no Exception, so that hypothesis lets it pass."""


def for_all(strategy: SearchStrategy[Case], examine: Callable[[Case], None], *, cases: int, seed: int) -> int:
    """Examine that many generated cases; on a failure shrink it and raise it with the smallest case found.

    ``examine`` raises ``Counterexample``; anything else that it raises is the implementation's own crash and is
    reported as one. Shrinking ends after ``SHRINKING_SECONDS``. Returns the number of cases examined, without those
    that ``hypothesis.assume`` turned away; where these were the first ``HOPELESS`` of them, no more are drawn. Leaves
    no files behind. A ``Counterexample`` raised while a case is drawn is one to the theorem itself, and goes through
    as it is.
    """
    failures: list[tuple[Counterexample, Case]] = []
    deadline = math.inf
    drawn = examined = 0

    @st.composite
    def hopeful(draw: st.DrawFn) -> Case:
        nonlocal drawn
        drawn += 1
        if drawn > HOPELESS and not examined:
            raise _Enough
        return draw(strategy)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=cases,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        report_multiple_bugs=False,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
    )
    @hypothesis.given(hopeful())
    def property_holds(case: Case) -> None:
        nonlocal examined, deadline
        if time.monotonic() > deadline:
            raise _Enough
        examined += 1
        try:
            guarded(examine, case)
        except Counterexample as found:
            deadline = min(deadline, time.monotonic() + (0.0 if found.final else SHRINKING_SECONDS))
            failures.append((found, case))
            raise
        except hypothesis.errors.HypothesisException:
            examined -= 1
            raise

    set_hypothesis_home_dir(_hypothesis_home().name)
    remark = ""
    with redirect_stdout(io.StringIO()), suppress(_Enough, hypothesis.errors.Unsatisfiable):
        try:
            property_holds()
        except hypothesis.errors.Flaky:
            remark = "\nnot every time: the implementation answers differently on the same case"
        except Counterexample:
            if not failures:
                raise
    if failures:
        found, case = min(failures, key=lambda failure: len(expression(failure[1])))
        raise Counterexample(_told(found, case) + remark, case, examined) from found
    return examined


@cache
def _hypothesis_home() -> tempfile.TemporaryDirectory[str]:
    """Where hypothesis keeps what it would leave in the current folder; removed when the process ends."""
    return tempfile.TemporaryDirectory()


def expression(case: object) -> str:
    """Python that makes the case again."""
    return case.expression if isinstance(case, Planted) else repr(case)


def _told(found: Counterexample, case: object) -> str:
    """A question has a script in place of an expression."""
    return str(found) if isinstance(case, Question) else f"{found}\nfor {expression(case)}"


def over(cases: Iterable[Case], examine: Callable[[Case], None]) -> int:
    """Examine every one of these cases; returns how many there were."""
    count = 0
    for case in cases:
        count += 1
        try:
            guarded(examine, case)
        except Counterexample as found:
            raise Counterexample(_told(found, case), case, count) from found
    return count


def guarded(examine: Callable[[Case], None], case: Case) -> None:
    """Examine one case; a crash inside it is a counterexample too. Advice is not what is looked at."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            examine(case)
    except (Counterexample, hypothesis.errors.HypothesisException):
        raise
    except (Exception, SystemExit) as crash:
        who = f"{case.function} raised" if isinstance(case, Question) else "raised"
        raise Counterexample(f"{who} {type(crash).__name__}: {crash}") from crash
