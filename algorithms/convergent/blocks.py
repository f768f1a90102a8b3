"""Many to many: groups of units of both networks that correlate with each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int, Real
from numpy.typing import ArrayLike

from ...theory.errors import MissingExtra
from ...theory.matches import Match
from ...theory.validation import Array
from ...theory.validation.options import as_count
from .correlations import Correlations, all_correlations

Labels = npt.NDArray[np.int64]

STARTS = 10


@dataclass(frozen=True, eq=False, repr=False)
class SpectralBlocks:
    """A division of the units of both networks into blocks, the largest first.

    Attributes
    ----------
    x, y : ndarray of int of shapes (m,) and (n,)
        The block of each unit; -1 for a constant unit, which is in none.
    affinity : ndarray of shape (k, k)
        Mean absolute correlation between a unit of one block and another unit of the other one (0 within a block of one
        unit).
    constant : Match
        The constant units, which are left out.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import convergent
    >>> X = np.random.default_rng(0).standard_normal((100, 2))
    >>> convergent.spectral_blocks(X, X @ [[0, 1, 1], [1, 0, 0]], 2).blocks
    (Match(x={0}, y={1, 2}), Match(x={1}, y={0}))
    """

    x: Int[Labels, " m"]
    y: Int[Labels, " n"]
    affinity: Float[Array, "k k"]
    constant: Match

    @property
    def blocks(self) -> tuple[Match, ...]:
        """The units of each block."""
        return tuple(Match(np.flatnonzero(self.x == k), np.flatnonzero(self.y == k)) for k in range(len(self.affinity)))

    @property
    def shared(self) -> float:
        """The share of the units, constant ones too, that are in a block with units of both networks."""
        both = sum(len(block) for block in self.blocks if block.x and block.y)
        return both / (len(self.x) + len(self.y))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(block.x)}+{len(block.y)}" for block in self.blocks)
        return f"SpectralBlocks({sizes}; {len(self.constant)} constant left out)"


def spectral_blocks(
    X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"], k: int, *, seed: int = 0
) -> SpectralBlocks:
    """Divide the units of both networks into k blocks by spectral clustering on absolute correlation.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    k : int
        How many blocks, at most the number of units that are not constant. A unit that correlates with nothing is a
        block of its own if k leaves room for it: k counts these too.
    seed : int, default 0
        Of k-means (10 starts).

    Returns
    -------
    SpectralBlocks
        The block of each unit.

    Raises
    ------
    InvalidActivations, InvalidOption
        If an argument is not as described.
    MissingExtra
        If scikit-learn (the extra ``convergent``) is not installed.

    Notes
    -----
    The affinity of two units is the absolute value of their correlation, between and within networks alike.

    Guarantee: the same arguments give the same blocks. Where units of different blocks do not correlate and k is the
    number of connected groups, the blocks are these groups; otherwise it is a heuristic, as clustering is.

    Cost: that of ``all_correlations`` and O((m+n)^3).

    References
    ----------
    A. Ng, M. Jordan, Y. Weiss, "On spectral clustering", NIPS 2001; docs/theory/neighbours.md#convergent-learning.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import convergent
    >>> X = np.random.default_rng(0).standard_normal((100, 2))
    >>> convergent.spectral_blocks(X, X @ [[0, 1, 1], [1, 0, 0]], 2)
    SpectralBlocks(1+2, 1+1; 0 constant left out)
    """
    return blocks_from(all_correlations(X, Y), k, seed=seed)


def blocks_from(found: Correlations, k: int, *, seed: int = 0) -> SpectralBlocks:
    """``spectral_blocks`` from correlations that are known already."""
    k_means = _k_means()
    m, n = found.between.shape
    absolute = np.abs(np.block([[found.x, found.between], [found.between.T, found.y]]))
    live = np.flatnonzero(np.diag(absolute) > 0)
    k = as_count(k, "k", 1, len(live), why=f" blocks, for so many of the {m + n} units are not constant")
    seed = as_count(seed, "seed", 0, 2**32 - 1)
    affinity = absolute[np.ix_(live, live)]
    root = np.sqrt(affinity.sum(axis=1))
    _, vectors = np.linalg.eigh(affinity / root[:, None] / root[None, :])
    rows = vectors[:, len(live) - k :]
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = rows / np.where(lengths > 0, lengths, 1.0)
    labels = _largest_first(k_means(n_clusters=k, n_init=STARTS, random_state=seed).fit_predict(rows))
    everywhere = np.full(m + n, -1, dtype=np.int64)
    everywhere[live] = labels
    constant = np.setdiff1d(np.arange(m + n), live)
    return SpectralBlocks(
        everywhere[:m],
        everywhere[m:],
        _mean_affinity(affinity, labels, k),
        Match(constant[constant < m], constant[constant >= m] - m),
    )


def _largest_first(labels: npt.NDArray[Any]) -> Labels:
    """The same blocks numbered by size, among equals by their first unit."""
    names, first, counts = np.unique(labels, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    place = np.empty(int(names.max()) + 1, dtype=np.int64)
    place[names[order]] = np.arange(len(names))
    return np.asarray(place[labels], dtype=np.int64)


def _mean_affinity(affinity: Array, labels: Labels, k: int) -> Array:
    member = np.eye(k)[labels]
    sizes = member.sum(axis=0)
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
    # A unit's correlation with itself tells nothing about its block.
    sums = member.T @ (affinity - np.diag(np.diag(affinity))) @ member
    found: Array = np.where(pairs > 0, sums / np.where(pairs > 0, pairs, 1.0), 0.0)
    return found


def _k_means() -> Any:
    try:
        from sklearn.cluster import KMeans
    except ImportError as error:
        raise MissingExtra(
            'spectral_blocks needs scikit-learn, which is not installed; pip install "spanmatch[convergent]"'
        ) from error
    return KMeans
