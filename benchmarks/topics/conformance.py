"""What the conformance kit and the golden vectors are said to do."""

from __future__ import annotations

import time

from claim import MUST, Claim, Measured


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


def golden_bytes() -> Measured:
    from spanmatch.proofs_check.conformance.golden import computed_text
    from spanmatch.proofs_check.conformance.grading import golden_text

    shipped = golden_text()
    same, size = computed_text() == shipped, len(shipped.encode())
    return f"{size:,} bytes, {'the same' if same else 'different'}", same and size < 450_000


CLAIMS = [
    Claim("conformance.seconds", MUST, "required level, reference", "< 60 s, conforms", required_level_seconds),
    Claim("conformance.accepted", MUST, "correct implementations accepted", "4 of 4", accepted),
    Claim("conformance.rejected", MUST, "broken ones rejected; 4 show elsewhere only", "all, at least 25", rejected),
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
    Claim("conformance.golden", "docs/conformance.md", "spanmatch golden", "as committed, < 450 000", golden_bytes),
]
