"""Anything array-like as a NumPy array, and what must hold of it: its dtype, its shape, finite values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InvalidActivations

Array = npt.NDArray[np.float64]

_NEEDED = "a real array of shape (inputs, neurons)"
_FLOATS = {"float16", "bfloat16", "float32", "float64"}
_ONE_NEURON = "an array of one neuron has shape (inputs, 1), as reshape(-1, 1) makes it"
_LIKELY = {3: ("ntc", "ncl", "tnc"), 4: ("nchw", "nhwc"), 5: ("ncdhw", "ndhwc", "ntchw")}



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
    if is_tensor(value):
        return _from_torch(value, name)
    try:
        # CuPy refuses to be read by NumPy unless it is asked in its own words.
        array = np.asarray(value.get() if is_of_cupy(value) else value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise InvalidActivations(
            f"{name}: got a {type(value).__name__} that is no rectangular array ({error}); need {_NEEDED}, all rows "
            f"equally long"
        ) from error
    dtype = array.dtype.name
    # That of JAX is none of NumPy's own; float32 holds each of its values exactly.
    return (array.astype(np.float32) if dtype == "bfloat16" else array), dtype


def is_tensor(value: Any) -> bool:
    """Whether it is a torch tensor, also of a class derived from it; torch itself is not imported."""
    return any((base.__module__, base.__qualname__) == ("torch", "Tensor") for base in type(value).__mro__)


def is_of_cupy(value: Any) -> bool:
    """Whether it is an array of CuPy's, which itself is not imported."""
    return (type(value).__module__.partition(".")[0], type(value).__name__) == ("cupy", "ndarray")


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


def check_dtype(array: npt.NDArray[Any], dtype: str, name: str) -> None:
    """Floats that have a tolerance, or integers; ``dtype``: as the array came. Raises: ``InvalidActivations``."""
    if dtype in _FLOATS or array.dtype.kind in "iu":
        return
    hint = {
        "c": "take .real and .imag as separate inputs, or .abs()",
        "b": "use .astype(float)",
        "O": "for Fractions use spanmatch.exact, else convert with .astype(float)",
    }.get(array.dtype.kind, "convert with .astype(float)")
    needed = "float16, bfloat16, float32, float64 or integers"
    raise InvalidActivations(f"{name}: got dtype {dtype}, need {needed}; {hint}")


def check_shape(shape: tuple[int, ...], name: str) -> None:
    """(inputs, neurons), none of them zero. Raises: ``InvalidActivations``."""
    if len(shape) != 2:
        hint = likely_axes(shape) if len(shape) > 2 else _ONE_NEURON
        raise InvalidActivations(f"{name}: got shape {shape} ({len(shape)}-D), need 2-D (inputs, neurons); {hint}")
    if shape[0] == 0:
        raise InvalidActivations(f"{name}: got shape {shape}: no inputs (rows), need at least one")
    if shape[1] == 0:
        raise InvalidActivations(f"{name}: got shape {shape}: no neurons (columns), need at least one")


def likely_axes(shape: tuple[int, ...]) -> str:
    """What an array of more than two axes may be, and how to say which: nothing in its shape tells."""
    choices = [f'"{axes}" means {meaning(shape, axes)}' for axes in _LIKELY.get(len(shape), ())]
    choices = choices or ["one letter an axis, n for the images and c for the neurons"]
    return (
        f"say which axis is which, by spanmatch.Layer(array, axes) or in a comparison by layout=axes: "
        f"{', '.join(choices)}"
    )


def meaning(shape: tuple[int, ...], axes: str) -> str:
    """How many images, positions and neurons an array of this shape holds, read in these axes."""
    size = dict(zip(axes, shape, strict=True))
    positions = math.prod(shape) // max(1, size["n"] * size["c"])
    between = f" x {positions} positions" if len(axes) > 2 else ""
    return f"{size['n']} images{between} x {size['c']} neurons"


def check_finite(values: npt.NDArray[Any], name: str, first_input: int = 0) -> None:
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
