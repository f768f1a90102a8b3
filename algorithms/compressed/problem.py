"""Two layers reduced to a small factor: every question about their matches is a method."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Literal, overload

import numpy as np
import scipy.linalg
from jaxtyping import Bool, Float

from ...theory.chance import chance_levels
from ...theory.errors import SpanmatchWarning
from ...theory.matches import Match, MatchLike, NeuronLike
from ...theory.residuals import dead_residual
from ...theory.tolerances import Accuracy, factor_accuracy, gram_error
from ...theory.validation import Array, DeadNeurons, Epsilons, as_epsilon, as_epsilons, as_match, as_neuron, as_order
from ...theory.validation.options import as_count
from .. import minimal, simple
from ..limits import as_deadline, as_limit
from ..minimal import Progress
from ..results import MatchRadii, MinMatches, SimpleMatches
from ..structure import SampledMatches
from .downdating import downdated_radii
from .elsewhere.peel import independent_sides
from .elsewhere.place import Place
from .kernels.threads import one_thread_each, side_by_side, threads_for
from .projections import Projection, WholeSide, from_gram, from_spans
from .search.independent import SpansSearch
from .spans import SideSpan, Spans, decide_rank
from .tableau import Tableau, tableau_radii

Route = Literal["gram", "qr"]

TABLEAU_CONDITION = 1e4
"""Up to this condition a Gram matrix is peeled by its tableau; beyond, rounding could make pivots of the wrong sign."""


@dataclass(frozen=True, repr=False, eq=False)
class Compressed:
    """Two layers reduced to what matching needs: every question about their matches is a method.

    Attributes
    ----------
    m, n : int
        Neurons of network 1 and of network 2.
    inputs : int
        How many were seen.
    dtypes : tuple of two str
        Of X and Y as they came.
    tau : float
        The rank tolerance on unit columns.
    dead_neurons : {"match", "unmatched", "drop"}
        The policy for neurons that are exactly 0: "match" as the definition says, "unmatched" in no match but counted
        in the similarity, "drop" in no match and not counted.
    route : {"qr", "gram"}
        What ``factor`` is.
    factor : ndarray of shape (k, m + n)
        "qr": the triangular factor of the unit columns of both sides; "gram": their Gram matrix.
    constant_shares : tuple of two float
        How much of the energy of each side's live neurons is their mean (``theory.chance.constant_share``).
    place : Place, optional
        The device of another array library that the activations came from: wide layers are peeled there.

    References
    ----------
    docs/theory/numerics.md#one-pass.

    Examples
    --------
    >>> import spanmatch
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii(blocks=[(0.6, 2, 2, 2)], private=(0, 1))
    >>> compressed = spanmatch.compress(planted.X, planted.Y)
    >>> compressed.ranks, compressed.max_match(0.7), compressed.similarity(0.7)
    ((2, 3), Match(x={0, 1}, y={0, 1}), 0.8)
    """

    m: int
    n: int
    inputs: int
    dtypes: tuple[str, str]
    tau: float
    dead_neurons: DeadNeurons
    route: Route
    factor: Float[Array, "k neurons"]
    constant_shares: tuple[float, float] = (0.0, 0.0)
    place: Place | None = None

    @cached_property
    def _live(self) -> Bool[np.ndarray, " neurons"]:
        return np.asarray(np.diag(self.factor) > 0 if self.route == "gram" else self.factor.any(axis=0))

    @cached_property
    def dead(self) -> Match:
        """The neurons that are exactly 0 on all inputs."""
        zero = np.flatnonzero(~self._live)
        return Match(zero[zero < self.m], zero[zero >= self.m] - self.m)

    @cached_property
    def _coordinates(self) -> Float[Array, "k neurons"]:
        """All unit columns in one orthonormal system."""
        if self.route == "qr":
            return self.factor
        r, order, rank, _ = scipy.linalg.lapack.dpstrf(self.factor, tol=0.0)
        coordinates = np.zeros((rank, self.m + self.n))
        coordinates[:, order - 1] = np.triu(r)[:rank]
        return coordinates

    @cached_property
    def x(self) -> SideSpan:
        """Network 1 with its rank decided once (docs/theory/numerics.md#rank-decided-once)."""
        return decide_rank(self._coordinates[:, : self.m], self.tau)

    @cached_property
    def y(self) -> SideSpan:
        """Network 2 with its rank decided once."""
        return decide_rank(self._coordinates[:, self.m :], self.tau)

    @property
    def _operations(self) -> float:
        """About so many, in products of matrices, to factorise or to peel both sides."""
        return float((self.m + self.n) ** 3)

    @cached_property
    def _tableaux(self) -> tuple[Tableau, Tableau] | None:
        """Each side's live neurons as predictors, straight from a Gram matrix, without deciding ranks; None where there
        is none, or rounding could make that impossible. As large as the factor, and used up by the peel."""
        return self._new_tableaux()

    def _new_tableaux(self) -> tuple[Tableau, Tableau] | None:
        if self.route == "qr":
            return None
        gram, m = self.factor, self.m
        independent = independent_sides(self.place, self.m + self.n)
        with one_thread_each(self._operations):
            x, y = side_by_side(partial(independent, gram[:m, :m]), partial(independent, gram[m:, m:]))
            if x is None or y is None:
                return None
            of_x, of_y = side_by_side(partial(x.predicting, gram[:m, m:], y), partial(y.predicting, gram[m:, :m], x))
            return of_x, of_y

    @cached_property
    def independent(self) -> bool:
        """Whether a Gram matrix was factorised with every live neuron in the basis of its side."""
        return self._tableaux is not None

    @cached_property
    def whole(self) -> tuple[WholeSide, WholeSide]:
        """What is known of each side as the predictor of the other."""
        if self._tableaux is None:
            return self.projections[0].whole, self.projections[1].whole
        return self._tableaux[0].whole, self._tableaux[1].whole

    @cached_property
    def projections(self) -> tuple[Projection, Projection]:
        """Each side as the predictor of the other, in orthonormal coordinates."""
        if self.independent:
            gram, m, norms = self.factor, self.m, np.diag(self.factor)
            x = from_gram(gram[:m, :m], gram[:m, m:], norms[m:])
            y = from_gram(gram[m:, m:], gram[m:, :m], norms[:m])
            return x, y
        return from_spans(self.x, self.y), from_spans(self.y, self.x)

    @property
    def ranks(self) -> tuple[int, int]:
        """The rank of each side, decided once at ``tau``."""
        return self.whole[0].rank, self.whole[1].rank

    @property
    def dependent(self) -> Match:
        """The live neurons that were decided to depend on others of their side: where the rank was cut.

        They depend exactly or within the rank tolerance, and are replaced by their projections on the others.
        """
        x, y = self.whole
        live = self._live
        return Match(
            np.setdiff1d(np.flatnonzero(live[: self.m]), x.basis), np.setdiff1d(np.flatnonzero(live[self.m :]), y.basis)
        )

    @property
    def condition(self) -> float:
        """How badly conditioned the worse side is.

        An upper estimate of 1 / the least singular value of its basis of unit columns. Its condition number is at most
        sqrt(rank) times that.
        """
        return max(side.condition for side in self.whole)

    @property
    def clearly_full_rank(self) -> bool:
        """Whether no pivot can lie within 10 times of the rank tolerance: none is below 1 / ``condition``."""
        return 10 * self.tau * self.condition < 1

    @property
    def gram_decides_rank(self) -> bool:
        """Whether a rank was cut on a Gram matrix.

        A Gram matrix cannot tell a small component from rounding: what was dropped may be real.
        """
        if self.route == "qr" or (self.independent and self.clearly_full_rank):
            return False
        return not self.independent or self.x.rank + self.y.rank + len(self.dead) < self.m + self.n

    @property
    def error(self) -> float:
        """Bound on the error of every residual against a whole side, and of every radius where neurons are independent.

        It also holds against every part of a side of independent neurons, and so for every radius then (T18), for the
        stored numbers with the decided ranks; it is 1, that is none, where a Gram matrix decided them. Parts of a
        dependent side may be worse conditioned than all of it: see ``residual_errors``.
        """
        return 1.0 if self.gram_decides_rank else self.rounding

    @cached_property
    def accuracy(self) -> Accuracy:
        """How exactly the factor holds the activations."""
        return factor_accuracy(self.route, self.inputs)

    @cached_property
    def rounding(self) -> float:
        """Bound on the rounding error of every residual with the decided ranks (``theory.tolerances``)."""
        own = self.accuracy.column * max(side.reach for side in self.whole)
        return min(1.0, own + (gram_error(self.condition, self.least_residual) if self.route == "gram" else 0.0))

    @property
    def least_residual(self) -> float:
        """The smallest residual of a live neuron against the whole other side; against fewer it is larger (T1)."""
        x, y = self.whole
        return float(np.sqrt(np.concatenate([y.squares, x.squares])[self._live].min(initial=1.0)))

    @property
    def zero(self) -> float:
        """Residuals up to this count as 0: the rank tolerance, or what rounding alone can make of a 0."""
        return max(self.tau, self.rounding)

    @cached_property
    def geometry(self) -> Spans:
        """The residual function that matches of given sets come from."""
        return Spans(self.x, self.y, self.tau, self.accuracy, self.dead_neurons)

    def residuals(self, match: MatchLike) -> tuple[Array, Array]:
        """See ``spanmatch.residuals``."""
        (x, x_errors), (y, y_errors) = self._measured(match)
        return self.geometry.snapped(x, x_errors), self.geometry.snapped(y, y_errors)

    def residual_errors(self, match: MatchLike) -> tuple[Array, Array]:
        """Bounds on the errors of ``residuals(match)``, one each.

        Parameters
        ----------
        match : Match or pair of collections of int
            The pair.

        Returns
        -------
        x, y : ndarray of shapes (len(match.x),) and (len(match.y),)
            Bounds for these very parts of the sides, and what was counted as 0; 1, that is none, where the rank of a
            part is open or a Gram matrix decided one.

        Raises
        ------
        InvalidNeuron
            If an index is out of range.
        """
        measured = self._measured(match)
        if self.gram_decides_rank:
            return tuple(np.ones_like(errors) for _, errors in measured)  # type: ignore[return-value]
        return tuple(
            np.minimum(1.0, np.abs(self.geometry.snapped(found, errors) - found) + errors) for found, errors in measured
        )  # type: ignore[return-value]

    def _measured(self, match: MatchLike) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        pair = as_match(match, self.m, self.n)
        literal = Spans(self.x, self.y, self.tau, self.accuracy, "match")
        return literal.measured("x", sorted(pair.x), pair.y), literal.measured("y", sorted(pair.y), pair.x)

    def is_match(self, epsilon: float, match: MatchLike) -> bool:
        """See ``spanmatch.is_match``."""
        return self.geometry.at(as_epsilon(epsilon)).is_match(as_match(match, self.m, self.n))

    def max_match(self, epsilon: float) -> Match:
        """See ``spanmatch.max_match``."""
        self._warn_of_chance(epsilon)
        return self._radii.max_match(epsilon)

    @overload
    def similarity(self, epsilon: float) -> float: ...
    @overload
    def similarity(self, epsilon: Epsilons) -> Array: ...
    def similarity(self, epsilon: float | Epsilons) -> float | Array:
        """See ``spanmatch.similarity``."""
        self._warn_of_chance(epsilon)
        s: float | Array = self._radii.similarity(epsilon)
        return s

    @property
    def chance(self) -> tuple[float, float]:
        """The chance level of each side's neurons against the other side (T13)."""
        return chance_levels(self.inputs, self.ranks, self.constant_shares)

    def _warn_of_chance(self, epsilon: float | Epsilons) -> None:
        """Beyond the larger of the two levels neurons match that have nothing to do with one another."""
        largest, level = float(np.max(as_epsilons(epsilon), initial=0.0)), max(self.chance)
        if largest >= level:
            warnings.warn(
                f"epsilon: got {largest:.3g}, and the chance level is {level:.3g} ({self.inputs} inputs, ranks "
                f"{self.ranks[0]} + {self.ranks[1]}, T13): independent neurons match there too; take more inputs, a "
                f"smaller epsilon, or compare, which shuffles images",
                SpanmatchWarning,
                stacklevel=4,
            )

    def match_radii(self) -> MatchRadii:
        """See ``spanmatch.match_radii``."""
        return self._radii

    @cached_property
    def _radii(self) -> MatchRadii:
        dead = dead_residual(self.dead_neurons)
        tableaux: tuple[Tableau, Tableau] | None = None
        if self.condition <= TABLEAU_CONDITION and self.independent:
            # Taken out before they are used up. Where another thread has taken them, the same are made once more.
            tableaux = self.__dict__.pop("_tableaux", None) or self._new_tableaux()
        if tableaux:
            with one_thread_each(self._operations):
                x, y, reach, snapped = tableau_radii(tableaux[0], tableaux[1], self.zero, dead)
        else:
            with threads_for(self._operations):
                x, y, reach, snapped = downdated_radii(*self.projections, self.tau, self.zero, dead)
        for radii in (x, y):
            radii.flags.writeable = False
        error = min(1.0, max(self.error, self.accuracy.column * reach) + snapped)
        return MatchRadii(x, y, error, self.dead, self.dead_neurons)

    def min_match(
        self,
        epsilon: float,
        neuron: NeuronLike,
        *,
        order: Iterable[NeuronLike] | None = None,
    ) -> Match | None:
        """See ``spanmatch.min_match``."""
        search = self._search(epsilon)
        tried = as_order(order, self.m, self.n)
        return minimal.min_match(search, as_neuron(neuron, self.m, self.n), tried)

    def min_matches(
        self, epsilon: float, *, timeout: float | None = None, progress: Progress | None = None
    ) -> MinMatches:
        """See ``spanmatch.min_matches``."""
        search = self._search(epsilon)
        found = minimal.min_matches(search, deadline=as_deadline(timeout), progress=progress)
        return replace(found, undecided=search.undecided)

    def sampled_matches(
        self, epsilon: float, *, orders: int = 10, seed: int = 0, first: int = 0, timeout: float | None = None
    ) -> SampledMatches:
        """Simple matches found by minimal matches in random orders, for their sizes where they are too many to list.

        Parameters
        ----------
        epsilon : float
            Relative error in [0, 1).
        orders : int, default 10
            Searches for each neuron of the maximum match, each in a random order of its own.
        seed : int, default 0
            Of the orders.
        first : int, default 0
            The number of the first order: what several processes find from one seed adds up (``|``).
        timeout : float, optional
            Stop after this many seconds.

        Returns
        -------
        SampledMatches
            ``.matches`` without repetitions, ``.sizes`` and ``.share(smallest, largest)`` with its standard error.

        Raises
        ------
        InvalidEpsilon, InvalidOption
            If an argument is not as described.

        References
        ----------
        D5, T7, by A5; docs/theory/protocol.md.

        Examples
        --------
        >>> import spanmatch
        >>> from spanmatch.synthetic import planted_blocks
        >>> planted = planted_blocks(blocks=[(1, 1, 1), (2, 2, 2)], private=(1, 0))
        >>> spanmatch.compress(planted.X, planted.Y).sampled_matches(0.0, orders=2)
        SampledMatches(2 different in 2 orders: 1 of 2, 1 of 4 neurons)
        """
        random = np.random.default_rng(as_count(seed, "seed", 0))
        counted, begin = as_count(orders, "orders", 1), as_count(first, "first", 0)
        deadline = as_deadline(timeout)
        return minimal.sampled_matches(self._search(epsilon), counted, random, first=begin, deadline=deadline)

    def simple_matches(
        self,
        epsilon: float,
        *,
        limit: int | None = None,
        timeout: float | None = None,
        progress: Progress | None = None,
    ) -> SimpleMatches:
        """See ``spanmatch.simple_matches``."""
        search, at_most = self._search(epsilon), as_limit(limit)
        found = simple.simple_matches(search, limit=at_most, deadline=as_deadline(timeout), progress=progress)
        return replace(found, complete=found.complete and not search.undecided, undecided=search.undecided)

    def _search(self, epsilon: float) -> SpansSearch:
        epsilon = as_epsilon(epsilon)
        # The radii say what the maximum match is wherever rounding cannot make it another one.
        known = epsilon > self.zero and not self._radii.undecided(epsilon)
        return SpansSearch(self.geometry, self.x, self.y, epsilon, self._radii.max_match(epsilon) if known else None)

    def __getstate__(self) -> dict[str, Any]:
        # A copy makes tableaux of its own, since a peel uses them up.
        return {name: value for name, value in self.__dict__.items() if name != "_tableaux"} | {"place": None}

    def __repr__(self) -> str:
        return (
            f"Compressed({self.m} + {self.n} neurons, {self.inputs} inputs, ranks {self.ranks[0]} + {self.ranks[1]}, "
            f"{len(self.dead)} dead, {self.dtypes[0]}/{self.dtypes[1]}, tau {self.tau:.1e}, {self.route}, "
            f"condition {self.condition:.1e}, error <= {self.error:.1e})"
        )
