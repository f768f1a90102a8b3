"""The direct summands of a match at epsilon 0: which they are, what a projection on one may do, and that a search in
each finds what a search in all of the match finds."""

from __future__ import annotations

import numpy as np
import pytest

import spanmatch
from spanmatch import Match, Neuron
from spanmatch.algorithms.compressed.search.independent import IndependentMatch, SpansSearch
from spanmatch.algorithms.compressed.search.summands import direct_summands
from spanmatch.algorithms.minimal import Search
from spanmatch.algorithms.simple import simple_matches
from spanmatch.synthetic import planted_blocks
from spanmatch.theory import brute_force
from spanmatch.theory.tolerances import factor_accuracy

TAU, ACCURACY = 1e-13, factor_accuracy("qr", 100)


def search_in(X: np.ndarray, Y: np.ndarray, epsilon: float = 0.0) -> SpansSearch:
    compressed = spanmatch.compress(X, Y)
    return SpansSearch(compressed.geometry, compressed.x, compressed.y, epsilon)


def unit(Z: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = Z / np.linalg.norm(Z, axis=0)
    return scaled


def distance(vector: np.ndarray, others: np.ndarray) -> float:
    return float(np.linalg.norm(vector - others @ np.linalg.lstsq(others, vector, rcond=None)[0]))


def test_parts_are_those_that_were_planted_in_any_order() -> None:
    rng = np.random.default_rng(0)
    parts = np.array([0, 1, 1, 1, 2, 2])
    mixing = np.where(parts[:, None] == (of := np.repeat([0, 1, 2], [2, 5, 3])), rng.standard_normal((6, 10)), 0)
    basis = unit(rng.standard_normal((8, 6)))
    vectors, order = unit(basis @ mixing), rng.permutation(10)
    found = direct_summands(basis, vectors[:, order], TAU, ACCURACY)
    assert found.count == 3
    assert np.array_equal(found.labels[:, None] == found.labels, of[order][:, None] == of[order])
    assert direct_summands(basis, unit(basis @ rng.standard_normal((6, 4))), TAU, ACCURACY).count == 1
    assert direct_summands(basis, vectors[:, :0], TAU, ACCURACY).count == 0


def test_many_small_coefficients_that_add_up_are_no_direct_sum() -> None:
    basis, vectors = np.eye(40), np.eye(40)
    assert direct_summands(basis, vectors, TAU, ACCURACY).count == 40
    assert direct_summands(basis, vectors + 0.1 * TAU, TAU, ACCURACY).count == 40
    assert direct_summands(basis, vectors + 0.9 * TAU, TAU, ACCURACY).count == 1


def test_no_vector_comes_nearer_by_other_parts_than_it_is_said() -> None:
    """Two planes at a small angle: what a projection on one along the other may do is attained within a factor."""
    rng = np.random.default_rng(1)
    worst = 0.0
    for angle in (1.0, 0.1, 0.01):
        basis = np.eye(4)[:, [0, 1, 0, 1]] * np.cos(angle) * [1, 1, -1, -1]
        basis[2:] = np.eye(2)[:, [0, 1, 0, 1]] * np.sin(angle)
        vectors = unit(basis @ np.kron(np.eye(2), rng.standard_normal((2, 3))))
        found = direct_summands(basis, vectors, TAU, ACCURACY)
        assert found.labels.tolist() == [0, 0, 0, 1, 1, 1]
        for v in range(3):
            alone = vectors[:, [(v + 1) % 3]]
            ratio = distance(vectors[:, v], alone) / distance(vectors[:, v], np.hstack([alone, basis[:, 2:3]]))
            assert ratio <= found.oblique
            worst = max(worst, ratio / found.oblique)
    assert worst > 0.1


def test_a_search_in_parts_finds_what_one_in_the_whole_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = planted_blocks(
        inputs=40, blocks=((1, 2, 1), (2, 3, 2), (1, 1, 1), (2, 2, 2)), private=(1, 2), integer=True, seed=1
    )
    rng = np.random.default_rng(0)
    X, Y = (Z[:, rng.permutation(Z.shape[1])] for Z in planted.matrices)
    search = search_in(X, Y)
    assert sorted(len(part.maximum) for part in search.parts) == [2, 3, 4, 5]
    found = simple_matches(search)
    assert found.complete
    assert found.reasons == {"T10": 6, "T15": 6, "T20": 2}
    monkeypatch.setattr(SpansSearch, "parts", property(lambda whole: (whole,)))
    assert simple_matches(search_in(X, Y)) == found


def test_brute_force_agrees_on_two_parts() -> None:
    e = np.eye(6)
    X, Y = np.column_stack([e[0] + e[1], e[0], e[1], e[2]]), np.column_stack([e[1] - e[0], e[0] + 2 * e[1], -e[2]])
    search = search_in(X, Y)
    assert [part.maximum for part in search.parts] == [Match([0, 1, 2], [0, 1]), Match([3], [2])]
    assert simple_matches(search).matches == brute_force(search.cover).simple


def test_what_is_no_direct_sum_at_epsilon_0_has_one_part() -> None:
    """Independent sides, which T10 settles; dense ones; dead ones; and any epsilon above 0."""
    rng = np.random.default_rng(0)
    dense = rng.standard_normal((20, 3)) @ rng.standard_normal((3, 8))
    for X, Y, epsilon in (
        (*planted_blocks(inputs=40, blocks=((2, 2, 2), (1, 1, 1))).matrices, 0.0),
        (dense[:, :4], dense[:, 4:], 0.0),
        (np.zeros((5, 2)), np.zeros((5, 1)), 0.0),
        (*planted_blocks(inputs=40, blocks=((2, 3, 2), (1, 1, 2))).matrices, 0.1),
    ):
        search = search_in(X, Y, epsilon)
        assert search.parts == (search,)


@pytest.mark.parametrize("independent", [True, False])
def test_what_another_part_might_cover_is_left_undecided(independent: bool) -> None:
    """A neuron is 1e-12 off another's span: far above the rank tolerance, but no further than a projection may reach.
    The other part is dependent, so that there are two."""
    e = np.eye(9)

    def simple(tilt: float) -> spanmatch.SimpleMatches:
        tilted = e[0] + tilt * e[1]
        X = [e[0], e[1]] if independent else [e[0], tilted, e[1]]
        Y = [tilted if independent else e[0], e[1]]
        return spanmatch.simple_matches(np.array([*X, e[2] + e[3], e[2], e[3]]).T, np.array([*Y, e[2], e[3]]).T, 0.0)

    assert (simple(1e-12).undecided, simple(1e-12).complete) == (True, False)
    assert simple(1e-3).complete


@pytest.mark.parametrize("epsilon", [0.0, 0.3])
def test_few_bases_reach_every_neuron(epsilon: float) -> None:
    """A third of each side is outside any basis; copies need as many bases as there are."""
    rng = np.random.default_rng(0)
    planted = planted_blocks(blocks=((2, 3, 3),) * 8, private=(1, 1))
    copies = rng.standard_normal((30, 2))[:, [0, 0, 0, 1]]
    for (X, Y), count in ((planted.matrices, 2), ((copies, copies), 3)):
        search = search_in(X, Y, epsilon)
        starts = {id(known): known for known in map(search.start, search.maximum)}
        assert len(starts) == count
        for v in search.maximum:
            known = search.start(v)
            assert isinstance(known, IndependentMatch)
            assert v in known.match
            assert search.cover.is_match(known.match)


def test_a_cover_has_one_part() -> None:
    search = Search(search_in(np.eye(5, 2), np.eye(5, 2)).cover)
    assert search.parts == (search,)
    assert Neuron("x", 0) in search.maximum
