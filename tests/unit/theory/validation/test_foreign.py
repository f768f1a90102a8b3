"""Which arrays stay where they are, and what is refused before anything is read of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spanmatch import InvalidActivations
from spanmatch.theory.validation.foreign import as_foreign, is_foreign, is_lazy

VALUES = np.ones((4, 2), np.float32)


def strict(values: Any) -> Any:
    return pytest.importorskip("array_api_strict").asarray(values)


def lazy(values: Any) -> Any:
    return pytest.importorskip("dask.array").from_array(values, chunks=2)


def test_what_numpy_can_read_in_place_is_not_foreign() -> None:
    torch = pytest.importorskip("torch")
    for values in (VALUES, VALUES.tolist(), torch.tensor(VALUES), torch.empty(4, 2, device="meta"), None, "x"):
        assert not is_foreign(values)


@pytest.mark.parametrize("library", [strict, lazy])
def test_arrays_of_other_libraries_are(library: Any) -> None:
    values = library(VALUES)
    assert is_foreign(values)
    assert is_lazy(values) == (library is lazy)
    assert as_foreign(values, "X")[0] is values
    assert as_foreign(values, "X")[1] == "float32"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [(VALUES[0], "1-D"), (VALUES[:0], "no inputs"), (VALUES[:, :0], "no neurons"), (VALUES > 0, "dtype bool")],
)
def test_what_no_matrix_of_numbers_is(wrong: Any, message: str) -> None:
    with pytest.raises(InvalidActivations, match=message):
        as_foreign(strict(wrong), "X")
