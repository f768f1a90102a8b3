"""Activations of any torch model's layers, by module name, through forward hooks."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..theory.errors import InvalidActivations, InvalidOption, UnknownLayer, shown
from ..theory.validation.options import as_instance, as_names

Batches = Tensor | Iterable[Any]


def capture(
    model: nn.Module,
    batches: Batches,
    layers: str | Sequence[str],
    *,
    device: torch.device | str | None = None,
) -> dict[str, Float[np.ndarray, "inputs ..."]]:
    """The outputs of the named layers over all batches, in torch's layout.

    Parameters
    ----------
    model : torch.nn.Module
        Any module whose forward takes one tensor. It is not moved.
    batches : torch.Tensor or iterable
        One tensor of inputs, or an iterable (a DataLoader, a list, a generator) of tensors or of tuples and lists that
        start with one, such as ``(inputs, labels)``.
    layers : str or sequence of str
        Names as in ``model.named_modules()``, or glob patterns ("conv*.relu"; ``*`` crosses dots), in the order wanted.
        A pattern gives its matches in the model's order; a name given twice counts once.
    device : torch.device or str, optional
        Where to send each batch, by default where the model's first parameter is.

    Returns
    -------
    dict of str to ndarray
        Layer name -> array with one row per input: (inputs, channels, height, width) after a convolution, (inputs,
        features) after a linear layer; in float32 as computed (a float64 model's in float64). A module that runs
        several times in one forward pass gives one entry per call, in calling order: ``name``, ``name#1``, ``name#2``,
        ...

    Raises
    ------
    UnknownLayer
        When a name or a pattern matches no module (closest names first).
    InvalidActivations
        When there are no batches, a batch is empty or no tensor, an output is not one real tensor with one row per
        input, a layer does not run, or its number of calls or its output's shape differs between batches.
    InvalidOption
        When ``model`` is no torch module, or there is no such device.

    Notes
    -----
    Guarantee: outputs are copied when the layer gives them, so a later in-place operation does not show; the model runs
    in eval mode and without gradients. Each module's training flag and the hooks are put back as they were, also when
    the model or the iterable raises; the iterable runs in the caller's gradient mode. What the model or the iterable
    raises comes through as it is.

    Cost: one forward pass; memory for all captured outputs.

    Examples
    --------
    >>> import torch
    >>> from spanmatch import capture
    >>> model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2))
    >>> captured = capture(model, torch.ones(10, 3), ["1", "2"])
    >>> {name: outputs.shape for name, outputs in captured.items()}
    {'1': (10, 5), '2': (10, 2)}
    """
    collected: dict[str, list[np.ndarray]] = {}
    for outputs in capture_batches(model, batches, layers, device=device):
        for key, output in outputs.items():
            collected.setdefault(key, []).append(output)
    return {key: np.concatenate(parts) for key, parts in collected.items()}


def capture_batches(
    model: nn.Module,
    batches: Batches,
    layers: str | Sequence[str],
    *,
    device: torch.device | str | None = None,
) -> Iterator[dict[str, Float[np.ndarray, "batch ..."]]]:
    """What ``capture`` returns, one dictionary a batch, for activations that do not fit into memory together.

    Parameters, guarantee and errors are those of ``capture``; errors come when the batch is asked for.
    Between batches the model is as it was before.
    """
    as_instance(model, "model", nn.Module)
    names = layer_names(model, layers)
    where = _device_of(model) if device is None else _as_device(device)
    first: dict[str, np.ndarray] | None = None
    for number, batch in enumerate(_inputs(batches)):
        outputs = _run(model, batch if where is None else batch.to(where), names)
        first = outputs if first is None else first
        for name in names:
            if name not in outputs:
                raise InvalidActivations(f"layers: {name!r} does not run in batch {number}; leave it out.")
        if first.keys() != outputs.keys():
            raise InvalidActivations(
                f"layers: batch {number} gives {_counted(outputs)}, but batch 0 gave {_counted(first)}; "
                "modules that run equally often in every batch are needed."
            )
        for key, output in outputs.items():
            if output.shape[1:] != first[key].shape[1:]:
                raise InvalidActivations(
                    f"batches: {key!r} gives shape {output.shape[1:]} an input in batch {number} and "
                    f"{first[key].shape[1:]} in batch 0; inputs of one size are needed."
                )
        yield outputs
    if first is None:
        raise InvalidActivations(
            "batches: got none, but at least one batch is needed (a used-up generator gives no more)."
        )


def layer_names(model: nn.Module, layers: str | Sequence[str]) -> tuple[str, ...]:
    """The module names that ``layers`` (names or glob patterns) stand for, in that order, each once.

    *Raises* ``UnknownLayer`` when one matches no module of ``model``.
    """
    existing = [name for name, _ in model.named_modules(remove_duplicate=False) if name]
    wanted = as_names(layers, "layers", f"names or patterns of modules; the model has: {', '.join(existing)}")
    if not wanted:
        raise UnknownLayer(f"layers: got none, but at least one name is needed; the model has: {', '.join(existing)}.")
    found: dict[str, None] = {}
    for layer in wanted:
        # A name is taken literally first: module names may contain [ and ].
        matches = [layer] if layer in existing else [name for name in existing if fnmatch.fnmatchcase(name, layer)]
        if not matches:
            raise UnknownLayer(f"layers: {layer!r} matches no module; {_closest_first(layer, existing)}.")
        found.update(dict.fromkeys(matches))
    return tuple(found)


def _closest_first(layer: Any, existing: Sequence[str]) -> str:
    close = difflib.get_close_matches(str(layer), existing, n=3, cutoff=0.5)
    ordered = [*close, *(name for name in existing if name not in close)]
    return f"the model has: {', '.join(ordered)}" if ordered else "the model has no named modules"


def _inputs(batches: Batches) -> Iterator[Tensor]:
    """The input tensor of each batch."""
    if isinstance(batches, Tensor):
        batches = [batches]
    try:
        listed = iter(batches)
    except TypeError as error:
        raise InvalidActivations(
            f"batches: got {shown(batches)}, but a tensor or an iterable of tensors is needed."
        ) from error
    for number, batch in enumerate(listed):
        inputs = batch[0] if isinstance(batch, (tuple, list)) and batch else batch
        if not isinstance(inputs, Tensor):
            raise InvalidActivations(
                f"batches: batch {number} is {type(batch).__name__}, but a tensor, or a tuple "
                "that starts with one, is needed."
            )
        if inputs.ndim == 0 or len(inputs) == 0:
            raise InvalidActivations(f"batches: batch {number} has shape {tuple(inputs.shape)}: no inputs in it.")
        if inputs.is_meta:
            raise InvalidActivations(f"batches: batch {number} is on the meta device, where tensors have no values.")
        yield inputs


def _counted(outputs: dict[str, np.ndarray]) -> str:
    return f"{len(outputs)} outputs ({', '.join(outputs)})"


def _run(model: nn.Module, inputs: Tensor, names: Sequence[str]) -> dict[str, np.ndarray]:
    """One forward pass; each named module's outputs, the calls of one module next to each other."""
    outputs: dict[str, list[np.ndarray]] = {name: [] for name in names}
    modules = dict(model.named_modules(remove_duplicate=False))
    with ExitStack() as undo:
        undo.enter_context(_eval_mode(model))
        for name in names:
            handle = modules[name].register_forward_hook(_hook(name, len(inputs), outputs[name]))
            undo.callback(handle.remove)
        with torch.no_grad():
            model(inputs)
    return {
        name if call == 0 else f"{name}#{call}": output for name in names for call, output in enumerate(outputs[name])
    }


def _hook(name: str, rows: int, into: list[np.ndarray]) -> Callable[[nn.Module, Any, Any], None]:
    def copy_output(module: nn.Module, _arguments: Any, output: Any) -> None:
        kind = type(module).__name__
        if not isinstance(output, Tensor):
            raise InvalidActivations(
                f"layers: {name!r} ({kind}) gives {type(output).__name__}, but one tensor is needed; "
                "capture a module inside it, or one after it."
            )
        if output.is_complex() or output.layout != torch.strided or output.is_meta:
            raise InvalidActivations(
                f"layers: {name!r} ({kind}) gives {output.dtype} in layout {output.layout} on "
                f"{output.device}, but real numbers in torch.strided on a device that computes are needed."
            )
        if output.ndim < 2 or len(output) != rows:
            raise InvalidActivations(
                f"layers: {name!r} ({kind}) gives shape {tuple(output.shape)} for {rows} inputs, but "
                "one row an input and at least two dimensions are needed."
            )
        narrow = output.is_floating_point() and output.dtype.itemsize < torch.float32.itemsize
        values = output.detach().to(device="cpu", dtype=torch.float32 if narrow else output.dtype)
        # np.array copies: on a CPU `values` may be the very memory that the next layer overwrites.
        into.append(np.array(values.numpy(), order="C"))

    return copy_output


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


def _as_device(device: Any) -> torch.device:
    try:
        found = torch.device(device)
        torch.empty(0, device=found)
    except (TypeError, ValueError, RuntimeError, AssertionError) as error:
        raise InvalidOption(f"device: got {shown(device)}, need a device of this machine, such as 'cpu'") from error
    return found


def _device_of(model: nn.Module) -> torch.device | None:
    first = next(model.parameters(), None)
    return None if first is None else first.device
