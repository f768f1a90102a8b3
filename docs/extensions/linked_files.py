"""Links between the files of a checkout: what a code host shows by itself.

A link to a file that is no page of the site leads to a page with its highlighted text, one to a folder to its README or
to a list of its files; ``<a id="t6"></a>`` is a place to link to.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

ANCHOR = re.compile(r'<a id="([\w-]+)">')


def page_of(path: PurePosixPath) -> str:
    return f"source/{path}"


class LinkedFiles(SphinxTransform):
    """Runs before downloads are collected and before missing links are reported."""

    default_priority = 500

    def apply(self, **_: Any) -> None:
        self._anchors()
        here = Path(self.env.doc2path(self.env.docname)).parent
        for node in [
            *self.document.findall(addnodes.download_reference),
            *self.document.findall(addnodes.pending_xref),
        ]:
            if node.get("reftype") != "myst":
                continue
            if not node.get("refdomain"):
                self._link(node, Path(os.path.normpath(here / node["reftarget"].partition("#")[0])))
            elif node["refdomain"] == "doc" and node["reftarget"] not in self.env.found_docs:
                self._link(node, Path(self.env.srcdir, node["reftarget"] + ".md"))

    def _anchors(self) -> None:
        slugs = self.env.metadata[self.env.docname].setdefault("myst_slugs", {})
        sections = {name for section in self.document.findall(nodes.section) for name in section["ids"]}
        for raw in list(self.document.findall(nodes.raw)):
            for name in ANCHOR.findall(raw.astext()):
                heading = next(iter(raw.findall(nodes.title, include_self=False, siblings=True, ascend=True)), None)
                slugs[name] = (raw.line or 0, name, heading.astext() if heading else name)
                if name in sections:  # the heading is called so already
                    raw.replace_self(nodes.raw("", "<a>", format="html"))

    def _link(self, node: nodes.Element, target: Path) -> None:
        root = Path(self.env.srcdir)
        if not target.exists() or not target.is_relative_to(root):
            return
        readme = self.env.path2doc(str(target / "README.md"))
        if target.is_dir() and readme in self.env.found_docs:
            uri = self.app.builder.get_relative_uri(self.env.docname, readme)
        else:
            path = PurePosixPath(target.relative_to(root))
            linked(self.app).add(path)
            uri = self.app.builder.get_relative_uri(self.env.docname, page_of(path))
        node.replace_self(nodes.reference("", "", *node.children, internal=True, refuri=uri))


def linked(app: Sphinx) -> set[PurePosixPath]:
    """The files to show; kept with the pages that were read, of which an unchanged one is not read again."""
    if not hasattr(app.env, "linked_files"):
        app.env.linked_files = set()  # type: ignore[attr-defined]
    found: set[PurePosixPath] = app.env.linked_files  # type: ignore[attr-defined]
    return found


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    root = Path(app.srcdir)
    folders = {path for path in linked(app) if (root / path).is_dir()}
    inside = {
        PurePosixPath(p.relative_to(root)) for folder in folders for p in (root / folder).iterdir() if p.is_file()
    }
    for path in sorted(linked(app) | inside):
        body = _files(root / path) if path in folders else _text(root / path)
        yield page_of(path), {"title": str(path), "body": f"<h1>{html.escape(str(path))}</h1>{body}"}, "page.html"


def _files(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    return "<ul>" + "".join(f'<li><a href="{folder.name}/{n}.html">{n}</a></li>' for n in names) + "</ul>"


def _text(path: Path) -> str:
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        lexer = get_lexer_for_filename(path.name, text)
    except ClassNotFound:
        lexer = TextLexer()
    written: str = highlight(text, lexer, HtmlFormatter(linenos="inline", lineanchors="line", anchorlinenos=True))
    return written


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_transform(LinkedFiles)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": False}
