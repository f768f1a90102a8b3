"""``spanmatch generate`` and ``score``: activations whose matches are known, and implementations scored on them."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from ..files.atomic import check_new
from ..files.environment import require
from ..theory.errors import InvalidOption
from .console import output, print_json, print_written, progress, steps
from .options import MOST_SHOWN, Force, Function, Json, MemoryLimit, Program, Seed, TimeLimit, Workers

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
    suite: Annotated[
        str | None, typer.Option(help="Write a whole suite instead, quick or standard; --out is its folder.")
    ] = None,
    workers: Workers = None,
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

    With --suite the folder gets many sets and a manifest: parameters, seeds, what is known and why, SHA-256 hashes and
    how to cite it. Every answer is first found again by other algorithms; `spanmatch score` asks an implementation.

    Example: `spanmatch generate blocks --seed 3 --set "private=[4, 0]" --out planted.npz`
    """
    from ..studies import generation

    if list_families:
        _print_families(generation.families(), json)
        return
    if suite is not None:
        if family is not None or seeds is not None or seed or noise is not None or assignments:
            raise InvalidOption("suite: got it with a FAMILY or its parameters, need it with --out alone")
        _write_suite(suite, out, workers, force, json)
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


def _write_suite(name: str, out: Path | None, workers: int | None, force: bool, json: bool) -> None:
    from ..studies.suites.writing import MANIFEST, write_suite

    if out is None:
        raise InvalidOption("suite: got no --out, need the folder to write it to")
    require("verify", ("hypothesis", "flint", "pysat"), "spanmatch generate --suite")
    with steps() as tell:
        manifest = write_suite(name, out, workers=workers, overwrite=force, progress=tell)
    if json:
        print_json(manifest)
    else:
        questions = sum(answer["questions"] for one in manifest["sets"] for answer in one["answers"])
        output().print(
            f"{len(manifest['sets'])} sets, {questions} questions, every answer confirmed", highlight=False
        )
        print_written(out / MANIFEST)


def score(
    suite: Annotated[Path, typer.Argument(help="Folder that `spanmatch generate --suite` has written.")],
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[ANSWERS|MODULE:ATTRIBUTE]", help="Folder of files of answers; or what to ask, as for conform."
        ),
    ] = None,
    command: Program = None,
    matrices: Annotated[
        Literal["json", "npy"], typer.Option(help="How a program gets matrices: as rows, or as paths of .npy files.")
    ] = "npy",
    function: Function = None,
    time_limit: TimeLimit = 10.0,
    memory_limit: MemoryLimit = 4.0,
    reference: Annotated[
        bool, typer.Option("--reference/--no-reference", help="Time the literal algorithms in the same run.")
    ] = True,
    json: Json = False,
) -> None:
    """Score an implementation, in any language, or files of answers, on a suite.

    For each group of sets: right answers, the largest error of a match radius, how far maximum matches agree, the share
    of simple matches found, and time as a multiple of the literal algorithms'. Each question is asked in a process of
    its own; one that takes too long is a wrong answer.

    Example: `spanmatch score suite my_code.py:matcher`
    """
    if (target is None) == (command is None):
        raise InvalidOption("target, --command: need one of the two, answers or Python code, or a program")
    require("verify", ("hypothesis", "flint"), "spanmatch score")
    from ..studies.suites.scoring import score as run
    from ..studies.suites.tables import score_table

    asked: object = shlex.split(command) if command is not None else target
    if target is not None and Path(target).is_dir():
        asked = Path(target)
    with progress() as tell:
        found = run(
            suite,
            asked,
            time_limit=time_limit,
            memory_limit=memory_limit,
            function=function,
            matrices=matrices,
            reference=reference,
            progress=tell,
        )
    if json:
        print_json(found.to_dict())
        return
    output().print(score_table(found))
    for mark in found.wrong[:MOST_SHOWN]:
        output().print(escape(f"{mark.set}: {mark.wrong}"), highlight=False, soft_wrap=True)
    if len(found.wrong) > MOST_SHOWN:
        output().print(f"{len(found.wrong) - MOST_SHOWN} more wrong answers: --json", highlight=False)
    if found.not_asked:
        output().print(f"not asked, by its capabilities: {len(found.not_asked)} sets", highlight=False)
    output().print(found.summary, highlight=False)


def _print_families(known: tuple[Family, ...], json: bool) -> None:
    if json:
        print_json([asdict(one) for one in known])
        return
    for one in known:
        output().print(f"[bold]{escape(one.name)}[/]: {escape(one.about)}", highlight=False)
        for name, default in one.parameters.items():
            output().print(f"    {escape(f'{name} = {default!r}')}", highlight=False)
