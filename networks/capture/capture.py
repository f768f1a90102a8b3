"""Activations of any torch model's layers, by module name, through forward hooks."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ...theory.errors import InvalidOption, SpanmatchWarning, shown
from ...theory.validation.layer import Layer, as_axes
from ...theory.validation.options import as_function, as_instance
from .batches import Batches, Call, batches_in, inputs_in
from .fingerprint import Fingerprint
from .modules import WantedLayers, layer_names
from .outputs import Output, check_output
from .running import LayerBatch, Running

_NAMED = 8
"""So many skipped modules are named in a message."""


def capture(
    model: nn.Module,
    batches: Batches,
    layers: str | Sequence[str],
    *,
    device: torch.device | str | None = None,
    call: Call | None = None,
    output: Output = None,
    axes: Mapping[str, str] | None = None,
    inputs: Sequence[int | str] | Literal["fingerprint"] | None = "fingerprint",
) -> dict[str, Layer]:
    """The outputs of the named layers over all batches, in torch's layout.

    Parameters
    ----------
    model : torch.nn.Module
        Any module, compiled, in half precision or among several devices as it may be. It is not moved.
    batches : torch.Tensor or iterable
        One tensor of inputs, or an iterable (a DataLoader, a list, a generator) of batches: tensors, dictionaries of
        keyword arguments, or tuples and lists that start with one of these, such as ``(inputs, labels)``.
    layers : str or sequence of str
        Names as in ``model.named_modules()``, or glob patterns ("conv*.relu"; ``*`` crosses dots), in the order wanted.
        A pattern gives its matches in the model's order; a name given twice counts once. What wrappers put before a
        name ("_orig_mod.", "module.") may be there or not.
    device : torch.device or str, optional
        Where to send each batch, by default where the model's first parameter is.
    call : callable, optional
        ``call(model, batch)`` runs the model, for batches of any other kind, or several inputs.
    output : key, index, callable, or mapping of layer names to these, optional
        Which part of what a layer gives is its activations, where it gives more than a tensor. By default its
        ``last_hidden_state``, or its first tensor.
    axes : mapping of str to str, optional
        Layer name -> its axes as in ``Layer``, such as "ntc", for layers that do not say it themselves.
    inputs : sequence of int or str, "fingerprint" or None, default "fingerprint"
        What the layers say of the images that they have seen, in order: an id for each image; a fingerprint of the
        values that are in the batches; or nothing. Layers whose inputs differ cannot be compared.

    Returns
    -------
    dict of str to Layer
        Layer name -> its activations. ``values`` are as torch gives them, (images, channels, height, width) after a
        convolution, (images, features) after a linear layer, and the layer knows which axis is which, of which inputs
        they are, and the precision that they were computed in, which autocast may have made coarser than their dtype.
        A module that runs several times in one forward pass gives one entry per call, in calling order: ``name``,
        ``name#1``, ``name#2``, ...

    Raises
    ------
    UnknownLayer
        When a name or a pattern matches no module (closest names first).
    InvalidActivations
        When there are no batches, a batch is empty or of another kind; when a layer that was named does not run, gives
        no real tensor with one row per image, or does not say what its axes are; or when its number of calls, its
        output's shape or dtype differs between batches.
    InvalidOption
        When ``model`` is no torch module, there is no such device, or an option is not as described.

    Warns
    -----
    SpanmatchWarning
        Once, for the modules that only a pattern asked for and that give no activations: they are left out.

    Notes
    -----
    Guarantee: outputs are copied when the layer gives them, so a later in-place operation does not show; the model runs
    in eval mode and without gradients, as it is written (compiled code and the fused kernels of attention do not show
    what is inside). Each module's training flag, the hooks and torch's switches are put back as they were, also when
    the model or the iterable raises; the iterable runs in the caller's gradient mode. What the model or the iterable
    raises comes through as it is.

    Which axis is the image and which the neuron is never guessed. Convolutional, recurrent and attention layers say it;
    linear layers, embeddings and normalisations have their neurons last, and images first unless what they are given
    says otherwise; what other modules and functions of torch make of a tensor is followed.

    Cost: one forward pass; memory for all captured outputs and one batch.

    References
    ----------
    docs/models.md.

    Examples
    --------
    >>> import torch
    >>> from spanmatch import capture
    >>> model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2))
    >>> captured = capture(model, torch.ones(10, 3), ["1", "2"])
    >>> {name: layer.shape for name, layer in captured.items()}
    {'1': (10, 5), '2': (10, 2)}
    """
    by_fingerprint = isinstance(inputs, str) and inputs == "fingerprint"
    if isinstance(inputs, str) and not by_fingerprint:
        raise InvalidOption(f"inputs: got {shown(inputs)}, need ids, one for each image, 'fingerprint' or None")
    running = running_on(model, layers, device=device, call=call, output=output, axes=axes)
    stacks: dict[str, _Stack] = {}
    seen = Fingerprint()
    for number, batch in enumerate(batches_in(batches)):
        found = running.on(batch)
        if by_fingerprint:
            seen.update(batch if call else inputs_in(batch, number), next(iter(found.values())).images)
        for key in list(found):
            stacks.setdefault(key, _Stack()).add(found.pop(key))
    if running.skipped:
        warnings.warn(skipped_modules(running.skipped), SpanmatchWarning, stacklevel=2)
    ids = (str(seen) or None) if by_fingerprint else inputs
    return {key: stack.layer(ids) for key, stack in stacks.items()}


def running_on(
    model: Any, layers: Any, *, device: Any = None, call: Any = None, output: Any = None, axes: Any = None
) -> Running:
    """What ``capture`` is given, checked. *Raises* ``UnknownLayer``, ``InvalidOption``."""
    as_instance(model, "model", nn.Module)
    check_output(output)
    _check_axes(axes)
    where = None if device is None else _as_device(device)
    wanted = layers if isinstance(layers, WantedLayers) else layer_names(model, layers)
    runs = None if call is None else as_function(call, "call")
    return Running(model, wanted, device=where, call=runs, output=output, axes=axes)


def skipped_modules(skipped: Mapping[str, str]) -> str:
    """What patterns asked for and what gives no activations, in one message of bounded length."""
    named = [f"{name!r} {reason}" if k == 0 else repr(name) for k, (name, reason) in enumerate(skipped.items())]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"layers: left out {len(named)} of the modules that patterns match: {', '.join(named[:_NAMED])}{more}"


class _Stack:
    """Batches of one layer under one another, without ever holding them twice: the array grows in place."""

    def __init__(self) -> None:
        self._rows: npt.NDArray[Any] = np.empty(0)
        self._axes, self._precision = "", ""

    def add(self, batch: LayerBatch) -> None:
        values = batch.values
        if values.dtype == torch.bfloat16:
            values = values.float()
        rows = values.movedim(batch.axes.index("n"), 0).contiguous().numpy()
        if not self._axes:
            self._rows, self._axes, self._precision = rows, batch.axes, batch.precision
            return
        filled = len(self._rows)
        if not self._rows.flags.owndata:
            self._rows = self._rows.copy()
        self._rows.resize((filled + len(rows), *rows.shape[1:]), refcheck=False)
        self._rows[filled:] = rows

    def layer(self, inputs: Any) -> Layer:
        values = np.moveaxis(self._rows, 0, self._axes.index("n"))
        return Layer(values, self._axes, precision=self._precision, inputs=inputs)


def _check_axes(axes: Any) -> None:
    if axes is not None and not isinstance(axes, Mapping):
        raise InvalidOption(
            f"axes: got {shown(axes)}, need a dictionary of axes by layer name, such as {{'rnn': 'tnc'}}"
        )
    for name, letters in (axes or {}).items():
        as_axes(letters, f"axes[{name!r}]")


def _as_device(device: Any) -> torch.device:
    try:
        found = torch.device(device)
        torch.empty(0, device=found)
    except (TypeError, ValueError, RuntimeError, AssertionError) as error:
        raise InvalidOption(f"device: got {shown(device)}, need a device of this machine, such as 'cpu'") from error
    return found
