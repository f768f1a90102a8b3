"""``spanmatch view`` and ``cite``: the page of a run that was saved, and how to cite what made it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..files.atomic import check_new
from .console import print_json, print_written
from .options import Force, Json


def view(
    result: Annotated[
        Path, typer.Argument(metavar="RESULT.json", help="comparison.json of compare, or report.json of verify.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Page to write; default: the result's name with .html, beside it.")
    ] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Make the page of a saved run again: one file that opens in any browser and needs no network.

    Example: `spanmatch view my-report/comparison.json --out page.html`
    """
    from ..report.page import write_page
    from ..studies.pictures import pictures_of
    from ..studies.saved import saved_result

    page = result.with_suffix(".html") if out is None else out
    found = saved_result(result)
    if not force:
        check_new(page)
    write_page(found, page, pictures_of(found))
    if json:
        print_json({"result": result, "page": page})
    else:
        print_written(page)


def cite(
    as_bibtex: Annotated[bool, typer.Option("--bibtex", help="Print entries for BibTeX.")] = False,
    json: Json = False,
) -> None:
    """Print how to cite this version of spanmatch, and the paper whose definitions and algorithms it implements.

    Example: `spanmatch cite --bibtex`
    """
    from ..files.citation import bibtex, paper, software, text

    if json:
        print_json({"software": software(), "paper": paper()})
    else:
        print(bibtex() if as_bibtex else text(), end="")
