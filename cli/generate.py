"""``spanmatch generate``: files of activations whose matches are known."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ..files.atomic import check_new
from ..theory.errors import InvalidOption
from .console import output, print_json, print_written
from .options import Force, Json, Seed


def generate(
    family: Annotated[str | None, typer.Argument(help="Family of planted sets; --list shows them all.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write, .npz or .safetensors; the answer: .json.")] = None,
    seed: Seed = 0,
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
    spanmatch.

    Example: `spanmatch generate blocks --seed 3 --set "private=[4, 0]" --out planted.npz`
    """
    from ..studies.generation import families, parse_parameters, planted_files, write_planted

    if list_families:
        if json:
            print_json([asdict(one) for one in families()])
            return
        for one in families():
            output().print(f"[bold]{escape(one.name)}[/]: {escape(one.about)}", highlight=False)
            for name, default in one.parameters.items():
                output().print(f"    {escape(f'{name} = {default!r}')}", highlight=False)
        return
    if family is None or out is None:
        missing = "FAMILY" if family is None else "--out"
        raise InvalidOption(f"generate: got no {missing}, need a FAMILY and --out FILE; --list shows what there is")
    if not force:
        check_new(*planted_files(out))
    planted, written = write_planted(family, out, seed=seed, parameters=parse_parameters(assignments or [], family))
    if json:
        print_json({"files": written, **planted.to_dict()})
    else:
        output().print(f"{escape(repr(planted))}\n{escape(planted.reason)}", highlight=False)
        print_written(*written)
