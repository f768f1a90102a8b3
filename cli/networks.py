"""``spanmatch capture``, ``train`` and ``dynamics``: the commands that run or train networks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..files.activations import check_activations_file, save_activations
from ..files.atomic import check_new, check_output_folder
from ..files.environment import require
from ..report.table import Column, Table
from ..theory.errors import InvalidOption
from .console import output, print_json, print_written, progress
from .options import DataFolder, Force, Json, Layers, Seed

_TRAINED = (
    Column("name", "name", kind="name"),
    Column("seed", "seed"),
    Column("labels", "labels", kind="word"),
    Column("recipe", "recipe", kind="word"),
    Column("examples", "examples"),
    Column("epochs", "epochs"),
    Column("test accuracy", "test_accuracy", ".4f", hint="share of correct answers"),
    Column("train accuracy", "train_accuracy", ".4f"),
    Column("probes", "probes", ".4f", hint="share of correct answers now, on the 1 000 shipped images"),
)


def capture(
    network: Annotated[str, typer.Argument(help="Shipped network, ARCHITECTURE-untrained, or a checkpoint file.")],
    out: Annotated[Path, typer.Option(help="File to write (.npz, .safetensors, .h5, .zarr), or folder of .npy files.")],
    layers: Layers = None,
    images: Annotated[int | None, typer.Option(min=1, help="Use only the first N images.")] = None,
    data: DataFolder = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Write a network's activations, one array per layer, on the shipped images or a folder's test images.

    Captures every ReLU and the logits, unless --layers says otherwise. For other models, use `spanmatch.capture` in
    Python.

    Example: `spanmatch capture vgg-0 --layers "conv*.relu" --images 500 --out vgg-0.npz`
    """
    check_activations_file(out)
    if not force:
        check_new(out)
    with progress() as tell:
        from ..studies.sources import capture_network

        found = capture_network(network, layers=layers, images=images, data=data, tell=tell)
        save_activations(out, found)
    shapes = {name: list(layer.values.shape) for name, layer in found.items()}
    if json:
        print_json({"network": network, "file": out, "layers": shapes})
        return
    rows = [{"layer": name, "shape": " x ".join(map(str, shape))} for name, shape in shapes.items()]
    columns = [Column("layer", "layer", kind="name"), Column("shape", "shape")]
    output().print(Table(f"{network}: {len(found)} layers", columns, rows))
    print_written(out)


def train(
    architecture: Annotated[str | None, typer.Argument(help="Architecture: vgg or resnet.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed for the initial weights and the order of the images.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Checkpoint file to write (.safetensors), or a folder.")] = None,
    labels: Annotated[Literal["true", "random"], typer.Option(help="Labels to train on.")] = "true",
    recipe: Annotated[
        Literal["published", "decayed"] | None,
        typer.Option(help="As published (the default), or with strong weight decay (the default with random labels)."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the images; default: the recipe's.")] = None,
    examples: Annotated[int | None, typer.Option(min=1, help="Training images; default: the recipe's.")] = None,
    data: DataFolder = None,
    table: Annotated[bool, typer.Option("--table", help="List the shipped networks instead of training.")] = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Train a network on Fashion-MNIST by a recipe of the shipped ones, or list those with --table.

    Training takes a quarter of an hour on one core, or a few minutes by the recipe decayed. `--table` also measures the
    accuracy on the 1 000 shipped images.

    Example: `spanmatch train vgg --seed 3 --out vgg-3.safetensors`
    """
    if not table and (architecture is None or out is None):
        missing = "ARCHITECTURE" if architecture is None else "--out"
        raise InvalidOption(f"train: got no {missing}, need an ARCHITECTURE and --out FILE, or --table")
    require("networks", ("torch", "safetensors"), "spanmatch train")
    from ..studies.training import shipped_table, train_to

    if table:
        rows = shipped_table()
    else:
        rows = [
            train_to(
                str(architecture),
                out or Path(),
                seed=seed,
                labels=labels,
                recipe=recipe,
                epochs=epochs,
                examples=examples,
                data=data,
                overwrite=force,
            )
        ]
    if json:
        print_json(rows if table else rows[0])
        return
    output().print(Table("Shipped networks" if table else "Trained", _TRAINED, rows))
    if not table:
        print_written(rows[0]["checkpoint"])


def dynamics(
    grid: Annotated[int, typer.Option(min=2, help="Grid points for each of input and target distance.")] = 5,
    seed: Seed = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder for dynamics.json, .png and .html; created if needed.")
    ] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Compare the effective theory of representation alignment with small networks trained on two points.

    Three architectures at three initial scales, from the rich to the lazy regime: predicted and measured final
    distances, and deliberately wrong equations fitted to the same curves.

    Example: `spanmatch dynamics --grid 3 --out my-report`
    """
    require("networks", ("torch", "safetensors"), "spanmatch dynamics")
    if out is not None:
        require("plot", ("matplotlib",), "spanmatch dynamics --out")
        check_output_folder(out)
        if not force:
            from ..studies.dynamics import DYNAMICS_FILES

            check_new(*(out / name for name in DYNAMICS_FILES))
    with progress() as tell:
        from ..studies.dynamics.run import run_dynamics

        found = run_dynamics(grid=grid, seed=seed, progress=tell)
    written = () if out is None else found.save(out)
    if json:
        print_json(found.to_dict())
        return
    found.print(output())
    print_written(*written)
