"""Where activations come from on the command line: files of one's own, shipped networks, trained checkpoints."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from ..files.activations import ACTIVATION_SUFFIXES, load_activations
from ..files.environment import require
from ..theory.errors import InvalidFile, InvalidOption, MissingData
from ..theory.validation.options import Tell

GROUP, CHECKPOINT_SUFFIX = "::", ".safetensors"
Layers = Mapping[str, Any]
PLACE = re.compile(r"(?P<module>[^:]+):(?P<attribute>[A-Za-z_]\w*(\.\w+)*)")
"""Of something in a Python file or module."""


def activations_of(
    source: str, *, group: str | None = None, lazy: bool = False, tell: Tell | None = None
) -> Layers:
    """Layer name -> activations of FILE, FILE::group, a checkpoint file, or a shipped network.

    ``lazy``: of a file that is stored in chunks, to be read block by block.
    Networks run on the shipped probes (1 000 images). Raises: ``InvalidFile``, ``MissingData``, ``MissingExtra``.
    """
    name, separator, inside = source.partition(GROUP)
    network = network_in(source)
    if network and not is_checkpoint(Path(name)) and (separator or group is not None):
        raise InvalidFile(f"{source}: got a group of {name!r}, which is no HDF5 file; leave it out")
    if network and lazy:
        raise InvalidOption(f"scheduler: got {source!r} too, need Zarr files of activations; leave it out")
    if network:
        return capture_network(network, tell=tell)
    if tell is not None:
        tell(f"reading {name}")
    return load_activations(Path(name), inside if separator else group, lazy=lazy)


def network_in(source: str) -> str:
    """The network that ``activations_of`` would run on the probes; empty for a file of activations."""
    path = Path(source.partition(GROUP)[0])
    if path.suffix.lower() not in ACTIVATION_SUFFIXES and not path.exists():
        return source
    return str(path) if is_checkpoint(path) else ""


def is_checkpoint(path: Path) -> bool:
    """Whether a file is a network that ``spanmatch train`` wrote, not activations: its header says so."""
    if path.suffix.lower() != CHECKPOINT_SUFFIX or not path.is_file():
        return False
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = file.read(min(length, 1_000_000))
    try:
        metadata = json.loads(header).get("__metadata__")
    except (ValueError, AttributeError):
        return False
    return isinstance(metadata, dict) and metadata.get("format") == "spanmatch-checkpoint"


def capture_network(
    source: str,
    *,
    layers: Sequence[str] | None = None,
    images: int | None = None,
    data: str | PathLike[str] | None = None,
    tell: Tell | None = None,
) -> Layers:
    """Layer name -> activations of a shipped network, "ARCHITECTURE-untrained" or a checkpoint file.

    Parameters: ``layers``: names or glob patterns, by default every ReLU and the logits; ``data``: a folder with
    Fashion-MNIST, whose test images are taken in place of the shipped probes; ``images``: the first so many of them.
    Raises: ``MissingData``, ``MissingExtra``, ``InvalidFile``, ``UnknownLayer``, ``InvalidOption``.
    """
    require("networks", ("torch", "safetensors"), f"running the network {source}")
    import torch

    from ..networks.architectures import LAYERS
    from ..networks.data import load_fashion_mnist, normalise
    from ..networks.shipped import checkpoint_names, layers_of, load_probes, network, untrained_names

    known = [*checkpoint_names(), *untrained_names()]
    if source not in known and not Path(source).is_file():
        if PLACE.fullmatch(source):
            raise MissingData(f"{source}: is a model in a Python file, need --data file.py:NAME, its batches")
        what = "is a folder" if Path(source).is_dir() else "no such file and no shipped network"
        raise MissingData(
            f"{source}: {what}, need activations ({', '.join(ACTIVATION_SUFFIXES)}), a "
            f"checkpoint, or one of {', '.join(known)}"
        )
    if Path(source).is_file() and Path(source).suffix.lower() != CHECKPOINT_SUFFIX:
        raise InvalidFile(
            f"{source}: is no network, need a checkpoint ({CHECKPOINT_SUFFIX}) or one of {', '.join(known)}; a file of "
            "activations holds what this would capture"
        )
    model, architecture = network(source)
    inputs = load_probes()[0] if data is None else torch.from_numpy(normalise(load_fashion_mnist(data).test_images))
    if images is not None and not 1 <= images <= len(inputs):
        raise InvalidOption(f"images: got {images}, need 1 to {len(inputs)}, the number of images")
    if tell is not None:
        tell(f"{source}: activations")
    return layers_of(model, inputs[:images], LAYERS[architecture] if layers is None else layers)
