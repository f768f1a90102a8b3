"""The conformance kit: what an implementation from elsewhere gets right, with a counterexample where it does not."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal

from hypothesis.errors import HypothesisException

from ...theory.errors import InvalidOption
from ..checks import manners as conformance_beyond
from ..checks import maximum as conformance_required
from ..checks.kit_registry import KIT, LEVELS, KitCheck, Level
from ..harness.questions import Question
from ..harness.registry import Counterexample, for_all
from .target import FUNCTIONS, Capabilities, Target, check_provided

if TYPE_CHECKING:
    from rich.table import Table

__all__ = [
    "KIT",
    "LEVELS",
    "ConformanceOutcome",
    "ConformanceReport",
    "checks",
    "conform",
    "conformance_beyond",
    "conformance_required",
    "outcome_of",
    "parametrize_with_checks",
]

CASES = 60
"""Questions that a check asks, by default; one of large sets asks its ``share``."""

NEURONS_ASKED = 4
"""A question to min_match is about one neuron, so there are as many times more of them."""

ConformanceVerdict = Literal["passed", "failed", "expected failure", "not run"]


@dataclass(frozen=True)
class ConformanceOutcome:
    """What one check of the kit found: ``script`` reproduces a failure with numpy alone."""

    check: str
    theorems: tuple[str, ...]
    level: Level
    function: str
    statement: str
    verdict: ConformanceVerdict
    cases: int
    detail: str
    script: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "theorems": list(self.theorems), "seconds": round(self.seconds, 3)}


@dataclass(frozen=True)
class ConformanceReport:
    """All outcomes, and under which conditions. ``ok``: no check failed that counts (``strict``: each one counts;
    otherwise those of the required level, and expected failures that passed or lack a reason)."""

    name: str
    outcomes: tuple[ConformanceOutcome, ...]
    not_provided: tuple[str, ...]
    capabilities: Capabilities
    seed: int
    cases: int
    strict: bool
    seconds: float
    faults: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=lambda: _versions())

    @property
    def ok(self) -> bool:
        counting = [outcome for outcome in self.outcomes if self.strict or outcome.level == "required"]
        asked = any(outcome.verdict in ("passed", "expected failure") for outcome in self.outcomes)
        return asked and not self.faults and all(outcome.verdict != "failed" for outcome in counting)

    def failed(self, level: Level | None = None) -> tuple[str, ...]:
        """The ids of the checks that failed, of one level or of all."""
        return tuple(o.check for o in self.outcomes if o.verdict == "failed" and level in (None, o.level))

    def __getitem__(self, check: str) -> ConformanceOutcome:
        return next(outcome for outcome in self.outcomes if outcome.check == check)

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": "spanmatch conformance",
            "name": self.name,
            "ok": self.ok,
            "strict": self.strict,
            "seed": self.seed,
            "cases": self.cases,
            "seconds": round(self.seconds, 3),
            "versions": dict(self.versions),
            "capabilities": vars(self.capabilities),
            "not_provided": list(self.not_provided),
            "faults": list(self.faults),
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
        }

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def table(self) -> Table:
        """The outcomes for a terminal."""
        from rich.markup import escape
        from rich.table import Table

        stamp = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        table = Table(
            title=f"Conformance of {escape(self.name)}",
            caption=f"seed {self.seed}, {self.cases} cases a check, {self.seconds:.0f} s; {escape(stamp)}",
        )
        for heading in ("level", "check", "theorems", "verdict", "cases", "found"):
            table.add_column(heading, justify="right" if heading == "cases" else "left", overflow="fold")
        styles = {"passed": "green", "failed": "bold red", "expected failure": "yellow", "not run": "dim"}
        for o in self.outcomes:
            verdict = f"[{styles[o.verdict]}]{o.verdict}[/]"
            table.add_row(o.level, o.check, " ".join(o.theorems), verdict, str(o.cases), escape(o.detail))
        for function in self.not_provided:
            table.add_row("", "", "", "not run", "0", f"{function}: not provided")
        return table

    @property
    def summary(self) -> str:
        """One line: the verdict."""
        counts = {level: len(self.failed(level)) for level in LEVELS}
        failures = ", ".join(f"{count} {level}" for level, count in counts.items() if count) or "none"
        passed = sum(outcome.verdict == "passed" for outcome in self.outcomes)
        verdict = "conforms" if self.ok else "does not conform"
        return f"{self.name}: {verdict}; {passed} checks passed, failed: {failures}"

    def __repr__(self) -> str:
        return f"ConformanceReport({self.summary})"


def checks(levels: Collection[Level] = LEVELS, provided: Collection[str] = FUNCTIONS) -> list[KitCheck]:
    """The checks of these levels that ask these functions, required ones first."""
    chosen = [check for check in KIT.values() if check.level in levels and check.function in provided]
    return sorted(chosen, key=lambda check: LEVELS.index(check.level))


def conform(
    implementation: Any,
    *,
    levels: Collection[Level] = LEVELS,
    cases: int = CASES,
    seed: int = 0,
    strict: bool = False,
    expected_failures: Mapping[str, str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> ConformanceReport:
    """Ask an implementation what is known, and report what it answers wrongly.

    ``implementation``: an object with some of ``max_match(X, Y, epsilon) -> (x_indices, y_indices)``,
    ``min_match(X, Y, epsilon, side, index)`` -> the same or None, ``simple_matches(X, Y, epsilon)`` -> iterable of
    the same, ``match_radii(X, Y) -> (rx, ry)``, on NumPy float64 arrays of shape (inputs, neurons); or its place,
    ``"module:attribute"`` or ``"file.py:attribute"``. Its ``spanmatch_capabilities`` (a dict, see ``Capabilities``)
    select what is asked; ``expected_failures`` (or its ``spanmatch_expected_failures``): check -> reason; one that
    passes, or has no reason, is a failure.

    Guarantee: right answers come from exact arithmetic; at the required level no decision is nearer than 1e-7 to its
    threshold. Passing is evidence on ``cases`` cases a check, no proof. Whatever an implementation returns or raises
    is a verdict; one that never returns stops the run.

    *Raises* ``InvalidOption``: nothing there to test, or a declaration that means nothing.
    """
    started = time.perf_counter()
    target = Target.of(implementation)
    provided = check_provided(target)
    capabilities, expected = _declared(target, expected_failures)
    _check_options(levels, cases, seed)
    outcomes = []
    faults = [f"{check} is expected to fail, without a reason" for check, reason in expected.items() if not reason]
    for check in checks(levels, provided):
        if progress is not None:
            progress(f"{check.level}: {check.id}")
        outcome = outcome_of(check, target, capabilities, cases, seed, expected.get(check.id))
        outcomes.append(outcome)
        if expected.get(check.id) and outcome.verdict == "failed":
            faults.append(f"{check.id}: {outcome.detail}")
    missing = tuple(function for function in FUNCTIONS if function not in provided)
    seconds = time.perf_counter() - started
    return ConformanceReport(
        target.name, tuple(outcomes), missing, capabilities, seed, cases, strict, seconds, tuple(faults)
    )


def outcome_of(
    check: KitCheck, target: Target, capabilities: Capabilities, cases: int, seed: int, expected: str | None = None
) -> ConformanceOutcome:
    """Run one check. ``expected``: the reason why it should fail, "" for none given, None if it should pass."""
    wrong: list[tuple[str, str]] = []

    asked = 0

    def examine(question: Question) -> None:
        nonlocal asked
        asked += 1
        try:
            question.ask(target.subject)
        except HypothesisException:
            raise
        except (Exception, SystemExit) as fault:
            known = isinstance(fault, Counterexample)
            what = str(fault) if known else f"{check.function} raised {type(fault).__name__}: {fault}"
            wrong.append((question.script(target.line), what))
            raise Counterexample(what) from fault

    started = time.perf_counter()
    verdict, detail, script = "passed", "", ""
    try:
        questions = cases * (NEURONS_ASKED if check.function == "min_match" else 1)
        for_all(check.questions(capabilities), examine, cases=max(1, questions // check.share), seed=seed)
    except Counterexample as found:
        shortest, what = min(wrong, key=lambda one: len(one[0]))
        verdict, detail = "failed", what + ("\nnot every time" if "not every time" in str(found) else "")
        script = f"# {check.id} ({' '.join(check.theorems)}): {check.statement}\n{shortest}"
    if verdict == "passed" and not asked:
        verdict, detail = "not run", "none of the cases suits the declared capabilities"
    if expected is not None and verdict == "failed" and expected:
        verdict, detail = "expected failure", f"{expected}: {detail}"
    elif expected is not None and verdict == "failed":
        detail = f"expected to fail, but without a reason; {detail}"
    elif expected is not None and verdict == "passed":
        verdict, detail = "failed", f"passed, but was expected to fail: {expected}"
    return ConformanceOutcome(
        check.id, check.theorems, check.level, check.function, check.statement,
        verdict, asked, detail, script, time.perf_counter() - started,  # type: ignore[arg-type]
    )  # fmt: skip


def parametrize_with_checks(
    implementation: Any,
    *,
    levels: Collection[Level] = LEVELS[:1],
    cases: int = CASES,
    seed: int = 0,
    expected_failures: Mapping[str, str] | None = None,
) -> Any:
    """A pytest decorator: the test below it runs once a check, with a function ``check`` that it must call.

    A failure is an ``AssertionError`` with the script; expected failures are strict xfails; functions that are not
    provided have no tests.

        @parametrize_with_checks(MyImplementation())
        def test_conformance(check):
            check()
    """
    import pytest

    target = Target.of(implementation)
    provided = check_provided(target)
    capabilities, expected = _declared(target, expected_failures)
    _check_options(levels, cases, seed)
    without = [check for check, reason in expected.items() if not reason]
    if without:
        raise InvalidOption(f"expected_failures: got no reason for {', '.join(without)}, need one for each")

    def running(check: KitCheck) -> Callable[[], None]:
        def run() -> None:
            outcome = outcome_of(check, target, capabilities, cases, seed)
            if outcome.verdict == "not run":
                pytest.skip(outcome.detail)
            if outcome.verdict == "failed":
                raise AssertionError(f"{outcome.detail}\n\n{outcome.script}")

        return run

    def parameters() -> Iterator[Any]:
        for check in checks(levels, provided):
            reason = expected.get(check.id)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(running(check), id=check.id, marks=marks)

    return pytest.mark.parametrize("check", list(parameters()))


def _declared(target: Target, expected_failures: Mapping[str, str] | None) -> tuple[Capabilities, Mapping[str, str]]:
    capabilities = Capabilities.of(getattr(target.subject, "spanmatch_capabilities", {}))
    expected = expected_failures
    if expected is None:
        expected = getattr(target.subject, "spanmatch_expected_failures", {})
    if not isinstance(expected, Mapping):
        raise InvalidOption(f"expected_failures: got {expected!r}, need a dict from checks to reasons")
    for check, reason in expected.items():
        if check not in KIT:
            raise InvalidOption(f"expected_failures: got {check!r}, need some of {', '.join(KIT)}")
        if not isinstance(reason, str):
            raise InvalidOption(f"expected_failures[{check!r}]: got {reason!r}, need the reason as a string")
    return capabilities, {check: reason.strip() for check, reason in expected.items()}


def _check_options(levels: Collection[Level], cases: int, seed: int) -> None:
    for level in levels:
        if level not in LEVELS:
            raise InvalidOption(f"levels: got {level!r}, need some of {', '.join(LEVELS)}")
    if not levels:
        raise InvalidOption(f"levels: got none, need some of {', '.join(LEVELS)}")
    if isinstance(cases, bool) or not isinstance(cases, int) or cases < 1:
        raise InvalidOption(f"cases: got {cases!r}, need an int of at least 1")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InvalidOption(f"seed: got {seed!r}, need an int of at least 0")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in ("spanmatch", "numpy", "hypothesis", "python-flint"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
