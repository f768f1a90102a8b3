"""The public functions on activations: each compresses the two layers once and asks the small problem.

For several questions about one pair of layers call ``compress`` once and use its methods.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, overload

from jaxtyping import Real
from numpy.typing import ArrayLike

from ..theory.matches import Match, MatchLike, NeuronLike
from ..theory.validation import Array, DeadNeurons, Epsilons, as_epsilon
from ..theory.validation.options import as_option
from .compressed.compressor import compress
from .minimal import Progress
from .results import MatchRadii, MinMatches, SimpleMatches


def residuals(
    X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"], match: MatchLike, *, rank_tol: float | None = None
) -> tuple[Array, Array]:
    """Relative residuals of a pair's own members against its other side: 0 in its span, 1 orthogonal to it.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    match : Match or pair of collections of int
        The pair; it need not be a match.
    rank_tol : float, optional
        See ``compress``.

    Returns
    -------
    rx, ry : ndarray of shapes (len(match.x),) and (len(match.y),)
        r(v | T) in [0, 1] of each member v, T the other side of the pair, in index order.

    Raises
    ------
    InvalidActivations
        If X or Y is no finite real array of two dimensions, or their inputs differ in number.
    InvalidNeuron
        If an index is out of range.

    Warns
    -----
    SpanmatchWarning
        Where the rank of a part is ill-defined.

    Notes
    -----
    Numerics: residuals that rounding may have made of 0 count as 0; the error of each is bounded by
    ``compress(X, Y).residual_errors(match)``. Dead neurons have residual 0.

    References
    ----------
    docs/theory/definitions.md#relative-residual.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> E = np.eye(4)
    >>> X, Y = E[:, :1], np.column_stack([0.8 * E[0] + 0.6 * E[1], E[2]])
    >>> spanmatch.residuals(X, Y, ([0], [0, 1]))
    (array([0.6]), array([0.6, 1. ]))
    """
    return compress(X, Y, rank_tol=rank_tol).residuals(match)


def is_match(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    epsilon: float,
    match: MatchLike,
    *,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> bool:
    """Whether a pair is an epsilon-approximate match: each member is within epsilon of the span of the other side.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : float
        Relative error in [0, 1).
    match : Match or pair of collections of int
        The pair in question. The empty pair is a match.
    dead_neurons, rank_tol
        See ``compress``.

    Returns
    -------
    bool
        True if every residual is at most epsilon.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidNeuron, InvalidOption
        If an argument is not as described.

    References
    ----------
    D1; docs/theory/definitions.md#d1.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> E = np.eye(4)
    >>> X, Y = E[:, :1], np.column_stack([0.8 * E[0] + 0.6 * E[1], E[2]])
    >>> spanmatch.is_match(X, Y, 0.7, ([0], [0])), spanmatch.is_match(X, Y, 0.5, ([0], [0]))
    (True, False)
    """
    epsilon = as_epsilon(epsilon)
    return compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol).is_match(epsilon, match)


def max_match(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    epsilon: float,
    *,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
    decide: Literal["float", "exact"] = "float",
) -> Match:
    """The maximum match: the epsilon-approximate match that contains all others.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : float
        Relative error in [0, 1); 0.5 means "uncentred R^2 of at least 0.75".
    dead_neurons, rank_tol
        See ``compress``.
    decide : {"float", "exact"}, default "float"
        With "exact" the exact oracle decides (it needs the extra ``exact``) wherever floating point leaves the answer
        open: where a radius lies within its error of epsilon, or a rank was cut (``compress(X, Y).dependent``). The
        answer is then that for the stored numbers.

    Returns
    -------
    Match
        The neurons whose match radius is at most epsilon.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.

    Notes
    -----
    Guarantee: the maximum match exactly, unless a match radius lies within its error of epsilon
    (``match_radii(X, Y).undecided(epsilon)`` lists these).

    Cost: O(inputs (m+n)^2 + (m+n)^3).

    *Differs from the paper*'s code: the rank is decided once per side, and dead neurons match (as the definition says)
    unless asked otherwise.

    References
    ----------
    D3, unique by T3; found by T6 and A4. Wang et al. 2018, algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> X, Y = np.eye(4)[:, :2], np.eye(4)[:, 1:]
    >>> spanmatch.max_match(X, Y, 0.1)
    Match(x={1}, y={0})
    """
    as_option(decide, "decide", ("float", "exact"))
    wanted = as_epsilon(epsilon)
    compressed = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol)
    if decide == "exact" and (compressed.dependent or compressed.match_radii().undecided(wanted)):
        from . import exact

        return exact.max_match(X, Y, epsilon, dead_neurons=dead_neurons)
    return compressed.max_match(wanted)


@overload
def similarity(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    epsilon: float,
    *,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> float: ...
@overload
def similarity(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    epsilon: Epsilons,
    *,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> Array: ...
def similarity(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    epsilon: float | Epsilons,
    *,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> float | Array:
    """The maximum match similarity s(epsilon): the share of all neurons that are in the maximum match.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : float or array-like of float
        Relative error in [0, 1), or an array of them.
    dead_neurons, rank_tol
        See ``compress``.

    Returns
    -------
    float or ndarray
        In [0, 1], of the shape of ``epsilon``; 0 when every neuron is dropped.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.

    Notes
    -----
    Guarantee and cost: as ``max_match``, for all epsilons together.

    References
    ----------
    D4; docs/theory/definitions.md#d4.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> E = np.eye(4)
    >>> X, Y = E[:, :2], np.column_stack([E[0], 0.8 * E[1] + 0.6 * E[2]])
    >>> spanmatch.similarity(X, Y, [0.5, 0.7])
    array([0.5, 1. ])
    """
    s: float | Array = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol).similarity(epsilon)
    return s


def match_radii(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    *,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> MatchRadii:
    """The match radius of every neuron: the smallest epsilon at which it is in the maximum match.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    dead_neurons, rank_tol
        See ``compress``.

    Returns
    -------
    MatchRadii
        The radii of both sides, and with them the maximum match and the similarity at every epsilon.

    Raises
    ------
    InvalidActivations, InvalidOption
        If an argument is not as described.

    Notes
    -----
    Guarantee: each radius within ``.error`` of the truth (T18). Cost: O(inputs (m+n)^2 + (m+n)^3), once for all
    epsilons.

    References
    ----------
    D7, by T6 and A4; docs/theory/definitions.md#d7.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> E = np.eye(4)
    >>> X, Y = E[:, :2], np.column_stack([E[0], 0.8 * E[1] + 0.6 * E[2]])
    >>> radii = spanmatch.match_radii(X, Y)
    >>> radii.x.round(3), radii.y.round(3)
    (array([0. , 0.6]), array([0. , 0.6]))
    """
    return compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol).match_radii()


def min_match(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    epsilon: float,
    neuron: NeuronLike,
    *,
    order: Iterable[NeuronLike] | None = None,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> Match | None:
    """A minimal match that contains ``neuron``, or None when the neuron is not in the maximum match.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : float
        Relative error in [0, 1).
    neuron : Neuron or (side, index)
        ``("x", i)`` or ``("y", j)``.
    order : iterable of Neuron or (side, index), optional
        The order in which other neurons are tried for removal; those not named follow by index. Where there are several
        minimal matches (T8), it chooses among them.
    dead_neurons, rank_tol
        See ``compress``.

    Returns
    -------
    Match or None
        A match that contains the neuron, no smaller one of which does.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidNeuron, InvalidOption
        If an argument is not as described.

    Notes
    -----
    Guarantee: minimal whatever the order, and a simple match (T7). Where the neurons of the maximum match are
    independent on each side, it is the match that A2 finds with the same order. Decisions within rounding of epsilon as
    in ``max_match``.

    Cost: one compression, then for a minimal match of k neurons in a maximum match of N at most about k log2(N / k) + k
    peels of what is still in question, most of them by downdates.

    *Differs from the paper*: the same answers by another algorithm.

    References
    ----------
    D6, by A5. Wang et al. 2018, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> E = np.eye(4)
    >>> X, Y = E[:, :3], np.column_stack([E[0] + E[1], E[0] - E[1], E[2]])
    >>> spanmatch.min_match(X, Y, 0.1, ("x", 0))
    Match(x={0, 1}, y={0, 1})
    """
    epsilon = as_epsilon(epsilon)
    compressed = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol)
    return compressed.min_match(epsilon, neuron, order=order)


def min_matches(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    epsilon: float,
    *,
    timeout: float | None = None,
    progress: Progress | None = None,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> MinMatches:
    """One minimal match for every neuron of the maximum match.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : float
        Relative error in [0, 1).
    timeout : float, optional
        Stop after this many seconds.
    progress : callable, optional
        Called as ``progress(done, total)`` as neurons are settled.
    dead_neurons, rank_tol
        See ``compress``.

    Returns
    -------
    MinMatches
        ``.matches`` maps each ``Neuron`` to its ``Match``. After a timeout or an interrupt (``KeyboardInterrupt``) it
        holds what was found so far, and ``.complete`` is False.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.

    Notes
    -----
    Guarantee: as ``min_match``. Dead neurons that match do so alone. What was found for one neuron is used again for
    the others.

    References
    ----------
    D6, by A5.

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> E = np.eye(4)
    >>> X, Y = E[:, :3], np.column_stack([E[0] + E[1], E[0] - E[1], E[2]])
    >>> found = spanmatch.min_matches(X, Y, 0.1)
    >>> found.matches["y", 2], len(found), found.complete
    (Match(x={2}, y={2}), 6, True)
    """
    epsilon = as_epsilon(epsilon)
    compressed = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol)
    return compressed.min_matches(epsilon, timeout=timeout, progress=progress)


def simple_matches(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    epsilon: float,
    *,
    limit: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> SimpleMatches:
    """All simple matches: the matches that are not the union of smaller ones.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : float
        Relative error in [0, 1).
    limit : int, optional
        Stop when there are more matches than this.
    timeout : float, optional
        Stop after this many seconds.
    progress : callable, optional
        Called as ``progress(settled, neurons)``.
    dead_neurons, rank_tol
        See ``compress``.

    Returns
    -------
    SimpleMatches
        Each match is simple and stands once, those with the fewest neurons first. ``.complete`` is True only where
        these are proved to be all; then ``.evictions`` holds all minimal eviction sets of every neuron of the maximum
        match (T15). After the limit, the timeout or an interrupt (``KeyboardInterrupt``) it is False.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.
    MissingExtra
        If a neuron has several minimal matches and python-sat (the extra ``simple``) is not installed.

    Notes
    -----
    Decisions within rounding of epsilon as in ``max_match``. Dead neurons that match do so alone; under the other
    policies they are in no match.

    Cost: one peel per neuron where minimal matches are unique. Otherwise in proportion to the numbers of matches and of
    eviction sets, which can be exponential in the neurons.

    References
    ----------
    D5, by A6: by T10 at epsilon 0 on independent sides; in general by the neurons that each neuron needs, and where
    minimal matches are not unique by enumeration together with the minimal eviction sets (T15).

    Examples
    --------
    >>> import numpy as np
    >>> import spanmatch
    >>> E = np.eye(4)
    >>> X, Y = E[:, :3], np.column_stack([E[0] + E[1], E[0] - E[1], E[2]])
    >>> spanmatch.simple_matches(X, Y, 0.1).matches
    (Match(x={2}, y={2}), Match(x={0, 1}, y={0, 1}))
    """
    epsilon = as_epsilon(epsilon)
    compressed = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol)
    return compressed.simple_matches(epsilon, limit=limit, timeout=timeout, progress=progress)
