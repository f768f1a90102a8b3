"""An implementation that behaves as the authors' published code does, written anew.

Source: docs/theory/numerics.md#published-code. Residuals by ``numpy.linalg.lstsq`` with its default rank cut on
activations as they are; neurons shorter than 1e-16, and neurons with a NaN, are dropped without a word; an infinity
empties one side and is an error on the other. ``DECLARED`` is the same code with its policy declared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..harness.questions import Floats

Found = tuple[list[int], list[int]]

SHORTEST = 1e-16


class PublishedStyle:
    """max_match (A1, in batches), min_match (A2) and simple_matches: one minimal match for every member."""

    name = "as the authors' published code"

    def max_match(self, X: Floats, Y: Floats, epsilon: float) -> Found:
        return _maximum(X, Y, epsilon, _usable(X), _usable(Y))

    def min_match(self, X: Floats, Y: Floats, epsilon: float, side: str, index: int) -> Found | None:
        x, y = self.max_match(X, Y, epsilon)
        if index not in (x if side == "x" else y):
            return None
        for removed in [("x", i) for i in x] + [("y", j) for j in y]:
            fewer = ([i for i in x if ("x", i) != removed], [j for j in y if ("y", j) != removed])
            smaller = _maximum(X, Y, epsilon, *fewer)
            if index in smaller[side == "y"]:
                x, y = smaller
        return x, y

    def simple_matches(self, X: Floats, Y: Floats, epsilon: float) -> Iterable[Found]:
        found: list[Found] = []
        for side, indices in zip("xy", self.max_match(X, Y, epsilon), strict=True):
            for index in indices:
                match = self.min_match(X, Y, epsilon, side, index)
                if match is not None and match not in found:
                    found.append(match)
        return found


class DeclaredPublishedStyle(PublishedStyle):
    """The same, which says of itself what it does with dead neurons, small epsilons."""

    name = "as the authors' published code, declared"
    spanmatch_capabilities: dict[str, Any] = {"dead_neurons": "drop", "smallest_epsilon": 1e-6}  # noqa: RUF012


def _usable(Z: Floats) -> list[int]:
    # A NaN is not larger than anything.
    return [int(i) for i in np.flatnonzero(np.linalg.norm(Z, axis=0) > SHORTEST)]


def _maximum(X: Floats, Y: Floats, epsilon: float, x: list[int], y: list[int]) -> Found:
    while True:
        kept_x = _covered(X[:, x], Y[:, y], epsilon, x)
        kept_y = _covered(Y[:, y], X[:, kept_x], epsilon, y)
        if (kept_x, kept_y) == (x, y):
            return x, y
        x, y = kept_x, kept_y


def _covered(own: Floats, other: Floats, epsilon: float, indices: list[int]) -> list[int]:
    if not own.shape[1] or not other.shape[1]:
        return []
    if not np.isfinite(other).all():
        # Said here, since LAPACK may also take forever to say it.
        raise np.linalg.LinAlgError("SVD did not converge in Linear Least Squares")
    finite: list[bool] = np.all(np.isfinite(own), axis=0).tolist()
    own = np.where(finite, own, 1.0)
    left = own - other @ np.linalg.lstsq(other, own, rcond=None)[0]
    residuals = np.linalg.norm(left, axis=0) / np.linalg.norm(own, axis=0)
    return [i for i, r, kept in zip(indices, residuals, finite, strict=True) if kept and r <= epsilon]


PUBLISHED_STYLE = PublishedStyle()
DECLARED = DeclaredPublishedStyle()
