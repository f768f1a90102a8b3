"""What is fed to a model: batches of any make, moved to its device, and the fingerprint of the inputs in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ...theory.errors import InvalidActivations, shown

Batches = Tensor | Mapping[str, Any] | Iterable[Any]
Call = Callable[[Any, Any], Any]
"""``call(model, batch)`` runs the model on a batch."""

_NEEDED = (
    "a tensor, a dictionary of keyword arguments, or a tuple that starts with one of these, is needed; for all else "
    "there is call=lambda model, batch: ..."
)


def batches_in(batches: Batches) -> Iterator[Any]:
    """Each batch; a tensor or a dictionary is one. *Raises* ``InvalidActivations`` for no iterable, or an empty one."""
    if isinstance(batches, (Tensor, Mapping)):
        batches = [batches]
    try:
        listed = iter(batches)
    except TypeError as error:
        raise InvalidActivations(
            f"batches: got {shown(batches)}, but a tensor or an iterable of tensors is needed."
        ) from error
    number = -1
    for number, batch in enumerate(listed):  # noqa: B007
        yield batch
    if number < 0:
        raise InvalidActivations(
            "batches: got none, but at least one batch is needed (a used-up generator gives no more)."
        )


def inputs_in(batch: Any, number: int) -> Any:
    """What a model is given of a batch: the tensor or the dictionary itself, or the first of a tuple, such as
    ``(inputs, labels)``. *Raises* ``InvalidActivations``."""
    inputs = batch[0] if isinstance(batch, (tuple, list)) and batch else batch
    if isinstance(inputs, Mapping):
        if not any(True for _ in tensors_in(inputs)):
            raise InvalidActivations(f"batches: batch {number} is a dictionary without any tensor; {_NEEDED}.")
    elif not isinstance(inputs, Tensor):
        raise InvalidActivations(f"batches: batch {number} is {_kind(batch)}, but {_NEEDED}.")
    return inputs


def check_tensors(inputs: Any, number: int) -> None:
    """No tensor without entries or without values."""
    for tensor in tensors_in(inputs):
        if isinstance(inputs, Tensor) and (tensor.ndim == 0 or len(tensor) == 0):
            raise InvalidActivations(f"batches: batch {number} has shape {tuple(tensor.shape)}: no inputs in it.")
        if tensor.is_meta:
            raise InvalidActivations(f"batches: batch {number} is on the meta device, where tensors have no values.")


def call_with(model: nn.Module, inputs: Any) -> Any:
    """A dictionary is keyword arguments."""
    return model(**inputs) if isinstance(inputs, Mapping) else model(inputs)


def moved(value: Any, device: torch.device | None) -> Any:
    """Everything in nested containers that knows how to move to a device, there."""
    if device is None:
        return value
    if hasattr(value, "to") and callable(value.to):
        return value.to(device)
    if isinstance(value, Mapping):
        return {key: moved(one, device) for key, one in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(moved(one, device) for one in value))
    if isinstance(value, (tuple, list)):
        return type(value)(moved(one, device) for one in value)
    return value


def tensors_in(value: Any) -> Iterator[Tensor]:
    """All tensors in nested containers, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from tensors_in(one)
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from tensors_in(one)


def _kind(batch: Any) -> str:
    if isinstance(batch, (tuple, list)) and batch:
        return f"{type(batch).__name__} that starts with {type(batch[0]).__name__}"
    return type(batch).__name__
