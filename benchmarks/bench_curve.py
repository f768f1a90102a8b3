"""The whole similarity curve against the published algorithm, linear CKA and one Gram product, in one run.

``make bench`` or ``python benchmarks/bench_curve.py [--sizes 64 128] [--inputs 10000] [--json]``. Every
figure is a ratio to something timed in turn with it on the same arrays: (a) the published algorithm, one ``lstsq`` a
side and round on the raw arrays, all violators of a side removed at once, for each of 21 epsilons; (b) linear CKA in
feature space, in NumPy on float64; (c) the same in torch on float32, against the curve of float32; (d) the three
products that all of them need, the floor. ``compress/curve`` is the share of compression, which ends with both sides
factorised; the rest is the peel.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

import spanmatch

Array = npt.NDArray[np.float64]
GRID = np.linspace(0, 0.95, 21)


def relu_like(neurons: int, inputs: int, seed: int = 0) -> tuple[Array, Array]:
    """Two ReLU layers that share something: Y is a rectified mixture of X's units and noise."""
    rng = np.random.default_rng(seed)
    X = np.maximum(rng.standard_normal((inputs, neurons)), 0)
    return X, np.maximum(rng.standard_normal((inputs, neurons)) + 0.7 * X[:, ::-1], 0)


def real_layer(inputs: int = 10_000) -> tuple[Array, Array]:
    """The fifth convolutional layer of the shipped pair, live channels, float64."""
    from spanmatch.networks.shipped import activations
    from spanmatch.studies.comparison.samples import draws_of_inputs, generator

    sides = [activations(name)["conv5.relu"] for name in ("vgg-0", "vgg-1")]
    chosen = draws_of_inputs(sides[0].images * sides[0].positions, inputs, 1, generator(0, "bench"))[0]
    arrays = [side.rows(chosen).astype(np.float64) for side in sides]
    X, Y = (Z[:, Z.any(axis=0)] for Z in arrays)
    return X, Y


def published(X: Array, Y: Array, epsilon: float) -> tuple[list[int], list[int]]:
    """The maximum match as the authors compute it: least squares on the raw arrays, anew in every round."""
    x, y = np.arange(X.shape[1]), np.arange(Y.shape[1])
    while len(x) and len(y):
        before = len(x) + len(y)
        x = x[_residuals(Y[:, y], X[:, x]) <= epsilon]
        if len(x):
            y = y[_residuals(X[:, x], Y[:, y]) <= epsilon]
        if len(x) + len(y) == before:
            return x.tolist(), y.tolist()
    return [], []


def _residuals(predictors: Array, targets: Array) -> Array:
    coefficients = np.linalg.lstsq(predictors, targets)[0]
    return np.linalg.norm(targets - predictors @ coefficients, axis=0) / np.linalg.norm(targets, axis=0)


def linear_cka(X: Array, Y: Array) -> float:
    """Linear CKA in feature space (Kornblith et al. 2019): three Gram products of the centred arrays."""
    x, y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    return float(np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)))


def curve(X: Array, Y: Array) -> Array:
    """Compression and radii together: s at every epsilon."""
    return spanmatch.compress(X, Y).match_radii().similarity(GRID)


def torch_cka(X: Array, Y: Array) -> Callable[[], float]:
    """Linear CKA as most people run it: in torch, on float32, on the processor."""
    import torch

    x, y = (torch.from_numpy(Z.astype(np.float32)) for Z in (X, Y))

    def run() -> float:
        a, b = x - x.mean(dim=0), y - y.mean(dim=0)
        norms = torch.linalg.matrix_norm(a.T @ a) * torch.linalg.matrix_norm(b.T @ b)
        return float(torch.linalg.matrix_norm(a.T @ b) ** 2 / norms)

    return run


PAUSE = 0.25
"""Seconds between two runs: threads of linear algebra go on turning for an eighth of a second after a call, and the
next run would pay for those of the last."""


def seconds(runs: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, list[float]]:
    """Of each, so many times in turn: what else the machine does falls on all of them. Each is run once before."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats + 1):
        for name, run in runs.items():
            time.sleep(PAUSE)
            started = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - started)
    return {name: times[1:] for name, times in taken.items()}


def measure(name: str, X: Array, Y: Array, *, repeats: int = 5, with_published: bool = True) -> dict[str, Any]:
    """One row: seconds of each competitor (medians) and the ratios (of medians and of the shortest), on the same
    arrays."""
    narrow = [Z.astype(np.float32) for Z in (X, Y)]
    taken = seconds(
        {
            "curve": lambda: curve(X, Y),
            "compress": lambda: spanmatch.compress(X, Y),
            "cka": lambda: linear_cka(X, Y),
            "curve32": lambda: curve(*narrow),
            "torch32": torch_cka(X, Y),
            "products": lambda: (X.T @ X, X.T @ Y, Y.T @ Y),
        },
        repeats,
    )
    times = {key: median(values) for key, values in taken.items()}
    compressed = spanmatch.compress(X, Y)
    row: dict[str, Any] = {
        "data": name,
        "neurons": X.shape[1],
        "inputs": X.shape[0],
        "route": compressed.route,
        **{f"{key}_s": value for key, value in times.items()},
        "curve/cka": times["curve"] / times["cka"],
        "curve/cka, shortest": min(taken["curve"]) / min(taken["cka"]),
        "curve/products": times["curve"] / times["products"],
        "compress/curve": times["compress"] / times["curve"],
        "curve32/torch32": times["curve32"] / times["torch32"],
    }
    if with_published:
        (slow,) = seconds({"published": lambda: [published(X, Y, float(epsilon)) for epsilon in GRID]}, 1).values()
        row |= {"published_s": slow[0], "published/curve": slow[0] / times["curve"]}
        undecided = [e for e in GRID if len(compressed.match_radii().undecided(float(e))) or e == 0]
        for epsilon in set(GRID) - set(undecided):
            x, y = published(X, Y, float(epsilon))
            if compressed.match_radii().max_match(float(epsilon)) != spanmatch.Match(x, y):
                raise RuntimeError(f"{name}: the published algorithm differs at {epsilon}")
    tracemalloc.start()
    curve(X, Y)
    row["peak_mb"] = tracemalloc.get_traced_memory()[1] / 1e6
    row["peak/factor"] = row["peak_mb"] * 1e6 / (8 * (X.shape[1] + Y.shape[1]) ** 2)
    tracemalloc.stop()
    return row


def growth(rows: list[dict[str, Any]], against: str) -> float:
    """The exponent of seconds in ``against`` ("neurons" or "inputs"), fitted on a log scale."""
    return float(np.polyfit(np.log([row[against] for row in rows]), np.log([row["curve_s"] for row in rows]), 1)[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[64, 128, 256, 512, 1024])
    parser.add_argument("--inputs", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    by_size = []
    for n in options.sizes:
        X, Y = relu_like(n, 10_000)
        by_size.append(measure("ReLU-like, seed 0", X, Y, with_published=n <= 512))
    by_inputs = [
        measure("ReLU-like, seed 0", *relu_like(128, inputs), with_published=False) for inputs in options.inputs
    ]
    layer = measure("conv5 of vgg-0, vgg-1", *real_layer())
    rows = [*by_size, *by_inputs, layer]
    summary = {
        "machine": f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}",
        "growth in neurons": growth(by_size, "neurons") if len(by_size) > 1 else None,
        "growth in inputs": growth(by_inputs, "inputs") if len(by_inputs) > 1 else None,
    }
    if options.json:
        json.dump({"rows": rows, **summary}, sys.stdout, indent=1)
        return 0
    table = Table(title="The whole similarity curve (compression and radii), seconds and ratios")
    columns = ("data", "neurons", "inputs", "route", "curve_s", "cka_s", "published_s", "curve/cka",
               "curve/cka, shortest", "curve/products", "compress/curve", "curve32/torch32", "published/curve",
               "peak_mb", "peak/factor")  # fmt: skip
    for column in columns:
        table.add_column(column, justify="left" if column in ("data", "route") else "right")
    for row in rows:
        table.add_row(*(f"{row[c]:.3g}" if isinstance(row.get(c), float) else str(row.get(c, "")) for c in columns))
    console = Console()
    # In a pipe there is no width to fit into.
    console = console if console.is_terminal else Console(width=200)
    console.print(table)
    for name, value in summary.items():
        console.print(f"{name}: {value if isinstance(value, str) else f'{value:.2f}' if value else 'one size only'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
