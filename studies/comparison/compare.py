"""The comparison of two networks layer by layer: every pair of layers is drawn once and measured in several ways."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from itertools import chain
from os import PathLike
from string import ascii_uppercase
from typing import Any, Literal, TypedDict, TypeVar, Unpack, overload

from numpy.typing import ArrayLike

from ...files.environment import require
from ...theory.errors import InvalidOption, SpanmatchError, SpanmatchWarning, shown
from ...theory.validation import DeadNeurons
from ...theory.validation.options import Steps, Tell, as_count, as_flag, as_list, as_progress
from ..kept import Kept
from ..workers import Piece, carried_out, sparing
from .layers import paired_layers
from .measures.images import LayerImages, matched_images
from .measures.minimal import LayerMinimal, minimal_matches
from .measures.units import LayerUnits, UnitViews, unit_views
from .population import Population, in_pairs
from .protocol import EPSILONS, POSITIONS, SHUFFLES, Protocol
from .records import COMPARISON_FILES, from_plain, pair_name
from .results import SCHEMA, Comparison, LayerComparison
from .samples import AskedPair
from .similarity import concluded, similarity_curves
from .unread import UnreadPair
from .verdict import THRESHOLDS

MEASURES: dict[str, Callable[[Any], Any]] = {
    "similarity": similarity_curves,
    "minimal": minimal_matches,
    "units": unit_views,
    "images": matched_images,
}
"""What can be asked of a pair of layers, and the function that answers with a record, or several."""

RECORDS = {
    "similarity": LayerComparison,
    "minimal": tuple[LayerMinimal, ...],
    "units": LayerUnits,
    "images": LayerImages,
}
"""The kinds of these records, by which they are read back from a file."""

Measured = tuple[dict[str, Any], tuple[str, ...]]
Outcome = Measured | SpanmatchError


Activations = Mapping[str, ArrayLike]
Baselines = Comparison | Sequence[Comparison | tuple[Activations, Activations]]


class Keywords(TypedDict, total=False):
    """The keywords of ``compare``, for the signatures that say what it returns."""

    layers: str | Sequence[str] | None
    all_pairs: bool
    layout: str | Sequence[str] | None
    pool: bool
    epsilons: Sequence[float]
    positions: int
    draws: int
    shuffles: int
    bootstrap: int
    seed: int
    dead_neurons: DeadNeurons
    rank_tol: float | None
    minimal: bool | Mapping[str, Any]
    units: bool | Mapping[str, Any]
    images: bool | Mapping[str, Any]
    baseline: Baselines
    names: Sequence[str] | None
    workers: int
    keep_going: bool
    out: str | PathLike[str] | Kept | None
    overwrite: bool
    progress: Tell | None




@overload
def compare(
    acts_a: Activations, acts_b: Activations, *, training: Literal[False] = ..., **options: Unpack[Keywords]
) -> Comparison: ...
@overload
def compare(
    acts_a: Activations, acts_b: Activations, *, training: Literal[True], **options: Unpack[Keywords]
) -> Population: ...
@overload
def compare(
    acts_a: Activations,
    acts_b: Activations,
    acts_c: Activations,
    /,
    *more: Activations,
    training: bool = ...,
    **options: Unpack[Keywords],
) -> Population: ...
def compare(
    acts_a: Activations,
    acts_b: Activations,
    *more: Activations,
    layers: str | Sequence[str] | None = None,
    all_pairs: bool = False,
    layout: str | Sequence[str] | None = None,
    pool: bool = False,
    epsilons: Sequence[float] = EPSILONS,
    positions: int = POSITIONS,
    draws: int = 16,
    shuffles: int = SHUFFLES,
    bootstrap: int = 0,
    seed: int = 0,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
    minimal: bool | Mapping[str, Any] = False,
    units: bool | Mapping[str, Any] = False,
    images: bool | Mapping[str, Any] = False,
    baseline: Baselines = (),
    names: Sequence[str] | None = None,
    training: bool = False,
    workers: int = 1,
    keep_going: bool = False,
    out: str | PathLike[str] | Kept | None = None,
    overwrite: bool = False,
    progress: Tell | None = None,
) -> Comparison | Population:
    """Compare two networks or more layer by layer, by the published protocol, against the permuted-inputs null.

    Parameters
    ----------
    acts_a, acts_b : mapping of str to array-like
        Layer name -> a ``Layer``, or a bare array, both of the same images in the same order. Of a file of activations
        (``files.activations.load_activations``) only the layers wanted are read, each when its turn comes. Layers that
        Dask holds are taken in block by block, all inputs as one draw, on the cluster that this process is a client of.
    *more : mapping of str to array-like
        The same of further networks: then every two of them are compared.
    layers : str or sequence of str, optional
        The names wanted, or glob patterns, in the order wanted.
    all_pairs : bool, default False
        False: layers of the same name are paired. True: every layer of A with every one of B; pairs with different
        numbers of positions are left out, and named in ``notes``.
    layout : str or sequence of str, optional
        The axes of bare arrays: "nchw" is for those of four dimensions, ["nchw", "ntc"] for those of three, too (see
        ``Layer``). Bare arrays of two dimensions are (images, neurons); others need a layout.
    pool : bool, default False
        Average layers of unequal resolution to the smaller of the two, and convolutional ones that meet layers without
        positions over all of them; said in the layer's ``notes``. False: such layers are not compared.
    epsilons : sequence of float
        The grid of the curves, by default 0.05, 0.1, ..., 0.95.
    positions : int, default 10 000
        How many inputs (image, position) each draw takes without replacement, the same ones on both sides.
    draws : int, default 16
        How many draws there are; one of all inputs if there are no more than ``positions``.
    shuffles : int, default 199
        How many seeded shuffles of B's images make the null. The smallest p-value is 1 / (shuffles + 1), and Holm's
        correction multiplies it by the number of layers.
    bootstrap : int, default 0
        How many seeded subsamples of the first draw's images (a fifth is left out of each, on both sides) make a 95 %
        interval of the curve that infinitely many images would give; none with fewer than two images for each live
        neuron.
    seed : int, default 0
        Of all random numbers.
    dead_neurons, rank_tol
        See ``spanmatch.compress``.
    minimal : bool or mapping, default False
        Also one minimal match for every neuron of the maximum match, in the first draw. A mapping of options:
        "epsilons", "timeout", "orders" (random ones, for the sizes of simple matches) and "layers" (see
        ``MinimalOptions``).
    units : bool or mapping, default False
        Also what Convergent Learning sees, unit by unit, in the first draw. A mapping of options: "epsilon", "blocks",
        "penalties", "folds" and "layers" (see ``UnitOptions``).
    images : bool or mapping, default False
        Also the images on which each neuron is matched best and worst. A mapping of options: "count" (how many),
        "shown" ("probes" where the images are the shipped ones) and "layers" (see ``ImageOptions``).
    baseline : Comparison or sequence of them or of pairs of mappings, optional
        Pairs of untrained networks of the same architectures, as activations on the same images or already compared:
        what the architecture and the data give by themselves. Two at least, better ten. Activations are compared in
        one draw, with at most 19 shuffles.
    names : sequence of str, optional
        Of the networks, for tables and pictures; by default A, B, C, ...
    training : bool, default False
        Whether the networks are checkpoints of one training, in order: each is compared with the last one and with the
        next one.
    workers : int, default 1
        Processes that share the layers. Each has one thread of linear algebra, which is the better choice for layers of
        up to a few hundred neurons, and on a machine that does other things too.
    keep_going : bool, default False
        Whether layers that cannot be read or measured are left out, and named in ``failed``, where others can.
    out : str or path, optional
        A folder for all that is found: each pair of layers when it is done, in ``layers/``, and at the end what
        ``Comparison.save`` writes. The same call goes on where it was interrupted.
    overwrite : bool, default False
        Whether results of another run in this folder are replaced; otherwise they are an error.
    progress : callable, optional
        Called with one line of text as the work proceeds.

    Returns
    -------
    Comparison or Population
        A ``LayerComparison`` for each pair of layers; of more than two networks, or of checkpoints, a ``Population``,
        which holds a comparison of every two.

    Raises
    ------
    UnknownLayer
        For a name that is missing, or none in common.
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.
    MissingExtra
        If ``units`` are wanted and scikit-learn is not installed.

    Warns
    -----
    SpanmatchWarning
        For epsilons of the grid at which shuffled images match too; and of what the measures warn, once per layer.

    Notes
    -----
    Guarantee: the same seed gives the same numbers for a layer whatever the order of the layers and whichever others
    are compared; each curve is exact at the drawn inputs but for radii listed as undecided. ``seed`` and ``settings``
    of the result give the same numbers again.

    Cost: (draws + bootstrap) times ``compress`` and ``match_radii``; a product and a ``match_radii`` for each shuffle;
    the sparse predictions of ``units``, where wanted, take most of the time.

    References
    ----------
    docs/theory/protocol.md; Wang et al. 2018, section 5.

    Examples
    --------
    >>> import spanmatch
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii(blocks=[(0.2, 2, 2, 2)], private=(1, 1))
    >>> found = spanmatch.compare({"fc": planted.X}, {"fc": planted.Y}, epsilons=[0.1, 0.3])
    >>> [round(s, 3) for s in found["fc"].similarity]
    [0.0, 0.667]
    """
    named, training = network_names(names, 2 + len(more)), as_flag(training, "training")
    several = training or bool(more)
    if several and as_flag(all_pairs, "all_pairs"):
        raise InvalidOption("all_pairs: got True for several networks or checkpoints, need two networks")
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
        minimal=minimal,
        units=units,
        images=images,
    )
    untrained = _pairs(baseline)
    all_pairs, pool, progress = as_flag(all_pairs, "all_pairs"), as_flag(pool, "pool"), as_progress(progress)
    keep_going, overwrite = as_flag(keep_going, "keep_going"), as_flag(overwrite, "overwrite")
    workers = as_count(workers, "workers", 1)
    run = run_in(out, protocol, {"all_pairs": all_pairs, "pool": pool}, named, overwrite)
    if several:
        options: Keywords = {
            "layers": layers, "layout": layout, "pool": pool, "epsilons": epsilons, "positions": positions,
            "draws": draws, "shuffles": shuffles, "bootstrap": bootstrap, "seed": seed,
            "dead_neurons": dead_neurons, "rank_tol": rank_tol, "minimal": minimal, "units": units,
            "images": images, "baseline": baseline, "workers": workers, "keep_going": keep_going,
        }  # fmt: skip
        found_in_pairs = in_pairs(
            partial(compare, **options, out=run),
            (acts_a, acts_b, *more),
            named,
            training=training,
            progress=as_progress(progress),
        )
        return saved(found_in_pairs, run, out, overwrite)
    notes: list[str] = []
    failed: dict[str, SpanmatchError] = {}
    found: dict[str, list[Any]] = {name: [] for name in MEASURES}

    def measured(both: Any, protocol: Protocol, notes: list[str], **handled: Any) -> Iterator[tuple[str, Outcome]]:
        a, b = both
        pairs = paired_layers(a, b, protocol, layers=layers, all_pairs=all_pairs, pool=pool, notes=notes)
        work = partial(kept_or_measured, **handled)
        return zip((pair.name for pair in pairs), _measured(pairs, work, workers, progress), strict=True)

    for name, outcome in measured((acts_a, acts_b), protocol, notes, run=run, keep_going=keep_going):
        if isinstance(outcome, SpanmatchError):
            failed[name] = outcome
            notes.append(f"left out: {name}, which failed: {outcome}")
            continue
        records, advice = outcome
        for measure_name, record in records.items():
            found[measure_name].append(record)
        for note in advice:
            warnings.warn(note, SpanmatchWarning, stacklevel=2)
    if failed and not found["similarity"]:
        raise next(iter(failed.values()))
    warn_of_chance(found["similarity"])
    cheap = protocol.of_baseline()
    bases = [
        pair
        if isinstance(pair, Comparison)
        else [
            outcome[0]["similarity"]
            for _, outcome in measured(pair, cheap, [], run=None, keep_going=False)
            if not isinstance(outcome, SpanmatchError)  # an error is raised there
        ]
        for pair in untrained
    ]
    comparison = Comparison(
        concluded(found["similarity"], bases),
        named[0],
        named[1],
        tuple(notes),
        protocol.seed,
        {**protocol.to_dict(), "all_pairs": all_pairs, "pool": pool},
        minimal=tuple(chain.from_iterable(found["minimal"])),
        units=UnitViews.under(protocol, found["units"], (named[0], named[1]), notes) if protocol.units else None,
        images=tuple(found["images"]),
        failed={name: str(error) for name, error in failed.items()},
    )
    return saved(comparison, run, out, overwrite)


Found = TypeVar("Found", Comparison, Population)


def run_in(
    out: Any, protocol: Protocol, settings: Mapping[str, Any], names: Sequence[str], overwrite: bool
) -> Kept | None:
    """Where the results are kept. Raises: ``InvalidFile`` when something else is there."""
    if out is None or isinstance(out, Kept):
        return out
    if not isinstance(out, str | PathLike) or not str(out):
        raise InvalidOption(f"out: got {shown(out)} ({type(out).__name__}), need the name of a folder")
    require("plot", ("matplotlib",), "compare(out=...)")
    told = {"schema": SCHEMA, "seed": protocol.seed, "networks": names}
    told["settings"] = {**protocol.to_dict(), **settings, "verdict": THRESHOLDS.to_dict()}
    return Kept.begin(out, COMPARISON_FILES, told, overwrite=overwrite)


def saved(found: Found, run: Kept | None, out: Any, overwrite: bool) -> Found:
    """What was found, written into the folder of its own run; a pair of several networks is part of theirs."""
    if run is not None and run is not out:
        run.finish(found.to_dict(), contains, overwrite=overwrite)
        found.save(run.folder)
    return found


def contains(new: Any, old: Any) -> bool:
    """Whether all that was measured for an earlier result is in this one, from the same activations.

    What is concluded from all layers together (Holm) may change when layers come on top.
    """
    if set(old) != set(new):
        return False
    if "comparisons" in old:
        pairs = zip(new["comparisons"], old["comparisons"], strict=False)
        return len(new["comparisons"]) == len(old["comparisons"]) and all(contains(*pair) for pair in pairs)
    mine = {layer["name"]: layer for layer in new["layers"]}
    return all(
        layer["name"] in mine
        and all(layer[key] == mine[layer["name"]][key] for key in ("digests", "radii", "similarity", "null"))
        and (layer["baseline"] is None or mine[layer["name"]]["baseline"] is not None)
        for layer in old["layers"]
    )


def _measured(
    pairs: Sequence[UnreadPair], work: Callable[..., Outcome], workers: int, progress: Tell | None
) -> Iterator[Outcome]:
    """``work`` on every pair: one after the other, each read when its turn comes, or on several processes. The blocks
    of lazy pairs are for Dask to share out, so these come one after the other; and so does a pair by itself, which may
    share out its own work."""
    tell = progress or (lambda _: None)

    def told(pair: UnreadPair, _: str, done: int, total: int) -> None:
        tell(f"{pair.name}: {done} of {total} blocks")

    if workers == 1 or len(pairs) == 1 or any(pair.lazy for pair in pairs):
        for pair in pairs:
            tell(pair.name)
            with sparing(1 if pair.lazy else workers):
                outcome = work(pair, progress=partial(told, pair))
            yield outcome
        return
    pieces = [Piece(pair.name, partial(work, pair)) for pair in pairs]
    yield from carried_out(
        pieces, workers=workers, progress=lambda name, done, total: tell(f"{done} of {total} layers: {name}")
    )


def _pairs(baseline: Any) -> list[Any]:
    needed = "a Comparison, or a sequence of comparisons or of pairs of mappings of layer names to activations"
    if isinstance(baseline, Comparison):
        return [baseline]
    pairs = as_list(baseline, "baseline", needed)
    for pair in pairs:
        both = isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(one, Mapping) for one in pair)
        if not both and not isinstance(pair, Comparison):
            raise InvalidOption(f"baseline: got {shown(pair)} among them, need {needed}")
    return pairs


def network_names(names: Any, count: int) -> list[str]:
    if names is None:
        letters = ascii_uppercase
        return [letters[k] if k < len(letters) else f"network {k + 1}" for k in range(count)]
    needed = f"{count} names, one for each network"
    listed = as_list(names, "names", needed)
    if len(listed) != count or not all(isinstance(name, str) for name in listed):
        raise InvalidOption(f"names: got {shown(names)}, need {needed}")
    return listed


def kept_or_measured(
    unread: UnreadPair, *, run: Kept | None, keep_going: bool, progress: Steps | None = None
) -> Outcome:
    """``kept``; the error in its place if that is wanted. ``progress``: told of the blocks of a lazy pair."""
    try:
        pair = unread.taken(progress)
        return kept(pair, (unread.A.said, unread.B.said), run)
    except SpanmatchError as error:
        if not keep_going:
            raise
        return error


def kept(pair: AskedPair, said: tuple[str, str], run: Kept | None) -> Measured:
    """``measure``, or what is kept of it from before the run was interrupted; ``said``: the layers in messages.

    What is kept is always read back, so that the first run and one that goes on say the same to the last digit.
    """
    if run is None:
        return measure(pair, said)
    follows_from = {
        "schema": SCHEMA,
        "seed": pair.protocol.seed,
        "settings": pair.protocol.to_dict(),
        "measures": pair.measures,
        "layers": said,
        "inputs": [pair.images, pair.positions],
        "computed in": pair.computed_in,
        "notes": pair.notes,
        "digests": pair.digests,
    }
    found = run.piece(pair_name(pair.a, pair.b), follows_from, lambda: _plain(measure(pair, said)))
    records = {name: from_plain(RECORDS[name], found[name], name) for name in pair.measures}
    return records, tuple(found["advice"])


def _plain(measured: Measured) -> dict[str, Any]:
    records, advice = measured
    as_lists = {name: record if isinstance(record, list) else [record] for name, record in records.items()}
    plain = {name: [asdict(one) for one in some] for name, some in as_lists.items()}
    return {**{name: some if name == "minimal" else some[0] for name, some in plain.items()}, "advice": advice}


def measure(pair: AskedPair, said: tuple[str, str] = ("X", "Y")) -> Measured:
    """The records of the measures that are wanted of a pair, and what spanmatch advised on the way, which is among the
    notes of the similarity too; ``said``: the layers in messages."""
    with _advice(dict(zip("XY", said, strict=True))) as advice:
        records = {name: MEASURES[name](pair) for name in pair.measures}
    layer = records["similarity"]
    return records | {"similarity": replace(layer, notes=(*advice, *pair.notes, *layer.notes))}, tuple(advice)


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
            side, colon, rest = message.partition(":")
            kinds.setdefault(re.sub(r"\d\S*", "#", message), f"{arguments.get(side, side)}{colon}{rest}")
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    notes += kinds.values()


def warn_of_chance(layers: Sequence[LayerComparison]) -> None:
    above = [
        f"{layer.name} (from {layer.chance_epsilon:.2f})"
        for layer in layers
        if layer.chance_epsilon <= layer.epsilons[-1]
    ]
    if above:
        warnings.warn(
            f"similarity is near chance: with shuffled images too at least {THRESHOLDS.chance_share:.0%} of the live "
            f"neurons match, in {', '.join(above)}; read s there against the null only",
            SpanmatchWarning,
            stacklevel=3,
        )
