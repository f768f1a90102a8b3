"""From activations to a small problem: distances depend on the activations only through an (m+n) x (m+n) factor."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..theory.errors import InvalidOption, SpanmatchWarning
from ..theory.matches import Match, Neuron, Side
from ..theory.residuals import dead_residual, unit_columns
from ..theory.tolerances import rank_tolerance, residual_error
from ..theory.validation import (
    Activations,
    Array,
    DeadNeurons,
    as_dead_neurons,
    as_epsilon,
    as_match,
    as_neuron,
    as_order,
    as_pair,
)
from . import reference
from .downdating import downdated_radii
from .factor import triangular_factor
from .peeling import batch_peel
from .results import MatchRadii, SimpleMatches
from .simple import minimal_of_each
from .spans import SideSpan, Spans, decide_rank


@dataclass(frozen=True, repr=False, eq=False)
class Compressed:
    """Two layers reduced to what matching needs; every question about them is a method.

    ``inputs``: their number; ``dtypes`` of X and Y as they came; ``tau``: the rank tolerance on unit columns;
    ``x``, ``y``: the two sides with their rank decided once (theory.md section 5); ``dead``: the neurons that are
    exactly 0; ``dead_neurons``: the policy for them ("match" literally; "unmatched": in no match but counted in s;
    "drop": in no match and not counted); ``route``: how the factor was computed.
    """

    inputs: int
    dtypes: tuple[str, str]
    tau: float
    x: SideSpan
    y: SideSpan
    dead: Match
    dead_neurons: DeadNeurons
    route: str = "qr"

    @property
    def m(self) -> int:
        return int(self.x.coordinates.shape[1])

    @property
    def n(self) -> int:
        return int(self.y.coordinates.shape[1])

    @property
    def ranks(self) -> tuple[int, int]:
        """The rank of each side, decided once at ``tau``."""
        return self.x.rank, self.y.rank

    @property
    def condition(self) -> float:
        """The larger condition number of the two sides' bases (unit columns)."""
        return max(self.x.condition, self.y.condition)

    @property
    def error(self) -> float:
        """Bound on the rounding error of every residual, and so of every radius (T18), for the stored numbers with
        the decided ranks: see ``theory.tolerances.residual_error``."""
        return residual_error(self.condition)

    @property
    def zero(self) -> float:
        """Residuals up to this count as 0: the rank tolerance, or what rounding alone can make of a 0."""
        return max(self.tau, self.error)

    @cached_property
    def geometry(self) -> Spans:
        """The residual function that all answers come from."""
        return Spans(self.x, self.y, self.tau, self.zero, self.dead_neurons)

    def residuals(self, match: Any) -> tuple[Array, Array]:
        """See ``spanmatch.residuals``."""
        pair = as_match(match, self.m, self.n)
        literal = Spans(self.x, self.y, self.tau, self.zero, "match")
        return (
            np.array(literal.residuals("x", sorted(pair.x), pair.y)),
            np.array(literal.residuals("y", sorted(pair.y), pair.x)),
        )

    def is_match(self, epsilon: float, match: Any) -> bool:
        """See ``spanmatch.is_match``."""
        return self.geometry.at(as_epsilon(epsilon)).is_match(as_match(match, self.m, self.n))

    def max_match(self, epsilon: float) -> Match:
        """See ``spanmatch.max_match``."""
        return batch_peel(self.geometry.at(as_epsilon(epsilon)))

    @overload
    def similarity(self, epsilon: float) -> float: ...
    @overload
    def similarity(self, epsilon: npt.NDArray[Any] | list[float]) -> Array: ...
    def similarity(self, epsilon: Any) -> float | Array:
        """See ``spanmatch.similarity``."""
        s: float | Array = self._radii.similarity(epsilon)
        return s

    def match_radii(self) -> MatchRadii:
        """See ``spanmatch.match_radii``."""
        return self._radii

    @cached_property
    def _radii(self) -> MatchRadii:
        x, y, error = downdated_radii(self.x, self.y, self.tau, self.zero, dead_residual(self.dead_neurons))
        return MatchRadii(x, y, error, self.dead, self.dead_neurons)

    def min_match(
        self,
        epsilon: float,
        neuron: Neuron | tuple[Side, int],
        *,
        order: Iterable[Neuron | tuple[Side, int]] | None = None,
    ) -> Match | None:
        """See ``spanmatch.min_match``."""
        cover = self.geometry.at(as_epsilon(epsilon))
        tried = as_order(order, self.m, self.n)
        return reference.min_match(cover, as_neuron(neuron, self.m, self.n), order=tried, max_match=batch_peel)

    def simple_matches(self, epsilon: float) -> SimpleMatches:
        """See ``spanmatch.simple_matches``."""
        return minimal_of_each(self.geometry.at(as_epsilon(epsilon)))

    def __repr__(self) -> str:
        return (
            f"Compressed({self.m} + {self.n} neurons, {self.inputs} inputs, ranks {self.ranks[0]} + {self.ranks[1]}, "
            f"{len(self.dead)} dead, {self.dtypes[0]}/{self.dtypes[1]}, tau {self.tau:.1e}, {self.route}, "
            f"condition {self.condition:.1e})"
        )


def compress(X: Any, Y: Any, *, dead_neurons: DeadNeurons = "match", rank_tol: float | None = None) -> Compressed:
    """Reduce two layers' activations to a factor of at most (m+n) x (m+n) numbers that answers every question.

    Parameters: ``X``: shape (inputs, m); ``Y``: shape (inputs, n), the same inputs in the same order; floats of any
    width, integers, NumPy or torch. ``dead_neurons``: see ``Compressed``. ``rank_tol``: tau for unit columns in
    place of the one that follows from the dtypes (``theory.tolerances``).

    Guarantee: residuals of the factor are those of the activations up to ``Compressed.error``, once dependent neurons
    are replaced by their projections. Numerics: QR of the unit columns of both sides together, by a tree, in float64.
    Cost: O(inputs (m+n)^2). Raises: ``InvalidActivations``, ``InvalidOption``. Warns (``SpanmatchWarning``): neurons
    >= inputs (T13), a rank that another tolerance would change. Source: theory.md section 5.
    """
    x, y = as_pair(X, Y)
    policy = as_dead_neurons(dead_neurons)
    tau = _tolerance(x, y, rank_tol)
    unit, dead = unit_columns(np.hstack([x.values, y.values]))
    factor = triangular_factor(unit)
    factor /= np.where(dead, 1.0, np.linalg.norm(factor, axis=0))
    sides = decide_rank(factor[:, : x.neurons], tau), decide_rank(factor[:, x.neurons :], tau)
    compressed = Compressed(
        x.inputs,
        (x.dtype, y.dtype),
        tau,
        *sides,
        Match(np.flatnonzero(dead[: x.neurons]), np.flatnonzero(dead[x.neurons :])),
        policy,
    )
    _warn(compressed)
    return compressed


def _tolerance(x: Activations, y: Activations, rank_tol: float | None) -> float:
    if rank_tol is None:
        return max(rank_tolerance(side.dtype, x.neurons + y.neurons) for side in (x, y))
    if isinstance(rank_tol, bool) or not isinstance(rank_tol, Real) or not 0 < rank_tol < 1:  # type: ignore[operator]
        raise InvalidOption(f"rank_tol: got {rank_tol!r}, need a number in (0, 1), or None for the one of the dtype")
    return float(rank_tol)


def _warn(compressed: Compressed) -> None:
    for name, span, live in (
        ("X", compressed.x, compressed.m - len(compressed.dead.x)),
        ("Y", compressed.y, compressed.n - len(compressed.dead.y)),
    ):
        if live >= compressed.inputs:
            warnings.warn(
                f"{name}: {live} live neurons and only {compressed.inputs} inputs: they span nearly everything, and "
                f"nearly everything matches (T13); use many more inputs than neurons. Is the array transposed?",
                SpanmatchWarning,
                stacklevel=3,
            )
        if span.ill_defined(compressed.tau):
            warnings.warn(
                f"{name}: its rank is ill-defined at rank_tol {compressed.tau:.1e}: smallest pivot kept "
                f"{span.kept:.1e}, largest dropped {span.dropped:.1e}; answers at small epsilon depend on rank_tol",
                SpanmatchWarning,
                stacklevel=3,
            )
