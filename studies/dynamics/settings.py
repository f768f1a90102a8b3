"""Other settings of the effective theory: activation functions, depths, the layer that is looked at, optimisers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ...networks.two_point import LEAK, TWO_POINT_ARCHITECTURES, VARIED, Setting, TwoPointRun, train_two_points
from ...theory.dynamics import Rates, fit_many, right_hand_side
from ...theory.validation.options import as_count
from . import SCALES, STEPS
from .run import NEAR, curves_of, median_ratio, predicted
from .wrong_equations import TEST

USUAL = "leaky-relu-mlp"
VARIATIONS: dict[str, tuple[str, str]] = {
    "as above": (USUAL, "gradient descent"),
    **{name: (name, "gradient descent") for name in VARIED},
    "momentum": (USUAL, "momentum"),
    "Adam": (USUAL, "Adam"),
}
"""name -> architecture and optimiser: each differs from the first in one thing."""
ADAM_STEPS = {"rich": 0.002, "lazy": 0.0005}
"""Adam's steps do not shrink with the gradients, and need a size of their own."""
FIRST = 8_000_000


@dataclass(frozen=True)
class VariedTheory:
    """The theory on networks of one setting and initial scale.

    Of ``runs`` networks, how many end within 10 % of what is predicted, and the median relative error: ``fitted``, from
    the rates fitted to the run's own curves; ``held_out``, from the median ratio of the others. ``worse``: the share of
    the runs that each altered equation fits worse, the lowest of ``TEST``; ``learnt``: the lowest y/Y at the end.
    """

    setting: str
    scale: str
    runs: int
    fitted: tuple[int, float]
    held_out: tuple[int, float]
    worse: float
    learnt: float


def vary_settings(
    settings: Iterable[str] = tuple(VARIATIONS),
    *,
    scales: Iterable[str] = ("rich", "lazy"),
    grid: int = 3,
    seed: int = 0,
) -> list[VariedTheory]:
    """Train networks over a grid of distances in each setting, and hold the theory against them.

    Initial weights have the gain of the scale to the power 4/L in networks of L layers, so that the product over the
    layers is the same. Cost: three seconds for each setting and scale. Raises: ``InvalidOption``, ``KeyError``.
    """
    points = as_count(grid, "grid", 2)
    distances = [(dx, dy) for dx in np.linspace(0.5, 1.5, points) for dy in np.linspace(1 / points, 1, points)]
    wanted = [(name, scale) for name in settings for scale in scales]
    groups = []
    for name, scale in wanted:
        architecture, optimiser = VARIATIONS[name]
        layers = len((TWO_POINT_ARCHITECTURES | VARIED)[architecture].weights)
        gain, step = SCALES[scale]
        # The other activation functions halve a mean square, or nearly so.
        gain = gain ** (4 / layers) * (math.sqrt((1 + LEAK**2) / 2) if name == "linear" else 1.0)
        step = ADAM_STEPS[scale] if optimiser == "Adam" else step
        plan = [
            Setting(float(dx), float(dy), gain, step, FIRST + 1000 * seed + k) for k, (dx, dy) in enumerate(distances)
        ]
        groups.append(train_two_points(architecture, plan, STEPS, optimiser=optimiser))
    curves = [curves_of(run) for runs in groups for run in runs]
    rates, *altered = (fit_many(curves, ode=ode) for ode in (right_hand_side, *TEST.values()))
    worse = np.array([[one.error for one in found] for found in altered]) > [one.error for one in rates]
    count = len(distances)
    return [
        _against(name, scale, runs, rates[k : k + count], float(worse[:, k : k + count].mean(axis=1).min()))
        for k, (name, scale), runs in zip(range(0, len(curves), count), wanted, groups, strict=True)
    ]


def _against(
    setting: str, scale: str, runs: Sequence[TwoPointRun], rates: Sequence[Rates], worse: float
) -> VariedTheory:
    ends = np.sqrt([run.h[-1] for run in runs])
    others = [median_ratio([*rates[:k], *rates[k + 1 :]]) for k in range(len(runs))]

    def errors(ratios: Iterable[float]) -> tuple[int, float]:
        off = np.abs([predicted(run, ratio) for run, ratio in zip(runs, ratios, strict=True)] / ends - 1)
        return int((off <= NEAR).sum()), float(np.median(off))

    return VariedTheory(
        setting,
        scale,
        len(runs),
        fitted=errors(one.ratio for one in rates),
        held_out=errors(others),
        worse=worse,
        learnt=float(min(run.y[-1] / run.setting.dy**2 for run in runs)),
    )
