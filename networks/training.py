"""Training one network from a seed by a fixed recipe."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

from ..theory.validation.options import as_count, as_option
from .architectures import build
from .checkpoint_files import save_checkpoint
from .data import CLASSES, FashionMNIST, load_fashion_mnist
from .fitting import BATCH_SIZE, RECIPES, fit

Labels = Literal["true", "random"]

DEFAULT_RECIPE = "published"
DECAYED = "decayed"
"""The recipe of checkpoints that do not say which one, and of random labels."""
#: Random labels can only be memorised, so few images as they are, and many passes.
RANDOM_LABEL_EPOCHS = 100
RANDOM_LABEL_EXAMPLES = 2000


@dataclass(frozen=True)
class Trained:
    """A trained network (in eval mode) and how it came about; accuracies are shares of right answers."""

    model: nn.Module
    architecture: str
    seed: int
    labels: Labels
    recipe: str
    epochs: int
    examples: int
    accuracy: float
    train_accuracy: float

    def __repr__(self) -> str:
        return (
            f"Trained({self.name}: test accuracy {self.accuracy:.4f}, "
            f"train accuracy {self.train_accuracy:.4f} "
            f"on {self.examples} images with {self.labels} labels, {self.epochs} epochs)"
        )

    @property
    def name(self) -> str:
        """The checkpoint's name, as ``network_name`` gives it."""
        return network_name(self.architecture, self.seed, self.labels, self.recipe)

    @property
    def metadata(self) -> dict[str, str]:
        """What a checkpoint records about its network, as strings."""
        return {
            "architecture": self.architecture,
            "seed": str(self.seed),
            "labels": self.labels,
            "recipe": self.recipe,
            "epochs": str(self.epochs),
            "examples": str(self.examples),
            "test_accuracy": f"{self.accuracy:.4f}",
            "train_accuracy": f"{self.train_accuracy:.4f}",
        }

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the network as a safetensors checkpoint, whole or not at all, and return its path.

        A ``path`` that is a folder gets the file ``{name}.safetensors``.
        """
        target = Path(path)
        if target.is_dir():
            target = target / f"{self.name}.safetensors"
        save_checkpoint(target, self.model, self.metadata)
        return target


def network_name(architecture: str, seed: int, labels: Labels, recipe: str | None = None) -> str:
    """What a trained network is called, and its checkpoint: "vgg-0", "vgg-decayed-0" or "vgg-random-labels"."""
    if labels == "random":
        return f"{architecture}-random-labels"
    return f"{architecture}-{seed}" if recipe in (None, DEFAULT_RECIPE) else f"{architecture}-{recipe}-{seed}"


def train(
    architecture: str,
    seed: int,
    *,
    recipe: str | None = None,
    epochs: int | None = None,
    examples: int | None = None,
    data: FashionMNIST | str | os.PathLike[str] | None = None,
    labels: Labels = "true",
    progress: bool = True,
) -> Trained:
    """Train one network on Fashion-MNIST from a seed.

    Parameters: ``architecture``, "vgg" or "resnet"; ``seed`` ≥ 0, which decides initial weights, order and
    augmentation of the images and, with ``examples`` or random labels, the images and labels; ``recipe``, a name in
    ``RECIPES``, by default "published", or "decayed" with random labels; ``epochs``, passes over the training images
    (those of the recipe, or 100 with random labels); ``examples``, how many training images (all, or 2 000 with random
    labels); ``data``, the data, its folder, or None to find it; ``labels``, "true", or "random": drawn uniformly,
    independently of the images; ``progress``, whether a terminal shows a bar on standard error (a pipe never does).
    Guarantee: nothing else is free (batches of 128, no selection by test accuracy), and on one machine with one
    version and thread count of torch the weights are the same bits each time. Elsewhere sums are rounded in another
    order, so weights differ and accuracies vary by tenths of a percent. torch's global random state is left as it was.
    Cost: about half a minute an epoch of 60 000 images on one core.

    *Raises* ``InvalidOption``; ``MissingData`` and ``InvalidFile`` from reading the data.
    """
    as_option(labels, "labels", get_args(Labels))
    random = labels == "random"
    if recipe is None:
        recipe = DECAYED if random else DEFAULT_RECIPE
    followed = RECIPES[as_option(recipe, "recipe", sorted(RECIPES))]
    if epochs is None:
        epochs = RANDOM_LABEL_EPOCHS if random else followed.epochs
    epochs = as_count(epochs, "epochs", 1)
    seed = as_count(seed, "seed", 0, 2**63 - 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build(architecture)
    if not isinstance(data, FashionMNIST):
        data = load_fashion_mnist(data)
    available = len(data.train_images)
    if examples is None:
        examples = min(RANDOM_LABEL_EXAMPLES, available) if random else available
    examples = as_count(examples, "examples", 1, available)
    images, targets = _training_set(data, seed, examples, random)
    black = torch.from_numpy(data.seen(np.zeros_like(data.train_images[:1])))[..., :1, :1]
    batches = -(-examples // BATCH_SIZE)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (progress and console.is_terminal)) as bar:
        task = bar.add_task(f"{architecture}, seed {seed}, {labels} labels", total=epochs * batches)
        fit(model, images, targets, followed, seed, black=black, epochs=epochs, advance=lambda: bar.advance(task))
    test_images = torch.from_numpy(data.seen(data.test_images))
    return Trained(
        model=model,
        architecture=architecture,
        seed=seed,
        labels=labels,
        recipe=recipe,
        epochs=epochs,
        examples=examples,
        accuracy=accuracy(model, test_images, torch.from_numpy(data.test_labels)),
        train_accuracy=accuracy(model, images, targets),
    )


def accuracy(model: nn.Module, images: Tensor, labels: Tensor, *, batch_size: int = 500) -> float:
    """The share of ``images`` (images, 1, 28, 28; normalised) whose largest logit is at their label.

    The model is left in eval mode; the images are brought to where it is.
    """
    where = next(model.eval().parameters()).device
    with torch.no_grad():
        answers = torch.cat([model(batch.to(where)).argmax(dim=1).cpu() for batch in torch.split(images, batch_size)])
    return float((answers == labels).double().mean())


def _training_set(data: FashionMNIST, seed: int, examples: int, random: bool) -> tuple[Tensor, Tensor]:
    images: UInt8[np.ndarray, "examples 28 28"] = data.train_images
    labels: Int64[np.ndarray, " examples"] = data.train_labels
    generator = np.random.default_rng(seed)
    if examples < len(images):
        chosen = np.sort(generator.choice(len(images), size=examples, replace=False))
        images, labels = images[chosen], labels[chosen]
    if random:
        labels = generator.integers(CLASSES, size=examples)
    return torch.from_numpy(data.seen(images)), torch.from_numpy(labels)
