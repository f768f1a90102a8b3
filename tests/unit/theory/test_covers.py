"""Covers and brute force, on examples worked out by hand."""

from __future__ import annotations

import pytest

from spanmatch.theory import Cover, Match, Neuron, TableCover, brute_force
from spanmatch.theory.brute_force import LARGEST, is_simple, minimal_among
from spanmatch.theory.errors import InvalidActivations, InvalidNeuron

T8 = TableCover.of(x=[[{0}, {1}]], y=[[{0}], [{0}]])


def test_a_table_covers_what_contains_one_of_its_sets() -> None:
    cover = TableCover.of(x=[[{0, 1}, {2}], [], [set()]], y=[[{0}]] * 3)
    assert (cover.m, cover.n) == (3, 3)
    asked = [(), (0,), (0, 1), (2,), (0, 1, 2)]
    assert [cover.covers(Neuron("x", 0), frozenset(T)) for T in asked] == [False, False, True, True, True]
    assert [cover.covers(Neuron("x", 1), frozenset(T)) for T in asked] == [False] * 5
    assert [cover.covers(Neuron("x", 2), frozenset(T)) for T in asked] == [True] * 5
    assert cover.uncovered("x", [0, 1, 2], frozenset({2})) == {1}
    assert cover.everything == Match([0, 1, 2], [0, 1, 2])
    assert cover.violators(Match([0, 1], [0])) == Match([0, 1], [])


def test_only_violated_members_count() -> None:
    assert T8.is_match(Match())
    assert T8.is_match(Match([0], [1]))
    assert not T8.is_match(Match([0], []))
    assert not T8.is_match(Match([], [0]))


@pytest.mark.parametrize(("x", "y"), [([[{1}]], [[{0}]]), ([[{0}]], [[{-1}]]), ([[{0}]], [[{0, 3}]])])
def test_tables_name_existing_neurons(x: list[list[set[int]]], y: list[list[set[int]]]) -> None:
    with pytest.raises(InvalidNeuron, match=r"has an index outside 0\.\.0, the neurons of the other side"):
        TableCover.of(x, y)


def test_t8_by_brute_force() -> None:
    """Two minimal matches of x, one of each y; the union of both is no simple match (D5)."""
    truth = brute_force(T8)
    one, two, both = Match([0], [0]), Match([0], [1]), Match([0], [0, 1])
    assert truth.matches == (Match(), one, two, both)
    assert truth.maximum == both
    assert truth.simple == (one, two)
    assert truth.minimal == {Neuron("x", 0): (one, two), Neuron("y", 0): (one,), Neuron("y", 1): (two,)}
    assert is_simple(one, truth.matches)
    assert not is_simple(both, truth.matches)
    assert not is_simple(Match(), truth.matches)
    assert minimal_among(Neuron("x", 0), truth.matches) == (one, two)


def test_a_simple_match_that_contains_another() -> None:
    """x1 needs y0 and y1, which need x0 and x1: {x0, y0} is simple and lies in the simple match of x1."""
    truth = brute_force(TableCover.of(x=[[{0}], [{0, 1}]], y=[[{0}], [{1}]]))
    everything = Match([0, 1], [0, 1])
    assert truth.matches == (Match(), Match([0], [0]), everything)
    assert truth.simple == (Match([0], [0]), everything)
    assert truth.minimal[Neuron("x", 1)] == (everything,)


def test_nothing_and_always_covered() -> None:
    assert brute_force(TableCover.of(x=[[]], y=[[]])).simple == ()
    dead = brute_force(TableCover.of(x=[[set()]], y=[[]]))
    assert (dead.maximum, dead.simple) == (Match([0], []), (Match([0], []),))


def test_too_many_neurons_are_refused() -> None:
    assert brute_force(TableCover.of(x=[[]] * 6, y=[[]] * 2)).maximum == Match()
    with pytest.raises(InvalidActivations, match=r"at most 16 neurons, got 9 \+ 8; use a smaller sample"):
        brute_force(TableCover.of(x=[[]] * 9, y=[[]] * 8))
    assert LARGEST == 16


def test_a_relation_that_is_not_monotone_is_seen() -> None:
    class ExactlyOne(Cover):
        """Covered by one neuron, not by two: two matches whose union is none."""

        m = n = 2

        def covers(self, neuron: Neuron, others: frozenset[int]) -> bool:
            return others == {neuron.index}

    with pytest.raises(ValueError, match="not monotone"):
        brute_force(ExactlyOne())
