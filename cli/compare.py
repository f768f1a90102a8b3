"""``spanmatch compare``: two networks or more, layer by layer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..files.atomic import check_new, check_output_file
from ..files.environment import require
from .console import output, progress
from .messages import FAILED, as_typed, complain, typed_names
from .options import DeadNeurons, Epsilons, Force, Json, Layers, Layout, Seed, Workers, parse_epsilons


def compare(
    context: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A", help="File of activations, FILE::GROUP, network, or checkpoint.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The same for the other network.")],
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[C]...", help="More networks: all pairs are compared.")
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
    seed: Seed = 0,
    workers: Workers = None,
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

    More than two networks are compared in pairs: mean and spread of each layer, network against network, and the
    neurons that match in every pair. With `--training` they are checkpoints of one training, in order.

    With `--out` each layer's result is kept when it is done, and the same command goes on where it was interrupted. A
    layer that cannot be read or measured is named, and the others stay; exits with 1 then.

    Example: `spanmatch compare vgg-0 vgg-1 --layers "conv*" --out my-report`
    """
    if out is not None:
        require("plot", ("matplotlib",), "spanmatch compare --out")
    if units:
        require("convergent", ("sklearn",), "spanmatch compare --units")
    with progress() as tell:
        from ..studies.baseline import untrained_pairs
        from ..studies.comparison.compare import compare as run
        from ..studies.comparison.protocol import EPSILONS
        from ..studies.sources import activations_of
        from ..studies.workers import cores

        if csv is not None and not force:
            check_new(csv)
        both = [activations_of(source, group=group, tell=tell) for source in (a, b, *(more or ()))]
        # Before the work, but not before it is known that there is any.
        if csv is not None:
            check_output_file(csv)
        options: dict[str, Any] = {
            "layers": layers,
            "epsilons": EPSILONS if epsilons is None else parse_epsilons(epsilons),
            "layout": layout,
            "pool": pool,
            "positions": positions,
            "seed": seed,
            "dead_neurons": dead_neurons,
            "all_pairs": all_pairs,
            "workers": cores() if workers is None else workers,
            "progress": tell,
        }
        untrained = untrained_pairs((a, b, *(more or ())), baseline, options) if baseline else ()
        found = run(
            *both,
            **options,
            draws=draws,
            shuffles=shuffles,
            bootstrap=bootstrap,
            minimal=simple,
            units=units,
            baseline=untrained,
            names=(a, b, *(more or ())),
            training=training,
            keep_going=True,
            out=out,
            overwrite=force,
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


def _print(found: Any, *, several: bool) -> None:
    from ..report.terminal import print_comparison, print_population

    (print_population if several else print_comparison)(found.to_dict(), output())
