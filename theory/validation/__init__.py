"""What comes from users is checked here, once, with messages that name the argument, what came and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nextafter
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ..errors import InvalidActivations, InvalidEpsilon, InvalidNeuron, SpanmatchError, shown
from ..matches import Match, Neuron
from .arrays import Array as Array
from .arrays import check_dtype, is_tensor
from .arrays import check_finite as check_finite
from .arrays import check_shape as check_shape
from .arrays import to_numpy as to_numpy
from .foreign import as_foreign, is_foreign
from .layer import Layer, other_inputs
from .options import as_list, as_option, as_real, is_integer

DeadNeurons = Literal["match", "unmatched", "drop"]
Epsilons = npt.NDArray[Any] | Sequence[float]
"""Many epsilons at once."""


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


def as_matrix(value: Any, name: str) -> tuple[npt.NDArray[Any], str]:
    """A real (inputs, neurons) array, and the name of the dtype that its values were computed in; they are not looked
    at. Raises: ``InvalidActivations``."""
    if isinstance(value, Layer):
        return to_numpy(value.matrix, name)[0], value.computed_in
    array, dtype = to_numpy(value, name)
    check_shape(array.shape, name)
    check_dtype(array, dtype, name)
    return array, dtype


def as_matrices(X: Any, Y: Any) -> tuple[tuple[npt.NDArray[Any], str], tuple[npt.NDArray[Any], str]]:
    """``as_matrix`` of two layers on the same inputs. Raises: ``InvalidActivations``."""
    x, y = as_matrix(X, "X"), as_matrix(Y, "Y")
    check_same_inputs(X, Y, len(x[0]), len(y[0]))
    return x, y


def as_rows(X: Any, Y: Any) -> tuple[tuple[Any, str], tuple[Any, str]]:
    """``as_matrices``, but arrays of other libraries stay what and where they are. Raises: ``InvalidActivations``."""
    x, y = (_as_rows(value, name) for value, name in ((X, "X"), (Y, "Y")))
    check_same_inputs(X, Y, x[0].shape[0], y[0].shape[0])
    return x, y


def _as_rows(value: Any, name: str) -> tuple[Any, str]:
    if isinstance(value, Layer) and is_foreign(value.values):
        return value.matrix, value.computed_in
    return as_foreign(value, name) if is_foreign(value) else as_matrix(value, name)


def as_activations(value: Any, name: str) -> Activations:
    """Checked activations as float64; the argument itself is never modified.

    Parameters: ``value``: shape (inputs, neurons), float16, bfloat16, float32, float64 or integers; NumPy, torch
    (any device) or anything with ``__array__``. Raises: ``InvalidActivations``.
    """
    array, dtype = as_matrix(value, name)
    values = array.astype(np.float64)
    check_finite(values, name)
    return Activations(values, dtype)


def check_same_inputs(X: Any, Y: Any, x_inputs: int, y_inputs: int) -> None:
    """Both sides must have been observed on the same inputs, which layers can tell. Raises: ``InvalidActivations``."""
    if x_inputs != y_inputs:
        raise InvalidActivations(
            f"X, Y: got {x_inputs} and {y_inputs} inputs (rows), need the same inputs in the same order on both sides; "
            f"if the neurons are in the rows, transpose"
        )
    if isinstance(X, Layer) and isinstance(Y, Layer) and (problem := other_inputs(X, Y)):
        raise InvalidActivations(f"X, Y: {problem}")


def as_pair(X: Any, Y: Any) -> tuple[Activations, Activations]:
    """Checked activations of two layers on the same inputs."""
    x, y = as_activations(X, "X"), as_activations(Y, "Y")
    check_same_inputs(X, Y, x.inputs, y.inputs)
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
            return np.asarray(to_numpy(value, name)[0] if is_tensor(value) else value, dtype=dtype)
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
