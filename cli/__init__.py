"""The command line ``spanmatch``: parse, call, print. No mathematics, and heavy imports only within the commands.

Exit codes: 0 done, 1 something failed, 2 bad usage, 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .. import __version__
from ..theory.errors import SpanmatchError
from . import certificates, compare, evidence, generate, networks
from .console import BAD_USAGE, FAILED, INTERRUPTED, complain, plain_warnings


class Commands(TyperGroup):
    """Report errors and interruptions of any command as one line on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            with plain_warnings():
                try:
                    return super().invoke(ctx)
                finally:
                    # So that a full disk is reported here, and not when the interpreter exits.
                    sys.stdout.flush()
        # Before OSError: some are both.
        except SpanmatchError as error:
            complain(str(error))
            raise typer.Exit(BAD_USAGE) from error
        except OSError as error:
            # Typer handles a closed pipe.
            if error.errno == errno.EPIPE:
                raise
            complain(f"the operating system refused: {error}")
            _drop_output()
            raise typer.Exit(FAILED) from error
        except KeyboardInterrupt:
            complain("interrupted; no file was left half-written")
            raise typer.Exit(INTERRUPTED) from None


def _drop_output() -> None:
    """Discard what could not be written, or the interpreter would try again on exit."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Neuron activation subspace matching: how similar are the representations that two networks learn?",
)


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


# In the order of --help.
for _command in (
    evidence.verify,
    compare.compare,
    generate.generate,
    networks.capture,
    networks.train,
    certificates.certify,
    certificates.check,
    networks.dynamics,
    evidence.conform,
    evidence.golden,
    evidence.theorems,
):
    app.command()(_command)


def main() -> None:
    """Run the command line; the console script and ``python -m spanmatch`` both come here."""
    app(prog_name="spanmatch")
