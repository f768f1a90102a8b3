"""Claims about the similarity curve: speed as ratios from one run, memory, accuracy, streaming."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import warnings
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from bench_curve import curve, growth, linear_cka, measure, real_layer, relu_like, seconds
from claim import MUST, Claim, Measured, NotRun
from own_memory import watched

import spanmatch

LARGE = "spanmatch.Compressor(X.shape[1], Y.shape[1]).update(X, Y).finish().match_radii()"


PAGE = "docs/how-fast.md"


@cache
def row(neurons: int) -> dict[str, Any]:
    return measure(f"{neurons}", *relu_like(neurons, 10_000), with_published=neurons == 512)


def against_cka(neurons: int, allowed: float) -> Measured:
    found = row(neurons)
    ratio = found["curve/cka"]
    return f"{ratio:.2f} ({found['curve_s']:.3f} s), shortest {found['curve/cka, shortest']:.2f}", ratio <= allowed


def against_torch() -> Measured:
    found = [row(neurons)["curve32/torch32"] for neurons in (128, 512, 1024)]
    return ", ".join(f"{ratio:.1f}" for ratio in found), max(found) <= 4


def against_published() -> Measured:
    ratio = row(512)["published/curve"]
    return f"{ratio:.0f} ({row(512)['published_s']:.0f} s against {row(512)['curve_s']:.2f} s)", ratio >= 100


def exponents() -> Measured:
    """By the sizes that are measured anyway, and by 3 000 to 300 000 inputs of 128 neurons per side."""
    in_neurons = growth([row(neurons) for neurons in (128, 512, 1024)], "neurons")
    by_inputs = [measure("128", *relu_like(128, k), with_published=False) for k in (3_000, 30_000, 300_000)]
    in_inputs = growth(by_inputs, "inputs")
    return f"{in_inputs:.2f} in inputs, {in_neurons:.2f} in neurons", in_inputs <= 1.1 and in_neurons <= 2.3


def fewer_inputs() -> Measured:
    """More neurons than inputs: all radii are 0, and that takes no Gram matrix of all neurons."""
    X, Y = relu_like(4096, 1_000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", spanmatch.SpanmatchWarning)
        taken = seconds({"curve": lambda: curve(X, Y), "products": lambda: (X.T @ X, X.T @ Y, Y.T @ Y)}, 3)
        matched = bool((curve(X, Y) == 1).all())
    ratio = median(taken["curve"]) / median(taken["products"])
    return f"{ratio:.1f} ({median(taken['curve']):.1f} s)", ratio <= 3 and matched


def wide() -> Measured:
    X, Y = relu_like(2048, 10_000)
    taken = seconds({"curve": lambda: curve(X, Y), "cka": lambda: linear_cka(X, Y)}, 3)
    ratio = median(taken["curve"]) / median(taken["cka"])
    return f"{ratio:.2f} ({median(taken['curve']):.1f} s)", ratio <= 1.8


def wide_memory() -> Measured:
    found = row(1024)["peak/factor"]
    return f"{found:.2f} factors of {8 * 2048**2 / 1e6:.0f} MB", found <= 3


@cache
def large() -> list[tuple[float, float]]:
    """(MB above the interpreter, seconds) for 250 000 and 2 000 000 inputs of 256 + 256 neurons in float32."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for name in "xy":
            stored = np.lib.format.open_memmap(
                Path(folder, f"{name}.npy"), mode="w+", dtype=np.float32, shape=(2_000_000, 256)
            )
            for start in range(0, len(stored), 50_000):
                stored[start : start + 50_000] = np.maximum(rng.standard_normal((50_000, 256), dtype=np.float32), 0)
            stored.flush()
            del stored
        return [watched(LARGE, folder, inputs) for inputs in (250_000, 2_000_000)]


def large_memory() -> Measured:
    peak = large()[1][0]
    return f"{peak:.0f} MB", peak < 400


def large_time() -> Measured:
    (_, few), (_, many) = large()
    return f"8 times the inputs took {many / few:.1f} times as long ({many:.0f} s)", 5 < many / few < 12


@cache
def measured_by(script: str) -> dict[str, Any]:
    """What another script of this folder finds, in a process of its own."""
    path = Path(__file__).resolve().parents[1] / script
    done = subprocess.run([sys.executable, str(path), "--json"], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def on_workers() -> dict[str, Any]:
    return measured_by("larger_than_memory.py")


def on_small_workers() -> Measured:
    found = on_workers()
    seconds = ", ".join(f"{value:.0f} s on {name[:-3]}" for name, value in found.items() if name.endswith(", s"))
    enough = found["gigabytes"] >= 4 and found["killed"] and found["same bits"]
    return f"{found['gigabytes']:.1f} GB, {'the same' if found['same bits'] else 'other'} bits: {seconds}", enough


def two_workers() -> Measured:
    ratio = on_workers()["two workers / one"]
    return ratio, ratio <= 0.6


def on_a_device() -> Measured:
    """Where torch sees a GPU."""
    import torch

    if not torch.cuda.is_available():
        raise NotRun("torch sees no GPU here")
    found = measured_by("bench_device.py")
    share, difference = found["share of the rate"], found["difference from the processor"]
    taken = found["compressed, s"] + found["peeled, s"]
    same = difference <= found["bound of it"]
    return (
        f"{taken:.1f} s on {found['device']}, {share:.2f} of its rate, difference {difference:.0e}",
        share >= 0.8 and same,
    )


def merged_shards() -> Measured:
    X, Y = relu_like(48, 20_000)
    whole = spanmatch.compress(X, Y, method="qr").match_radii()
    rng = np.random.default_rng(0)
    worst = 0.0
    for method in ("gram", "qr"):
        shards = [
            spanmatch.Compressor(48, 48, method=method).update(X[part], Y[part])
            for part in np.array_split(np.arange(len(X)), 8)
        ]
        merged = spanmatch.Compressor(48, 48, method=method)
        for k in rng.permutation(8):
            merged.merge(shards[k])
        radii = merged.finish().match_radii()
        worst = max(worst, *(float(np.abs(a - b).max()) for a, b in ((radii.x, whole.x), (radii.y, whole.y))))
    return f"{worst:.1e}", worst <= 1e-10


def against_exact() -> Measured:
    """Radii of a real layer's sample against the exact oracle, which is exact to any number of digits."""
    X, Y = real_layer(200)
    found = spanmatch.match_radii(X, Y)
    truth = spanmatch.exact.match_radii(X, Y)
    worst = max(
        float(np.abs(np.sqrt(np.array(squares, dtype=float)) - radii).max())
        for squares, radii in ((truth.x, found.x), (truth.y, found.y))
    )
    return f"{worst:.1e}", worst <= 1e-9


CLAIMS = [
    Claim("curve.published", PAGE, "512 + 512 x 10 000: lstsq on 21 epsilons / curve", ">= 100", against_published),
    *(
        Claim(f"curve.cka-{n}", PAGE, f"{n} + {n} x 10 000: curve / CKA", f"<= {k}", partial(against_cka, n, k))
        for n, k in ((128, 1.3), (512, 1.35), (1024, 1.5))
    ),
    Claim("curve.growth", PAGE, "exponents of time", "inputs <= 1.1, neurons <= 2.3", exponents),
    Claim("curve.torch", PAGE, "128, 512, 1 024 a side, float32: curve / linear CKA in torch", "<= 4", against_torch),
    Claim("curve.few-inputs", PAGE, "4 096 + 4 096 x 1 000: curve / its products", "<= 3", fewer_inputs),
    Claim("curve.cka-2048", PAGE, "2 048 + 2 048 x 10 000: curve / linear CKA", "<= 1.8", wide),
    Claim("curve.factors", PAGE, "1 024 + 1 024 x 10 000: peak memory beside X and Y", "<= 3 factors", wide_memory),
    Claim("curve.memory", MUST, "2 000 000 x 256 + 256 float32 from a file: peak memory", "< 400 MB", large_memory),
    Claim("curve.linear", MUST, "time is linear in the inputs", "8 times: 5 to 12", large_time),
    Claim("curve.workers", MUST, "zarr on 1 GB workers, one killed: same bits", ">= 4 GB", on_small_workers),
    Claim("curve.two-workers", MUST, "the same: time of two workers / of one", "<= .6", two_workers),
    Claim(
        "curve.device",
        "docs/larger-than-memory.md",
        "8 192 + 8 192 x 1 000 000 float32 on a GPU: Gram matrix, radii",
        ">= .8 of the card's float64 rate; those of the processor",
        on_a_device,
    ),
    Claim("curve.merge", MUST, "8 shards merged in random order: radii", "<= 1e-10", merged_shards),
    Claim("curve.real-layer", MUST, "radii of a real layer against the exact oracle", "<= 1e-9", against_exact),
]
