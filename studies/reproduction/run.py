"""The published experiments: similarity of layers by epsilon, sizes of simple matches, and what training changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import combinations
from os import PathLike
from typing import Any

import torch
from rich.console import Console

from ...files.atomic import atomic_writes, to_json
from ...files.environment import versions
from ...networks.published import PUBLISHED
from ...report.reproduction import print_reproduction, tables
from ...theory.errors import without_advice
from ...theory.validation.options import Steps, as_flag
from ..comparison.compare import compare
from ..comparison.population import Population
from ..comparison.results import Comparison
from ..comparison.similarity import concluded
from ..kept import Kept
from ..workers import Piece, carried_out
from . import REPRODUCTION_FILES
from .experiment import NETWORK_SEEDS, PUBLISHED_EPSILONS, SIZES_AT, Experiment
from .networks import THROUGH_TRAINING, Network, activations, trained

FORMAT = 1
SEED_PAIRS = tuple(combinations(NETWORK_SEEDS, 2))


@dataclass(frozen=True)
class Measurement:
    """One layer of two networks, compared by the ``whole`` protocol or quickly."""

    a: Network
    b: Network
    layer: str
    whole: bool


@dataclass(frozen=True)
class Reproduction:
    """What a run found.

    ``networks``: a record of each; ``populations``: architecture -> its three pairs; ``training``: a record for each
    layer after each kept epoch: its similarities to the other seed's and to its own at the end.
    """

    experiment: Experiment
    networks: tuple[dict[str, Any], ...]
    populations: dict[str, Population]
    training: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "schema": FORMAT,
            "experiment": self.experiment.to_dict(),
            "versions": versions(),
            "epsilons": list(PUBLISHED_EPSILONS),
            "networks": list(self.networks),
            "architectures": {name: found.to_dict() for name, found in self.populations.items()},
            "training": list(self.training),
        }

    def print(self, console: Console) -> None:
        """Tables for a person."""
        print_reproduction(self.to_dict(), console)


def reproduce(
    experiment: Experiment,
    out: str | PathLike[str],
    *,
    device: str | None = None,
    workers: int | None = None,
    overwrite: bool = False,
    progress: Steps | None = None,
) -> Reproduction:
    """Train three networks of each architecture, compare them, and write ``REPRODUCTION_FILES`` into ``out``.

    What is done is kept in ``out``, so that the same call goes on after an interruption. ``device``: where networks
    run, by default a GPU if torch finds one; ``workers``: processes, by default one for each core, or one with a GPU.

    *Raises* ``MissingData`` and ``InvalidFile`` from the data; ``InvalidFile`` where ``out`` has another run's results.
    """
    from ...report.figures.reproduction import similarity_figure, sizes_figure, training_figure

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if workers is None and device != "cpu":
        workers = 1
    told = {"schema": FORMAT, "experiment": experiment.to_dict()}
    run = Kept.begin(out, REPRODUCTION_FILES, told, overwrite=as_flag(overwrite, "overwrite"))
    experiment.data()
    networks = carried_out(
        [
            Piece(f"training {name}-{seed}", partial(trained, experiment, name, seed, run.place, device))
            for name in PUBLISHED
            for seed in NETWORK_SEEDS
        ],
        workers=workers,
        progress=progress,
    )
    pairs = [pair for name in PUBLISHED for pair in (*_final(experiment, name), *_through_training(experiment, name))]
    pieces = [Piece(f"{pair.a.name} {pair.layer}", partial(_kept, experiment, run, device, pair)) for pair in pairs]
    records = carried_out(pieces, workers=workers, progress=progress)
    found = dict(zip(pairs, map(Comparison.from_dict, records), strict=True))
    result = Reproduction(
        experiment,
        tuple(networks),
        {name: _population(experiment, name, found) for name in PUBLISHED},
        tuple(_record(pair, one) for pair, one in found.items() if not pair.whole),
    )
    record = result.to_dict()
    run.finish(record, lambda new, old: bool(new["architectures"] == old["architectures"]), overwrite=overwrite)
    with atomic_writes(*(run.folder / name for name in REPRODUCTION_FILES)) as (numbers, curves, sizes, training, text):
        numbers.write_text(to_json(record), encoding="utf-8")
        for path, figure in ((curves, similarity_figure), (sizes, sizes_figure), (training, training_figure)):
            figure(record).savefig(path, format="png", dpi=110)
        text.write_text(tables(record), encoding="utf-8")
    return result


def _final(experiment: Experiment, name: str) -> list[Measurement]:
    """All layers of the trained networks, two at a time."""
    last = experiment.epochs
    return [
        Measurement(Network(name, a, last), Network(name, b, last), layer, whole=True)
        for a, b in SEED_PAIRS
        for layer in experiment.layers(name)
    ]


def _through_training(experiment: Experiment, name: str) -> list[Measurement]:
    """All layers of two seeds at each kept epoch, and of the first of them then and at its end."""
    first, second = THROUGH_TRAINING
    found, layers = [], experiment.layers(name)
    for epoch in experiment.kept_epochs:
        then = Network(name, first, epoch)
        others = {Network(name, second, epoch), Network(name, first, experiment.epochs)} - {then}
        found += [Measurement(then, one, layer, whole=False) for one in sorted(others) for layer in layers]
    return found


def _kept(experiment: Experiment, run: Kept, device: str, pair: Measurement) -> dict[str, Any]:
    """One layer of two networks: by the whole protocol, or by one draw. From its file where it was done before."""
    sampling = {"epsilons": PUBLISHED_EPSILONS, "positions": experiment.positions}
    options: dict[str, Any] = {**sampling, "draws": 1, "shuffles": 0}
    if pair.whole:
        minimal = {"epsilons": SIZES_AT, "orders": experiment.orders, "timeout": experiment.timeout}
        options |= {"draws": experiment.draws, "shuffles": experiment.shuffles, "minimal": minimal}

    def measured() -> dict[str, Any]:
        both = [activations(experiment, run.place, one, pair.layer, device) for one in (pair.a, pair.b)]
        with without_advice():
            found: Comparison = compare(*both, **options, names=[pair.a.name, pair.b.name])
        return found.to_dict()

    name = f"{pair.a.name}.{pair.a.epoch}-{pair.b.name}.{pair.b.epoch}-{pair.layer}"
    follows_from = {"experiment": experiment.to_dict(), **asdict(pair), "options": options}
    return dict(run.piece(name, follows_from, measured))


def _population(experiment: Experiment, name: str, found: Mapping[Measurement, Comparison]) -> Population:
    final = _final(experiment, name)
    joined = [_joined([found[pair] for pair in final if (pair.a.seed, pair.b.seed) == seeds]) for seeds in SEED_PAIRS]
    return Population(tuple(f"{name}-{seed}" for seed in NETWORK_SEEDS), tuple(joined), SEED_PAIRS)


def _joined(parts: list[Comparison]) -> Comparison:
    """Comparisons of one layer each as one of all layers."""
    return replace(
        parts[0],
        layers=concluded([layer for part in parts for layer in part]),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        minimal=tuple(one for part in parts for one in part.minimal),
    )


def _record(pair: Measurement, found: Comparison) -> dict[str, Any]:
    return {
        "architecture": pair.a.architecture,
        "layer": pair.layer,
        "epoch": pair.a.epoch,
        "with": "own end" if pair.a.seed == pair.b.seed else "other seed",
        "similarity": list(found.layers[0].similarity),
    }
