"""What stands behind each statement of the ledger: derived from what checks, proofs, counterexamples and broken
implementations say of themselves; and a run of it."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from ..theory.ledger import ALGORITHMS, DEFINITIONS, LEDGER, THEOREMS
from . import CHECKS, Budget, Check, run_check
from .broken import BROKEN
from .counterexamples import COUNTEREXAMPLES, UNNEEDED, NeededAfterAllError, faults
from .formal import PROVED_IN_PART, headlines
from .harness.implementations import EXACT, FAST, REFERENCE, Implementation
from .harness.registry import without_shrinking
from .symbolic import SYMBOLIC, NotAnIdentityError, prove, wrong_statements_accepted

Progress = Callable[[str], None]
Record = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]

ENOUGH_TO_FAIL = 300
"""Cases for a broken implementation: a check of it ends at the first failure."""


def checks_of(id: str) -> list[Check]:
    return [check for check in CHECKS.values() if id in check.theorems]


def evidence_for(id: str) -> tuple[str, ...]:
    """All kinds of evidence there are, the strongest first."""
    proofs = [proof for proof in SYMBOLIC.values() if id in proof.theorems]
    checks = checks_of(id)
    kinds = {
        "proved formally": id in headlines() and id not in PROVED_IN_PART,
        "proved formally in part": id in PROVED_IN_PART,
        "symbolic": any(proof.whole for proof in proofs),
        "symbolic in part": bool(proofs) and not any(proof.whole for proof in proofs),
        "exhaustive to 3+2": any(check.exhaustive for check in checks),
        "property-tested": bool(checks),
    }
    return tuple(kind for kind, there in kinds.items() if there) or ("unchecked",)


@cache
def record(id: str) -> Record:
    """The statement, with the statement and the place of everything that stands behind it. Runs nothing."""
    checks = checks_of(id)
    killers = [one for one, names in BROKEN.items() if any(check.id in names for check in checks)]
    evidence = evidence_for(id)
    page, text = theory_text(id)
    found: Record = {
        **LEDGER[id].to_dict(),
        "hypotheses": hypotheses(id),
        "rests_on": list(rests_on(id)),
        "used_in": [
            {"id": one.id, "name": one.name, "implemented_by": list(one.implemented_by)}
            for one in LEDGER.values()
            if id in rests_on(one.id)
        ],
        "evidence": list(evidence),
        "status": next((kind for kind in evidence if kind.startswith(("exhaustive", "property"))), "unchecked"),
        "theory": page,
        "proof": text,
        "code": [{"name": name, **_place(_resolve(name))} for name in LEDGER[id].implemented_by],
        "formal": [one.name for one in headlines().get(id, ())],
        "proved_formally": "proved formally" in evidence,
        "proved_in_part": PROVED_IN_PART.get(id, ""),
        "coq": [
            {"name": one.name, "file": f"proofs_check/formal/{one.file}", "line": one.line}
            for one in headlines().get(id, ())
        ],
        "checks": [
            {
                "id": check.id,
                "statement": check.statement,
                "level": check.level,
                "kills": [one.name for one in killers if check.id in BROKEN[one]],
                **(_said_in("checks", check.id) or _place(check.defined)),
            }
            for check in checks
        ],
        "symbolic_proofs": [
            {"id": one.id, "statement": one.statement, "scope": one.scope, "rejects": list(one.wrong),
             **_said_in("symbolic", one.id)}
            for one in SYMBOLIC.values()
            if id in one.theorems
        ],
        "needed": [
            {"id": one.id, "hypothesis": one.dropped, "why": one.why, **_said_in("counterexamples", one.id)}
            for one in COUNTEREXAMPLES.values()
            if one.theorem == id
        ],
        "unneeded": [{"hypothesis": one.hypothesis, "why": one.why} for one in UNNEEDED if one.theorem == id],
        "kills": [one.name for one in killers],
        "killers": [{"name": one.name, **_said_in("broken", one.name)} for one in killers],
    }  # fmt: skip
    for name, several in (("checked_by", "checks"), ("symbolic", "symbolic_proofs"), ("counterexamples", "needed")):
        found[name] = [one["id"] for one in found[several]]
    return found


def theorem_records() -> tuple[Record, ...]:
    return tuple(record(one.id) for one in THEOREMS)


def other_records() -> tuple[Record, ...]:
    """Those of definitions and algorithms."""
    return tuple(record(one.id) for one in (*DEFINITIONS, *ALGORITHMS))


def hypotheses(id: str) -> str:
    """What a statement needs, with the words of the other one where the ledger says "as T9"."""
    words = LEDGER[id].hypotheses
    other = words.removeprefix("as ")
    return f"{LEDGER[other].hypotheses} ({words})" if other in LEDGER else words


@cache
def rests_on(id: str) -> tuple[str, ...]:
    """The statements that it cites in its own words, up to its first proof, or in a proof; read off docs/theory."""
    text = theory_text(id)[1]
    words, proof, _ = text.partition("*Proof")
    cited = words + "".join(re.findall(r"\*Proof.*?∎", text, re.DOTALL)) if proof else ""
    return tuple(one for one in LEDGER if one != id and re.search(rf"\b{one}\b", cited))


def theory_text(id: str) -> tuple[str, str]:
    """Where docs/theory states and proves it, as a link, and what it says there; ("", "") where it is not at hand."""
    section = re.compile(rf'^<a id="{id.lower()}"></a>\n(.*?)(?=^<a id="|\Z)', re.MULTILINE | re.DOTALL)
    for page in sorted((ROOT / "docs" / "theory").glob("*.md")):
        if found := section.search(page.read_text(encoding="utf-8")):
            return f"docs/theory/{page.name}#{id.lower()}", found[1].strip()
    return "", ""


def _resolve(name: str) -> Any:
    """The object of a dotted name inside spanmatch."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = import_module("." + ".".join(parts[:end]), __package__.rpartition(".")[0])
        except ModuleNotFoundError:
            continue
        for attribute in parts[end:]:
            found = getattr(found, attribute)
        return found
    raise ModuleNotFoundError(name)


def _place(defined: Any) -> Record:
    """The file, relative to the root, and the line at which a function, class or module begins."""
    file = Path(inspect.getsourcefile(inspect.unwrap(defined)) or "").resolve()
    line = 1 if inspect.ismodule(defined) else inspect.getsourcelines(defined)[1]
    return {"file": file.relative_to(ROOT).as_posix(), "line": line}


def _said_in(folder: str, name: str) -> Record:
    """The file and line in a folder of the evidence where this name is given; nothing if it is made of parts."""
    for path in sorted((ROOT / "proofs_check" / folder).glob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if f'"{name}"' in line:
                return {"file": path.relative_to(ROOT).as_posix(), "line": number}
    return {}


@dataclass(frozen=True)
class TheoremRun:
    """What a run saw of one statement: ``cases`` that its checks examined on a sound implementation, ``identities``
    derived, ``counterexamples`` verified, the broken implementations that its checks rejected, and what went wrong."""

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
    """A run of the evidence, of all of it or of one statement; ``faults`` also holds what belongs to no theorem."""

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


def sound_for(check: Check) -> Implementation:
    """Who can be held to a check: the literal reference; to good manners what users call; to the threshold itself
    only who does not round."""
    return {"optional": FAST, "threshold": EXACT}.get(check.level, REFERENCE)


def run_ledger(
    *, cases: int = 60, seed: int = 0, only: str | None = None, progress: Progress | None = None
) -> LedgerRun:
    """Run every check on a sound implementation and on the broken ones that it is recorded to reject, every symbolic
    proof with its wrong statements, every counterexample, and the evidence against hypotheses that are not needed.

    Parameters: ``cases``: generated cases for each check of the sound one, which must pass; broken implementations
    get at least ``ENOUGH_TO_FAIL``, and must fail. ``seed``: of everything random. ``only``: the id of one statement
    of the ledger, of which alone the evidence is run. Cost: about a minute for all.
    """
    started = time.perf_counter()
    tell = progress or (lambda _: None)
    wrong: dict[str, list[str]] = {}
    examined: dict[str, int] = {}
    rejected: dict[str, list[str]] = {}
    checks = list(CHECKS.values()) if only is None else checks_of(only)
    with without_shrinking():
        for check in checks:
            sound = sound_for(check)
            tell(f"{sound.name.partition(':')[0]}: {check.id}")
            outcome = run_check(check, sound, Budget(cases, seed))
            examined[check.id] = outcome.cases
            if outcome.verdict != "passed":
                wrong.setdefault(check.id, []).append(f"{check.id}: {outcome.verdict}: {outcome.detail}")
            for broken in (one for one, names in BROKEN.items() if check.id in names):
                tell(f"broken: {broken.name}")
                if run_check(check, broken, Budget(max(cases, ENOUGH_TO_FAIL), seed)).verdict == "failed":
                    rejected.setdefault(check.id, []).append(broken.name)
                else:
                    wrong.setdefault(check.id, []).append(f"{check.id}: lets the broken {broken.name!r} pass")
    derived = _derive(only, wrong, tell)
    verified = _verify(only, wrong, tell)

    def seen(id: str) -> TheoremRun:
        names = [check.id for check in checks if id in check.theorems]
        killed = {broken for name in names for broken in rejected.get(name, ())}
        proofs = [name for name in derived if id in SYMBOLIC[name].theorems]
        cases_of = [name for name in verified if COUNTEREXAMPLES[name].theorem == id]
        return TheoremRun(
            id,
            LEDGER[id].name,
            evidence_for(id),
            sum(examined[name] for name in names),
            sum(derived[name] for name in proofs),
            sum(name not in wrong for name in cases_of),
            tuple(one.name for one in BROKEN if one.name in killed),
            tuple(fault for name in (*names, *proofs, *cases_of, id) for fault in wrong.get(name, ())),
        )

    everything = tuple(fault for found in wrong.values() for fault in found)
    ids = [one.id for one in THEOREMS] if only is None else [only]
    return LedgerRun(tuple(map(seen, ids)), everything, cases, seed, time.perf_counter() - started)


def _derive(only: str | None, wrong: dict[str, list[str]], tell: Progress) -> dict[str, int]:
    """Identities derived for each symbolic proof; notes what fails in ``wrong``."""
    derived = {}
    for proof in SYMBOLIC.values():
        if only not in (None, *proof.theorems):
            continue
        tell(f"symbolic: {proof.id}")
        try:
            derived[proof.id] = prove(proof)
        except NotAnIdentityError as error:
            derived[proof.id] = 0
            wrong.setdefault(proof.id, []).append(str(error))
        for claim in wrong_statements_accepted(proof):
            wrong.setdefault(proof.id, []).append(f"{proof.id}: accepts the wrong statement {claim!r}")
    return derived


def _verify(only: str | None, wrong: dict[str, list[str]], tell: Progress) -> list[str]:
    """The counterexamples looked at, and the hypotheses that are not needed; notes what fails in ``wrong``."""
    looked_at = []
    for case in COUNTEREXAMPLES.values():
        if only in (None, case.theorem):
            tell(f"counterexample: {case.id}")
            looked_at.append(case.id)
            for fault in faults(case):
                wrong.setdefault(case.id, []).append(fault)
    for one in UNNEEDED:
        if only in (None, one.theorem):
            tell(f"not needed: {one.theorem}")
            try:
                one.evidence()
            except NeededAfterAllError as error:
                wrong.setdefault(one.theorem, []).append(f"{one.theorem} needs {one.hypothesis!r}: {error}")
    return looked_at
