"""The measure as other packages want to call it; they are imported when they are used."""

from __future__ import annotations

from .estimators import SubspaceMatchMetric, subspace_match_score
from .registries import PROPERTIES, register, resi_measure

__all__ = ["PROPERTIES", "SubspaceMatchMetric", "register", "resi_measure", "subspace_match_score"]
