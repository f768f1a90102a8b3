"""Read certificates, and the pair of arrays that a certificate is about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..theory.errors import InvalidFile, InvalidOption, UnknownLayer
from ..theory.validation import check_same_inputs
from .activations import load_activations

Values = npt.NDArray[Any]

#: The deepest nesting that is read; ``certify`` writes four levels.
DEEPEST = 10


def read_pair(
    files: Sequence[Path],
    *,
    x: str = "X",
    y: str = "Y",
    layout: str | Sequence[str] | None = None,
    positions: int | None = None,
    seed: int = 0,
) -> tuple[Values, Values]:
    """Read the arrays ``x`` and ``y`` from one file, or ``x`` from the first of two files and ``y`` from the second.

    ``layout``: the axes of arrays of more than two, see ``Layer``. ``positions``: keep this many inputs, drawn without
    replacement by ``seed`` and the same on both sides; all of them when there are no more. Raises: ``InvalidFile``,
    ``InvalidOption``, ``UnknownLayer``, ``InvalidActivations`` when the numbers of inputs differ.
    """
    if len(files) not in (1, 2):
        raise InvalidOption(f"activations: got {len(files)} files, need one that holds both arrays, or one per network")
    layers = []
    for file, name in zip((files[0], files[-1]), (x, y), strict=True):
        arrays = load_activations(file, layout=layout)
        if name not in arrays and name not in arrays.refused:
            raise UnknownLayer(
                f"{file}: has no array {name!r}, only {', '.join(arrays)}; name the two arrays with --x and --y, or "
                "give a second file for the other network"
            )
        layers.append(arrays[name])
    # Before the draw, which would give both sides the same number of different inputs. One side may be flat already.
    flat = len({layer.positions for layer in layers}) > 1
    X, Y = (layer.matrix for layer in layers)
    first, second = (X, Y) if flat else layers
    check_same_inputs(first, second, len(X), len(Y))
    if positions is None or positions >= len(X):
        return X, Y
    rows = np.sort(np.random.default_rng(seed).choice(len(X), size=positions, replace=False))
    return X[rows], Y[rows]


def load_certificate(path: Path) -> dict[str, Any]:
    """Read the content of a certificate's file, without checking its proof. Raises: ``InvalidFile``."""
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "no such file"
        raise InvalidFile(f"{path}: {what}, need a certificate that spanmatch certify wrote")
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidFile(f"{path}: not readable as a certificate ({error}); make it or get it again") from error
    if not isinstance(content, dict) or content.get("format") != "spanmatch certificate":
        raise InvalidFile(f"{path}: is JSON but not a certificate, need a file that spanmatch certify wrote")
    if _depth(content) > DEEPEST:
        raise InvalidFile(f"{path}: is nested more than {DEEPEST} levels deep, need what spanmatch certify wrote")
    return content


def _depth(content: Any) -> int:
    """How deep lists and objects are nested; found level by level, so that no nesting is too deep for it."""
    level, depth = [content], 0
    while level := [one for one in level if isinstance(one, list | dict)]:
        level = [child for one in level for child in (one.values() if isinstance(one, dict) else one)]
        depth += 1
    return depth
