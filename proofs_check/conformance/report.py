"""What a run of the conformance kit found, for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..harness.capabilities import Capabilities
from ..harness.registry import LEVELS, Level, Outcome

KIND = "spanmatch conformance"
"""By which a file is known to hold a report."""


@dataclass(frozen=True)
class ConformanceReport:
    """All outcomes of a run of the kit, and under which conditions.

    Attributes
    ----------
    name : str
        Of the implementation.
    outcomes : tuple of Outcome
        One for each check; ``report["T3-max-match"]`` is one of them.
    not_provided : tuple of str
        The functions that it does not have.
    capabilities : Capabilities
        What it says of itself.
    seed, cases, strict
        As given to ``conform``.
    seconds : float
        How long it took.
    versions : mapping of str to str
        Of the packages that matter.
    faults : tuple of str
        Expected failures that passed or have no reason.
    complete : bool
        Whether all checks were asked; a run may be interrupted.
    cause : str
        What is likely to be wrong, by comparison with named broken implementations.
    digest : str
        Of the file that the implementation stands in, where that is known.

    Examples
    --------
    >>> from spanmatch.proofs_check.conformance import conform
    >>> class AlwaysEmpty:
    ...     def max_match(self, X, Y, epsilon):
    ...         return (), ()
    >>> report = conform(AlwaysEmpty(), levels=["threshold"], cases=2)
    >>> report["D1-at-threshold"].verdict
    'failed'
    """

    name: str
    outcomes: tuple[Outcome, ...]
    not_provided: tuple[str, ...]
    capabilities: Capabilities
    seed: int
    cases: int
    strict: bool
    seconds: float
    versions: Mapping[str, str]
    faults: tuple[str, ...] = ()
    complete: bool = True
    cause: str = ""
    digest: str = ""

    @property
    def ok(self) -> bool:
        """Whether all checks were asked, and of those that count some passed and none failed.

        Those of the required level count, and expected failures that passed or have no reason; with ``strict``, or
        where the required level was left out, those of every level.
        """
        counting = [one for one in self.outcomes if self.strict or not self._required or one.level == "required"]
        passed = any(outcome.verdict in ("passed", "expected failure") for outcome in counting)
        return passed and self.complete and not self.faults and all(outcome.verdict != "failed" for outcome in counting)

    @property
    def _required(self) -> bool:
        """Whether any check of the required level was asked."""
        return any(outcome.level == "required" for outcome in self.outcomes)

    def failed(self, level: Level | None = None) -> tuple[str, ...]:
        """The ids of the checks that failed.

        Parameters
        ----------
        level : str, optional
            Of one level; by default of all.

        Returns
        -------
        tuple of str
            In the order in which they were asked.
        """
        return tuple(o.check for o in self.outcomes if o.verdict == "failed" and level in (None, o.level))

    def __getitem__(self, check: str) -> Outcome:
        return next(outcome for outcome in self.outcomes if outcome.check == check)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values.

        Returns
        -------
        dict
            What ``to_json`` writes.
        """
        return {
            "kind": KIND,
            "name": self.name,
            "complete": self.complete,
            "digest": self.digest,
            "ok": self.ok,
            "strict": self.strict,
            "seed": self.seed,
            "cases": self.cases,
            "seconds": round(self.seconds, 3),
            "versions": dict(self.versions),
            "capabilities": vars(self.capabilities),
            "not_provided": list(self.not_provided),
            "faults": list(self.faults),
            "cause": self.cause,
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
        }

    def to_json(self) -> str:
        """Everything as text.

        Returns
        -------
        str
            JSON.
        """
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def scripts(self) -> dict[str, str]:
        """The scripts that reproduce failures, the shortest first.

        Returns
        -------
        dict of str to str
            From the id of the check.
        """
        found = {one.check: one.script for one in self.outcomes if one.script and one.verdict == "failed"}
        return dict(sorted(found.items(), key=lambda item: (item[0] not in self.failed("required"), len(item[1]))))

    @property
    def conditions(self) -> str:
        """One line: what the outcomes depend on."""
        stamp = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return f"seed {self.seed}, {self.cases} cases for each check, {self.seconds:.0f} s; {stamp}"

    @property
    def summary(self) -> str:
        """One line: the verdict."""
        counts = {level: len(self.failed(level)) for level in LEVELS}
        failures = ", ".join(f"{count} {level}" for level, count in counts.items() if count) or "none"
        passed = sum(outcome.verdict == "passed" for outcome in self.outcomes)
        verdict = "conforms" if self.ok else "does not conform"
        if not self._required:
            verdict += " at the levels asked, without the required one"
        return f"{self.name}: {verdict}; {passed} checks passed, failed: {failures}"

    def __repr__(self) -> str:
        return f"ConformanceReport({self.summary})"
