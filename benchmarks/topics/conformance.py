"""What the conformance kit and the golden vectors are said to do."""

from __future__ import annotations

import ctypes
import random
import shutil
import time
from typing import Any

import numpy as np
from claim import MUST, ROOT, Claim, Measured, NotRun


def required_level_seconds() -> Measured:
    from spanmatch.proofs_check.conformance import conform
    from spanmatch.proofs_check.harness.implementations import REFERENCE

    started = time.perf_counter()
    report = conform(REFERENCE, levels=["required"])
    seconds = time.perf_counter() - started
    return f"{seconds:.1f} s, {report.summary}", report.ok and seconds < 60


def accepted() -> Measured:
    from spanmatch.proofs_check.conformance import conform
    from spanmatch.proofs_check.harness.implementations import BRUTE_FORCE, EXACT, FAST, REFERENCE

    reports = [conform(one, levels=["required"], cases=30) for one in (REFERENCE, FAST, EXACT, BRUTE_FORCE)]
    return f"{sum(report.ok for report in reports)} of 4", all(report.ok for report in reports)


def rejected() -> Measured:
    from spanmatch.proofs_check.broken import BROKEN
    from spanmatch.proofs_check.conformance.kit import checks, conform
    from spanmatch.proofs_check.harness.registry import without_shrinking

    # The others are wrong only on abstract covers, in eviction sets or about the effective theory.
    asked = {check.id for check in checks()}
    seen = {one: asked.intersection(names) for one, names in BROKEN.items() if asked.intersection(names)}
    with without_shrinking():
        passed = [one.name for one, names in seen.items() if not names.intersection(conform(one, cases=60).failed())]
    text = f"{len(seen) - len(passed)} of {len(seen)}" + (f"; passed: {', '.join(passed)}" if passed else "")
    return text, not passed and len(seen) >= 25


def published_style_differs() -> Measured:
    from spanmatch.proofs_check.conformance.kit import conform
    from spanmatch.proofs_check.conformance.published_style import PUBLISHED_STYLE

    report = conform(PUBLISHED_STYLE)
    required = report.failed("required")
    ok = all(check.startswith("D1-dead") for check in required) and bool(required)
    ok = ok and {"D1-not-a-number", "T13-too-few-inputs"} <= set(report.failed("optional"))
    return ", ".join(report.failed()), ok and "T3-max-match-at-zero" in report.failed("numerical")


def reach() -> Measured:
    from hypothesis import HealthCheck, given, seed, settings
    from hypothesis import strategies as st

    from spanmatch.algorithms.exact import ExactGeometry
    from spanmatch.algorithms.peeling import peel_radii, rounds
    from spanmatch.proofs_check.conformance.kit import CASES, checks
    from spanmatch.proofs_check.harness.capabilities import Capabilities
    from spanmatch.proofs_check.harness.margins import radius_margin
    from spanmatch.proofs_check.harness.questions import MaximumQuestion, MinimalQuestion

    neurons, longest, minimal, margin = 0, 0, 0, 1.0

    def look(question: object) -> None:
        nonlocal neurons, longest, minimal, margin
        if isinstance(question, MaximumQuestion):
            geometry = ExactGeometry(question.X, question.Y)
            neurons = max(neurons, *question.sizes)
            longest = max(longest, rounds(geometry.at(question.epsilon)))
            margin = min(margin, radius_margin(peel_radii(geometry), geometry, question.epsilon))
        elif isinstance(question, MinimalQuestion):
            minimal = max(minimal, *(len(match or ()) for match in question.right))

    for check in checks(["required"]):
        options = settings(
            max_examples=max(1, int(CASES * check.rate)), database=None, deadline=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        seed(0)(options(given(st.composite(check.defined)(Capabilities()))(look)))()
    found = f"{neurons} neurons per side, {longest} rounds, minimal matches of {minimal}, margin {margin:.1e}"
    return found, neurons >= 56 and longest >= 19 and minimal == 12 and 1e-7 <= margin <= 1e-6


def rejected_by_scores() -> Measured:
    """Through ``similarity`` alone, by the checks recorded for them, those that have one which a score can answer."""
    from types import SimpleNamespace

    from spanmatch.proofs_check.broken import BROKEN
    from spanmatch.proofs_check.checks import CHECKS
    from spanmatch.proofs_check.conformance.diagnosis import score_only
    from spanmatch.proofs_check.conformance.kit import checks
    from spanmatch.proofs_check.harness.capabilities import SEEN_IN_SCORES
    from spanmatch.proofs_check.harness.registry import Budget, run_check, without_shrinking

    def by_radii(one: Any) -> Any:
        def similarity(X: Any, Y: Any, epsilon: float) -> float:
            return float(np.mean(np.concatenate([np.asarray(side) <= epsilon for side in one.match_radii(X, Y)])))

        return SimpleNamespace(similarity=similarity)

    shown, passed = 0, []
    askable = [check.id for check in checks()]
    with without_shrinking():
        for one, names in BROKEN.items():
            recorded = [id for id in askable if id in names and {*CHECKS[id].needs} <= {*SEEN_IN_SCORES, "similarity"}]
            if not recorded:
                continue
            shown += 1
            needs = {need for id in recorded for need in CHECKS[id].needs}
            score = one if "similarity" in needs else score_only(one) if "max_match" in needs else by_radii(one)
            only = SimpleNamespace(similarity=score.similarity)
            if not any(run_check(CHECKS[id], only, Budget(60)).verdict == "failed" for id in recorded):
                passed.append(one.name)
    text = f"{shown - len(passed)} of {shown}" + (f"; passed: {', '.join(passed)}" if passed else "")
    return text, not passed and shown >= 25


def _loops(*_: Any) -> Any:
    while True:
        pass


def _crashes(*_: Any) -> Any:
    ctypes.string_at(0)


def _allocates(*_: Any) -> Any:
    return np.ones(50 * 2**30 // 8)


def survives() -> Measured:
    """Each fault is one verdict of each check, until it was lost in three, and another function is judged after it."""
    from types import SimpleNamespace

    from spanmatch.proofs_check.conformance import conform
    from spanmatch.proofs_check.harness.implementations import FAST

    said, ok = [], True
    for fault in (_loops, _crashes, _allocates):
        subject = SimpleNamespace(max_match=fault, match_radii=FAST.match_radii)
        report = conform(subject, levels=["threshold", "numerical"], cases=3, time_limit=3.0)
        of = {name: {one.verdict for one in report.outcomes if one.function == name} for name in
              ("max_match", "match_radii")}  # fmt: skip
        said.append(next(one.detail for one in report.outcomes if one.function == "max_match"))
        ok = ok and of["match_radii"] == {"passed"} and "passed" not in of["max_match"] and report.complete
    return "; ".join(said), ok


def plain_least_squares(X: Any, Y: Any, epsilon: float) -> Any:
    """A1, as anyone would write it; numpy.linalg.lstsq may never return from a NaN."""

    def covered(own: Any, other: Any) -> Any:
        left = own - other @ np.linalg.lstsq(other, own, rcond=None)[0] if other.size else own
        return np.linalg.norm(left, axis=0) <= (epsilon + 1e-12) * np.linalg.norm(own, axis=0)

    x, y = np.arange(X.shape[1]), np.arange(Y.shape[1])
    while True:
        before = len(x) + len(y)
        x = x[covered(X[:, x], Y[:, y])]
        y = y[covered(Y[:, y], X[:, x])]
        if len(x) + len(y) == before:
            return x, y


def plain_conforms() -> Measured:
    from types import SimpleNamespace

    from spanmatch.proofs_check.conformance import conform

    report = conform(SimpleNamespace(max_match=plain_least_squares), cases=20, time_limit=5.0)
    return f"{report.summary}; NaN: {report['D1-not-a-number'].detail[:60] or 'answered'}", report.ok


def scores_conform() -> Measured:
    from spanmatch.proofs_check.conformance import conform
    from spanmatch.proofs_check.conformance.diagnosis import score_only
    from spanmatch.proofs_check.harness.implementations import FAST

    report = conform(score_only(FAST), levels=["required", "numerical"], cases=20, time_limit=None)
    return report.summary, report.ok and not report.failed()


def drivers_conform() -> Measured:
    from spanmatch.proofs_check.conformance import conform

    said, ok = [], True
    for program, *options in (("octave-cli", "--quiet", "octave.m"), ("Rscript", "r.R"), ("julia", "julia.jl")):
        if shutil.which(program) is None:
            said.append(f"{program}: not installed here")
            continue
        path = ROOT / "docs" / "drivers" / options[-1]
        report = conform([program, *options[:-1], str(path)], levels=["required"], cases=20)
        said.append(f"{program}: {sum(one.verdict == 'passed' for one in report.outcomes)} checks passed")
        ok = ok and report.ok
    if all("not installed" in one for one in said):
        raise NotRun("neither Octave nor R nor Julia is installed here")
    return "; ".join(said), ok


def causes() -> Measured:
    """Of every sixth named broken implementation, asked as if nothing were known of it."""
    from spanmatch.proofs_check.broken import BROKEN
    from spanmatch.proofs_check.checks import CHECKS
    from spanmatch.proofs_check.conformance.diagnosis import likely_cause
    from spanmatch.proofs_check.harness.capabilities import Capabilities, answers_for

    named, asked, other = 0, 0, []
    for one, names in list(BROKEN.items())[::6]:
        failed = [id for id in names if CHECKS[id].level == "required"]
        failed = [id for id in failed if all(answers_for(one, need) for need in CHECKS[id].needs)]
        if failed:
            asked += 1
            said = likely_cause(failed, one, Capabilities())
            named += f'"{one.name}"' in said
            other += [one.name] if said and f'"{one.name}"' not in said else []
    text = f"{named} of {asked} named, {len(other)} by another's name"
    return text, not other and named >= 0.8 * asked


def no_cause() -> Measured:
    """A right implementation in which chance takes a neuron away, or adds one, in one of three answers."""
    from types import SimpleNamespace

    from spanmatch.proofs_check.conformance.diagnosis import likely_cause
    from spanmatch.proofs_check.harness.capabilities import Capabilities
    from spanmatch.proofs_check.harness.implementations import FAST

    def at_random(seed: int) -> Any:
        def max_match(X: Any, Y: Any, epsilon: float) -> Any:
            x, y = (set(side) for side in FAST.max_match(X, Y, epsilon))
            rng = random.Random(f"{seed}{X.tolist()}{Y.tolist()}{epsilon}")
            if rng.random() < 1 / 3:
                x ^= {rng.randrange(X.shape[1])}
            return sorted(x), sorted(y)

        return SimpleNamespace(max_match=max_match)

    failed = ["T3-max-match", "T8-two-partners"]
    said = [likely_cause(failed, at_random(seed), Capabilities()) for seed in range(3)]
    return f"{sum(map(bool, said))} of {len(said)} named", not any(said)


def golden_bytes() -> Measured:
    from spanmatch.proofs_check.conformance.golden import computed_text
    from spanmatch.proofs_check.conformance.grading import golden_text

    shipped = golden_text()
    same, size = computed_text() == shipped, len(shipped.encode())
    return f"{size:,} bytes, {'the same' if same else 'different'}", same and size < 450_000


def faults_on_a_suite() -> Measured:
    from spanmatch.proofs_check.broken import BROKEN
    from spanmatch.proofs_check.conformance.kit import checks
    from spanmatch.studies.suites.asked import Asked
    from spanmatch.studies.suites.catalogue import SUITES
    from spanmatch.studies.suites.confirm import within_reach
    from spanmatch.studies.suites.marking import marked
    from spanmatch.studies.suites.scoring import put_to

    def loses(one: Asked, implementation: object) -> bool:
        return any(
            marked(question, implementation, "", "").wrong
            for question in put_to(one, implementation)
            if question.function in ("max_match", "match_radii", "similarity") or within_reach(one, question)
        )

    most, ids = 36, {check.id for check in checks()}
    broken = [one for one, names in BROKEN.items() if ids.intersection(names)]
    asked = sorted((Asked(entry.made()) for entry in SUITES["quick"]), key=lambda one: one.size)
    lost = set()
    for one in asked:
        # The literal algorithms that most of them are made of take long on larger sets.
        if one.size <= most:
            lost |= {broke for broke in broken if broke not in lost and loses(one, broke)}
    passed = sorted(one.name for one in broken if one not in lost)
    text = f"{len(lost)} of {len(broken)}" + (f"; not: {', '.join(passed)}" if passed else "")
    return text, set(passed) == {"answers whatever it is asked", "normalises X in place"} and len(lost) >= 55


def leaderboard_again() -> Measured:
    from leaderboard import SAME, table

    lines = (ROOT / "docs" / "leaderboard.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    told = {row[0]: dict(zip(cells[0], row, strict=True)) for row in cells[2:]}
    fresh = table()
    columns = [column for column in fresh.columns if column.heading in SAME]
    same = [
        all(told.get(record["name"], {}).get(column.heading) == column.text(record) for column in columns)
        for record in fresh.records
    ]
    return f"{sum(same)} of {len(told)} rows the same", all(same) and len(same) == len(told)


CLAIMS = [
    Claim("conformance.seconds", MUST, "required level, reference", "< 60 s, conforms", required_level_seconds),
    Claim("conformance.accepted", MUST, "correct implementations accepted", "4 of 4", accepted),
    Claim("conformance.rejected", MUST, "broken ones rejected; 4 show elsewhere only", "all, at least 25", rejected),
    Claim("conformance.scores", "docs/conformance.md", "broken ones rejected through scores alone", "all, at least 25",
          rejected_by_scores),
    Claim("conformance.survives", MUST, "an endless loop, a crash, 50 GiB", "one verdict each; it goes on", survives),
    Claim("conformance.plain", MUST, "A1 by numpy.linalg.lstsq, which hangs on NaN", "conforms", plain_conforms),
    Claim("conformance.score-only", MUST, "an implementation with similarity alone", "conforms", scores_conform),
    Claim("conformance.drivers", "docs/conformance.md", "docs/drivers, required level", "conform", drivers_conform),
    Claim("conformance.cause", "docs/conformance.md", "likely cause of every sixth broken one",
          "80 % named, none by another's name", causes),
    Claim("conformance.no-cause", "docs/conformance.md", "likely cause of a fault at random", "none", no_cause),
    Claim(
        "conformance.published-style",
        "docs/conformance.md",
        "where the published style differs",
        "required: dead neurons only; epsilon 0; NaN; neurons >= inputs",
        published_style_differs,
    ),
    Claim(
        "conformance.reach",
        "docs/conformance.md",
        "largest set, longest peel, largest minimal match, narrowest decision of the required level",
        "over 55 per side; 19 rounds; 12; 1e-7 to 1e-6",
        reach,
    ),
    Claim(
        "conformance.suite-faults",
        "docs/suites.md",
        "broken implementations that lose points on the suite quick",
        "all of 59 but two, which are wrong in manners only",
        faults_on_a_suite,
    ),
    Claim(
        "conformance.leaderboard",
        "docs/leaderboard.md",
        "benchmarks/leaderboard.py: points, right answers and what they come near to",
        "as on the page",
        leaderboard_again,
    ),
    Claim("conformance.golden", "docs/conformance.md", "spanmatch golden", "as committed, < 450 000", golden_bytes),
]
