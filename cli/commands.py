"""All commands in one application, and what becomes of their errors."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from .. import __version__
from ..theory.errors import SpanmatchError
from . import certificates, compare, evidence, generate, networks, reproduce, view
from .console import plain_warnings
from .messages import (
    BAD_USAGE,
    FAILED,
    INTERRUPTED,
    as_typed,
    complain,
    complain_of_interruption,
    complain_of_usage,
    typed_names,
)


class Command(TyperCommand):
    """Report errors and warnings of ours in the words of the command line."""

    def invoke(self, ctx: Any) -> Any:
        names = typed_names(ctx)
        try:
            with plain_warnings(lambda message: as_typed(message, names)):
                return super().invoke(ctx)
        except SpanmatchError as error:
            complain(as_typed(str(error), names))
            raise typer.Exit(BAD_USAGE) from error


class Commands(TyperGroup):
    """Report what goes wrong with any command as one line on standard error and an exit code."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, *, standalone_mode: bool = True, **options: Any
    ) -> Any:
        if not standalone_mode:
            return super().main(args, standalone_mode=False, **options)
        try:
            code = super().main(args, standalone_mode=False, **options)
        except Exception as error:
            # Versions of typer have the errors of click under different names.
            if not hasattr(error, "format_message"):
                raise
            if type(error).__name__ == "NoArgsIsHelpError":
                error.show()  # type: ignore[attr-defined]
            else:
                complain_of_usage(error)
            sys.exit(BAD_USAGE)
        sys.exit(code or 0)

    def invoke(self, ctx: Any) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                # So that a full disk is reported here, and not when the interpreter exits.
                sys.stdout.flush()
        except OSError as error:
            # Typer handles a closed pipe.
            if error.errno == errno.EPIPE:
                raise
            complain(f"the operating system refused: {error}")
            _drop_output()
            raise typer.Exit(FAILED) from error
        except KeyboardInterrupt:
            complain_of_interruption()
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
    view.view,
    generate.generate,
    networks.capture,
    networks.train,
    reproduce.reproduce,
    certificates.certify,
    certificates.check,
    networks.dynamics,
    evidence.conform,
    evidence.golden,
    generate.score,
    evidence.theorems,
    view.cite,
):
    app.command(cls=Command)(_command)
