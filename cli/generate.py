"""``spanmatch generate``: activations with a known answer, as files."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ..files.atomic import to_json
from ..theory.errors import InvalidOption
from .console import output, print_written
from .options import Json, Seed


def generate(
    family: Annotated[str | None, typer.Argument(help="Family of planted sets; see --list.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write, .npz or .safetensors; the answer gets .json.")
    ] = None,
    seed: Seed = 0,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter, its value in JSON.")
    ] = None,
    list_families: Annotated[bool, typer.Option("--list", help="List the families and their parameters.")] = False,
    json: Json = False,
) -> None:
    """Write activations with a known answer: arrays X and Y, and beside them what matches and why, as JSON.

    The family two-point trains networks instead: their hidden layers over time, and the predicted final distances.
    The same family, seed and parameters give the same bytes; no spanmatch is needed to read them.

    Example: `spanmatch generate blocks --seed 3 --set "private=[4, 0]" --out planted.npz`
    """
    from ..studies.generation import families, parse_parameters, write_planted

    if list_families:
        if json:
            sys.stdout.write(to_json([asdict(one) for one in families()]))
            return
        for one in families():
            output().print(f"[bold]{escape(one.name)}[/]: {escape(one.about)}", highlight=False)
            for name, default in one.parameters.items():
                output().print(f"    {escape(f'{name} = {default!r}')}", highlight=False)
        return
    if family is None or out is None:
        missing = "FAMILY" if family is None else "--out"
        raise InvalidOption(f"generate: got no {missing}, need a FAMILY and --out FILE; --list shows what there is")
    planted, written = write_planted(family, out, seed=seed, parameters=parse_parameters(assignments or [], family))
    if json:
        sys.stdout.write(to_json({"files": written, **planted.to_dict()}))
    else:
        output().print(f"{escape(repr(planted))}\n{escape(planted.reason)}", highlight=False)
        print_written(*written)
