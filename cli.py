"""The command ``spanmatch``: it parses, calls and prints. No mathematics; heavy imports stand in the commands.

Exit codes: 0 done, 1 something failed, 2 bad usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperGroup

from . import __version__
from .files import check_output_folder, require, to_json
from .theory.errors import InvalidOption, SpanmatchError

FAILED, BAD_USAGE, INTERRUPTED = 1, 2, 130

#: Tables in a pipe have no terminal to measure; rich's own 80 columns fold them needlessly.
PIPE_WIDTH = 120


class Commands(TyperGroup):
    """Every command's errors and interruptions become one line on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SpanmatchError as error:
            complain(str(error))
            raise typer.Exit(BAD_USAGE) from error
        except KeyboardInterrupt:
            complain("interrupted; no file was left half-written")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Neuron activation subspace matching: how far do two networks learn the same representation?",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else.")]


def main() -> None:
    """Run the command line; the console script and ``python -m spanmatch`` both come here."""
    app(prog_name="spanmatch")


def complain(message: str) -> None:
    """One message on standard error, as it is: no markup, no wrapping."""
    print(f"spanmatch: {message}", file=sys.stderr)


def output() -> Console:
    """Standard output: as wide as the terminal, or wide enough for the tables."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


@contextmanager
def progress() -> Iterator[Callable[[str], None] | None]:
    """Something to tell what is being done to: a line that renews itself on a terminal, None in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with console.status("starting") as status:
        yield lambda message: status.update(message)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"spanmatch {__version__}")
        raise typer.Exit


@app.callback()
def _spanmatch(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    del version


@app.command()
def verify(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer cases and layers: under half a minute.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All channels of every layer; takes long.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random; the report repeats it.")] = 0,
    cases: Annotated[
        int | None, typer.Option(min=1, help="Generated cases per check, instead of the default number.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for report.json and the figure; made if needed.")] = Path(
        "spanmatch-report"
    ),
    json: Json = False,
) -> None:
    """Check the theorems, the planted families and the shipped pair of trained CNNs.

    Writes report.json and a figure of the similarity curves; exits with 1 when anything failed.

    Example: `spanmatch verify --quick --seed 7 --out my-report`
    """
    if quick and full:
        raise InvalidOption("--quick, --full: got both, need at most one of them")
    require("verify", ("hypothesis", "flint", "matplotlib", "torch", "safetensors"), "spanmatch verify")
    folder = check_output_folder(out)
    with progress() as tell:
        from .studies.verification import verify as run

        report = run(quick=quick, full=full, seed=seed, cases=cases, out=folder, progress=tell)
    if json:
        sys.stdout.write(to_json(report.to_dict()))
    else:
        report.print(output())
    if not report.ok:
        raise typer.Exit(FAILED)


@app.command()
def theorems(json: Json = False) -> None:
    """Print the ledger: every theorem, what implements it, what checks it, and how far that goes.

    Example: `spanmatch theorems --json`
    """
    from .theory.ledger import THEOREMS

    if json:
        sys.stdout.write(to_json([asdict(theorem) for theorem in THEOREMS]))
        return
    table = Table(title="Ledger of theorems", show_lines=True)
    for heading in ("id", "theorem", "implemented by", "checked by", "status"):
        table.add_column(heading, overflow="fold")
    for theorem in THEOREMS:
        table.add_row(
            theorem.id,
            f"[bold]{escape(theorem.name)}[/]\n{escape(theorem.statement)}",
            "\n".join(theorem.implemented_by),
            "\n".join(theorem.checked_by),
            escape(theorem.status),
        )
    output().print(table)
