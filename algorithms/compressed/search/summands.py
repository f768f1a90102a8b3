"""Which neurons of a match at epsilon 0 have to do with one another: the direct summands of its span (A6)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from jaxtyping import Float, Int

from ....theory.tolerances import NEAR, Accuracy
from ....theory.validation import Array


@dataclass(frozen=True, eq=False)
class Summands:
    """The part to which each vector belongs, numbered from 0; the spans of the parts are a direct sum.

    ``oblique``: a bound on the norm of the projection on one of them along the others. Within a part a vector is at
    most so many times as far from other vectors of the part as it is from these together with vectors of other parts.
    ``negligible``: up to which coefficients counted as 0.
    """

    labels: Int[np.ndarray, " vectors"]
    oblique: float
    negligible: float

    @property
    def count(self) -> int:
        return int(self.labels.max(initial=-1)) + 1


def direct_summands(
    basis: Float[Array, "k rank"], vectors: Float[Array, "k vectors"], tau: float, accuracy: Accuracy
) -> Summands:
    """The finest parts of unit vectors in the span of a basis of unit columns, by their coefficients in it.

    Coefficients count as 0 up to ``tau``, or to what rounding makes of a 0. Where those that join different parts add
    up to clearly more than that, there is one part. Cost: O(k rank (rank + vectors)).
    """
    # On first use: importing spanmatch loads no sparse matrices.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    q, r = np.linalg.qr(basis)
    least = float(np.linalg.svd(r, compute_uv=False).min(initial=1.0))
    negligible = max(tau, accuracy.column / least + accuracy.product / least**2)
    coefficients = np.abs(scipy.linalg.solve_triangular(r, q.T @ vectors))
    rank, count = coefficients.shape
    rows, columns = np.nonzero(coefficients > negligible)
    joined = coo_array((np.ones(len(rows)), (rows, rank + columns)), shape=(rank + count,) * 2)
    _, labels = connected_components(joined, directed=False)
    outside = np.where(labels[:rank, None] == labels[rank:], 0.0, coefficients).sum(axis=0)
    if outside.max(initial=0.0) > NEAR * negligible:
        labels = np.zeros_like(labels)
    _, numbered = np.unique(labels[rank:], return_inverse=True)
    # |sum of c_b z_b over one part| <= sqrt(its basis vectors) |c|, and |c| <= |sum of all| / the least singular value.
    largest = np.bincount(labels[:rank]).max(initial=1)
    return Summands(numbered, math.sqrt(largest) / least, negligible)
