"""Activation sets on which every view of Convergent Learning, and subspace matching beside it, has a known answer.

All directions are orthonormal and orthogonal to the constant vector, so that correlations are inner products. The set
is a small design repeated for each of ``copies`` images: every fold of whole images then has the same moments, and
held-out error equals the error of the fit, which has a closed form.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...theory.matches import Match
from ..linear import Array, orthonormal, product
from ..planted import Radii, need

COPIES = 10


@dataclass(frozen=True, eq=False, repr=False)
class ConvergentSet:
    """Activations of shape (inputs, units) and what each view of them sees.

    ``correlations``: of X with Y, shape (m, n). ``matched``, ``semi``: mean similarity of the bipartite and the
    semi-matching. ``partner``: the unit of Y for each unit of X where both matchings must find the same one, else
    None. ``blocks``: the groups of correlated units. ``used``: for each unit of Y the units of X that predict
    it at small penalties; empty where sparse prediction has no closed form (``sparse_error``). ``radii``: match radii
    (D7). ``participation``: of X and Y, or None where there is no closed form. ``images``: the image of each input.
    """

    X: Array
    Y: Array
    images: npt.NDArray[np.int64]
    name: str
    reason: str
    correlations: Array
    matched: float
    semi: float
    blocks: tuple[Match, ...]
    used: tuple[tuple[int, ...], ...]
    radii: Radii
    partner: npt.NDArray[np.int64] | None = None
    participation: tuple[float, float] | None = None

    def sparse_error(self, penalty: float) -> Array:
        """Error of predicting each unit of Y, as a share of its variance, at this L1 penalty.

        Where X is orthonormal (``used`` is not empty) the Lasso shrinks each correlation c towards 0 by the penalty
        a, and the error is 1 - sum c^2 + sum min(|c|, a)^2.
        """
        left_over = np.minimum(np.abs(self.correlations), penalty)
        error: Array = 1 - np.sum(self.correlations**2, axis=0) + np.sum(left_over**2, axis=0)
        return error

    def __repr__(self) -> str:
        return f"ConvergentSet({self.name}: {self.X.shape[1]} + {self.Y.shape[1]} units, {len(self.X)} inputs)"


def planted_pairs(angles: Sequence[float] = (0.0, 0.3, 0.6, 0.9, 1.2), *, seed: int = 0) -> ConvergentSet:
    """One to one: unit k of X goes with one unit of Y at angle theta_k: correlation cos, match radius sin.

    ``angles``: in [0, pi/2). The units of Y come in a random order. Raises: ``InvalidOption``.
    """
    count = len(angles)
    need(count >= 1, "angles", angles, "at least one angle")
    need(all(0 <= angle < math.pi / 2 for angle in angles), "angles", angles, "angles in [0, pi/2)")
    rng = np.random.default_rng(seed)
    cosine, sine = np.cos(angles), np.sin(angles)
    frame = centred_frame(rng, 2 * count)
    order = rng.permutation(count)
    Y = (frame[:, :count] * cosine + frame[:, count:] * sine)[:, order]
    correlations = np.zeros((count, count))
    correlations[order, np.arange(count)] = cosine[order]
    mean = float(cosine.mean())
    return _repeated(
        frame[:, :count],
        Y,
        name=f"one to one, angles {', '.join(f'{angle:g}' for angle in sorted(set(angles)))}",
        reason="Units of different pairs are orthogonal, so a match is a set of pairs and each vector is at angle "
        "theta from its partner's span.",
        correlations=correlations,
        matched=mean,
        semi=mean,
        blocks=tuple(Match([unit], [k]) for k, unit in enumerate(order)),
        used=tuple((int(unit),) for unit in order),
        partner=np.argsort(order),
        radii=(sine, sine[order]),
        participation=(float(count), float(count)),
    )


def planted_permutation(units: int = 12, *, inputs: int = 60, condition: float = 10.0, seed: int = 0) -> ConvergentSet:
    """Y is X with its units in another order, each times a positive factor: both matchings are 1 and find the order.

    The units correlate among each other. Raises: ``InvalidOption``.
    """
    need(units >= 2, "units", units, "at least 2 units")
    need(inputs > units, "inputs", inputs, f"more inputs than the {units} units")
    rng = np.random.default_rng(seed)
    singular = np.geomspace(1.0, 1.0 / condition, units)
    mixing = product(orthonormal(rng, units, units) * singular, orthonormal(rng, units, units).T)
    X = product(centred_frame(rng, units, inputs), mixing)
    order = rng.permutation(units)
    squares = np.sqrt(np.sum(X * X, axis=0))
    within = product(X.T, X) / np.outer(squares, squares)
    zero = np.zeros(units)
    return _repeated(
        X,
        X[:, order] * rng.uniform(0.1, 10.0, units),
        name="permutation",
        reason="A positive factor changes neither a correlation nor a span.",
        correlations=within[:, order],
        matched=1.0,
        semi=1.0,
        blocks=(Match(range(units), range(units)),),
        used=(),
        partner=np.argsort(order),
        radii=(zero, zero),
    )


def planted_mixtures(size: int = 4, blocks: int = 3, *, seed: int = 0) -> ConvergentSet:
    """Many to many: blocks of ``size`` units per side, those of Y a rotation of those of X, entries +-1/sqrt(size).

    ``size``: a power of two. No unit has a partner above 1/sqrt(size), yet the blocks span the same subspaces: match
    radii are 0. Raises: ``InvalidOption``.
    """
    need(size >= 2 and size & (size - 1) == 0, "size", size, "a power of two, at least 2")
    need(blocks >= 1, "blocks", blocks, "at least one block")
    rotation = np.ones((1, 1))
    while len(rotation) < size:
        rotation = np.block([[rotation, rotation], [rotation, -rotation]])
    correlations = np.kron(np.eye(blocks), rotation / math.sqrt(size))
    frame = centred_frame(np.random.default_rng(seed), size * blocks)
    zero, units = np.zeros(size * blocks), float(size * blocks)
    groups = [range(size * block, size * (block + 1)) for block in range(blocks)]
    return _repeated(
        frame,
        product(frame, correlations),
        name=f"{size} to {size}",
        reason="The rotation is orthogonal, so both sides of a block span one subspace; each of its rows has a "
        "positive entry, and its positive entries contain a permutation (by induction on the doubling).",
        correlations=correlations,
        matched=1 / math.sqrt(size),
        semi=1 / math.sqrt(size),
        blocks=tuple(Match(group, group) for group in groups),
        used=tuple(tuple(group) for group in groups for _ in range(size)),
        radii=(zero, zero),
        participation=(units, units),
    )


def planted_one_to_many(
    uses: int = 4, targets: int = 3, *, explained: float = 0.81, spare: int = 6, seed: int = 0
) -> ConvergentSet:
    """One to many: each unit of Y is an even mixture of ``uses`` units of X of its own, plus noise of its own.

    ``explained``: the share of a unit's variance that the mixture is, in (0, 1]; ``spare``: units of X that nothing
    uses. Raises: ``InvalidOption``.
    """
    need(uses >= 1, "uses", uses, "at least one unit")
    need(targets >= 1, "targets", targets, "at least one unit")
    need(0 < explained <= 1, "explained", explained, "a share in (0, 1]")
    need(spare >= 0, "spare", spare, "a count >= 0")
    m = uses * targets + spare
    frame = centred_frame(np.random.default_rng(seed), m + targets)
    each = math.sqrt(explained / uses)
    correlations = np.zeros((m, targets))
    mixed = [range(uses * target, uses * (target + 1)) for target in range(targets)]
    for target, group in enumerate(mixed):
        correlations[list(group), target] = each
    Y = product(frame[:, :m], correlations) + math.sqrt(1 - explained) * frame[:, m:]
    radius = math.sqrt(1 - each * each)
    radii = np.concatenate([np.full(uses * targets, radius), np.ones(spare)]), np.full(targets, radius)
    return _repeated(
        frame[:, :m],
        Y,
        name=f"1 to {uses}",
        reason="Only the units of one mixture correlate with a unit of Y, equally. Semi-matching gives each of them "
        "that unit, and the spare ones 0; matching gives it to one of them. A unit of a mixture is at residual "
        "sqrt(1 - c^2) from the only unit of Y that it is in, c the correlation; it is peeled before that unit, whose "
        "residual reaches the same value when one unit of the mixture is left: all of them have this radius (T6).",
        correlations=correlations,
        matched=each,
        semi=each * uses * targets / m,
        blocks=(
            *(Match(group, [target]) for target, group in enumerate(mixed)),
            *(Match([unit], []) for unit in range(uses * targets, m)),
        ),
        used=tuple(map(tuple, mixed)),
        radii=radii,
        participation=(float(m), float(targets)),
    )


def centred_frame(rng: np.random.Generator, directions: int, inputs: int | None = None) -> Array:
    """Orthonormal columns orthogonal to the constant vector, by a reflection that turns e_0 into it."""
    rows = 2 * directions + 2 if inputs is None else inputs
    basis = np.vstack([np.zeros(directions), orthonormal(rng, rows - 1, directions)])
    normal = np.full(rows, 1 / math.sqrt(rows))
    normal[0] -= 1
    reflected: Array = basis - np.outer(normal, 2 * np.einsum("i,ij->j", normal, basis) / np.sum(normal * normal))
    return reflected


def _repeated(X: Array, Y: Array, **known: object) -> ConvergentSet:
    images = np.repeat(np.arange(COPIES), len(X))
    return ConvergentSet(np.tile(X, (COPIES, 1)), np.tile(Y, (COPIES, 1)), images, **known)  # type: ignore[arg-type]
