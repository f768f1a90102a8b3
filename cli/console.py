"""Output of the commands: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..files.atomic import to_json
from ..files.target import is_stream
from ..theory.errors import SpanmatchWarning
from ..theory.validation.options import Steps, Tell
from .messages import complain

#: The width of tables in a pipe; rich's default of 80 columns would wrap them needlessly.
PIPE_WIDTH = 1000


@contextmanager
def plain_warnings(worded: Callable[[str], str]) -> Iterator[None]:
    """Print each ``SpanmatchWarning`` as one ``worded`` line, without the place in the code where it arose."""
    with warnings.catch_warnings():
        as_usual = warnings.showwarning

        def show(message: Any, category: type[Warning], filename: str, lineno: int, *rest: Any) -> None:
            if issubclass(category, SpanmatchWarning):
                complain(f"warning: {worded(str(message))}")
            else:
                as_usual(message, category, filename, lineno, *rest)

        warnings.showwarning = show  # type: ignore[assignment]
        yield


def output() -> Console:
    """Standard output, as wide as the terminal or, in a pipe, wide enough for the tables."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # an encoding without a character shows a question mark
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


@contextmanager
def progress() -> Iterator[Tell | None]:
    """Yield a function that shows what is being done, on one updating line of the terminal; None in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with console.status("starting") as status:
        yield lambda message: status.update(message)


@contextmanager
def steps() -> Iterator[Steps | None]:
    """Yield a function that shows a bar, what was done last, how many of all steps are done, and the time left."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda message, done, total: bar.update(task, description=escape(message), completed=done, total=total)


def print_json(value: Any) -> None:
    """Print a command's result as JSON, whatever the width of the terminal."""
    sys.stdout.write(to_json(value))


def print_written(*paths: Path) -> None:
    """Print the names of the files that a command wrote; of no stream, which may be standard output."""
    for path in paths:
        if not is_stream(path):
            output().print(f"written: {escape(str(path))}", highlight=False, soft_wrap=True)
