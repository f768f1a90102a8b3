"""Implementations as the checks see them: plain functions on plain arrays, whoever wrote them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ...algorithms import minimal, reference, simple
from ...algorithms.compressed.compressor import compress
from ...algorithms.exact import ExactGeometry
from ...algorithms.minimal import Search
from ...algorithms.peeling import batch_peel, peel_radii
from ...algorithms.results import SimpleMatches
from ...theory import dynamics
from ...theory.brute_force import brute_force, minimal_evictions
from ...theory.covers import Cover, Geometry
from ...theory.matches import Match, Neuron, Side
from ...theory.residuals import LeastSquares
from ...theory.validation import Array
from .capabilities import not_provided

Activations = npt.NDArray[Any]
Indices = tuple[Collection[int], Collection[int]]
Epsilon = float | Fraction

CoverMaxMatch = Callable[[Cover, Match], Match]
CoverMinMatch = Callable[[Cover, Neuron], Match | None]
CoverSimpleMatches = Callable[[Cover], Iterable[Match]]
CoverAllSimple = Callable[[Cover], SimpleMatches]
CoverMinimum = Callable[[Cover], Mapping[Neuron, Match]]


@dataclass(frozen=True)
class Implementation:
    """What is under test. Every function is optional; a check that needs a missing one is "not run".

    Attributes
    ----------
    name : str
        For messages.
    exact : bool
        Whether it decides for the stored numbers as they stand; in rounded rank-deficient sets it may then rightly
        differ from what was planted before rounding (A7).
    most_neurons : int
        How many, of both sides together, it can take.
    max_match, min_match, simple_matches, match_radii, similarity : callable
        All that an implementation from elsewhere has: arrays of shape (inputs, neurons) in, sequences of indices or
        numbers out.
    residual : callable
        ``residual(X, Y, side, index, others)`` is r(v | others).
    cover_is_match, cover_max_match, cover_min_match, cover_simple_matches : callable
        The same on abstract covers, where every statement can be enumerated.
    all_simple_matches, cover_all_simple_matches : callable
        Claim to list all simple matches; the one on covers with the minimal eviction sets.
    cover_minimum_matches : callable
        On abstract covers, the minimal match of each neuron that has exactly one.
    solve_dynamics, final_squared_distance : callable
        Of the effective theory: they take what ``spanmatch.dynamics`` takes, and have nothing to do with matches.

    Examples
    --------
    >>> import spanmatch
    >>> from spanmatch.proofs_check import CHECKS, Budget, Implementation, run_check
    >>> def max_match(X, Y, epsilon):
    ...     match = spanmatch.max_match(X, Y, epsilon)
    ...     return match.x, match.y
    >>> run_check(CHECKS["T3-max-match"], Implementation("ours", max_match=max_match), Budget(cases=5)).verdict
    'passed'
    """

    name: str
    exact: bool = False
    most_neurons: int = 1000
    max_match: Callable[[Activations, Activations, Epsilon], Indices] = not_provided
    min_match: Callable[[Activations, Activations, Epsilon, Side, int], Indices | None] = not_provided
    simple_matches: Callable[[Activations, Activations, Epsilon], Iterable[Indices]] = not_provided
    match_radii: Callable[[Activations, Activations], tuple[Array, Array]] = not_provided
    similarity: Callable[[Activations, Activations, Epsilon], float] = not_provided
    residual: Callable[[Activations, Activations, Side, int, Collection[int]], float] = not_provided
    cover_is_match: Callable[[Cover, Match], bool] = not_provided
    cover_max_match: CoverMaxMatch = not_provided
    cover_min_match: CoverMinMatch = not_provided
    cover_simple_matches: CoverSimpleMatches = not_provided
    all_simple_matches: Callable[[Activations, Activations, Epsilon], Iterable[Indices]] = not_provided
    cover_all_simple_matches: CoverAllSimple = not_provided
    cover_minimum_matches: CoverMinimum = not_provided
    solve_dynamics: Callable[..., tuple[Array, Array, Array]] = not_provided
    final_squared_distance: Callable[..., float] = not_provided

    @property
    def spanmatch_capabilities(self) -> dict[str, Any]:
        """What it says of itself; see ``harness.capabilities.Capabilities``."""
        return {"exact": self.exact, "most_neurons": self.most_neurons}


def from_parts(
    name: str,
    *,
    exact: bool = False,
    most_neurons: int = 1000,
    geometry: Callable[[Activations, Activations], Geometry[Any]] = LeastSquares,
    is_match: Callable[[Cover, Match], bool] = Cover.is_match,
    max_match: CoverMaxMatch = reference.max_match,
    min_match: CoverMinMatch | None = None,
    simple_matches: CoverSimpleMatches | None = None,
    all_simple_matches: CoverAllSimple | None = None,
    minimum_matches: CoverMinimum = minimal.minimum_matches,
    radii: Callable[[Geometry[Any]], dict[Neuron, Any]] = peel_radii,
) -> Implementation:
    """An implementation from a way to measure residuals and algorithms over covers: every one of ours, sound or not.

    What is not given is built from what is: minimal matches by A2 over ``max_match``, simple ones by T7; but not
    ``all_simple_matches``.
    """
    one = min_match or partial(reference.min_match, max_match=max_match)
    some = simple_matches or partial(reference.simple_matches, min_match=one)

    def cover(X: Activations, Y: Activations, epsilon: Epsilon) -> Cover:
        return geometry(X, Y).at(epsilon)

    def on_arrays(X: Activations, Y: Activations, epsilon: Epsilon) -> Indices:
        asked = cover(X, Y, epsilon)
        return indices(max_match(asked, asked.everything))

    def similarity(X: Activations, Y: Activations, epsilon: Epsilon) -> float:
        asked = cover(X, Y, epsilon)
        return len(max_match(asked, asked.everything)) / (asked.m + asked.n)

    def minimal_on_arrays(X: Activations, Y: Activations, epsilon: Epsilon, side: Side, index: int) -> Indices | None:
        found = one(cover(X, Y, epsilon), Neuron(side, index))
        return None if found is None else indices(found)

    def radii_on_arrays(X: Activations, Y: Activations) -> tuple[Array, Array]:
        measured = geometry(X, Y)
        found = radii(measured)
        x, y = (np.array([measured.relative(found[v]) for v in sorted(found) if v.side == side]) for side in ("x", "y"))
        return x, y

    def all_on_arrays(X: Activations, Y: Activations, epsilon: Epsilon) -> Iterable[Indices]:
        return [indices(match) for match in (all_simple_matches or not_provided)(cover(X, Y, epsilon))]

    def residual(X: Activations, Y: Activations, side: Side, index: int, others: Collection[int]) -> float:
        measured = geometry(X, Y)
        return measured.relative(measured.residuals(side, [index], others)[0])

    return Implementation(
        name,
        exact,
        most_neurons,
        max_match=on_arrays,
        min_match=minimal_on_arrays,
        simple_matches=lambda X, Y, epsilon: [indices(match) for match in some(cover(X, Y, epsilon))],
        match_radii=radii_on_arrays,
        similarity=similarity,
        residual=residual,
        cover_is_match=is_match,
        cover_max_match=max_match,
        cover_min_match=one,
        cover_simple_matches=some,
        all_simple_matches=all_on_arrays if all_simple_matches else not_provided,
        cover_all_simple_matches=all_simple_matches or not_provided,
        cover_minimum_matches=minimum_matches,
        solve_dynamics=dynamics.solve,
        final_squared_distance=dynamics.final_squared_distance,
    )


def indices(match: Match) -> Indices:
    """A match as an implementation from elsewhere returns it."""
    return sorted(match.x), sorted(match.y)


def compressed_geometry(X: Activations, Y: Activations) -> Geometry[float]:
    """The geometry behind the public functions."""
    return compress(X, Y).geometry


def _brute_maximum(cover: Cover, within: Match) -> Match:
    inside = [pair for pair in brute_force(cover).matches if pair <= within]
    return inside[-1]


def _brute_minimal(cover: Cover, neuron: Neuron) -> Match | None:
    return next(iter(brute_force(cover).minimal.get(neuron, ())), None)


def _all_by_search(cover: Cover) -> SimpleMatches:
    return simple.simple_matches(Search(cover))


def _all_by_brute_force(cover: Cover) -> SimpleMatches:
    return SimpleMatches(brute_force(cover).simple, True, minimal_evictions(brute_force(cover)))


def _minimum_by_brute_force(cover: Cover) -> Mapping[Neuron, Match]:
    return {v: matches[0] for v, matches in brute_force(cover).minimal.items() if len(matches) == 1}


def _minimal_by_search(cover: Cover, neuron: Neuron) -> Match | None:
    return minimal.min_match(Search(cover), neuron)


def _public_max_match(X: Activations, Y: Activations, epsilon: Epsilon) -> Indices:
    return indices(compress(X, Y).max_match(float(epsilon)))


def _public_min_match(X: Activations, Y: Activations, epsilon: Epsilon, side: Side, index: int) -> Indices | None:
    found = compress(X, Y).min_match(float(epsilon), (side, index))
    return None if found is None else indices(found)


def _public_match_radii(X: Activations, Y: Activations) -> tuple[Array, Array]:
    radii = compress(X, Y).match_radii()
    return radii.x, radii.y


def _public_simple_matches(X: Activations, Y: Activations, epsilon: Epsilon) -> Iterable[Indices]:
    return [indices(match) for match in compress(X, Y).simple_matches(float(epsilon))]


REFERENCE = from_parts(
    "reference: A1 and A2 as published, literal least squares", all_simple_matches=_all_by_search
)
FAST = replace(
    from_parts(
        "spanmatch: A3, A5 and A6 on the compressed problem",
        geometry=compressed_geometry,
        max_match=batch_peel,
        min_match=_minimal_by_search,
        all_simple_matches=_all_by_search,
    ),
    max_match=_public_max_match,
    min_match=_public_min_match,
    simple_matches=_public_simple_matches,
    match_radii=_public_match_radii,
    similarity=lambda X, Y, epsilon: float(compress(X, Y).similarity(float(epsilon))),
    all_simple_matches=_public_simple_matches,
)
EXACT = from_parts(
    "exact oracle: integer arithmetic",
    exact=True,
    geometry=ExactGeometry,
    max_match=batch_peel,
    all_simple_matches=_all_by_search,
)
BRUTE_FORCE = from_parts(
    "brute force over all pairs of subsets",
    exact=True,
    most_neurons=9,
    geometry=ExactGeometry,
    max_match=_brute_maximum,
    min_match=_brute_minimal,
    simple_matches=lambda cover: brute_force(cover).simple,
    all_simple_matches=_all_by_brute_force,
    minimum_matches=_minimum_by_brute_force,
)
"""Four independent ways to the same answers."""
