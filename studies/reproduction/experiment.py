"""What is trained, on which images, and how it is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from ...algorithms.limits import as_deadline
from ...networks.cifar import load_cifar10
from ...networks.data import ImageSet, load_fashion_mnist
from ...networks.fitting import RECIPES
from ...networks.published import PUBLISHED, relu_layers
from ...theory.errors import InvalidOption
from ...theory.validation.options import as_count, as_option

Dataset = Literal["fashion-mnist", "cifar10"]
Scale = Literal["small", "full"]

PARTS: Mapping[Scale, int] = MappingProxyType({"small": 8, "full": 1})
"""The part of the published widths that a scale takes."""
NETWORK_SEEDS = (0, 1, 2)
"""Three networks of each architecture, and so three pairs."""
PUBLISHED_EPSILONS = (0.15, 0.2, 0.25, 0.3, 0.5)
SIZES_AT = (0.3, 0.5)
"""Epsilons at which simple matches are looked for."""
RECIPE = RECIPES["published"]


@dataclass(frozen=True)
class Experiment:
    """All that the numbers follow from, but for rounding and where time limits end a search (which is told).

    ``folder``: of the data, None for where it is usually found; ``epochs``: passes over the training images, of which
    ``examples`` are used; ``images``: how many test images are looked at; ``positions``, ``draws``: the published
    sampling; ``shuffles``: for the null; ``orders``: random orders for the sizes of simple matches, each layer and
    epsilon in ``timeout`` seconds. ``examples`` and ``images`` None: all.
    """

    dataset: Dataset
    scale: Scale
    folder: str | None = None
    epochs: int = RECIPE.epochs
    examples: int | None = None
    images: int | None = None
    positions: int = 10_000
    draws: int = 16
    shuffles: int = 19
    orders: int = 10
    timeout: float = 20.0

    def __post_init__(self) -> None:
        as_option(self.dataset, "dataset", get_args(Dataset))
        as_option(self.scale, "scale", get_args(Scale))
        as_count(self.epochs, "epochs", 1)
        as_deadline(self.timeout)
        if self.dataset == "cifar10" and self.folder is None:
            raise InvalidOption("data: got no folder for cifar10, need that of its binary version")

    def to_dict(self) -> dict[str, Any]:
        """What decides the numbers; where the data are stored does not."""
        return {name: value for name, value in asdict(self).items() if name != "folder"}

    @property
    def kept_epochs(self) -> tuple[int, ...]:
        """After which the first two networks are kept: the powers of two, and the last."""
        powers = [2**k for k in range(self.epochs.bit_length()) if 2**k < self.epochs]
        return (*powers, self.epochs)

    def data(self) -> ImageSet:
        """The images. Raises: ``MissingData``, ``InvalidFile``."""
        return _read(self.dataset, self.folder)

    def test_images(self) -> Tensor:
        """Those that the networks are compared on, as networks see them."""
        data = self.data()
        return torch.from_numpy(data.seen(data.test_images[: self.images]))

    def model(self, architecture: str, seed: int) -> nn.Module:
        """A fresh network; torch's global random state is left as it was."""
        channels = self.data().seen(self.data().test_images[:1]).shape[1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return PUBLISHED[architecture](channels, PARTS[self.scale])

    def layers(self, architecture: str) -> tuple[str, ...]:
        """Those that are compared, input to output."""
        return relu_layers(self.model(architecture, 0))


@lru_cache(maxsize=1)
def _read(dataset: Dataset, folder: str | None) -> ImageSet:
    if dataset == "cifar10":
        return load_cifar10(folder or Path())
    return load_fashion_mnist(folder)
