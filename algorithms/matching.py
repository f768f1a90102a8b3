"""The public functions on activations: each compresses the two layers once and asks the small problem.

For several questions about one pair of layers call ``compress`` once and use its methods.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload

import numpy.typing as npt

from ..theory.matches import Match, Neuron, Side
from ..theory.validation import Array, DeadNeurons, as_epsilon
from .compress import compress
from .results import MatchRadii, SimpleMatches


def residuals(X: Any, Y: Any, match: Any, *, rank_tol: float | None = None) -> tuple[Array, Array]:
    """Relative residuals of a pair's own members against its other side, in index order.

    Implements r(v | T) of section 1. Parameters: ``X``: shape (inputs, m); ``Y``: shape (inputs, n); ``match``: a
    ``Match`` or a pair of index collections. Returns arrays of shapes (len(match.x),) and (len(match.y),), in [0, 1].
    Numerics: residuals up to ``compress(X, Y).zero`` count as 0; error as ``compress(X, Y).error``. Dead neurons have
    residual 0. Raises: ``InvalidActivations``, ``InvalidNeuron``.
    """
    return compress(X, Y, rank_tol=rank_tol).residuals(match)


def is_match(
    X: Any, Y: Any, epsilon: float, match: Any, *, dead_neurons: DeadNeurons = "match", rank_tol: float | None = None
) -> bool:
    """Whether a pair is an epsilon-approximate match (D1): each member within epsilon of the other side's span.

    Parameters as ``max_match``; ``match`` as in ``residuals``. The empty pair is a match. Raises:
    ``InvalidActivations``, ``InvalidEpsilon``, ``InvalidNeuron``.
    """
    epsilon = as_epsilon(epsilon)
    return compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol).is_match(epsilon, match)


def max_match(
    X: Any, Y: Any, epsilon: float, *, dead_neurons: DeadNeurons = "match", rank_tol: float | None = None
) -> Match:
    """The maximum match: the epsilon-approximate match that contains all others (D3, unique by T3).

    Implements A3 on the compressed problem.

    Parameters: ``X``: activations of network 1, shape (inputs, m); ``Y``: of network 2, shape (inputs, n), the same
    inputs in the same order; ``epsilon`` in [0, 1): relative error, 0.5 means "uncentred R^2 of at least 0.75";
    ``dead_neurons``, ``rank_tol``: see ``compress``.

    Guarantee: the maximum match exactly, unless a match radius lies within ``compress(X, Y).error`` of epsilon
    (``match_radii(X, Y).undecided(epsilon)`` lists these). Cost: O(inputs (m+n)^2 + rounds (m+n)^3). Raises:
    ``InvalidActivations``, ``InvalidEpsilon``, ``InvalidOption``. Source: Wang et al. 2018, algorithm 1.
    *Differs from the paper*'s code: rank decided once per side, dead neurons match (literally) unless asked otherwise.

    >>> import numpy as np
    >>> max_match(np.eye(4)[:, :2], np.eye(4)[:, 1:], 0.1)
    Match(x={1}, y={0})
    """
    epsilon = as_epsilon(epsilon)
    return compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol).max_match(epsilon)


@overload
def similarity(
    X: Any, Y: Any, epsilon: float, *, dead_neurons: DeadNeurons = "match", rank_tol: float | None = None
) -> float: ...
@overload
def similarity(
    X: Any,
    Y: Any,
    epsilon: npt.NDArray[Any] | list[float],
    *,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> Array: ...
def similarity(
    X: Any, Y: Any, epsilon: Any, *, dead_neurons: DeadNeurons = "match", rank_tol: float | None = None
) -> float | Array:
    """The maximum match similarity s(epsilon) (D4): the share of all neurons that are in the maximum match.

    ``epsilon``: one number in [0, 1), or an array of them (the answer then has its shape). 0 when every neuron is
    dropped. Other parameters, guarantee and errors as ``max_match``.
    """
    s: float | Array = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol).similarity(epsilon)
    return s


def match_radii(
    X: Any, Y: Any, *, dead_neurons: DeadNeurons = "match", rank_tol: float | None = None
) -> MatchRadii:
    """The match radius of every neuron (D7): the smallest epsilon at which it is in the maximum match.

    Implements T6 by A4: one peel gives the maximum match at every epsilon. Parameters and errors as ``max_match``.
    Guarantee: each radius within ``.error`` of the truth (T18). Cost: O(inputs (m+n)^2 + (m+n)^3).
    """
    return compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol).match_radii()


def min_match(
    X: Any,
    Y: Any,
    epsilon: float,
    neuron: Neuron | tuple[Side, int],
    *,
    order: Iterable[Neuron | tuple[Side, int]] | None = None,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> Match | None:
    """A minimal match that contains ``neuron`` (D6), or None when the neuron is not in the maximum match.

    Implements A2 over A3. There may be several minimal matches (T8); ``order``, the order in which other neurons are
    tried for removal (those not named follow by index), chooses among them. Every answer is a simple match (T7).
    Parameters as ``max_match``; ``neuron``: ``("x", i)`` or ``("y", j)``. Cost: one maximum match per neuron of the
    maximum match. Raises: also ``InvalidNeuron``. Source: Wang et al. 2018, algorithm 2.
    """
    epsilon = as_epsilon(epsilon)
    compressed = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol)
    return compressed.min_match(epsilon, neuron, order=order)


def simple_matches(
    X: Any, Y: Any, epsilon: float, *, dead_neurons: DeadNeurons = "match", rank_tol: float | None = None
) -> SimpleMatches:
    """Simple matches (D5): one minimal match for every neuron of the maximum match, each listed once.

    Each is simple (T7); there may be others, so ``.complete`` is True only where it is proved that these are all.
    Parameters and errors as ``max_match``. Cost: one ``min_match`` per neuron of the maximum match.
    """
    epsilon = as_epsilon(epsilon)
    return compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol).simple_matches(epsilon)
