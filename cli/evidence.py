"""``spanmatch verify``, ``conform``, ``golden`` and ``theorems``: the evidence for the mathematics and the code."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from ..files.atomic import atomic_writes, check_new, check_output_file, check_output_folder, output_folder, write_text
from ..files.environment import require
from ..files.target import is_stream
from ..report.table import Column, Table
from ..theory.errors import InvalidOption
from .console import output, print_json, print_written, progress, steps
from .messages import FAILED
from .options import MOST_SHOWN, Force, Function, Json, MemoryLimit, Program, Seed, TimeLimit, Workers

if TYPE_CHECKING:
    from ..proofs_check.harness.registry import Outcome

_GRADES = (
    Column("question", "question", kind="name"),
    Column("level", "grade", kind="word"),
    Column("answers", "answers"),
    Column("right", "right"),
)
REPORT_FOLDER = Path("spanmatch-report")
"""Where ``verify`` writes unless it is told; one of our own, so the files of the last run are replaced."""


def verify(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer cases and layers.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All channels of every layer; takes minutes more.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random; the report repeats it.")] = 0,
    cases: Annotated[
        int | None, typer.Option(min=1, help="Generated cases for each check, instead of the default number.")
    ] = None,
    workers: Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for report.json, report.html and similarity.png; default: spanmatch-report, whose files are "
            "replaced."
        ),
    ] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Check the theorems, the families of planted sets and the shipped pair of trained CNNs.

    Takes two and a half minutes on two idle cores, four beside two other jobs; with --quick about
    fifteen seconds. Writes report.json, report.html and similarity.png. Exits with 1 if anything fails.

    Example: `spanmatch verify --quick --seed 7 --out my-report`
    """
    if quick and full:
        raise InvalidOption("--quick, --full: got both, need at most one of them")
    require("verify", ("hypothesis", "flint", "matplotlib", "torch", "safetensors"), "spanmatch verify")
    folder = check_output_folder(REPORT_FOLDER if out is None else out)
    if out is not None and not force:
        from ..studies.verification import VERIFICATION_FILES

        check_new(*(folder / name for name in VERIFICATION_FILES))
    with steps() as tell:
        from ..studies.verification.run import verify as run

        report = run(quick=quick, full=full, seed=seed, cases=cases, workers=workers, out=folder, progress=tell)
    if json:
        print_json(report.to_dict())
    else:
        report.print(output())
    if not report.ok:
        raise typer.Exit(FAILED)


def conform(
    target: Annotated[
        str | None,
        typer.Argument(metavar="[MODULE:ATTRIBUTE]", help="What to test; or file.py:attribute, or one function."),
    ] = None,
    command: Program = None,
    matrices: Annotated[
        Literal["json", "npy"], typer.Option(help="How a program gets matrices: as rows, or as paths of .npy files.")
    ] = "json",
    function: Function = None,
    levels: Annotated[
        list[str] | None,
        typer.Option("--level", help="required, numerical, threshold or optional; repeatable; default: all."),
    ] = None,
    cases: Annotated[int, typer.Option(min=1, help="Number of questions that each check asks.")] = 60,
    seed: Seed = 0,
    strict: Annotated[bool, typer.Option("--strict", help="Count failures at every level, not only required.")] = False,
    expected: Annotated[
        list[str] | None,
        typer.Option("--expect", metavar="CHECK=REASON", help="A known failure and its reason; repeatable."),
    ] = None,
    time_limit: TimeLimit = 30.0,
    memory_limit: MemoryLimit = 4.0,
    out: Annotated[
        Path | None, typer.Option(help="JSON file for the report; an interrupted run goes on from what it holds.")
    ] = None,
    scripts: Annotated[
        Path | None, typer.Option(help="Folder for the scripts that reproduce failures; created if needed.")
    ] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Test any implementation of neuron matching, and print the shortest script that reproduces a failure.

    It has to provide one or more of max_match(X, Y, epsilon), min_match(X, Y, epsilon, side, index),
    simple_matches(X, Y, epsilon), match_radii(X, Y) and similarity(X, Y, epsilon), which take NumPy arrays (inputs,
    neurons) and return indices or numbers; or to be a program that answers by the protocol of docs/conformance.md.
    Exits with 1 if it does not conform.

    Example: `spanmatch conform my_code.py:matcher --level required`
    """
    if (target is None) == (command is None):
        raise InvalidOption("target, --command: need one of the two, the place of Python code or a program")
    require("verify", ("hypothesis", "flint"), "spanmatch conform")
    expectations = {}
    for entry in expected or []:
        check, equals, reason = entry.partition("=")
        if not equals:
            raise InvalidOption(f"--expect: got {entry!r}, need CHECK=REASON")
        expectations[check] = reason
    if scripts is not None:
        from ..proofs_check.checks import CHECKS

        check_output_folder(scripts)
        if not force:
            check_new(*(scripts / f"{check}.py" for check in CHECKS))
    console = output()

    def tell_outcome(one: Outcome) -> None:
        if not json:
            line = f"{one.verdict:8} {one.level:10} {one.check:30} {one.cases:5} cases  {one.detail}"
            console.print(escape(line.rstrip()), highlight=False, soft_wrap=True)

    with progress() as tell:
        from ..proofs_check.conformance.kit import conform as run
        from ..proofs_check.harness.registry import LEVELS

        report = run(
            shlex.split(command) if command is not None else target,
            levels=levels or LEVELS,  # type: ignore[arg-type]
            cases=cases,
            seed=seed,
            strict=strict,
            expected_failures=expectations or None,
            time_limit=time_limit,
            memory_limit=memory_limit,
            function=function,
            matrices=matrices,
            out=out,
            progress=tell,
            found=tell_outcome,
        )
    failing = report.scripts()
    if scripts is not None and failing:
        with output_folder(scripts) as folder:
            for check, script in failing.items():
                write_text(folder / f"{check}.py", script)
    if json:
        print_json(report.to_dict())
    else:
        for name in report.not_provided:
            console.print(f"not run  {name}: not provided", highlight=False)
        for script in list(failing.values())[:1]:
            print(f"\n{script}")
        if scripts is not None and failing:
            print_written(*(scripts / f"{check}.py" for check in failing))
        elif len(failing) > 1:
            console.print(f"scripts of {len(failing) - 1} more failures: --scripts FOLDER", highlight=False)
        for line in (report.conditions, *report.faults, report.cause, report.summary):
            if line:
                console.print(escape(line), highlight=False, soft_wrap=True)
    if not report.ok:
        raise typer.Exit(FAILED)


def golden(
    out: Annotated[
        Path | None, typer.Option(help="JSON file to write; its schema is written next to it, as schema.json.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--check", help="File of answers to grade, instead of writing the cases.")
    ] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Write test cases with exact rational activations and answers, for programs in any language, or grade answers.

    A pipe or /dev/stdout gets the cases alone, without their schema. With --check, a file of answers is graded by the
    levels of `spanmatch conform`; exits with 1 if a required one is wrong, or none was given.

    Example: `spanmatch golden --out vectors.json`
    """
    if answers is not None and out is None:
        _grade(answers, json)
    elif out is not None and answers is None:
        _write_vectors(out, force, json)
    else:
        raise InvalidOption("--out, --check: need one of the two, a file to write or a file of answers")


def _grade(answers: Path, json: bool) -> None:
    from ..proofs_check.conformance.grading import marked

    found = marked(answers)
    if json:
        print_json(found.to_dict())
    else:
        output().print(Table("Golden vectors", _GRADES, found.to_rows()))
        for mark in found.wrong[:MOST_SHOWN]:
            place = f"{mark.case} at {mark.epsilon}" if mark.epsilon else mark.case
            line = f"{mark.grade}: {mark.question} of {place} {mark.wrong}"
            output().print(escape(line), highlight=False, soft_wrap=True)
        if len(found.wrong) > MOST_SHOWN:
            output().print(f"{len(found.wrong) - MOST_SHOWN} more wrong answers: --json", highlight=False)
    if not found.ok:
        raise typer.Exit(FAILED)


def _write_vectors(out: Path, force: bool, json: bool) -> None:
    schema = out.with_name("schema.json")
    if out == schema:
        raise InvalidOption(f"--out: got {out}, need another name; schema.json is the schema's")
    check_output_file(out)
    if not force:
        check_new(out, schema)
    from ..proofs_check.conformance.grading import golden_text, schema_text, shipped

    texts = {out: golden_text()} if is_stream(out) else {out: golden_text(), schema: schema_text()}
    with atomic_writes(*texts) as files:
        for file, text in zip(files, texts.values(), strict=True):
            file.write_text(text, encoding="utf-8")
    written = tuple(texts)
    if json:
        print_json({"files": written, "cases": list(shipped())})
    else:
        print_written(*written)


def theorems(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="One statement, such as T6, D7 or A4.")] = None,
    run: Annotated[
        bool, typer.Option("--run", help="Run everything except the Coq proofs: about a minute, seconds for one.")
    ] = False,
    cases: Annotated[
        int | None, typer.Option(min=1, help="With --run: generated cases for each check; default 60.")
    ] = None,
    seed: Seed = 0,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/theorems.md.")] = False,
    json: Json = False,
) -> None:
    """Print the ledger: every theorem, what implements it, what checks it, and how strong that evidence is.

    With an ID, everything about that statement: hypotheses, proof, code, checks with the broken implementations that
    they reject, and Coq theorems, each with its file and line. With --run, all but the Coq proofs is run: on how many
    cases each statement holds now, and which broken implementations are rejected. Exits with 1 if anything fails.

    Example: `spanmatch theorems T6 --run`
    """
    if markdown and (run or json or id):
        raise InvalidOption("--markdown: got it together with an ID, --run or --json, need it alone")
    if cases is not None and not run:
        raise InvalidOption("--cases: got it without --run; it says how many cases a run takes")
    known = None if id is None else _known(id)
    require("verify", ("hypothesis", "flint", "sympy"), "spanmatch theorems")
    from ..proofs_check import evidence
    from ..report import theorems as page

    if markdown:
        sys.stdout.write(page.ledger_page(evidence.theorem_records(), evidence.other_records()))
    elif run:
        with progress() as tell:
            options = {} if cases is None else {"cases": cases}
            found = evidence.run_ledger(**options, seed=seed, only=known, progress=tell)
        if json:
            print_json(found.to_dict())
        else:
            console = output()
            console.print(page.run_table(found.to_dict()))
            for fault in found.faults:
                console.print(escape(fault), highlight=False, soft_wrap=True)
        if not found.ok:
            raise typer.Exit(FAILED)
    elif json:
        print_json(evidence.record(known) if known else list(evidence.theorem_records()))
    elif known:
        for line in page.one_statement(evidence.record(known)):
            output().print(escape(line), highlight=False, soft_wrap=True)
    else:
        output().print(page.ledger_table(evidence.theorem_records()))


def _known(id: str) -> str:
    from ..theory.ledger import LEDGER

    if id.upper() not in LEDGER:
        raise InvalidOption(f"ID: got {id!r}, need one of {', '.join(LEDGER)}")
    return id.upper()
