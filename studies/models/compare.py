"""Torch models, layer by layer, compared while they run: what a comparison needs is kept, activations are not."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from itertools import chain, combinations
from os import PathLike
from typing import Any, get_args

import torch
from torch import nn

from ...algorithms.compressed.compressor import Method
from ...files.atomic import to_json
from ...files.environment import versions
from ...networks.capture.batches import Batches, Call
from ...networks.capture.outputs import Output
from ...theory.errors import InvalidOption, SpanmatchWarning, shown
from ...theory.validation import DeadNeurons
from ...theory.validation.options import Tell, as_flag, as_option, as_progress, is_integer
from ..comparison.compare import kept, network_names, run_in, saved, warn_of_chance
from ..comparison.population import Population
from ..comparison.protocol import EPSILONS, SHUFFLES, Protocol
from ..comparison.results import Comparison
from ..comparison.similarity import concluded
from .networks import Networks, as_models, untrained_sets, weights_hash
from .passing import Pairing, passed
from .progress import StateFile

STATE = "state.npz"
"""The file of an unfinished run, in its folder."""


def compare_models(
    models: Sequence[nn.Module],
    batches: Batches,
    layers: str | Sequence[str] | None = None,
    *,
    baseline: int | Comparison | Sequence[Comparison] = 0,
    call: Call | None = None,
    output: Output = None,
    axes: Mapping[str, str] | None = None,
    device: torch.device | str | None = None,
    all_pairs: bool = False,
    pool: bool = False,
    epsilons: Sequence[float] = EPSILONS,
    shuffles: int = SHUFFLES,
    bootstrap: int = 0,
    seed: int = 0,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
    method: Method = "auto",
    minimal: bool | Mapping[str, Any] = False,
    names: Sequence[str] | None = None,
    out: str | PathLike[str] | None = None,
    overwrite: bool = False,
    progress: Tell | None = None,
) -> Comparison | Population:
    """Compare torch models layer by layer while they run on the same batches.

    Parameters
    ----------
    models : sequence of torch.nn.Module
        Two or more, of any kind that ``capture`` takes; they may be on different devices.
    batches : torch.Tensor or iterable
        As in ``capture``; each batch goes to all models.
    layers : str or sequence of str, optional
        Names or glob patterns as in ``capture``, of every model. By default all modules without modules inside.
    baseline : int or Comparison or sequence of Comparison, default 0
        How many pairs of untrained copies run along, whose weights are drawn anew by ``reset_parameters``; or what
        ``compare_models`` found for untrained models.
    call, output, axes, device
        See ``capture``.
    all_pairs : bool, default False
        False: layers of the same name are paired. True: every layer of one model with every one of the other.
    pool, epsilons, seed, dead_neurons, rank_tol, minimal, names
        See ``compare``.
    shuffles : int, default 199
        How many shuffles of all images of the second model make the null (``Compressor.null``).
    bootstrap : int, default 0
        How many subsamples make the 95 % interval: images are put into 20 groups, and each is without four of them.
    method : {"auto", "gram", "qr"}, default "auto"
        How activations are compressed (see ``Compressor``); "auto" is "gram" for layers that it is good enough for in
        the first batch, and "qr" for others.
    out : str or path, optional
        A folder for the results, as in ``compare``, and for the state of the run until it is done: after an
        interruption the same call goes on, and ends with the same numbers to the last digit.
    overwrite : bool, default False
        Whether results of another run in that folder may be replaced.
    progress : callable, optional
        Called with one line of text as the work proceeds.

    Returns
    -------
    Comparison or Population
        As ``compare`` gives them, of all inputs instead of draws; of more than two models a ``Population``.

    Raises
    ------
    UnknownLayer, InvalidActivations, InvalidEpsilon, InvalidOption, InvalidFile
        As ``capture`` and ``compare`` do. All layers are checked on the first batch.

    Warns
    -----
    SpanmatchWarning
        As ``compare`` does.

    Notes
    -----
    Guarantee: the models see each batch once, in eval mode and without gradients, and are left as they were. The
    numbers follow from the models, the batches and ``seed``.

    Cost: one forward pass of each model, and one pass of each pair of layers through a ``Compressor``. Memory: the
    layers of one batch, and for each pair of layers (neurons of both)^2 numbers a few times, and up to 32 MB of images
    for the shuffles.

    References
    ----------
    docs/models.md.

    Examples
    --------
    >>> import torch
    >>> from spanmatch import compare_models
    >>> make = lambda: torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU())
    >>> model = make()
    >>> images = torch.randn(200, 4, generator=torch.Generator().manual_seed(0))
    >>> compare_models([model, model], images.split(50), "0", shuffles=19)["0"].area
    1.0
    """
    nets = as_models(models)
    named = network_names(names, len(nets))
    protocol = Protocol.checked(
        epsilons=epsilons,
        positions=1,
        draws=1,
        shuffles=shuffles,
        bootstrap=bootstrap,
        layout=None,
        seed=seed,
        dead_neurons=dead_neurons,
        rank_tol=rank_tol,
        minimal=minimal,
        units=False,
    )
    as_option(method, "method", get_args(Method))
    options = {"all_pairs": as_flag(all_pairs, "all_pairs"), "pool": as_flag(pool, "pool")}
    tell, overwrite = as_progress(progress) or (lambda _: None), as_flag(overwrite, "overwrite")
    found_before: list[Any] = [*_comparisons(baseline)]
    untrained = untrained_sets(nets, 0 if found_before else baseline, protocol.seed)
    networks = Networks(
        [*nets, *chain.from_iterable(untrained)],
        layers,
        {"call": call, "output": output, "axes": axes, "device": device},
    )
    of = tuple(combinations(range(len(nets)), 2))
    pairings = [Pairing(a, b, protocol, **options) for a, b in of]
    cheap = protocol.of_baseline()
    for k in range(1, len(untrained) + 1):
        pairings += [Pairing(k * len(nets) + a, k * len(nets) + b, cheap, **options) for a, b in of]
    settings = {**options, "method": method, "positions": None}
    run = run_in(out, protocol, settings, named, overwrite)
    told = [protocol.seed, protocol.to_dict(), settings, named, layers, len(untrained), versions(), weights_hash(nets)]
    follows_from = hashlib.sha256(to_json(told).encode()).hexdigest()
    state = StateFile(run.place / STATE if run else None, follows_from, overwrite=overwrite)
    streams = passed(networks, batches, pairings, method=method, state=state, tell=tell)
    found = []
    for number, (a, b) in enumerate(of):
        records: dict[str, list[Any]] = {"similarity": [], "minimal": []}
        for pair in streams.pairs(number):
            tell(f"{named[a]} against {named[b]}: {pair.a}")
            said = f"models[{a}] {pair.a!r}", f"models[{b}] {pair.b!r}"
            measured, advice = kept(pair, said, run)
            for name, record in measured.items():
                records[name].append(record)
            for note in advice:
                warnings.warn(note, SpanmatchWarning, stacklevel=2)
        warn_of_chance(records["similarity"])
        bases: list[Any] = found_before or [
            [kept(pair, ("X", "Y"), None)[0]["similarity"] for pair in streams.pairs(k)]
            for k in range(number + len(of), len(pairings), len(of))
        ]
        notes = (*networks.notes(a), *networks.notes(b), *streams.notes[number])
        found.append(
            Comparison(
                concluded(records["similarity"], bases),
                named[a],
                named[b],
                tuple(dict.fromkeys(notes)),
                protocol.seed,
                {**protocol.to_dict(), **settings},
                minimal=tuple(chain.from_iterable(records["minimal"])),
            )
        )
    result: Any = found[0] if len(nets) == 2 else Population(tuple(named), tuple(found), of)
    saved(result, run, out, overwrite)
    state.remove()
    return result  # type: ignore[no-any-return]


def _comparisons(baseline: Any) -> list[Comparison]:
    """What is given as found before; none for a number."""
    if is_integer(baseline):
        return []
    listed = [baseline] if isinstance(baseline, Comparison) else baseline
    if isinstance(listed, (list, tuple)) and all(isinstance(one, Comparison) for one in listed):
        return list(listed)
    raise InvalidOption(f"baseline: got {shown(baseline)}, need how many untrained copies there are, or comparisons")
