"""The comparison of two networks layer by layer: similarity curves, against what shuffled images give."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from ...algorithms.compressed.compressor import Compressed, compress
from ...algorithms.convergent.participation import participation_ratio
from ...algorithms.results import MatchRadii
from ...theory.chance import chance_levels, constant_share
from ...theory.errors import InvalidOption, SpanmatchWarning, shown
from ...theory.matches import Side
from ...theory.tolerances import rank_tolerance
from ...theory.validation import Array, DeadNeurons
from ...theory.validation.options import as_flag, as_list, as_progress
from .layers import paired_layers
from .protocol import EPSILONS, POSITIONS, Protocol
from .results import Comparison, LayerComparison
from .samples import LayerActivations, Layout, draws_of_inputs, generator
from .verdict import THRESHOLDS, against_null

INTERVAL = (0.025, 0.975)

Progress = Callable[[str], None]
Inputs = npt.NDArray[np.int64]


def compare(
    acts_a: Mapping[str, Any],
    acts_b: Mapping[str, Any],
    *,
    layers: str | Sequence[str] | None = None,
    all_pairs: bool = False,
    layout: Layout = "nchw",
    epsilons: Sequence[float] = EPSILONS,
    positions: int = POSITIONS,
    draws: int = 16,
    shuffles: int = 4,
    bootstrap: int = 0,
    seed: int = 0,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
    names: tuple[str, str] = ("A", "B"),
    progress: Progress | None = None,
) -> Comparison:
    """Compare two networks layer by layer, by the published protocol, against the permuted-inputs null.

    Parameters: ``acts_a``, ``acts_b``: layer name -> activations, (images, neurons) or 4-D convolutional ones in
    ``layout``, both of the same images in the same order. Layers of the same name are paired, or every layer of A with
    every one of B (``all_pairs``; pairs with other numbers of positions are left out, and named in ``notes``).
    ``layers``: the names wanted, or glob patterns, in the order wanted. ``positions``: how many inputs (image,
    position) each of ``draws`` draws takes without replacement, the same ones on both sides; if there are no more than
    that: one draw of all. ``shuffles``: how many seeded shuffles of B's images make the null. ``bootstrap``: how many
    seeded resamples of the images (with replacement, on both sides) make a 95 % interval of the curve at the first
    draw's inputs. ``epsilons``: the grid of the curves. ``names``: of the networks, for tables and pictures.

    Guarantee: the same seed gives the same numbers for a layer whatever the order of the layers and whichever others
    are compared; each curve is exact at the drawn inputs but for radii listed as undecided. Cost: (draws +
    shuffles + bootstrap) times ``compress`` and ``match_radii``.
    Raises: ``UnknownLayer`` (a name that is missing, or none in common), ``InvalidActivations``, ``InvalidOption``,
    ``InvalidEpsilon``. Warns (``SpanmatchWarning``): epsilons of the grid at which shuffled images match too, and what
    ``compress`` warns of, once a layer.
    Source: docs/theory/protocol.md; Wang et al. 2018, section 5.
    """
    protocol = Protocol.checked(
        epsilons=epsilons,
        positions=positions,
        draws=draws,
        shuffles=shuffles,
        bootstrap=bootstrap,
        layout=layout,
        seed=seed,
        dead_neurons=dead_neurons,
        rank_tol=rank_tol,
    )
    all_pairs, progress = as_flag(all_pairs, "all_pairs"), as_progress(progress)
    a, b = _two_names(names)
    notes: list[str] = []
    found = []
    # Not in a comprehension, which is a frame of its own: warnings point at whoever called.
    for pair in paired_layers(
        acts_a, acts_b, layers=layers, all_pairs=all_pairs, layout=layout, progress=progress, notes=notes
    ):
        found.append(_compare_layer(*pair, protocol))
    _warn_of_chance(found)
    return Comparison(
        tuple(found), protocol.seed, {**protocol.to_dict(), "all_pairs": all_pairs}, a, b, notes=tuple(notes)
    )


def _two_names(names: Any) -> tuple[str, str]:
    needed = "two names, that of A and that of B"
    listed = as_list(names, "names", needed)
    if len(listed) != 2 or not all(isinstance(name, str) for name in listed):
        raise InvalidOption(f"names: got {shown(names)}, need {needed}")
    return listed[0], listed[1]


def _compare_layer(a: str, b: str, A: LayerActivations, B: LayerActivations, protocol: Protocol) -> LayerComparison:
    total = A.images * A.positions
    samples = draws_of_inputs(total, protocol.positions, protocol.draws, generator(protocol.seed, "draws", a, b))
    tau = protocol.rank_tol
    if tau is None:
        tau = max(rank_tolerance(side.dtype, A.neurons + B.neurons) for side in (A, B))

    def problem(inputs: Inputs, order: Inputs | None = None) -> Compressed:
        return compress(A.rows(inputs), B.rows(inputs, order), dead_neurons=protocol.dead_neurons, rank_tol=tau)

    def resampled(inputs: Inputs, times: Inputs) -> Compressed:
        """An image that was drawn k times counts k times in every sum of squares."""
        weights = times[inputs // A.positions]
        kept = inputs[weights > 0]
        scale = np.sqrt(weights[weights > 0])[:, None]
        X, Y = (side.rows(kept).astype(np.float64) * scale for side in (A, B))
        return compress(X, Y, dead_neurons=protocol.dead_neurons, rank_tol=tau)

    with _advice({"X": f"acts_a[{a!r}]", "Y": f"acts_b[{b!r}]"}) as notes:
        compressed = [problem(inputs) for inputs in samples]
        radii = [one.match_radii() for one in compressed]
        rng = generator(protocol.seed, "shuffles", a, b)
        orders = [rng.permutation(B.images) for _ in range(protocol.shuffles)]
        null = [problem(samples[0], order).match_radii() for order in orders]
        rng = generator(protocol.seed, "bootstrap", a, b)
        even = np.full(A.images, 1 / A.images)
        resamples = [rng.multinomial(A.images, even) for _ in range(protocol.bootstrap)]
        again = [resampled(samples[0], times).match_radii() for times in resamples]
    for note in notes:
        warnings.warn(note, SpanmatchWarning, stacklevel=3)
    if total < protocol.positions:
        notes.append(f"all {total} inputs in one draw: there are fewer than the {protocol.positions} asked for")
    if not null:
        notes.append("no null was drawn (shuffles = 0): nothing says what chance gives")
    curves, null_curves = _curves(radii, protocol.epsilons), _curves(null, protocol.epsilons)
    low, high = np.quantile(_curves(again or radii, protocol.epsilons), INTERVAL, axis=0)
    shares = (constant_share(A.rows(samples[0])), constant_share(B.rows(samples[0])))
    chance = chance_levels(len(samples[0]), compressed[0].ranks, shares)
    lowest, null_highest = curves.min(axis=0).tolist(), null_curves.max(axis=0).tolist()
    area = float(np.mean([one.area for one in radii]))
    null_area = float(np.mean([one.area for one in null])) if null else 0.0
    return LayerComparison(
        layer_a=a,
        layer_b=b,
        neurons=(A.neurons, B.neurons),
        dead=(A.dead, B.dead),
        rank=compressed[0].ranks,
        participation=(_dimensions(A.rows(samples[0])), _dimensions(B.rows(samples[0]))),
        inputs=len(samples[0]),
        available=total,
        draws=len(samples),
        shuffles=len(null),
        epsilons=protocol.epsilons,
        similarity=tuple(curves.mean(axis=0).tolist()),
        lowest=tuple(lowest),
        highest=tuple(curves.max(axis=0).tolist()),
        null=tuple(null_curves.mean(axis=0).tolist()),
        null_highest=tuple(null_highest),
        bootstrap=len(again),
        interval_low=tuple(low.tolist()),
        interval_high=tuple(high.tolist()),
        area=area,
        null_area=null_area,
        **vars(against_null(protocol.epsilons, lowest, null_highest, area, null_area, len(null))),
        chance=chance,
        below_chance=(
            _below_chance(chance[0], [_live(one, "x") for one in radii]),
            _below_chance(chance[1], [_live(one, "y") for one in radii]),
        ),
        chance_epsilon=_chance_epsilon(null),
        undecided=sum(len(one.undecided(epsilon)) for one in radii for epsilon in protocol.epsilons),
        notes=tuple(notes),
    )


def _dimensions(rows: Any) -> float:
    """The participation ratio; 0 for one input, which spans no direction about its mean."""
    return participation_ratio(rows) if len(rows) > 1 else 0.0


def _curves(radii: Sequence[MatchRadii], grid: tuple[float, ...]) -> Array:
    """One similarity curve a row; a row of zeros where there is none."""
    return np.array([one.similarity(np.array(grid)) for one in radii] or [np.zeros(len(grid))])


def _chance_epsilon(null: Sequence[MatchRadii]) -> float:
    live = np.concatenate([_live_radii(one) for one in null]) if null else np.empty(0)
    return float(np.quantile(live, THRESHOLDS.chance_share, method="higher")) if live.size else 1.0


def _live_radii(radii: MatchRadii) -> Array:
    return np.concatenate([_live(radii, "x"), _live(radii, "y")])


def _live(radii: MatchRadii, side: Side) -> Array:
    return np.delete(radii.x if side == "x" else radii.y, sorted(radii.dead.side(side)))


def _below_chance(chance: float, radii: Sequence[Array]) -> float:
    """Chance less radius, averaged over live neurons and draws; 0 where there is no live neuron."""
    found = np.concatenate(radii)
    return float(chance - found.mean()) if found.size else 0.0


@contextmanager
def _advice(arguments: Mapping[str, str]) -> Iterator[list[str]]:
    """What spanmatch warns of inside, as a list that is filled at the end: each kind once, X and Y by their names.

    The same is said of every draw with other digits, which would bury what there is to read.
    """
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SpanmatchWarning)
        yield notes
    kinds: dict[str, str] = {}
    for warning in caught:
        message = str(warning.message)
        if issubclass(warning.category, SpanmatchWarning):
            side, _, rest = message.partition(":")
            kinds.setdefault(re.sub(r"\d\S*", "#", message), f"{arguments.get(side, side)}:{rest}")
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    notes += kinds.values()


def _warn_of_chance(layers: Sequence[LayerComparison]) -> None:
    above = [
        f"{layer.name} (from {layer.chance_epsilon:.2f})"
        for layer in layers
        if layer.chance_epsilon <= layer.epsilons[-1]
    ]
    if above:
        warnings.warn(
            f"epsilon above the null: with shuffled images at least {THRESHOLDS.chance_share:.0%} of the live neurons "
            f"match too, in {', '.join(above)}; read s there against the null only",
            SpanmatchWarning,
            stacklevel=3,
        )
