"""Whole runs: the comparison of two networks layer by layer, and the verification run."""

from .comparison.compare import compare
from .comparison.population import Population
from .comparison.results import Comparison, LayerComparison

__all__ = ["Comparison", "LayerComparison", "Population", "compare"]
