"""Claims about minimal and simple matches: ratios to the published algorithm, planted structures recovered, T19."""

from __future__ import annotations

import math
import time
from functools import cache
from itertools import combinations, product

import numpy as np
from bench_curve import relu_like
from claim import MUST, Claim, Measured
from simple_matches import LAYER, MATCHED, NEURONS, REQUIRED, all_layers, layer, not_minimal, published_min_match, timed

from spanmatch import Match, compress
from spanmatch.algorithms.structure import SIZE_CLASSES, SampledMatches
from spanmatch.synthetic import noisy_digraph, planted_blocks, planted_digraph
from spanmatch.theory import brute_force
from spanmatch.theory.independence import Stability, squared_sine, stable_up_to
from spanmatch.theory.residuals import LeastSquares


@cache
def measured(epsilon: float) -> dict[str, float]:
    """Seconds on the fully connected layer: published for one neuron, ours for one and for all, the worst of three."""
    X, Y = layer(LAYER, MATCHED)
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


def wide() -> Measured:
    """Blocks of which every neuron needs all others, and blocks with a choice on both sides.

    The seed is one where no two of the neurons to choose from are so nearly parallel that rounding decides.
    """
    blocks = [(8, 8, 8)] * 40 + [(2, 3, 3)] * 60
    made = planted_blocks(blocks=blocks, private=(12, 12), inputs=2000, condition=2, seed=1)
    compressed = compress(*made.matrices)
    first, each = timed(lambda: compressed.min_matches(0.0))
    seconds, found = timed(lambda: compressed.simple_matches(0.0))
    right = set(made.simple_matches(0.0) or ())
    text = (
        f"{compressed.m} + {compressed.n}: {len(each)} minimal, complete {each.complete}, {first:.0f} s; "
        f"{len(found)} simple, complete {found.complete}, {seconds:.0f} s"
    )
    planted_ones = set(found.matches) == right and set(each.matches.values()) <= right
    return text, planted_ones and each.complete and found.complete and first + seconds < 60


def wide_dense(X: np.ndarray, Y: np.ndarray, epsilon: float) -> Measured:
    """One minimal match of every neuron where almost everything has to do with everything; of the smallest ones of
    three neurons or more, some are looked at by definition."""
    compressed = compress(X, Y)
    seconds, found = timed(lambda: compressed.min_matches(epsilon))
    several = sorted((v for v in found.matches if len(found.matches[v]) > 2), key=lambda v: len(found.matches[v]))
    wrong = not_minimal(compressed, epsilon, {v: found.matches[v] for v in several[:3]})
    text = f"{compressed.m} + {compressed.n}: {found}, {seconds:.0f} s; {len(wrong)} of 3 wrong"
    return text, found.complete and not wrong and seconds < 60


CONV = "conv1.relu"
STABLE, SIDE, INPUTS = 500, 4, 12


def random_set(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Y = X C and noise, with a sparse triangular C; epsilon two to six times the noise."""
    X = rng.standard_normal((INPUTS, SIDE))
    C = np.tril(rng.choice([0, 0, 1, -1], size=(SIDE, SIDE)), -1) + np.eye(SIDE)
    X, Y = (Z / np.linalg.norm(Z, axis=0) for Z in (X, X @ C))
    noise = 10 ** rng.uniform(-3, -0.7)
    return X, Y + noise * rng.standard_normal(Y.shape) / math.sqrt(INPUTS), noise * rng.uniform(2, 6)


def closed_if_stable() -> Measured:
    """Random sets until there are enough stable ones; theta from all disjoint subsets, matches by brute force."""
    rng = np.random.default_rng(0)
    stable = closed = others = not_closed = 0
    while stable < STABLE:
        X, Y, epsilon = random_set(rng)
        geometry = LeastSquares(X, Y)
        truth = brute_force(geometry.at(epsilon))
        if not truth.maximum or epsilon >= 1:
            continue
        sine = min(squared_sine(Z[:, sorted(side)]) for Z, side in ((X, truth.maximum.x), (Y, truth.maximum.y)))
        matches = set(truth.matches)
        intersections: set[Match] = {one & other for one, other in product(matches, matches)}
        if Stability(epsilon, sine, stable_up_to(geometry, truth.maximum, epsilon)).holds:
            stable, closed = stable + 1, closed + (intersections <= matches)
        else:
            others, not_closed = others + 1, not_closed + (not intersections <= matches)
    text = f"{closed} of {stable} stable sets closed; {not_closed} of {others} others not"
    return text, closed == stable and not_closed > 0


def noisy() -> Measured:
    """64 + 64 neurons in the order of a tree."""
    made = noisy_digraph(components=[1, 2, 3, 2] * 8, shape="tree", private=(0, 0), inputs=300, noise=0.003)
    started = time.perf_counter()
    found = compress(made.X, made.Y).simple_matches(0.05)
    seconds = time.perf_counter() - started
    right = found.matches == made.simple_matches(0.05)
    return f"{made.X.shape[1]} + {made.Y.shape[1]}: {found}, {seconds:.2f} s", right and found.complete and seconds < 10


@cache
def sampled(seed: int) -> SampledMatches:
    return compress(*layer(CONV)).sampled_matches(0.5, orders=10, seed=seed)


def biased() -> Measured:
    """The share of matches of two neurons, by one fixed order and by ten random ones."""
    fixed = {match for match in compress(*layer(CONV)).min_matches(0.5).matches.values() if len(match) > 1}
    one, (ten, error) = sum(len(match) == 2 for match in fixed) / len(fixed), sampled(0).share(2, 2)
    large = sampled(0).share(9, 16)[0]
    text = f"{one:.0%} by one order, {ten:.1%} ± {error:.1%} by ten; {large:.0%} have 9 to 16"
    return text, one > 0.4 and abs(ten - 0.15) < 0.05 and large > 0.3


def seeds() -> Measured:
    """How far two seeds are apart, in standard errors of their difference, over all size classes."""
    found = [[sampled(seed).share(*size) for size in SIZE_CLASSES] for seed in range(5)]
    apart = [
        abs(a - b) / math.hypot(e, f)
        for one, other in combinations(found, 2)
        for (a, e), (b, f) in zip(one, other, strict=True)
        if e or f
    ]
    return f"at most {max(apart):.1f} standard errors apart, {np.mean(apart):.1f} on average", max(apart) < 4


def block_sizes() -> Measured:
    made = planted_blocks(blocks=[(1, 1, 1)] * 3 + [(2, 2, 2)] * 4 + [(5, 5, 5)] * 2, private=(4, 4))
    found = compress(made.X, made.Y).sampled_matches(0.0, orders=3)
    return f"{found.sizes}", found.sizes == {2: 3, 4: 4, 10: 2} and found.complete


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
    Claim(
        "simple.wide", MUST, "512 + 512 planted: all minimal and simple matches", "exactly, complete, < 60 s", wide,
    ),
    Claim(
        "simple.wide-relu", MUST, "512 + 512 ReLU-like, epsilon .77: a minimal match of every neuron",
        "complete, minimal, < 60 s", lambda: wide_dense(*relu_like(512, 4000), 0.77),
    ),
    Claim(
        "simple.wide-real", MUST, "512 + 512 of all convolutional layers of vgg-0 and vgg-1, epsilon .6: the same",
        "complete, minimal, < 60 s", lambda: wide_dense(*all_layers(), 0.6),
    ),
    Claim(
        "simple.stable", MUST, f"random sets of {SIDE} + {SIDE} neurons, T19", "500 stable, all closed",
        closed_if_stable,
    ),
    Claim("simple.noisy", MUST, "noisy digraph at epsilon = .05", "exactly, complete and why, < 10 s", noisy),
    Claim(
        "simple.sizes-biased", MUST, f"sizes of simple matches of {CONV} at .5, vgg-0 and vgg-1",
        "> 40 % of size 2 by one order, 10 to 20 % by ten", biased,
    ),
    Claim("simple.sizes-seeds", MUST, "the same by ten orders, five seeds, all sizes", "< 4 standard errors", seeds),
    Claim("simple.sizes-blocks", MUST, "sizes of simple matches of planted blocks", "exactly", block_sizes),
]
