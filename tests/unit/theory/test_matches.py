"""Neurons and matches: order, lattice operations, equality with plain tuples, printing."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from spanmatch import InvalidNeuron, Match, Neuron
from spanmatch.theory.matches import other_side, sort_key


def test_neurons_are_tuples() -> None:
    assert Neuron("x", 3) == ("x", 3)
    assert hash(Neuron("x", 3)) == hash(("x", 3))
    assert repr(Neuron("y", 0)) == "Neuron(side='y', index=0)"
    assert sorted([Neuron("y", 0), Neuron("x", 10), Neuron("x", 2)]) == [("x", 2), ("x", 10), ("y", 0)]
    assert (other_side("x"), other_side("y")) == ("y", "x")


def test_any_iterable_of_integers_makes_a_match() -> None:
    expected = Match([0, 2], [1])
    assert Match({2, 0}, (1,)) == expected
    assert Match(iter([2, 0, 2]), np.array([1], dtype=np.uint8)) == expected
    assert Match.of([("y", 1), Neuron("x", 0), ("x", 2)]) == expected
    assert (expected.x, expected.y) == (frozenset({0, 2}), frozenset({1}))
    assert all(type(index) is int for index in Match(np.arange(3), np.arange(3)).x)
    assert Match() == Match((), ()) == Match.of([])
    assert Match.everything(2, 1) == Match([0, 1], [0])


@pytest.mark.parametrize("indices", [[1.0], ["1"], [None], [True], [np.True_], "12", 3])
def test_what_is_no_integer_is_refused(indices: object) -> None:
    with pytest.raises(InvalidNeuron, match=r"^x: got .*, need column indices"):
        Match(indices, ())  # type: ignore[arg-type]
    with pytest.raises(InvalidNeuron, match=r"^y: got .*, need column indices"):
        Match((), indices)  # type: ignore[arg-type]


def test_the_order_is_componentwise() -> None:
    small, large, other = Match([0], [1]), Match([0, 2], [1]), Match([0], [2])
    assert small <= small
    assert small <= large
    assert small < large
    assert large > small
    assert large >= small
    assert not small < small
    assert not small > small
    assert not small <= other
    assert not other <= small
    # Larger on one side and smaller on the other: not comparable.
    assert not Match([0], [1, 2]) <= large
    assert not large <= Match([0], [1, 2])


def test_union_intersection_difference() -> None:
    a, b = Match([0, 1], [2]), Match([1, 3], [2, 4])
    assert a | b == Match([0, 1, 3], [2, 4])
    assert a & b == Match([1], [2])
    assert a - b == Match([0], [])
    assert a.without(("y", 2)) == Match([0, 1], [])
    assert a.without(("y", 5)) == a
    assert a == Match([0, 1], [2])


def test_members() -> None:
    match = Match([10, 2], [1])
    assert ("x", 10) in match
    assert Neuron("y", 1) in match
    assert ("y", 10) not in match
    assert ("z", 1) not in match
    assert 10 not in match
    assert (len(match), bool(match), bool(Match()), bool(Match((), [0]))) == (3, True, False, True)
    assert list(match) == list(match.neurons) == [("x", 2), ("x", 10), ("y", 1)]
    assert (match.side("x"), match.side("y")) == (frozenset({2, 10}), frozenset({1}))


def test_values() -> None:
    match = Match([10, 2], [1])
    assert repr(match) == "Match(x={2, 10}, y={1})"
    assert repr(Match()) == "Match(x={}, y={})"
    assert eval(repr(Match([3], [0, 1]))) == Match([3], [0, 1])
    assert hash(match) == hash(Match([2, 10], [1]))
    assert len({match, Match([2, 10], [1]), Match([2], [1])}) == 2
    assert match != ({2, 10}, {1})
    assert json.dumps(match.to_dict()) == '{"x": [2, 10], "y": [1]}'
    assert pickle.loads(pickle.dumps(match)) == match
    with pytest.raises(AttributeError):
        match.x = frozenset()  # type: ignore[misc]


def test_lists_are_sorted_by_size_then_members() -> None:
    listed = [Match([0, 1], [0]), Match([], [5]), Match([1], []), Match([0], [])]
    assert sorted(listed, key=sort_key) == [Match([], [5]), Match([0], []), Match([1], []), Match([0, 1], [0])]
