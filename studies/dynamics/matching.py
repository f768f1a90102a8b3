"""Networks that end with the same distances: do they match? Two-point networks of different seeds, on many inputs.

The effective theory speaks of the distance of two hidden representations. On the two inputs themselves everything
matches (two neurons in general position span all there is, T13), so hidden layers are compared on many other inputs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ...algorithms.matching import match_radii
from ...networks.two_point import Setting, input_size, train_two_points
from ...theory.chance import chance_level
from ...theory.dynamics import fit_many
from ...theory.errors import InvalidOption, without_advice
from ...theory.validation import Array
from . import SCALES, STEPS
from .run import curves_of, median_ratio, predicted

MATCHED_AT = (0.2, 0.3, 0.4, 0.5)
FIRST_SEED = 7_000_000


@dataclass(frozen=True)
class TwoPointMatching:
    """Networks of one architecture and initial scale that learnt the same two points from different seeds.

    Of the final hidden distance (a length): its mean ``distance``, ``spread`` (standard deviation over mean), and
    ``error``, the mean relative error of what the other networks' rates predict. Of the maximum match: similarity at
    each of ``MATCHED_AT``, the mean over all pairs of networks, ``trained``, ``untrained``, and ``shuffled`` (trained,
    but the inputs of one permuted); ``chance``: the residual that neurons of the largest rank leave of one of no mean.
    """

    architecture: str
    scale: str
    networks: int
    distance: float
    spread: float
    error: float
    trained: tuple[float, ...]
    untrained: tuple[float, ...]
    shuffled: tuple[float, ...]
    chance: float

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "epsilons": MATCHED_AT}


def match_two_point_networks(
    *,
    architectures: Iterable[str] = ("leaky-relu-mlp", "tanh-mlp", "cnn"),
    scales: Iterable[str] = ("rich", "lazy"),
    networks: int = 6,
    probes: int = 1000,
    dx: float = 1.0,
    dy: float = 1.0,
    seed: int = 0,
) -> list[TwoPointMatching]:
    """Train ``networks`` networks on the same two points for each architecture and scale; compare all pairs.

    ``probes``: inputs drawn from a standard normal distribution, on which the hidden layers are matched. Cost: two to
    eight seconds for each architecture and scale. *Raises* ``InvalidOption``.
    """
    if networks < 3:
        raise InvalidOption(f"networks: got {networks!r}, need at least 3: one is predicted from the others")
    return [
        _matching(architecture, scale, networks, probes, dx, dy, seed)
        for architecture in architectures
        for scale in scales
    ]


def _matching(
    architecture: str, scale: str, networks: int, probes: int, dx: float, dy: float, seed: int
) -> TwoPointMatching:
    first = FIRST_SEED + 1000 * seed
    settings = [Setting(dx, dy, *SCALES[scale], seed=first + k, points=first) for k in range(1, networks + 1)]
    rng = np.random.default_rng(first)
    shown = rng.standard_normal((probes, input_size(architecture)))
    runs = train_two_points(architecture, settings, STEPS, probes=shown)
    rates = fit_many([curves_of(run) for run in runs])
    ends = np.sqrt([run.h[-1] for run in runs])
    forecasts = [predicted(run, median_ratio(rates[:k] + rates[k + 1 :])) for k, run in enumerate(runs)]
    before, after = np.array([run.probed for run in runs]).swapaxes(0, 1)
    order = rng.permutation(probes)
    rank = max(int(np.linalg.matrix_rank(one)) for one in after)
    return TwoPointMatching(
        architecture,
        scale,
        networks,
        distance=float(ends.mean()),
        spread=float(ends.std() / ends.mean()),
        error=float(np.mean(np.abs(forecasts / ends - 1))),
        trained=_similarity(after, after),
        untrained=_similarity(before, before),
        shuffled=_similarity(after, after[:, order]),
        chance=chance_level(probes, rank),
    )


def _similarity(first: Array, second: Array) -> tuple[float, ...]:
    """The mean maximum match similarity over all pairs of different networks."""
    with without_advice():
        pairs = combinations(range(len(first)), 2)
        found = [match_radii(first[a], second[b]).similarity(np.array(MATCHED_AT)) for a, b in pairs]
    return tuple(float(one) for one in np.mean(found, axis=0))
