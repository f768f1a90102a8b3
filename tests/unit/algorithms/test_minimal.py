"""Minimal matches by few predicate calls: the answers of A2, whatever the route; partial results; structure."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spanmatch
from spanmatch import Match, Neuron, exact
from spanmatch.algorithms import minimal, reference, structure
from spanmatch.algorithms.compressed.compressor import compress
from spanmatch.algorithms.compressed.search.independent import IndependentMatch, SpansSearch
from spanmatch.algorithms.compressed.search.predictors import Predictor
from spanmatch.algorithms.minimal import CoverMatch, Search
from spanmatch.algorithms.peeling import batch_peel
from spanmatch.synthetic import planted_blocks, planted_digraph
from spanmatch.synthetic.planted import Planted
from spanmatch.synthetic.strategies.activations import table_covers
from spanmatch.theory import Cover, TableCover, brute_force
from spanmatch.theory.errors import InvalidNeuron, InvalidOption, MissingExtra, SpanmatchWarning


class Counted(Cover):
    """Another cover, counting how often it is asked."""

    def __init__(self, cover: Cover) -> None:
        self.cover, self.m, self.n, self.asked = cover, cover.m, cover.n, 0

    def covers(self, neuron: Neuron, others: frozenset[int]) -> bool:
        raise NotImplementedError

    def uncovered(self, side: str, members: object, others: frozenset[int]) -> frozenset[int]:
        self.asked += 1
        return self.cover.uncovered(side, members, others)  # type: ignore[arg-type]


def search_of(planted: Planted, epsilon: float = 0.0) -> SpansSearch:
    compressed = spanmatch.compress(*planted.matrices)
    return SpansSearch(
        compressed.geometry, compressed.x, compressed.y, epsilon
    )


def noisy_layers(m: int, n: int, inputs: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Layers with something in common: every neuron sees some of the same few features, and noise."""
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((inputs, (m + n) // 5))
    X, Y = (
        np.maximum(features @ (rng.standard_normal((features.shape[1], k)) * (rng.random((features.shape[1], k)) < 0.2))
                   + 0.1 * rng.standard_normal((inputs, k)), 0)
        for k in (m, n)
    )  # fmt: skip
    return X, Y


def minimal_by_definition(cover: Cover, match: Match, neuron: Neuron) -> bool:
    """D6 and T4: a match that contains the neuron, which no neuron can leave without it."""
    return (
        neuron in match
        and cover.is_match(match)
        and all(neuron not in batch_peel(cover, match.without(u)) for u in match if u != neuron)
    )


@settings(max_examples=300, database=None, deadline=None)
@given(table_covers(), st.randoms(use_true_random=False))
def test_same_match_as_the_published_algorithm_in_any_order(cover: TableCover, random: object) -> None:
    order = list(cover.everything)
    random.shuffle(order)  # type: ignore[attr-defined]
    search = Search(cover)
    for v in cover.everything:
        for given_order in (None, order, order[: len(order) // 2]):
            assert minimal.min_match(search, v, given_order) == reference.min_match(cover, v, order=given_order)


@pytest.mark.parametrize("epsilon", [0.6, 0.7, 0.8])
@pytest.mark.parametrize("seed", [0, 1])
def test_downdates_agree_with_the_published_algorithm(epsilon: float, seed: int) -> None:
    X, Y = noisy_layers(14, 12, seed=seed)
    compressed = spanmatch.compress(X, Y)
    cover = compressed.geometry.at(epsilon)
    maximum = compressed.max_match(epsilon)
    order = list(maximum)[::-1]
    assert len(maximum) > 10
    for v in maximum:
        for given_order in (None, order):
            found = compressed.min_match(epsilon, v, order=given_order)
            assert found == reference.min_match(cover, v, order=given_order, max_match=batch_peel)


@pytest.mark.parametrize("extra", [0, 6])
def test_minimal_by_definition_on_wide_layers(extra: int) -> None:
    """Also where a side is dependent, and neurons of it lie outside the basis that the search starts from."""
    X, Y = noisy_layers(40, 36, seed=3)
    rng = np.random.default_rng(0)
    X = np.hstack([X, X @ rng.standard_normal((40, extra))])
    compressed = spanmatch.compress(X, Y)
    assert compressed.ranks[0] == 40
    for epsilon in (0.4, 0.6):
        cover = compressed.geometry.at(epsilon)
        found = compressed.min_matches(epsilon)
        assert found.complete
        assert set(found.matches) == set(compressed.max_match(epsilon))
        assert all(minimal_by_definition(cover, found.matches[v], v) for v in (*found.matches,)[::3])
        for v in (*found.matches,)[::7]:
            match = compressed.min_match(epsilon, v)
            assert match is not None
            assert minimal_by_definition(cover, match, v)


def test_fewer_calls_than_deletion() -> None:
    """A small minimal match among many neurons, and one that is nearly everything."""
    local = Counted(TableCover.of(x=[[{i}] for i in range(60)], y=[[{j}] for j in range(60)]))
    assert minimal.min_match(Search(local), Neuron("x", 30)) == Match([30], [30])
    assert local.asked < 40
    chain = Counted(TableCover.of(x=[[{i}] for i in range(60)], y=[[{(j + 1) % 60}] for j in range(60)]))
    assert minimal.min_match(Search(chain), Neuron("x", 30)) == Match(range(60), range(60))
    assert chain.asked < 60 * 120


def test_ends_as_soon_as_a_needed_neuron_falls() -> None:
    chain = Counted(TableCover.of(x=[[{i}] for i in range(30)], y=[[{j + 1}] for j in range(29)] + [[frozenset()]]))
    known = CoverMatch(chain, chain.everything)
    first, last = known.mask([Neuron("y", 29)]), known.mask([Neuron("x", 28)])
    assert known.peel(first, known.mask([Neuron("x", 29)])) is None
    assert chain.asked == 1
    assert known.peel(first, last) is None
    assert chain.asked > 3
    left = known.peel(known.mask([Neuron("x", 0)]), last)
    assert left is not None
    assert known.chosen(left) == Match([0], [])


def test_independent_match_peels_as_the_cover_does() -> None:
    search = search_of(planted_digraph(integer=True))
    known = search.whole
    assert isinstance(known, IndependentMatch)
    plain = CoverMatch(search.cover, known.match)
    rng = np.random.default_rng(1)
    nothing = np.zeros(len(known.members), dtype=bool)
    for _ in range(100):
        gone = rng.random(len(known.members)) < 0.2
        assert np.array_equal(known.peel(gone, nothing), plain.peel(gone, nothing))  # type: ignore[arg-type]


@pytest.mark.parametrize("columns_up_to", [0.0, math.inf])
@pytest.mark.parametrize("shares", [(0.8,), (0.8, 0.3, 0.8, 0.3)])
def test_predictors_of_what_is_left_are_those_of_a_new_factorisation(
    shares: tuple[float, ...], columns_up_to: float
) -> None:
    rng = np.random.default_rng(2)
    own, other = (Z / np.linalg.norm(Z, axis=0) for Z in (rng.standard_normal((60, 40)), rng.standard_normal((60, 20))))
    predictor = Predictor.of(own, other, columns_up_to)
    for share in shares:
        keep, others = rng.random(own.shape[1]) < share, rng.random(other.shape[1]) < 0.9
        assert not keep.all()
        left = predictor.squares_without(~keep, others)
        smaller = predictor.without(keep, others)
        assert smaller is not None
        own, other, predictor = own[:, keep], other[:, others], smaller
        anew = Predictor.of(own, other)
        for found in (predictor.squares, left):
            np.testing.assert_allclose(found, anew.squares, atol=1e-12)
        np.testing.assert_allclose(predictor.dual.own, anew.dual.own, atol=1e-11)
        np.testing.assert_allclose(predictor.dual.other, anew.dual.other, atol=1e-11)
        each = [Predictor.of(np.delete(own, k, axis=1), other).squares for k in range(own.shape[1])]
        np.testing.assert_allclose(predictor.squares_without_each, each, atol=1e-11)


def test_a_tie_among_what_is_left_is_noted() -> None:
    """Against both of Y nothing is near the level; against y0 alone x0 has residual 3/5."""
    X, Y = np.array([[4, 0], [0, 0], [3, 1]]), np.array([[1, 0], [0, 0], [0, 1]])
    assert isinstance(SpansSearch(*_parts(spanmatch.compress(X, Y)), 0.6).whole, IndependentMatch)
    assert spanmatch.min_matches(X, Y, 0.6).undecided
    assert not spanmatch.min_matches(X, Y, 0.5).undecided


def _parts(compressed: spanmatch.Compressed) -> tuple[Any, ...]:
    return compressed.geometry, compressed.x, compressed.y


def test_the_maximum_match_is_peeled_only_where_the_radii_do_not_decide_it(monkeypatch: pytest.MonkeyPatch) -> None:
    peeled = []
    monkeypatch.setattr(minimal, "batch_peel", lambda cover: peeled.append(cover.level) or batch_peel(cover))
    compressed = spanmatch.compress(np.array([[4, 0], [0, 0], [3, 1]]), np.array([[1, 0], [0, 0], [0, 1]]))
    radius = float(max(*compressed.match_radii().x, *compressed.match_radii().y))
    for epsilon in (0.7, 0.5):
        assert compressed.min_matches(epsilon).complete
    assert peeled == []
    for epsilon in (0.0, radius):
        compressed.min_matches(epsilon)
    assert peeled == [0.0, radius]


def test_badly_conditioned_sides_are_asked_through_the_geometry() -> None:
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((100, 6))
    X = np.hstack([Z, Z[:, :1] + 1e-7 * rng.standard_normal((100, 1))])
    Y = X @ rng.standard_normal((7, 7))
    compressed = spanmatch.compress(X, Y, rank_tol=1e-9)
    search = SpansSearch(compressed.geometry, compressed.x, compressed.y, 0.3)
    assert isinstance(search.whole, CoverMatch)
    cover = compressed.geometry.at(0.3)
    for v in compressed.max_match(0.3):
        assert compressed.min_match(0.3, v) == reference.min_match(cover, v, max_match=batch_peel)


def test_outside_the_maximum_match_there_is_none() -> None:
    planted = planted_blocks(blocks=((2, 2, 2),), private=(1, 1))
    X, Y = planted.matrices
    assert spanmatch.min_match(X, Y, 0.0, ("x", 2)) is None
    assert Neuron("x", 2) not in spanmatch.min_matches(X, Y, 0.0).matches
    assert exact.min_match([[1], [0]], [[0], [1]], 0, ("x", 0)) is None


@pytest.mark.parametrize("policy", ["match", "unmatched", "drop"])
def test_dead_neurons(policy: str) -> None:
    e = np.eye(6)
    X, Y = np.hstack([e[:, :2], np.zeros((6, 1))]), np.hstack([np.zeros((6, 1)), e[:, :2]])
    found = spanmatch.min_matches(X, Y, 0.2, dead_neurons=policy)  # type: ignore[arg-type]
    simple = spanmatch.simple_matches(X, Y, 0.2, dead_neurons=policy)  # type: ignore[arg-type]
    pairs = {Match([0], [1]), Match([1], [2])}
    dead = {Match([2], []), Match([], [0])} if policy == "match" else set()
    assert set(found.matches.values()) == set(simple) == pairs | dead
    assert found.complete
    assert simple.complete
    one = spanmatch.min_match(X, Y, 0.2, ("x", 2), dead_neurons=policy)  # type: ignore[arg-type]
    assert one == (Match([2], []) if dead else None)
    if policy != "drop":
        also = exact.simple_matches(X, Y, 0, dead_neurons=policy)  # type: ignore[arg-type]
        assert (set(also), also.complete) == (pairs | dead, True)


def test_example_of_t8_gives_both() -> None:
    X, Y = np.ones((3, 1)), np.ones((3, 2))
    both = (Match([0], [0]), Match([0], [1]))
    for simple in (spanmatch.simple_matches(X, Y, 0.1), exact.simple_matches(X, Y, 0)):
        assert simple.matches == both
        assert simple.complete
        assert simple.evictions["x", 0] == (Match([0], []), Match([], [0, 1]))  # type: ignore[index]
    orders = [[("y", 0), ("y", 1)], [("y", 1), ("y", 0)]]
    assert {spanmatch.min_match(X, Y, 0.1, ("x", 0), order=order) for order in orders} == set(both)  # type: ignore[arg-type]
    assert {exact.min_match(X, Y, 0, ("x", 0), order=order) for order in orders} == set(both)  # type: ignore[arg-type]


class TestPartial:
    X, Y = noisy_layers(30, 30)

    def test_interrupt_returns_what_is_done(self) -> None:
        def interrupt(done: int, total: int) -> None:
            assert 0 < done <= total
            raise KeyboardInterrupt

        for minimal_matches in (spanmatch.min_matches, exact.min_matches):
            X, Y = (np.round(4 * Z[:20, :6]) for Z in (self.X, self.Y))
            found = minimal_matches(X, Y, 0.8, progress=interrupt)  # type: ignore[operator]
            assert not found.complete
            assert 0 < len(found.matches) < len(spanmatch.max_match(X, Y, 0.8))

    def test_interrupted_enumeration(self) -> None:
        def interrupt(settled: int, total: int) -> None:
            if settled:
                raise KeyboardInterrupt

        simple = spanmatch.simple_matches(self.X, self.Y, 0.6, progress=interrupt)
        assert not simple.complete

    def test_timeout(self) -> None:
        found = spanmatch.min_matches(self.X, self.Y, 0.6, timeout=1e-9)
        assert not found.complete
        assert not spanmatch.simple_matches(self.X, self.Y, 0.6, timeout=1e-9).complete
        assert not exact.simple_matches(np.ones((3, 2)), np.ones((3, 2)), 0.6, timeout=1e-9).complete

    def test_limit(self) -> None:
        X = Y = np.ones((3, 3))
        full = spanmatch.simple_matches(X, Y, 0.1)
        assert (len(full), full.complete) == (9, True)
        for count in (1, 4, 8):
            part = spanmatch.simple_matches(X, Y, 0.1, limit=count)
            assert (len(part), part.complete) == (count, False)
            assert set(part) <= set(full)
        for count in (9, 10):
            assert spanmatch.simple_matches(X, Y, 0.1, limit=count).complete
            assert exact.simple_matches(X, Y, 0, limit=count) == full

    @pytest.mark.parametrize("bad", [0, -1, True, "3", float("nan")])
    def test_bad_limits_and_timeouts(self, bad: object) -> None:
        X = np.ones((3, 1))
        with pytest.raises(InvalidOption, match="timeout: got"):
            spanmatch.min_matches(X, X, 0.1, timeout=bad)  # type: ignore[arg-type]
        with pytest.raises(InvalidOption, match="timeout: got"):
            exact.simple_matches(X, X, 0, timeout=bad)  # type: ignore[arg-type]
        with pytest.raises(InvalidOption, match="limit: got"):
            spanmatch.simple_matches(X, X, 0.1, limit=bad)  # type: ignore[arg-type]

    def test_bad_order(self) -> None:
        with pytest.raises(InvalidNeuron, match="order"):
            spanmatch.min_match(np.ones((3, 1)), np.ones((3, 1)), 0.1, ("x", 0), order=[("z", 0)])  # type: ignore[list-item]


class TestMissingExtra:
    def test_only_where_it_is_needed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pysat.solvers", None)
        planted = planted_digraph()
        assert spanmatch.simple_matches(*planted.matrices, 0.0).matches == planted.simple_matches(0.0)
        assert len(spanmatch.min_matches(np.ones((3, 1)), np.ones((3, 2)), 0.1)) == 3
        with pytest.raises(MissingExtra, match=r"spanmatch\[simple\]"):
            spanmatch.simple_matches(np.ones((3, 1)), np.ones((3, 2)), 0.1)

    def test_inclusion_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "networkx", None)
        with pytest.raises(MissingExtra, match=r"spanmatch\[simple\]"):
            structure.inclusion_order([])


class TestStructure:
    planted = planted_digraph()
    simple = planted.simple_matches(0.0)
    assert simple is not None

    def test_decomposition_has_the_match_as_its_union(self) -> None:
        maximum = self.planted.max_match(0.0)
        assert maximum is not None
        assert structure.decompose(maximum, self.simple) == (self.simple[-1],)
        assert structure.decompose(Match(), self.simple) == ()
        assert structure.decompose(self.simple[1] | self.simple[2], self.simple) == self.simple[1:3]
        with pytest.raises(InvalidOption, match="leave"):
            structure.decompose(maximum, self.simple[:2])

    def test_inclusion_order(self) -> None:
        """Components 1, 2, 2, 1 in a diamond: the first reaches all, the last is in all."""
        order = structure.inclusion_order(self.simple)
        small, left, right, whole = self.simple
        assert set(order.edges) == {(whole, left), (whole, right), (left, small), (right, small)}
        assert order.nodes[left]["size"] == (len(left.x), len(left.y)) == (3, 3)

    def test_overlaps(self) -> None:
        shared = structure.overlaps(self.simple)
        assert shared.tolist() == [[len(a & b) for b in self.simple] for a in self.simple]
        assert structure.overlaps([]).shape == (0, 0)

    def test_locality(self) -> None:
        e = np.eye(8)
        X = np.hstack([e[:, :2], e[:, 2:4], np.zeros((8, 1))])
        Y = np.hstack([e[:, :2], e[:, 2:4] @ np.array([[1.0, 1.0], [1.0, -1.0]])])
        found = structure.locality(spanmatch.min_matches(X, Y, 0.2).matches)
        assert (found.neurons, found.alone, found.one_to_one, found.different) == (8, 1, 4, 3)
        assert (found.median_size, found.largest_size, found.local_share) == (3.0, 4, 0.5)
        assert found.sizes == {(1, 1): 4, (2, 2): 4}
        assert found.to_dict()["sizes"] == [{"x": 1, "y": 1, "neurons": 4}, {"x": 2, "y": 2, "neurons": 4}]
        empty = structure.locality({})
        assert (empty.neurons, empty.median_size, empty.local_share) == (0, 0.0, 0.0)

    def test_sampled_sizes_of_blocks_are_exact_and_the_jackknife_is_that(self) -> None:
        planted = planted_blocks(blocks=[(1, 1, 1), (2, 2, 2), (2, 2, 2), (3, 3, 3)], private=(1, 1))
        found = compress(planted.X, planted.Y).sampled_matches(0.0, orders=2, seed=3)
        assert found.matches == planted.simple_matches(0.0)
        assert (found.sizes, found.complete) == ({2: 1, 4: 2, 6: 1}, True)
        assert found.share(4, 5) == (0.5, 0.0)
        a, b, c = Match([0], [0]), Match([1], [1]), Match([0, 1], [0, 1])
        made = structure.SampledMatches((frozenset([a, c]), frozenset([b, c])), complete=True)
        # All three: 2 of 3 are small; without either order 1 of 2.
        assert made.share(1, 2) == (2 / 3, 0.0)
        made = structure.SampledMatches((frozenset([a, b]), frozenset([c])), complete=True)
        assert made.share(1, 2) == (2 / 3, pytest.approx(math.sqrt(1 / 2 * 2 * 0.25)))
        assert structure.SampledMatches((frozenset([a]),), complete=True).share(1, 2) == (1.0, 1.0)
        assert structure.SampledMatches((), complete=True).share(1, 2) == (0.0, 0.0)
        stopped = compress(planted.X, planted.Y).sampled_matches(0.0, timeout=1e-9)
        assert (stopped.complete, stopped.matches) == (False, ())

    def test_orders_of_one_seed_can_be_shared_out(self) -> None:
        copies = np.random.default_rng(0).standard_normal((20, 2))[:, [0, 0, 0, 1, 1]]
        sample = compress(copies, copies).sampled_matches
        whole = sample(1e-6, orders=4, seed=4)
        assert sample(1e-6, orders=1, seed=4) | sample(1e-6, orders=3, first=1, seed=4) == whole
        assert sample(1e-6, orders=1, seed=4) | sample(1e-6, orders=3, seed=4) != whole

    def test_results_say_what_they_are(self) -> None:
        X = np.ones((3, 2))
        assert repr(spanmatch.simple_matches(X, X, 0.1)) == "SimpleMatches(4 in all by T15, 2 to 2 neurons)"
        assert repr(spanmatch.simple_matches(X, X, 0.1, limit=2)) == (
            "SimpleMatches(2 found, maybe more, 2 to 2 neurons)"
        )
        assert repr(spanmatch.min_matches(X, X, 0.1)).startswith("MinMatches(4 neurons, ")
        nothing = spanmatch.MinMatches({}, complete=False)
        assert repr(nothing) == "MinMatches(0 neurons, 0 different matches, incomplete)"


pytestmark = pytest.mark.filterwarnings(f"ignore::{SpanmatchWarning.__module__}.{SpanmatchWarning.__name__}")


@settings(max_examples=60)
@given(table_covers(max_neurons=6))
def test_the_minimum_matches_are_those_of_the_definition(cover: TableCover) -> None:
    """T20: neurons with two partners are left out, all others have theirs."""
    by_definition = brute_force(cover).minimal
    only = {v: matches[0] for v, matches in by_definition.items() if len(matches) == 1}
    assert minimal.minimum_matches(cover) == only
