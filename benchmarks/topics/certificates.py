"""Claims about certificates: the shipped pair, breakpoints to the last bit, tampering, and the checker itself."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from claim import MUST, ROOT, Claim, Measured, NotRun

import spanmatch
from spanmatch.algorithms.peeling import batch_peel

POSITIONS = 10_000
EPSILONS = (0.3, 0.5)


def layers(architecture: str = "vgg") -> dict[str, tuple[Any, Any]]:
    """Every layer of a shipped pair: up to 10 000 inputs and positions, drawn by a seed."""
    try:
        from spanmatch.studies.verification.networks import Pair, for_pair
    except ImportError as error:
        raise NotRun(f"needs the extra networks: {error}") from error
    found = {}
    both = for_pair(Pair(f"{architecture}-0", f"{architecture}-1", "other seed"))
    for name in both[0]:
        A, B = (acts[name] for acts in both)
        rows = np.random.default_rng(0).permutation(len(A))[:POSITIONS]
        found[name] = A[rows], B[rows]
    return found


@cache
def shipped() -> tuple[int, int, float, float]:
    """Certificates checked, decisions left to exact arithmetic, seconds for making and for checking them."""
    made = checked = 0.0
    count = exact = 0
    for X, Y in layers().values():
        for epsilon in EPSILONS:
            started = time.perf_counter()
            certificate = spanmatch.certify(X, Y, epsilon)
            content = json.loads(json.dumps(certificate.to_dict()))
            between = time.perf_counter()
            spanmatch.check_certificate(X, Y, content)
            checked += time.perf_counter() - between
            made += between - started
            count += 1
            exact += certificate.decided_exactly
    return count, exact, made, checked


def shipped_pair() -> Measured:
    count, exact, made, checked = shipped()
    told = f"{count} certificates: {made:.1f} s + {checked:.1f} s, {exact} decisions left to exact arithmetic"
    return told, count == 16 and made + checked < 120


def dependent_sides() -> Measured:
    """A channel of each network doubled: no least eigenvalue, so that elimination has to prove who is peeled."""
    X, Y = (np.hstack([Z, Z[:, :1]]) for Z in layers()["conv5.relu"])
    started = time.perf_counter()
    certificate = spanmatch.certify(X, Y, 0.5)
    spanmatch.check_certificate(X, Y, certificate)
    seconds = time.perf_counter() - started
    told = f"{seconds:.1f} s, {certificate.decided_exactly} decisions left to exact arithmetic"
    return told, seconds < 60 and certificate.decided_exactly > 0


def breakpoints() -> Measured:
    """r = 3/5 exactly: epsilon at it, and a distance of 2^-200 below."""
    X, Y = np.array([[4.0], [3.0]], dtype=np.float32), np.array([[7.0], [0.0]], dtype=np.float32)
    sizes = []
    for epsilon in (Fraction(3, 5), Fraction(3, 5) - Fraction(1, 2**200)):
        certificate = spanmatch.certify(X, Y, epsilon)
        spanmatch.check_certificate(X, Y, certificate)
        sizes.append(len(certificate.match))
    return f"{sizes[0]} of 2 neurons at it, {sizes[1]} just below", sizes == [2, 0]


def real_breakpoints() -> Measured:
    """The floats around every radius of a shipped layer's sample, against the exact oracle."""
    X, Y = (Z[:200] for Z in layers()["conv1.relu"])
    radii = spanmatch.exact.match_radii(X, Y)
    right = total = 0
    for square in sorted({*radii.x, *radii.y}):
        nearest = float(np.sqrt(float(square)))
        for epsilon in (np.nextafter(nearest, 0), nearest, np.nextafter(nearest, 1)):
            if epsilon < 1:
                certificate = spanmatch.certify(X, Y, epsilon)
                spanmatch.check_certificate(X, Y, certificate)
                right += certificate.match == radii.max_match(epsilon)
                total += 1
    return f"{right} of {total} right", right == total > 0


def tampering() -> Measured:
    """One place of a shipped layer's certificate changed at random; the exact oracle judges."""
    X, Y = (Z[:300] for Z in layers()["conv1.relu"])
    subjects = []
    for epsilon in EPSILONS:
        maximum = spanmatch.certify(X, Y, epsilon)
        subjects += [maximum.to_dict(), spanmatch.certify(X, Y, epsilon, maximum.match.neurons[0]).to_dict()]
    accepted_false = rejected = changes = 0
    for content in tampered(subjects, 400, np.random.default_rng(1)):
        changes += 1
        try:
            spanmatch.check_certificate(X, Y, content)
        except spanmatch.CertificateError:
            rejected += 1
            continue
        accepted_false += not holds(X, Y, content)
    told = f"{changes} changes: {rejected} rejected, {changes - rejected} harmless, {accepted_false} false accepted"
    return told, changes >= 200 and accepted_false == 0 and rejected > 100


def tampered(subjects: Sequence[Any], number: int, rng: np.random.Generator) -> Iterator[Any]:
    """``number`` copies of certificates, each changed in one place: a coefficient moved or left to exact arithmetic, a
    neuron of the match, epsilon, a neuron of a stage, a stage, an eviction, a least eigenvalue, the neuron."""
    while number > 0:
        content = json.loads(json.dumps(subjects[int(rng.integers(len(subjects)))]))
        stages = [*content["peeled"], *(stage for one in content["evictions"] for stage in one["peeled"])]
        lists = [*content["members"].values(), *(stage["coefficients"] for stage in stages)]
        vectors = [(holder, k) for holder in lists for k in range(len(holder))]
        sizes = {side: content["activations"][side]["shape"][1] for side in "xy"}
        side = "xy"[int(rng.integers(2))]
        kind = int(rng.integers(9))
        if kind in (0, 1) and vectors:
            holder, k = vectors[int(rng.integers(len(vectors)))]
            words = (holder[k] or "0x0p+0").split()
            if kind == 1:
                holder[k] = None
            elif words:
                which = int(rng.integers(len(words)))
                moved = float.fromhex(words[which]) + float(rng.normal()) * 10.0 ** rng.integers(-9, 1)
                words[which] = float(np.ldexp(np.rint(np.ldexp(moved, 60)), -60)).hex()
                holder[k] = " ".join(words)
        elif kind == 2:
            indices = set(content["match"][side]) ^ {int(rng.integers(sizes[side]))}
            content["match"][side] = sorted(indices)
            content["members"][side] = [None] * len(indices)
        elif kind == 3:
            epsilon = Fraction(content["epsilon"]) + Fraction(float(rng.normal()) * 10.0 ** rng.integers(-6, -1))
            content["epsilon"] = f"{epsilon.numerator}/{epsilon.denominator}"
        elif kind == 4 and stages:
            stage = stages[int(rng.integers(len(stages)))]
            own = stage["neurons"]
            own[int(rng.integers(len(own)))] = int(rng.integers(sizes[stage["side"]]))
        elif kind == 5 and content["peeled"]:
            content["peeled"].pop(int(rng.integers(len(content["peeled"]))))
        elif kind == 6 and content["evictions"]:
            content["evictions"].pop(int(rng.integers(len(content["evictions"]))))
        elif kind == 7 and content["least_eigenvalue"][side]:
            least = float.fromhex(content["least_eigenvalue"][side]) * 2.0 ** float(rng.integers(-9, 10))
            content["least_eigenvalue"][side] = least.hex()
        elif kind == 8 and content["neuron"]:
            content["neuron"] = [side, int(rng.integers(sizes[side]))]
        else:
            continue
        number -= 1
        yield content


def holds(X: Any, Y: Any, content: dict[str, Any]) -> bool:
    """A certificate's claim, by the exact oracle."""
    epsilon = Fraction(content["epsilon"])
    match = spanmatch.Match(content["match"]["x"], content["match"]["y"])
    if content["neuron"] is None:
        return bool(spanmatch.exact.max_match(X, Y, epsilon) == match)
    neuron = tuple(content["neuron"])
    cover = spanmatch.exact.ExactGeometry(X, Y).at(epsilon)
    without = [batch_peel(cover, match.without(u)) for u in match]
    return neuron in match and cover.is_match(match) and not any(neuron in left for left in without)


def small_checker() -> Measured:
    source = (ROOT / "proofs_check" / "certificate_checker.py").read_text(encoding="utf-8")
    shared = [
        node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and "algorithms" in str(node.module)
    ]
    documented = [
        node.body[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    ]
    docstrings = sum(one.end_lineno - one.lineno + 1 for one in documented)
    lines = len(source.splitlines()) - docstrings
    return f"{lines} lines beside docstrings, {len(shared)} imports from algorithms", lines <= 200 and not shared


CLAIMS = [
    Claim("certificates.shipped", MUST, "all layers of the shipped pair at 0.3 and 0.5", "16, < 120 s", shipped_pair),
    Claim("certificates.dependent", "certify, docstring", "65 + 65, a doubled neuron each", "< 60 s", dependent_sides),
    Claim("certificates.breakpoint", MUST, "r = epsilon exactly, and 2^-200 beside it", "decided, right", breakpoints),
    Claim("certificates.radii", MUST, "floats around each radius of a real layer", "all right", real_breakpoints),
    Claim("certificates.tampering", MUST, "single-entry changes of certificates", ">= 200, none false", tampering),
    Claim(
        "certificates.checker",
        MUST,
        "proofs_check/certificate_checker.py without its docstrings",
        "<= 200 lines, 0 imports",
        small_checker,
    ),
]
