"""What comes from users is checked here, once, with messages that name the argument, what came and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nextafter
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Real
from numpy.typing import ArrayLike

from ..errors import InvalidActivations, InvalidEpsilon, InvalidNeuron, SpanmatchError, shown
from ..matches import Match, Neuron
from .options import as_list, as_option, as_real, is_integer

DeadNeurons = Literal["match", "unmatched", "drop"]
Array = npt.NDArray[np.float64]
Epsilons = npt.NDArray[Any] | Sequence[float]
"""Many epsilons at once."""

_NEEDED = "a real array of shape (inputs, neurons)"
_FLOATS = {"float16", "bfloat16", "float32", "float64"}


@dataclass(frozen=True)
class Activations:
    """Checked activations: finite float64 values of shape (inputs, neurons), and the dtype they came in."""

    values: Float[Array, "inputs neurons"]
    dtype: str

    @property
    def inputs(self) -> int:
        return int(self.values.shape[0])

    @property
    def neurons(self) -> int:
        return int(self.values.shape[1])


def to_numpy(value: Any, name: str) -> tuple[npt.NDArray[Any], str]:
    """Any array-like as a NumPy array and the name of its dtype; torch tensors of any device and dtype included."""
    if value is None:
        raise InvalidActivations(f"{name}: got None, need {_NEEDED}")
    if np.ma.isMaskedArray(value):
        raise InvalidActivations(
            f"{name}: got a masked array, need {_NEEDED} without gaps; drop the masked inputs (rows) on both sides, or "
            f"fill them with .filled(value)"
        )
    if hasattr(value, "toarray"):
        raise InvalidActivations(f"{name}: got a sparse {type(value).__name__}, need {_NEEDED}; use {name}.toarray()")
    if _is_tensor(value):
        return _from_torch(value, name)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise InvalidActivations(
            f"{name}: got a {type(value).__name__} that is no rectangular array ({error}); need {_NEEDED}, all rows "
            f"equally long"
        ) from error
    return array, array.dtype.name


def _is_tensor(value: Any) -> bool:
    """Whether it is a torch tensor, also of a class derived from it; torch itself is not imported."""
    return any((base.__module__, base.__qualname__) == ("torch", "Tensor") for base in type(value).__mro__)


def _from_torch(tensor: Any, name: str) -> tuple[npt.NDArray[Any], str]:
    dtype = str(tensor.dtype).removeprefix("torch.")
    try:
        dense = tensor.detach().cpu()
        # NumPy has no bfloat16; float32 holds each of its values exactly.
        return (dense.float() if dtype == "bfloat16" else dense).numpy(), dtype
    except (TypeError, RuntimeError) as error:
        layout = str(tensor.layout).removeprefix("torch.")
        raise InvalidActivations(
            f"{name}: got a torch tensor of dtype {dtype} and layout {layout}, need {_NEEDED}; NumPy says: {error}"
        ) from error


def as_matrix(value: Any, name: str) -> tuple[npt.NDArray[Any], str]:
    """A real (inputs, neurons) array in the dtype that it came in, and that dtype's name; its values are not looked at.

    Raises: ``InvalidActivations``.
    """
    array, dtype = to_numpy(value, name)
    check_shape(array.shape, name)
    if dtype not in _FLOATS and array.dtype.kind not in "iu":
        hint = {
            "c": "take .real and .imag as separate inputs, or .abs()",
            "b": "use .astype(float)",
            "O": "for Fractions use spanmatch.exact, else convert with .astype(float)",
        }.get(array.dtype.kind, "convert with .astype(float)")
        needed = "float16, bfloat16, float32, float64 or integers"
        raise InvalidActivations(f"{name}: got dtype {dtype}, need {needed}; {hint}")
    return array, dtype


def as_activations(value: Any, name: str) -> Activations:
    """Checked activations as float64; the argument itself is never modified.

    Parameters: ``value``: shape (inputs, neurons), float16, bfloat16, float32, float64 or integers; NumPy, torch
    (any device) or anything with ``__array__``. Raises: ``InvalidActivations``.
    """
    array, dtype = as_matrix(value, name)
    values = array.astype(np.float64)
    check_finite(values, name)
    return Activations(values, dtype)


def check_shape(shape: tuple[int, ...], name: str) -> None:
    """(inputs, neurons), none of them zero."""
    if len(shape) != 2:
        hint = {
            1: f"one neuron is {name}.reshape(-1, 1)",
            4: "for a convolutional layer use spanmatch.flatten_conv",
        }.get(len(shape), "reshape it so that each column is one neuron")
        raise InvalidActivations(f"{name}: got shape {shape} ({len(shape)}-D), need 2-D (inputs, neurons); {hint}")
    if shape[0] == 0:
        raise InvalidActivations(f"{name}: got shape {shape}: no inputs (rows), need at least one")
    if shape[1] == 0:
        raise InvalidActivations(f"{name}: got shape {shape}: no neurons (columns), need at least one")


def check_finite(values: Array, name: str, first_input: int = 0) -> None:
    """No NaN, no infinity: says how many, and where the first one stands; ``first_input`` numbers the first row."""
    bad = ~np.isfinite(values)
    if bad.any():
        row, column = (int(k) for k in np.argwhere(bad)[0])
        what = "NaN" if np.isnan(values[row, column]) else "infinity"
        raise InvalidActivations(
            f"{name}: {int(bad.sum())} of {values.size} values are not finite (first: {what} at input "
            f"{first_input + row}, neuron {column}), need finite numbers; remove those inputs on both sides or mend "
            f"what produced them"
        )


def check_same_inputs(x_inputs: int, y_inputs: int) -> None:
    """Both sides must have been observed on the same inputs."""
    if x_inputs != y_inputs:
        raise InvalidActivations(
            f"X, Y: got {x_inputs} and {y_inputs} inputs (rows), need the same inputs in the same order on both sides; "
            f"if the neurons are in the rows, transpose"
        )


def as_pair(X: Any, Y: Any) -> tuple[Activations, Activations]:
    """Checked activations of two layers on the same inputs."""
    x, y = as_activations(X, "X"), as_activations(Y, "Y")
    check_same_inputs(x.inputs, y.inputs)
    return x, y


def as_epsilon(epsilon: Any, name: str = "epsilon") -> float:
    """A real number in [0, 1). Raises: ``InvalidEpsilon``."""
    needed = "a real number in [0, 1); it is a relative error: at 1 everything matches"
    level = as_real(epsilon, name, needed, lambda value: 0 <= value < 1, InvalidEpsilon)
    # A fraction next to 1 must not become 1, where everything matches.
    return min(level, nextafter(1.0, 0.0))


def as_epsilons(epsilons: Any, name: str = "epsilon") -> npt.NDArray[np.float64]:
    """Numbers in [0, 1), one or an array of any shape. Raises: ``InvalidEpsilon``."""
    # As objects: True must not become 1.0, nor a ragged list an error of NumPy's.
    grid = as_array(epsilons, name, "a number in [0, 1) or an array of them", InvalidEpsilon, dtype=object)
    levels = [as_epsilon(e, name) for e in grid.ravel().tolist()]
    return np.array(levels, dtype=np.float64).reshape(grid.shape)


def as_reals(values: Any, name: str, needed: str, error: type[SpanmatchError]) -> Array:
    """An array of any shape of finite real numbers, as float64. Raises: ``error``."""
    array = as_array(values, name, needed, error)
    if array.dtype.kind == "O":
        return np.array([as_real(v, name, needed, error=error) for v in array.ravel().tolist()]).reshape(array.shape)
    with np.errstate(over="ignore"):
        if array.dtype.kind in "fiu" and np.isfinite(found := array.astype(np.float64)).all():
            return found
    raise error(f"{name}: got {shown(values)}, need {needed}")


def as_array(
    value: Any, name: str, needed: str, error: type[SpanmatchError], dtype: Any = None
) -> npt.NDArray[Any]:
    """Any array-like as a NumPy array; no masked ones. Raises: ``error``."""
    try:
        if not np.ma.isMaskedArray(value):
            return np.asarray(_from_torch(value, name)[0] if _is_tensor(value) else value, dtype=dtype)
    except (ValueError, TypeError, RuntimeError):
        pass
    raise error(f"{name}: got {shown(value)}, need {needed}")


def as_neuron(neuron: Any, m: int, n: int, name: str = "neuron") -> Neuron:
    """("x", i) with 0 <= i < m or ("y", j) with 0 <= j < n. Raises: ``InvalidNeuron``."""
    needed = f'need ("x", 0..{m - 1}) or ("y", 0..{n - 1})'
    match neuron:
        case ("x" | "y" as side, index) if is_integer(index):
            if not 0 <= int(index) < (m if side == "x" else n):
                raise InvalidNeuron(f"{name}: got {shown(tuple(neuron))}, the index is out of range; {needed}")
            return Neuron(side, int(index))
    raise InvalidNeuron(f"{name}: got {shown(neuron)}, which is no pair of a side and an index; {needed}")


def as_order(order: Any, m: int, n: int) -> list[Neuron] | None:
    """None, or neurons in the order in which they are to be tried. Raises: ``InvalidNeuron``."""
    if order is None:
        return None
    listed = as_list(order, "order", "neurons in the order in which they are to be tried, or None", InvalidNeuron)
    return [as_neuron(neuron, m, n, "order") for neuron in listed]


def as_match(match: Any, m: int, n: int) -> Match:
    """A ``Match`` (or a pair of index collections) all of whose indices exist. Raises: ``InvalidNeuron``."""
    try:
        pair = match if isinstance(match, Match) else Match(*_two(match))
    except (TypeError, ValueError) as error:
        raise InvalidNeuron(f"match: got {shown(match)}, need a Match or a pair of collections of indices") from error
    for neuron in pair.neurons:
        as_neuron(neuron, m, n, "match")
    return pair


def _two(value: Any) -> tuple[Any, Any]:
    first, second = value
    return first, second


def as_dead_neurons(value: Any) -> DeadNeurons:
    """The policy for neurons that are exactly zero. Raises: ``InvalidOption``."""
    policy: DeadNeurons = as_option(value, "dead_neurons", get_args(DeadNeurons))
    return policy


def flatten_conv(A: Real[ArrayLike, "inputs _ _ _"], layout: Literal["nchw", "nhwc"] = "nchw") -> npt.NDArray[Any]:
    """Activations of a convolutional layer as (inputs * height * width, channels): a channel is a neuron.

    Parameters
    ----------
    A : array-like of four dimensions
        Shape (inputs, channels, height, width) for "nchw", (inputs, height, width, channels) for "nhwc".
    layout : {"nchw", "nhwc"}, default "nchw"
        Which axis is the channel. It is never guessed.

    Returns
    -------
    ndarray of shape (inputs * height * width, channels)
        Positions of one input stand together. The dtype is kept (bfloat16 tensors become float32, which holds each of
        their values).

    Raises
    ------
    InvalidActivations
        If ``A`` does not have four dimensions.
    InvalidOption
        If the layout is another one.

    References
    ----------
    docs/theory/definitions.md#setting; Wang et al. 2018, section 4.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import flatten_conv
    >>> images, channels, height, width = 10, 3, 4, 5
    >>> flatten_conv(np.zeros((images, channels, height, width))).shape
    (200, 3)
    """
    as_option(layout, "layout", ("nchw", "nhwc"))
    array, _ = to_numpy(A, "A")
    if array.ndim != 4:
        raise InvalidActivations(
            f"A: got shape {array.shape} ({array.ndim}-D), need the 4-D activations of a convolutional layer in layout "
            f"{layout!r}"
        )
    channels_last = array.transpose(0, 2, 3, 1) if layout == "nchw" else array
    return channels_last.reshape(-1, channels_last.shape[-1])
