"""spanmatch: neuron activation subspace matching between two neural networks.

To what extent do two networks of one architecture, trained from different initialisations, learn the same
representation? Reference implementation, verification suite and benchmark generator for Wang et al., NeurIPS 2018.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .algorithms.compressed.compressor import Compressed, Compressor, compress
from .algorithms.matching import (
    is_match,
    match_radii,
    max_match,
    min_match,
    min_matches,
    residuals,
    similarity,
    simple_matches,
)
from .algorithms.results import MatchRadii, MinMatches, SimpleMatches
from .theory.chance import chance_level
from .theory.errors import (
    CertificateError,
    InvalidActivations,
    InvalidEpsilon,
    InvalidFile,
    InvalidNeuron,
    InvalidOption,
    MissingData,
    MissingExtra,
    SpanmatchError,
    SpanmatchWarning,
    UnknownLayer,
)
from .theory.matches import Match, Neuron
from .theory.validation import flatten_conv

__version__ = "0.1.0"

_ON_FIRST_USE = {
    "capture": ".networks.capture:capture",
    "certify": ".algorithms.certificates:certify",
    "check_certificate": ".proofs_check.certificate_checker:check_certificate",
    "compare": ".studies.comparison.compare:compare",
    "convergent": ".algorithms.convergent",
    "dynamics": ".theory.dynamics",
    "exact": ".algorithms.exact",
}
"""Public names whose dependencies are extras: where each is found when it is first used."""

__all__ = [
    "CertificateError",
    "Compressed",
    "Compressor",
    "InvalidActivations",
    "InvalidEpsilon",
    "InvalidFile",
    "InvalidNeuron",
    "InvalidOption",
    "Match",
    "MatchRadii",
    "MinMatches",
    "MissingData",
    "MissingExtra",
    "Neuron",
    "SimpleMatches",
    "SpanmatchError",
    "SpanmatchWarning",
    "UnknownLayer",
    "capture",
    "certify",
    "chance_level",
    "check_certificate",
    "compare",
    "compress",
    "convergent",
    "dynamics",
    "exact",
    "flatten_conv",
    "is_match",
    "match_radii",
    "max_match",
    "min_match",
    "min_matches",
    "residuals",
    "similarity",
    "simple_matches",
]


def __getattr__(name: str) -> Any:
    if name not in _ON_FIRST_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _ON_FIRST_USE[name].partition(":")
    found = import_module(module, __name__)
    value = getattr(found, attribute) if attribute else found
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
