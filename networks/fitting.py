"""Recipes of training, and one network fitted to images by one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import torch
from torch import Tensor, nn

BATCH_SIZE = 128
SHIFT = 2
"""Pixels by which augmented images are shifted, at most, in each direction."""


@dataclass(frozen=True)
class Recipe:
    """How networks are trained: optimiser, schedule, augmentation, and how long."""

    what: str
    epochs: int
    augmented: bool
    optimiser: Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]
    schedule: Callable[[torch.optim.Optimizer, int], torch.optim.lr_scheduler.LRScheduler]
    """Of the learning rate, from the number of steps."""


def _steps_down(optimiser: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """A tenth of the learning rate after half of the steps, and of that after three quarters."""
    return torch.optim.lr_scheduler.MultiStepLR(optimiser, [steps // 2, steps * 3 // 4], gamma=0.1)


def _one_cycle(optimiser: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    return torch.optim.lr_scheduler.OneCycleLR(optimiser, 2.5e-3, total_steps=steps, pct_start=0.25)


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "published": Recipe(
            "SGD with momentum 0.9, weight decay 5e-4, a step schedule, shifted and flipped images",
            epochs=16,
            augmented=True,
            optimiser=partial(torch.optim.SGD, lr=0.02, momentum=0.9, weight_decay=5e-4),
            schedule=_steps_down,
        ),
        "decayed": Recipe(
            "AdamW with weight decay 0.3, a one-cycle schedule, images as they are",
            epochs=4,
            augmented=False,
            optimiser=partial(torch.optim.AdamW, lr=2.5e-3, weight_decay=0.3),
            schedule=_one_cycle,
        ),
    }
)
"""By name: the recipe of the paper, in kind, and one whose networks share far more than networks usually do."""


def fit(
    model: nn.Module,
    images: Tensor,
    targets: Tensor,
    recipe: Recipe,
    seed: int,
    *,
    black: Tensor,
    epochs: int,
    device: torch.device | str = "cpu",
    advance: Callable[[], object] = lambda: None,
    after_epoch: Callable[[int, nn.Module], object] = lambda epoch, model: None,
) -> None:
    """Train ``model`` in place, on a device; it ends in eval mode, on the CPU.

    ``images`` (images, channels, height, width) are as networks see them, and ``black``, of shape (1, channels, 1, 1),
    is what they see of a black pixel, which stands beside a shifted image. ``seed`` decides the order of the images and
    their augmentation. ``advance`` is called after each batch, ``after_epoch`` with 1, 2, ... and the model, in eval
    mode.
    """
    # Channels-last is a quarter faster on a CPU; it changes the memory layout, not the model.
    model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    images, targets = images.to(device), targets.to(device)
    random = torch.Generator().manual_seed(seed)
    augmented = recipe.augmented and _shifted_and_flipped(images, black.to(device), random)
    seen = augmented or (lambda batch: images[batch.to(device)])
    optimiser = recipe.optimiser(model.parameters())
    schedule = recipe.schedule(optimiser, epochs * -(-len(images) // BATCH_SIZE))
    for epoch in range(1, epochs + 1):
        model.train()
        for batch in torch.split(torch.randperm(len(images), generator=random), BATCH_SIZE):
            inputs = seen(batch).to(memory_format=torch.channels_last)
            loss = nn.functional.cross_entropy(model(inputs), targets[batch.to(device)])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            advance()
        after_epoch(epoch, model.eval())
    model.to(device="cpu", memory_format=torch.contiguous_format)  # type: ignore[call-overload]


def _shifted_and_flipped(images: Tensor, black: Tensor, random: torch.Generator) -> Callable[[Tensor], Tensor]:
    """Gives the images of a batch, each shifted by up to ``SHIFT`` pixels and every other one mirrored, at random."""
    count, _, height, width = images.shape
    padded = black.repeat(count, 1, height + 2 * SHIFT, width + 2 * SHIFT)
    padded[:, :, SHIFT:-SHIFT, SHIFT:-SHIFT] = images
    down_all, right_all = torch.arange(height), torch.arange(width)

    def augmented(batch: Tensor) -> Tensor:
        down, right = torch.randint(2 * SHIFT + 1, (2, len(batch), 1), generator=random)
        mirrored = torch.randint(2, (len(batch), 1), generator=random).bool()
        rows, columns = down + down_all, right + torch.where(mirrored, right_all.flip(0), right_all)
        chosen = (batch[:, None, None], rows[:, :, None], columns[:, None, :])
        images_last = padded.permute(0, 2, 3, 1)[tuple(index.to(images.device) for index in chosen)]
        return images_last.permute(0, 3, 1, 2)

    return augmented
