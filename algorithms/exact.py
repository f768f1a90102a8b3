"""The exact oracle (A7): every decision in integer arithmetic, for ints, Fractions and floats as dyadic rationals.

Ground truth *for the stored numbers*. In a rank-deficient layer stored in floats the rounding noise counts as
dimensions here, so these answers and those under a rank tolerance may legitimately differ (A7).
Reached as ``spanmatch.exact``; needs python-flint (the extra ``exact``).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
from jaxtyping import Real
from numpy.typing import ArrayLike

from ..theory.covers import Geometry
from ..theory.errors import InvalidActivations, MissingExtra
from ..theory.matches import Match, MatchLike, NeuronLike, Side
from ..theory.radii import counted_neurons, matched_share
from ..theory.validation import (
    DeadNeurons,
    as_dead_neurons,
    as_epsilon,
    as_match,
    as_neuron,
    as_order,
    check_same_inputs,
    check_shape,
    to_numpy,
)
from . import minimal, simple
from .limits import Recent, as_deadline, as_limit
from .minimal import Progress, Search
from .peeling import batch_peel, peel_radii
from .results import MinMatches, SimpleMatches

try:
    from flint import fmpz, fmpz_mat
except ImportError as error:
    raise MissingExtra(
        'spanmatch.exact needs python-flint, which is not installed; pip install "spanmatch[exact]"'
    ) from error

__all__ = [
    "ExactGeometry",
    "ExactRadii",
    "is_match",
    "match_radii",
    "max_match",
    "min_match",
    "min_matches",
    "residuals_squared",
    "similarity",
    "simple_matches",
]

Rationals = ArrayLike | Sequence[Sequence[Fraction | float]]
"""Activations of rational numbers: arrays of ints, floats or objects, or rows of Fractions."""

_NEVER = Fraction(4)
"""Squared residual of a dead neuron that is declared unmatched; see ``theory.residuals.NEVER``."""


class ExactGeometry(Geometry[Fraction]):
    """Squared relative residuals of two layers, as Fractions.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: ints, Fractions or floats.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        Policy for neurons that are exactly zero; see ``spanmatch.compress``.

    Raises
    ------
    InvalidActivations
        If X or Y has not two dimensions or holds something else, or their inputs differ in number.
    InvalidOption
        If the policy is another one.

    Notes
    -----
    Each column is multiplied by an integer that makes it integral (no match changes: T12), and everything is read off
    the integer Gram matrix G of all columns. For a set T of the other side, one fraction-free row reduction of G_TT,
    with the members' columns beside it, gives a basis of T and the coefficients c_v of every member v on it; r^2(v | T)
    = 1 - g_vT c_v / g_vv.

    Cost: O(inputs (m+n)^2) once, then O(|T|^2 (|T| + members)) integer operations.

    References
    ----------
    A7; docs/theory/algorithms.md#a7.

    Examples
    --------
    >>> import spanmatch
    >>> geometry = spanmatch.exact.ExactGeometry([[1, 0], [0, 1], [0, 0]], [[0], [4], [3]])
    >>> geometry.residuals("x", [0, 1], [0])
    [Fraction(1, 1), Fraction(9, 25)]
    """

    def __init__(
        self, X: Real[Rationals, "inputs m"], Y: Real[Rationals, "inputs n"], *, dead_neurons: DeadNeurons = "match"
    ) -> None:
        x, y = _integer_columns(X, "X"), _integer_columns(Y, "Y")
        check_same_inputs(X, Y, len(x[0]), len(y[0]))
        self.m, self.n = len(x), len(y)
        self.dead = Match(*([i for i, z in enumerate(side) if not any(z)] for side in (x, y)))
        self.dead_neurons = as_dead_neurons(dead_neurons)
        self._dead_residual = Fraction(0) if dead_neurons == "match" else _NEVER
        rows = fmpz_mat([*x, *y])
        self._gram = rows * rows.transpose()
        self._reduced: Recent[tuple[Side, tuple[int, ...]], tuple[Fraction, ...]] = Recent(4096)

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[Fraction]:
        """Squared residuals of neurons of one side against neurons of the other.

        Parameters
        ----------
        side : {"x", "y"}
            The side of the members.
        members : sequence of int
            The neurons that are predicted.
        others : collection of int
            The neurons of the other side that predict.

        Returns
        -------
        list of Fraction
            r^2(v | others) of each member v, in the given order.
        """
        T = tuple(sorted(others))
        squares = self._reduced.get((side, T), lambda: self._reduce(side, T))
        return [squares[i] for i in members]

    def level(self, epsilon: Fraction) -> Fraction:
        """The square of epsilon, which residuals are compared with.

        Parameters
        ----------
        epsilon : Fraction
            Relative error.

        Returns
        -------
        Fraction
            Its square.
        """
        return epsilon * epsilon

    def relative(self, residual: Fraction) -> float:
        """A relative residual as a float.

        Parameters
        ----------
        residual : Fraction
            A squared residual.

        Returns
        -------
        float
            Its square root.
        """
        return math.sqrt(residual)

    def rank(self, side: Side) -> int:
        """The exact rank of one side.

        Parameters
        ----------
        side : {"x", "y"}
            Which side.

        Returns
        -------
        int
            The dimension of the span of its neurons, for the stored numbers.
        """
        members = range(self.m) if side == "x" else range(self.m, self.m + self.n)
        return int(fmpz_mat([[self._gram[i, j] for j in members] for i in members]).rank())

    def _reduce(self, side: Side, others: tuple[int, ...]) -> tuple[Fraction, ...]:
        """r^2(v | others) for all v of ``side``."""
        first, last = range(self.m), range(self.m, self.m + self.n)
        own, T = (first, [last[j] for j in others]) if side == "x" else (last, [first[i] for i in others])
        gram = self._gram
        system = fmpz_mat(len(T), len(T) + len(own), [gram[t, k] for t in T for k in (*T, *own)])
        reduced, denominator, rank = system.rref() if T else (system, fmpz(1), 0)
        # G_Tv lies in the column space of G_TT, so all pivots stand in the first |T| columns.
        basis = [T[next(k for k in range(len(T)) if reduced[row, k] != 0)] for row in range(rank)]
        squares = []
        for position, v in enumerate(own):
            norm = gram[v, v]
            if norm == 0:
                squares.append(self._dead_residual)
                continue
            explained = sum((gram[v, b] * reduced[row, len(T) + position] for row, b in enumerate(basis)), fmpz(0))
            squares.append(Fraction(int(norm * denominator - explained), int(norm * denominator)))
        return tuple(squares)


def _integer_columns(value: Any, name: str) -> list[list[int]]:
    """The columns of an (inputs, neurons) array, each multiplied by a positive number so that it is integral."""
    array, dtype = to_numpy(value, name)
    check_shape(array.shape, name)
    if dtype == "bfloat16":
        array = array.astype(np.float64)
    if array.dtype.kind not in "iufO" or array.dtype.itemsize > 8:
        raise InvalidActivations(
            f"{name}: got dtype {dtype}, need integers, floats or objects that are ints, Fractions or floats"
        )
    return [_primitive(_fractions(column, j, name)) for j, column in enumerate(array.T.tolist())]


def _fractions(column: Sequence[Any], neuron: int, name: str) -> list[Fraction]:
    fractions = []
    for position, given in enumerate(column):
        # The integers of NumPy would overflow, and its float32 is no float.
        entry = given.item() if isinstance(given, np.generic) else given
        number = isinstance(entry, Rational | float) and not isinstance(entry, bool)
        if not number or (isinstance(entry, float) and not math.isfinite(entry)):
            raise InvalidActivations(
                f"{name}: got {given!r} ({type(given).__name__}) at input {position}, neuron {neuron}; "
                f"need finite ints, Fractions or floats"
            )
        fractions.append(Fraction(entry))
    return fractions


def _primitive(column: Sequence[Fraction]) -> list[int]:
    """The smallest integer vector that is a positive multiple of a rational one."""
    scale = math.lcm(*(entry.denominator for entry in column))
    integers = [entry.numerator * (scale // entry.denominator) for entry in column]
    common = math.gcd(*integers) or 1
    return [entry // common for entry in integers]


@dataclass(frozen=True)
class ExactRadii:
    """The *squares* of the match radii, as Fractions: the radii themselves are square roots of rationals.

    Attributes
    ----------
    x, y : tuple of Fraction
        Squared radii of the neurons of network 1 and of network 2.

    References
    ----------
    D7; docs/theory/definitions.md#d7.

    Examples
    --------
    >>> from fractions import Fraction
    >>> import spanmatch
    >>> radii = spanmatch.exact.match_radii([[1], [0]], [[4], [3]])
    >>> radii.max_match(Fraction(3, 5)), radii.max_match(Fraction(59, 100))
    (Match(x={0}, y={0}), Match(x={}, y={}))
    """

    x: tuple[Fraction, ...]
    y: tuple[Fraction, ...]

    def max_match(self, epsilon: Fraction | float) -> Match:
        """The maximum match: all neurons whose squared radius is at most epsilon squared.

        Parameters
        ----------
        epsilon : Fraction or float
            Relative error in [0, 1), taken as the rational number that it is.

        Returns
        -------
        Match
            M(epsilon).

        Raises
        ------
        InvalidEpsilon
            If epsilon is no number in [0, 1).
        """
        bound = as_exact_epsilon(epsilon) ** 2
        return Match(*([i for i, square in enumerate(side) if square <= bound] for side in (self.x, self.y)))


def as_exact_epsilon(epsilon: Any) -> Fraction:
    """epsilon as the rational that it is: 0.3 is the dyadic number nearest to 3/10, ``Fraction(3, 10)`` is 3/10."""
    as_epsilon(epsilon)
    return Fraction(*epsilon.as_integer_ratio()) if isinstance(epsilon, np.floating) else Fraction(epsilon)


def match_radii(
    X: Real[Rationals, "inputs m"], Y: Real[Rationals, "inputs n"], *, dead_neurons: DeadNeurons = "match"
) -> ExactRadii:
    """The squared match radii of all neurons, exactly.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: ints, Fractions or floats.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        Policy for neurons that are exactly zero: radius 0 if they match, 1 if they do not.

    Returns
    -------
    ExactRadii
        Squared radii of both sides.

    Raises
    ------
    InvalidActivations, InvalidOption
        If an argument is not as described.

    References
    ----------
    D7, by T6.

    Examples
    --------
    >>> import spanmatch
    >>> X = [[1, 0], [0, 1], [0, 0], [0, 0]]
    >>> Y = [[1, 0], [0, 4], [0, 3], [0, 0]]
    >>> spanmatch.exact.match_radii(X, Y).x
    (Fraction(0, 1), Fraction(9, 25))
    """
    radii = peel_radii(ExactGeometry(X, Y, dead_neurons=dead_neurons))
    x, y = (tuple(radii[v] for v in sorted(radii) if v.side == side) for side in ("x", "y"))
    return ExactRadii(x, y)


def residuals_squared(
    X: Real[Rationals, "inputs m"], Y: Real[Rationals, "inputs n"], match: MatchLike
) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
    """Squared relative residuals of a pair's own members against its other side, exactly.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: ints, Fractions or floats.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    match : Match or pair of collections of int
        The pair; it need not be a match.

    Returns
    -------
    tuple of two tuples of Fraction
        r^2 of the members of each side, in index order.

    Raises
    ------
    InvalidActivations, InvalidNeuron
        If an argument is not as described.

    References
    ----------
    docs/theory/definitions.md#relative-residual.

    Examples
    --------
    >>> import spanmatch
    >>> spanmatch.exact.residuals_squared([[1], [0]], [[4], [3]], ([0], [0]))
    ((Fraction(9, 25),), (Fraction(9, 25),))
    """
    geometry = ExactGeometry(X, Y)
    pair = as_match(match, geometry.m, geometry.n)
    return (
        tuple(geometry.residuals("x", sorted(pair.x), pair.y)),
        tuple(geometry.residuals("y", sorted(pair.y), pair.x)),
    )


def is_match(
    X: Real[Rationals, "inputs m"],
    Y: Real[Rationals, "inputs n"],
    epsilon: Fraction | float,
    match: MatchLike,
    *,
    dead_neurons: DeadNeurons = "match",
) -> bool:
    """Whether a pair is an epsilon-approximate match, decided exactly: r^2 <= epsilon^2 for every member.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: ints, Fractions or floats.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : Fraction or float
        Relative error in [0, 1), taken as the rational number that it is.
    match : Match or pair of collections of int
        The pair in question.
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        Policy for neurons that are exactly zero; see ``spanmatch.compress``.

    Returns
    -------
    bool
        The exact answer for the stored numbers.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidNeuron, InvalidOption
        If an argument is not as described.

    References
    ----------
    D1; docs/theory/definitions.md#d1.

    Examples
    --------
    The float 0.6 is slightly less than 3/5:

    >>> from fractions import Fraction
    >>> import spanmatch
    >>> X, Y, match = [[1], [0]], [[4], [3]], ([0], [0])
    >>> spanmatch.exact.is_match(X, Y, Fraction(3, 5), match), spanmatch.exact.is_match(X, Y, 0.6, match)
    (True, False)
    """
    geometry = ExactGeometry(X, Y, dead_neurons=dead_neurons)
    return geometry.at(as_exact_epsilon(epsilon)).is_match(as_match(match, geometry.m, geometry.n))


def max_match(
    X: Real[Rationals, "inputs m"],
    Y: Real[Rationals, "inputs n"],
    epsilon: Fraction | float,
    *,
    dead_neurons: DeadNeurons = "match",
) -> Match:
    """The maximum match, exactly.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: ints, Fractions or floats.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : Fraction or float
        Relative error in [0, 1), taken as the rational number that it is.
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        Policy for neurons that are exactly zero; see ``spanmatch.compress``.

    Returns
    -------
    Match
        M(epsilon) for the stored numbers.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.

    References
    ----------
    D3, by A3.

    Examples
    --------
    >>> import spanmatch
    >>> X, Y = [[1, 0], [0, 2**-60], [0, 0]], [[1, 1], [0, 1], [0, 0]]
    >>> spanmatch.exact.max_match(X, Y, 0)
    Match(x={0, 1}, y={0, 1})
    """
    epsilon = as_exact_epsilon(epsilon)
    return batch_peel(ExactGeometry(X, Y, dead_neurons=dead_neurons).at(epsilon))


def similarity(
    X: Real[Rationals, "inputs m"],
    Y: Real[Rationals, "inputs n"],
    epsilon: Fraction | float,
    *,
    dead_neurons: DeadNeurons = "match",
) -> Fraction:
    """The maximum match similarity s(epsilon), exactly.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: ints, Fractions or floats.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : Fraction or float
        Relative error in [0, 1), taken as the rational number that it is.
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        Policy for neurons that are exactly zero; see ``spanmatch.compress``.

    Returns
    -------
    Fraction
        In [0, 1]; 0 when every neuron is dropped.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.

    References
    ----------
    D4; docs/theory/definitions.md#d4.

    Examples
    --------
    >>> import spanmatch
    >>> spanmatch.exact.similarity([[1, 0], [0, 1], [0, 0]], [[1], [0], [0]], 0.5)
    Fraction(2, 3)
    """
    epsilon = as_exact_epsilon(epsilon)
    geometry = ExactGeometry(X, Y, dead_neurons=dead_neurons)
    counted = counted_neurons(geometry.m, geometry.n, geometry.dead, geometry.dead_neurons)
    return matched_share(len(batch_peel(geometry.at(epsilon))), counted)


def min_match(
    X: Real[Rationals, "inputs m"],
    Y: Real[Rationals, "inputs n"],
    epsilon: Fraction | float,
    neuron: NeuronLike,
    *,
    order: Iterable[NeuronLike] | None = None,
    dead_neurons: DeadNeurons = "match",
) -> Match | None:
    """A minimal match that contains ``neuron``, exactly; None when the neuron is in no match.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: ints, Fractions or floats.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : Fraction or float
        Relative error in [0, 1), taken as the rational number that it is.
    neuron, order, dead_neurons
        See ``spanmatch.min_match``.

    Returns
    -------
    Match or None
        A match that contains the neuron, no smaller one of which does.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidNeuron, InvalidOption
        If an argument is not as described.

    References
    ----------
    D6, by A5.

    Examples
    --------
    >>> import spanmatch
    >>> X = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    >>> Y = [[1, 1, 0], [1, -1, 0], [0, 0, 1], [0, 0, 0]]
    >>> spanmatch.exact.min_match(X, Y, 0, ("x", 0))
    Match(x={0, 1}, y={0, 1})
    """
    epsilon = as_exact_epsilon(epsilon)
    geometry = ExactGeometry(X, Y, dead_neurons=dead_neurons)
    wanted = as_neuron(neuron, geometry.m, geometry.n)
    tried = as_order(order, geometry.m, geometry.n)
    return minimal.min_match(Search(geometry.at(epsilon)), wanted, tried)


def min_matches(
    X: Real[Rationals, "inputs m"],
    Y: Real[Rationals, "inputs n"],
    epsilon: Fraction | float,
    *,
    timeout: float | None = None,
    progress: Progress | None = None,
    dead_neurons: DeadNeurons = "match",
) -> MinMatches:
    """One minimal match for every neuron of the maximum match, exactly.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: ints, Fractions or floats.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : Fraction or float
        Relative error in [0, 1), taken as the rational number that it is.
    timeout, progress, dead_neurons
        See ``spanmatch.min_matches``.

    Returns
    -------
    MinMatches
        As of ``spanmatch.min_matches``; never ``undecided``.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.

    References
    ----------
    D6, by A5.

    Examples
    --------
    >>> import spanmatch
    >>> X = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    >>> Y = [[1, 1, 0], [1, -1, 0], [0, 0, 1], [0, 0, 0]]
    >>> spanmatch.exact.min_matches(X, Y, 0)
    MinMatches(6 neurons, 2 different matches, median size 4)
    """
    deadline, epsilon = as_deadline(timeout), as_exact_epsilon(epsilon)
    search = Search(ExactGeometry(X, Y, dead_neurons=dead_neurons).at(epsilon))
    return minimal.min_matches(search, deadline=deadline, progress=progress)


def simple_matches(
    X: Real[Rationals, "inputs m"],
    Y: Real[Rationals, "inputs n"],
    epsilon: Fraction | float,
    *,
    limit: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
    dead_neurons: DeadNeurons = "match",
) -> SimpleMatches:
    """All simple matches, exactly.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: ints, Fractions or floats.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : Fraction or float
        Relative error in [0, 1), taken as the rational number that it is.
    limit, timeout, progress, dead_neurons
        See ``spanmatch.simple_matches``.

    Returns
    -------
    SimpleMatches
        As of ``spanmatch.simple_matches``; never ``undecided``.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.
    MissingExtra
        If a neuron has several minimal matches and python-sat (the extra ``simple``) is not installed.

    References
    ----------
    D5, by A6.

    Examples
    --------
    >>> import spanmatch
    >>> X = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    >>> Y = [[1, 1, 0], [1, -1, 0], [0, 0, 1], [0, 0, 0]]
    >>> spanmatch.exact.simple_matches(X, Y, 0).matches
    (Match(x={2}, y={2}), Match(x={0, 1}, y={0, 1}))
    """
    at_most, deadline, epsilon = as_limit(limit), as_deadline(timeout), as_exact_epsilon(epsilon)
    search = Search(ExactGeometry(X, Y, dead_neurons=dead_neurons).at(epsilon))
    return simple.simple_matches(search, limit=at_most, deadline=deadline, progress=progress)
