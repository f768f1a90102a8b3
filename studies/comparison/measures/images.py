"""On which images a neuron is matched best, and on which worst: what its match radius is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr, solve_triangular

from ....theory.validation import Array
from ..protocol import ImageOptions
from ..records import LayerRecord
from ..samples import LayerPair

TOGETHER = 2**22
"""Of so many numbers a side predictions are made at a time."""

Numbers = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, repr=False)
class LayerImages(LayerRecord):
    """For every neuron of A and of B the numbers of its ``best`` and ``worst`` matched images, the most telling first.

    A neuron is predicted at its match radius: from the neurons of the other layer that are in the maximum match there,
    by the coefficients of the first draw, at all positions of every image. An image counts by the sum of squares over
    its positions: the *best* images hold most of what is explained, the *worst* most of the error, so that one on which
    the neuron is 0 is neither. A neuron that matches at no epsilon below 1 has none, nor has a dead one.
    """

    best: tuple[Numbers, Numbers]
    worst: tuple[Numbers, Numbers]

    def __repr__(self) -> str:
        return f"LayerImages({self.name}: of {len(self.best[0])} + {len(self.best[1])} neurons)"


def matched_images(pair: LayerPair) -> LayerImages:
    """The best- and the worst-matched images of every neuron.

    Cost: two QR factorisations of the first draw, and a product with each layer's activations.
    """
    most, first = (pair.protocol.images or ImageOptions()).count, pair.compressed[0]
    radii = first.match_radii()
    X, Y = (rows.astype(np.float64) for rows in pair.rows())
    of_x = _coefficients(X, Y, radii.x, radii.y, first.tau)
    of_y = _coefficients(Y, X, radii.y, radii.x, first.tau)
    error, explained = ([np.zeros((pair.images, n)) for n in pair.neurons] for _ in range(2))
    some = max(1, TOGETHER // (pair.positions * max(pair.neurons)))
    for start in range(0, pair.images, some):
        stop = min(start + some, pair.images)
        inputs = np.arange(start * pair.positions, stop * pair.positions)
        X, Y = (side.rows(inputs).astype(np.float64) for side in (pair.A, pair.B))
        for side, (values, missed) in enumerate(((X, X - Y @ of_x), (Y, Y - X @ of_y))):
            squares = [(one**2).reshape(stop - start, pair.positions, -1).sum(axis=1) for one in (values, missed)]
            error[side][start:stop] = squares[1]
            explained[side][start:stop] = squares[0] - squares[1]
    matched = radii.x < 1, radii.y < 1
    best, worst = (
        (_largest(of[0], matched[0], most), _largest(of[1], matched[1], most)) for of in (explained, error)
    )
    return LayerImages(pair.a, pair.b, best, worst)


def _coefficients(X: Array, Y: Array, of_x: Array, of_y: Array, tau: float) -> Array:
    """(n, m): each column of X from the columns of Y that match at its radius, 0 for all others.

    The maximum matches grow with epsilon, so the columns of Y in the order of their radii have all spans that are
    needed as those of their first k: one factorisation has all the answers.
    """
    norms = np.linalg.norm(Y, axis=0)
    order = np.argsort(of_y, kind="stable")
    order = order[(of_y[order] < 1) & (norms[order] > 0)]
    found = np.zeros((Y.shape[1], X.shape[1]))
    if not len(order):
        return found
    # A column that those before it span adds nothing, and its own direction is rounding.
    order = order[np.abs(np.diag(qr(Y[:, order] / norms[order], mode="r")[0])[: len(order)]) > tau][: len(Y)]
    Q, R = qr(Y[:, order] / norms[order], mode="economic")
    along, known = Q.T @ X, np.searchsorted(of_y[order], of_x, side="right")
    for i, k in enumerate(known):
        if k and of_x[i] < 1:
            found[order[:k], i] = solve_triangular(R[:k, :k], along[:k, i]) / norms[order[:k]]
    return found


def _largest(values: Array, kept: npt.NDArray[np.bool_], most: int) -> Numbers:
    """For each neuron that is kept, the images with the largest values, of those above 0."""
    order = np.argsort(-values, axis=0, kind="stable")[:most]
    return tuple(
        tuple(int(image) for image in order[:, i] if values[image, i] > 0) if kept[i] else ()
        for i in range(values.shape[1])
    )
