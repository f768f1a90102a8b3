"""The public functions on activations: each compresses the two layers once and asks the small problem.

For several questions about one pair of layers call ``compress`` once and use its methods.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, overload

import numpy.typing as npt

from ..theory.matches import Match, Neuron, Side
from ..theory.validation import Array, DeadNeurons, as_epsilon
from ..theory.validation.options import as_option
from .compressed.compressor import compress
from .minimal import Progress
from .results import MatchRadii, MinMatches, SimpleMatches


def residuals(X: Any, Y: Any, match: Any, *, rank_tol: float | None = None) -> tuple[Array, Array]:
    """Relative residuals of a pair's own members against its other side, in index order.

    Implements r(v | T) of docs/theory/definitions.md#relative-residual. Parameters: ``X``: shape (inputs, m);
    ``Y``: shape (inputs, n); ``match``: a ``Match`` or a pair of index collections. Returns arrays of shapes
    (len(match.x),) and (len(match.y),), in [0, 1]. Numerics: residuals that rounding may have made of 0 count as 0;
    the error of each is bounded by ``compress(X, Y).residual_errors(match)``. Dead neurons have residual 0. Raises:
    ``InvalidActivations``, ``InvalidNeuron``. Warns (``SpanmatchWarning``) where the rank of a part is ill-defined.
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
    X: Any,
    Y: Any,
    epsilon: float,
    *,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
    decide: Literal["float", "exact"] = "float",
) -> Match:
    """The maximum match: the epsilon-approximate match that contains all others (D3, unique by T3).

    Implements D3 by T6 and A4 on the compressed problem: the neurons whose match radius is at most epsilon.

    Parameters: ``X``: activations of network 1, shape (inputs, m); ``Y``: of network 2, shape (inputs, n), the same
    inputs in the same order; ``epsilon`` in [0, 1): relative error, 0.5 means "uncentred R^2 of at least 0.75";
    ``dead_neurons``, ``rank_tol``: see ``compress``; ``decide``: with "exact" the answer is that of the exact oracle
    for the stored numbers, which is asked (the extra ``exact``) wherever floating point leaves it open: a radius within
    its error of epsilon, or a rank that was cut (``compress(X, Y).dependent``).

    Guarantee: the maximum match exactly, unless a match radius lies within its error of epsilon
    (``match_radii(X, Y).undecided(epsilon)`` lists these). Cost: O(inputs (m+n)^2 + (m+n)^3). Raises:
    ``InvalidActivations``, ``InvalidEpsilon``, ``InvalidOption``. Source: Wang et al. 2018, algorithm 1.
    *Differs from the paper*'s code: rank decided once per side, dead neurons match (literally) unless asked otherwise.

    >>> import numpy as np
    >>> max_match(np.eye(4)[:, :2], np.eye(4)[:, 1:], 0.1)
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

    Implements A5. There may be several minimal matches (T8); ``order``, the order in which other neurons are tried for
    removal (those not named follow by index), chooses among them. Every answer is a simple match (T7).
    Parameters as ``max_match``; ``neuron``: ``("x", i)`` or ``("y", j)``.

    Guarantee: minimal whatever the order; where the neurons of the maximum match are independent on each side it is the
    match that A2 finds with the same order. Decisions within rounding of epsilon as in ``max_match``. Cost: one
    compression, then for a minimal match of k neurons in a maximum match of N at most about k log2(N / k) + k peels of
    what is still in question, most of them by downdates. Raises: also ``InvalidNeuron``. Source: Wang et al. 2018,
    algorithm 2. *Differs from the paper*: same answers, other algorithm.
    """
    epsilon = as_epsilon(epsilon)
    compressed = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol)
    return compressed.min_match(epsilon, neuron, order=order)


def min_matches(
    X: Any,
    Y: Any,
    epsilon: float,
    *,
    timeout: float | None = None,
    progress: Progress | None = None,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> MinMatches:
    """One minimal match (D6) for every neuron of the maximum match: ``.matches`` maps each ``Neuron`` to its ``Match``.

    Implements A5, reusing what was found for one neuron for the others. Parameters as ``max_match``; ``timeout``: stop
    after so many seconds; ``progress(done, total)`` is called as neurons are settled. At the timeout or on an
    interrupt (``KeyboardInterrupt``) it returns what is done so far with ``.complete`` False. Guarantee and errors as
    ``min_match``; ``InvalidOption`` for a bad timeout. Dead neurons that match do so alone.
    """
    epsilon = as_epsilon(epsilon)
    compressed = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol)
    return compressed.min_matches(epsilon, timeout=timeout, progress=progress)


def simple_matches(
    X: Any,
    Y: Any,
    epsilon: float,
    *,
    limit: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> SimpleMatches:
    """All simple matches (D5): the matches that are not the union of smaller ones.

    Implements A6: by T10 at epsilon 0 on independent sides; generally by the neurons that each needs, and where minimal
    matches are not unique by enumeration together with the minimal eviction sets (T15). Parameters as ``max_match``;
    ``limit``: stop beyond so many matches; ``timeout``: stop after so many seconds; ``progress(settled, neurons)``.

    Guarantee: each is simple, each stands once, smallest first; ``.complete`` is True only where these are proved to be
    all, and then ``.evictions`` holds for every neuron of the maximum match all its minimal eviction sets. At the
    limit, the timeout or an interrupt (``KeyboardInterrupt``) ``.complete`` is False. Decisions within rounding of
    epsilon as in ``max_match``. Dead neurons that match do so alone; under the other policies they are in no match.
    Cost: one peel per neuron where minimal matches are unique; else in proportion to the numbers of matches and of
    eviction sets, which can be exponential in the neurons.

    Raises: as ``max_match``; ``InvalidOption`` for a bad limit or timeout; ``MissingExtra`` when a neuron has several
    minimal matches and python-sat (the extra ``simple``) is not installed.
    """
    epsilon = as_epsilon(epsilon)
    compressed = compress(X, Y, dead_neurons=dead_neurons, rank_tol=rank_tol)
    return compressed.simple_matches(epsilon, limit=limit, timeout=timeout, progress=progress)
