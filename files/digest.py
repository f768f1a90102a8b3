"""A name for activations that follows from their values: the same in memory, from any file, and batch by batch."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

TOGETHER = 10_000_000
"""Rows are copied for about so many bytes at a time where they are not contiguous."""

LINK = 65_536
"""Bytes that are hashed together with the hash of all before them."""


class Digest:
    """A hash of rows of activations that come in order, in batches of any size.

    It follows from the values, little-endian in their own dtype, row by row (image, then position, neurons last), and
    from that dtype and the number of neurons. It is a chain: each link is the SHA-256 of the link before and the next
    65 536 bytes, so that what it has taken in so far is a few plain values, which can be written down.

    >>> whole, parts = Digest(), Digest()
    >>> rows = np.arange(6.0).reshape(3, 2)
    >>> whole.update(rows).hex() == parts.update(rows[:1]).update(rows[1:]).hex()
    True
    """

    def __init__(self) -> None:
        self._link, self._rest, self._kind = b"", b"", ""

    def update(self, rows: npt.NDArray[Any]) -> Digest:
        """Take in some rows, of shape (inputs, neurons)."""
        kind = rows.dtype.newbyteorder("<")
        self._kind = f"{kind.str} {rows.shape[1]}"
        together = max(1, TOGETHER // max(1, rows[:1].nbytes))
        for start in range(0, len(rows), together):
            self._take(np.ascontiguousarray(rows[start : start + together], dtype=kind).reshape(-1).view(np.uint8))
        return self

    def _take(self, data: npt.NDArray[np.uint8]) -> None:
        start = 0
        while len(self._rest) + len(data) - start >= LINK:
            end = start + LINK - len(self._rest)
            self._link = self._next(self._rest, data[start:end].data).digest()
            self._rest, start = b"", end
        self._rest += data[start:].tobytes()

    def _next(self, *parts: Any) -> Any:
        link = hashlib.sha256(self._link)
        for part in parts:
            link.update(part)
        return link

    def hex(self) -> str:
        """The digest so far, 64 characters; more rows may follow."""
        return str(self._next(self._rest, self._kind.encode()).hexdigest())
