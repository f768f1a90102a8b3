"""The networks and the probe images that come with the package, and what these networks make of these images."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..theory.errors import InvalidFile, MissingData
from ..theory.validation.layer import Layer
from .architectures import ARCHITECTURES, LAYERS, build
from .capture.capture import capture
from .checkpoint_files import read_checkpoint
from .data import normalise

CHECKPOINT_FOLDER = Path(__file__).parent / "checkpoints"
PROBE_FILE = Path(__file__).parent / "probes" / "fashion-mnist-test-1000.npz"
BATCH = 200
UNTRAINED = "-untrained"
UNTRAINED_SEED = 10_000
"""Of no trained network: with the seed of one, "untrained" would be that network's own beginning, and share much."""


def checkpoint_names() -> tuple[str, ...]:
    """The names of the shipped networks: "{architecture}-{seed}", "{architecture}-decayed-{seed}" and
    "{architecture}-random-labels"."""
    return tuple(sorted(path.stem for path in CHECKPOINT_FOLDER.glob("*.safetensors")))


def untrained_names() -> tuple[str, ...]:
    """The names of fresh networks: "{architecture}-untrained"."""
    return tuple(f"{architecture}{UNTRAINED}" for architecture in sorted(ARCHITECTURES))


def network(path_or_name: str | os.PathLike[str]) -> tuple[nn.Module, str]:
    """A network in eval mode and its architecture: one of ``untrained_names``, always the same, or a checkpoint.

    *Raises* as ``load_checkpoint``.
    """
    if path_or_name not in untrained_names():
        model, metadata = load_checkpoint(path_or_name)
        return model, metadata["architecture"]
    architecture = str(path_or_name).removesuffix(UNTRAINED)
    return untrained(architecture), architecture


def untrained(architecture: str, number: int = 0) -> nn.Module:
    """A fresh network in eval mode, always the same for its number; 0 is that of ``untrained_names``."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(UNTRAINED_SEED + number)
        return build(architecture).eval()


@lru_cache(maxsize=3)
def activations(name: str, images: int | None = None) -> dict[str, Layer]:
    """Layer name -> activations of a network on the probes, or on the first ``images`` of them, for every ReLU and the
    logits. The arrays are shared by all who ask: they are not to be changed."""
    model, architecture = network(name)
    return layers_of(model, load_probes()[0][:images], LAYERS[architecture])


def layers_of(model: nn.Module, inputs: Tensor, layers: Sequence[str]) -> dict[str, Layer]:
    """What ``capture`` gives, in batches of a bounded size."""
    return capture(model, torch.split(inputs, BATCH), layers)


def load_checkpoint(path_or_name: str | os.PathLike[str]) -> tuple[nn.Module, dict[str, str]]:
    """A trained network in eval mode, on the CPU, and its metadata (architecture, seed, labels, accuracies).

    Parameters: ``path_or_name``, the name of a shipped network (see ``checkpoint_names``), or a checkpoint
    file that ``spanmatch train`` wrote.
    Guarantee: nothing in the file can run code; every weight is finite and fits the architecture.

    *Raises* ``MissingData`` when there is neither a shipped network nor a file of that name; ``InvalidFile``
    when the file is no checkpoint or does not fit its architecture.
    """
    shipped = checkpoint_names()
    if isinstance(path_or_name, str) and path_or_name in shipped:
        return read_checkpoint(CHECKPOINT_FOLDER / f"{path_or_name}.safetensors")
    path = Path(path_or_name)
    if not path.is_file():
        raise MissingData(
            f"checkpoint: {os.fspath(path_or_name)!r} is neither a file nor a shipped network; "
            f"shipped are: {', '.join(shipped) or 'none'}."
        )
    return read_checkpoint(path)


def load_probes() -> tuple[Tensor, Tensor]:
    """The 1 000 shipped test images of Fashion-MNIST as networks see them, and their labels.

    Images are float32 (1000, 1, 28, 28); 100 of each class, in the test set's order.

    *Raises* ``InvalidFile`` when the installed file is damaged.
    """
    images, labels = read_probes(PROBE_FILE)
    return torch.from_numpy(normalise(images)), torch.from_numpy(labels.astype(np.int64))


def read_probes(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The images (images, 28, 28) and labels stored at ``path``, as unsigned bytes.

    *Raises* ``InvalidFile`` when the file is missing, damaged, or holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            images, labels = stored["images"], stored["labels"]
    except (OSError, KeyError, ValueError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise InvalidFile(f"{path}: not a readable file of probe images ({error}); reinstall spanmatch.") from error
    fits = images.dtype == labels.dtype == np.uint8 and images.shape == (*labels.shape, 28, 28)
    if not fits:
        raise InvalidFile(
            f"{path}: images {images.dtype} {images.shape} and labels {labels.dtype} {labels.shape}, but "
            "unsigned bytes (images, 28, 28) and (images,) are needed; reinstall spanmatch."
        )
    return images, labels
