"""The models of a comparison, and their untrained copies: one batch goes to all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from ...networks.capture.capture import running_on, skipped_modules
from ...networks.capture.modules import WantedLayers, leaves_of, modules_of
from ...networks.untrained import untrained_copy
from ...theory.errors import InvalidOption, UnknownLayer, shown
from ...theory.validation.layer import Layer
from ...theory.validation.options import as_count, as_instance, as_list
from ..comparison.samples import generator

MOST_UNTRAINED = 1000


class Networks:
    """Models that are fed the same batches. ``names``: in messages, ``models[0]`` and so on."""

    def __init__(self, models: Sequence[nn.Module], layers: Any, options: dict[str, Any]) -> None:
        self._runs = [running_on(model, _wanted(model, layers), **options) for model in models]

    def on(self, batch: Any) -> list[dict[str, Layer]]:
        """What the layers of each gave. Raises: ``InvalidActivations``; what a model raises comes through."""
        return [
            {key: Layer(one.values, one.axes, precision=one.precision) for key, one in run.on(batch).items()}
            for run in self._runs
        ]

    def notes(self, number: int) -> list[str]:
        """What was left out of a model."""
        skipped = self._runs[number].skipped
        return [skipped_modules(skipped)] if skipped else []


def as_models(models: Any) -> list[nn.Module]:
    """Two or more torch modules. Raises: ``InvalidOption``."""
    needed = "two torch modules, or more"
    listed = as_list(models, "models", needed) if not isinstance(models, nn.Module) else [models]
    if len(listed) < 2:
        raise InvalidOption(f"models: got {len(listed)}, need {needed}")
    return [as_instance(model, f"models[{k}]", nn.Module) for k, model in enumerate(listed)]


def untrained_sets(models: Sequence[nn.Module], count: Any, seed: int) -> list[list[nn.Module]]:
    """So many sets of untrained copies of all models. Raises: ``InvalidOption``."""
    sets = as_count(count, "baseline", 0, MOST_UNTRAINED, why=", how many untrained copies there are of each model")
    # Not the seed itself: a model may have drawn its own initial weights from it.
    rng = generator(seed, "untrained")
    return [[untrained_copy(model, int(rng.integers(2**62))) for model in models] for _ in range(sets)]


def weights_hash(models: Sequence[nn.Module]) -> str:
    """Of the classes and of all parameters and buffers: what is continued must be the same networks."""
    found = hashlib.sha256()
    for model in models:
        found.update(type(model).__name__.encode())
        for name, tensor in sorted(model.state_dict().items()):
            if isinstance(tensor, torch.Tensor):
                found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
                found.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


def _wanted(model: nn.Module, layers: Any) -> Any:
    """By default every module without modules inside; those that give no activations are left out."""
    if layers is not None:
        return layers
    leaves = leaves_of(modules_of(model))
    if not leaves:
        raise UnknownLayer(f"layers: got none, and {shown(type(model).__name__)} has no modules; name some")
    return WantedLayers(leaves, frozenset())
