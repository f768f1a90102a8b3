"""Claims about the main job: that it works from a fresh clone, how long it takes, and what it finds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from claim import MUST, ROOT, Claim, Measured, NotRun

import spanmatch
from spanmatch import compare
from spanmatch.networks.shipped import activations, layers_of, load_probes, untrained
from spanmatch.studies import Population
from spanmatch.studies.workers import cores
from spanmatch.synthetic import one_hot_layers
from spanmatch.theory.errors import without_advice
from spanmatch.theory.validation.layer import Layer

PAGE = "docs/shipped-networks.md"
COVERS = 86_400 + 1_296
ENVIRONMENT = {**os.environ, "PYTHONSAFEPATH": "1"}


@cache
def run(*options: str) -> tuple[dict[str, Any], float]:
    """The report of ``spanmatch verify`` in a folder of its own, and the seconds it took from start to end."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "spanmatch", "verify", "--json", "--out", str(Path(folder, "out")), *options],
            capture_output=True, text=True, check=False, cwd=folder, env=ENVIRONMENT,
        )  # fmt: skip
        seconds = time.perf_counter() - started
    if not done.stdout:
        raise RuntimeError(done.stderr[-500:])
    return json.loads(done.stdout), seconds


def takes(limit: float, *options: str) -> Measured:
    report, seconds = run(*options)
    verdict = "everything passed" if report["ok"] else f"{len(report['faults'])} failed"
    return f"{seconds:.0f} s, {verdict}", report["ok"] and seconds < limit


def fast_checks() -> dict[str, dict[str, Any]]:
    report, _ = run()
    return {outcome["check"]: outcome for outcome in next(iter(report["checks"].values()))}


def checked(name: str, least: int) -> Measured:
    outcome = fast_checks()[name]
    return f"{outcome['verdict']} on {outcome['cases']}", outcome["verdict"] == "passed" and outcome["cases"] >= least


def shares() -> Measured:
    report, _ = run()
    found, required = report["shares"]["found"], report["shares"]["required"]
    text = ", ".join(f"{name} {share:.0%}" for name, share in found.items())
    return text, all(found[name] >= least for name, least in required.items())


def similarity(pair: str, layer: str, epsilon: float) -> float:
    """s of the layers whose name starts with ``layer``; the largest of them."""
    report, _ = run()
    comparison = next(one["comparison"] for one in report["pairs"] if one["name"] == pair)
    return max(
        dict(zip(found["epsilons"], found["similarity"], strict=True))[epsilon]
        for found in comparison["layers"]
        if re.match(layer, found["name"])
    )


def depth_curve() -> Measured:
    pair = "vgg-0 against vgg-1"
    first, middle = similarity(pair, "conv1", 0.3), similarity(pair, "conv[2-6]", 0.3)
    last = similarity(pair, "logits", 0.3)
    return f"conv1 {first:.2f}, conv2-6 {middle:.2f}, logits {last:.2f}", middle < first < last and middle <= 0.1


def self_similarity() -> Measured:
    report, _ = run()
    comparison = next(one["comparison"] for one in report["pairs"] if one["kind"] == "itself")
    least = min(min(layer["lowest"]) for layer in comparison["layers"])
    return least, least == 1.0


def one_hot(dtype: str) -> Measured:
    planted = one_hot_layers(m=32, n=32, inputs=5_000, symbols=4, seed=0)
    X, Y = (Z.astype(dtype) for Z in planted.matrices)
    ranks = spanmatch.compress(X, Y).ranks
    radii = spanmatch.match_radii(X, Y)
    finite = bool(np.isfinite([*radii.x, *radii.y]).all())
    matched = len(spanmatch.max_match(X, Y, 1e-5))
    return f"ranks {ranks}, {matched} of 64 match, finite {finite}", ranks == (4, 4) and matched == 64 and finite


def fresh_clone(name: str) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, name)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        done = subprocess.run(
            ["make", "verify", "ARGS=--quick"], capture_output=True, text=True, check=False, cwd=clone,
            env={key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))},
        )  # fmt: skip
        there = Path(clone, "spanmatch-report", "report.json").is_file()
    return f"exit {done.returncode}, report {'there' if there else 'missing'}", done.returncode == 0 and there


def suite() -> Measured:
    started = time.perf_counter()
    done = subprocess.run(["make", "test"], capture_output=True, text=True, check=False, cwd=ROOT)
    seconds = time.perf_counter() - started
    closing = done.stdout.strip().splitlines()[-1].strip("= ")
    return f"{closing} ({seconds:.0f} s)", done.returncode == 0 and seconds < 480


def three(architecture: str) -> list[dict[str, Layer]]:
    """The shipped networks that differ in their seeds."""
    return [activations(f"{architecture}-{seed}") for seed in range(3)]


@cache
def population(architecture: str) -> Population:
    """These networks, by the protocol of the command line, without shuffles."""
    first, second, third = three(architecture)
    return compare(first, second, third, epsilons=[0.3, 0.5], shuffles=0, workers=cores())


def row(architecture: str, layer: str) -> str:
    """A row of the page's table."""
    found = population(architecture)
    mean, spread, matrix = found.mean(layer), found.spread(layer), found.matrix(layer, 0.5)
    pairs = " ".join(f"{matrix[i, j]:.2f}" for i, j in combinations(range(3), 2))
    curves = " | ".join(f"{mean[k]:.2f} ± {spread[k]:.2f}" for k in (0, 1))
    return f"| {architecture} `{layer}` | {curves} | {pairs} |"


def written_table() -> Measured:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    written = re.findall(r"^\| (vgg|resnet) `(\S+)` \|.*\|$", text, re.M)
    wrong = [made for made in (row(*layer) for layer in written) if made not in text]
    return f"{len(written) - len(wrong)} of {len(written)} rows {wrong or ''}", len(written) >= 10 and not wrong


def middle_without_the_dead() -> Measured:
    """s(0.3) between the first and the last two layers of the VGGs, where dead neurons do not match."""
    first, second, third = three("vgg")
    between = [f"conv{k}*" for k in range(2, 7)]
    found = compare(first, second, third, epsilons=[0.3], shuffles=0, dead_neurons="unmatched", layers=between)
    largest = max(layer.similarity[0] for layer in found)
    return largest, largest == 0


def pair_at(a: str, b: str, layer: str, epsilon: float) -> float:
    with without_advice():
        return compare(activations(a), activations(b), layers=[layer], shuffles=0)[layer].at(epsilon)


def beside_controls() -> Measured:
    """What the page says of controls."""
    told = {
        ("vgg-0", "vgg-untrained", "conv1.relu", 0.5): 0.56,
        ("vgg-0", "vgg-untrained", "logits", 0.5): 0.0,
        ("vgg-0", "vgg-random-labels", "conv1.relu", 0.5): 0.76,
        ("vgg-0", "vgg-random-labels", "fc.relu", 0.5): 0.69,
        ("vgg-0", "vgg-random-labels", "logits", 0.5): 0.0,
        ("vgg-decayed-0", "vgg-decayed-1", "fc.relu", 0.3): 0.96,
        ("vgg-decayed-0", "vgg-decayed-1", "conv2.relu", 0.5): 0.88,
    }
    found = {case: pair_at(*case) for case in told}
    wrong = [f"{case}: {found[case]:.3f}" for case in told if abs(found[case] - told[case]) > 0.011]
    return "; ".join(wrong) or f"{len(told)} as written", not wrong


def under_the_picture() -> Measured:
    """Of the middle layers: the largest s(0.5) of two trained VGGs, and the smallest of two untrained ones."""
    middle = [f"conv{k}.relu" for k in range(3, 7)]
    kinds = (
        three("vgg"),
        (layers_of(untrained("vgg", number), load_probes()[0], middle) for number in range(3)),
    )
    trained, fresh = (
        [layer.at(0.5) for pair in combinations(kind, 2) for layer in compare(
            *pair, layers=middle, epsilons=[0.5], shuffles=0, draws=1, dead_neurons="drop"
        )]
        for kind in kinds
    )  # fmt: skip
    return f"{max(trained):.2f}, {min(fresh):.2f}", max(trained) < min(fresh)


def published_experiments() -> Measured:
    """s(0.3) in the middle of VGG-16, at its last convolution and the logits, and in the middle of ResNet-18."""
    if not os.environ.get("SPANMATCH_LONG"):
        raise NotRun("takes an hour or two; set SPANMATCH_LONG=1")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "spanmatch", "reproduce", "--json", "--out", str(Path(folder, "out"))],
            capture_output=True, text=True, check=True, cwd=folder, env=ENVIRONMENT,
        )  # fmt: skip
    found = json.loads(done.stdout)
    at = found["epsilons"].index(0.3)
    vgg, resnet = (
        [layer["similarity"][at] for layer in found["architectures"][name]["layers"]] for name in ("vgg16", "resnet18")
    )
    middle, last = max([*vgg[2:9], *resnet[1:-1]]), min(vgg[-2:])
    accuracy = min(network["test_accuracy"] for network in found["networks"])
    text = f"middle {middle:.2f}, last {last:.2f}, accuracy {accuracy:.3f}"
    return text, middle < 0.05 and min(last, accuracy) > 0.9


CLAIMS = [
    Claim("verify.seconds", MUST, "spanmatch verify", "< 180 s, all passed", lambda: takes(180)),
    Claim("verify.quick-seconds", MUST, "spanmatch verify --quick", "< 30 s", lambda: takes(30, "--quick")),
    Claim("verify.depth", MUST, "s(0.3) of vgg-0 against vgg-1", "middle near 0, last highest", depth_curve),
    Claim("verify.self", MUST, "a network against itself", "s = 1 at every epsilon", self_similarity),
    Claim(
        "verify.max-match-cases",
        MUST,
        "max_match against the exact oracle",
        ">= 1 000 generated cases",
        lambda: checked("T3-max-match", 1000),
    ),
    Claim(
        "verify.max-match-covers",
        MUST,
        "max_match against brute force on all covers of 2+2 and 3+2",
        f">= {COVERS} covers",
        lambda: checked("T3-maximum-on-covers", COVERS),
    ),
    Claim("verify.shares", MUST, "shares of interesting cases", "30 %, 20 %, 20 %", shares),
    Claim("verify.one-hot-float64", MUST, "one-hot layers of rank 4", "all match at 1e-5", lambda: one_hot("float64")),
    Claim("verify.one-hot-float32", MUST, "the same in float32", "all match at 1e-5", lambda: one_hot("float32")),
    Claim("clone.my-clone", MUST, "clone, make verify", "works", lambda: fresh_clone("my-clone")),
    Claim("clone.tmp.abc", MUST, "clone, make verify", "works", lambda: fresh_clone("tmp.abc")),
    Claim("suite.seconds", MUST, "make test", "passes in < 480 s", suite),
    Claim(
        "verify.pairs", PAGE, "three VGGs, three ResNets: s(0.3), s(0.5), their spread", "the table", written_table
    ),
    Claim(
        "verify.middle",
        PAGE,
        "s(0.3) of conv2 to conv6 of the VGGs, without dead neurons",
        "0",
        middle_without_the_dead,
    ),
    Claim("verify.controls", PAGE, "untrained, random labels, strong weight decay", "as written", beside_controls),
    Claim("verify.picture", "README.md", "middle layers, trained and not: s(0.5)", "untrained more", under_the_picture),
    Claim(
        "verify.reproduce",
        "docs/reproduction.md",
        "spanmatch reproduce --scale small: s(0.3) in the middle, at the end",
        "< .05, > .9; accuracies > .9",
        published_experiments,
    ),
]
