"""One pass over the activations: distances depend on them only through an (m+n) x (m+n) factor.

Source: docs/theory/numerics.md#one-pass.
"""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...theory.errors import InvalidActivations, InvalidOption, SpanmatchWarning
from ...theory.tolerances import GRAM_RANK_TOLERANCE, rank_tolerance
from ...theory.validation import (
    Array,
    DeadNeurons,
    as_dead_neurons,
    as_matrix,
    as_option,
    check_finite,
    check_same_inputs,
)
from .factor import GramFactor, QRFactor
from .problem import Compressed, Route

__all__ = ["Compressed", "Compressor", "compress"]

Method = Literal["auto", "gram", "qr"]

BLOCK_BYTES = 32_000_000
"""Inputs are taken in blocks of about this many bytes of float64."""

GOOD_ENOUGH = 1e-9
""""auto" keeps the Gram route if its error bound is at most this."""


class Compressor:
    """Takes in the activations of two layers batch by batch, and ends in a ``Compressed``.

    Parameters: ``m``, ``n``: neurons of network 1 and 2; ``method``: "qr" (accurate) or "gram" (several times cheaper,
    squares the condition number); "auto" is "gram" here, since a stream cannot be read again, and ``finish`` warns
    where that was not good enough. ``dead_neurons``, ``rank_tol``: see ``compress``. ``shuffles``: how many
    seeded shuffles of Y's images are taken in along the way, for ``null``; each costs as much as the data themselves.
    ``positions``: rows of one image, which stay together; images are shuffled within their batch.

    Guarantee: holds one block and one factor (a few for "qr") whatever the number of inputs; batches may come in any
    sizes, and ``merge`` in any order, with the same result up to rounding. A batch that is rejected leaves no trace.
    Numerics: float64; columns are divided by powers of two, exactly, so sizes of 1e-150 and 1e+150 survive.
    """

    def __init__(
        self,
        m: int,
        n: int,
        *,
        method: Method = "auto",
        dead_neurons: DeadNeurons = "match",
        rank_tol: float | None = None,
        shuffles: int = 0,
        positions: int = 1,
        seed: int = 0,
    ) -> None:
        for value, name, of, least in (
            (m, "m", " of neurons", 1),
            (n, "n", " of neurons", 1),
            (shuffles, "shuffles", "", 0),
            (positions, "positions", "", 1),
            (seed, "seed", "", 0),
        ):
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                raise InvalidOption(f"{name}: got {value!r}, need a number{of}, at least {least}")
        as_option(method, "method", get_args(Method))
        self.m, self.n = int(m), int(n)
        self.method: Method = method
        self.dead_neurons = as_dead_neurons(dead_neurons)
        self.rank_tol = _as_rank_tol(rank_tol)
        self.inputs = 0
        self.dtypes: tuple[str, str] | None = None
        self._positions, self._seed = int(positions), int(seed)
        kind = QRFactor if method == "qr" else GramFactor
        # The data, and then each shuffle.
        self._factors: list[QRFactor | GramFactor] = [kind(self.m + self.n) for _ in range(1 + shuffles)]

    def update(self, X: Any, Y: Any) -> Compressor:
        """Take in a batch: ``X`` of shape (inputs, m), ``Y`` of shape (inputs, n). Returns itself.

        Raises: ``InvalidActivations`` (another width or dtype than before, no inputs, NaN or infinity), and is then as
        it was before this batch.
        """
        (x, x_dtype), (y, y_dtype) = as_matrix(X, "X"), as_matrix(Y, "Y")
        check_same_inputs(len(x), len(y))
        for values, width, name in ((x, self.m, "X"), (y, self.n, "Y")):
            if values.shape[1] != width:
                raise InvalidActivations(f"{name}: got {values.shape[1]} neurons (columns), need {width} as declared")
        dtypes = (x_dtype, y_dtype)
        if self.dtypes not in (None, dtypes):
            raise InvalidActivations(f"X, Y: got dtypes {dtypes}, need {self.dtypes} as in the batches before")
        rows = max(1, BLOCK_BYTES // (8 * (self.m + self.n)))
        taken = [factor.copy() for factor in self._factors]
        orders = self._shuffled(len(x))
        for start in range(0, len(x), rows):
            block = _block(x, slice(start, start + rows), "X", start)
            taken[0].add(block, _block(y, slice(start, start + rows), "Y", start))
            for factor, order in zip(taken[1:], orders, strict=True):
                factor.add(block, _block(y, order[start : start + rows], "Y", start))
        self._factors, self.dtypes = taken, dtypes
        self.inputs += len(x)
        return self

    def merge(self, other: Compressor) -> Compressor:
        """Take in all that another one has taken in, which stays as it is. Returns itself.

        Raises: ``InvalidActivations`` for other widths, dtypes or another method; nothing is changed then.
        """
        if not isinstance(other, Compressor):
            raise InvalidOption(f"other: got {type(other).__name__}, need another Compressor")
        mine, theirs = ((one.m, one.n, type(one._factors[0]).__name__, len(one._factors)) for one in (self, other))
        if mine != theirs or (self.dtypes and other.dtypes and self.dtypes != other.dtypes):
            raise InvalidActivations(
                f"other: got a Compressor of {theirs} for dtypes {other.dtypes}, need {mine} and {self.dtypes}"
            )
        merged = [factor.copy() for factor in self._factors]
        for factor, theirs_too in zip(merged, other._factors, strict=True):
            factor.merge(theirs_too)  # type: ignore[arg-type]
        self._factors, self.dtypes = merged, self.dtypes or other.dtypes
        self.inputs += other.inputs
        return self

    def finish(self) -> Compressed:
        """The small problem. More batches may follow, and another ``finish``.

        Raises: ``InvalidActivations`` when nothing came. Warns (``SpanmatchWarning``): neurons >= inputs, a rank that
        another tolerance would change, a Gram matrix that was not good enough.
        """
        compressed = self._compressed()
        if compressed.route == "gram" and not good_enough(compressed):
            found = (
                f"decided ranks {compressed.ranks[0]} + {compressed.ranks[1]} at {compressed.tau:.1e}; it cannot tell "
                "neurons that nearly depend on others from those that do, and if there are such neurons, residuals may "
                "be off by any amount"
                if compressed.gram_decides_rank
                else f"leaves an error of {compressed.error:.1e} in residuals (condition {compressed.condition:.1e})"
            )
            warnings.warn(f'method: the Gram route {found}; use method="qr"', SpanmatchWarning, stacklevel=2)
        advise(compressed)
        return compressed

    def null(self) -> tuple[Compressed, ...]:
        """The permuted-inputs null (T13): the small problem of each shuffle of Y's images. Raises as ``finish``."""
        return tuple(self._compressed(k) for k in range(1, len(self._factors)))

    def _shuffled(self, inputs: int) -> list[npt.NDArray[np.int64]]:
        """For each shuffle, which row of this batch's Y stands beside each row of X."""
        if len(self._factors) == 1:
            return []
        images, rest = divmod(inputs, self._positions)
        if rest or images < 2:
            raise InvalidActivations(
                f"X, Y: got a batch of {inputs} inputs, need at least 2 whole images of {self._positions} rows to "
                f"shuffle them"
            )
        rng = np.random.default_rng([self._seed, self.inputs])
        offsets = np.arange(self._positions)
        orders = [rng.permutation(images) for _ in self._factors[1:]]
        return [(order[:, None] * self._positions + offsets).ravel() for order in orders]

    def _compressed(self, which: int = 0) -> Compressed:
        if self.dtypes is None:
            raise InvalidActivations("Compressor: got no inputs at all, need at least one batch; call update first")
        factor, _ = self._factors[which].finish()
        route: Route = "qr" if isinstance(self._factors[which], QRFactor) else "gram"
        tau = self.rank_tol or max(
            *(rank_tolerance(dtype, self.m + self.n) for dtype in self.dtypes),
            GRAM_RANK_TOLERANCE if route == "gram" else 0.0,
        )
        return Compressed(
            self.m, self.n, self.inputs, self.dtypes, tau, self.dead_neurons, route, _unit(factor, route)
        )


def compress(
    X: Any,
    Y: Any,
    *,
    method: Method = "auto",
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> Compressed:
    """Reduce two layers' activations to a factor of at most (m+n) x (m+n) numbers that answers every question.

    Parameters: ``X``: shape (inputs, m); ``Y``: shape (inputs, n), the same inputs in the same order; floats of any
    width, integers, NumPy or torch, memory-mapped files too. ``method``: "qr", "gram", or "auto": Gram if its error
    bound is at most 1e-9, otherwise the data are read again for QR. ``dead_neurons``: see ``Compressed``.
    ``rank_tol``: tau for unit columns in place of the one that follows from the dtypes (``theory.tolerances``).

    Guarantee: residuals of the factor are those of the activations up to ``Compressed.error``, once dependent neurons
    are replaced by their projections. Cost: O(inputs (m+n)^2); one block of inputs and a factor in memory. Raises:
    ``InvalidActivations``, ``InvalidOption``. Warns (``SpanmatchWarning``): neurons >= inputs (T13), a rank that
    another tolerance would change. Source: docs/theory/numerics.md#rank-tolerance.
    """
    (x, _), (y, _) = as_matrix(X, "X"), as_matrix(Y, "Y")
    if method == "auto":
        first = Compressor(
            x.shape[1], y.shape[1], method="gram", dead_neurons=dead_neurons, rank_tol=rank_tol
        ).update(X, Y)._compressed()
        if good_enough(first):
            advise(first)
            return first
        method = "qr"
    compressor = Compressor(x.shape[1], y.shape[1], method=method, dead_neurons=dead_neurons, rank_tol=rank_tol)
    return compressor.update(X, Y).finish()


def good_enough(compressed: Compressed) -> bool:
    """Whether a Gram matrix answers as well as QR would, to ``GOOD_ENOUGH``: full rank, well conditioned, no residual
    near 0."""
    full_rank = compressed.gram_projections is not None and compressed.clearly_full_rank
    return full_rank and compressed.error <= GOOD_ENOUGH


def advise(compressed: Compressed) -> None:
    """Warn of too few inputs (T13) and of ranks that hang on the tolerance."""
    sides = (("X", compressed.m, compressed.dead.x), ("Y", compressed.n, compressed.dead.y))
    for name, neurons, dead in sides:
        live = neurons - len(dead)
        if live >= compressed.inputs:
            warnings.warn(
                f"{name}: {live} live neurons and only {compressed.inputs} inputs: they span nearly everything, and "
                f"nearly everything matches (T13); use many more inputs than neurons. Is the array transposed?",
                SpanmatchWarning,
                stacklevel=3,
            )
    if compressed.route == "gram" and compressed.clearly_full_rank:
        return
    for name, span in (("X", compressed.x), ("Y", compressed.y)):
        if span.ill_defined(compressed.tau):
            warnings.warn(
                f"{name}: its rank is ill-defined at rank_tol {compressed.tau:.1e}: smallest pivot kept "
                f"{span.kept:.1e}, largest dropped {span.dropped:.1e}; answers at small epsilon depend on rank_tol",
                SpanmatchWarning,
                stacklevel=3,
            )


def _block(values: npt.NDArray[Any], rows: slice | npt.NDArray[np.int64], name: str, start: int) -> Array:
    """Some rows as float64, checked to be finite; ``start`` numbers the first of them in messages."""
    block = np.asarray(values[rows], dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        suspicious = not np.isfinite(block.sum())
    if suspicious:
        check_finite(block, name, start)
    return block


def _unit(factor: Array, route: Route) -> Array:
    """The factor of the unit columns; dead neurons stay 0."""
    if route == "gram":
        lengths = np.sqrt(np.diag(factor))
        lengths = np.where(lengths == 0, 1.0, lengths)
        unit = factor / lengths / lengths[:, None]
        np.fill_diagonal(unit, (np.diag(factor) > 0).astype(float))
        return unit
    lengths = np.linalg.norm(factor, axis=0)
    return factor / np.where(lengths == 0, 1.0, lengths)


def _as_rank_tol(rank_tol: Any) -> float | None:
    if rank_tol is None:
        return None
    if isinstance(rank_tol, bool) or not isinstance(rank_tol, Real) or not 0 < rank_tol < 1:  # type: ignore[operator]
        raise InvalidOption(f"rank_tol: got {rank_tol!r}, need a number in (0, 1), or None for the one of the dtype")
    return float(rank_tol)
