"""One model on one batch after another: what its layers give, and which of them can be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from ...theory.errors import InvalidActivations
from .axes import Axes, FollowedAxes
from .batches import Call, call_with, check_tensors, inputs_in, moved, tensors_in
from .modules import WantedLayers, modules_of, unwrapped
from .outputs import Output, Unusable, first_tensor, selected
from .state import Precision, left_as_it_was


@dataclass(frozen=True)
class LayerBatch:
    """What a layer gave for a batch: a tensor of its own on the CPU, what its axes are, and the precision that it was
    computed in, which may be coarser than its dtype."""

    values: Tensor
    axes: str
    precision: str

    @property
    def images(self) -> int:
        return int(self.values.shape[self.axes.index("n")])


@dataclass(frozen=True)
class _Kind:
    """What is the same in all batches of a layer."""

    axes: str
    precision: str
    sizes: tuple[int, ...]
    dtype: torch.dtype

    @classmethod
    def of(cls, batch: LayerBatch) -> _Kind:
        sizes = tuple(size for size, letter in zip(batch.values.shape, batch.axes, strict=True) if letter != "n")
        return cls(batch.axes, batch.precision, sizes, batch.values.dtype)


@dataclass(frozen=True)
class _Given:
    """What one call of a module gave."""

    tensor: Tensor
    axes: Axes | None
    precision: str

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.tensor.shape)


Calls = dict[str, list[_Given | str]]
"""What each wanted module gave, call by call: a tensor, or why there is none."""


class Running:
    """Runs a model on batches, and gives what its wanted layers gave.

    What the first batch shows (which layers can be used, their axes and precision) must hold for all. ``skipped``: the
    modules that a pattern matched and that give no activations, with the reason. What a model raises comes through.
    """

    def __init__(
        self,
        model: nn.Module,
        wanted: WantedLayers,
        *,
        device: torch.device | None = None,
        call: Call | None = None,
        output: Output = None,
        axes: Mapping[str, str] | None = None,
    ) -> None:
        self.skipped: dict[str, str] = {}
        self._model, self._wanted, self._modules = model, wanted, modules_of(model)
        self._call, self._output, self._axes = call, output, axes or {}
        self._device = device or _device_of(model)
        self._first: dict[str, _Kind] = {}
        self._batch = 0

    def on(self, batch: Any) -> dict[str, LayerBatch]:
        """Layer -> what it gave; the calls of one module stand together. *Raises* ``InvalidActivations``."""
        inputs = batch if self._call else inputs_in(batch, self._batch)
        check_tensors(inputs, self._batch)
        calls, follow = self._run(inputs := moved(inputs, self._device))
        if follow and follow.doubtful:
            # Perhaps the whole model has the sequence first: then nothing in it contradicts that.
            calls, follow = self._run(inputs, sequence_first=True)
        calls = {
            name: [self._with_axes(_key(name, k), one, follow.doubtful if follow else []) for k, one in enumerate(made)]
            for name, made in calls.items()
        }
        found = self._usable(calls, _images(calls, inputs, follow, plain=self._call is None))
        if not self._batch:
            self._first = {key: _Kind.of(one) for key, one in found.items()}
        self._check(found)
        self._batch += 1
        return found

    def _run(self, inputs: Any, *, sequence_first: bool = False) -> tuple[Calls, FollowedAxes | None]:
        """One forward pass; the first one is followed."""
        calls: Calls = {name: [] for name in self._wanted.names if name not in self.skipped}
        follow = None if self._batch else FollowedAxes(sequence_first=sequence_first)
        precision = Precision()
        with ExitStack() as undo:
            undo.enter_context(left_as_it_was(self._model))
            if follow:
                for name, module in self._modules.items():
                    undo.callback(module.register_forward_hook(_following(name, follow, precision)).remove)
            for name, into in calls.items():
                hook = self._hook(name, into, follow, precision)
                undo.callback(self._modules[name].register_forward_hook(hook).remove)
            with torch.no_grad(), follow or nullcontext():
                if self._call:
                    self._call(self._model, inputs)
                else:
                    if follow:
                        follow.enter(tensors_in(inputs))
                    call_with(unwrapped(self._model), inputs)
        return calls, follow

    def _hook(
        self, name: str, into: list[_Given | str], follow: FollowedAxes | None, precision: Precision
    ) -> Callable[[nn.Module, Any, Any], None]:
        def copy_output(_module: nn.Module, _arguments: Any, output: Any) -> None:
            try:
                tensor = selected(output, name, self._output)
            except Unusable as error:
                if name in self._wanted.exact:
                    raise self._error(name, str(error)) from error
                into.append(str(error))
                return
            axes = follow.of(tensor) if follow else None
            # A copy: on a CPU this may be the very memory that the next layer overwrites.
            into.append(_Given(tensor.detach().to("cpu", copy=True), axes, precision.of(tensor)))

        return copy_output

    def _with_axes(self, key: str, one: _Given | str, doubtful: Sequence[str]) -> _Given | str:
        """With the axes of the first batch, those that the caller names, or those that the model gives away; or the
        reason why there are none."""
        if isinstance(one, str):
            return one
        if key in self._first:
            known = self._first[key]
            return replace(one, axes=Axes(known.axes, sure=True), precision=known.precision)
        named = self._axes.get(key, self._axes.get(key.partition("#")[0]))
        if named is not None and len(named) != len(one.shape):
            return f"gives shape {one.shape}, which axes {named!r} do not fit"
        if named is not None:
            return replace(one, axes=Axes(named, sure=True))
        if len(one.shape) == 2:
            return replace(one, axes=one.axes or Axes("nc", sure=False))
        if len(one.shape) > 2 and (one.axes is None or (doubtful and not one.axes.sure)):
            why = f"{doubtful[0]!r} has images elsewhere than first" if doubtful else "nothing in the model says so"
            likely = {3: "ntc", 4: "nchw"}.get(len(one.shape), "n...c")
            return (
                f"gives shape {one.shape}, and which axis is the image and which the neuron is not known: {why}; "
                f"say it, as in axes={{{key!r}: {likely!r}}}"
            )
        return one

    def _usable(self, calls: Calls, images: int) -> dict[str, LayerBatch]:
        """What can be used. What cannot is skipped, if this is the first batch and only a pattern asks for it."""
        found: dict[str, LayerBatch] = {}
        for name, made in calls.items():
            layers: dict[str, LayerBatch] = {}
            reason = "" if made else f"does not run in batch {self._batch}; leave it out"
            for number, one in enumerate(made):
                trouble = one if isinstance(one, str) else _trouble(_key(name, number), one, images)
                reason = reason or trouble
                if not isinstance(one, str) and one.axes and not reason:
                    layers[_key(name, number)] = LayerBatch(one.tensor, one.axes.letters, one.precision)
            if not reason:
                found |= layers
            elif self._batch or name in self._wanted.exact:
                raise self._error(name, reason)
            else:
                self.skipped[name] = reason
        if not found:
            name, reason = next(iter(self.skipped.items()))
            raise InvalidActivations(f"layers: none of the {len(self.skipped)} wanted can be used; {name!r} {reason}.")
        return found

    def _error(self, name: str, reason: str) -> InvalidActivations:
        return InvalidActivations(f"layers: {name!r} ({type(self._modules[name]).__name__}) {reason}.")

    def _check(self, found: Mapping[str, LayerBatch]) -> None:
        """As the first batch was."""
        if self._first.keys() != found.keys():
            raise InvalidActivations(
                f"layers: batch {self._batch} gives {_counted(found)}, but batch 0 gave {_counted(self._first)}; "
                "modules that run equally often in every batch are needed."
            )
        for key, one in found.items():
            if (now := _Kind.of(one)) != (before := self._first[key]):
                raise InvalidActivations(
                    f"batches: {key!r} gives shape {now.sizes} an input in batch {self._batch} and {before.sizes} in "
                    f"batch 0 (dtypes {now.dtype} and {before.dtype}); inputs of one size are needed."
                )


def _following(name: str, follow: FollowedAxes, precision: Precision) -> Callable[[nn.Module, Any, Any], None]:
    def look(module: nn.Module, arguments: Any, output: Any) -> None:
        tensor = first_tensor(output)
        if tensor is not None:
            follow.leave(name, module, arguments, tensor)
            precision.of(tensor)

    return look


def _key(name: str, call: int) -> str:
    return name if call == 0 else f"{name}#{call}"


def _images(calls: Calls, inputs: Any, follow: FollowedAxes | None, *, plain: bool) -> int:
    """How many images a batch has: the first axis of its first tensor, or the second one where the model says that its
    images are there. What is not ``plain``, only ``call`` understands: as many as most layers give."""
    sizes = [
        one.shape[one.axes.image] for made in calls.values() for one in made if not isinstance(one, str) and one.axes
    ]
    said = follow.images if follow else set(sizes)
    first = next(tensors_in(inputs), None)
    expected = list(first.shape[:2]) if first is not None else []
    if len(said & set(expected)) == 1:
        return (said & set(expected)).pop()
    return expected[0] if plain or (expected and expected[0] in sizes) else max(sizes, key=sizes.count, default=0)


def _trouble(key: str, one: _Given, images: int) -> str:
    if len(one.shape) > 1 and one.axes and one.shape[one.axes.image] == images:
        return ""
    needed = "one row an input and at least two dimensions are needed"
    likely = {3: "tnc", 4: "tnlc"}.get(len(one.shape))
    advice = f"; if the inputs are along another axis say so, as in axes={{{key!r}: {likely!r}}}" if likely else ""
    return f"gives shape {one.shape} for {images} inputs, but {needed}{advice}"


def _counted(outputs: Mapping[str, Any]) -> str:
    return f"{len(outputs)} outputs ({', '.join(list(outputs)[:8])}{', ...' if len(outputs) > 8 else ''})"


def _device_of(model: nn.Module) -> torch.device | None:
    """Where its first parameter is; None where it has none, or none with values (what loads them moves inputs too)."""
    first = next(model.parameters(), None)
    return None if first is None or first.is_meta else first.device
