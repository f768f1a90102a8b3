"""The permuted-images null of a whole stream (T13), from a bounded number of images.

A shuffle pairs image i of X with image p(i) of Y, position by position. With N images, means M_X and M_Y of each
position and the rest A_i = X_i - M_X, B_i = Y_i - M_Y it leaves X'X and Y'Y as they are and makes of X'Y

    N M_X' M_Y + sum_i A_i' B_p(i),

where the sum has mean 0 and the covariance of its entries is 1/(N - 1) sum_ij (A_i' B_j) (A_i' B_j)'. As long as they
are few enough all images are kept, and the null is this. From then on every image is added to one of K sums of images,
drawn at random, and the sums are shuffled. With the factor sqrt((K - 1) / (N - 1)) they have the same mean and, up to a
part 2/K of it, the same covariance. Where K is large enough for the width of the layers the sums are also changed
linearly, by little, so that their own products are those of the images. What they lack is in the fourth moments: where
a few images carry most of the energy of both sides, shuffles of sums differ less among one another than those of
images.

Random signs of the images would not do: their covariance is sum_i (A_i' B_i) (A_i' B_i)', which is larger
where X and Y are large on the same images, as they are on real layers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float
from scipy.sparse import csr_array

from ...theory.validation import Array
from .factor import Exponents
from .kernels.products import Raw

HELD_BYTES = 32_000_000
"""About so many bytes of images are kept; more for wide layers and for images of many positions:"""

LEAST_ROWS = 4
"""so many rows a neuron are kept in any case (with few, correlations of sums could exceed 1),"""

LEAST_HELD = 16
"""and so many images."""

CACHED = 200_000
"""So many numbers are added at a time: they are copied several times, and should stay in the cache meanwhile."""


class HeldImages:
    """The images of a stream, or sums of them drawn at random, by which X and Y are shuffled at the end.

    ``columns``: m + n; ``positions``: rows of one image. Where an image goes follows from ``seed`` and the image's
    number, so that batches do not matter. Memory: ``most`` images, see above; ``share``: of the bytes that are kept.
    Cost: a few additions a number.
    """

    def __init__(self, columns: int, positions: int, seed: int, share: float = 1.0) -> None:
        rows = max(int(share * HELD_BYTES) // (8 * columns), LEAST_ROWS * columns)
        self.most = max(LEAST_HELD, math.ceil(rows / positions))
        self.positions, self.rows, self._seed = positions, 0, seed
        self._total: Array = np.zeros((positions, columns))
        self._kept: Array = np.zeros((self.most * positions, columns))
        self._counts: Array = np.zeros(self.most)

    @property
    def images(self) -> int:
        """How many have come, the last perhaps in part."""
        return -(-self.rows // self.positions)

    def add(self, x: Raw, y: Raw) -> None:
        """Take in some rows of both sides, of any real dtype."""
        together = max(1, CACHED // self._kept.shape[1])
        for start in range(0, len(x), together):
            rows = slice(start, start + together)
            self._add(np.hstack([x[rows], y[rows]], dtype=np.float64))

    def _add(self, block: Float[Array, "inputs neurons"]) -> None:
        image, position = np.divmod(np.arange(self.rows, self.rows + len(block)), self.positions)
        first, last = int(image[0]), int(image[-1])
        rng = np.random.Generator(np.random.PCG64(self._seed).advance(first))
        place = (rng.random(last + 1 - first) * self.most).astype(np.int64)
        # The first images have a place each.
        place = np.where(np.arange(first, last + 1) < self.most, np.arange(first, last + 1), place)[image - first]
        _add_rows(self._total, position, block)
        _add_rows(self._kept, place * self.positions + position, block)
        np.add.at(self._counts, place[position == 0], 1)
        self.rows += len(block)

    def merge(self, other: HeldImages) -> None:
        """Take in what ``other`` has taken in: whole images on both sides."""
        filled = other._filled()
        kept = other._kept.reshape(other.most, self.positions, -1)[:filled]
        mine = self._kept.reshape(self.most, self.positions, -1)
        if self.images + other.images <= self.most:
            places = np.arange(self.images, self.images + filled)
        else:
            # Both have put image i in the same place, so that of the other's is drawn once more.
            places = np.random.default_rng([self._seed, self.images, other.images]).permutation(self.most)[:filled]
        mine[places] += kept
        self._counts[places] += other._counts[:filled]
        self._total += other._total
        self.rows += other.rows

    def crosses(
        self, gram: Float[Array, "neurons neurons"], exponents: Exponents, m: int, shuffles: int
    ) -> Iterator[Float[Array, "m n"]]:
        """For each shuffle the product X'Y of unit columns, from the Gram matrix of the data."""
        lengths = np.sqrt(np.diag(gram))
        scale = np.ldexp(1 / np.where(lengths == 0, 1.0, lengths), -exponents)
        gram = gram / np.where(lengths == 0, 1.0, lengths) / np.where(lengths == 0, 1.0, lengths)[:, None]
        images, filled = self.images, self._filled()
        mean = self._total * scale / images
        constant = images * mean[:, :m].T @ mean[:, m:]
        kept = (self._kept[: filled * self.positions] * scale).reshape(filled, self.positions, -1)
        rest = kept - self._counts[:filled, None, None] * mean
        x, y = rest[..., :m], rest[..., m:]
        if images > self.most >= LEAST_ROWS * len(gram):
            own = gram - images * mean.T @ mean
            x, y = x @ _towards(x, own[:m, :m]), y @ _towards(y, own[m:, m:])
        x, y = x.reshape(-1, m), y * math.sqrt((filled - 1) / (images - 1))
        rng = np.random.default_rng([self._seed, 1])
        for _ in range(shuffles):
            yield constant + x.T @ y[rng.permutation(filled)].reshape(len(x), -1)

    def _filled(self) -> int:
        return min(self.images, self.most)


def _add_rows(into: Array, places: np.ndarray, rows: Array) -> None:
    """into[places] += rows, also where a place comes more than once."""
    found, which = np.unique(places, return_inverse=True)
    each = np.arange(len(places))
    sums = csr_array((np.ones(len(places)), (which, each)), shape=(len(found), len(places)))
    into[found] += sums @ rows


def _towards(images: Float[Array, "count positions neurons"], gram: Float[Array, "neurons neurons"]) -> Array:
    """The linear map, close to 1, after which the products of the images' rows are ``gram``."""
    rows = images.reshape(-1, len(gram))
    values, vectors = np.linalg.eigh(gram)
    large = values > 1e-12 * len(gram)
    roots, vectors = np.sqrt(values[large]), vectors[:, large]
    white = vectors / roots
    found, turned = np.linalg.eigh(white.T @ (rows.T @ rows) @ white)
    changed: Array = white @ (turned / np.sqrt(found)) @ turned.T @ (vectors * roots).T
    # Dead neurons stay so to the last bit.
    changed[:, np.diag(gram) == 0] = 0.0
    return changed
