"""Activations before and after something that matching does not depend on (T12), and from where each neuron comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from ...theory.matches import Match, Neuron
from .activations import EPSILONS, activation_cases
from .small import Case, Integers

Activations = npt.NDArray[Any]

FACTORS = (1.0, -1.0, 2.0, -3.0, 7.0, 2.0**-20, -(2.0**20), 2.0**-100, -(2.0**100))
"""What neurons are multiplied by; each product with a small integer is exact in float64."""


@dataclass(frozen=True, eq=False, repr=False)
class Change:
    """A case, the same activations changed to ``X`` and ``Y``, and the neuron of the case that each new one stands for.

    T12 says: a new neuron is in a match iff its origin is, and has its origin's radius.
    """

    case: Case
    X: npt.NDArray[Any]
    Y: npt.NDArray[Any]
    origins: tuple[tuple[Neuron, ...], tuple[Neuron, ...]]

    def __repr__(self) -> str:
        origins = tuple([tuple(v) for v in side] for side in self.origins)
        return f"Change({self.case!r}, X={self.X.tolist()}, Y={self.Y.tolist()}, origins={origins})"

    @property
    def neurons(self) -> dict[Neuron, Neuron]:
        """Each new neuron and its origin."""
        new = Match.everything(*map(len, self.origins))
        return dict(zip(new, (*self.origins[0], *self.origins[1]), strict=True))

    def carried(self, match: Match) -> Match:
        """A match of the case as it must be after the change: all new neurons whose origins are in it."""
        return Match.of(v for v, origin in self.neurons.items() if origin in match)

    def back(self, match: Match) -> Match:
        """The origins of a match's members."""
        return Match.of(self.neurons[v] for v in match)


def _own_origins(case: Case) -> tuple[tuple[Neuron, ...], tuple[Neuron, ...]]:
    return (
        tuple(Neuron("x", i) for i in range(case.X.shape[1])),
        tuple(Neuron("y", j) for j in range(case.Y.shape[1])),
    )


@st.composite
def scalings(draw: st.DrawFn) -> Change:
    """Every neuron times a factor of its own: signs, odd numbers, powers of two up to 2^100."""
    case = draw(activation_cases())
    X, Y = (
        Z * np.array(draw(st.lists(st.sampled_from(FACTORS), min_size=Z.shape[1], max_size=Z.shape[1])))
        for Z in (case.X, case.Y)
    )
    return Change(case, X, Y, _own_origins(case))


@st.composite
def isometries(draw: st.DrawFn) -> Change:
    """One to three of: reflected, inputs permuted, zero inputs appended, the whole list repeated, signs of inputs."""
    case = draw(activation_cases())
    Z = np.hstack([case.X, case.Y])
    steps = draw(st.lists(st.sampled_from(list(_ISOMETRIES)), min_size=1, max_size=3, unique=True))
    for step in _ISOMETRIES:
        if step in steps:
            Z = _ISOMETRIES[step](draw, Z)
    return Change(case, Z[:, : case.X.shape[1]], Z[:, case.X.shape[1] :], _own_origins(case))


def _reflected(draw: st.DrawFn, Z: Integers) -> Integers:
    """|v|^2 I - 2 v v^T: a reflection times |v|^2, in integers."""
    v = np.array(draw(st.lists(st.integers(-2, 2), min_size=len(Z), max_size=len(Z)).filter(any)))
    changed: Integers = (v @ v) * Z - 2 * np.outer(v, v @ Z)
    return changed


def _signed(draw: st.DrawFn, Z: Integers) -> Integers:
    signs = draw(st.lists(st.sampled_from([1, -1]), min_size=len(Z), max_size=len(Z)))
    return np.array(signs)[:, np.newaxis] * Z


_ISOMETRIES: dict[str, Callable[[st.DrawFn, Integers], Integers]] = {
    "reflect": _reflected,
    "zero inputs": lambda draw, Z: np.vstack([Z, np.zeros((draw(st.integers(1, 3)), Z.shape[1]), dtype=Z.dtype)]),
    "repeat": lambda draw, Z: np.tile(Z, (draw(st.integers(2, 3)), 1)),
    "signs": _signed,
    "permute": lambda draw, Z: Z[draw(st.permutations(range(len(Z))))],
}


@st.composite
def permutations(draw: st.DrawFn) -> Change:
    """The neurons of both sides in another order, and perhaps the networks swapped."""
    case = draw(activation_cases())
    orders = [draw(st.permutations(range(Z.shape[1]))) for Z in (case.X, case.Y)]
    sides = [Z[:, order] for Z, order in zip((case.X, case.Y), orders, strict=True)]
    origins = [tuple(own[k] for k in order) for own, order in zip(_own_origins(case), orders, strict=True)]
    if draw(st.booleans()):
        sides.reverse()
        origins.reverse()
    return Change(case, sides[0], sides[1], (origins[0], origins[1]))


@st.composite
def copies(draw: st.DrawFn) -> Change:
    """One or two multiples of neurons added to their own network, anywhere in it."""
    case = draw(activation_cases())
    sides, origins = [case.X, case.Y], [list(own) for own in _own_origins(case)]
    for _ in range(draw(st.integers(1, 2))):
        side = draw(st.integers(0, 1))
        original = draw(st.integers(0, len(origins[side]) - 1))
        place = draw(st.integers(0, len(origins[side])))
        factor = draw(st.sampled_from([1, -1, 2, 3, 2**20]))
        sides[side] = np.insert(sides[side], place, factor * sides[side][:, original], axis=1)
        origins[side].insert(place, origins[side][original])
    return Change(case, sides[0], sides[1], (tuple(origins[0]), tuple(origins[1])))


@st.composite
def linear_maps(draw: st.DrawFn) -> Change:
    """Epsilon 0, and a common injective linear map into as many dimensions or more: unit triangular, then mixed."""
    case = draw(activation_cases())
    Z = np.hstack([case.X, case.Y])
    d = len(Z)
    entries = draw(st.lists(st.integers(-1, 1), min_size=d * d, max_size=d * d))
    injective = np.tril(np.array(entries).reshape(d, d), -1) + np.diag(
        draw(st.lists(st.sampled_from([1, -1, 2]), min_size=d, max_size=d))
    )
    further = draw(st.lists(st.lists(st.integers(-1, 1), min_size=d, max_size=d), max_size=2))
    Z = (np.vstack([injective, np.array(further)]) if further else injective) @ Z
    Z = Z[draw(st.permutations(range(len(Z))))]
    at_zero = Case(case.X, case.Y, EPSILONS[0])
    return Change(at_zero, Z[:, : case.X.shape[1]], Z[:, case.X.shape[1] :], _own_origins(case))


@dataclass(frozen=True, eq=False, repr=False)
class Perturbed:
    """A case of live neurons, and the same activations times a large integer plus small ones."""

    case: Case
    X: Integers
    Y: Integers
    scale: int

    def __repr__(self) -> str:
        return f"Perturbed({self.case!r}, X={self.X.tolist()}, Y={self.Y.tolist()}, scale={self.scale})"

    @property
    def moved(self) -> float:
        """delta of T14: how far the unit vectors move at most."""
        pairs = ((self.case.X, self.X), (self.case.Y, self.Y))
        return max(
            float((np.linalg.norm(new - self.scale * old, axis=0) / np.linalg.norm(self.scale * old, axis=0)).max())
            for old, new in pairs
        )


@st.composite
def perturbations(draw: st.DrawFn) -> Perturbed:
    """Every entry moves by at most 2/scale."""

    def alive(case: Case) -> bool:
        return all(Z.any(axis=0).any() for Z in (case.X, case.Y))

    drawn = draw(activation_cases().filter(alive))
    X, Y = (Z[:, Z.any(axis=0)] for Z in (drawn.X, drawn.Y))
    case = Case(X, Y, drawn.epsilon)
    scale = draw(st.sampled_from([8, 100, 10**4]))

    def noisy(Z: Integers) -> Integers:
        noise = draw(st.lists(st.integers(-2, 2), min_size=Z.size, max_size=Z.size))
        return np.asarray(scale * Z + np.array(noise, dtype=np.int64).reshape(Z.shape))

    return Perturbed(case, noisy(case.X), noisy(case.Y), scale)


@st.composite
def well_spread(draw: st.DrawFn) -> tuple[Integers, Integers]:
    """Two sides whose neurons are nearly orthogonal, some of them shared: what T11 is about."""
    inputs = draw(st.integers(2, 6))
    sides = []
    for _ in range(2):
        axes = draw(st.permutations(range(inputs)))[: draw(st.integers(1, min(4, inputs)))]
        noise = draw(st.lists(st.integers(-3, 3), min_size=inputs * len(axes), max_size=inputs * len(axes)))
        nearly_orthogonal = 10 * np.eye(inputs, dtype=np.int64)[:, axes]
        sides.append(nearly_orthogonal + np.array(noise, dtype=np.int64).reshape(inputs, len(axes)))
    return sides[0], sides[1]


CHANGES: dict[str, tuple[str, Callable[[], st.SearchStrategy[Change]]]] = {
    "scaling": ("multiplying neurons by non-zero factors", scalings),
    "isometries": ("rotating, permuting, repeating or padding the inputs of both networks together", isometries),
    "permutations": ("permuting neurons and swapping the networks", permutations),
    "copies": ("copies of neurons in their own network", copies),
}
"""What changes no radius: how it is called, and generated examples."""
