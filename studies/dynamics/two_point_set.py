"""Trained networks as a benchmark with a predicted answer: hidden activations on two points, and where they must end.

Importing this module needs no torch; making a set does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...files.environment import require
from ...theory.errors import InvalidOption
from ...theory.validation.options import as_option
from . import SCALES, STEPS

FAMILY = "two-point"
MOST_NETWORKS = 500
SHORTEST, LONGEST = 0.3, 2.0
SEEDS, HELD_OUT, LARGEST_SEED = 1_000_000, 1_000, 10**12
REASON = (
    "Effective theory of van Rossem and Saxe (2024), T17: the final squared distance of the two hidden representations "
    "is A_high/2 + sqrt(A_high^2/4 + A_low^2). The ratio eta_h/eta_y in it is the median of those fitted to other "
    "networks of the same architecture, initial scale, dx and dy, with other seeds and other points; of the networks "
    "predicted only h and y before training are used. A prediction, not a certainty: 'relative_error' is how far it is "
    "off what was measured."
)


@dataclass(frozen=True, eq=False, repr=False)
class TwoPointSet:
    """Networks trained on the same two points from different seeds: their activations, and their predicted ends.

    ``arrays``: ``hidden_0``, ``hidden_1``, ...: shape (times, 2, units), the hidden layer of each network on the two
    inputs; ``times`` (steps times step size); ``h``, ``y``, ``w``: shape (networks, times), the squared distances of
    hidden representations and of outputs, and y - dy.dyhat; ``inputs`` and ``targets``: shape (2, size). ``networks``:
    for each of them the predicted and the measured final distance (lengths, not squared), the relative error, the
    regime index A_high/A_low, and ``trained``: y/Y at the end, 1 once training is over. ``ratio``: eta_h/eta_y of the
    networks held out.
    """

    arrays: dict[str, npt.NDArray[Any]]
    seed: int
    parameters: dict[str, Any]
    ratio: float
    networks: tuple[dict[str, float], ...]
    reason: str = REASON

    def __repr__(self) -> str:
        ends = ", ".join(f"{one['predicted']:.4g} ({one['measured']:.4g})" for one in self.networks)
        return f"TwoPointSet(seed={self.seed}, final distances predicted (measured): {ends})"

    def to_dict(self) -> dict[str, Any]:
        return {
            "family": FAMILY,
            "seed": self.seed,
            "parameters": self.parameters,
            "reason": self.reason,
            "ratio": self.ratio,
            "networks": list(self.networks),
            "spread": {
                name: float(np.std(ends) / np.mean(ends))
                for name in ("predicted", "measured")
                for ends in [[one[name] for one in self.networks]]
            },
        }


def two_point_set(
    *,
    architecture: str = "leaky-relu-mlp",
    scale: str = "rich",
    dx: float = 1.0,
    dy: float = 1.0,
    networks: int = 2,
    held_out: int = 9,
    seed: int = 0,
) -> TwoPointSet:
    """Trained networks, their hidden activations over training, with the predicted final distance as the answer.

    Parameters: ``architecture``: leaky-relu-mlp, tanh-mlp or cnn; ``scale`` of the initial weights: rich, middle or
    lazy; ``dx``, ``dy``: distances of the two inputs and of their targets, from 0.3 to 2; ``networks`` of different
    seeds that learn the same two points; ``held_out``: others, from which the ratio of the rates comes. Guarantee:
    the same arguments give the same bits with the same torch. Cost: some seconds.

    Raises: ``InvalidOption``, ``MissingExtra``.
    """
    as_option(scale, "scale", tuple(SCALES))
    if not 0 <= seed <= LARGEST_SEED:
        raise InvalidOption(f"seed: got {seed!r}, need an integer from 0 to {LARGEST_SEED}")
    for name, length in (("dx", dx), ("dy", dy)):
        if not SHORTEST <= length <= LONGEST:
            raise InvalidOption(
                f"{name}: got {length!r}, need a length from {SHORTEST} to {LONGEST}; with others training does "
                f"not come near its end"
            )
    for name, number in (("networks", networks), ("held_out", held_out)):
        if not 1 <= number <= MOST_NETWORKS:
            raise InvalidOption(f"{name}: got {number!r}, need an integer from 1 to {MOST_NETWORKS}")
    require("networks", ("torch", "safetensors"), "generate two-point")
    from ...networks.two_point import Setting, train_two_points
    from ...theory.dynamics import fit_many
    from .run import curves_of, median_ratio, predicted, regime

    first = SEEDS * (seed + 1)
    own = [Setting(dx, dy, *SCALES[scale], seed=first + k, points=first) for k in range(1, networks + 1)]
    others = [Setting(dx, dy, *SCALES[scale], seed=first + HELD_OUT + k) for k in range(held_out)]
    runs = train_two_points(architecture, own + others, STEPS)
    ratio = median_ratio(fit_many([curves_of(run) for run in runs[networks:]]))
    shown = runs[:networks]
    answers = []
    for run in shown:
        forecast, measured = predicted(run, ratio), float(np.sqrt(run.h[-1]))
        answers.append(
            {
                "predicted": forecast,
                "measured": measured,
                "relative_error": forecast / measured - 1,
                "regime_index": regime(run, ratio),
                "trained": float(run.y[-1] / dy**2),
            }
        )
    arrays: dict[str, npt.NDArray[Any]] = {f"hidden_{k}": run.hidden for k, run in enumerate(shown)}
    arrays |= {"times": shown[0].times, "inputs": shown[0].inputs, "targets": shown[0].targets}
    arrays |= {name: np.array([getattr(run, name) for run in shown]) for name in ("h", "y", "w")}
    parameters = {
        "architecture": architecture,
        "scale": scale,
        "dx": dx,
        "dy": dy,
        "networks": networks,
        "held_out": held_out,
    }
    return TwoPointSet(arrays, seed, parameters, ratio, tuple(answers))
