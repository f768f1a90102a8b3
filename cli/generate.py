"""``spanmatch generate``: files of activations whose matches are known."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..files.atomic import check_new
from ..theory.errors import InvalidOption
from .console import output, print_json, print_written
from .options import Force, Json, Seed

if TYPE_CHECKING:
    from ..studies.generation import Family


def generate(
    family: Annotated[str | None, typer.Argument(help="Family of planted sets; --list shows them all.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write, .npz or .safetensors; the answer: .json.")] = None,
    seed: Seed = 0,
    seeds: Annotated[
        str | None, typer.Option(metavar="RANGE", help="Several seeds, such as 0-9 or 1,4-6; a file for each.")
    ] = None,
    noise: Annotated[
        float | None, typer.Option(help="Gaussian noise, a share of each neuron's length; what is still proved stays.")
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter; VALUE is JSON.")
    ] = None,
    list_families: Annotated[bool, typer.Option("--list", help="List the families and their parameters.")] = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Write activations whose matches are known: arrays X and Y, and a JSON file with the answer and its reason.

    The family two-point trains networks instead, and writes their hidden layers over time with the final distances
    that theory predicts. The same family, seed and parameters give the same bytes; reading them does not need
    spanmatch. With --seeds the names of the files end in the seed: planted-0.npz, planted-1.npz, ...

    Example: `spanmatch generate blocks --seed 3 --set "private=[4, 0]" --out planted.npz`
    """
    from ..studies import generation

    if list_families:
        _print_families(generation.families(), json)
        return
    if family is None or out is None:
        missing = "FAMILY" if family is None else "--out"
        raise InvalidOption(f"generate: got no {missing}, need a FAMILY and --out FILE; --list shows what there is")
    places = {seed: out}
    if seeds is not None:
        if seed:
            raise InvalidOption("seed, seeds: got both, need one of the two")
        places = {one: generation.seeded(out, one) for one in generation.parse_seeds(seeds)}
    if not force:
        check_new(*(file for place in places.values() for file in generation.planted_files(place)))
    parameters = generation.parse_parameters(assignments or [], family)
    records = []
    for one, place in places.items():
        wanted = generation.with_noise(family, noise, one, parameters)
        planted, written = generation.write_planted(family, place, seed=one, parameters=wanted)
        records.append({"files": written, **planted.to_dict()})
        if not json:
            output().print(f"{escape(repr(planted))}\n{escape(planted.reason)}", highlight=False)
            print_written(*written)
    if json:
        print_json(records[0] if seeds is None else records)


def _print_families(known: tuple[Family, ...], json: bool) -> None:
    if json:
        print_json([asdict(one) for one in known])
        return
    for one in known:
        output().print(f"[bold]{escape(one.name)}[/]: {escape(one.about)}", highlight=False)
        for name, default in one.parameters.items():
            output().print(f"    {escape(f'{name} = {default!r}')}", highlight=False)
