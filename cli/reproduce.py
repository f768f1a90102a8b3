"""``spanmatch reproduce``: the published experiments by one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..files.environment import require
from .console import output, print_json, print_written, steps
from .options import Force, Json, Workers


def reproduce(
    out: Annotated[Path, typer.Option(help="Folder for networks, what is done so far, and the results.")],
    dataset: Annotated[
        Literal["fashion-mnist", "cifar10"], typer.Option(help="Images to train on and to compare on.")
    ] = "fashion-mnist",
    data: Annotated[
        Path | None, typer.Option(help="Folder of the data: IDX files of Fashion-MNIST, or CIFAR-10's binary version.")
    ] = None,
    scale: Annotated[
        Literal["small", "full"],
        typer.Option(help="small: an eighth of the published widths; full: VGG-16 and ResNet-18 as published."),
    ] = "small",
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the images; default: the recipe's.")] = None,
    examples: Annotated[int | None, typer.Option(min=1, help="Use only the first N training images.")] = None,
    images: Annotated[int | None, typer.Option(min=2, help="Compare on only the first N test images.")] = None,
    timeout: Annotated[
        float, typer.Option(help="Seconds in which simple matches of one layer are looked for at one epsilon.")
    ] = 20.0,
    device: Annotated[
        str | None, typer.Option(help="Where networks run, such as cuda or cpu; default: a GPU if there is one.")
    ] = None,
    workers: Workers = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Repeat the published experiments: train networks, compare their layers, draw the figures.

    Three networks each of VGG-16 and ResNet-18 are trained by the published recipe in kind, and compared on all test
    images: similarity by layer and epsilon, sizes of simple matches, and similarity through training. An interrupted
    run goes on when the command is repeated. At scale small this takes about an hour on two cores; full needs a GPU.

    Example: `spanmatch reproduce --scale small --out reproduction`
    """
    require("verify", ("torch", "safetensors", "matplotlib"), "spanmatch reproduce")
    from ..studies.reproduction import REPRODUCTION_FILES
    from ..studies.reproduction.experiment import RECIPE, Experiment
    from ..studies.reproduction.run import reproduce as run

    folder = None if data is None else str(data)
    experiment = Experiment(dataset, scale, folder, epochs or RECIPE.epochs, examples, images, timeout=timeout)
    with steps() as tell:
        found = run(experiment, out, device=device, workers=workers, overwrite=force, progress=tell)
    if json:
        print_json(found.to_dict())
        return
    found.print(output())
    print_written(*(out / name for name in REPRODUCTION_FILES))
