"""spanmatch: neuron activation subspace matching between two neural networks.

To what extent do two networks of one architecture, trained from different initialisations, learn the same
representation? Reference implementation, verification suite and benchmark generator for Wang et al., NeurIPS 2018.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .algorithms import convergent as convergent
    from .algorithms import exact as exact
    from .algorithms.certificates import certify as certify
    from .algorithms.compressed.compressor import Compressed as Compressed
    from .algorithms.compressed.compressor import Compressor as Compressor
    from .algorithms.compressed.compressor import compress as compress
    from .algorithms.matching import is_match as is_match
    from .algorithms.matching import match_radii as match_radii
    from .algorithms.matching import max_match as max_match
    from .algorithms.matching import min_match as min_match
    from .algorithms.matching import min_matches as min_matches
    from .algorithms.matching import residuals as residuals
    from .algorithms.matching import similarity as similarity
    from .algorithms.matching import simple_matches as simple_matches
    from .algorithms.results import MatchRadii as MatchRadii
    from .algorithms.results import MinMatches as MinMatches
    from .algorithms.results import SimpleMatches as SimpleMatches
    from .networks.capture.capture import capture as capture
    from .proofs_check.certificate_checker import check_certificate as check_certificate
    from .studies.comparison.compare import compare as compare
    from .studies.comparison.population import Population as Population
    from .studies.comparison.results import Comparison as Comparison
    from .studies.comparison.results import LayerComparison as LayerComparison
    from .studies.models.compare import compare_models as compare_models
    from .theory import dynamics as dynamics
    from .theory.chance import chance_level as chance_level
    from .theory.errors import CertificateError as CertificateError
    from .theory.errors import InvalidActivations as InvalidActivations
    from .theory.errors import InvalidEpsilon as InvalidEpsilon
    from .theory.errors import InvalidFile as InvalidFile
    from .theory.errors import InvalidNeuron as InvalidNeuron
    from .theory.errors import InvalidOption as InvalidOption
    from .theory.errors import InvalidState as InvalidState
    from .theory.errors import MissingData as MissingData
    from .theory.errors import MissingExtra as MissingExtra
    from .theory.errors import SpanmatchError as SpanmatchError
    from .theory.errors import SpanmatchWarning as SpanmatchWarning
    from .theory.errors import UnknownLayer as UnknownLayer
    from .theory.matches import Match as Match
    from .theory.matches import Neuron as Neuron
    from .theory.validation.layer import Layer as Layer
    from .theory.validation.layer import flatten_conv as flatten_conv

__version__ = "0.1.0"

_HOMES = {
    "algorithms": ("convergent", "exact"),
    "algorithms.certificates": ("certify",),
    "algorithms.compressed.compressor": ("Compressed", "Compressor", "compress"),
    "algorithms.matching": (
        "is_match", "match_radii", "max_match", "min_match", "min_matches", "residuals", "similarity", "simple_matches",
    ),
    "algorithms.results": ("MatchRadii", "MinMatches", "SimpleMatches"),
    "networks.capture.capture": ("capture",),
    "proofs_check.certificate_checker": ("check_certificate",),
    "studies.comparison.compare": ("compare",),
    "studies.comparison.population": ("Population",),
    "studies.comparison.results": ("Comparison", "LayerComparison"),
    "studies.models.compare": ("compare_models",),
    "theory": ("dynamics",),
    "theory.chance": ("chance_level",),
    "theory.errors": (
        "CertificateError", "InvalidActivations", "InvalidEpsilon", "InvalidFile", "InvalidNeuron", "InvalidOption",
        "InvalidState", "MissingData", "MissingExtra", "SpanmatchError", "SpanmatchWarning", "UnknownLayer",
    ),
    "theory.matches": ("Match", "Neuron"),
    "theory.validation.layer": ("Layer", "flatten_conv"),
}  # fmt: skip
"""Where each public name is found when it is first used: ``import spanmatch`` alone loads nothing heavy."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def _folders() -> list[str]:
    from pkgutil import iter_modules

    return [module.name for module in iter_modules(__path__) if not module.name.startswith("_")]


if not TYPE_CHECKING:  # type checkers read the imports above

    def __getattr__(name):
        if name in _HOME_OF:
            home = import_module(f".{_HOME_OF[name]}", __name__)
            value = getattr(home, name, None) or import_module(f"{home.__name__}.{name}")
        elif not name.startswith("_") and name in _folders():
            value = import_module(f".{name}", __name__)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_folders(), "__version__"})
