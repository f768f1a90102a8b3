"""Claims about the permuted-images null and the interval of the similarity curve."""

from __future__ import annotations

import warnings
from functools import partial
from unittest.mock import patch

import numpy as np
import scipy.stats
from claim import MUST, Claim, Measured
from interval_coverage import table

from spanmatch import Compressor, SpanmatchWarning, compare, match_radii
from spanmatch.algorithms.compressed import null
from spanmatch.theory.errors import without_advice

PAGE = "docs/null-and-intervals.md"


def independent_layers() -> Measured:
    """Two independent random ReLU sets of 64 + 64 neurons, 10 000 inputs: the null must cover them."""
    rng = np.random.default_rng(0)
    X, Y = (np.maximum(rng.standard_normal((10_000, 64)), 0) for _ in range(2))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layer = compare({"a": X}, {"a": Y}, shuffles=39)["a"]
        above = sum(issubclass(one.category, SpanmatchWarning) for one in caught)
        compare({"a": X}, {"a": Y}, shuffles=8, epsilons=[0.1, 0.3, 0.5])
        below = sum(issubclass(one.category, SpanmatchWarning) for one in caught) - above
    text = f"{layer.verdict}; warnings {above} above the null (from {layer.chance_epsilon:.2f}), {below} below"
    return text, layer.verdict == "no better than chance" and above == 1 and below == 0


def streamed() -> Measured:
    """2 048 images sorted by class, 16 + 16 neurons: streamed in several batches and orders, and merged."""
    rng = np.random.default_rng(0)
    means = 2 * rng.standard_normal((16, 16))
    label = np.repeat(np.arange(16), 128)
    X = means[label] + rng.standard_normal((2048, 16))
    Y = means[label] @ rng.standard_normal((16, 16)) + 3 * rng.standard_normal((2048, 16))
    whole = np.array([match_radii(X, Y[rng.permutation(2048)]).area for _ in range(40)])
    orders = {"sorted": np.arange(2048), "random": rng.permutation(2048)}
    furthest = 0.0
    # All images are kept; or sums of them, in 4 places for each neuron.
    for held in (null.HELD_BYTES, 0):
        for images in orders.values():
            for batch in (1, 2, 128, 2048):
                with patch.object(null, "HELD_BYTES", held):
                    stream, other = (Compressor(16, 16, shuffles=8) for _ in range(2))
                    for k, rows in enumerate(np.array_split(images, 2048 // batch)):
                        (stream if k % 2 else other).update(X[rows], Y[rows])
                    found = np.mean([one.area for one in other.merge(stream).null()])
                furthest = max(furthest, abs(float(found) - whole.mean()))
    spread = float(whole.std())
    text = f"area {whole.mean():.4f} (true {match_radii(X, Y).area:.3f}); streamed at most {furthest:.4f} off"
    return f"{text}, one shuffle varies by {spread:.4f}", furthest <= 1.5 * spread


def p_values() -> Measured:
    """200 independent pairs of ReLU layers, 200 images in 32 places, 19 shuffles each."""
    rng = np.random.default_rng(1)
    ranks = []
    for seed in range(200):
        X, Y = (np.maximum(rng.standard_normal((200, 4)), 0) for _ in range(2))
        with patch.object(null, "HELD_BYTES", 0):
            stream = Compressor(4, 4, shuffles=19, seed=seed).update(X, Y)
        area = stream.finish().match_radii().area
        ranks.append((sum(one.area > area for one in stream.null()) + rng.random()) / 20)
    p = float(scipy.stats.kstest(ranks, "uniform").pvalue)
    return f"p = {p:.2f} (Kolmogorov-Smirnov)", p > 0.01


def compared() -> Measured:
    """200 independent pairs of layers of 4 positions that are alike, drawn by position, 19 shuffles each."""
    rng, found = np.random.default_rng(2), []
    with without_advice():
        for seed in range(200):
            noise = rng.standard_normal((2, 40, 4, 4))
            X, Y = np.maximum(rng.standard_normal((2, 40, 1, 4)) + 0.5 * noise, 0)
            pair = compare({"a": X}, {"a": Y}, layout="ntc", positions=120, draws=2, shuffles=19, seed=seed)["a"]
            found.append((pair.p_value or 0) - rng.random() / 20)
    p = float(scipy.stats.kstest(found, "uniform").pvalue)
    return f"p = {p:.2f} (Kolmogorov-Smirnov)", p > 0.01


def coverage(streamed: bool) -> Measured:
    _, held, total = table(10, 2, streamed)
    return f"{held} of {total}", held >= 0.95 * total


CLAIMS = [
    Claim(
        "null.independent",
        MUST,
        "compare of two independent random ReLU layers",
        "no better than chance; warns above the null only",
        independent_layers,
    ),
    Claim(
        "null.streamed",
        PAGE,
        "Compressor(shuffles=8).null(): sorted and mixed images, batches of 1 to all, merged; against 40 permutations",
        "areas within sampling error",
        streamed,
    ),
    Claim("null.p-values", PAGE, "p-values of the streamed null for independent layers", "uniform", p_values),
    Claim("null.compare", PAGE, "p-values of compare for 200 independent pairs of layers", "uniform", compared),
    Claim(
        "interval.coverage",
        PAGE,
        "benchmarks/interval_coverage.py: sets of images whose interval holds the population's whole curve",
        ">= 95 %",
        partial(coverage, streamed=False),
    ),
    Claim(
        "interval.streamed",
        PAGE,
        "benchmarks/interval_coverage.py --streamed: the same of compare_models",
        ">= 95 %",
        partial(coverage, streamed=True),
    ),
]
