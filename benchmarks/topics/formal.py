"""Claims about the evidence: the ledger's run, the code that tests reach, the formal proofs, the proved checker.

The proofs need Coq and MathComp, the checker also zarith; they are "not run" where these are absent."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from claim import MUST, ROOT, Claim, Measured, NotRun
from topics.certificates import EPSILONS, holds, layers, tampered

import spanmatch
from spanmatch.proofs_check.formal import verified
from spanmatch.proofs_check.formal.extracted import missing_tools

FOLDER = ROOT / "proofs_check" / "formal"


def need_coq() -> None:
    if missing_tools():
        raise NotRun(f"{', '.join(missing_tools())} not installed (Debian: coq, libcoq-mathcomp-algebra)")


def proofs() -> Measured:
    need_coq()
    started = time.perf_counter()
    done = subprocess.run(["sh", str(FOLDER / "build.sh")], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    found = re.search(r"(\d+) of (\d+) headline theorems are closed", done.stdout)
    closed = found is not None and found[1] == found[2]
    return f"{found[0] if found else done.stderr[-200:]} ({seconds:.0f} s)", closed and seconds < 60


def mutations() -> Measured:
    need_coq()
    done = subprocess.run([sys.executable, str(FOLDER / "mutations.py")], capture_output=True, text=True, check=False)
    return (done.stdout.strip().splitlines() or [done.stderr[-200:]])[-1], done.returncode == 0


BUILT = tempfile.TemporaryDirectory(prefix="spanmatch-checker-")


@cache
def program() -> Path:
    try:
        return verified.build_checker(Path(BUILT.name))
    except spanmatch.MissingExtra as error:
        raise NotRun(str(error)) from error


def by_proof(X: Any, Y: Any, content: dict[str, Any]) -> bool:
    """Whether the proved checker accepts a certificate."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        try:
            verified.check_by_proof(X, Y, file, program())
        except spanmatch.CertificateError:
            return False
    return True


def in_python(X: Any, Y: Any, content: dict[str, Any]) -> bool:
    try:
        spanmatch.check_certificate(X, Y, content)
    except spanmatch.CertificateError:
        return False
    return True


def certificates(X: Any, Y: Any) -> Iterator[dict[str, Any]]:
    """Maximum matches, and a minimal match in each that is not empty."""
    for epsilon in EPSILONS:
        maximum = spanmatch.certify(X, Y, epsilon)
        yield maximum.to_dict()
        if maximum.match:
            yield spanmatch.certify(X, Y, epsilon, maximum.match.neurons[0]).to_dict()


@cache
def shipped() -> tuple[int, int, int, float]:
    """Certificates of two shipped pairs, how many each checker accepts, and the longest time of the proved one."""
    count = proved = agreed = 0
    longest = 0.0
    for X, Y in chain.from_iterable(layers(name).values() for name in ("vgg", "resnet")):
        for content in certificates(X, Y):
            started = time.perf_counter()
            accepted = by_proof(X, Y, content)
            longest = max(longest, time.perf_counter() - started)
            count, proved, agreed = count + 1, proved + accepted, agreed + in_python(X, Y, content)
    return count, proved, agreed, longest


def shipped_pairs() -> Measured:
    program()
    count, proved, agreed, longest = shipped()
    told = f"{count} certificates: {proved} accepted by proof, {agreed} in Python; {longest:.1f} s at most"
    return told, count >= 32 and proved == agreed == count and longest < 60


def large_layer() -> Measured:
    """The shipped layer of 128 + 128 neurons at 1 000 inputs."""
    program()
    X, Y = layers()["fc.relu"]
    content = spanmatch.certify(X, Y, 0.5).to_dict()
    started = time.perf_counter()
    accepted = by_proof(X, Y, content)
    seconds = time.perf_counter() - started
    return f"{X.shape[1]} + {Y.shape[1]} neurons, {len(X)} inputs: {seconds:.1f} s", accepted and seconds < 60


def tampering() -> Measured:
    """One place of a certificate changed at random: maximum and minimal matches of a real and of a dependent layer."""
    program()
    X, Y = (Z[:100] for Z in layers()["conv1.relu"])
    twice = tuple(np.hstack([Z[:, :5], Z[:, :2]]) for Z in (X, Y))
    rng = np.random.default_rng(2)
    different = false = rejected = changes = 0
    for (A, B), number in (((X, Y), 600), (twice, 400)):
        for content in tampered([*certificates(A, B)], number, rng):
            verdicts = by_proof(A, B, content), in_python(A, B, content)
            different += verdicts[0] != verdicts[1]
            rejected += not verdicts[0]
            false += any(verdicts) and not holds(A, B, content)
            changes += 1
    told = f"{changes} changes: {rejected} rejected, {different} with different verdicts, {false} false accepted"
    return told, changes >= 1000 and different == false == 0 and rejected > 300


def ledger() -> Measured:
    from spanmatch.proofs_check.evidence import BROKEN, run_ledger

    found = run_ledger()
    cases = sum(theorem.cases for theorem in found.theorems)
    text = f"{len(found.faults)} faults; {cases} cases, {len(BROKEN)} broken implementations, {found.seconds:.0f} s"
    return text, found.ok and all(theorem.cases for theorem in found.theorems)


@cache
def covered() -> dict[str, Any]:
    """coverage's summary of each file, from the suite without what runs in other processes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "coverage.json")
        command = [
            sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider",
            "--cov", f"--cov-report=json:{report}", "tests/unit", "tests/properties", "tests/conformance",
        ]  # fmt: skip
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "COVERAGE_FILE": str(Path(folder, "data"))}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the suite fails: {done.stdout[-300:]}")
        files: dict[str, Any] = json.loads(report.read_text())["files"]
    return {name: file["summary"] for name, file in files.items()}


def reached(folder: str) -> Measured:
    """The share of statements and branches of a folder that the tests take."""

    def total(of: Iterable[str]) -> int:
        inside = [summary for name, summary in covered().items() if name.startswith(f"{folder}/")]
        return sum(summary[name] for summary in inside for name in of)

    share = total(("covered_lines", "covered_branches")) / total(("num_statements", "num_branches"))
    return f"{share:.1%}", share >= 0.95


CLAIMS = [
    Claim("evidence.ledger", MUST, "spanmatch theorems --run", "no faults, every theorem has cases", ledger),
    *(
        Claim(f"evidence.coverage-{name}", MUST, f"lines, branches of {name}/", ">= 95 %", partial(reached, name))
        for name in ("theory", "algorithms", "proofs_check")
    ),
    Claim("formal.proofs", MUST, "make proofs", "all headline theorems axiom-free, < 60 s", proofs),
    Claim("formal.mutations", MUST, "make mutations", "at least 8 falsifications, all rejected", mutations),
    Claim(
        "formal.shipped",
        MUST,
        "16 shipped layers at .3 and .5, maximum and minimal",
        ">= 32, all by both",
        shipped_pairs,
    ),
    Claim("formal.large", MUST, "a shipped layer of 128 + 128 neurons", "< 60 s", large_layer),
    Claim(
        "formal.tampering", MUST, "changes of certificates, both checkers", "1 000, one verdict, 0 false", tampering
    ),
]
