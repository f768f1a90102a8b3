"""The networks that come with the package, their activations on the shipped probes, and the pairs worth comparing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy.typing as npt
import torch

from ...networks.architectures import LAYERS, build
from ...networks.capture import capture
from ...networks.shipped import load_checkpoint, load_probes

Kind = Literal["other seed", "untrained", "random labels", "itself"]


@dataclass(frozen=True)
class Pair:
    """Two networks of one architecture: names of shipped checkpoints, or "vgg-untrained"."""

    a: str
    b: str
    kind: Kind

    @property
    def name(self) -> str:
        return f"{self.a} against {self.b}"


MAIN_PAIR = Pair("vgg-0", "vgg-1", "other seed")

PAIRS = (
    MAIN_PAIR,
    Pair("vgg-0", "vgg-untrained", "untrained"),
    Pair("vgg-0", "vgg-random-labels", "random labels"),
    Pair("vgg-0", "vgg-0", "itself"),
    Pair("resnet-0", "resnet-1", "other seed"),
    Pair("resnet-0", "resnet-untrained", "untrained"),
    Pair("resnet-0", "resnet-random-labels", "random labels"),
)
"""Other seeds, and the controls that tell what they share from chance. More seeds are shipped: compare them by name."""


UNTRAINED_SEED = 10_000
"""Of no trained network: with the seed of one, "untrained" would be that network's own beginning, and share much."""


def network(name: str) -> torch.nn.Module:
    """A shipped network in eval mode; "ARCHITECTURE-untrained" is a fresh one, always the same."""
    architecture, _, state = name.partition("-")
    if state != "untrained":
        return load_checkpoint(name)[0]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(UNTRAINED_SEED)
        return build(architecture).eval()


def probes(count: int | None = None) -> torch.Tensor:
    """The shipped test images as networks see them, or the first ``count`` of them."""
    return load_probes()[0][:count]


@lru_cache(maxsize=3)
def activations(name: str, images: int | None = None) -> dict[str, npt.NDArray[Any]]:
    """Layer name -> activations of a shipped network on the probes, for every ReLU and the logits."""
    return capture(network(name), torch.split(probes(images), 200), LAYERS[name.partition("-")[0]])


def for_pair(
    pair: Pair, images: int | None = None, progress: Callable[[str], None] | None = None
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, npt.NDArray[Any]]]:
    """The activations of both networks of a pair on the same probes."""
    if progress is not None:
        progress(f"{pair.name}: activations")
    return activations(pair.a, images), activations(pair.b, images)
