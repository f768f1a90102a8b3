"""In the manner of netrep, fit and then score on other inputs, and as one of the metrics of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Real
from numpy.typing import ArrayLike

from ..algorithms.compressed.compressor import compress
from ..algorithms.matching import max_match, similarity
from ..theory.errors import InvalidActivations, InvalidState
from ..theory.matches import Match
from ..theory.validation import Array, DeadNeurons, as_epsilon, as_matrices


class SubspaceMatchMetric:
    """The share of neurons that do not match, in the manner of netrep: fit, then score on the same inputs or others.

    Parameters
    ----------
    epsilon : float, default 0.5
        Relative error in [0, 1).

    Attributes
    ----------
    match_ : Match or None
        The maximum match of the activations that ``fit`` saw, None before.

    Raises
    ------
    InvalidEpsilon
        If epsilon is outside [0, 1).

    Notes
    -----
    A distance, 0 where all neurons match, and symmetric; but no metric: the triangle inequality does not hold
    (docs/adapters.md), and methods that need it have no guarantee. Dead neurons match (D1).

    References
    ----------
    D4; docs/theory/definitions.md#d4. Williams et al. 2021, Generalized Shape Metrics on Neural Representations.

    Examples
    --------
    >>> from spanmatch.adapters import SubspaceMatchMetric
    >>> metric = SubspaceMatchMetric(epsilon=0.5)
    >>> X, Y = [[1], [0], [0]], [[1, 0], [0, 1], [0, 0]]
    >>> metric.fit(X, Y).match_
    Match(x={0}, y={0})
    >>> round(metric.score(X, Y), 3)
    0.333
    """

    match_: Match | None = None

    def __init__(self, epsilon: float = 0.5) -> None:
        self.epsilon = as_epsilon(epsilon)

    def __repr__(self) -> str:
        return f"SubspaceMatchMetric(epsilon={self.epsilon:g})"

    def fit(self, X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"]) -> SubspaceMatchMetric:
        """Find the maximum match.

        Parameters
        ----------
        X : array-like of shape (inputs, m)
            Activations of network 1.
        Y : array-like of shape (inputs, n)
            Activations of network 2 on the same inputs in the same order.

        Returns
        -------
        SubspaceMatchMetric
            Itself.

        Raises
        ------
        InvalidActivations
            If an argument is not as described.
        """
        compressed = compress(X, Y)
        self.match_, self._sizes = compressed.max_match(self.epsilon), (compressed.m, compressed.n)
        return self

    def transform(
        self, X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"]
    ) -> tuple[Real[Array, "inputs a"], Real[Array, "inputs b"]]:
        """The activations of the neurons that matched, on these inputs.

        Parameters
        ----------
        X : array-like of shape (inputs, m)
            Activations of network 1.
        Y : array-like of shape (inputs, n)
            Activations of network 2 on the same inputs in the same order.

        Returns
        -------
        tuple of two arrays
            The columns of ``match_``, in their order.

        Raises
        ------
        InvalidState
            Before ``fit``.
        InvalidActivations
            If an argument is not as described, or has other neurons than those of ``fit``.
        """
        return self._matched(X, Y)

    def score(self, X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"]) -> float:
        """The share of all neurons that do not belong to the maximum match inside ``match_``, on these inputs.

        Parameters
        ----------
        X : array-like of shape (inputs, m)
            Activations of network 1.
        Y : array-like of shape (inputs, n)
            Activations of network 2 on the same inputs in the same order.

        Returns
        -------
        float
            In [0, 1]. On the inputs of ``fit`` it is 1 - similarity; on others, a neuron counts as matched only if it
            was matched there too.

        Raises
        ------
        InvalidState
            Before ``fit``.
        InvalidActivations
            If an argument is not as described, or has other neurons than those of ``fit``.
        """
        x, y = self._matched(X, Y)
        if x.shape[1] and y.shape[1]:
            count = len(max_match(x, y, self.epsilon))
        else:  # against nothing, dead neurons match and no others
            count = int(np.count_nonzero(~np.hstack([x, y]).any(axis=0)))
        return 1 - count / sum(self._sizes)

    def fit_score(self, X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"]) -> float:
        """``fit``, and ``score`` on the same inputs: 1 - similarity.

        Parameters
        ----------
        X : array-like of shape (inputs, m)
            Activations of network 1.
        Y : array-like of shape (inputs, n)
            Activations of network 2 on the same inputs in the same order.

        Returns
        -------
        float
            In [0, 1].

        Raises
        ------
        InvalidActivations
            If an argument is not as described.
        """
        return self.fit(X, Y).score(X, Y)

    def _matched(self, X: Any, Y: Any) -> tuple[Array, Array]:
        if self.match_ is None:
            raise InvalidState("SubspaceMatchMetric: not fitted yet, need fit(X, Y) first")
        x, y = (Z for Z, _ in as_matrices(X, Y))
        if (x.shape[1], y.shape[1]) != self._sizes:
            raise InvalidActivations(f"X, Y: got {x.shape[1]} and {y.shape[1]} neurons, need {self._sizes} as in fit")
        return x[:, sorted(self.match_.x)], y[:, sorted(self.match_.y)]


def subspace_match_score(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    *,
    epsilon: float = 0.5,
    dead_neurons: DeadNeurons = "match",
) -> float:
    """The similarity as one of the metrics of scikit-learn, for ``make_scorer`` and ``cross_val_score``.

    Parameters
    ----------
    X : array-like of shape (inputs, m) or (inputs,)
        Activations of one network: ``y_true`` of a scorer. In one dimension, as scikit-learn has single outputs, it is
        one neuron.
    Y : array-like of shape (inputs, n) or (inputs,)
        Those that a model predicts, ``y_pred``, or those of another network.
    epsilon : float, default 0.5
        Relative error in [0, 1).
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        See ``spanmatch.compress``.

    Returns
    -------
    float
        In [0, 1]; larger is better.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.

    References
    ----------
    D4; docs/theory/definitions.md#d4.

    Examples
    --------
    >>> from spanmatch.adapters import subspace_match_score
    >>> subspace_match_score([[1, 0], [0, 1], [0, 0]], [[1, 0], [0, 0], [0, 1]], epsilon=0.5)
    0.5
    """
    return similarity(_as_outputs(X), _as_outputs(Y), as_epsilon(epsilon), dead_neurons=dead_neurons)


def _as_outputs(values: Any) -> Any:
    """One dimension is one output."""
    return np.reshape(values, (-1, 1)) if _dimensions(values) == 1 else values


def _dimensions(values: Any) -> int:
    try:
        return int(np.ndim(values))
    except Exception:  # said of the argument by its name, where it is looked at
        return 0
