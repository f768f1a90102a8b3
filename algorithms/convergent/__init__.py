"""Convergent Learning: do two networks share *units*, one to one, one to many, many to many?

Source: docs/theory/neighbours.md#convergent-learning. The baseline beside subspace matching, on the same activations.
Reached as ``spanmatch.convergent``. ``sparse_prediction`` and ``spectral_blocks`` need scikit-learn (the extra
``convergent``), and only when they are called.

Source: Y. Li, J. Yosinski, J. Clune, H. Lipson, J. Hopcroft, "Convergent Learning: Do different neural networks learn
the same representations?", ICLR 2016 (arXiv 1511.07543).
"""

from __future__ import annotations

from .blocks import SpectralBlocks, spectral_blocks
from .correlations import CorrelationAccumulator, Correlations, all_correlations, correlations
from .features import SharedFeatures, shared_features
from .information import mutual_information
from .matchings import UnitMatching, bipartite_matching, matching_gap, semi_matching
from .participation import participation_ratio
from .sparse import SparsePrediction, sparse_prediction

__all__ = [
    "CorrelationAccumulator",
    "Correlations",
    "SharedFeatures",
    "SparsePrediction",
    "SpectralBlocks",
    "UnitMatching",
    "all_correlations",
    "bipartite_matching",
    "correlations",
    "matching_gap",
    "mutual_information",
    "participation_ratio",
    "semi_matching",
    "shared_features",
    "sparse_prediction",
    "spectral_blocks",
]
