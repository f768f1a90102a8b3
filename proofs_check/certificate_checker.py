"""Checks a certificate (A8) from the stored activations, in integer arithmetic, sharing no code with the algorithms.

Every neuron's activations are multiplied by a power of 2 that makes them integers of norm in [2^J, 2^(J+1)), one J for
all; no match changes (T12). Their Gram matrix G is computed exactly, and everything is decided from it. For a neuron
u, a set T of the other side and any coefficients c, let w = z_u - Z_T c. Then

    ||w||^2 - ||Z_T^T w||^2 / s  <=  dist(z_u, span z_T)^2  <=  ||w||^2,

where s > 0 is a lower bound on the least eigenvalue of the Gram matrix of all live neurons of the other side: the part
p of w within span(z_T) has ||Z_T^T w||^2 = ||Z_T^T p||^2 >= s ||p||^2. So c alone proves that a neuron is covered, c
with s that it is not. Where a certificate gives no c, the distance is computed exactly, by elimination. What one can
cost is bounded: stages remove neurons that are still there, evictions are each of one more member, nothing follows the
end of a peel, and coefficients are multiples of 2^-64 below 2^64.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any, get_args

import numpy as np
from flint import fmpq, fmpz, fmpz_mat
from jaxtyping import Real
from numpy.typing import ArrayLike

from ..theory.errors import CertificateError
from ..theory.matches import SIDES, Match, Side, other_side
from ..theory.validation import DeadNeurons, as_matrices, as_neuron, check_finite

FORMAT = ["spanmatch certificate", 1]
FIELDS = {"format", "version", "claim", "epsilon", "dead_neurons", "activations", "match", "neuron",
          "least_eigenvalue", "members", "peeled", "evictions"}  # fmt: skip
LONGEST_EPSILON, UNIT = 5_000, 2**64
MALFORMED = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)  # LinAlgError is a ValueError


def check_certificate(X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"], certificate: object) -> None:
    """Nothing, if the certificate proves its claim about these activations; otherwise ``CertificateError``.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: the very numbers that were certified.
    Y : array-like of shape (inputs, n)
        Activations of network 2, likewise.
    certificate : object
        What ``spanmatch.certify`` returned, or the mapping read from its file. Anything else is refused.

    Raises
    ------
    CertificateError
        If it proves nothing about these activations, or is malformed.
    InvalidActivations
        If X or Y is not as described.

    Notes
    -----
    The claim, under its policy for dead neurons: ``match`` is the maximum match at epsilon (D3), or, with a ``neuron``,
    a match that contains it and no smaller one does (D6).

    Guarantee: no false claim is accepted; floats only guess a Cholesky factor.

    Cost: the exact Gram matrix, O(inputs (m+n)^2); O(|T|^2) per neuron with coefficients; per stage with neurons
    without, O(|T|^3) operations on integers of |T| times the bits of G; at most m + n stages, or so many for each
    eviction.

    References
    ----------
    A8; docs/theory/algorithms.md#a8.

    Examples
    --------
    >>> import spanmatch
    >>> X, Y = [[1, 0], [0, 1], [0, 0]], [[1], [0], [0]]
    >>> certificate = spanmatch.certify(X, Y, 0.5).to_dict()
    >>> spanmatch.check_certificate(X, Y, certificate)
    >>> spanmatch.check_certificate(X, Y, certificate | {"epsilon": "2/1"})
    Traceback (most recent call last):
        ...
    spanmatch.theory.errors.CertificateError: certificate: epsilon: need p/q in [0, 1); it proves nothing, certify again
    """
    evidence = _Evidence(X, Y)
    try:
        evidence.check(certificate.to_dict() if hasattr(certificate, "to_dict") else certificate)
    except MALFORMED as error:
        raise CertificateError(
            f"certificate: malformed, a part is missing or of another kind ({error!r:.200}); certify again"
        ) from error


class _Evidence:
    """The exact Gram matrix of all neurons, network 1 first, and what a certificate's numbers prove on it."""

    def __init__(self, X: Any, Y: Any) -> None:
        (x, _), (y, _) = as_matrices(X, Y)
        arrays = {"x": x, "y": y}
        for side, values in arrays.items():
            check_finite(values.astype(np.float64), side.upper())
        self.fingerprints = {side: _fingerprint(values) for side, values in arrays.items()}
        self.m, self.n = (values.shape[1] for values in arrays.values())
        self.column = {"x": range(self.m), "y": range(self.m, self.m + self.n)}
        rows = fmpz_mat([_integers(column) for side in SIDES for column in arrays[side].T.tolist()])
        gram = (rows * rows.transpose()).tolist()
        size = [(int(row[k]).bit_length() - 1) // 2 for k, row in enumerate(gram)]
        J = max(0, *size)
        self.G = [[g << (2 * J - size[a] - size[b]) for b, g in enumerate(row)] for a, row in enumerate(gram)]
        self.unit = fmpz(4) ** J
        self.dead = {k for k in range(len(gram)) if gram[k][k] == 0}

    def check(self, content: Any) -> None:
        _demand(isinstance(content, dict) and content.keys() == FIELDS, f"need exactly the fields {sorted(FIELDS)}")
        _demand([content["format"], content["version"]] == FORMAT, f"need format and version {FORMAT}")
        _demand(content["activations"] == self.fingerprints, "is of other activations: shape, dtype or hash differ")
        epsilon = fmpq(*map(int, content["epsilon"][:LONGEST_EPSILON].split("/")))
        _demand(0 <= epsilon < 1 and content["epsilon"] == f"{epsilon.p}/{epsilon.q}", "epsilon: need p/q in [0, 1)")
        self.level = epsilon**2
        _demand(content["dead_neurons"] in get_args(DeadNeurons), "dead_neurons is none of the policies")
        out = self.dead if content["dead_neurons"] != "match" else set()
        start = Match(*([i for i, k in enumerate(self.column[side]) if k not in out] for side in SIDES))
        match = Match(*(self._indices(side, content["match"][side]) for side in SIDES))
        _demand(match <= start, "the match has dead neurons, which its policy leaves unmatched")
        self._prove_least_eigenvalues(content["least_eigenvalue"])
        for side in SIDES:
            members = sorted(match.side(side))
            bounds = self._bounds(side, members, match.side(other_side(side)), content["members"][side])
            for i, (_, upper) in zip(members, bounds, strict=True):
                _demand(upper <= self.level, f"neuron {(side, i)} of the match is not shown to be within epsilon")
        neuron = content["neuron"]
        claim, unused = ("maximum match", "evictions") if neuron is None else ("minimal match", "peeled")
        _demand(content["claim"] == claim and content[unused] == [], "the claim is not that of its evidence")
        if neuron is None:
            _demand(self._replay(start, content["peeled"], match) == match, "peeling ends at another pair")
        needed = match if neuron is None else Match.of([as_neuron(tuple(neuron), self.m, self.n)])
        for eviction in content["evictions"]:
            u = as_neuron(tuple(eviction["without"]), self.m, self.n)
            _demand(u in match - needed, f"evictions: {tuple(u)} is none of the match, or stands there twice")
            # What is evicted may be any neuron already known to be needed: without that one, ``neuron`` falls.
            left = self._replay(match.without(u), eviction["peeled"], needed)
            _demand(not needed <= left, f"the match without {tuple(u)} is not shown to lose anything")
            needed |= Match.of([u])
        _demand(needed == match, "it is not shown of every member that the match needs it")

    def _replay(self, pair: Match, stages: Sequence[Any], until: Match) -> Match:
        """What is left of a pair when the stages are peeled off it; none of them may take a covered neuron (T4). It
        ends when one of ``until`` is gone."""
        for number, stage in enumerate(stages):
            side, removed = stage["side"], self._indices(stage["side"], stage["neurons"])
            gone = Match.of((side, i) for i in removed)
            _demand(bool(gone) and gone <= pair and until <= pair, f"stage {number}: what it removes is gone already")
            bounds = self._bounds(side, removed, pair.side(other_side(side)), stage["coefficients"])
            for i, (lower, _) in zip(removed, bounds, strict=True):
                _demand(lower > self.level, f"stage {number}: neuron {(side, i)} is not shown to be beyond epsilon")
            pair -= gone
        return pair

    def _bounds(self, side: Side, neurons: list[int], others: Collection[int], vectors: Any) -> list[tuple[fmpq, fmpq]]:
        """Proved lower and upper bounds of r^2(v | others), in the order of ``neurons``."""
        T = [t for t in (self.column[other_side(side)][j] for j in sorted(others)) if t not in self.dead]
        given = {self.column[side][i]: text for i, text in zip(neurons, vectors, strict=True)}
        bounds = {v: (fmpq(0), fmpq(0)) for v in given if v in self.dead}
        bounds |= self._eliminate(T, [v for v, text in given.items() if text is None and v not in self.dead])
        Q, columns = UNIT, {v: [*map(_coefficient, text.split())] for v, text in given.items() if v not in bounds}
        # C / Q are the coefficients, one per live neuron of T; Q w = Q z_v - Z_T C, and R = Z_T^T (Q w).
        C = fmpz_mat(len(T), len(columns), [entry for row in zip(*columns.values(), strict=True) for entry in row])
        R = fmpz_mat(len(T), len(columns), [Q * self.G[t][v] for t in T for v in columns]) - self._within(T) * C
        s = self.least_eigenvalue[other_side(side)]
        for k, v in enumerate(columns):
            norm = Q * Q * self.G[v][v]
            upper = fmpq(norm - sum((C[a, k] * (Q * self.G[t][v] + R[a, k]) for a, t in enumerate(T)), fmpz(0)), norm)
            inside = sum((R[a, k] ** 2 for a in range(len(T))), fmpz(0))
            bounds[v] = fmpq(0) if s == 0 else upper - fmpq(inside, norm) / (s * self.unit), upper
        return [bounds[v] for v in given]

    def _eliminate(self, T: Sequence[int], neurons: Sequence[int]) -> dict[int, tuple[fmpq, fmpq]]:
        """r^2(v | T), as both bounds, by fraction-free elimination (Bareiss): after pivots B the entry at (i, j) is the
        minor det G[B+i, B+j], so what is left at (v, v) is dist^2 det G[B, B]. A zero pivot is a neuron in the span of
        B, whose row is then all zero, since G is positive semidefinite: it is passed over."""
        before, rows = fmpz(1), [[self.G[t][k] for k in (*T, *neurons)] for t in (T if neurons else ())]
        left = [self.G[v][v] for v in neurons]
        for p, row in enumerate(rows):
            pivot = row[p]
            if pivot == 0:
                continue
            for i in range(p + 1, len(T)):
                rows[i][i:] = [(pivot * a - row[i] * b) // before for a, b in zip(rows[i][i:], row[i:], strict=True)]
            left = [(pivot * d - entry**2) // before for d, entry in zip(left, row[len(T) :], strict=True)]
            before = pivot
        return {v: (fmpq(d, before * self.G[v][v]),) * 2 for d, v in zip(left, neurons, strict=True)}

    def _prove_least_eigenvalues(self, claimed: Any) -> None:
        """For *any* matrix L, a side's G / 4^J = 3s/2 + L L^T + E has no eigenvalue below 3s/2 - ||E||."""
        self.least_eigenvalue = {side: fmpq(*float.fromhex(claimed[side] or "0").as_integer_ratio()) for side in SIDES}
        for side, s in self.least_eigenvalue.items():
            T = [t for t in self.column[side] if t not in self.dead and s != 0]  # 0: none is claimed
            floats = np.array([[int(self.G[a][b]) / int(self.unit) for b in T] for a in T]).reshape(len(T), len(T))
            guess = np.linalg.cholesky(floats - 1.5 * (int(s.p) / int(s.q)) * np.eye(len(T)))
            L = fmpz_mat(len(T), len(T), [int(entry) for entry in np.ldexp(guess, 60).ravel()])
            E = (2**120 * self._within(T) - self.unit * (L * L.transpose())).tolist()
            for k, row in enumerate(E):
                beside = sum((abs(e) for j, e in enumerate(row) if j != k), fmpz(0))
                size = abs(fmpq(row[k], 2**120 * self.unit) - s * 3 / 2) + fmpq(beside, 2**120 * self.unit)
                _demand(size <= s / 2, f"the least eigenvalue of side {side} is not shown to be {s} or more")

    def _within(self, T: Sequence[int]) -> fmpz_mat:
        return fmpz_mat(len(T), len(T), [self.G[a][b] for a in T for b in T])

    def _indices(self, side: Side, indices: Any) -> list[int]:
        _demand(all(a < b for a, b in pairwise(indices)), "indices not ascending")
        return [as_neuron((side, i), self.m, self.n).index for i in indices]


def _coefficient(word: str) -> int:
    """2^64 times a coefficient: finer or larger ones could cost any number of bits."""
    number = float.fromhex(word)
    _demand(abs(number) < UNIT and (number * UNIT).is_integer(), "a coefficient is no multiple of 2^-64 below 2^64")
    return int(number * UNIT)


def _integers(column: Sequence[float]) -> list[int]:
    """A column times a power of 2, exactly, so that it is integral."""
    ratios = [entry.as_integer_ratio() for entry in column]
    denominator = max(q for _, q in ratios)
    return [p * (denominator // q) for p, q in ratios]


def _fingerprint(values: np.ndarray[Any, Any]) -> dict[str, Any]:
    """The SHA-256 is of the line "dtype inputs neurons" and the little-endian numbers row by row."""
    (inputs, neurons), dtype = values.shape, values.dtype.name
    numbers = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()
    hashed = hashlib.sha256(f"{dtype} {inputs} {neurons}\n".encode() + numbers)
    return {"shape": [inputs, neurons], "dtype": dtype, "sha256": hashed.hexdigest()}


def _demand(condition: bool, otherwise: str) -> None:
    if not condition:
        raise CertificateError(f"certificate: {otherwise}; it proves nothing, certify again")
