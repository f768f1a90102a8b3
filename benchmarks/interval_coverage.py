"""How often the interval of ``compare(..., bootstrap=...)`` holds the similarity curve of the whole population.

``python benchmarks/interval_coverage.py [--sets 40] [--large 40] [--streamed]`` prints the table of
docs/null-and-intervals.md; with ``--streamed`` that of ``compare_models``, whose subsamples leave out groups of images.
A population is F'g, with a fixed matrix F and random g of uncorrelated entries, so that its match radii are those of
F, whatever the law of g: normal; normal times one size an image, exp(z/2) (heavy tails); or 9 positions an image that
share 0.7 of their variance. F is a planted set of four radii, with many ties, or a random one without any.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

import spanmatch
from spanmatch.studies.comparison.protocol import EPSILONS
from spanmatch.synthetic import planted_radii

Array = npt.NDArray[np.float64]
GRID = np.array(EPSILONS)

SUBSAMPLES = 40

ROUNDING = 1e-12


def planted(neurons: int) -> tuple[Array, Array]:
    """A fifth of the neurons each at the radii 0, .22, .52, .78 and private."""
    k = neurons // 5
    blocks = [(radius, k, k, k) for radius in (0.0, 0.22, 0.52, 0.78)]
    found = planted_radii(inputs=12 * neurons, blocks=blocks, private=(neurons - 4 * k, neurons - 4 * k))
    return found.X, found.Y


def mixed(neurons: int) -> tuple[Array, Array]:
    """Y is a mixture of X's neurons and of noise of very different sizes; a fifth of it is noise alone."""
    rng = np.random.default_rng(1)
    A, W = rng.standard_normal((2, neurons, neurons)) / np.sqrt(neurons)
    W[:, : neurons // 5] = 0
    noise = np.diag(np.exp(rng.uniform(-2, 1, neurons)))
    return np.vstack([A, np.zeros_like(A)]), np.vstack([A @ W, noise])


def normal(images: int, directions: int, rng: np.random.Generator) -> Array:
    return rng.standard_normal((images, 1, directions))


def heavy(images: int, directions: int, rng: np.random.Generator) -> Array:
    return normal(images, directions, rng) * np.exp(rng.standard_normal((images, 1, 1)) / 2)


def positions(images: int, directions: int, rng: np.random.Generator) -> Array:
    common, own = (rng.standard_normal((images, count, directions)) for count in (1, 9))
    return np.sqrt(0.7) * common + np.sqrt(0.3) * own


@dataclass(frozen=True)
class Setting:
    """A population, how many images and neurons per side, and of how many sets the share is taken."""

    family: Callable[[int], tuple[Array, Array]]
    law: Callable[[int, int, np.random.Generator], Array]
    images: int
    neurons: int
    sets: int
    streamed: bool = False

    def measure(self) -> tuple[int, float]:
        """In how many sets the interval holds the population's curve at every epsilon, and its mean width."""
        F, H = self.family(self.neurons)
        truth = spanmatch.match_radii(F, H).similarity(GRID)
        held, width = 0, 0.0
        for seed in range(self.sets):
            g = self.law(self.images, len(F), np.random.default_rng([seed, self.images, self.neurons]))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", spanmatch.SpanmatchWarning)
                found = (_streamed if self.streamed else _in_memory)(g, F, H, seed)
            if found.interval_low is None or found.interval_high is None:
                raise ValueError(f"no interval for {self.images} images of {self.neurons} + {self.neurons} neurons")
            low, high = np.array(found.interval_low), np.array(found.interval_high)
            held += bool((low <= truth + ROUNDING).all() and (truth <= high + ROUNDING).all())
            width += float((high - low).mean()) / self.sets
        return held, width


def _in_memory(g: Array, F: Array, H: Array, seed: int) -> spanmatch.LayerComparison:
    layers = [{"layer": spanmatch.Layer(g @ side, "ntc")} for side in (F, H)]
    options = {"positions": 10**9, "shuffles": 0, "bootstrap": SUBSAMPLES}
    return spanmatch.compare(*layers, epsilons=EPSILONS, seed=seed, **options)["layer"]


def _streamed(g: Array, F: Array, H: Array, seed: int) -> spanmatch.LayerComparison:
    models = []
    for side in (F, H):
        model = nn.Linear(*side.shape, bias=False, dtype=torch.float64)
        model.weight.data = torch.from_numpy(side.T.copy())
        models.append(nn.Sequential(model))
    batches = torch.from_numpy(g).split(-(-len(g) // 8))
    options = {"axes": {"0": "ntc"}, "shuffles": 0, "bootstrap": SUBSAMPLES}
    return spanmatch.compare_models(models, batches, ["0"], epsilons=EPSILONS, seed=seed, **options)["0"]


POPULATIONS = ((planted, normal), (mixed, normal), (mixed, heavy), (mixed, positions))
SIZES = ((100, 5), (100, 10), (100, 20), (1_000, 20), (1_000, 50), (10_000, 20), (10_000, 50))


def settings(sets: int, large: int, streamed: bool) -> list[list[Setting]]:
    """A row for each size; ``large`` sets in place of ``sets`` where there are 10 000 images."""
    return [
        [
            Setting(family, law, images, neurons, sets if images < 10_000 else large, streamed)
            for family, law in POPULATIONS
        ]
        for images, neurons in SIZES
    ]


def table(sets: int, large: int, streamed: bool = False) -> tuple[str, int, int]:
    """The table in Markdown, in how many sets the curve was held, and of how many."""
    lines = [
        "| images | neurons | planted, normal | mixed, normal | mixed, heavy tails | mixed, 9 positions |",
        "|---|---|---|---|---|---|",
    ]
    held = total = 0
    for row in settings(sets, large, streamed):
        cells = []
        for setting in row:
            found, width = setting.measure()
            held, total = held + found, total + setting.sets
            cells.append(f"{found} of {setting.sets} ({width:.3f})")
        images, neurons = f"{row[0].images:,}".replace(",", " "), row[0].neurons
        lines.append(f"| {images} | {neurons} + {neurons} | {' | '.join(cells)} |")
    return "\n".join(lines), held, total


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Coverage of the interval of the similarity curve, as a table.")
    parser.add_argument("--sets", type=int, default=40, help="sets of images for each cell")
    parser.add_argument("--large", type=int, help="the same where there are 10 000 images; default: as many")
    parser.add_argument("--streamed", action="store_true", help="of compare_models, in place of compare")
    asked = parser.parse_args()
    print(table(asked.sets, asked.sets if asked.large is None else asked.large, asked.streamed)[0])
