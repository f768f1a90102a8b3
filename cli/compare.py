"""``spanmatch compare``: two networks or more, layer by layer."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from ..files.atomic import check_new, check_output_file
from ..files.environment import require
from ..theory.errors import InvalidOption
from .console import output, progress
from .messages import FAILED, as_typed, complain, typed_names
from .options import DeadNeurons, Epsilons, Force, Json, Layers, Layout, Seed, Workers, parse_epsilons

OF_ACTIVATIONS = ("layout", "positions", "draws", "units", "images", "training", "workers", "scheduler", "group")
"""Options that have no effect on models that run."""


def compare(
    context: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A", help="File of activations, FILE::GROUP, network, or checkpoint.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The same for the other network.")],
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[C]...", help="More networks: all pairs are compared.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", help="Batches for models of your own: file.py:NAME of a data loader.")
    ] = None,
    layers: Layers = None,
    all_pairs: Annotated[bool, typer.Option("--all-pairs", help="Every layer of A against every layer of B.")] = False,
    training: Annotated[
        bool, typer.Option("--training", help="They are checkpoints of one training: each with the last and the next.")
    ] = False,
    epsilons: Epsilons = None,
    layout: Layout = None,
    pool: Annotated[bool, typer.Option("--pool", help="Average layers to the smaller resolution of the two.")] = False,
    positions: Annotated[int, typer.Option(min=1, help="Inputs in each draw.")] = 10_000,
    draws: Annotated[int, typer.Option(min=1, help="Number of draws to average over.")] = 16,
    shuffles: Annotated[int, typer.Option(min=0, help="Number of shuffles for the null and its p-value.")] = 199,
    bootstrap: Annotated[int, typer.Option(min=0, help="Subsamples of the images that make a 95 % interval.")] = 0,
    baseline: Annotated[
        int, typer.Option(min=0, help="Pairs of untrained networks to compare with; 10 or so. Networks only.")
    ] = 0,
    simple: Annotated[
        bool, typer.Option("--simple", help="Also find a minimal match for every neuron, at epsilon 0.3 and 0.5.")
    ] = False,
    units: Annotated[
        bool, typer.Option("--units", help="Also compare single units: matching, sparse prediction, blocks.")
    ] = False,
    images: Annotated[
        bool, typer.Option("--images", help="Also name the images on which each neuron is matched best and worst.")
    ] = False,
    seed: Seed = 0,
    workers: Workers = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Take in all inputs of Zarr files block by block, on the Dask cluster of this scheduler "
            "(tcp://HOST:PORT), or with `local` on --workers processes of this machine.",
        ),
    ] = None,
    dead_neurons: DeadNeurons = "match",
    group: Annotated[str | None, typer.Option(help="Group of HDF5 files to read; FILE::GROUP for one file.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="CSV file to write, one row per layer and epsilon.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for comparison.json, similarity.png, report.html and what is done so far."),
    ] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Compare two networks or more layer by layer, with shuffled images as the null.

    A and B are files with one array per layer (.npz, .safetensors, .h5, .zarr, or a folder of .npy files; the same
    images in the same order),
    names of shipped networks (vgg-0, resnet-1, vgg-random-labels, vgg-untrained, ...), or checkpoints
    written by `spanmatch train`. Networks run on the 1 000 shipped images.

    With `--data file.py:loader` they are torch models of yours, `file.py:model` or `module:model`, or networks as
    above; all of them run on the same batches and are compared while they run. These files are run, and no other code.

    More than two networks are compared in pairs: mean and spread of each layer, network against network, and the
    neurons that match in every pair. With `--training` they are checkpoints of one training, in order.

    With `--scheduler` layers of Zarr files may be larger than the memory of any machine: all inputs are compared, as
    one draw, and a worker that dies costs its blocks, not the run.

    With `--out` each layer's result is kept when it is done, and the same command goes on where it was interrupted.
    Arrays that hold no numbers are left out and named. A layer that cannot be measured is named, and the others stay;
    exits with 1 then.

    Example: `spanmatch compare vgg-0 vgg-1 --layers "conv*" --out my-report`, or
    `spanmatch compare mine.py:net_a mine.py:net_b --data mine.py:loader`
    """
    if out is not None:
        require("plot", ("matplotlib",), "spanmatch compare --out")
    if units:
        require("convergent", ("sklearn",), "spanmatch compare --units")
    with progress() as tell:
        from ..studies.baseline import untrained_pairs
        from ..studies.comparison.blocks.cluster import on_cluster
        from ..studies.comparison.compare import compare as run
        from ..studies.comparison.protocol import EPSILONS
        from ..studies.sources import activations_of, network_in
        from ..studies.workers import cores

        if csv is not None and not force:
            check_new(csv)
        sources = (a, b, *(more or ()))
        options: dict[str, Any] = {
            "layers": layers,
            "all_pairs": all_pairs,
            "pool": pool,
            "epsilons": EPSILONS if epsilons is None else parse_epsilons(epsilons),
            "seed": seed,
            "dead_neurons": dead_neurons,
            "progress": tell,
        }
        results: dict[str, Any] = {
            "shuffles": shuffles, "bootstrap": bootstrap, "minimal": simple, "names": sources, "out": out,
            "overwrite": force,
        }  # fmt: skip
        if data is not None:
            _refuse_without_effect(context)
            require("networks", ("torch", "safetensors"), "spanmatch compare --data")
            from ..studies.models.compare import compare_models
            from ..studies.models.places import models_and_batches

            models, batches = models_and_batches(sources, data)
            if csv is not None:
                check_output_file(csv)
            found = compare_models(models, batches, baseline=baseline, **options, **results)
        else:
            lazy, count = scheduler is not None, cores() if workers is None else workers
            both = [activations_of(source, group=group, lazy=lazy, tell=tell) for source in sources]
            # Before the work, but not before it is known that there is any.
            if csv is not None:
                check_output_file(csv)
            options |= {"layout": layout, "positions": positions, "workers": count}
            untrained = untrained_pairs(sources, baseline, options) if baseline else ()
            with nullcontext() if scheduler is None else on_cluster(scheduler, count):
                found = run(
                    *both,
                    **options,
                    **results,
                    draws=draws,
                    units=units,
                    images=images and {"shown": "probes" if all(map(network_in, sources)) else None},
                    baseline=untrained,
                    training=training,
                    keep_going=True,
                )
    if csv is not None:
        found.save_table(csv)
    if json:
        sys.stdout.write(found.to_json())
    else:
        _print(found, several=bool(more) or training)
    for layer, why in found.failed.items():
        complain(f"{layer} failed: {as_typed(why, typed_names(context))}")
    if found.failed:
        raise typer.Exit(FAILED)


def _refuse_without_effect(context: typer.Context) -> None:
    """Options that models which run do not need."""
    sources = {name: context.get_parameter_source(name) for name in OF_ACTIVATIONS}
    flags = [f"--{name}" for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]
    if flags:
        raise InvalidOption(f"data: got {', '.join(flags)} too, which is for activations; leave it out")


def _print(found: Any, *, several: bool) -> None:
    from ..report.terminal import print_comparison, print_population

    (print_population if several else print_comparison)(found.to_dict(), output())
