"""A model and torch as capture needs them for one forward pass, and as they were afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from ...theory.tolerances import UNIT_ROUNDOFF


@contextmanager
def left_as_it_was(model: nn.Module) -> Iterator[None]:
    """Eval mode, and every module runs as it is written and as a whole, so that hooks see what it gives: without
    the fused kernels of attention, without compiled code, and on one device."""
    with ExitStack() as undo:
        undo.enter_context(_eval_mode(model))
        undo.callback(torch.backends.mha.set_fastpath_enabled, torch.backends.mha.get_fastpath_enabled())
        torch.backends.mha.set_fastpath_enabled(False)
        if "torch._dynamo" in sys.modules and hasattr(torch.compiler, "set_stance"):
            undo.enter_context(torch.compiler.set_stance("force_eager"))
        for module in model.modules():
            if isinstance(module, nn.DataParallel):
                undo.callback(setattr, module, "device_ids", module.device_ids)
                module.device_ids = []
        yield


@contextmanager
def _eval_mode(model: nn.Module) -> Iterator[None]:
    """Eval mode inside; afterwards every module's own training flag again.

    The flags are set directly: ``model.eval()`` may be overridden, and ``model.train()`` would set all of
    them.
    """
    flags = [(module, module.training) for module in model.modules()]
    try:
        for module, _ in flags:
            module.training = False
        yield
    finally:
        for module, training in flags:
            module.training = training


class Precision:
    """The coarsest precision that a forward pass has computed in so far: rounding stays in what comes after."""

    def __init__(self) -> None:
        self._coarsest = "float64"

    def of(self, tensor: Tensor) -> str:
        """What ``tensor``, which was just computed, is rounded to: its own dtype, that of autocast, or a coarser one
        before it."""
        if not tensor.is_floating_point():
            return str(tensor.dtype).removeprefix("torch.")
        for dtype in (tensor.dtype, _autocast(tensor.device.type)):
            name = str(dtype).removeprefix("torch.")
            if UNIT_ROUNDOFF.get(name, 0.0) > UNIT_ROUNDOFF[self._coarsest]:
                self._coarsest = name
        return self._coarsest


def _autocast(device: str) -> torch.dtype | None:
    """The dtype that autocast computes in, if it is on."""
    try:
        return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else None
    except (TypeError, AttributeError, RuntimeError):  # an older torch, a device without autocast
        return torch.get_autocast_gpu_dtype() if torch.is_autocast_enabled() else None
