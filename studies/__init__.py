"""Whole runs: the comparison of two networks layer by layer, and the verification run."""

from .comparison import compare
from .results import Comparison, LayerComparison

__all__ = ["Comparison", "LayerComparison", "compare"]
