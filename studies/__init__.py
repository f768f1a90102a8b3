"""Whole runs: the comparison of two networks layer by layer, and the verification run."""

from .comparison import Comparison, LayerComparison, compare

__all__ = ["Comparison", "LayerComparison", "compare"]
