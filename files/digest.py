"""A name for activations that follows from their values: the same in memory, from any file, and batch by batch, also
where the batches are looked at in different places."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

TOGETHER = 10_000_000
"""Rows are copied for about so many bytes at a time where they are not contiguous."""

LINK = 65_536
"""Bytes that make one link of the chain."""


@dataclass(frozen=True, repr=False)
class DigestPart:
    """What a ``Digest`` takes in of some rows that are looked at elsewhere: the bytes up to the first link that begins
    in them, the hash of each whole link, and the bytes of the last one, which is not whole."""

    kind: str
    head: bytes
    links: tuple[bytes, ...]
    rest: bytes

    @classmethod
    def of(cls, rows: npt.NDArray[Any], before: int) -> DigestPart:
        """Of some rows, which ``before`` others come before."""
        size, data = rows.dtype.itemsize * rows.shape[1], _bytes(rows)
        start = min(-before * size % LINK, len(data))
        stop = start + (len(data) - start) // LINK * LINK
        links = (hashlib.sha256(data[k : k + LINK]).digest() for k in range(start, stop, LINK))
        return cls(_kind(rows), bytes(data[:start]), tuple(links), bytes(data[stop:]))


class Digest:
    """A hash of rows of activations that come in order, in batches of any size.

    It follows from the values, little-endian in their own dtype, row by row (image, then position, neurons last), and
    from that dtype and the number of neurons. It is a chain: each link is the SHA-256 of the link before and of the
    SHA-256 of the next 65 536 bytes. So what it has taken in so far is a few plain values, which can be written down,
    and most of the work can be done anywhere (``DigestPart``).

    >>> whole, parts = Digest(), Digest()
    >>> rows = np.arange(6.0).reshape(3, 2)
    >>> whole.update(rows).hex() == parts.update(rows[:1]).join(DigestPart.of(rows[1:], before=1)).hex()
    True
    """

    def __init__(self) -> None:
        self._link, self._rest, self._kind = b"", b"", ""

    def update(self, rows: npt.NDArray[Any]) -> Digest:
        """Take in some rows, of shape (inputs, neurons)."""
        self._kind = _kind(rows)
        together = max(1, TOGETHER // max(1, rows[:1].nbytes))
        for start in range(0, len(rows), together):
            self._take(_bytes(rows[start : start + together]))
        return self

    def join(self, part: DigestPart) -> Digest:
        """Take in the rows of a part, which come next."""
        self._kind = part.kind
        self._take(memoryview(part.head))
        for link in part.links:
            self._add(link)
        self._rest += part.rest
        return self

    def _take(self, data: memoryview) -> None:
        start = 0
        while len(self._rest) + len(data) - start >= LINK:
            end = start + LINK - len(self._rest)
            whole = hashlib.sha256(self._rest)
            whole.update(data[start:end])
            self._add(whole.digest())
            self._rest, start = b"", end
        self._rest += bytes(data[start:])

    def _add(self, link: bytes) -> None:
        self._link = hashlib.sha256(self._link + link).digest()

    def hex(self) -> str:
        """The digest so far, 64 characters; more rows may follow."""
        return hashlib.sha256(self._link + self._rest + self._kind.encode()).hexdigest()


def _kind(rows: npt.NDArray[Any]) -> str:
    return f"{rows.dtype.newbyteorder('<').str} {rows.shape[1]}"


def _bytes(rows: npt.NDArray[Any]) -> memoryview:
    """Of the rows, little-endian, neurons last: a view where they are held so."""
    return np.ascontiguousarray(rows, dtype=rows.dtype.newbyteorder("<")).reshape(-1).view(np.uint8).data
