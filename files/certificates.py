"""Certificates and the pair of arrays they are about, out of files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..theory.errors import InvalidFile, InvalidOption, UnknownLayer
from ..theory.validation import flatten_conv
from .activations import load_activations

Values = npt.NDArray[Any]


def read_pair(
    files: Sequence[Path],
    *,
    x: str = "X",
    y: str = "Y",
    layout: Literal["nchw", "nhwc"] = "nchw",
    positions: int | None = None,
    seed: int = 0,
) -> tuple[Values, Values]:
    """The arrays ``x`` and ``y`` of one file, or ``x`` of the first file and ``y`` of the second.

    4-D arrays are flattened to (inputs x height x width, channels). ``positions``: that many of the inputs, drawn by
    ``seed`` without replacement, the same on both sides; all where there are no more. Raises: ``InvalidFile``,
    ``InvalidOption``, ``UnknownLayer``.
    """
    if len(files) not in (1, 2):
        raise InvalidOption(f"activations: got {len(files)} files, need one that holds both arrays, or one per network")
    found = []
    for file, name in zip((files[0], files[-1]), (x, y), strict=True):
        arrays = load_activations(file)
        if name not in arrays:
            raise UnknownLayer(f"{file}: has no array {name!r}, need one of {', '.join(arrays)}; name it with --x, --y")
        array = arrays[name]
        found.append(flatten_conv(array, layout) if array.ndim == 4 else array)
    if positions is not None:
        found = [_drawn(array, positions, seed) for array in found]
    return found[0], found[1]


def _drawn(array: Values, positions: int, seed: int) -> Values:
    if array.ndim != 2 or positions >= len(array):
        return array
    rows = np.random.default_rng(seed).choice(len(array), size=positions, replace=False)
    drawn: Values = array[np.sort(rows)]
    return drawn


def load_certificate(path: Path) -> dict[str, Any]:
    """The content of a certificate's file, unchecked. Raises: ``InvalidFile``."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidFile(f"{path}: not readable as a certificate ({error}); make it or get it again") from error
    if not isinstance(content, dict) or content.get("format") != "spanmatch certificate":
        raise InvalidFile(f"{path}: is JSON but no certificate, need a file that spanmatch certify wrote")
    return content
