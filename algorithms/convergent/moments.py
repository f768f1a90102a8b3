"""Means and centred cross-products of units, in one pass and mergeable: all that correlations need of the inputs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from ...theory.validation import Array, check_finite
from ..limits import BLOCK_BYTES

LOWEST_EXPONENT, HIGHEST_EXPONENT = -1022, 1023


@dataclass(frozen=True, eq=False)
class Moments:
    """Of ``inputs`` inputs: the mean of each unit, ``origin + away``, and the summed products of deviations from it.

    ``origin`` is the first input: means that lie close to each other beside their size keep their difference.
    Unit k is held divided by 2**exponents[k], so that squares neither overflow nor vanish; that is exact. A unit is
    constant iff its cross[k, k] is exactly 0: deviations are taken from the first input of a block before they are
    averaged, so that equal values leave nothing, and two blocks of one constant differ by exactly 0.
    """

    inputs: int
    exponents: Int[npt.NDArray[np.int64], " units"]
    origin: Float[Array, " units"]
    away: Float[Array, " units"]
    cross: Float[Array, "units units"]

    @classmethod
    def of_block(cls, values: Float[Array, "inputs units"]) -> Moments:
        """The moments of one block that fits into memory."""
        exponents = _exponents(np.abs(values).max(axis=0))
        # A block that comes from elsewhere is never modified: the first product is a new array.
        centred = values * np.ldexp(1.0, -exponents)
        first = centred[0].copy()
        centred -= first
        away = centred.mean(axis=0)
        centred -= away
        return cls(len(values), exponents, first, away, centred.T @ centred)

    def scaled_to(self, exponents: npt.NDArray[np.int64]) -> Moments:
        """The same with other powers of two."""
        shift = self.exponents - exponents
        if not shift.any():
            return self
        cross = np.ldexp(np.ldexp(self.cross, shift[:, None]), shift[None, :])
        return Moments(self.inputs, exponents, np.ldexp(self.origin, shift), np.ldexp(self.away, shift), cross)

    def merged(self, other: Moments) -> Moments:
        """The moments of the inputs of both (Chan, Golub, LeVeque 1983)."""
        exponents = np.maximum(self.exponents, other.exponents)
        a, b = self.scaled_to(exponents), other.scaled_to(exponents)
        total = a.inputs + b.inputs
        apart = b.mean_from(a)
        cross = np.outer(apart, apart)
        cross *= a.inputs * b.inputs / total
        cross += a.cross
        cross += b.cross
        return Moments(total, exponents, a.origin, a.away + apart * (b.inputs / total), cross)

    def mean_from(self, other: Moments) -> Float[Array, " units"]:
        """This mean less the other's, where both have the same powers of two."""
        return (self.origin - other.origin) + (self.away - other.away)

    @property
    def constant(self) -> npt.NDArray[np.bool_]:
        """The units that have one value on every input."""
        return np.asarray(np.diag(self.cross) == 0)

    @property
    def correlations(self) -> Float[Array, "units units"]:
        """Pearson correlations; 0 for a constant unit, with itself too."""
        spread = np.sqrt(np.diag(self.cross))
        inverse = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1.0), 0.0)
        found: Array = np.clip(self.cross * inverse[:, None] * inverse[None, :], -1.0, 1.0)
        np.fill_diagonal(found, (spread > 0).astype(float))
        return found

    def participation_ratio(self, units: slice) -> float:
        """(tr C)^2 / tr(C^2) of the covariance C of some units; 0 when they are all constant."""
        return participation_of(self.cross[units, units], self.exponents[units])


def participation_of(cross: Float[Array, "units units"], exponents: npt.NDArray[np.int64]) -> float:
    """The participation ratio from products of centred units, each divided by two to the power of its exponent."""
    shift = exponents - exponents.max()
    scaled = np.ldexp(np.ldexp(cross, shift[:, None]), shift[None, :])
    squares = float(np.sum(scaled * scaled))
    return float(np.trace(scaled)) ** 2 / squares if squares > 0 else 0.0


def moments_of(parts: list[tuple[npt.NDArray[Any], str]]) -> Moments:
    """The moments of arrays of shape (inputs, units) side by side, read block by block. Raises:
    ``InvalidActivations``.

    ``parts``: each array, of any real dtype, with its name in messages.
    """
    rows = max(1, BLOCK_BYTES // (8 * sum(values.shape[1] for values, _ in parts)))
    blocks = (
        Moments.of_block(np.hstack([_checked(values, start, rows, name) for values, name in parts]))
        for start in range(0, len(parts[0][0]), rows)
    )
    return reduce(Moments.merged, blocks)


def _checked(values: npt.NDArray[Any], start: int, rows: int, name: str) -> Array:
    block = values[start : start + rows].astype(np.float64)
    check_finite(block, name, start)
    return block


def _exponents(largest: Float[Array, " units"]) -> npt.NDArray[np.int64]:
    """Powers of two that bring these to about 1; the lowest for 0, which then never decides over another block."""
    exponents = np.where(largest > 0, np.frexp(largest)[1], LOWEST_EXPONENT)
    return np.clip(exponents, LOWEST_EXPONENT, HIGHEST_EXPONENT).astype(np.int64)
