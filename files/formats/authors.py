"""Files of activations as the published code of the paper writes them: found by their names, with the axes they have.

A run of it leaves one folder a seed, ``rnd_0``, ``rnd_1``, ..., each with an archive such as ``best_test_relu.npz``
(the checkpoint, the images, the kind of layer). Its layers are ``features.3`` of (images, channels, height, width) and
``classifier.1`` of (images, neurons); it has no header to say so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...theory.errors import InvalidFile
from .stored import Stored

USUAL = "best_test_relu.npz"
"""What the authors' comparison reads if it is not told otherwise."""

_ARCHIVE = re.compile(r".+_(train|test)(_\w+|_(features|classifier)\.\d+)?\.npz")
_LAYER = re.compile(r"(features|classifier)\.\d+")
_AXES = {2: "nc", 4: "nchw"}


def archive_in(folder: Path) -> Path | None:
    """The archive of a folder of one seed: the only one that is called like one, or the usual one of several; None in
    any other folder. *Raises* ``InvalidFile`` where it could be several."""
    if not folder.is_dir() or folder.suffix:
        return None
    found = sorted(path for path in folder.glob("*.npz") if _ARCHIVE.fullmatch(path.name))
    chosen = [path for path in found if path.name == USUAL] or found
    if len(chosen) > 1:
        raise InvalidFile(f"{folder}: holds {', '.join(path.name for path in found)}, need the name of one of them")
    return chosen[0] if chosen else None


def with_their_axes(listed: Sequence[Stored], path: Path) -> Sequence[Stored]:
    """The layers of such an archive with the axes that they have there; those of any other file as they are."""
    if not _ARCHIVE.fullmatch(path.name) or not all(_LAYER.fullmatch(layer.name) for layer in listed):
        return listed
    return [layer if layer.problem else replace(layer, axes=_AXES.get(len(layer.shape))) for layer in listed]
