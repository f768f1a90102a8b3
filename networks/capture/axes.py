"""What the axes of a tensor are, as far as the model itself says so: nothing is guessed from sizes.

Axes are named by letters: n the image, c the neuron, others are positions. Some functions and modules say what theirs
are (the channels of a convolution come second, the neurons of a linear layer last, a recurrent layer says whether the
batch comes first). Most tensors have theirs from others: by adding a residual connection, by an activation function, by
moving axes. While a model runs every function of torch is followed, so that they are known where no module stands, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakIdKeyDictionary

_CHANNELS_SECOND = {2: "nc", 3: "ncl", 4: "nchw", 5: "ncdhw"}
_NEURONS_LAST = {2: "nc", 3: "ntc", 4: "nhwc", 5: "ndhwc"}
_SPARE = "tlhwdxyzuv"


@dataclass(frozen=True)
class Axes:
    """``letters``: one for each axis, without c where only the image's is known, as in the inputs of a model. ``sure``:
    whether the model says where the image is; otherwise the image is taken to come first, as torch has it nearly
    everywhere."""

    letters: str
    sure: bool

    @property
    def image(self) -> int:
        return self.letters.index("n")

    @property
    def complete(self) -> bool:
        return "c" in self.letters

    def moved(self, order: Sequence[int]) -> Axes:
        return replace(self, letters="".join(self.letters[k] for k in order))

    def neurons_last(self) -> Axes | None:
        """The same images, and neurons along the last axis: what was the neuron is a position."""
        if self.letters[-1] in "nc":
            return self if self.letters[-1] == "c" else None
        spare = next(letter for letter in _SPARE if letter not in self.letters)
        return replace(self, letters=self.letters[:-1].replace("c", spare) + "c")

    def without(self, gone: Sequence[int]) -> Axes | None:
        letters = "".join(letter for k, letter in enumerate(self.letters) if k not in gone)
        return replace(self, letters=letters) if {"n", "c"} & set(self.letters) <= set(letters) else None


class FollowedAxes(TorchFunctionMode):
    """Follows the axes of tensors while a model runs.

    ``sequence_first``: where nothing says where the image is, it is not the first axis of three but the second.
    ``doubtful``: the modules that say that the image is elsewhere than it had been taken to be in what they were given.
    ``images``: the lengths of all axes that are said to be the image's.
    """

    def __init__(self, *, sequence_first: bool = False) -> None:
        super().__init__()
        self._known: Any = WeakIdKeyDictionary()
        self._usual = _NEURONS_LAST | ({3: "tnc"} if sequence_first else {})
        self._sequence_first = sequence_first
        self.doubtful: list[str] = []
        self.images: set[int] = set()

    def of(self, tensor: Tensor) -> Axes | None:
        """None also where it is not known which axis is the neuron."""
        found = self._found(tensor)
        return found if found and found.complete else None

    def _found(self, tensor: Tensor) -> Axes | None:
        found: Axes | None = self._known.get(tensor)
        return found

    def enter(self, tensors: Iterable[Tensor]) -> None:
        """The model is given these. Of two axes, when the sequence is first, it is not known which is the image."""
        for tensor in tensors:
            if tensor.ndim > (2 if self._sequence_first else 1):
                letters = "n" + _SPARE[: tensor.ndim - 1]
                if self._sequence_first and tensor.ndim == 3:
                    letters = "tn" + _SPARE[1]
                self.say(tensor, Axes(letters, sure=False))

    def say(self, tensor: Tensor, axes: Axes | None) -> None:
        if axes is not None and len(axes.letters) == tensor.ndim:
            self._known[tensor] = axes
            self.images.update([tensor.shape[axes.image]] if axes.sure else [])
        else:
            self._known.pop(tensor, None)

    def leave(self, name: str, module: nn.Module, arguments: Sequence[Any], output: Tensor) -> None:
        """A module has given ``output``; some say what its axes are."""
        if isinstance(module, (nn.RNNBase, nn.MultiheadAttention)) and output.ndim == 3:
            found = Axes("ntc" if module.batch_first else "tnc", sure=True)
        elif type(module).__name__ == "Conv1D" and output.ndim in _NEURONS_LAST:
            # What GPT-2 of transformers calls a linear layer.
            found = Axes(self._usual[output.ndim], sure=False)
        else:
            return
        before = self._found(arguments[0]) if arguments and isinstance(arguments[0], Tensor) else None
        if found.sure and before is not None and not before.sure and found.image != before.image:
            self.doubtful.append(name)
        self.say(output, found if found.sure or before is None else before.neurons_last())

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        name = getattr(func, "__name__", "")
        if name == "__get__":
            name = getattr(getattr(func, "__self__", None), "__name__", "")
        if isinstance(output, Tensor):
            try:
                axes = self._followed(name, args, kwargs, output)
            except (IndexError, KeyError, TypeError, ValueError):  # called in a way that is not foreseen here
                axes = None
            self.say(output, axes)
        elif name in ("chunk", "split", "tensor_split"):
            for part in output:
                self.say(part, self._found(args[0]))
        return output

    def _followed(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], output: Tensor) -> Axes | None:
        tensors = [one for one in _flat(args) if isinstance(one, Tensor)]
        if not tensors:
            return None
        first = self._found(tensors[0])
        if name in _CHANNELS:
            letters = _CHANNELS_SECOND.get(output.ndim)
            return Axes(letters, sure=True) if letters else None
        if name in _LAST:
            if first is not None and len(first.letters) == output.ndim:
                return first if name.endswith("_norm") and first.complete else first.neurons_last()
            if first is not None and name == "embedding" and not first.complete:
                return replace(first, letters=first.letters + "c")
            letters = self._usual.get(output.ndim)
            return Axes(letters, sure=False) if letters else None
        if name in _MOVES:
            return first and _MOVES[name](first, [*args[1:], *kwargs.values()])
        if name in _LOST:
            return None
        if name in _KEPT:
            return first
        joined = name in _JOINED
        found = [self._found(one) for one in tensors if joined or one.shape == output.shape]
        known = {axes for axes in found if axes is not None}
        known = {axes for axes in known if axes.complete} or known
        known = {axes for axes in known if axes.sure} or known
        return known.pop() if len(known) == 1 else None


def _flat(values: Any) -> list[Any]:
    return [inner for one in values for inner in (one if isinstance(one, (tuple, list)) else (one,))]


Moved = Callable[[Axes, Sequence[Any]], Axes | None]
"""The axes of a tensor and what the function is given beside it -> the axes of the result."""


def _transposed(axes: Axes, given: Sequence[Any]) -> Axes:
    order = list(range(len(axes.letters)))
    order[given[0]], order[given[1]] = order[given[1]], order[given[0]]
    return axes.moved(order)


def _permuted(axes: Axes, given: Sequence[Any]) -> Axes:
    return axes.moved(_flat(given))


def _indexed(axes: Axes, given: Sequence[Any]) -> Axes | None:
    """A number takes an axis away, a slice keeps it."""
    index = given[0] if isinstance(given[0], tuple) else (given[0],)
    if not all(isinstance(one, (int, slice, type(...))) for one in index):
        return None
    at = next((k for k, one in enumerate(index) if one is ...), len(index))
    after = index[at + 1 :]
    index = (*index[:at], *[slice(None)] * (len(axes.letters) - at - len(after)), *after)
    return axes.without([k for k, one in enumerate(index) if isinstance(one, int)])


def _flattened(axes: Axes, given: Sequence[Any]) -> Axes | None:
    """Positions that stand together may become one axis of positions."""
    start, end = ([*given, *(0, -1)[len(given) :]][k] % len(axes.letters) for k in (0, 1))
    together = axes.letters[start : end + 1]
    if len(together) == 1:
        return axes
    if {"n", "c"} & set(together):
        return None
    spare = next(letter for letter in _SPARE if letter not in axes.letters)
    return replace(axes, letters=axes.letters[:start] + spare + axes.letters[end + 1 :])


_CHANNELS = {f"{kind}{k}d" for kind in ("conv", "conv_transpose") for k in (1, 2, 3)} | {
    "batch_norm",
    "instance_norm",
    "group_norm",
}
_LAST = {"linear", "embedding", "layer_norm", "rms_norm"}
_KEPT = {
    f"{pool}{k}d"
    for pool in ("max_pool", "avg_pool", "lp_pool", "adaptive_avg_pool", "adaptive_max_pool")
    for k in (1, 2, 3)
} | {"interpolate", "pad", "narrow"}
_JOINED = {"cat", "concat", "concatenate"}
"""Functions that change the sizes of a tensor's axes, and not their meaning."""
_MOVES: dict[str, Moved] = {
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), _transposed),
    "permute": _permuted,
    "flatten": _flattened,
    "__getitem__": _indexed,
}
_LOST = {
    *(
        "T",
        "mT",
        "H",
        "mH",
        "t",
        "t_",
        "transpose_",
        "swapaxes_",
        "swapdims_",
        "adjoint",
        "movedim",
        "moveaxis",
        "rot90",
    ),
    *("matmul", "bmm", "mm", "einsum", "baddbmm", "addmm", "tensordot", "cdist", "__matmul__", "__rmatmul__"),
    *("squeeze", "unsqueeze", "squeeze_", "unsqueeze_", "resize_", "set_", "as_strided", "unfold", "pixel_shuffle"),
}
"""Functions whose result may have the shape of an argument, and other axes."""
