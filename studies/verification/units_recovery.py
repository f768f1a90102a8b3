"""The views of Convergent Learning and subspace matching on sets where each has a closed form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...algorithms.compressed.compressor import compress
from ...algorithms.convergent.blocks import spectral_blocks
from ...algorithms.convergent.correlations import all_correlations
from ...algorithms.convergent.matchings import bipartite_matching, semi_matching
from ...algorithms.convergent.sparse import sparse_prediction
from ...synthetic.families.units import (
    ConvergentSet,
    planted_mixtures,
    planted_one_to_many,
    planted_pairs,
    planted_permutation,
)
from ...theory.errors import without_advice

PENALTIES = (0.6, 0.3, 0.1, 0.01)


@dataclass(frozen=True)
class PlantedRow:
    """What each view finds in one planted set, with the largest distance of any of its values from the closed form.

    ``similarity``: maximum match similarity at epsilon = 0.5; ``r2``: of sparse prediction of Y from X at penalty
    0.01, where it has a closed form; ``blocks``: spectral blocks with units of both sides. ``errors``: view ->
    distance. ``recovered``: the planted partners, sparse supports and blocks were found, as far as they are
    determined.
    """

    name: str
    similarity: float
    matched: float
    semi: float
    r2: float | None
    blocks: int
    participation: tuple[float, float]
    errors: dict[str, float]
    recovered: bool

    @property
    def worst(self) -> float:
        """The largest distance from a closed form."""
        return max(self.errors.values())


def planted_sets(seed: int = 0) -> tuple[ConvergentSet, ...]:
    """The sets of the planted table."""
    return (
        planted_permutation(seed=seed),
        planted_pairs((0.2, 0.2, 0.4, 0.4), seed=seed),
        planted_pairs((0.8, 0.8, 1.2, 1.2), seed=seed),
        planted_mixtures(2, 4, seed=seed),
        planted_mixtures(4, 3, seed=seed),
        planted_mixtures(16, 2, seed=seed),
        planted_one_to_many(4, 3, seed=seed),
    )


def planted_table(sets: Iterable[ConvergentSet] | None = None) -> list[PlantedRow]:
    """A row for each set: what each view sees, and how far that is from its closed form."""
    return [planted_row(one) for one in (planted_sets() if sets is None else sets)]


def planted_row(planted: ConvergentSet) -> PlantedRow:
    """Every view on one set."""
    X, Y = planted.X, planted.Y
    known = all_correlations(X, Y)
    matching, semi = bipartite_matching(known.between), semi_matching(known.between)
    with without_advice():
        compressed = compress(X, Y)
    radii = compressed.match_radii()
    errors = {
        "correlations": float(np.abs(known.between - planted.correlations).max()),
        "matched": abs(matching.mean - planted.matched),
        "semi": abs(semi.mean - planted.semi),
        "radii": float(max(np.abs(radii.x - planted.radii[0]).max(), np.abs(radii.y - planted.radii[1]).max())),
    }
    recovered = planted.partner is None or all(np.array_equal(found.y, planted.partner) for found in (matching, semi))
    r2 = None
    if planted.used:
        prediction = sparse_prediction(X, Y, penalties=PENALTIES, images=planted.images)
        closed = np.column_stack([planted.sparse_error(penalty) for penalty in prediction.penalties])
        errors["sparse error"] = float(np.abs(prediction.error - closed).max())
        r2 = float(1 - prediction.error[:, -1].mean())
        supports = tuple(tuple(np.flatnonzero(column).tolist()) for column in prediction.coefficients.T)
        recovered = recovered and supports == planted.used
    if planted.participation is not None:
        errors["participation"] = float(np.abs(np.subtract(known.participation, planted.participation)).max())
    clusters = spectral_blocks(X, Y, len(planted.blocks))
    recovered = recovered and set(clusters.blocks) == set(planted.blocks)
    return PlantedRow(
        planted.name,
        float(compressed.similarity(0.5)),
        matching.mean,
        semi.mean,
        r2,
        sum(1 for block in clusters.blocks if block.x and block.y),
        known.participation,
        errors,
        recovered,
    )
