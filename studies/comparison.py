"""The comparison of two networks layer by layer: similarity curves, against what shuffled images give."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..algorithms.compress import Compressed, compress
from ..algorithms.results import MatchRadii
from ..theory.errors import InvalidActivations, InvalidOption, MissingExtra, SpanmatchWarning, UnknownLayer
from ..theory.validation import Array, DeadNeurons, as_dead_neurons, as_epsilon
from .sampling import LayerActivations, Layout, draws_of_inputs, generator
from .versions import versions

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

SCHEMA = 1
EPSILONS = tuple(round(0.05 * k, 2) for k in range(1, 20))
POSITIONS = 10_000
CHANCE_SHARE = 0.05
"""A level of the null is called chance once this share of the live neurons match there."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class LayerComparison:
    """One layer of network A against one of network B.

    ``neurons``, ``dead``, ``rank``: of A and of B (``dead``: exactly 0 on every input; ``rank``: in the first draw);
    ``inputs``: how many each draw looked at, of ``available``; ``similarity``: s(epsilon) averaged over the draws,
    ``lowest`` and ``highest`` of them; ``null``: the average over shuffles of the images, ``null_highest`` the largest
    of them; ``area``, ``null_area``: 1 - mean match radius; ``chance_epsilon``: from here on shuffled images match too
    (``CHANCE_SHARE`` of the live neurons), 1 if nowhere; ``undecided``: how many radii lie within rounding of an
    epsilon of the grid.
    """

    layer_a: str
    layer_b: str
    neurons: tuple[int, int]
    dead: tuple[int, int]
    rank: tuple[int, int]
    inputs: int
    available: int
    draws: int
    epsilons: tuple[float, ...]
    similarity: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    null: tuple[float, ...]
    null_highest: tuple[float, ...]
    area: float
    null_area: float
    chance_epsilon: float
    undecided: int

    @property
    def name(self) -> str:
        return self.layer_a if self.layer_a == self.layer_b else f"{self.layer_a} / {self.layer_b}"

    def at(self, epsilon: float) -> float:
        """s at the grid point closest to epsilon."""
        return self.similarity[int(np.abs(np.array(self.epsilons) - epsilon).argmin())]

    @property
    def beyond_null(self) -> float:
        """The largest amount by which s exceeds every shuffle, over the grid."""
        return float(np.max(np.array(self.similarity) - np.array(self.null_highest), initial=0.0))


@dataclass(frozen=True)
class Comparison:
    """All layers of two networks; ``seed`` and ``settings`` give the same numbers again."""

    layers: tuple[LayerComparison, ...]
    seed: int
    settings: dict[str, Any]
    name_a: str = "A"
    name_b: str = "B"

    def __iter__(self) -> Iterator[LayerComparison]:
        return iter(self.layers)

    def __getitem__(self, name: str) -> LayerComparison:
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise UnknownLayer(f"layer: got {name!r}, compared were {', '.join(layer.name for layer in self.layers)}")
        return found

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "networks": [self.name_a, self.name_b],
            "seed": self.seed,
            "settings": self.settings,
            "versions": versions(),
            "layers": [{"name": layer.name, **asdict(layer)} for layer in self.layers],
        }

    def to_json(self) -> str:
        """Everything, with schema version, seed and versions."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False)

    def to_rows(self) -> list[dict[str, Any]]:
        """One flat record for each layer and epsilon: what ``to_pandas`` and CSV files hold."""
        return [
            {
                "layer_a": layer.layer_a,
                "layer_b": layer.layer_b,
                "epsilon": epsilon,
                "similarity": layer.similarity[k],
                "lowest": layer.lowest[k],
                "highest": layer.highest[k],
                "null": layer.null[k],
                "null_highest": layer.null_highest[k],
            }
            for layer in self.layers
            for k, epsilon in enumerate(layer.epsilons)
        ]

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame with one row for each layer and epsilon. Raises: ``MissingExtra``."""
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra('to_pandas needs pandas, which is missing; pip install "spanmatch[all]"') from error
        return pd.DataFrame(self.to_rows())

    def plot(self) -> Figure:
        """A matplotlib figure of the similarity curves, one line a layer, the null dashed. Raises: ``MissingExtra``."""
        from ..report.figures import curves_figure

        return curves_figure(self.to_dict())

    def _repr_html_(self) -> str:
        columns = ("layer", "neurons", "dead", "inputs", *(f"s({e})" for e in (0.3, 0.5, 0.7)), "null s(0.5)", "area")
        head = "".join(f"<th>{column}</th>" for column in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in _cells(layer)) + "</tr>" for layer in self.layers
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(layer: LayerComparison) -> tuple[str, ...]:
    middle = int(np.abs(np.array(layer.epsilons) - 0.5).argmin())
    return (
        layer.name,
        f"{layer.neurons[0]} + {layer.neurons[1]}",
        f"{layer.dead[0]} + {layer.dead[1]}",
        str(layer.inputs),
        *(f"{layer.at(epsilon):.2f}" for epsilon in (0.3, 0.5, 0.7)),
        f"{layer.null[middle]:.2f}",
        f"{layer.area:.3f}",
    )


def compare(
    acts_a: Mapping[str, Any],
    acts_b: Mapping[str, Any],
    *,
    layers: Sequence[str] | None = None,
    all_pairs: bool = False,
    layout: Layout = "nchw",
    epsilons: Sequence[float] = EPSILONS,
    positions: int = POSITIONS,
    draws: int = 16,
    shuffles: int = 4,
    seed: int = 0,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
    names: tuple[str, str] = ("A", "B"),
    progress: Progress | None = None,
) -> Comparison:
    """Compare two networks layer by layer, by the published protocol, against the permuted-inputs null.

    Parameters: ``acts_a``, ``acts_b``: layer name -> activations, (images, neurons) or 4-D convolutional ones in
    ``layout``, both of the same images in the same order. Layers of the same name are paired, in ``layers``' order if
    given, or every layer of A with every one of B (``all_pairs``). ``positions``: how many inputs (image, position)
    each of ``draws`` draws takes without replacement, the same ones on both sides; fewer inputs than that: one draw of
    all. ``shuffles``: how many seeded shuffles of B's images make the null. ``epsilons``: the grid of the curves.

    Guarantee: the same seed gives the same numbers whatever the order of the layers; each curve is exact at the
    drawn inputs but for radii listed as undecided. Cost: (draws + shuffles) times ``compress`` and ``match_radii``.
    Raises: ``UnknownLayer`` (a name that is missing, or none in common), ``InvalidActivations``, ``InvalidOption``,
    ``InvalidEpsilon``. Warns (``SpanmatchWarning``): epsilons of the grid at which shuffled images match too.
    Source: section 6 of theory.md; Wang et al. 2018, section 5.
    """
    grid = tuple(sorted(as_epsilon(epsilon) for epsilon in epsilons))
    for value, name in ((positions, "positions"), (draws, "draws"), (shuffles, "shuffles")):
        if not isinstance(value, int) or isinstance(value, bool) or value < (0 if name == "shuffles" else 1):
            raise InvalidOption(f"{name}: got {value!r}, need a positive integer" + " or 0" * (name == "shuffles"))
    as_dead_neurons(dead_neurons)
    pairs = layer_pairs(acts_a, acts_b, layers, all_pairs)
    settings = {
        "positions": positions,
        "draws": draws,
        "shuffles": shuffles,
        "layout": layout,
        "dead_neurons": dead_neurons,
        "rank_tol": rank_tol,
        "all_pairs": all_pairs,
    }
    found = []
    for a, b in pairs:
        if progress is not None:
            progress(a if a == b else f"{a} / {b}")
        A = LayerActivations.of(acts_a[a], layout, f"acts_a[{a!r}]")
        B = LayerActivations.of(acts_b[b], layout, f"acts_b[{b!r}]")
        found.append(_compare_layer(a, b, A, B, grid, positions, draws, shuffles, seed, dead_neurons, rank_tol))
    _warn_of_chance(found)
    return Comparison(tuple(found), seed, settings, *names)


def layer_pairs(
    acts_a: Mapping[str, Any], acts_b: Mapping[str, Any], layers: Sequence[str] | None, all_pairs: bool
) -> list[tuple[str, str]]:
    """Which layer of A is compared with which of B. Raises: ``UnknownLayer``."""
    wanted_a = list(acts_a) if layers is None else list(layers)
    wanted_b = list(acts_b) if layers is None else list(layers)
    if layers is None and not all_pairs:
        wanted_a = wanted_b = [name for name in acts_a if name in acts_b]
    for acts, wanted, side in ((acts_a, wanted_a, "acts_a"), (acts_b, wanted_b, "acts_b")):
        missing = [name for name in wanted if name not in acts]
        if missing:
            raise UnknownLayer(f"layers: {missing[0]!r} is not in {side}, which has: {', '.join(acts) or 'nothing'}")
    if not wanted_a or not wanted_b:
        raise UnknownLayer(
            f"layers: the two networks have no layer name in common ({', '.join(acts_a) or 'none'} against "
            f"{', '.join(acts_b) or 'none'}); rename them, or use all_pairs"
        )
    return [(a, b) for a in wanted_a for b in wanted_b] if all_pairs else [(a, a) for a in wanted_a]


def _compare_layer(
    a: str,
    b: str,
    A: LayerActivations,
    B: LayerActivations,
    grid: tuple[float, ...],
    positions: int,
    draws: int,
    shuffles: int,
    seed: int,
    dead_neurons: DeadNeurons,
    rank_tol: float | None,
) -> LayerComparison:
    if (A.images, A.positions) != (B.images, B.positions):
        raise InvalidActivations(
            f"acts_a[{a!r}], acts_b[{b!r}]: got {A.images} images of {A.positions} positions and {B.images} of "
            f"{B.positions}, need the same inputs in the same order on both sides"
        )
    total = A.images * A.positions
    samples = draws_of_inputs(total, positions, draws, generator(seed, "draws", a, b))

    def problem(inputs: npt.NDArray[np.int64], order: npt.NDArray[np.int64] | None = None) -> Compressed:
        X, Y = A.rows(inputs), B.rows(inputs, order)
        return compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol)

    compressed = [problem(inputs) for inputs in samples]
    radii = [one.match_radii() for one in compressed]
    rng = generator(seed, "shuffles", a, b)
    null = [problem(samples[0], rng.permutation(B.images)).match_radii() for _ in range(shuffles)]
    curves, null_curves = _curves(radii, grid), _curves(null, grid)
    return LayerComparison(
        a,
        b,
        (A.neurons, B.neurons),
        (A.dead, B.dead),
        compressed[0].ranks,
        len(samples[0]),
        total,
        len(samples),
        grid,
        tuple(curves.mean(axis=0).tolist()),
        tuple(curves.min(axis=0).tolist()),
        tuple(curves.max(axis=0).tolist()),
        tuple(null_curves.mean(axis=0).tolist()),
        tuple(null_curves.max(axis=0).tolist()),
        float(np.mean([one.area for one in radii])),
        float(np.mean([one.area for one in null])) if null else 0.0,
        _chance_epsilon(null),
        sum(len(one.undecided(epsilon)) for one in radii for epsilon in grid),
    )


def _curves(radii: Sequence[MatchRadii], grid: tuple[float, ...]) -> Array:
    """One similarity curve a row; a row of zeros where there is none."""
    return np.array([one.similarity(np.array(grid)) for one in radii] or [np.zeros(len(grid))])


def _chance_epsilon(null: Sequence[MatchRadii]) -> float:
    live = np.concatenate([_live_radii(one) for one in null]) if null else np.empty(0)
    return float(np.quantile(live, CHANCE_SHARE, method="higher")) if live.size else 1.0


def _live_radii(radii: MatchRadii) -> Array:
    return np.concatenate([np.delete(radii.x, sorted(radii.dead.x)), np.delete(radii.y, sorted(radii.dead.y))])


def _warn_of_chance(layers: Sequence[LayerComparison]) -> None:
    above = [
        f"{layer.name} (from {layer.chance_epsilon:.2f})"
        for layer in layers
        if layer.epsilons and layer.chance_epsilon <= layer.epsilons[-1]
    ]
    if above:
        warnings.warn(
            f"epsilon above the null: with shuffled images at least {CHANCE_SHARE:.0%} of the live neurons match too, "
            f"in {', '.join(above)}; read s there against the null only",
            SpanmatchWarning,
            stacklevel=3,
        )
