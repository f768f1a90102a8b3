"""What real layers do to numerical code: dead and dependent neurons, scales, rounding noise, few inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import spanmatch
from spanmatch import Match, Neuron, SpanmatchWarning, exact
from spanmatch.algorithms.compressed.factor import QRFactor, triangular
from spanmatch.algorithms.compressed.spans import decide_rank
from spanmatch.algorithms.peeling import peel_radii
from spanmatch.synthetic import one_hot_layers
from spanmatch.theory.residuals import unit_columns
from spanmatch.theory.tolerances import rank_tolerance

without_warnings = pytest.mark.filterwarnings("error")


def layers(m: int, n: int, inputs: int, *, seed: int = 0, shared: int = 3, noise: float = 0.3) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((inputs, shared))
    X, Y = (
        common @ rng.standard_normal((shared, count)) + noise * rng.standard_normal((inputs, count)) for count in (m, n)
    )
    return X, Y


def worst(radii: Any, others: Any) -> float:
    return float(max(np.abs(radii.x - others.x).max(), np.abs(radii.y - others.y).max()))


def exact_radii(X: Any, Y: Any) -> Any:
    truth = exact.match_radii(X, Y)
    return spanmatch.MatchRadii(
        *(np.sqrt(np.array(squares, dtype=float)) for squares in (truth.x, truth.y)), error=0.0
    )


def qr_factor(Z: Any) -> Any:
    """The factor of all columns by the tree."""
    tree = QRFactor(Z.shape[1])
    tree.add(Z[:, :2], Z[:, 2:])
    factor, exponents = tree.finish()
    return np.ldexp(factor, exponents)


@pytest.mark.parametrize(("m", "rank"), [(90, 90), (96, 80)])
def test_many_removals_between_two_factorisations(m: int, rank: int) -> None:
    """Enough for the collected updates to be carried out more than once, with and without pivots."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((400, rank)) @ rng.standard_normal((rank, m))
    Y = rng.standard_normal((400, 90)) + 0.2 * X[:, :90]
    compressed = spanmatch.compress(X, Y, method="qr")
    assert compressed.ranks == (rank, 90)
    found, peeled = compressed.match_radii(), peel_radii(compressed.geometry)
    for side, radii in (("x", found.x), ("y", found.y)):
        expected = [peeled[Neuron(side, i)] for i in range(len(radii))]  # type: ignore[arg-type]
        np.testing.assert_allclose(radii, expected, atol=1e-10)


class TestDeadNeurons:
    X = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    Y = np.array([[2.0, 0], [0, 0], [0, 0], [0, 0], [0, 0]])
    """x0 = y0 / 2; x1, x3, y1 are dead; x2 has no partner."""

    def test_the_first_of_a_side(self) -> None:
        assert spanmatch.compress(self.X, self.Y[:, ::-1]).dead == Match([1, 3], [0])

    @pytest.mark.parametrize(
        ("policy", "match", "similarity", "radii"),
        [
            ("match", Match([0, 1, 3], [0, 1]), 5 / 6, ([0, 0, 1, 0], [0, 0])),
            ("unmatched", Match([0], [0]), 2 / 6, ([0, 1, 1, 1], [0, 1])),
            ("drop", Match([0], [0]), 2 / 3, ([0, 1, 1, 1], [0, 1])),
        ],
    )
    def test_policies(self, policy: Any, match: Match, similarity: float, radii: tuple[list[int], list[int]]) -> None:
        for epsilon in (0.0, 0.5, 0.99):
            assert spanmatch.max_match(self.X, self.Y, epsilon, dead_neurons=policy) == match
            assert exact.max_match(self.X, self.Y, epsilon, dead_neurons=policy) == match
            assert spanmatch.similarity(self.X, self.Y, epsilon, dead_neurons=policy) == pytest.approx(similarity)
            assert float(exact.similarity(self.X, self.Y, epsilon, dead_neurons=policy)) == pytest.approx(similarity)
        found = spanmatch.match_radii(self.X, self.Y, dead_neurons=policy)
        assert (found.x.tolist(), found.y.tolist()) == radii
        assert found.dead == Match([1, 3], [1])
        assert found.counted == (3 if policy == "drop" else 6)
        assert found.area == pytest.approx(similarity)
        minimal = spanmatch.min_match(self.X, self.Y, 0.5, ("x", 3), dead_neurons=policy)
        assert minimal == (Match([3], []) if policy == "match" else None)
        assert spanmatch.is_match(self.X, self.Y, 0.5, ([3], []), dead_neurons=policy) == (policy == "match")
        simple = spanmatch.simple_matches(self.X, self.Y, 0.5, dead_neurons=policy)
        assert set(simple) == {Match([0], [0])} | (
            {Match([1], []), Match([3], []), Match([], [1])} if policy == "match" else set()
        )

    @pytest.mark.parametrize(("policy", "similarity"), [("match", 1.0), ("unmatched", 0.0), ("drop", 0.0)])
    @without_warnings
    def test_all_dead(self, policy: Any, similarity: float) -> None:
        X, Y = np.zeros((9, 3)), np.zeros((9, 2))
        assert spanmatch.similarity(X, Y, 0.5, dead_neurons=policy) == similarity
        assert exact.similarity(X, Y, 0, dead_neurons=policy) == similarity
        radii = spanmatch.match_radii(X, Y, dead_neurons=policy)
        assert radii.similarity([0.0, 0.9]).tolist() == [similarity] * 2
        assert radii.area == similarity
        assert spanmatch.compress(X, Y).ranks == (0, 0)

    def test_one_side_dead(self) -> None:
        X, Y = layers(2, 3, 20)
        assert spanmatch.max_match(X, 0 * Y, 0.9) == Match([], [0, 1, 2])
        assert spanmatch.max_match(X, 0 * Y, 0.9, dead_neurons="drop") == Match()

    def test_negative_zero_is_zero(self) -> None:
        assert spanmatch.compress(-np.zeros((5, 1)), np.ones((5, 1))).dead == Match([0], [])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("seed", [0, 1, 2])
@without_warnings
def test_one_hot_layers(dtype: str, seed: int) -> None:
    """32 + 32 ReLU neurons that are functions of 4 symbols: rank 4 on both sides, so everything matches."""
    planted = one_hot_layers(inputs=5_000, seed=seed)
    X, Y = planted.X.astype(dtype), planted.Y.astype(dtype)
    compressed = spanmatch.compress(X, Y)
    assert compressed.ranks == (4, 4)
    for epsilon in (0.0, 1e-5):
        assert compressed.max_match(epsilon) == Match.everything(32, 32)
        live = compressed.max_match(epsilon) - compressed.dead
        assert spanmatch.max_match(X, Y, epsilon, dead_neurons="unmatched") == live
    radii = compressed.match_radii()
    assert not radii.x.any()
    assert not radii.y.any()
    match = compressed.min_match(0.0, next(iter(Match.everything(32, 32) - compressed.dead)))
    assert match is not None
    assert compressed.is_match(0.0, match)
    assert len(match.x) <= 4
    assert len(match.y) <= 4


def test_duplicates_change_nothing() -> None:
    """T12: copies in the own network, of any factor, leave every other radius and get the same one."""
    X, Y = layers(4, 5, 200)
    once = spanmatch.match_radii(X, Y)
    twice = spanmatch.match_radii(np.hstack([X, 3 * X, -X]), Y)
    assert np.abs(twice.x - np.tile(once.x, 3)).max() <= twice.error
    assert np.abs(twice.y - once.y).max() <= twice.error
    assert spanmatch.compress(np.hstack([X, 3 * X, -X]), Y).ranks == (4, 5)


@pytest.mark.parametrize("decades", [12, 150, 300])
@without_warnings
def test_scales(decades: int) -> None:
    """T12: every neuron has its own unit of measurement."""
    X, Y = layers(6, 5, 300, shared=2)
    rng = np.random.default_rng(decades)
    factors = [10.0 ** rng.uniform(-decades, decades, Z.shape[1]) * rng.choice([-1, 1], Z.shape[1]) for Z in (X, Y)]
    factors[0][:2], factors[1][:2] = (10.0**-decades, 10.0**decades), (10.0**decades, 10.0**-decades)
    plain = spanmatch.match_radii(X, Y)
    scaled = spanmatch.match_radii(X * factors[0], Y * factors[1])
    assert worst(plain, scaled) <= 1e-11
    assert 0.05 < plain.area < 0.95


@without_warnings
def test_subnormal_columns() -> None:
    """Multiples of the smallest positive number: integers, once scaled."""
    tiny = 5e-324
    X = np.array([[3.0, 1], [4, 0], [0, 0], [0, 0], [0, 2]])
    Y = np.array([[1.0], [0], [0], [0], [0]])
    radii = spanmatch.match_radii(X * tiny, Y * 1e300)
    assert worst(radii, exact_radii(X, Y)) <= radii.error
    assert spanmatch.max_match(X * tiny, X * 1e300, 0.0) == Match([0, 1], [0, 1])


class TestRank:
    @without_warnings
    def test_float32_noise_is_no_dimension(self) -> None:
        """Rank 16 of 32 in float64, then rounded: the noise lies below the tolerance, and the spans still match."""
        rng = np.random.default_rng(0)
        common = rng.standard_normal((4_000, 16))
        X, Y = ((common @ rng.standard_normal((16, 32))).astype(np.float32) for _ in range(2))
        compressed = spanmatch.compress(X, Y)
        assert compressed.ranks == (16, 16)
        assert np.linalg.matrix_rank(X.astype(np.float64)) == 32
        assert compressed.max_match(1e-5) == Match.everything(32, 32)
        assert worst(compressed.match_radii(), spanmatch.match_radii(0 * X, 0 * Y)) < 1e-5

    @pytest.mark.parametrize("distances", [(3.0,), (0.3, 20.0), (0.3, 3.0)])
    def test_a_pivot_near_the_tolerance_is_told(self, distances: tuple[float, ...]) -> None:
        """Neurons that leave the first by so many times tau: kept near it, or dropped near it without a gap above."""
        tau = rank_tolerance("float64", 4)
        X = np.eye(40)[:, [0] * (1 + len(distances))]
        for k, distance in enumerate(distances, 1):
            X[k, k] = distance * tau
        Y = np.eye(40)[:, 10 : 13 - len(distances)]
        with pytest.warns(SpanmatchWarning, match=r"^X: its rank is ill-defined at rank_tol 1.4e-14: smallest pivot"):
            compressed = spanmatch.compress(X, Y)
        assert compressed.ranks == (2, Y.shape[1])
        with pytest.warns(SpanmatchWarning, match=r"^Y: its rank is ill-defined"):
            spanmatch.max_match(Y, X, 0.5)

    @without_warnings
    def test_a_gap_settles_it(self) -> None:
        """What is dropped just below the tolerance moves nothing where all that is kept is far above it."""
        X = np.eye(40)[:, :2].copy()
        X[:, 1] = X[:, 0] + 0.3 * rank_tolerance("float64", 4) * X[:, 1]
        assert spanmatch.compress(X, np.eye(40)[:, 2:4]).ranks == (1, 2)
        rng = np.random.default_rng(0)
        Z = [rng.standard_normal((2000, 24)).astype(np.float32) for _ in "ab"]
        normed = [(one - one.mean(axis=1, keepdims=True)) / one.std(axis=1, keepdims=True) for one in Z]
        compressed = spanmatch.compress(*normed)
        assert compressed.ranks == (23, 23)
        assert compressed.x.kept > 0.1

    @without_warnings
    def test_another_tolerance_settles_it(self) -> None:
        X = np.eye(40)[:, :2].copy()
        X[:, 1] = X[:, 0] + 5e-14 * X[:, 1]
        assert spanmatch.compress(X, X, rank_tol=1e-10).ranks == (1, 1)
        assert spanmatch.compress(X, X, rank_tol=1e-15).ranks == (2, 2)

    @pytest.mark.parametrize(("rank", "neurons", "least"), [(8, 16, -8), (1, 4, 0), (4, 32, 0)])
    @pytest.mark.parametrize("inputs", [40, 2_000, 20_000])
    @without_warnings
    def test_exactly_dependent_integers_are_no_cause_for_alarm(
        self, inputs: int, rank: int, neurons: int, least: int
    ) -> None:
        """Rank-deficient sides of the same span, from integers: a clear gap, whatever the number of inputs."""
        for seed in range(10 if inputs < 20_000 else 2):
            rng = np.random.default_rng(seed)
            common = rng.integers(least, 9, (inputs, rank))
            X, Y = (common @ np.hstack([np.eye(rank, dtype=int), rng.integers(-3, 4, (rank, neurons - rank))])
                    for _ in range(2))
            compressed = spanmatch.compress(X, Y)
            assert compressed.ranks == (rank, rank)
            assert compressed.max_match(0.0) == Match.everything(neurons, neurons)
            assert max(compressed.x.dropped, compressed.y.dropped) < 0.1 * compressed.tau

    def test_one_sweep_would_leave_more_than_the_tree(self) -> None:
        """Why the factor is computed by a tree: what exactly dependent columns leave behind, against tau / 10."""
        tree, sweep = [], []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            Z = rng.integers(0, 9, (2_000, 4)) @ rng.integers(0, 4, (4, 32))
            unit = unit_columns(Z[:, Z.any(axis=0)].astype(np.float64))[0]
            tree.append(decide_rank(qr_factor(unit), 1e-9).dropped)
            sweep.append(decide_rank(triangular(unit), 1e-9).dropped)
        assert max(tree) < 0.1 * rank_tolerance("float64", 32)
        # By how much depends on the processor: 2.6 to 3.4 times on average.
        assert np.mean(sweep) > 1.5 * np.mean(tree)


class TestFewInputs:
    def test_as_many_neurons_as_inputs(self) -> None:
        X, Y = layers(6, 3, 6)
        with pytest.warns(SpanmatchWarning, match=r"^X: 6 live neurons and only 6 inputs: .*\(T13\).*transposed\?"):
            assert spanmatch.similarity(X, Y, 0.0) < 1
        with pytest.warns(SpanmatchWarning, match=r"^Y: 6 live neurons"):
            spanmatch.compress(Y, X)
        with pytest.warns(SpanmatchWarning, match="^X: 6 live neurons"):
            assert spanmatch.max_match(X, X[:, ::-1], 0.0) == Match.everything(6, 6)

    @without_warnings
    def test_dead_neurons_span_nothing(self) -> None:
        X, Y = layers(3, 3, 6)
        assert spanmatch.compress(np.hstack([X, np.zeros((6, 9))]), Y).m == 12

    @pytest.mark.parametrize(("m", "n", "inputs"), [(5, 5, 6), (7, 6, 8), (3, 8, 9), (1, 1, 2)])
    @without_warnings
    def test_hardly_more_inputs_than_neurons(self, m: int, n: int, inputs: int) -> None:
        """m + n beyond the inputs, neither side alone: against the exact oracle on the very same floats."""
        X, Y = layers(m, n, inputs)
        radii = spanmatch.match_radii(X, Y)
        assert worst(radii, exact_radii(X, Y)) <= radii.error


    @pytest.mark.parametrize(("m", "n", "inputs", "rank"), [(40, 5, 12, 12), (40, 5, 12, 9), (30, 40, 12, 12)])
    @pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")
    def test_more_neurons_than_inputs(self, m: int, n: int, inputs: int, rank: int) -> None:
        """A side that spans everything, and one that does not, against the exact oracle, in integers."""
        rng = np.random.default_rng(0)
        X = rng.integers(-9, 10, (inputs, rank)) @ rng.integers(-3, 4, (rank, m))
        Y = rng.integers(-9, 10, (inputs, n))
        compressed = spanmatch.compress(X, Y)
        assert (compressed.route, compressed.ranks) == ("qr", (rank, min(n, inputs)))
        radii = compressed.match_radii()
        assert worst(radii, exact_radii(X, Y)) <= radii.error < 1e-10

    @pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")
    def test_a_basis_of_all_directions_is_that_of_qr(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Up to the order of what is equally good; and where a direction is small, QR is asked."""
        wide = np.random.default_rng(0).standard_normal((20, 90)) / np.sqrt(20)
        found = decide_rank(wide, 1e-12)
        monkeypatch.setattr("spanmatch.algorithms.compressed.spans._all_directions", lambda *_: None)
        by_qr = decide_rank(wide, 1e-12)
        assert (found.rank, found.dropped) == (by_qr.rank, by_qr.dropped) == (20, 0.0)
        assert set(found.basis) == set(by_qr.basis)
        assert found.kept == pytest.approx(by_qr.kept)
        monkeypatch.undo()
        wide[:, 1:] -= np.outer(wide[:, 0], wide[:, 0] @ wide[:, 1:]) / (wide[:, 0] @ wide[:, 0]) * (1 - 1e-7)
        wide[:, 0] = wide[:, 1]
        assert decide_rank(wide, 1e-12).kept < 1e-6
        assert decide_rank(wide, 1e-12).rank == 20
        assert decide_rank(wide, 1e-5).rank == 19


@pytest.mark.parametrize("closeness", [1e-6, 1e-8, 1e-10])
@pytest.mark.parametrize("seed", range(4))
def test_nearly_dependent_neurons(closeness: float, seed: int) -> None:
    """Pairs of neurons closer than single precision sees, spanning planes that the other side lies near."""
    rng = np.random.default_rng(seed)
    X, Y = layers(4, 4, 30, seed=seed, noise=0.2)
    X[:, 2:] = X[:, :2] + closeness * X[:, 2:]
    Y[:, 3] = Y[:, 0] - closeness * rng.standard_normal(30)
    compressed = spanmatch.compress(X, Y)
    assert compressed.ranks == (4, 4)
    radii = compressed.match_radii()
    assert worst(radii, exact_radii(X, Y)) <= max(radii.error, compressed.zero)
    assert radii.error < 1e-2


def test_a_factor_has_the_distances_of_the_data() -> None:
    Z = np.random.default_rng(0).standard_normal((1_000, 7))
    assert qr_factor(Z).shape == (7, 7)
    assert np.allclose(qr_factor(Z).T @ qr_factor(Z), Z.T @ Z, rtol=1e-13, atol=1e-11)
    assert np.allclose(qr_factor(Z[:4]).T @ qr_factor(Z[:4]), Z[:4].T @ Z[:4], rtol=1e-13, atol=1e-11)
