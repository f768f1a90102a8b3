"""For packages that hold many measures and call each with two representations: similarity-repository and ReSi."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, Literal, Protocol

from jaxtyping import Real
from numpy.typing import ArrayLike

from ..algorithms.matching import similarity
from ..theory.errors import InvalidEpsilon, InvalidOption, MissingExtra
from ..theory.validation import DeadNeurons, Epsilons, as_dead_neurons, as_epsilon, as_epsilons
from ..theory.validation.layer import Layer
from ..theory.validation.options import as_function, as_option

Shape = Literal["nd", "ntd", "nchw"]
AXES: dict[Shape, str] = {"nd": "nc", "ntd": "ntc", "nchw": "nchw"}
"""ReSi's names of shapes, in ours: a dimension is a neuron, and so is a channel."""

PROPERTIES: dict[str, bool] = {
    "larger_is_more_similar": True,
    "is_metric": False,
    "is_symmetric": True,
    "invariant_to_affine": False,
    "invariant_to_invertible_linear": False,
    "invariant_to_ortho": False,
    "invariant_to_permutation": True,
    "invariant_to_isotropic_scaling": True,
    "invariant_to_translation": False,
}
"""What is true of the measure, in the words of ReSi. Each False has its counterexample in docs/adapters.md."""


class Registry(Protocol):
    """A package that holds measures by name: similarity-repository."""

    register: Callable[[str, Any], Any]


class Measure(Protocol):
    """What ReSi asks of a measure, beside the properties."""

    name: str

    def __call__(self, R: Any, Rp: Any, shape: Shape) -> float: ...


def register(
    epsilons: float | Epsilons = (0.25, 0.5),
    *,
    dead_neurons: DeadNeurons = "match",
    repository: Registry | None = None,
) -> tuple[str, ...]:
    """Register the measure with similarity-repository, once for each epsilon.

    Parameters
    ----------
    epsilons : float or array-like of float, default (0.25, 0.5)
        Relative errors in [0, 1).
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        See ``spanmatch.compress``.
    repository : optional
        Whatever has a function ``register(id, measure)``; by default the package ``similarity``.

    Returns
    -------
    tuple of str
        The ids, by which ``similarity.make`` finds the measures: functions of X and Y of shape (inputs, neurons).

    Raises
    ------
    InvalidEpsilon, InvalidOption
        If an argument is not as described.
    MissingExtra
        If similarity-repository is not installed.

    References
    ----------
    D4; docs/theory/definitions.md#d4. Cloos et al. 2024, A Framework for Standardizing Similarity Measures in a Rapidly
    Evolving Field.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from spanmatch.adapters import register
    >>> measures = {}
    >>> register(0.5, repository=SimpleNamespace(register=measures.__setitem__))
    ('measure/spanmatch/subspace-match-epsilon=0.5',)
    >>> measures["measure/spanmatch/subspace-match-epsilon=0.5"]([[1], [0], [0]], [[1, 0], [0, 1], [0, 0]])
    0.6666666666666666
    """
    levels = as_epsilons(epsilons, "epsilons").ravel().tolist()
    if not levels:
        raise InvalidEpsilon("epsilons: got none, need numbers in [0, 1)")
    policy = as_dead_neurons(dead_neurons)
    target = _package("similarity", "similarity-repository") if repository is None else repository
    keep = as_function(getattr(target, "register", None), "repository")
    ids = tuple(f"measure/spanmatch/subspace-match-epsilon={epsilon:g}" for epsilon in levels)
    for id, epsilon in zip(ids, levels, strict=True):
        keep(id, partial(similarity, epsilon=epsilon, dead_neurons=policy))
    return ids


def resi_measure(
    epsilon: float, *, dead_neurons: DeadNeurons = "match", base: Callable[..., Measure] | None = None
) -> Measure:
    """The measure for the benchmark ReSi: an instance of its class, with the properties that are true of it.

    Parameters
    ----------
    epsilon : float
        Relative error in [0, 1).
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        See ``spanmatch.compress``.
    base : callable, optional
        Makes a measure of ``sim_func`` and ``PROPERTIES``; by default ReSi's ``RepresentationalSimilarityMeasure``.

    Returns
    -------
    RepresentationalSimilarityMeasure
        Its call ``(R, Rp, shape)`` takes arrays or tensors of the shapes "nd", "ntd" (each token is an input) and
        "nchw" (each position is an input, each channel a neuron).

    Raises
    ------
    InvalidEpsilon, InvalidOption
        If an argument is not as described.
    MissingExtra
        If ReSi is not installed.

    References
    ----------
    D4; docs/theory/definitions.md#d4. Klabunde et al. 2025, ReSi: A Comprehensive Benchmark for Representational
    Similarity Measures.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from spanmatch.adapters import resi_measure
    >>> measure = resi_measure(0.5, base=SimpleNamespace)
    >>> measure.name, measure.is_symmetric, measure.is_metric
    ('SubspaceMatch(0.5)', True, False)
    >>> measure.sim_func([[1], [0], [0]], [[1, 0], [0, 1], [0, 0]], "nd")
    0.6666666666666666
    """
    level, policy = as_epsilon(epsilon), as_dead_neurons(dead_neurons)
    if base is None:
        base = _package("repsim.measures", "ReSi").RepresentationalSimilarityMeasure
    compared = partial(similarity_of, epsilon=level, dead_neurons=policy)
    try:
        measure: Measure = as_function(base, "base")(sim_func=compared, **PROPERTIES)
    except TypeError as error:
        raise InvalidOption(f"base: {error}, need a class that takes sim_func and the names of PROPERTIES") from error
    measure.name = f"SubspaceMatch({level:g})"
    return measure


def similarity_of(
    R: Real[ArrayLike, "inputs ..."],
    Rp: Real[ArrayLike, "inputs ..."],
    shape: Shape,
    *,
    epsilon: float,
    dead_neurons: DeadNeurons = "match",
) -> float:
    """The similarity of two representations whose shape is named as in ReSi."""
    axes = AXES[as_option(shape, "shape", tuple(AXES))]
    return similarity(Layer(R, axes), Layer(Rp, axes), epsilon, dead_neurons=dead_neurons)


def _package(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(f"{name} is not installed, need its module {module}; docs/adapters.md says how") from error
