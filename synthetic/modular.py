"""Linear algebra modulo a prime: quick proofs that integer matrices are generic.

What is non-zero modulo a prime is non-zero. So a full rank, an invertible matrix or a non-zero entry of an inverse
found here is a fact about the integers; the converse may fail, and whoever asks then draws again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

PRIME = 2**31 - 1
"""The largest prime whose products of two residues fit into int64."""

Residues = npt.NDArray[np.int64]


def _eliminate(matrix: npt.NDArray[Any], pivots: int) -> tuple[Residues, int]:
    """Gauss-Jordan on the first ``pivots`` columns; the reduced matrix and the number of pivots found."""
    work = matrix.astype(np.int64) % PRIME
    row = 0
    for column in range(pivots):
        candidates = np.flatnonzero(work[row:, column])
        if candidates.size == 0:
            continue
        pivot = row + int(candidates[0])
        work[[row, pivot]] = work[[pivot, row]]
        work[row] = work[row] * pow(int(work[row, column]), -1, PRIME) % PRIME
        factors = work[:, column].copy()
        factors[row] = 0
        work = (work - factors[:, None] * work[row][None, :] % PRIME) % PRIME
        row += 1
        if row == work.shape[0]:
            break
    return work, row


def rank(matrix: npt.NDArray[Any]) -> int:
    """The rank modulo ``PRIME``, which is at most the rank over the rationals."""
    return _eliminate(matrix, matrix.shape[1])[1]


def inverse(matrix: npt.NDArray[Any]) -> Residues | None:
    """The inverse modulo ``PRIME`` of a square matrix, or None when it has none."""
    size = matrix.shape[0]
    reduced, found = _eliminate(np.hstack([matrix.astype(np.int64), np.eye(size, dtype=np.int64)]), size)
    return reduced[:, size:] if found == size else None


def all_non_zero_with_inverse(matrix: npt.NDArray[Any]) -> bool:
    """Whether a square matrix modulo ``PRIME`` and its inverse are proved to have no zero entry."""
    inverted = inverse(matrix)
    return inverted is not None and bool((matrix % PRIME).all()) and bool(inverted.all())


def multiply(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> Residues:
    """The product modulo ``PRIME``; every partial product is reduced before it is added."""
    terms = (left.astype(np.int64) % PRIME)[:, :, None] * (right.astype(np.int64) % PRIME)[None, :, :] % PRIME
    result: Residues = terms.sum(axis=1) % PRIME
    return result


def non_zero_integers(rng: np.random.Generator, shape: tuple[int, int], bound: int) -> Residues:
    """Random integers in -bound..bound without 0."""
    entries: Residues = rng.integers(1, bound + 1, size=shape) * rng.choice([-1, 1], size=shape)
    return entries


def independent_integers(rng: np.random.Generator, rows: int, columns: int) -> Residues:
    """Columns of small integers, drawn again (from a wider range) until they are proved independent."""
    for attempt in range(1000):
        bound = 3 + attempt // 10
        basis = rng.integers(-bound, bound + 1, size=(rows, columns))
        if rank(basis) == columns:
            return basis
    raise RuntimeError("no independent integer vectors in 1000 draws")  # pragma: no cover
