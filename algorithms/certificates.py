"""Certified answers (A8): the maximum match or a minimal match, together with what proves it for the stored numbers.

``ProvingCover`` finds and proves; here the proofs are put together. ``proofs_check.certificate_checker`` checks
certificates, and shares no line with this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from jaxtyping import Real
from numpy.typing import ArrayLike

from ..theory.errors import InvalidEpsilon, InvalidNeuron, without_advice
from ..theory.matches import SIDES, Match, Neuron, NeuronLike, Side, other_side
from ..theory.validation import DeadNeurons, as_dead_neurons, as_epsilon, as_neuron
from . import minimal
from .compressed.compressor import compress
from .exact import as_exact_epsilon
from .proving import Coefficients, ProvingCover, Stage

FORMAT, VERSION = "spanmatch certificate", 1

EPSILON_BITS = 8_000
"""The denominator of epsilon in a certificate has no more; those of floats have up to 1 075."""


@dataclass(frozen=True, repr=False)
class Certificate:
    """A maximum match, or with a ``neuron`` a minimal match that contains it, and its proof.

    Attributes
    ----------
    epsilon : Fraction
        Relative error, exactly.
    dead_neurons : {"match", "unmatched", "drop"}
        The policy for neurons that are exactly zero.
    activations : mapping
        For "x" and "y" the shape, dtype and SHA-256 of X and Y as stored.
    match : Match
        What is certified.
    neuron : Neuron or None
        The neuron that it is minimal for, or None for the maximum match.
    least_eigenvalue : mapping
        For each side a lower bound on the least eigenvalue of its Gram matrix, or None.
    members : mapping
        For each side and member, in index order, coefficients that witness r <= epsilon.
    peeled : tuple
        The stages in which everything else was removed.
    evictions : tuple
        For a minimal match, every other member with the stages that, once it is removed, evict the neuron or a member
        listed before.

    References
    ----------
    A8; docs/theory/algorithms.md#a8.

    Examples
    --------
    >>> import spanmatch
    >>> X, Y = [[1, 0], [0, 1], [0, 0]], [[1], [0], [0]]
    >>> certificate = spanmatch.certify(X, Y, 0.5)
    >>> certificate.claim, certificate.match
    ('maximum match', Match(x={0}, y={0}))
    """

    epsilon: Fraction
    dead_neurons: DeadNeurons
    activations: Mapping[Side, Mapping[str, Any]]
    match: Match
    neuron: Neuron | None
    least_eigenvalue: Mapping[Side, float | None]
    members: Mapping[Side, tuple[Coefficients, ...]]
    peeled: tuple[Stage, ...]
    evictions: tuple[tuple[Neuron, tuple[Stage, ...]], ...]

    @property
    def claim(self) -> str:
        """What is certified: "maximum match" or "minimal match"."""
        return "maximum match" if self.neuron is None else "minimal match"

    @property
    def decided_exactly(self) -> int:
        """How many decisions the bounds left to exact arithmetic."""
        stages = [*self.peeled, *(stage for _, peeled in self.evictions for stage in peeled)]
        vectors = [*self.members["x"], *self.members["y"], *(c for stage in stages for c in stage.coefficients)]
        return sum(c is None for c in vectors)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON-ready values: floats in hexadecimal, epsilon as a fraction, nothing rounded.

        Returns
        -------
        dict
            What ``check_certificate`` takes, too.
        """
        return {
            "format": FORMAT,
            "version": VERSION,
            "claim": self.claim,
            "epsilon": f"{self.epsilon.numerator}/{self.epsilon.denominator}",
            "dead_neurons": self.dead_neurons,
            "activations": {side: dict(self.activations[side]) for side in SIDES},
            "match": self.match.to_dict(),
            "neuron": None if self.neuron is None else list(self.neuron),
            "least_eigenvalue": {side: None if s is None else s.hex() for side, s in self.least_eigenvalue.items()},
            "members": {side: _hexadecimal(self.members[side]) for side in SIDES},
            "peeled": [_stage(stage) for stage in self.peeled],
            "evictions": [
                {"without": list(u), "peeled": [_stage(stage) for stage in stages]} for u, stages in self.evictions
            ],
        }

    def __repr__(self) -> str:
        what = self.claim if self.neuron is None else f"{tuple(self.neuron)}-{self.claim}"
        return (
            f"Certificate({what} at epsilon {float(self.epsilon):g}: {len(self.match.x)} + {len(self.match.y)} "
            f"neurons, {self.decided_exactly} decisions left to exact arithmetic)"
        )


def certify(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    epsilon: Fraction | float,
    neuron: NeuronLike | None = None,
    *,
    dead_neurons: DeadNeurons = "match",
) -> Certificate:
    """The maximum match, or a minimal match that contains ``neuron``, with a proof that a small program can check.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    epsilon : Fraction or float
        Relative error in [0, 1), taken as the rational number that it is.
    neuron : Neuron or (side, index), optional
        Certify a minimal match that contains it instead of the maximum match.
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        Policy for neurons that are exactly zero; see ``compress``.

    Returns
    -------
    Certificate
        Write it with ``files.atomic.write_json(path, certificate.to_dict())``.

    Raises
    ------
    InvalidActivations, InvalidEpsilon, InvalidOption
        If an argument is not as described.
    InvalidNeuron
        Also for a neuron in no match: the certificate of the maximum match proves that.
    MissingExtra
        If python-flint (the extra ``exact``) is not installed.

    Notes
    -----
    Guarantee: the answer is exact *for the stored numbers*, as ``spanmatch.exact`` gives it, and ``check_certificate``
    accepts it. Where rounding noise fills a rank-deficient layer that may differ from ``spanmatch.max_match``, which
    has a rank tolerance.

    Cost: the exact Gram matrix, O(inputs (m+n)^2); integer products of O(|T|^2) per neuron of a stage. For decisions
    left to exact arithmetic (a side that is dependent, beyond dead neurons, leaves there all that is peeled off the
    other) an elimination of O(|T|^3) operations on big integers per stage, here and in the checker: seconds at |T| =
    64. Memory: about 50 bytes per value, so give thousands of positions of a convolutional layer rather than all of
    them.

    References
    ----------
    A8; docs/theory/algorithms.md#a8.

    Examples
    --------
    >>> import spanmatch
    >>> X, Y = [[1, 0], [0, 1], [0, 0]], [[1], [0], [0]]
    >>> certificate = spanmatch.certify(X, Y, 0.5)
    >>> certificate
    Certificate(maximum match at epsilon 0.5: 1 + 1 neurons, 0 decisions left to exact arithmetic)
    >>> spanmatch.check_certificate(X, Y, certificate)
    """
    level, policy = as_exact_epsilon(epsilon), as_dead_neurons(dead_neurons)
    if level.denominator.bit_length() > EPSILON_BITS:
        bits = level.denominator.bit_length()
        raise InvalidEpsilon(f"epsilon: got a denominator of {bits} bits, need one of at most {EPSILON_BITS}")
    cover = ProvingCover(X, Y, level, policy)
    wanted = None if neuron is None else as_neuron(neuron, cover.m, cover.n)
    peeled, match = cover.peel(cover.start)
    evictions: tuple[tuple[Neuron, tuple[Stage, ...]], ...] = ()
    if wanted is not None:
        if wanted not in match:
            raise InvalidNeuron(
                f"neuron: got {tuple(wanted)}, which is in no match at epsilon {epsilon}, need one of the maximum "
                f"match; certify(X, Y, epsilon) proves that it is in none"
            )
        match, evictions = _minimal(X, Y, cover, wanted)
        peeled = ()
    members = {side: cover.proofs(side, sorted(match.side(side)), match.side(other_side(side))) for side in SIDES}
    return Certificate(
        level,
        policy,
        cover.fingerprints,
        match,
        wanted,
        cover.least_eigenvalue,
        {side: tuple(members[side][i][1] for i in sorted(match.side(side))) for side in SIDES},
        peeled,
        evictions,
    )


def _minimal(
    X: Any, Y: Any, cover: ProvingCover, neuron: Neuron
) -> tuple[Match, tuple[tuple[Neuron, tuple[Stage, ...]], ...]]:
    """A minimal match that contains a neuron of the maximum match, and what shows that it is minimal."""
    # What the floats say is only a proposal: it is proved, or else the search is done exactly.
    with without_advice():
        proposed = compress(X, Y).min_match(as_epsilon(cover.epsilon), neuron)
    match = proposed
    proof = None if match is None else cover.minimality(match, neuron)
    if match is None or proof is None:
        match = minimal.min_match(minimal.Search(cover), neuron) or Match()
        proof = cover.minimality(match, neuron) or ()
    return match, proof


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "side": stage.side,
        "neurons": list(stage.neurons),
        "coefficients": _hexadecimal(stage.coefficients),
    }


def _hexadecimal(vectors: Iterable[Coefficients]) -> list[str | None]:
    return [None if c is None else " ".join(entry.hex() for entry in c) for c in vectors]
