"""The tableau peel on a device: the rows [H | C] stay there, and squares of the other side's residuals come here.

As in ``tableau``, by what the array API has: a step costs the same few calls whatever the size, so it is worth it for
wide layers only. Source: A4, docs/theory/algorithms.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....theory.tolerances import factorises
from ....theory.validation import Array
from ..rounds import NeuronIndices
from ..tableau import IndependentSide, Tableau, TableauPeel, part_of_matrix
from .place import Place

WIDE = 4096
"""Neurons of both sides from which on a device peels them in less time than the processor."""


def independent_sides(place: Place | None, neurons: int) -> Callable[[Array], IndependentSide | None]:
    """How a side of a problem of so many ``neurons`` is taken for independent: on its device, if that is worth it."""
    if place is None or place.is_processor or neurons < WIDE:
        return IndependentSide.of
    return lambda gram: IndependentThere.at(place, gram)


@dataclass(frozen=True, eq=False)
class IndependentThere(IndependentSide):
    """An independent side whose dual basis is on a device."""

    place: Place

    @classmethod
    def at(cls, place: Place, gram: Array) -> IndependentThere | None:
        """As ``IndependentSide.of``."""
        xp, live = place.xp, np.flatnonzero(np.diag(gram))
        try:
            lower = xp.linalg.cholesky(place.there(part_of_matrix(gram, live, live)))
        # Each library has an error of its own for it.
        except Exception:
            return None
        dual = xp.linalg.solve(lower, xp.eye(len(live), dtype=xp.float64, device=place.device))
        condition = float(xp.linalg.matrix_norm(dual)) if len(live) else 0.0
        return cls(gram, live, dual, place) if factorises(len(live), condition) else None

    def again(self, gram: Array) -> IndependentThere | None:
        return type(self).at(self.place, gram)

    def rows(self, cross: Array) -> tuple[Any, Array, Array]:
        xp, transposed = self.place.xp, self.place.xp.matrix_transpose(self.dual)
        part = self.dual @ self.place.there(cross)
        squares = np.maximum(1.0 - self.place.here(xp.sum(part * part, axis=0)), 0.0)
        inverse = transposed @ self.dual
        lengths = np.sqrt(self.place.here(xp.linalg.diagonal(inverse)))
        return xp.concat([inverse, transposed @ part], axis=1), lengths, squares

    def peel(self, tableau: Tableau, own: Array, squares: Array) -> PeelThere:
        return PeelThere(tableau, own, squares)


class PeelThere(TableauPeel):
    """The tableau of an ``IndependentThere`` while neurons of both sides are removed."""

    _side: IndependentThere

    def _eliminated(self, places: NeuronIndices) -> Any:
        xp, rows = self._side.place.xp, self._chosen(self._rows, places, axis=0)
        if self._count:
            rows = rows - xp.matrix_transpose(self._chosen(self._waiting, places)) @ self._waiting
        square = self._chosen(rows, places)
        return rows / xp.sqrt(square) if len(places) == 1 else xp.linalg.solve(xp.linalg.cholesky(square), rows)

    def _lost(self, rows: Any) -> Array:
        others = rows[:, len(self._own) :]
        return self._side.place.here(self._side.place.xp.sum(others * others, axis=0))

    def _wait(self, rows: Any) -> None:
        self._waiting = self._with_waiting(rows)
        self._count = int(self._waiting.shape[0])

    def _with_waiting(self, rows: Any) -> Any:
        return self._side.place.xp.concat([self._waiting, rows], axis=0) if self._count else rows

    def _chosen(self, matrix: Any, some: NeuronIndices, axis: int = 1) -> Any:
        return self._side.place.xp.take(matrix, self._side.place.there(some), axis=axis)

    def _less(self, rows: Any, waiting: Any) -> Any:
        return rows - self._side.place.xp.matrix_transpose(waiting[:, : rows.shape[0]]) @ waiting
