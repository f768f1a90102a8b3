"""Untrained copies of any model: the same architecture with other random weights."""

from __future__ import annotations

import copy

import torch
from torch import nn

from ..theory.errors import InvalidOption, shown
from .capture.modules import unwrapped

_RESETS = ("reset_parameters", "_reset_parameters")
_NAMED = 5
_INSTEAD = (
    "need untrained models as a comparison of their own: "
    "baseline=[compare_models([untrained_a, untrained_b], batches), ...]"
)


def untrained_copy(model: nn.Module, seed: int) -> nn.Module:
    """A copy of a model whose modules have drawn their initial weights anew, by ``reset_parameters`` as torch's modules
    have it, or the ``_init_weights`` of a model of ``transformers``; the model is as it was.

    All parameters are erased first, so that none can keep what it has learned.

    *Raises* ``InvalidOption`` when it has parameters that nothing draws anew, or cannot be copied.
    """
    try:
        fresh = copy.deepcopy(unwrapped(model))
    except Exception as error:  # whatever the copying of a stranger's module raises
        raise InvalidOption(
            f"baseline: got a {type(model).__name__} that cannot be copied ({shown(str(error))}); {_INSTEAD}"
        ) from error
    devices = {parameter.device.index or 0 for parameter in fresh.parameters() if parameter.device.type == "cuda"}
    with torch.random.fork_rng(devices=sorted(devices)), torch.no_grad():
        torch.manual_seed(seed)
        for parameter in fresh.parameters():
            parameter.fill_(torch.nan)
        # As when they are built: what a module is made of first, and then what it wants to have otherwise.
        for module in reversed([*fresh.modules()]):
            reset = next((getattr(module, name) for name in _RESETS if hasattr(module, name)), None)
            if callable(reset):
                reset()
        for module in fresh.modules():
            if callable(initialise := getattr(module, "_init_weights", None)):
                for inner in module.modules():
                    initialise(inner)
    left = [name for name, parameter in fresh.named_parameters() if parameter.isnan().any()]
    if left:
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        raise InvalidOption(
            f"baseline: got a {type(fresh).__name__} with parameters that no reset_parameters draws anew: "
            f"{', '.join(left[:_NAMED])}{more}; {_INSTEAD}"
        )
    return fresh
