"""Silence for advice where a study looks at hard cases on purpose."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from ..theory.errors import SpanmatchWarning


@contextmanager
def without_advice() -> Iterator[None]:
    """No ``SpanmatchWarning`` inside: too few inputs, ill-defined ranks and chance levels are the subject there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpanmatchWarning)
        yield
