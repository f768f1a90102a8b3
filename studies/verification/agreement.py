"""On real layers: the fast path against the algorithms as published and against the exact oracle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...algorithms import exact, reference
from ...algorithms.compressed.compressor import compress
from ...algorithms.peeling import batch_peel
from ...theory.errors import without_advice
from ...theory.residuals import LeastSquares
from ...theory.validation.layer import Layer
from ..comparison.samples import draws_of_inputs, generator

COMPARED_AT = (0.3, 0.5, 0.7)
FEW_CHANNELS, FEW_INPUTS = 24, 1000
EXACT_CHANNELS, EXACT_INPUTS = 8, 100
STORED_NUMBERS = 1e-13
"""A rank tolerance at which float32 activations are taken as they are stored, as the exact oracle takes them."""


@dataclass(frozen=True)
class LayerAgreement:
    """One layer: A3 and ``max_match`` against A1 on ``channels`` of each side; radii of a sample against the oracle.

    ``matches``: epsilons compared; ``undecided``: those where a radius lies within rounding of epsilon, which are not;
    ``radius_error`` of the float radii against the exact ones, ``allowed`` the bound they come with.
    """

    layer: str
    channels: tuple[int, int]
    matches: int
    undecided: int
    radius_error: float
    allowed: float
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


def agreement(layer: str, A: Layer, B: Layer, seed: int, *, full: bool = False) -> LayerAgreement:
    """Compare the routes on one layer: ``full`` takes all channels and 10 000 inputs for A1, which is slow."""
    rng = generator(seed, "agreement", layer)
    total = A.images * A.positions
    inputs = draws_of_inputs(total, 10_000 if full else FEW_INPUTS, 1, rng)[0]
    X, Y = (_some_channels(Z.rows(inputs), None if full else FEW_CHANNELS, rng) for Z in (A, B))
    faults, compared, undecided = [], 0, 0
    with without_advice():
        compressed = compress(X, Y)
    literal = LeastSquares(X, Y)
    for epsilon in COMPARED_AT:
        if compressed.match_radii().margin(epsilon) < 1e-6:
            undecided += 1
            continue
        compared += 1
        published = reference.max_match(literal.at(epsilon))
        for name, found in (
            ("A3", batch_peel(compressed.geometry.at(epsilon))),
            ("max_match", compressed.max_match(epsilon)),
        ):
            if found != published:
                faults.append(f"{layer} at {epsilon}: {name} {found}, A1 {published}")
    few = draws_of_inputs(total, EXACT_INPUTS, 1, rng)[0]
    x, y = (_some_channels(Z.rows(few), EXACT_CHANNELS, rng) for Z in (A, B))
    with without_advice():
        radii = compress(x, y, rank_tol=STORED_NUMBERS).match_radii()
    truth = exact.match_radii(x, y)
    error = max(
        float(np.abs(np.sqrt(np.array(squares, dtype=float)) - side).max())
        for squares, side in ((truth.x, radii.x), (truth.y, radii.y))
    )
    if error > radii.error:
        faults.append(f"{layer}: a match radius is {error} from the exact one, allowed {radii.error}")
    return LayerAgreement(layer, (X.shape[1], Y.shape[1]), compared, undecided, error, radii.error, tuple(faults))


def _some_channels(Z: npt.NDArray[Any], most: int | None, rng: np.random.Generator) -> npt.NDArray[Any]:
    if most is None or Z.shape[1] <= most:
        return Z
    return Z[:, np.sort(rng.choice(Z.shape[1], size=most, replace=False))]
