"""The documentation site: `make docs`. Its source is the root: a relative link is the same as on a code host."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import spanmatch

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

# A tutorial runs on the processor and on one thread: it gives the same on every machine.
os.environ.update(PYTHONSAFEPATH="1", CUDA_VISIBLE_DEVICES="", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

project = "spanmatch"
author = "The spanmatch contributors"
copyright = author
version = release = spanmatch.__version__

extensions = [
    "linked_files",
    "landing_page",
    "public_names",
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "sphinx-mathjax-offline",
    "sphinx_copybutton",
    "sphinx_design",
]

root_doc = "docs/index"
include_patterns = ["docs/**", "*.md", "**/README.md"]
exclude_patterns = [
    ".venv", ".git", ".*cache", ".hypothesis", "build", "dist", "*.egg-info", "out", "spanmatch-report",
    "docs/paper", "docs/results",  # a paper, and tables that a command wrote: shown as the files that they are
]  # fmt: skip

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(Path(__file__).parents[1] / "build" / "notebooks")
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

autodoc_typehints = "none"  # the sections of the docstrings say them in words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = "spanmatch"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
templates_path = ["templates"]
highlight_language = "none"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def absolute_values(_app: object, _what: str, _name: str, _of: object, _options: object, lines: list[str]) -> None:
    """``|T|`` is a number of neurons, where reStructuredText would have a name for some other text."""
    end = lines.index("Examples") if "Examples" in lines else len(lines)
    lines[:end] = [re.sub(r"(``.*?``)|\|", lambda found: found[1] or r"\|", line) for line in lines[:end]]


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", absolute_values, priority=100)  # before numpydoc reads it
