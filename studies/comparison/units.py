"""Convergent Learning beside subspace matching: for each layer of a pair what every view sees."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape

from ...algorithms.compressed.compressor import compress
from ...algorithms.convergent.blocks import blocks_from
from ...algorithms.convergent.correlations import all_correlations
from ...algorithms.convergent.matchings import bipartite_matching, matching_gap, semi_matching
from ...algorithms.convergent.sparse import SparsePrediction, sparse_prediction
from ...report.tables import units_table
from ...theory.errors import InvalidActivations, SpanmatchWarning, UnknownLayer
from ...theory.tolerances import rank_tolerance
from ...theory.validation import DeadNeurons, as_dead_neurons, as_epsilon
from ...theory.validation.options import as_count
from ..quiet import without_advice
from .layers import paired_layers
from .protocol import POSITIONS
from .samples import Layout, draws_of_inputs, generator

BLOCKS = 8
FOLDS = 5
EPSILON = 0.5


@dataclass(frozen=True, repr=False)
class LayerConvergence:
    """One layer of network A against one of network B, over the same ``inputs``; pairs are (A, B).

    ``neurons``, ``constant``: counts; ``similarity``: maximum match similarity at ``epsilon``; ``matched``: mean
    correlation of the bipartite matching; ``semi``: of the semi-matching over *the same* units of A; ``semi_both``:
    over all units of A with their best in B, and the other way round; ``matched_curve``, ``semi_curve``: sorted, of
    the matching and of all of A; ``gap``: mean over the matched units of what they lose. ``r2``: held-out R^2 of
    sparse prediction of A from B, and of B from A, at each unit's best penalty; ``units``: how many units 90 % of
    that R^2 takes; ``sparse_curve``: of B from A, (mean units used, mean error) along ``penalties``. ``blocks``:
    units of A and of B in each spectral block; ``affinity``: mean absolute correlation between blocks; ``shared``:
    the share of units in blocks with units of both. ``participation``: effective dimensions. ``notes``: what to keep
    in mind.
    """

    layer_a: str
    layer_b: str
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

    @property
    def name(self) -> str:
        return self.layer_a if self.layer_a == self.layer_b else f"{self.layer_a} / {self.layer_b}"


@dataclass(frozen=True, repr=False)
class Convergence:
    """Every compared layer of two networks, with what the numbers follow from."""

    layers: tuple[LayerConvergence, ...]
    network_a: str
    network_b: str
    protocol: dict[str, Any]
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> LayerConvergence:
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise UnknownLayer(f"layer: got {name!r}, compared were {', '.join(layer.name for layer in self.layers)}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain numbers, strings, lists and dictionaries."""
        plain: dict[str, Any] = json.loads(
            json.dumps(
                {
                    "networks": [self.network_a, self.network_b],
                    "protocol": self.protocol,
                    "layers": [{"name": layer.name, **asdict(layer)} for layer in self.layers],
                    "notes": self.notes,
                }
            )
        )
        return plain

    def print(self, console: Console) -> None:
        """One row a layer, and the notes."""
        console.print(units_table(self.to_dict()))
        for note in [*self.notes, *(f"{layer.name}: {note}" for layer in self.layers for note in layer.notes)]:
            console.print(escape(note), style="yellow")

    def __repr__(self) -> str:
        rows = "; ".join(
            f"{layer.name}: s {layer.similarity:.2f}, matched {layer.matched:.2f}, semi {layer.semi:.2f}"
            for layer in self.layers
        )
        return f"Convergence({self.network_a} against {self.network_b}: {rows})"


def convergence_table(
    acts_a: Mapping[str, Any],
    acts_b: Mapping[str, Any],
    *,
    layers: str | Sequence[str] | None = None,
    all_pairs: bool = False,
    layout: Layout = "nchw",
    epsilon: float = EPSILON,
    positions: int = POSITIONS,
    blocks: int = BLOCKS,
    penalties: Iterable[float] | None = None,
    folds: int | None = None,
    seed: int = 0,
    dead_neurons: DeadNeurons = "match",
    names: tuple[str, str] = ("A", "B"),
    progress: Callable[[str], None] | None = None,
) -> Convergence:
    """What subspace matching, unit matching, sparse prediction and clustering see in each layer of two networks.

    Parameters: ``acts_a``, ``acts_b``: layer name -> activations, (images, units) or 4-D in ``layout``, of the same
    images in the same order; layers of one name are compared, or with ``all_pairs`` every layer of A with every one of
    B (those of other numbers of positions are left out, and named in ``notes``). ``layers``: names or glob patterns.
    ``positions``: one draw of so many inputs, the same for all views, and the first draw of ``compare`` with this seed.
    ``blocks``: how many spectral blocks, fewer where a layer has fewer live units. ``penalties``, ``folds``: of sparse
    prediction, which keeps an image in one fold; by default 5 folds, fewer where there are fewer images. ``epsilon``,
    ``dead_neurons``: of the maximum match. Guarantee: the same seed gives the same numbers for a layer whichever others
    are compared. Cost: one pass and O((m+n)^3) a layer, and the Lasso paths, which take most of the time. Raises:
    ``UnknownLayer``, ``InvalidActivations``, ``InvalidOption``, ``InvalidEpsilon``, ``MissingExtra`` without
    scikit-learn.
    Source: docs/theory/neighbours.md.
    """
    positions, blocks = as_count(positions, "positions", 1), as_count(blocks, "blocks", 1)
    epsilon, dead_neurons = as_epsilon(epsilon), as_dead_neurons(dead_neurons)
    grid = None if penalties is None else tuple(penalties)
    notes: list[str] = []
    found = []
    for a, b, A, B in paired_layers(
        acts_a, acts_b, layers=layers, all_pairs=all_pairs, layout=layout, progress=progress, notes=notes
    ):
        total = A.images * A.positions
        inputs = draws_of_inputs(total, positions, 1, generator(seed, "draws", a, b))[0]
        X, Y, images = A.rows(inputs), B.rows(inputs), inputs // A.positions
        seen = len(np.unique(images))
        if seen < 2:
            raise InvalidActivations(
                f"acts_a[{a!r}], acts_b[{b!r}]: got {seen} image in {len(inputs)} inputs, need at least 2, for sparse "
                f"prediction is measured on images that were held out; take more images or positions"
            )
        taken = min(FOLDS, seen) if folds is None else folds
        tau = max(rank_tolerance(side.dtype, A.neurons + B.neurons) for side in (A, B))
        with without_advice():
            similarity = compress(X, Y, dead_neurons=dead_neurons, rank_tol=tau).similarity(epsilon)
        layer = _layer(a, b, X, Y, images, epsilon, float(similarity), blocks, grid, taken, seed)
        if folds is None and taken < FOLDS:
            layer = replace(layer, notes=(*layer.notes, f"R2 over {taken} folds: there are only so many images"))
        found.append(layer)
    protocol = {
        "layout": layout,
        "epsilon": epsilon,
        "positions": positions,
        "blocks": blocks,
        "folds": FOLDS if folds is None else int(folds),
        "seed": int(seed),
        "dead_neurons": dead_neurons,
    }
    return Convergence(tuple(found), *names, protocol, tuple(notes))


def _layer(
    a: str,
    b: str,
    X: Any,
    Y: Any,
    images: Any,
    epsilon: float,
    similarity: float,
    blocks: int,
    penalties: tuple[float, ...] | None,
    folds: int,
    seed: int,
) -> LayerConvergence:
    known = all_correlations(X, Y)
    matching, semi = bipartite_matching(known.between), semi_matching(known.between)
    with warnings.catch_warnings(record=True) as advice:
        warnings.simplefilter("always", SpanmatchWarning)
        from_b, from_a = (
            sparse_prediction(*pair, penalties=penalties, folds=folds, images=images, seed=seed)
            for pair in ((Y, X), (X, Y))
        )
    live = sum(known.between.shape) - len(known.constant)
    notes = [str(one.message) for one in advice]
    if known.constant:
        counts = len(known.constant.x), len(known.constant.y)
        notes.append(f"{counts[0]} + {counts[1]} constant units: correlation 0, in no block, left out of R2")
    clusters = blocks_from(known, min(blocks, live), seed=seed) if live else None
    return LayerConvergence(
        layer_a=a,
        layer_b=b,
        neurons=(X.shape[1], Y.shape[1]),
        constant=(len(known.constant.x), len(known.constant.y)),
        inputs=len(X),
        epsilon=epsilon,
        similarity=similarity,
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
    )


def _mean_units(found: SparsePrediction) -> float:
    live = np.delete(found.fewest(), found.constant)
    return float(live.mean()) if live.size else 0.0
