"""Claims about minimal and simple matches: ratios to the published algorithm, and planted structures recovered."""

from __future__ import annotations

import time
from functools import cache

import numpy as np
from bench_simple import LAYER, NEURONS, REQUIRED, layer, not_minimal, published_min_match, timed
from claim import Claim, Measured

from spanmatch import Match, compress
from spanmatch.synthetic import planted_blocks, planted_digraph

MUST = "requirement"


@cache
def measured(epsilon: float) -> dict[str, float]:
    """Seconds on the fully connected layer: published for one neuron, ours for one and for all, the worst of three."""
    X, Y = layer(LAYER)
    compressed = compress(X, Y)
    live = compressed.max_match(epsilon) - compressed.dead
    doubled = X.astype(np.float64), Y.astype(np.float64)
    start = Match.everything(compressed.m, compressed.n) - compressed.dead
    everything, found = timed(lambda: compress(X, Y).min_matches(epsilon))
    ratios, published = [], []
    for neuron in live.neurons[:: len(live) // NEURONS][:NEURONS]:
        ours, match = timed(lambda v=neuron: compressed.min_match(epsilon, v), repeat=3)
        theirs, expected = timed(lambda v=neuron: published_min_match(*doubled, epsilon, start, v))
        if match != expected:
            raise RuntimeError(f"min_match of {neuron} is {match}, the published algorithm gives {expected}")
        ratios.append(theirs / ours)
        published.append(theirs)
    wrong = not_minimal(compressed, epsilon, {v: match for v, match in found.matches.items() if v in live})
    return {"ratio": min(ratios), "all/one": everything / min(published), "wrong": len(wrong) + (not found.complete)}


def one_neuron(epsilon: float) -> Measured:
    ratio = measured(epsilon)["ratio"]
    return f"{ratio:.0f} (on compressed activations)", ratio >= REQUIRED[epsilon]


def all_neurons(epsilon: float) -> Measured:
    share = measured(epsilon)["all/one"]
    return f"{share:.2f} of the time", share < 1


def minimal(epsilon: float) -> Measured:
    wrong = measured(epsilon)["wrong"]
    return f"{wrong:.0f} not minimal", wrong == 0


def planted(family: str) -> Measured:
    if family == "blocks":
        made = planted_blocks(blocks=[(4, 4, 4)] * 14, private=(8, 8), inputs=400)
    else:
        edges = [(k, k + 1) for k in range(0, 40, 2)] + [(k, k + 20) for k in range(20)]
        made = planted_digraph(components=[1, 2] * 20, edges=edges, private=(4, 4), inputs=400)
    X, Y = made.matrices
    started = time.perf_counter()
    found = compress(X, Y).simple_matches(0.0)
    seconds = time.perf_counter() - started
    right = set(found.matches) == set(made.simple_matches(0.0) or ())
    size = f"{X.shape[1]} + {Y.shape[1]}"
    text = f"{size}: {len(found)} found, complete {found.complete}, {seconds:.2f} s"
    return text, right and found.complete and seconds < 5


CLAIMS = [
    *(
        Claim(
            f"simple.one-{epsilon}", MUST, f"min_match of one neuron of {LAYER} at {epsilon} against A2 with lstsq",
            f">= {REQUIRED[epsilon]} times faster", lambda epsilon=epsilon: one_neuron(epsilon),
        )
        for epsilon in REQUIRED
    ),
    *(
        Claim(
            f"simple.all-{epsilon}", MUST, f"all minimal matches at {epsilon} against the published algorithm for one",
            "less time", lambda epsilon=epsilon: all_neurons(epsilon),
        )
        for epsilon in REQUIRED
    ),
    *(
        Claim(
            f"simple.minimal-{epsilon}", MUST, f"each verified minimal by definition at {epsilon}", "0 not minimal",
            lambda epsilon=epsilon: minimal(epsilon),
        )
        for epsilon in REQUIRED
    ),
    Claim("simple.blocks", MUST, "planted blocks", "exactly, complete, < 5 s", lambda: planted("blocks")),
    Claim("simple.digraph", MUST, "planted digraph", "exactly, complete, < 5 s", lambda: planted("digraph")),
]
