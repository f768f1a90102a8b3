"""``.. public:: MODULE`` documents the names that it lists, or all of ``__all__``, under their public names.

Public names are found when they are first asked for, and ``spanmatch.exact`` is an attribute and no module: what
``automodule`` looks for in neither case.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pkgutil import resolve_name
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def documented(module: str, names: list[str]) -> Iterator[str]:
    """The text that documents the names: a table of them, then each with its docstring."""
    values = {name: getattr(resolve_name(module), name) for name in names}
    described = [name for name, value in values.items() if callable(value)]
    yield from (f".. currentmodule:: {module}", "", ".. autosummary::", "", *(f"   {name}" for name in described), "")
    for name, value in values.items():
        if not callable(value):
            yield from (f".. py:data:: {name}", "")
        elif not inspect.isclass(value):
            yield from (f".. autofunction:: {name}", "")
        elif issubclass(value, Exception):
            yield from (f".. autoexception:: {name}", "")
        else:
            yield from (f".. autoclass:: {name}", "   :members:", "")


class Public(SphinxDirective):
    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        module = self.arguments[0]
        names = " ".join(self.content).split() or list(resolve_name(module).__all__)
        parent = nodes.container()
        lines = StringList(list(documented(module, names)), source=self.get_source_info()[0])
        self.state.nested_parse(lines, self.content_offset, parent)
        return parent.children


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("public", Public)
    return {"parallel_read_safe": True}
