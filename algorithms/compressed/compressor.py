"""One pass over the activations: distances depend on them only through an (m+n) x (m+n) factor.

Source: docs/theory/numerics.md#one-pass.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Real
from numpy.typing import ArrayLike

from ...theory.chance import constant_part
from ...theory.errors import InvalidActivations, SpanmatchWarning
from ...theory.tolerances import GRAM_RANK_TOLERANCE, rank_tolerance
from ...theory.validation import (
    Array,
    DeadNeurons,
    as_dead_neurons,
    as_rows,
)
from ...theory.validation.foreign import is_lazy
from ...theory.validation.layer import Layer
from ...theory.validation.options import as_count, as_instance, as_option, as_real
from ..convergent.moments import participation_of
from ..results import MatchRadii
from .elsewhere.blocks import in_a_tree
from .elsewhere.place import on_host
from .elsewhere.products import LEAVES_TOGETHER, NUMBERS, products_there, row_blocks
from .factor import Factor, GramFactor, QRFactor
from .grams import GramSide, radii_of
from .kernels.threads import one_thread_each, side_by_side, threads_for
from .null import HeldImages
from .problem import Compressed, Route

__all__ = ["Compressed", "Compressor", "compress"]

Method = Literal["auto", "gram", "qr"]

MOST_NEURONS, MOST_SHUFFLES = 2**20, 2**20
"""Far beyond what memory holds; more is a slip of the pen."""

CONSTANT = 1e-12
"""A neuron varies by rounding alone when its variance is at most this share of its mean square."""

GOOD_ENOUGH = 2e-9
""""auto" keeps the Gram route if its error bound is at most this."""


class Compressor:
    """Takes in the activations of two layers batch by batch, and ends in a ``Compressed``.

    Parameters
    ----------
    m, n : int
        Neurons of network 1 and of network 2.
    method : {"auto", "gram", "qr"}, default "auto"
        "qr" is accurate; "gram" is several times cheaper, and squares the condition number. "auto" is "gram" here,
        since a stream cannot be read again, and ``finish`` warns where that was not good enough.
    dead_neurons, rank_tol
        See ``compress``.
    shuffles : int, default 0
        How many shuffles of all of Y's images ``null`` is to give.
    positions : int, default 1
        Rows of one image. They stay together, and may be cut by the end of a batch.
    seed : int, default 0
        Of the shuffles.
    held_share : float, default 1
        How much of the usual 32 MB images are kept in for the shuffles: less where there are many compressors.

    Raises
    ------
    InvalidOption
        If an argument is not as described.

    Notes
    -----
    Guarantee: batches may come in any sizes, and ``merge`` in any order, with the same result up to rounding. A batch
    that is rejected leaves no trace. Held are one block, one factor (a few for "qr") and, for shuffles, one block of
    images (see ``null``), whatever the number of inputs.

    Numerics: float64; columns are divided by powers of two, exactly, so sizes of 1e-150 and 1e+150 survive.

    References
    ----------
    docs/theory/numerics.md#one-pass.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import Compressor
    >>> compressor = Compressor(2, 2, method="qr")
    >>> rng = np.random.default_rng(0)
    >>> for _ in range(5):
    ...     X = rng.standard_normal((100, 2))
    ...     _ = compressor.update(X, X @ [[1, 1], [1, -1]])
    >>> compressor.finish().max_match(0.1)
    Match(x={0, 1}, y={0, 1})
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
        held_share: float = 1.0,
    ) -> None:
        self.m, self.n = (as_count(k, name, 1, MOST_NEURONS, why=" neurons") for k, name in ((m, "m"), (n, "n")))
        as_option(method, "method", get_args(Method))
        self.method: Method = method
        self.dead_neurons = as_dead_neurons(dead_neurons)
        self.rank_tol = as_rank_tol(rank_tol)
        self.inputs = 0
        self.dtypes: tuple[str, str] | None = None
        self._factor: Factor = (QRFactor if method == "qr" else GramFactor)(self.m + self.n)
        self._sums: Array = np.zeros(self.m + self.n)
        self._shuffles = as_count(shuffles, "shuffles", 0, MOST_SHUFFLES)
        held = self.m + self.n, as_count(positions, "positions", 1), as_count(seed, "seed", 0)
        share = as_real(held_share, "held_share", "a number in (0, 1]", lambda value: 0 < value <= 1)
        self._held = HeldImages(*held, share) if self._shuffles else None

    def update(self, X: Real[ArrayLike, "inputs m"], Y: Real[ArrayLike, "inputs n"]) -> Compressor:
        """Take in a batch.

        Parameters
        ----------
        X : array-like of shape (inputs, m)
            Activations of network 1.
        Y : array-like of shape (inputs, n)
            Activations of network 2 on the same inputs in the same order.

        Returns
        -------
        Compressor
            Itself.

        Raises
        ------
        InvalidActivations
            For other widths, dtypes or positions than before, no inputs, NaN or infinity; it is then as it was before
            this batch.
        """
        (x, x_dtype), (y, y_dtype) = as_rows(X, Y)
        for values, width, name, given in ((x, self.m, "X", X), (y, self.n, "Y", Y)):
            if values.shape[1] != width:
                raise InvalidActivations(f"{name}: got {values.shape[1]} neurons (columns), need {width} as declared")
            if self._held and isinstance(given, Layer) and given.positions != self._held.positions:
                raise InvalidActivations(
                    f"{name}: got {given.positions} positions an image, need {self._held.positions} as declared; the "
                    f"null shuffles whole images"
                )
        dtypes = (x_dtype, y_dtype)
        if self.dtypes not in (None, dtypes):
            raise InvalidActivations(f"X, Y: got dtypes {dtypes}, need {self.dtypes} as in the batches before")
        if (is_lazy(x) or is_lazy(y)) and not self._held:
            blank = partial(Compressor, self.m, self.n, method=self.method)
            least = GramFactor(self.m + self.n).leaf
            found = in_a_tree(x, y, partial(_of_block, blank), _merged, least=least)
            found.dtypes = dtypes
            return self.merge(found)
        # It checks all numbers, before anything is kept of them.
        factor, sums = self._added(x, y)
        if self._held:
            for _, a, b in row_blocks(x, y, self._rows_here):
                self._held.add(on_host(a, "X"), on_host(b, "Y"))
        self._factor, self.dtypes = factor, dtypes
        self._sums = self._sums + sums
        self.inputs += int(x.shape[0])
        return self

    @property
    def _rows_here(self) -> int:
        """Rows of other libraries that are brought here at a time."""
        return max(64, NUMBERS // (self.m + self.n))

    @property
    def _rows_there(self) -> int:
        """Rows whose products come here together: adding them costs 1/16 of a pass at most."""
        leaf = GramFactor(self.m + self.n).leaf
        return max(leaf, min(LEAVES_TOGETHER * leaf, self._rows_here))

    def _added(self, x: Any, y: Any, first: int = 0) -> tuple[Factor, Array]:
        """The factor with some more rows, and their sums; ``first``: the number of the first one, for messages."""
        factor, sums = self._factor.copy(), np.zeros(self.m + self.n)
        for start, some_x, some_y in row_blocks(x, y, self._rows_there):
            if isinstance(factor, GramFactor):
                found = products_there(some_x, some_y, factor.leaf)
                if found is not None and factor.add_there(found.gram, found.squares, found.sizes):
                    sums += found.sums
                    continue
            for more, *rows in row_blocks(some_x, some_y, self._rows_here):
                a, b = on_host(rows[0], "X"), on_host(rows[1], "Y")
                cut = threads_for if isinstance(factor, QRFactor) else one_thread_each
                with cut(len(a) * (self.m + self.n) ** 2):
                    factor.add(a, b, first + start + more)
                    added = side_by_side(*(partial(side.sum, axis=0, dtype=np.float64) for side in (a, b)))
                sums += np.concatenate(added)
        return factor, sums

    def merge(self, other: Compressor) -> Compressor:
        """Take in all that another one has taken in, which stays as it is.

        Parameters
        ----------
        other : Compressor
            Of the same widths, dtypes, method, shuffles and positions.

        Returns
        -------
        Compressor
            Itself.

        Raises
        ------
        InvalidActivations
            If it is of others, or an image is not whole; nothing is changed then.
        InvalidOption
            If ``other`` is no Compressor.
        """
        as_instance(other, "other", Compressor)
        mine, theirs = (
            (one.m, one.n, type(one._factor).__name__, one._shuffles, one._held and one._held.positions)
            for one in (self, other)
        )
        if mine != theirs or (self.dtypes and other.dtypes and self.dtypes != other.dtypes):
            raise InvalidActivations(
                f"other: got a Compressor of {theirs} for dtypes {other.dtypes}, need {mine} and {self.dtypes}"
            )
        for one in (self, other):
            one._whole_images()
        merged = self._factor.copy()
        merged.merge(other._factor)  # type: ignore[arg-type]
        if self._held and other._held:
            self._held.merge(other._held)
        self._factor, self._sums, self.dtypes = merged, self._sums + other._sums, self.dtypes or other.dtypes
        self.inputs += other.inputs
        return self

    def finish(self) -> Compressed:
        """The small problem so far. More batches may follow, and another ``finish``.

        Returns
        -------
        Compressed
            Over all inputs taken in.

        Raises
        ------
        InvalidActivations
            When nothing came.

        Warns
        -----
        SpanmatchWarning
            For neurons >= inputs, a rank that another tolerance would change, or a Gram matrix that was not good
            enough.
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

    def null(self) -> tuple[MatchRadii, ...]:
        """The permuted-images null: the match radii for each shuffle of Y's images, over the whole stream.

        Returns
        -------
        tuple of MatchRadii
            As many as there are ``shuffles``.

        Raises
        ------
        InvalidActivations
            With fewer than two whole images, or without inputs.

        Notes
        -----
        Guarantee: while all images fit in 32 MB these are shuffles of the images; beyond, of sums of images drawn at
        random, which agree in mean and covariance of X'Y. The distribution is the same whatever the order of the
        images, the batches and the merges. ``error`` is that of the radii of the shuffles themselves.

        Cost: one product X'Y of what is kept, and one peel, for each shuffle.

        References
        ----------
        T13; docs/theory/chance.md.
        """
        compressed = self._compressed()
        if not self._held:
            return ()
        self._whole_images()
        if self._held.images < 2:
            raise InvalidActivations("X, Y: got one image, need at least two to shuffle them")
        factor, exponents = self._factor.finish()
        gram = factor.T @ factor if isinstance(self._factor, QRFactor) else factor
        tau, (unit, _) = max(compressed.tau, GRAM_RANK_TOLERANCE), _unit(gram, "gram")
        x, y = GramSide.of(unit[: self.m, : self.m], tau), GramSide.of(unit[self.m :, self.m :], tau)
        crosses = self._held.crosses(gram, exponents, self.m, self._shuffles)
        return tuple(radii_of(x, y, cross, tau, self.dead_neurons) for cross in crosses)

    def participation(self) -> tuple[float, float]:
        """The participation ratios of both sides over the stream so far.

        Returns
        -------
        tuple of two float
            0 where all neurons are constant, and for fewer than two inputs.

        References
        ----------
        docs/theory/neighbours.md#participation-ratio.
        """
        factor, exponents = self._factor.finish()
        gram = factor.T @ factor if isinstance(self._factor, QRFactor) else factor
        sums, found = np.ldexp(self._sums, -exponents), []
        for side in (slice(self.m), slice(self.m, None)) if self.inputs > 1 else ():
            cross = gram[side, side] - np.outer(sums[side], sums[side]) / self.inputs
            # What is left of a constant neuron is rounding.
            constant = np.diag(cross) <= CONSTANT * np.diag(gram)[side]
            cross[constant] = cross[:, constant] = 0.0
            found.append(participation_of(cross, exponents[side]))
        return (found[0], found[1]) if found else (0.0, 0.0)

    def _whole_images(self) -> None:
        if self._held and self._held.rows % self._held.positions:
            raise InvalidActivations(
                f"X, Y: got {self._held.rows} inputs, need whole images of {self._held.positions} rows to shuffle them"
            )

    def _compressed(self) -> Compressed:
        if self.dtypes is None:
            raise InvalidActivations("Compressor: got no inputs at all, need at least one batch; call update first")
        factor, exponents = self._factor.finish()
        route: Route = "qr" if isinstance(self._factor, QRFactor) else "gram"
        tau = self.rank_tol or max(
            *(rank_tolerance(dtype, self.m + self.n) for dtype in self.dtypes),
            GRAM_RANK_TOLERANCE if route == "gram" else 0.0,
        )
        unit, lengths = _unit(factor, route)
        sums, live = np.ldexp(self._sums, -exponents) / lengths, np.isfinite(lengths)
        sides = slice(self.m), slice(self.m, None)
        a, b = (constant_part(sums[side][live[side]], self.inputs) for side in sides)
        place = self._factor.place if isinstance(self._factor, GramFactor) else None
        return Compressed(self.m, self.n, self.inputs, self.dtypes, tau, self.dead_neurons, route, unit, (a, b), place)


def _of_block(blank: Callable[[], Compressor], x: Any, y: Any, first: int) -> Compressor:
    """Some rows of two lazy arrays, compressed by the worker that has them."""
    compressor = blank()
    compressor._factor, compressor._sums = compressor._added(x, y, first)
    compressor.inputs = len(x)
    return compressor


def _merged(first: Compressor, second: Compressor) -> Compressor:
    """Both, in a new one: a worker may be asked for the same once more."""
    return copy(first).merge(second)


def compress(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    *,
    method: Method = "auto",
    dead_neurons: DeadNeurons = "match",
    rank_tol: float | None = None,
) -> Compressed:
    """Reduce two layers' activations to a factor of at most (m+n) x (m+n) numbers that answers every question.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1: floats of any width or integers; NumPy, memory-mapped, or any library of the Python
        array API. What is on a device is multiplied there, in float64 where it has that; of Dask's arrays every block
        of inputs is compressed where it lies, and no more than blocks are held.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    method : {"auto", "gram", "qr"}, default "auto"
        "auto": the Gram matrix if its error bound is at most 2e-9, otherwise the data are read again for QR.
    dead_neurons : {"match", "unmatched", "drop"}, default "match"
        What becomes of neurons that are exactly 0 on all inputs. "match": they match, as the definition says;
        "unmatched": they are in no match but counted in the similarity; "drop": in no match and not counted.
    rank_tol : float, optional
        In (0, 1): a unit column whose distance from the span of others is at most this depends on them. By default it
        follows from the dtypes.

    Returns
    -------
    Compressed
        With all questions as methods.

    Raises
    ------
    InvalidActivations, InvalidOption
        If an argument is not as described.

    Warns
    -----
    SpanmatchWarning
        For neurons >= inputs (T13), or a rank that another tolerance would change.

    Notes
    -----
    Guarantee: residuals of the factor are those of the activations up to ``Compressed.error``, once dependent neurons
    are replaced by their projections.

    Cost: O(inputs (m+n)^2); one block of inputs and a factor in memory.

    References
    ----------
    docs/theory/numerics.md#rank-tolerance.

    Examples
    --------
    >>> import spanmatch
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii(blocks=[(0.6, 2, 2, 2)], private=(0, 1))
    >>> compressed = spanmatch.compress(planted.X, planted.Y)
    >>> compressed.match_radii().x.round(3), compressed.max_match(0.7)
    (array([0.6, 0.6]), Match(x={0, 1}, y={0, 1}))
    """
    (x, _), (y, _) = as_rows(X, Y)
    as_option(method, "method", get_args(Method))
    # A side of more neurons than inputs is no case for a Gram matrix.
    if method == "auto" and x.shape[0] <= max(x.shape[1], y.shape[1]):
        method = "qr"
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
    full_rank = compressed.independent and compressed.clearly_full_rank
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


def _unit(factor: Array, route: Route) -> tuple[Array, Array]:
    """The factor of the unit columns, and the lengths they had; dead neurons stay 0, and have length infinity."""
    lengths = np.sqrt(np.diag(factor)) if route == "gram" else np.linalg.norm(factor, axis=0)
    live = lengths > 0
    lengths[~live] = np.inf
    unit = factor / lengths
    if route == "gram":
        unit /= lengths[:, None]
        np.fill_diagonal(unit, live)
    return unit, lengths


def as_rank_tol(rank_tol: Any) -> float | None:
    """A rank tolerance, or None for that of the dtype. Raises: ``InvalidOption``."""
    needed = "a number in (0, 1), or None for the one of the dtype"
    return None if rank_tol is None else as_real(rank_tol, "rank_tol", needed, lambda value: 0 < value < 1)
