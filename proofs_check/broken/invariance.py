"""Named implementations that depend on what they must not depend on (T11-T14, T18), and the checks that reject them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ...algorithms.peeling import batch_peel
from ...theory.covers import Cover, Geometry
from ...theory.matches import Match, Neuron, Side, other_side
from ...theory.residuals import NEVER, LeastSquares
from ..harness.implementations import Activations, Implementation, from_parts

_ZERO = 1e-9
"""Residuals up to this count as 0, as in the literal route."""


class _OwnLeastSquares(LeastSquares):
    """Residuals by a least-squares rule of its own, on the columns as they are."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        T = self._values[other_side(side)][:, sorted(others)]
        return [self._residual(self._values[side][:, i], T) for i in members]

    def _residual(self, v: Activations, T: Activations) -> float:
        if not v.any():
            return 0.0
        r = float(np.linalg.norm(v - self.predicted(v, T)) / np.linalg.norm(v))
        return 0.0 if r <= _ZERO else min(1.0, r)

    def predicted(self, v: Activations, T: Activations) -> Activations:
        raise NotImplementedError


class RelativeToLargest(_OwnLeastSquares):
    """Cuts the rank relative to the largest column as it is, as ``lstsq`` on activations does."""

    def predicted(self, v: Activations, T: Activations) -> Activations:
        return np.asarray(T @ np.linalg.lstsq(T, v)[0]) if T.size else np.zeros_like(v)


class Penalised(_OwnLeastSquares):
    """Adds a fixed penalty on the coefficients, "for stability"."""

    def predicted(self, v: Activations, T: Activations) -> Activations:
        return np.asarray(T @ np.linalg.solve(T.T @ T + 1e-6 * np.eye(T.shape[1]), T.T @ v))


class StopsAtFirstDependent(_OwnLeastSquares):
    """Orthogonalises one neuron after the other, and stops at the first that depends on those before it."""

    def predicted(self, v: Activations, T: Activations) -> Activations:
        basis = np.zeros((len(T), 0))
        for column in T.T:
            left = column - basis @ (basis.T @ column)
            if np.linalg.norm(left) <= _ZERO * np.linalg.norm(column):
                break
            basis = np.hstack([basis, (left / np.linalg.norm(left))[:, np.newaxis]])
        return np.asarray(basis @ (basis.T @ v))


class TinyIsDead(LeastSquares):
    """Takes neurons shorter than 1e-16 for dead."""

    def __init__(self, X: Activations, Y: Activations) -> None:
        super().__init__(*(np.where(np.linalg.norm(Z, axis=0) < 1e-16, 0, Z) for Z in (X, Y)))


class MeanRemoved(LeastSquares):
    """Subtracts the mean over inputs first, as correlations do."""

    def __init__(self, X: Activations, Y: Activations) -> None:
        super().__init__(*(Z - Z.mean(axis=0) if len(Z) > 1 else Z for Z in (X, Y)))


class DistinctInputs(LeastSquares):
    """Counts inputs on which both networks do the same only once."""

    def __init__(self, X: Activations, Y: Activations) -> None:
        Z = np.unique(np.hstack([X, Y]), axis=0)
        super().__init__(Z[:, : X.shape[1]], Z[:, X.shape[1] :])


class FirstInputs(LeastSquares):
    """Looks at the first nine inputs only."""

    def __init__(self, X: Activations, Y: Activations) -> None:
        super().__init__(X[:9], Y[:9])


class FirstCopyOnly(LeastSquares):
    """Never matches a neuron that is a multiple of an earlier one of its network."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        found = super().residuals(side, members, others)
        return [NEVER if self._is_copy(self._values[side], i) else r for i, r in zip(members, found, strict=True)]

    @staticmethod
    def _is_copy(Z: Activations, i: int) -> bool:
        return any(Z[:, i].any() and Z[:, k].any() and np.linalg.matrix_rank(Z[:, [k, i]]) == 1 for k in range(i))


class BestPair(LeastSquares):
    """Looks for the best two neurons of the other side in place of all of them."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        pairs = [list(pair) for pair in combinations(sorted(others), min(2, len(others)))]
        each = [super(BestPair, self).residuals(side, members, pair) for pair in pairs]
        return [min(found) for found in zip(*each, strict=True)]


class AddsCosines(LeastSquares):
    """Adds up squared cosines, as if the neurons of the other side were orthogonal."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        each = [np.array(super(AddsCosines, self).residuals(side, members, [other])) for other in others]
        shares = sum((1 - r**2 for r in each), np.zeros(len(members)))
        alive = self._values[side][:, members].any(axis=0)
        return [float(r) for r in np.where(alive, np.sqrt(np.maximum(1 - shares - _ZERO, 0)), 0.0)]


class CapsCoefficients(LeastSquares):
    """Clips every coefficient on unit vectors to [-1, 1]."""

    def residuals(self, side: Side, members: Sequence[int], others: Collection[int]) -> list[float]:
        found = super().residuals(side, members, others)
        unit = {s: Z / np.where(Z.any(axis=0), np.linalg.norm(Z, axis=0), 1.0) for s, Z in self._values.items()}
        T = unit[other_side(side)][:, sorted(others)]
        clipped = np.clip(np.linalg.lstsq(T, unit[side][:, members])[0], -1, 1) if T.size else np.zeros((0, len(found)))
        left = np.linalg.norm(unit[side][:, members] - T @ clipped, axis=0)
        return [float(max(r, c)) if c > _ZERO else r for r, c in zip(found, left, strict=True)]


def without_minimum(geometry: Geometry[Any]) -> dict[Neuron, Any]:
    """Peels by T6, but takes the residual at removal for the radius."""
    pair, radii = Match.everything(geometry.m, geometry.n), {}
    while pair:
        current = {v: geometry.residuals(v.side, [v.index], pair.side(other_side(v.side)))[0] for v in pair}
        removed = max(current, key=current.__getitem__)
        radii[removed] = min(current[removed], geometry.level(1))
        pair = pair.without(removed)
    return radii


def keeps_one_of_network_1(cover: Cover, within: Match) -> Match:
    """Never removes the last neuron that is left of network 1."""
    pair = within
    while violators := cover.violators(pair):
        smaller = Match(pair.x - violators.x or sorted(pair.x)[:1], pair.y - violators.y)
        if smaller == pair:
            break
        pair = smaller
    return pair


def drops_last_of_larger(cover: Cover, within: Match) -> Match:
    """Cuts the larger side of the maximum match down to the size of the smaller one, last neurons first."""
    found = batch_peel(cover, within)
    size = min(len(found.x), len(found.y))
    return Match(sorted(found.x)[:size], sorted(found.y)[:size]) if size else found


BROKEN: dict[Implementation, str] = {
    from_parts("rank cut relative to the largest column", geometry=RelativeToLargest):
        "T12-extreme-scaling T12-extreme-scaling-radii",
    from_parts("fixed penalty on coefficients", geometry=Penalised):
        "T12-scaling T12-scaling-radii T13-full-rank-residual",
    from_parts("stops at the first dependent neuron", geometry=StopsAtFirstDependent):
        "T13-full-rank T13-full-rank-residual T12-copies T12-copies-radii T12-simple-matches",
    from_parts("neurons shorter than 1e-16 are dead", geometry=TinyIsDead):
        "T12-extreme-scaling T12-extreme-scaling-radii",
    from_parts("subtracts the mean, whatever the inputs", geometry=MeanRemoved): (
        "T12-isometries T12-isometries-radii T12-not-invariant T12-simple-matches T13-constant-share T14-residuals "
        "T14-robust"
    ),
    from_parts("equal inputs count once", geometry=DistinctInputs):
        "T12-isometries T12-isometries-radii T12-not-invariant",
    from_parts("looks at the first nine inputs", geometry=FirstInputs): "T12-isometries-radii T13-beta",
    from_parts("only the first of several copies matches", geometry=FirstCopyOnly):
        "T12-permutations-radii T12-copies T8-two-partners T12-permutations T12-copies-radii T12-simple-matches",
    from_parts("best two neurons", geometry=BestPair): "T3-max-match T13-full-rank T13-beta T14-residuals",
    from_parts("adds up squared cosines", geometry=AddsCosines):
        "T6-match-radii T12-copies-radii T12-linear-map-at-zero",
    from_parts("clips coefficients to one", geometry=CapsCoefficients):
        "T3-max-match T6-match-radii T14-residuals T14-robust",
    from_parts("keeps one of network 1", max_match=keeps_one_of_network_1): "T11-balanced T12-permutations",
    from_parts("cuts the larger side", max_match=drops_last_of_larger):
        "T12-copies T8-two-partners T12-permutations T14-robust",
    from_parts("residual at removal as radius", radii=without_minimum): "T6-match-radii T18-stable-radii",
}
"""Implementation -> the checks that must reject it, the one that names its fault first."""
