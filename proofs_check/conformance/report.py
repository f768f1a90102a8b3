"""What a run of the conformance kit found, for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..harness.capabilities import Capabilities
from ..harness.registry import LEVELS, Level, Outcome


@dataclass(frozen=True)
class ConformanceReport:
    """All outcomes, and under which conditions. ``ok``: no check failed that counts (``strict``: each one counts;
    otherwise those of the required level, and expected failures that passed or lack a reason)."""

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

    @property
    def ok(self) -> bool:
        counting = [outcome for outcome in self.outcomes if self.strict or outcome.level == "required"]
        asked = any(outcome.verdict in ("passed", "expected failure") for outcome in self.outcomes)
        return asked and not self.faults and all(outcome.verdict != "failed" for outcome in counting)

    def failed(self, level: Level | None = None) -> tuple[str, ...]:
        """The ids of the checks that failed, of one level or of all."""
        return tuple(o.check for o in self.outcomes if o.verdict == "failed" and level in (None, o.level))

    def __getitem__(self, check: str) -> Outcome:
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
        return f"{self.name}: {verdict}; {passed} checks passed, failed: {failures}"

    def __repr__(self) -> str:
        return f"ConformanceReport({self.summary})"
