"""Layers of several networks in which the features that all of them have, as one unit of each, are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..linear import Array
from ..planted import need
from .units import centred_frame


@dataclass(frozen=True, eq=False, repr=False)
class FeatureSet:
    """One layer of each network, shape (inputs, units), and what they share.

    ``units``: for each feature that all networks have its unit in each, shape (features, networks); ``similarity``:
    the lowest correlation of two of its units, in descending order. Any other units, one of each network, have a
    correlation of 0 among theirs.
    """

    layers: tuple[Array, ...]
    units: npt.NDArray[np.int64]
    similarity: Array

    def __repr__(self) -> str:
        return f"FeatureSet({len(self.layers)} networks of {self.layers[0].shape[1]} units, {len(self.units)} features)"


def planted_features(
    angles: Sequence[float] = (0.2, 0.4, 0.6), *, networks: int = 3, bridges: int = 2, own: int = 2, seed: int = 0
) -> FeatureSet:
    """Features that all networks have, features that look shared from network 0 only, and units of each alone.

    Network 0 has the directions of the features. In every other network the unit of the k-th is at angle theta_k from
    its direction, towards one of its own: correlations cos theta_k with network 0, and cos² theta_k between others. Of
    a *bridge*, network 0 has the even mixture of two directions, network 1 the first of them, and the others the
    second: correlations √½ with network 0, and 0 between networks 1 and 2.
    ``angles``: in [0, pi/4), so that no bridge is above a feature, in ascending order. Units come in a random order,
    with factors and shifts. Raises: ``InvalidOption``.
    """
    need(networks >= 3, "networks", networks, "at least three networks")
    need(all(0 <= a < math.pi / 4 for a in angles), "angles", angles, "angles in [0, pi/4)")
    need(list(angles) == sorted(angles) and len(angles) > 0, "angles", angles, "at least one angle, in ascending order")
    need(bridges >= 0 and own >= 0, "bridges, own", (bridges, own), "counts of at least 0")
    rng = np.random.default_rng(seed)
    shared, width = len(angles), len(angles) + bridges + own
    frame = centred_frame(rng, shared * (1 + networks) + 2 * bridges + networks * own)
    common, rest = frame[:, :shared], frame[:, shared:]
    first, second, rest = rest[:, :bridges], rest[:, bridges : 2 * bridges], rest[:, 2 * bridges :]
    layers, units = [], []
    for network in range(networks):
        apart, rest = rest[:, :shared], rest[:, shared:]
        alone, rest = rest[:, :own], rest[:, own:]
        bridge = (first + second) / math.sqrt(2) if network == 0 else first if network == 1 else second
        tilt = np.multiply(angles, network > 0)
        layer = np.hstack([common * np.cos(tilt) + apart * np.sin(tilt), bridge, alone])
        order = rng.permutation(width)
        layers.append(layer[:, order] * rng.uniform(0.1, 10.0, width) + rng.uniform(-1.0, 1.0, width))
        units.append(np.argsort(order)[:shared])
    return FeatureSet(tuple(layers), np.array(units, dtype=np.int64).T, np.cos(angles) ** 2)
