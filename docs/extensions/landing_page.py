"""The root of the site leads to ``docs/index.html``, whichever file of the checkout that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sphinx.application import Sphinx


def landing(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    yield "index", {"target": f"{app.config.root_doc}.html"}, "landing.html"


def setup(app: Sphinx) -> None:
    app.connect("html-collect-pages", landing)
