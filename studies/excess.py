"""Each neuron's match radius against what chance alone would reach (T13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ..algorithms.compress import compress
from ..theory.chance import chance_levels, constant_share
from ..theory.matches import Side
from ..theory.validation import Array, as_pair


@dataclass(frozen=True, eq=False)
class NeuronExcess:
    """``chance_x``, ``chance_y``: each neuron's chance level; ``x``, ``y``: chance level less match radius, 0 for dead
    neurons. Clearly positive: the neuron is matched better than chance."""

    chance_x: Float[Array, " m"]
    chance_y: Float[Array, " n"]
    x: Float[Array, " m"]
    y: Float[Array, " n"]


def neuron_excess(X: Any, Y: Any) -> NeuronExcess:
    """The chance level of every neuron, from its own constant share, and how far its match radius lies below.

    Parameters: ``X``: shape (inputs, m); ``Y``: shape (inputs, n), the same inputs. Raises: ``InvalidActivations``.
    """
    x, y = as_pair(X, Y)
    compressed = compress(X, Y)
    radii = compressed.match_radii()
    whole = {"x": constant_share(x.values), "y": constant_share(y.values)}

    def chances(side: Side, values: Array) -> Array:
        levels = []
        for k in range(values.shape[1]):
            shares = {**whole, side: constant_share(values[:, [k]])}
            pair = chance_levels(compressed.inputs, compressed.ranks, (shares["x"], shares["y"]))
            levels.append(pair[0 if side == "x" else 1])
        return np.array(levels)

    chance_x, chance_y = chances("x", x.values), chances("y", y.values)
    return NeuronExcess(
        chance_x,
        chance_y,
        np.where(x.values.any(axis=0), chance_x - radii.x, 0.0),
        np.where(y.values.any(axis=0), chance_y - radii.y, 0.0),
    )
