"""Arrays of other libraries that stay where they are: on a device, or not computed yet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InvalidActivations
from .arrays import check_dtype, check_shape, is_tensor


def is_foreign(value: Any) -> bool:
    """Whether it is an array of the Python array API whose values NumPy cannot read in place."""
    if isinstance(value, np.ndarray | np.generic) or not hasattr(value, "dtype") or hasattr(value, "toarray"):
        return False
    if is_tensor(value):
        # NumPy shares the memory of other tensors; a tensor on "meta" has no values anywhere.
        return value.device.type not in ("cpu", "meta")
    # Dask's arrays, and CuPy's of older versions, do not say so themselves.
    of_cupy = type(value).__module__.partition(".")[0] == "cupy"
    return hasattr(value, "__array_namespace__") or is_lazy(value) or of_cupy


def is_lazy(value: Any) -> bool:
    """Whether it is an array of Dask's, which is computed block by block."""
    return hasattr(value, "__dask_graph__") and hasattr(value, "chunks")


def as_foreign(value: Any, name: str) -> tuple[Any, str]:
    """The array as it is and the name of its dtype, once both are known to be fit. Raises: ``InvalidActivations``."""
    if any(math.isnan(length) for length in value.shape if length is not None):
        raise InvalidActivations(
            f"{name}: got a lazy array of unknown shape {value.shape}, need a known one; call compute_chunk_sizes()"
        )
    check_shape(tuple(value.shape), name)
    dtype = getattr(value.dtype, "name", None) or str(value.dtype).rpartition(".")[2]
    try:
        like = np.dtype(dtype)
    except TypeError:
        like = np.dtype("V1")
    check_dtype(np.empty(0, like), dtype, name)
    return value.detach() if is_tensor(value) else value, dtype
