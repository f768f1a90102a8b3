"""The images on which each neuron is matched best and worst: against least squares by hand, and planted ones."""

from __future__ import annotations

import numpy as np
import pytest

from spanmatch import Comparison, InvalidOption, compare, max_match
from spanmatch.theory.errors import without_advice
from spanmatch.theory.validation.layer import Layer

IMAGES, POSITIONS = 40, 4


@pytest.fixture(scope="module")
def layers() -> tuple[np.ndarray, np.ndarray]:
    """Neurons 0 to 5 of X are mixtures of Y with noise on all images: much of it on images 3 and 8 for neuron 0, on 5
    for neuron 1. Image 11 holds most of them. Neuron 6 of X is noise, 7 is dead, and 4 and 5 of Y are equal."""
    rng = np.random.default_rng(0)
    Y = rng.standard_normal((IMAGES, 6, 2, 2))
    Y[11] *= 6
    Y[:, 5] = Y[:, 4]
    X = np.einsum("nchw,cm->nmhw", Y, rng.standard_normal((6, 8)))
    X += 0.01 * rng.standard_normal(X.shape)
    X[:, 6], X[:, 7] = rng.standard_normal((IMAGES, 2, 2)), 0
    X[[3, 8], 0] += [[[3.0]], [[2.0]]]
    X[5, 1] += 3
    return X, Y


def test_planted_images_are_found(layers: tuple[np.ndarray, np.ndarray]) -> None:
    X, Y = layers
    with without_advice():
        found = compare({"fc": X}, {"fc": Y}, layout="nchw", shuffles=0, images={"count": 2})
    (images,) = found.images
    assert images.worst[0][0] == (3, 8)
    assert images.worst[0][1][0] == 5
    assert images.best[0][0][0] == images.best[0][1][0] == 11
    assert images.best[0][7] == images.worst[0][7] == ()  # dead
    assert [len(side) for side in images.best] == [8, 6]
    assert found.settings["images"] == {"layers": None, "count": 2, "shown": None}
    assert Comparison.from_json(found.to_json()) == found


def test_they_are_those_of_least_squares_by_hand(layers: tuple[np.ndarray, np.ndarray]) -> None:
    X, Y = (Layer(one, "nchw").matrix for one in layers)
    with without_advice():
        found = compare({"fc": layers[0]}, {"fc": layers[1]}, layout="nchw", shuffles=0, images={"count": IMAGES})
    for side, (own, other) in enumerate(((X, Y), (Y, X))):
        for neuron, radius in enumerate(found["fc"].radii[side]):
            expected: list[tuple[int, ...]] = [(), ()]
            if radius < 1 and own[:, neuron].any():
                match = max_match(X, Y, radius * (1 + 1e-12))
                predictors = other[:, sorted(match.y if side == 0 else match.x)]
                missed = own[:, neuron] - predictors @ np.linalg.lstsq(predictors, own[:, neuron], rcond=1e-9)[0]
                squares = [(one**2).reshape(IMAGES, POSITIONS).sum(axis=1) for one in (own[:, neuron], missed)]
                for k, values in enumerate((squares[0] - squares[1], squares[1])):
                    expected[k] = tuple(int(one) for one in np.argsort(-values) if values[one] > 0)
            if radius > 1e-6:  # the error is more than rounding
                assert [images[side][neuron] for images in (found.images[0].best, found.images[0].worst)] == expected


def test_an_image_set_that_is_not_known_is_refused(layers: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(InvalidOption, match="shown"):
        compare({"fc": layers[0]}, {"fc": layers[1]}, layout="nchw", images={"shown": "cats"})
