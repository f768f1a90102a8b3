"""Convergent Learning beside subspace matching: for each layer of a pair what every view sees, unit by unit."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....algorithms.convergent.blocks import blocks_from
from ....algorithms.convergent.correlations import all_correlations
from ....algorithms.convergent.features import SharedFeatures, shared_features
from ....algorithms.convergent.matchings import UnitMatching, bipartite_matching, matching_gap, semi_matching
from ....algorithms.convergent.sparse import SparsePrediction, sparse_prediction
from ....theory.errors import InvalidActivations, SpanmatchWarning
from ..protocol import Protocol, UnitOptions
from ..records import LayerRecord, LayerRecords
from ..samples import LayerPair

FOLDS = 5


@dataclass(frozen=True, repr=False)
class LayerUnits(LayerRecord):
    """One layer of network A against one of network B, over the same ``inputs``; pairs are (A, B).

    ``neurons``, ``constant``: counts; ``similarity``: maximum match similarity at ``epsilon``; ``matched``: mean
    correlation of the bipartite matching; ``semi``: of the semi-matching over *the same* units of A; ``semi_both``:
    over all units of A with their best in B, and the other way round; ``matched_curve``, ``semi_curve``: sorted, of
    the matching and of all of A; ``gap``: mean over the matched units of what they lose. ``r2``: held-out R^2 of
    sparse prediction of A from B, and of B from A, at each unit's best penalty; ``units``: how many units 90 % of
    that R^2 takes; ``sparse_curve``: of B from A, (mean units used, mean error) along ``penalties``. ``blocks``:
    units of A and of B in each spectral block; ``affinity``: mean absolute correlation between blocks; ``shared``:
    the share of units in blocks with units of both. ``participation``: effective dimensions. ``notes``: what to keep
    in mind. ``partners``: the matching itself, (unit of A, unit of B, their correlation).
    """

    neurons: tuple[int, int]
    constant: tuple[int, int]
    inputs: int
    epsilon: float
    similarity: float
    matched: float
    semi: float
    semi_both: tuple[float, float]
    gap: float
    matched_curve: tuple[float, ...]
    semi_curve: tuple[float, ...]
    r2: tuple[float, float]
    units: tuple[float, float]
    penalties: tuple[float, ...]
    sparse_curve: tuple[tuple[float, float], ...]
    blocks: tuple[tuple[int, int], ...]
    affinity: tuple[tuple[float, ...], ...]
    shared: float
    participation: tuple[float, float]
    notes: tuple[str, ...] = ()
    partners: tuple[tuple[int, int, float], ...] = ()

    def __repr__(self) -> str:
        return (
            f"LayerUnits({self.name}: {self.neurons[0]} + {self.neurons[1]} units, s({self.epsilon:g}) "
            f"{self.similarity:.3f}, matched {self.matched:.3f}, semi {self.semi:.3f}, R² {self.r2[0]:.2f}, "
            f"{self.r2[1]:.2f})"
        )


@dataclass(frozen=True, repr=False)
class UnitViews(LayerRecords[LayerUnits]):
    """Every layer of two networks that was looked at, with what the numbers follow from."""

    layers: tuple[LayerUnits, ...]
    protocol: dict[str, Any]

    @classmethod
    def under(
        cls, protocol: Protocol, layers: Sequence[LayerUnits], names: tuple[str, str], notes: Sequence[str]
    ) -> UnitViews:
        """The records of some layers with as much of the protocol as they follow from."""
        options = protocol.units or UnitOptions()
        told = {
            "layout": protocol.layout,
            "epsilon": options.epsilon,
            "positions": protocol.positions,
            "blocks": options.blocks,
            "folds": options.folds or FOLDS,
            "seed": protocol.seed,
            "dead_neurons": protocol.dead_neurons,
        }
        return cls(tuple(layers), *names, tuple(notes), told)

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"protocol": self.protocol}


def unit_views(pair: LayerPair) -> LayerUnits:
    """What subspace matching, unit matching, sparse prediction and clustering see at the first draw of the pair.

    Raises: ``InvalidActivations`` (fewer than two images), ``InvalidOption``, ``MissingExtra`` without scikit-learn.
    Source: docs/theory/neighbours.md.
    """
    options, seed = pair.protocol.units or UnitOptions(), pair.protocol.seed
    X, Y = pair.rows()
    images = pair.draws[0] // pair.positions
    seen = len(np.unique(images))
    if seen < 2:
        raise InvalidActivations(
            f"acts_a[{pair.a!r}], acts_b[{pair.b!r}]: got {seen} image in {len(X)} inputs, need at least 2, for sparse "
            f"prediction is measured on images that were held out; take more images or positions"
        )
    folds = min(FOLDS, seen) if options.folds is None else options.folds
    known = all_correlations(X, Y)
    matching, semi = bipartite_matching(known.between), semi_matching(known.between)
    with warnings.catch_warnings(record=True) as advice:
        warnings.simplefilter("always", SpanmatchWarning)
        from_b, from_a = (
            sparse_prediction(*sides, penalties=options.penalties, folds=folds, images=images, seed=seed)
            for sides in ((Y, X), (X, Y))
        )
    notes = [str(one.message) for one in advice]
    constant = len(known.constant.x), len(known.constant.y)
    if known.constant:
        notes.append(f"{constant[0]} + {constant[1]} constant units: correlation 0, in no block, left out of R²")
    if options.folds is None and folds < FOLDS:
        notes.append(f"R² over {folds} folds: there are only so many images")
    live = sum(known.between.shape) - len(known.constant)
    clusters = blocks_from(known, min(options.blocks, live), seed=seed) if live else None
    return LayerUnits(
        layer_a=pair.a,
        layer_b=pair.b,
        neurons=(X.shape[1], Y.shape[1]),
        constant=constant,
        inputs=len(X),
        epsilon=options.epsilon,
        similarity=float(pair.compressed[0].similarity(options.epsilon)),
        matched=matching.mean,
        semi=float(semi.values[matching.x].mean()),
        semi_both=(semi.mean, semi_matching(known.between.T).mean),
        gap=float(matching_gap(semi, matching).mean()),
        matched_curve=tuple(matching.curve.tolist()),
        semi_curve=tuple(semi.curve.tolist()),
        r2=(from_b.mean_r2, from_a.mean_r2),
        units=(_mean_units(from_b), _mean_units(from_a)),
        penalties=tuple(from_a.penalties.tolist()),
        sparse_curve=tuple((float(used), float(error)) for used, error in from_a.curve),
        blocks=tuple((len(block.x), len(block.y)) for block in clusters.blocks) if clusters else (),
        affinity=tuple(map(tuple, clusters.affinity.tolist())) if clusters else (),
        shared=clusters.shared if clusters else 0.0,
        participation=known.participation,
        notes=tuple(notes),
        partners=tuple(zip(matching.x.tolist(), matching.y.tolist(), matching.values.tolist(), strict=True)),
    )


def features_of(pairs: Mapping[tuple[int, int], LayerUnits]) -> SharedFeatures:
    """The features of several networks from the records of one layer, by the numbers of the two networks of each."""
    found = {}
    for of, record in pairs.items():
        x, y, values = zip(*record.partners, strict=True)
        found[of] = UnitMatching(np.array(x), np.array(y), np.array(values))
    return shared_features(found)


def _mean_units(found: SparsePrediction) -> float:
    live = np.delete(found.fewest(), found.constant)
    return float(live.mean()) if live.size else 0.0
