"""The null of a stream is that of the whole run, whatever the order of the images, the batches and the merges."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats

import spanmatch
from spanmatch import Compressor, InvalidActivations, MatchRadii, compress, match_radii

Array = npt.NDArray[np.float64]
HELD = "spanmatch.algorithms.compressed.null.HELD_BYTES"


def all_radii(radii: MatchRadii) -> Array:
    return np.concatenate([radii.x, radii.y])


def relu_pair(neurons: int, inputs: int, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    X = np.maximum(rng.standard_normal((inputs, neurons)), 0)
    return X, np.maximum(rng.standard_normal((inputs, neurons)) + X[:, ::-1], 0)


def classes() -> tuple[Array, Array]:
    """16 classes of 128 images, sorted, whose means are most of what both sides have."""
    rng = np.random.default_rng(3)
    means = 2 * rng.standard_normal((16, 12))
    label = np.repeat(np.arange(16), 128)
    X = means[label] + rng.standard_normal((2048, 12))
    return X, means[label] @ rng.standard_normal((12, 12)) + 3 * rng.standard_normal((2048, 12))


def areas(radii: Iterable[MatchRadii]) -> Array:
    return np.array([one.area for one in radii])


def permuted(X: Array, Y: Array, positions: int = 1, shuffles: int = 40) -> Array:
    """Areas under the null by its definition: the rows of Y's images in another order."""
    rng = np.random.default_rng(11)
    images = Y.reshape(-1, positions, Y.shape[1])
    return areas(
        compress(X, images[rng.permutation(len(images))].reshape(Y.shape), method="qr").match_radii()
        for _ in range(shuffles)
    )


def close(found: Array, expected: Array) -> bool:
    """Whether two samples of areas have the same mean, within 4 standard errors and what the held sums vary by."""
    return bool(abs(found.mean() - expected.mean()) < 4 * expected.std() / np.sqrt(len(found)) + expected.std())


@pytest.fixture(params=["all images held", "sums held"])
def _held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "sums held":
        monkeypatch.setattr(HELD, 0)


either = pytest.mark.usefixtures("_held")


class TestIsThePermutationNull:
    @pytest.mark.parametrize("method", ["gram", "qr"])
    @pytest.mark.parametrize("scale", [1.0, 1e150, 1e-150])
    def test_images_that_are_all_held_are_shuffled(self, method: str, scale: float) -> None:
        X, Y = relu_pair(6, 400)
        compressor = Compressor(6, 6, method=method, shuffles=2, positions=4, seed=5).update(scale * X, Y)
        rng = np.random.default_rng([5, 1])
        for found in compressor.null():
            order = (rng.permutation(100)[:, None] * 4 + np.arange(4)).ravel()
            shuffled = compress(X, Y[order], method="qr").match_radii()
            assert np.abs(all_radii(found) - all_radii(shuffled)).max() < 1e-12
        radii = compressor.finish().match_radii()
        assert np.abs(all_radii(radii) - all_radii(match_radii(X, Y))).max() < 1e-12

    @either
    @pytest.mark.parametrize("batch", [1, 2, 128, 2048])
    @pytest.mark.parametrize("order", ["sorted", "blocked", "random"])
    def test_any_order_and_batches(self, order: str, batch: int) -> None:
        X, Y = classes()
        images = {
            "sorted": np.arange(2048),
            "blocked": np.random.default_rng(0).permutation(64)[:, None] * 32 + np.arange(32),
            "random": np.random.default_rng(1).permutation(2048),
        }[order].ravel()
        compressor = Compressor(12, 12, shuffles=8)
        for rows in np.array_split(images, 2048 // batch):
            compressor.update(X[rows], Y[rows])
        found, expected = areas(compressor.null()), permuted(X, Y)
        assert close(found, expected)
        assert expected.max() < 0.02 < 0.25 < compressor.finish().match_radii().area

    @either
    def test_batches_do_not_matter_at_all(self) -> None:
        """Nor does it that an image is cut by the end of a batch, nor that one alone is left."""
        X, Y = relu_pair(5, 900)
        whole = Compressor(5, 5, shuffles=3, positions=3).update(X, Y).null()
        for ends in ([1, 2, 899], [100, 200, 500], list(range(7, 900, 7))):
            compressor = Compressor(5, 5, shuffles=3, positions=3)
            for rows in np.split(np.arange(900), ends):
                compressor.update(X[rows], Y[rows])
            for one, other in zip(compressor.null(), whole, strict=True):
                assert np.abs(all_radii(one) - all_radii(other)).max() < 1e-12

    @either
    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_merged_in_any_order(self, seed: int) -> None:
        """Parts that are alike image by image, and get the same places, must not add up."""
        X, Y = classes()
        parts = [Compressor(12, 12, shuffles=8).update(X[k::16], Y[k::16]) for k in range(16)]
        rng = np.random.default_rng(seed)
        while len(parts) > 1:
            one, other = (parts.pop(int(rng.integers(len(parts)))) for _ in range(2))
            parts.append(one.merge(other))
        assert parts[0].inputs == 2048
        assert close(areas(parts[0].null()), permuted(X, Y))

    @either
    @pytest.mark.parametrize("positions", [1, 16])
    def test_sides_that_are_large_on_the_same_images(self, positions: int) -> None:
        """A random sign an image would give .013 where shuffles give .003: what is large would stay together."""
        rng = np.random.default_rng(4)
        sizes = np.repeat(np.exp(0.7 * rng.standard_normal(1600 // positions)), positions)[:, None]
        X, Y = (sizes * rng.standard_normal((1600, 16)) for _ in range(2))
        compressor = Compressor(16, 16, shuffles=16, positions=positions).update(X, Y)
        assert close(areas(compressor.null()), permuted(X, Y, positions))

    @either
    def test_positions_that_are_alike(self) -> None:
        """Neighbouring positions say nearly the same: far fewer than images x positions count."""
        rng = np.random.default_rng(5)
        X, Y = (
            (rng.standard_normal((300, 1, 10)) + 0.1 * rng.standard_normal((300, 8, 10)) + 0.5).reshape(-1, 10)
            for _ in range(2)
        )
        compressor = Compressor(10, 10, shuffles=16, positions=8).update(X, Y)
        expected = permuted(X, Y, 8)
        assert close(areas(compressor.null()), expected)
        assert abs(expected.mean() - permuted(X, Y, 1).mean()) > 2 * expected.std()

    @either
    def test_p_values_are_uniform(self) -> None:
        rng = np.random.default_rng(6)
        ranks = []
        for seed in range(100):
            X, Y = (np.maximum(rng.standard_normal((120, 3)), 0) for _ in range(2))
            compressor = Compressor(3, 3, shuffles=19, seed=seed).update(X, Y)
            above = (areas(compressor.null()) > compressor.finish().match_radii().area).sum()
            ranks.append((above + rng.random()) / 20)
        assert scipy.stats.kstest(ranks, "uniform").pvalue > 0.01

    @either
    def test_shared_structure_is_gone(self) -> None:
        X, _ = relu_pair(8, 2000)
        compressor = Compressor(8, 8, shuffles=3).update(X, X + 0.1)
        assert compressor.finish().similarity(0.3) == 1
        assert len(compressor.null()) == 3
        assert all(one.similarity(0.3) == 0 for one in compressor.null())


class TestWhatStays:
    @either
    def test_dependent_and_dead_neurons(self) -> None:
        X, Y = relu_pair(6, 500)
        X[:, 1], X[:, 2], Y[:, 4] = 0, 3 * X[:, 0], Y[:, :3].sum(axis=1)
        for method in ("gram", "qr"):
            compressor = Compressor(6, 6, method=method, shuffles=2, dead_neurons="drop").update(X, Y)
            for one in compressor.null():
                assert one.dead == spanmatch.Match([1], [])
                assert one.counted == 11

    def test_memory_does_not_grow(self) -> None:
        X, Y = (np.ones((400_000, 8), dtype=np.float32) for _ in range(2))
        X[::2, 0] = Y[::3, 1] = 2
        tracemalloc.start()
        Compressor(8, 8, shuffles=4).update(X, Y)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * 32_000_000

    @either
    def test_a_rejected_batch_leaves_no_trace(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("spanmatch.algorithms.compressed.factor.BLOCK", 80)
        X, Y = relu_pair(4, 300)
        compressor = Compressor(4, 4, shuffles=2).update(X, Y)
        before = [all_radii(one) for one in compressor.null()]
        for row in (1, 299):
            spoiled = X.copy()
            spoiled[row, 0] = np.nan
            with pytest.raises(InvalidActivations, match=f"input {row}"):
                compressor.update(spoiled, Y)
        assert all((all_radii(one) == other).all() for one, other in zip(compressor.null(), before, strict=True))


class TestRefused:
    def test_one_image_alone(self) -> None:
        compressor = Compressor(3, 3, shuffles=1, positions=4).update(*relu_pair(3, 4))
        with pytest.raises(InvalidActivations, match="one image"):
            compressor.null()
        assert len(compressor.update(*relu_pair(3, 4)).null()) == 1

    def test_an_image_that_is_not_whole(self) -> None:
        compressor = Compressor(3, 3, shuffles=1, positions=4).update(*relu_pair(3, 10))
        other = Compressor(3, 3, shuffles=1, positions=4).update(*relu_pair(3, 8))
        for asked in (compressor.null, lambda: compressor.merge(other), lambda: other.merge(compressor)):
            with pytest.raises(InvalidActivations, match="10 inputs, need whole images of 4 rows"):
                asked()
        assert compressor.inputs == 10

    @pytest.mark.parametrize("options", [{"shuffles": 0}, {"shuffles": 2}, {"shuffles": 1, "positions": 2}])
    def test_merge_of_strangers(self, options: dict[str, int]) -> None:
        with pytest.raises(InvalidActivations, match="other"):
            Compressor(3, 3, shuffles=1).merge(Compressor(3, 3, **options))

    def test_nothing_came(self) -> None:
        with pytest.raises(InvalidActivations, match="no inputs"):
            Compressor(2, 2, shuffles=1).null()

    def test_no_shuffles(self) -> None:
        assert Compressor(3, 3).update(*relu_pair(3, 8)).null() == ()
