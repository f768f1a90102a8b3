"""Which tensor of what a module gives is its activations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ...theory.errors import InvalidOption, shown

Selector = Callable[[Any], Any] | str | int
Output = Selector | Mapping[str, Selector] | None
"""Which part of a module's output: a key, an index or an attribute, or a function of it; or one for each layer, by its
name or a pattern."""


class Unusable(Exception):
    """A module's output that is no activations, and why."""


def selected(output: Any, name: str, chosen: Output) -> Tensor:
    """The tensor that is a layer's activations.

    By default the output itself, its ``last_hidden_state`` where it has one, or else its first tensor: the output of an
    LSTM without its states, the attention without its weights. *Raises* ``Unusable``.
    """
    selector = _selector(name, chosen)
    part = output if selector is None else _part(output, selector)
    found = first_tensor(part)
    if found is None:
        what = "" if selector is None else f" at {shown(selector)}"
        raise Unusable(
            f"gives {_described(output)}{what}, but one tensor is needed; capture a module inside it, or one after it, "
            "or choose with output="
        )
    if found.is_complex() or found.layout != torch.strided or found.is_nested or found.is_meta or found.is_quantized:
        raise Unusable(
            f"gives {found.dtype} in layout {found.layout} on {found.device}, but real numbers in torch.strided on a "
            "device that computes are needed"
        )
    return found


def check_output(chosen: Any) -> None:
    """*Raises* ``InvalidOption``."""
    for one in chosen.values() if isinstance(chosen, Mapping) else [chosen]:
        if one is not None and not callable(one) and not isinstance(one, (str, int)):
            raise InvalidOption(
                f"output: got {shown(one)}, need a key, an index, a function of a module's output, or a dictionary of "
                "these by layer name"
            )


def _selector(name: str, chosen: Output) -> Selector | None:
    if not isinstance(chosen, Mapping):
        return chosen
    if name in chosen:
        return chosen[name]
    return next((one for pattern, one in chosen.items() if fnmatchcase(name, pattern)), None)


def _part(output: Any, selector: Selector) -> Any:
    if callable(selector):
        return selector(output)
    if isinstance(selector, str) and not isinstance(output, Mapping):
        if hasattr(output, selector):
            return getattr(output, selector)
    elif not isinstance(output, Tensor):  # an index of it would be an image
        try:
            return output[selector]
        except (KeyError, IndexError, TypeError):
            pass
    raise Unusable(f"gives {_described(output)} without {shown(selector)}; choose another part with output=")


def first_tensor(value: Any) -> Tensor | None:
    if isinstance(value, Tensor):
        return value
    if isinstance(value, PackedSequence):
        return None
    hidden = getattr(value, "last_hidden_state", None)
    if isinstance(hidden, Tensor):
        return hidden
    if isinstance(value, Mapping):
        hidden = value.get("last_hidden_state")
        return hidden if isinstance(hidden, Tensor) else first_tensor(tuple(value.values()))
    if isinstance(value, (tuple, list)):
        return next((found for one in value if (found := first_tensor(one)) is not None), None)
    return None


def _described(output: Any) -> str:
    keys = list(output) if isinstance(output, Mapping) else []
    return type(output).__name__ + (f" ({', '.join(map(str, keys[:8]))})" if keys else "")
