"""The conformance kit: what an implementation from elsewhere gets right, with a counterexample where it does not."""

from __future__ import annotations

import atexit
import math
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from ...files.environment import versions
from ...theory.errors import InvalidOption
from ..checks import CHECKS
from ..harness.capabilities import FUNCTIONS, Capabilities, answers_for
from ..harness.registry import LEVELS, Budget, Check, Level, Outcome, run_check
from .diagnosis import likely_cause
from .process import GIB, Limits
from .remote import Matrices, Remote, command_target, remote_target
from .report import ConformanceReport
from .store import Store, digest_of
from .target import Target, check_provided

CASES = 60
"""Questions that a check asks, by default; one of large sets asks fewer."""

#: Some builds of LAPACK iterate for ever on an infinity, and numpy.linalg.lstsq hands it to them.
MAY_NOT_RETURN = "D1-not-a-number"


def checks(levels: Collection[Level] = LEVELS, subject: Any = None) -> list[Check]:
    """The checks of these levels, required ones first; of a subject, those that ask what it provides.

    The very last one is the one that some implementations never return from.
    """
    chosen = [
        check
        for check in CHECKS.values()
        if check.level in levels and (subject is None or all(answers_for(subject, need) for need in check.needs))
    ]
    return sorted(chosen, key=lambda check: (LEVELS.index(check.level), check.id == MAY_NOT_RETURN))


def conform(
    implementation: object,
    *,
    levels: Collection[Level] = LEVELS,
    cases: int = CASES,
    seed: int = 0,
    strict: bool = False,
    expected_failures: Mapping[str, str] | None = None,
    time_limit: float | None = 30.0,
    memory_limit: float = 4.0,
    function: str | None = None,
    matrices: Matrices = "json",
    out: str | os.PathLike[str] | None = None,
    progress: Callable[[str], None] | None = None,
    found: Callable[[Outcome], None] | None = None,
) -> ConformanceReport:
    """Ask an implementation what is known, and report what it answers wrongly.

    Parameters
    ----------
    implementation : object, str or list of str
        An object with some of ``max_match(X, Y, epsilon) -> (x_indices, y_indices)``, ``min_match(X, Y, epsilon, side,
        index)`` -> the same or None, ``simple_matches(X, Y, epsilon)`` -> iterable of the same, ``match_radii(X, Y) ->
        (rx, ry)``, ``similarity(X, Y, epsilon) -> float``, on NumPy float64 arrays of shape (inputs, neurons); or its
        place, ``"module:attribute"`` or ``"file.py:attribute"``; or the words of a command that answers by the protocol
        of docs/conformance.md. Its ``spanmatch_capabilities`` (a dict, see ``Capabilities``) select what is asked.
    levels : collection of str, optional
        Of "required", "numerical", "threshold" and "optional"; by default all.
    cases : int
        Cases of each check.
    seed : int, default 0
        Of all random numbers.
    strict : bool, default False
        Whether failures of any level count, and not only those of the required one.
    expected_failures : mapping of str to str, optional
        Check -> reason, by default its ``spanmatch_expected_failures``. One that passes, or has no reason, is a
        failure.
    time_limit : float or None, default 30.0
        Seconds for each question. Questions are asked in a process of their own, which is ended when it takes longer,
        and started again. None asks in this process, without limits.
    memory_limit : float, default 4.0
        GiB that the process may take, beyond what it starts with.
    function : str, optional
        What a target that is one function does, where its name does not say so.
    matrices : {"json", "npy"}, default "json"
        How a command gets X and Y: as rows of numbers, or as the paths of .npy files.
    out : path, optional
        JSON file that holds the report as far as it is. A run that was interrupted goes on from there.
    progress : callable, optional
        Called with one line of text for each check.
    found : callable, optional
        Called with each outcome as soon as it is known.

    Returns
    -------
    ConformanceReport
        All outcomes, each wrong answer with a script that reproduces it.

    Raises
    ------
    InvalidOption
        If there is nothing to test, or a declaration means nothing.
    InvalidFile
        If ``out`` holds something else than a report.

    Notes
    -----
    Guarantee: right answers come from exact arithmetic; at the required level no decision is nearer than 1e-7 to its
    threshold. Passing is evidence on ``cases`` cases per check, no proof. Whatever an implementation returns or raises
    is a verdict, and so is that it does not return, takes too much memory, or ends its process. An object is asked in a
    fork of this process, so it must not depend on threads or devices that a fork does not inherit.

    Examples
    --------
    >>> from spanmatch.proofs_check.conformance import conform
    >>> class AlwaysEmpty:
    ...     def max_match(self, X, Y, epsilon):
    ...         return (), ()
    >>> report = conform(AlwaysEmpty(), levels=["threshold"], cases=2)
    >>> report.ok, report.failed()
    (False, ('D1-at-threshold',))
    """
    started = time.perf_counter()
    _check_options(levels, cases, seed)
    with opened(implementation, time_limit, memory_limit, function, matrices) as target:
        provided = check_provided(target)
        capabilities, expected = _declared(target, expected_failures)
        chosen = checks(levels, target.subject)
        missing = tuple(name for name in FUNCTIONS if name not in provided)
        faults = tuple(f"{check} is expected to fail, without a reason" for check, why in expected.items() if not why)
        empty = ConformanceReport(
            target.name, (), missing, capabilities, seed, cases, strict, 0.0, versions(), faults, complete=False,
            digest=digest_of(*target.files),
        )  # fmt: skip
        store = None if out is None else Store.opened(out, empty, [check.id for check in chosen])
        known = {} if store is None else store.known
        report = replace(empty, complete=not chosen)
        for check in chosen:
            if progress is not None:
                progress(f"{check.level}: {check.id}")
            outcome = known.get(check.id) or outcome_of(
                check, target, capabilities, cases, seed, expected.get(check.id)
            )
            if expected.get(check.id) and outcome.verdict == "failed":
                faults = (*faults, f"{check.id}: {outcome.detail}")
            outcomes = (*report.outcomes, outcome)
            seconds = time.perf_counter() - started
            report = replace(
                report, outcomes=outcomes, faults=faults, seconds=seconds, complete=len(outcomes) == len(chosen)
            )
            if store is not None:
                store.keep(report)
            if found is not None:
                found(outcome)
        # Where only rounding or manners fail, a broken implementation that fails there too would be a false lead.
        failed = report.failed("required")
        if failed and progress is not None:
            progress("comparing wrong answers with those of broken implementations")
        report = replace(report, cause=likely_cause(failed, target.subject, capabilities, seed) if failed else "")
        if store is not None:
            store.keep(report)
    return report


@contextmanager
def opened(
    implementation: object,
    time_limit: float | None = 30.0,
    memory_limit: float = 4.0,
    function: str | None = None,
    matrices: Matrices = "json",
) -> Iterator[Target]:
    """The target, in a process of its own that ends with the block; in this one where there is no time limit."""
    for name, value in (("time_limit", time_limit), ("memory_limit", memory_limit)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value > 0):
            raise InvalidOption(f"{name}: got {value!r}, need a positive number")
    if isinstance(implementation, list | tuple):
        target = command_target(implementation, Limits(time_limit or math.inf, memory_limit * GIB), matrices)
    elif time_limit is None or not hasattr(os, "fork"):
        target = Target.at(implementation, function) if isinstance(implementation, str) else Target.of(implementation)
    else:
        target = remote_target(implementation, Limits(time_limit, memory_limit * GIB), function, matrices)
    try:
        yield target
    finally:
        if isinstance(target.subject, Remote):
            target.subject.close()


def outcome_of(
    check: Check, target: Target, capabilities: Capabilities, cases: int, seed: int, expected: str | None = None
) -> Outcome:
    """Run one check. ``expected``: the reason why it should fail, "" for none given, None if it should pass."""
    found = run_check(check, target.subject, Budget(cases, seed), able=capabilities, line=target.line)
    if expected is None or found.verdict == "not run":
        return found
    if found.verdict == "passed":
        return replace(found, verdict="failed", detail=f"passed, but was expected to fail: {expected}")
    if expected:
        return replace(found, verdict="expected failure", detail=f"{expected}: {found.detail}")
    return replace(found, detail=f"expected to fail, but without a reason; {found.detail}")


def parametrize_with_checks(
    implementation: object,
    *,
    levels: Collection[Level] = LEVELS[:1],
    cases: int = CASES,
    seed: int = 0,
    expected_failures: Mapping[str, str] | None = None,
    time_limit: float | None = 30.0,
) -> Any:
    """A pytest decorator: the test below it runs once per check, with a function ``check`` that it must call.

    Parameters
    ----------
    implementation : object or str
        As for ``conform``.
    levels : collection of str, optional
        By default the required level only.
    cases, seed, expected_failures, time_limit
        As for ``conform``.

    Returns
    -------
    pytest.MarkDecorator
        A failure is an ``AssertionError`` with the script; expected failures are strict xfails; functions that are not
        provided have no tests.

    Raises
    ------
    InvalidOption
        If there is nothing to test, or a declaration means nothing.

    Examples
    --------
    >>> from spanmatch.proofs_check.conformance import parametrize_with_checks
    >>> class AlwaysEmpty:
    ...     def max_match(self, X, Y, epsilon):
    ...         return (), ()
    >>> @parametrize_with_checks(AlwaysEmpty())
    ... def test_conformance(check):
    ...     check()
    """
    import pytest

    # For as long as the tests run, of which nobody says when they end.
    stack = ExitStack()
    target = stack.enter_context(opened(implementation, time_limit))
    atexit.register(stack.close)
    check_provided(target)
    capabilities, expected = _declared(target, expected_failures)
    _check_options(levels, cases, seed)
    without = [check for check, reason in expected.items() if not reason]
    if without:
        raise InvalidOption(f"expected_failures: got no reason for {', '.join(without)}, need one for each")

    def running(check: Check) -> Callable[[], None]:
        def run() -> None:
            outcome = outcome_of(check, target, capabilities, cases, seed)
            if outcome.verdict == "not run":
                pytest.skip(outcome.detail)
            if outcome.verdict == "failed":
                raise AssertionError(f"{outcome.detail}\n\n{outcome.script}")

        return run

    def parameters() -> Iterator[Any]:
        for check in checks(levels, target.subject):
            reason = expected.get(check.id)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(running(check), id=check.id, marks=marks)

    return pytest.mark.parametrize("check", list(parameters()))


def _declared(target: Target, expected_failures: Mapping[str, str] | None) -> tuple[Capabilities, Mapping[str, str]]:
    capabilities = Capabilities.of(target.subject)
    expected = expected_failures
    if expected is None:
        expected = getattr(target.subject, "spanmatch_expected_failures", {})
    if not isinstance(expected, Mapping):
        raise InvalidOption(f"expected_failures: got {expected!r}, need a dict from checks to reasons")
    for check, reason in expected.items():
        if check not in CHECKS or CHECKS[check].level not in LEVELS:
            known = ", ".join(one.id for one in checks())
            raise InvalidOption(f"expected_failures: got {check!r}, need some of {known}")
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
