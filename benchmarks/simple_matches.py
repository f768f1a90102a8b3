"""Minimal and simple matches of real layers: ratios to the published algorithm, and how far enumeration gets.

Run: ``.venv/bin/python benchmarks/simple_matches.py [--seconds 60]``. Times differ between machines; the ratios of one
run are what is claimed. The published algorithm is A2 over maximum matches as in the authors' code: one
``lstsq`` per side and round, all violators removed at once, solved anew every round.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from spanmatch import Compressed, Match, Neuron, compress
from spanmatch.algorithms.peeling import batch_peel
from spanmatch.algorithms.structure import locality
from spanmatch.networks.shipped import activations
from spanmatch.studies.verification.networks import MAIN_PAIR
from spanmatch.theory.errors import without_advice

LAYER, EPSILONS = "fc.relu", (0.3, 0.5)
REQUIRED = {0.3: 30, 0.5: 60}
MATCHED = ("vgg-decayed-0", "vgg-decayed-1")
"""At both levels most live neurons of ``LAYER`` match; at .3 hardly any of ``MAIN_PAIR`` do."""
NEURONS = 3
Array = npt.NDArray[np.float64]
T = TypeVar("T")


def published_max_match(X: Array, Y: Array, epsilon: float, pair: Match) -> Match:
    """The maximum match inside a pair of live neurons, as the authors compute it."""
    while True:
        before = len(pair)
        if not (pair.x and pair.y):
            return Match()
        pair = Match(_covered(X, pair.x, Y, pair.y, epsilon), pair.y)
        if not pair.x:
            return Match()
        pair = Match(pair.x, _covered(Y, pair.y, X, pair.x, epsilon))
        if len(pair) == before:
            return pair


def _covered(own: Array, members: frozenset[int], other: Array, others: frozenset[int], epsilon: float) -> list[int]:
    listed = sorted(members)
    targets, predictors = own[:, listed], other[:, sorted(others)]
    left = targets - predictors @ np.linalg.lstsq(predictors, targets, rcond=None)[0]
    inside = np.linalg.norm(left, axis=0) <= epsilon * np.linalg.norm(targets, axis=0)
    return [i for i, stays in zip(listed, inside, strict=True) if stays]


def published_min_match(X: Array, Y: Array, epsilon: float, pair: Match, neuron: Neuron) -> Match:
    """A2 as published: a maximum match for every other neuron."""
    match = published_max_match(X, Y, epsilon, pair)
    for u in match:
        if u != neuron and u in match:
            smaller = published_max_match(X, Y, epsilon, match.without(u))
            if neuron in smaller:
                match = smaller
    return match


def timed(run: Callable[[], T], repeat: int = 1) -> tuple[float, T]:
    """The shortest of several times, and the result."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - started)
    return min(times), result


def not_minimal(compressed: Compressed, epsilon: float, matches: Mapping[Neuron, Match]) -> list[Neuron]:
    """The neurons whose match is not minimal for them by definition: no match, or one that some neuron can leave."""
    cover = compressed.geometry.at(epsilon)
    return [
        v
        for v, match in matches.items()
        if v not in match
        or not cover.is_match(match)
        or any(v in batch_peel(cover, match.without(u)) for u in match if u != v)
    ]


def layer(name: str, networks: tuple[str, str] = (MAIN_PAIR.a, MAIN_PAIR.b)) -> tuple[Array, Array]:
    """Both networks' activations of a layer: all probes, or 10 000 positions of a convolutional layer."""
    X, Y = (activations(network)[name] for network in networks)
    rows = np.random.default_rng(0).permutation(len(X))[:10_000]
    return X[rows], Y[rows]


def all_layers() -> tuple[Array, Array]:
    """All convolutional layers of both networks side by side, each channel at two neighbouring points of a 7 x 7 grid:
    512 neurons per side, at 9 places of each of 1 000 images."""
    return _all_layers(MAIN_PAIR.a), _all_layers(MAIN_PAIR.b)


def _all_layers(network: str) -> Array:
    neurons = []
    for name, layer in activations(network).items():
        if name.startswith("conv"):
            side = math.isqrt(layer.positions)
            maps = np.asarray(layer, dtype=np.float64).reshape(layer.images, side, side, -1)
            grid = maps[:, :: side // 7, :: side // 7][:, :6:2]
            neurons += [grid[:, :, :6:2], grid[:, :, 1::2]]
    return np.concatenate(neurons, axis=-1).reshape(9 * len(neurons[0]), -1)


def ratios(epsilon: float) -> None:
    """The published algorithm for a few neurons, ours for the same and for all, on the fully connected layer."""
    X, Y = layer(LAYER, MATCHED)
    compressed = compress(X, Y)
    everything = compressed.max_match(epsilon)
    live = everything - compressed.dead
    doubled = X.astype(np.float64), Y.astype(np.float64)
    start = Match.everything(compressed.m, compressed.n) - compressed.dead
    print(f"{LAYER}, epsilon {epsilon}: {len(live.x)} + {len(live.y)} live neurons in the maximum match")
    each = []
    for v in live.neurons[:: len(live) // NEURONS][:NEURONS]:
        theirs, published = timed(lambda v=v: published_min_match(*doubled, epsilon, start, v))  # type: ignore[misc]
        alone, ours = timed(lambda v=v: compressed.min_match(epsilon, v), 3)  # type: ignore[misc]
        whole, _ = timed(lambda v=v: compress(X, Y).min_match(epsilon, v), 3)  # type: ignore[misc]
        each.append((theirs, theirs / alone, theirs / whole))
        same = "the same match" if published == ours else f"another match, of {len(published)}"
        print(
            f"  {tuple(v)}: published {theirs:.2f} s ({same}), ours {1e3 * alone:.1f} ms ({len(ours or ())} neurons), "
            f"ratio {theirs / alone:.0f}; with compression {1e3 * whole:.1f} ms, ratio {theirs / whole:.0f}"
        )
    worst = min(ratio for _, ratio, _ in each)
    required = REQUIRED[epsilon]
    print(f"  one neuron: ratio at least {worst:.0f}, required {required}: {verdict(worst, required)}")
    seconds, found = timed(lambda: compress(X, Y).min_matches(epsilon), 2)
    least = min(theirs for theirs, _, _ in each)
    local = locality(found.matches)
    print(
        f"  all {len(found)} neurons, with compression: {seconds:.2f} s = {seconds / least:.2f} of the published time "
        f"for one, required below 1: {verdict(least, seconds)}"
    )
    print(
        f"  {found}: of {local.neurons} live neurons {local.one_to_one} one to one, median size "
        f"{local.median_size:.0f}, largest {local.largest_size}, {local.different} different"
    )
    wrong = not_minimal(compressed, epsilon, {v: match for v, match in found.matches.items() if v in live})
    print(f"  minimal by definition: all but {len(wrong)}: {'ok' if not wrong and found.complete else 'SHORT'}")


def verdict(measured: float, required: float) -> str:
    return "ok" if measured >= required else "SHORT"


def enumeration(name: str, epsilon: float, seconds: float) -> None:
    """How far the list of all simple matches of a real layer gets."""
    compressed = compress(*layer(name))
    took, found = timed(lambda: compressed.simple_matches(epsilon, timeout=seconds))
    maximum = compressed.max_match(epsilon)
    evictions = sum(map(len, found.evictions.values()))
    print(
        f"{name}, epsilon {epsilon}: maximum match {len(maximum.x)} + {len(maximum.y)}; {found}, {evictions} minimal "
        f"eviction sets of {len(found.evictions)} neurons, {'proved complete' if found.complete else 'stopped'} after "
        f"{took:.1f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="for the enumeration of each layer")
    seconds = parser.parse_args().seconds
    with without_advice():
        for epsilon in EPSILONS:
            ratios(epsilon)
        for name, epsilon in (("logits", 0.3), ("logits", 0.5), ("conv1.relu", 0.3), ("conv1.relu", 0.5), (LAYER, 0.5)):
            enumeration(name, epsilon, seconds)


if __name__ == "__main__":
    main()
