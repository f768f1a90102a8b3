"""Arrays of other libraries that stay where they are: on a device, or not computed yet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InvalidActivations
from .arrays import check_dtype, check_shape, is_of_cupy, is_tensor


def is_foreign(value: Any) -> bool:
    """Whether it is an array of the Python array API whose values NumPy cannot read in place."""
    if isinstance(value, np.ndarray | np.generic) or not hasattr(value, "dtype") or hasattr(value, "toarray"):
        return False
    if is_tensor(value):
        # NumPy shares the memory of other tensors; a tensor on "meta" has no values anywhere.
        return value.device.type not in ("cpu", "meta")
    # Dask's arrays, and CuPy's of older versions, do not say so themselves.
    return hasattr(value, "__array_namespace__") or is_lazy(value) or is_of_cupy(value)


def is_lazy(value: Any) -> bool:
    """Whether it is an array of Dask's, which is computed block by block."""
    return hasattr(value, "__dask_graph__") and hasattr(value, "chunks")


def as_foreign(value: Any, name: str) -> tuple[Any, str]:
    """A matrix as it is and the name of its dtype, once both are known to be fit. Raises: ``InvalidActivations``."""
    found, dtype = as_known(value, name)
    check_shape(tuple(value.shape), name)
    return found, dtype


def as_known(value: Any, name: str) -> tuple[Any, str]:
    """An array of known shape as it is and the name of its dtype, a real one. Raises: ``InvalidActivations``."""
    if any(math.isnan(length) for length in value.shape if length is not None):
        raise InvalidActivations(
            f"{name}: got a lazy array of unknown shape {value.shape}, need a known one; call compute_chunk_sizes()"
        )
    dtype = dtype_of(value)
    check_dtype(np.empty(0, held_as(dtype)), dtype, name)
    return value.detach() if is_tensor(value) else value, dtype


def dtype_of(value: Any) -> str:
    """The name of its dtype, as NumPy would say it."""
    return getattr(value.dtype, "name", None) or str(value.dtype).rpartition(".")[2]


def held_as(dtype: str) -> np.dtype[Any]:
    """The dtype in which NumPy holds numbers of this one: it has no bfloat16."""
    try:
        return np.dtype({"bfloat16": "float32"}.get(dtype, dtype))
    except TypeError:
        return np.dtype("V1")


def rearranged(values: Any, order: list[int], shape: tuple[int, ...]) -> Any:
    """The axes in another order, then of another shape; a view where there can be one."""
    if not is_foreign(values):
        return values.transpose(order).reshape(shape)
    from array_api_compat import array_namespace

    xp = array_namespace(values)
    return xp.reshape(xp.permute_dims(values, tuple(order)), shape)


def taken(values: Any, numbers: npt.NDArray[np.integer[Any]], axis: int) -> Any:
    """A copy of some slices along an axis, where the values are."""
    if not is_foreign(values):
        return values.take(numbers, axis=axis)
    if is_lazy(values):
        return values[(slice(None),) * axis + (numbers,)]
    from array_api_compat import array_namespace, device

    xp = array_namespace(values)
    return xp.take(values, xp.asarray(numbers, device=device(values)), axis=axis)
