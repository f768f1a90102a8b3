"""A name for activations that follows from their values: the same in memory, from any file, and batch by batch."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

TOGETHER = 10_000_000
"""Rows are copied for about so many bytes at a time where they are not contiguous."""


class Digest:
    """SHA-256 of rows of activations that come in order, in batches of any size.

    It follows from the values, little-endian in their own dtype, row by row (image, then position, neurons last), and
    from that dtype and the number of neurons.

    >>> whole, parts = Digest(), Digest()
    >>> rows = np.arange(6.0).reshape(3, 2)
    >>> whole.update(rows).hex() == parts.update(rows[:1]).update(rows[1:]).hex()
    True
    """

    def __init__(self) -> None:
        self._sum = hashlib.sha256()
        self._kind = ""

    def update(self, rows: npt.NDArray[Any]) -> Digest:
        """Take in some rows, of shape (inputs, neurons)."""
        kind = rows.dtype.newbyteorder("<")
        self._kind = f"{kind.str} {rows.shape[1]}"
        together = max(1, TOGETHER // max(1, rows[:1].nbytes))
        for start in range(0, len(rows), together):
            self._sum.update(np.ascontiguousarray(rows[start : start + together], dtype=kind).data)
        return self

    def hex(self) -> str:
        """The digest so far, 64 characters; more rows may follow."""
        total = self._sum.copy()
        total.update(self._kind.encode())
        return total.hexdigest()
