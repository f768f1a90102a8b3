"""Correlation of units within and between two networks, in one streaming pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Real
from numpy.typing import ArrayLike

from ...theory.errors import InvalidActivations
from ...theory.matches import Match
from ...theory.validation import Array, as_matrices
from ...theory.validation.options import as_count, as_instance
from .moments import Moments, moments_of


@dataclass(frozen=True, eq=False, repr=False)
class Correlations:
    """Pearson correlations of m and n units over the same inputs.

    Attributes
    ----------
    between : ndarray of shape (m, n)
        Of each unit of network 1 with each unit of network 2.
    x, y : ndarray of shapes (m, m) and (n, n)
        Within each network.
    constant : Match
        The units that have one value on every input; their correlations are 0, with themselves too.
    participation : tuple of two floats
        The effective dimension (tr C)^2 / tr(C^2) of either side's covariance C; see ``participation_ratio``.
    inputs : int
        How many were taken in.

    Examples
    --------
    >>> from spanmatch import convergent
    >>> found = convergent.all_correlations([[0, 7], [1, 7], [2, 7]], [[0], [-1], [-2]])
    >>> found
    Correlations(2 + 1 units over 3 inputs, 1 constant; between -1.000 to 0.000)
    >>> found.constant
    Match(x={1}, y={})
    """

    between: Float[Array, "m n"]
    x: Float[Array, "m m"]
    y: Float[Array, "n n"]
    constant: Match
    participation: tuple[float, float]
    inputs: int

    def __repr__(self) -> str:
        m, n = self.between.shape
        return (
            f"Correlations({m} + {n} units over {self.inputs} inputs, {len(self.constant)} constant; "
            f"between {self.between.min():.3f} to {self.between.max():.3f})"
        )


class CorrelationAccumulator:
    """Takes in the activations of two layers batch by batch, and ends in ``Correlations``.

    Parameters
    ----------
    m, n : int
        Units of network 1 and of network 2.

    Attributes
    ----------
    inputs : int
        How many were taken in.

    Raises
    ------
    InvalidOption
        If m or n is no count of at least 1.

    Notes
    -----
    Guarantee: batches may come in any sizes and dtypes, and ``merge`` in any order, with the same result up to
    rounding. A batch that is rejected leaves no trace.

    Numerics: float64; means and centred cross-products are merged, never differences of large sums, and units are
    divided by powers of two, so neither a large mean nor a size of 1e-150 or 1e+150 costs digits.

    Cost: O(inputs (m+n)^2); a block of inputs and a few (m+n) x (m+n) matrices in memory, whatever the number of
    inputs.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import convergent
    >>> accumulator = convergent.CorrelationAccumulator(3, 2)
    >>> rng = np.random.default_rng(0)
    >>> for _ in range(5):
    ...     X = rng.standard_normal((100, 3))
    ...     _ = accumulator.update(X, -X[:, :2])
    >>> accumulator.finish().between.diagonal()
    array([-1., -1.])
    """

    def __init__(self, m: int, n: int) -> None:
        self.m, self.n = as_count(m, "m", 1, why=" units"), as_count(n, "n", 1, why=" units")
        self._moments: Moments | None = None

    @property
    def inputs(self) -> int:
        """How many inputs were taken in."""
        return 0 if self._moments is None else self._moments.inputs

    def update(self, X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"]) -> CorrelationAccumulator:
        """Take in a batch.

        Parameters
        ----------
        X : array-like of shape (inputs, m)
            Activations of network 1.
        Y : array-like of shape (inputs, n)
            Activations of network 2 on the same inputs in the same order.

        Returns
        -------
        CorrelationAccumulator
            Itself.

        Raises
        ------
        InvalidActivations
            For other widths, different numbers of inputs, NaN or infinity; nothing is changed then.
        """
        parts = [(values, name) for (values, _), name in zip(as_matrices(X, Y), ("X", "Y"), strict=True)]
        for (values, name), width in zip(parts, (self.m, self.n), strict=True):
            if values.shape[1] != width:
                raise InvalidActivations(f"{name}: got {values.shape[1]} units (columns), need {width} as declared")
        self._take(moments_of(parts))
        return self

    def merge(self, other: CorrelationAccumulator) -> CorrelationAccumulator:
        """Take in all that another one has taken in, which stays as it is.

        Parameters
        ----------
        other : CorrelationAccumulator
            Of the same numbers of units.

        Returns
        -------
        CorrelationAccumulator
            Itself.

        Raises
        ------
        InvalidActivations
            For other numbers of units; nothing is changed then.
        InvalidOption
            For something that is no accumulator; nothing is changed then.
        """
        as_instance(other, "other", CorrelationAccumulator)
        if (self.m, self.n) != (other.m, other.n):
            raise InvalidActivations(f"other: got {other.m} + {other.n} units, need {self.m} + {self.n}")
        if other._moments is not None:
            self._take(other._moments)
        return self

    def finish(self) -> Correlations:
        """The correlations so far. More batches may follow, and another ``finish``.

        Returns
        -------
        Correlations
            Over all inputs taken in.

        Raises
        ------
        InvalidActivations
            For fewer than two inputs, on which nothing correlates.
        """
        moments, x, y = self._moments, slice(0, self.m), slice(self.m, self.m + self.n)
        if moments is None or moments.inputs < 2:
            raise too_few(self.inputs, "X, Y")
        found, constant = moments.correlations, moments.constant
        return Correlations(
            between=found[x, y].copy(),
            x=found[x, x].copy(),
            y=found[y, y].copy(),
            constant=Match(np.flatnonzero(constant[x]), np.flatnonzero(constant[y])),
            participation=(moments.participation_ratio(x), moments.participation_ratio(y)),
            inputs=moments.inputs,
        )

    def _take(self, moments: Moments) -> None:
        self._moments = moments if self._moments is None else self._moments.merged(moments)


def too_few(inputs: int, name: str) -> InvalidActivations:
    """The error about fewer than two inputs."""
    return InvalidActivations(
        f"{name}: got {inputs} input{'s' * (inputs != 1)} (rows), need at least 2, for one value has no spread; if the "
        f"units are in the rows, transpose"
    )


def all_correlations(X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"]) -> Correlations:
    """Correlations within and between two layers.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1, of any real dtype: NumPy, torch, memory-mapped.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.

    Returns
    -------
    Correlations
        Between the layers and within each.

    Raises
    ------
    InvalidActivations
        For NaN, fewer than two inputs, different numbers of inputs, and the like.

    Notes
    -----
    Guarantee and cost: as ``CorrelationAccumulator``.

    Examples
    --------
    >>> from spanmatch import convergent
    >>> convergent.all_correlations([[0], [1], [2]], [[0], [-1], [-2]])
    Correlations(1 + 1 units over 3 inputs, 0 constant; between -1.000 to -1.000)
    """
    (x, _), (y, _) = as_matrices(X, Y)
    return CorrelationAccumulator(x.shape[1], y.shape[1]).update(X, Y).finish()


def correlations(X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"]) -> Float[Array, "m n"]:
    """Signed Pearson correlation of each unit of X with each unit of Y; 0 where one of them is constant.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.

    Returns
    -------
    ndarray of shape (m, n)
        In [-1, 1]. ``all_correlations`` says which units are constant.

    Raises
    ------
    InvalidActivations
        For NaN, fewer than two inputs, different numbers of inputs, and the like.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import convergent
    >>> X = np.array([[0.0, 1.0], [1.0, 5.0], [2.0, 3.0]])
    >>> convergent.correlations(X, X[:, ::-1] * [2, -1]).round(3).tolist()
    [[0.5, -1.0], [1.0, -0.5]]
    """
    return all_correlations(X, Y).between
