"""Streaming, merging, the two routes and their error bounds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest

import spanmatch
from spanmatch import Compressor, InvalidActivations, InvalidOption, SpanmatchWarning, compress, exact

Arrays = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def relu_pair(neurons: int, inputs: int, seed: int = 0) -> Arrays:
    rng = np.random.default_rng(seed)
    X = np.maximum(rng.standard_normal((inputs, neurons)), 0)
    return X, np.maximum(rng.standard_normal((inputs, neurons)) + X[:, ::-1], 0)


def all_radii(compressed: spanmatch.Compressed) -> npt.NDArray[np.float64]:
    radii = compressed.match_radii()
    return np.concatenate([radii.x, radii.y])


def exact_radii(X: npt.NDArray[np.float64], Y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    squares = exact.match_radii(X, Y)
    return np.sqrt(np.array([*squares.x, *squares.y], dtype=float))


def with_value(Z: npt.NDArray[np.float64], row: int, column: int, value: float) -> npt.NDArray[np.float64]:
    changed = Z.copy()
    changed[row, column] = value
    return changed


class TestRoutes:
    @pytest.mark.parametrize("method", ["gram", "qr", "auto"])
    def test_all_routes_give_the_exact_radii(self, method: str) -> None:
        X, Y = relu_pair(12, 60)
        compressed = compress(X, Y, method=method)
        assert np.abs(all_radii(compressed) - exact_radii(X, Y)).max() <= compressed.match_radii().error
        assert compressed.route == ("qr" if method == "qr" else "gram")

    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param(lambda X, Y: (X, X.copy()), id="residuals of 0"),
            pytest.param(lambda X, Y: (np.hstack([X, X[:, :1]]), Y), id="duplicate"),
            pytest.param(lambda X, Y: (np.hstack([X, X[:, :1] + 1e-5 * Y[:, :1]]), Y), id="nearly dependent"),
            pytest.param(lambda X, Y: (X[:10], Y[:10]), id="fewer inputs than neurons"),
        ],
    )
    def test_auto_leaves_gram_where_it_is_not_good_enough(self, spoil: Callable[..., Arrays]) -> None:
        X, Y = spoil(*relu_pair(12, 60))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SpanmatchWarning)
            compressed = compress(X, Y)
        assert compressed.route == "qr"

    def test_dead_neurons_do_not_need_qr(self) -> None:
        X, Y = relu_pair(12, 60)
        X[:, 3] = 0
        compressed = compress(X, Y)
        assert compressed.route == "gram"
        assert compressed.dead == spanmatch.Match([3], [])
        assert np.abs(all_radii(compressed) - exact_radii(X, Y)).max() <= 1e-12

    @pytest.mark.parametrize("gap", [1.0, 1e-1, 1e-2, 1e-3])
    def test_gram_error_bound_is_never_exceeded(self, gap: float) -> None:
        rng = np.random.default_rng(1)
        for _ in range(20):
            base = rng.standard_normal((40, 5))
            X = np.hstack([base, base[:, :2] + gap * rng.standard_normal((40, 2))])
            Y = rng.standard_normal((40, 6))
            Y[:, :3] += base[:, :3]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SpanmatchWarning)
                compressed = compress(X, Y, method="gram")
            assert np.abs(all_radii(compressed) - exact_radii(X, Y)).max() <= compressed.match_radii().error

    def test_bound_is_not_empty_talk(self) -> None:
        """Within a factor 1e6 of what happens somewhere, so that it says something."""
        X, Y = relu_pair(12, 60)
        assert compress(X, Y, method="gram").error < 1e-9

    def test_streaming_gram_warns_where_it_is_not_good_enough(self) -> None:
        X, Y = relu_pair(12, 60)
        with pytest.warns(SpanmatchWarning, match="qr"):
            Compressor(12, 12).update(X, X).finish()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            Compressor(12, 12).update(X, Y).finish()

    @pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")
    def test_a_gram_matrix_near_its_limit_is_not_clearly_of_full_rank(self) -> None:
        X, Y = relu_pair(4, 300)
        assert compress(X, Y, method="gram").clearly_full_rank
        X[:, 1] = X[:, 0] + 1e-6 * X[:, 1]
        nearly = compress(X, Y, method="gram")
        assert nearly.independent
        assert not nearly.clearly_full_rank


class TestStreaming:
    @pytest.mark.parametrize("method", ["gram", "qr"])
    @pytest.mark.parametrize("shards", [1, 3, 8])
    def test_shards_merged_in_any_order(self, method: str, shards: int) -> None:
        X, Y = relu_pair(10, 3000)
        whole = all_radii(compress(X, Y, method="qr"))
        parts = [
            Compressor(10, 10, method=method).update(X[rows], Y[rows])
            for rows in np.array_split(np.arange(len(X)), shards)
        ]
        for seed in range(3):
            merged = Compressor(10, 10, method=method)
            for k in np.random.default_rng(seed).permutation(shards):
                merged.merge(parts[k])
            compressed = merged.finish()
            assert compressed.inputs == 3000
            assert np.abs(all_radii(compressed) - whole).max() < 1e-12

    @pytest.mark.parametrize("method", ["gram", "qr"])
    def test_scales_that_overflow_when_squared(self, method: str) -> None:
        X, Y = relu_pair(6, 400)
        scales = 10.0 ** np.array([-150, 150, -300, 300, 0, -12])
        expected = all_radii(compress(X, Y, method="qr"))
        compressor = Compressor(6, 6, method=method)
        for rows in np.array_split(np.arange(len(X)), 7):
            compressor.update(X[rows] * scales, Y[rows] / scales)
        assert np.abs(all_radii(compressor.finish()) - expected).max() < 1e-12

    def test_squares_that_would_vanish(self) -> None:
        X, Y = relu_pair(4, 100)
        expected = all_radii(compress(X, Y, method="qr"))
        assert np.abs(all_radii(compress(X * 2.0**-540, Y, method="gram")) - expected).max() < 1e-12

    def test_a_neuron_that_wakes_late(self) -> None:
        X, Y = relu_pair(4, 100)
        X[:50, 0] = 0
        X[50:, 1] *= 2.0**200
        compressor = Compressor(4, 4).update(X[:50], Y[:50]).update(X[50:], Y[50:])
        assert np.abs(all_radii(compressor.finish()) - all_radii(compress(X, Y, method="qr"))).max() < 1e-12

    def test_torch_batches_and_half_precision(self) -> None:
        torch = pytest.importorskip("torch")
        X, Y = relu_pair(4, 100)
        for dtype in (torch.float16, torch.bfloat16, torch.float32):
            x, y = (torch.from_numpy(Z).to(dtype) for Z in (X, Y))
            streamed = Compressor(4, 4, method="qr")
            for rows in (slice(0, 30), slice(30, 100)):
                streamed.update(x[rows], y[rows])
            whole = compress(x.double().numpy(), y.double().numpy(), method="qr", rank_tol=streamed.finish().tau)
            assert np.abs(all_radii(streamed.finish()) - all_radii(whole)).max() < 1e-12
            assert streamed.dtypes == (str(dtype).removeprefix("torch."),) * 2

    def test_more_batches_after_finish(self) -> None:
        X, Y = relu_pair(5, 200)
        compressor = Compressor(5, 5).update(X[:100], Y[:100])
        first = all_radii(compressor.finish())
        compressor.update(X[100:], Y[100:])
        assert np.abs(all_radii(compressor.finish()) - all_radii(compress(X, Y))).max() < 1e-12
        assert np.abs(first - all_radii(compress(X[:100], Y[:100]))).max() < 1e-12


class TestBadBatches:
    @pytest.mark.parametrize("method", ["gram", "qr"])
    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda X, Y: (with_value(X, 3, 2, np.nan), Y), "X: .* NaN at input 3, neuron 2"),
            (lambda X, Y: (X, with_value(Y, 5, 1, np.inf)), "Y: .* infinity at input 5, neuron 1"),
            (lambda X, Y: (X[:, :3], Y), "X: got 3 neurons"),
            (lambda X, Y: (X, Y.astype(np.float32)), "dtypes"),
            (lambda X, Y: (X[:0], Y[:0]), "no inputs"),
            (lambda X, Y: (X[:5], Y), "inputs"),
            (lambda X, Y: (X[0], Y[0]), "2-D"),
        ],
    )
    def test_a_rejected_batch_leaves_no_trace(self, method: str, spoil: Callable[..., Arrays], message: str) -> None:
        rng = np.random.default_rng(0)
        X, Y = rng.standard_normal((2, 50, 4))
        compressor = Compressor(4, 4, method=method).update(X, Y)
        before = all_radii(compressor.finish())
        with pytest.raises(InvalidActivations, match=message):
            compressor.update(*spoil(*rng.standard_normal((2, 50, 4))))
        assert compressor.inputs == 50
        assert (all_radii(compressor.finish()) == before).all()

    def test_a_late_bad_block_leaves_no_trace(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("spanmatch.algorithms.compressed.factor.BLOCK", 80)
        rng = np.random.default_rng(0)
        X, Y = rng.standard_normal((2, 500, 4))
        compressor = Compressor(4, 4).update(X, Y)
        before = all_radii(compressor.finish())
        X[470, 0] = np.nan
        with pytest.raises(InvalidActivations, match="input 470"):
            compressor.update(X, Y)
        assert (all_radii(compressor.finish()) == before).all()

    def test_merge_of_strangers(self) -> None:
        mine = Compressor(4, 4)
        for other in (Compressor(4, 5), Compressor(4, 4, method="qr")):
            with pytest.raises(InvalidActivations, match="other"):
                mine.merge(other)

    def test_nothing_came(self) -> None:
        with pytest.raises(InvalidActivations, match="no inputs"):
            Compressor(2, 2).finish()

    @pytest.mark.parametrize("arguments", [(0, 3), (3, -1), (2.0, 3), (True, 3), ("2", 3)])
    def test_numbers_of_neurons(self, arguments: tuple[int, int]) -> None:
        with pytest.raises(InvalidOption, match="neurons"):
            Compressor(*arguments)

    def test_method(self) -> None:
        with pytest.raises(InvalidOption, match="method"):
            compress([[1.0]], [[1.0]], method="svd")  # type: ignore[arg-type]

    @pytest.mark.parametrize("rank_tol", [0, 1, 1.5, -1e-9, True, "1e-9", float("nan")])
    def test_rank_tolerance(self, rank_tol: float) -> None:
        with pytest.raises(InvalidOption, match="rank_tol"):
            compress([[1.0]], [[1.0]], rank_tol=rank_tol)


class TestMemory:
    def test_only_blocks_are_converted(self) -> None:
        import tracemalloc

        X, Y = (np.ones((400_000, 8), dtype=np.float32) for _ in range(2))
        X[::2, 0] = Y[::3, 1] = 2
        tracemalloc.start()
        Compressor(8, 8).update(X, Y)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2.5 * 32_000_000


class TestDecideExactly:
    """r = 3/5 to the last bit: in floats it may fall on either side, in exact arithmetic it is 3/5."""

    X = np.array([[4.0, 0.0], [3.0, 0.0], [0.0, 7.0], [0.0, 0.0]])
    Y = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 5.0]])

    def test_undecided_is_listed_and_settled(self) -> None:
        assert spanmatch.match_radii(self.X, self.Y).undecided(0.6) == spanmatch.Match([0], [0])
        below, above = np.nextafter(0.6, 0), np.nextafter(0.6, 1)
        settled = [spanmatch.max_match(self.X, self.Y, e, decide="exact") for e in (below, 0.6, above)]
        by_oracle = [exact.max_match(self.X, self.Y, e) for e in (below, 0.6, above)]
        assert settled == by_oracle == [spanmatch.Match(), spanmatch.Match(), spanmatch.Match([0], [0])]

    def test_decided_answers_do_not_change(self) -> None:
        assert spanmatch.max_match(self.X, self.Y, 0.7, decide="exact") == spanmatch.Match([0], [0])

    def test_option(self) -> None:
        with pytest.raises(InvalidOption, match="decide"):
            spanmatch.max_match(self.X, self.Y, 0.7, decide="maybe")  # type: ignore[arg-type]


class TestReportedError:
    def test_what_was_counted_as_zero_is_part_of_it(self) -> None:
        """float32 cannot tell 5e-7 from rounding of a dependent neuron: the radius is 0, and the error says so."""
        X = np.array([[1.0], [0.0], [0.0]], dtype=np.float32)
        Y = np.array([[1.0], [5e-7], [0.0]], dtype=np.float32)
        radii = spanmatch.match_radii(X, Y)
        assert radii.x[0] == 0
        assert radii.error >= exact_radii(X, Y).max()
        assert radii.undecided(1e-7) == spanmatch.Match([0], [0])

    def test_radii_cannot_be_written_to(self) -> None:
        radii = spanmatch.match_radii(*relu_pair(3, 20))
        with pytest.raises(ValueError, match="read-only"):
            radii.x[0] = 0.5


class TestRegressions:
    def test_ranks_that_a_gram_matrix_decided_leave_no_bound(self) -> None:
        """Half of X differs from the other half by 1e-9 of its size, which Y repeats: a Gram matrix cannot see it."""
        rng = np.random.default_rng(0)

        def integers(m: int) -> npt.NDArray[np.float64]:
            return rng.integers(-3, 4, (90, m)).astype(float)

        X, Y = integers(40), integers(40)
        X[:, 20:] = X[:, :20] * 1e9 + integers(20)
        Y[:, 15:25] = X[:, 20:30]
        with pytest.warns(SpanmatchWarning, match=r"decided ranks 20 \+ 40 at 5.0e-07; .* off by any amount"):
            streamed = Compressor(40, 40).update(X, Y).finish()
        off = np.abs(all_radii(streamed) - all_radii(compress(X, Y))).max()
        assert 0.05 < off <= streamed.match_radii().error
        assert streamed.match_radii().undecided(0.5)

    """Answers that were wrong once."""

    @pytest.mark.parametrize("seed", [8632, 904363, 3144, 904118, 2120])
    def test_downdates_of_nearly_dependent_sides(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        m, n = rng.integers(4, 14, 2)
        B = rng.standard_normal((60, 5))
        X, Y = (
            B @ rng.standard_normal((5, k)) + 10.0 ** -rng.integers(1, most) * rng.standard_normal((60, k))
            for k, most in ((m, 6), (n, 11))
        )
        radii = spanmatch.match_radii(X, Y)
        assert np.abs(np.concatenate([radii.x, radii.y]) - exact_radii(X, Y)).max() <= radii.error

    @pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")
    def test_gram_of_an_exact_match(self) -> None:
        rng = np.random.default_rng(1)
        for _ in range(50):
            X = rng.standard_normal((rng.integers(10, 400), 2))
            Y = X @ rng.standard_normal((2, 2))
            radii = Compressor(2, 2).update(X, Y).finish().match_radii()
            assert np.abs(np.concatenate([radii.x, radii.y]) - exact_radii(X, Y)).max() <= radii.error
            assert radii.undecided(0) | radii.max_match(0) == spanmatch.Match.everything(2, 2)

    def test_a_tie_is_never_called_complete(self) -> None:
        X = np.array([[1, -1], [1, 1], [0, 1], [-1, 1], [0, 1]])
        Y = np.array([[1, 1, 1], [-1, 1, 1], [1, 1, -1], [0, 1, 0], [-1, 1, 0]])
        found = spanmatch.simple_matches(X, Y, 0.8)
        truth = exact.simple_matches(X, Y, Fraction(4, 5))
        assert set(found.matches) != set(truth.matches)
        assert found.undecided
        assert not found.complete
        assert spanmatch.min_matches(X, Y, 0.8).undecided
        assert not spanmatch.simple_matches(X, Y, 0.75).undecided

    def test_similarity_counts_the_maximum_match_at_every_breakpoint(self) -> None:
        X, Y = np.array([[2], [2], [0]]), np.array([[2], [2], [2]])
        (epsilon,) = spanmatch.match_radii(X, Y).breakpoints
        assert len(spanmatch.max_match(X, Y, epsilon)) == 2 * spanmatch.similarity(X, Y, epsilon) == 2
