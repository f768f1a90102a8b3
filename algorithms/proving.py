"""A cover that decides in floats and proves each decision in integers, for the stored numbers (A8).

Every neuron is scaled by a power of 2 so that its norm lies in [1, 2), exactly; no match changes (T12). For a neuron
u, a set T of the other side, any coefficients c and w = z_u - Z_T c,

    ||w||^2 - ||Z_T^T w||^2 / s  <=  dist(z_u, span z_T)^2  <=  ||w||^2,

s > 0 a lower bound on the least eigenvalue of the Gram matrix of the *whole* other side, dead neurons left out. Both
sides are evaluated exactly. Where they leave a decision open (r = epsilon to the last bit, an epsilon of 0, a side that
is dependent or nearly so) the exact oracle (A7) decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..theory.covers import Cover
from ..theory.matches import SIDES, Match, Neuron, Side, other_side
from ..theory.validation import Array, DeadNeurons, as_matrices, check_finite
from .exact import ExactGeometry

from flint import fmpz, fmpz_mat  # isort: skip  # exact says which extra is missing

Coefficients = tuple[float, ...] | None
"""c on the scaled live neurons of the other side, by index; None where exact arithmetic decides. Dead: empty."""

LEAST_EIGENVALUE = 1e-11
"""Least eigenvalues below this are not proved: a Cholesky factor in floats comes too close to its own rounding."""


@dataclass(frozen=True)
class Stage:
    """Neurons of one side that are removed at once, and for each what proves that it is beyond epsilon."""

    side: Side
    neurons: tuple[int, ...]
    coefficients: tuple[Coefficients, ...]


class ProvingCover(Cover):
    """The cover "r(v | T) <= epsilon" of the stored numbers, exact, with the coefficients that prove each answer.

    Cost: the exact Gram matrix, O(inputs (m+n)^2), once; a query of k neurons against T takes a least-squares solution
    of |T| unknowns and integer products of O(|T|^2 k), and an exact row reduction of T where the bounds leave it open.
    """

    def __init__(self, X: Any, Y: Any, epsilon: Fraction, dead_neurons: DeadNeurons) -> None:
        self._given = X, Y
        (x, _), (y, _) = as_matrices(X, Y)
        for values, name in ((x, "X"), (y, "Y")):
            check_finite(values.astype(np.float64), name)
        self.m, self.n = x.shape[1], y.shape[1]
        self.epsilon, self._dead_neurons = epsilon, dead_neurons
        self.fingerprints: dict[Side, dict[str, Any]] = {"x": fingerprint(x), "y": fingerprint(y)}
        self._first: dict[Side, int] = {"x": 0, "y": self.m}
        self._gram, self._exponent = _scaled_gram([*map(_integral, x.T.tolist()), *map(_integral, y.T.tolist())])
        unit = 4**self._exponent
        self._floats: Array = np.array([[int(entry) / unit for entry in row] for row in self._gram])
        self._live = self._floats.diagonal() > 0

    @property
    def start(self) -> Match:
        """All neurons, less the dead ones where they match nothing."""
        if self._dead_neurons == "match":
            return self.everything
        return Match(np.flatnonzero(self._live[: self.m]), np.flatnonzero(self._live[self.m :]))

    @cached_property
    def least_eigenvalue(self) -> dict[Side, float | None]:
        """The s of each side as predictor, a power of 2 well below the truth; None where it would be too small."""
        return {"x": self._least(np.arange(self.m)), "y": self._least(np.arange(self.m, self.m + self.n))}

    def covers(self, neuron: Neuron, others: frozenset[int]) -> bool:
        return not self.uncovered(neuron.side, [neuron.index], others)

    def uncovered(self, side: Side, members: Collection[int], others: frozenset[int]) -> frozenset[int]:
        found = self.proofs(side, sorted(members), others)
        return frozenset(i for i, (covered, _) in found.items() if not covered)

    def proofs(
        self, side: Side, members: Sequence[int], others: Collection[int]
    ) -> dict[int, tuple[bool, Coefficients]]:
        """For each member whether ``others`` cover it, and the coefficients that prove that."""
        columns = {i: self._first[side] + i for i in members}
        live = [i for i in members if self._live[columns[i]]]
        found: dict[int, tuple[bool, Coefficients]] = dict.fromkeys(members, (self._dead_neurons == "match", ()))
        T = [self._first[other_side(side)] + j for j in sorted(others)]
        T = [t for t in T if self._live[t]]
        if not live:
            return found
        right = self._floats[np.ix_(T, [columns[i] for i in live])]
        solved = np.linalg.lstsq(self._floats[np.ix_(T, T)], right, rcond=None)[0] if T else right
        # Multiples of 2^-60 up to 2^60: coefficients that are noise shall not cost hundreds of bits.
        C: Array = np.ldexp(np.rint(np.ldexp(np.clip(solved, -(2.0**60), 2.0**60), 60)), -60)
        verdicts = self._verdicts(side, [columns[i] for i in live], T, C)
        undecided = [i for i, verdict in zip(live, verdicts, strict=True) if verdict is None]
        for i, verdict, c in zip(live, verdicts, C.T.tolist(), strict=True):
            if verdict is not None:
                found[i] = verdict, tuple(c)
        if undecided:
            squares = self._exact.residuals(side, undecided, sorted(others))
            for i, square in zip(undecided, squares, strict=True):
                found[i] = square <= self.epsilon**2, None
        return found

    def peel(self, pair: Match, needed: Match | None = None) -> tuple[tuple[Stage, ...], Match]:
        """The maximum match inside a pair (A3) and the stages that lead to it, or only those up to where one of
        ``needed`` falls."""
        stages: list[Stage] = []
        wanted = Match() if needed is None else needed
        stale = set(SIDES)
        while stale and wanted <= pair:
            side = min(stale)
            stale.remove(side)
            own, others = pair.side(side), pair.side(other_side(side))
            # Those that would end it are asked first, and then one of them is enough.
            out = self._beyond(side, own & wanted.side(side), others)
            out = dict([*out.items()][:1]) or self._beyond(side, own - wanted.side(side), others)
            if out:
                stages.append(Stage(side, tuple(out), tuple(out.values())))
                pair -= Match.of((side, i) for i in out)
                stale.add(other_side(side))
        return tuple(stages), pair

    def minimality(self, match: Match, neuron: Neuron) -> tuple[tuple[Neuron, tuple[Stage, ...]], ...] | None:
        """Every other member with the stages that, once it is removed, evict ``neuron`` or a member listed before; None
        when the pair is no ``neuron``-minimal match."""
        if neuron not in match or not self.is_match(match):
            return None
        evictions, needed = [], Match.of([neuron])
        for u in match.without(neuron):
            stages, left = self.peel(match.without(u), needed)
            if needed <= left:
                return None
            evictions.append((u, stages))
            needed |= Match.of([u])
        return tuple(evictions)

    @cached_property
    def _exact(self) -> ExactGeometry:
        return ExactGeometry(*self._given, dead_neurons=self._dead_neurons)

    def _least(self, columns: npt.NDArray[np.intp]) -> float | None:
        live = columns[self._live[columns]]
        least = float(np.linalg.eigvalsh(self._floats[np.ix_(live, live)])[0]) if live.size else 1.0
        if least < max(LEAST_EIGENVALUE, live.size**2 * 2.0**-48):
            return None
        return float(2.0 ** np.floor(np.log2(least / 2)))

    def _beyond(self, side: Side, members: Collection[int], others: Collection[int]) -> dict[int, Coefficients]:
        found = self.proofs(side, sorted(members), others)
        return {i: c for i, (covered, c) in found.items() if not covered}

    def _verdicts(self, side: Side, columns: Sequence[int], T: Sequence[int], C: Array) -> list[bool | None]:
        """Whether each column lies within epsilon of the span of T, by the bounds that its coefficients give."""
        G, count = self._gram, len(columns)
        Q = 2**60
        integers = fmpz_mat(len(T), count, [int(entry) for entry in np.ldexp(C, 60).ravel()])
        within = fmpz_mat(len(T), len(T), [G[a][b] for a in T for b in T])
        along = fmpz_mat(len(T), count, [Q * G[t][v] for t in T for v in columns]) - within * integers
        s = self.least_eigenvalue[other_side(side)]
        verdicts: list[bool | None] = []
        for k, v in enumerate(columns):
            bound = self.epsilon**2 * int(Q * Q * G[v][v])
            # ||w||^2 = z_v . w - c . Z_T^T w
            explained = sum((integers[a, k] * (Q * G[t][v] + along[a, k]) for a, t in enumerate(T)), fmpz(0))
            above = int(Q * Q * G[v][v] - explained)
            inside = int(sum((along[a, k] ** 2 for a in range(len(T))), fmpz(0)))
            if above <= bound:
                verdicts.append(True)
            elif s is not None and above - Fraction(inside) / (Fraction(s) * 4**self._exponent) > bound:
                verdicts.append(False)
            else:
                verdicts.append(None)
        return verdicts


def fingerprint(values: npt.NDArray[Any]) -> dict[str, Any]:
    """Shape, dtype, and the SHA-256 of the line "dtype inputs neurons" and the little-endian numbers row by row."""
    inputs, neurons = values.shape
    hashed = hashlib.sha256(f"{values.dtype.name} {inputs} {neurons}\n".encode())
    hashed.update(np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes())
    return {"shape": [inputs, neurons], "dtype": values.dtype.name, "sha256": hashed.hexdigest()}


def _integral(column: Sequence[float]) -> list[int]:
    """A power of 2 times a column of floats or integers, integral."""
    ratios = [entry.as_integer_ratio() for entry in column]
    scale = max(denominator for _, denominator in ratios)
    return [numerator * (scale // denominator) for numerator, denominator in ratios]


def _scaled_gram(columns: Sequence[Sequence[int]]) -> tuple[list[list[Any]], int]:
    """4^k times the Gram matrix of the columns, each scaled by a power of 2 to a norm in [1, 2); and that k."""
    rows = fmpz_mat(columns)
    gram = (rows * rows.transpose()).tolist()
    sizes = [(int(gram[v][v]).bit_length() - 1) // 2 for v in range(len(gram))]
    k = max(0, *sizes)
    return [[entry << (2 * k - sizes[v] - sizes[u]) for u, entry in enumerate(row)] for v, row in enumerate(gram)], k
