"""The knobs: what they change, what they carry along, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from spanmatch.synthetic import modify, planted_blocks, planted_digraph, planted_radii, planted_staircase
from spanmatch.theory import Match
from spanmatch.theory.errors import InvalidOption


def test_nothing_asked_nothing_changed() -> None:
    planted = planted_radii(seed=1)
    same = modify(planted)
    assert np.array_equal(same.X, planted.X)
    assert same.maximum == planted.maximum
    assert same.X is not planted.X


def test_the_given_set_is_left_alone() -> None:
    planted = planted_blocks(seed=1)
    before = planted.X.copy(), planted.maximum, dict(planted.parameters)
    modify(planted, scales=3, dead=(1, 1), duplicates=(2, 2), noise=0.1, permute=True, dtype="float32")
    assert np.array_equal(before[0], planted.X)
    assert (planted.maximum, planted.parameters) == before[1:]


def test_dead_neurons_are_in_every_maximum_match_and_simple_alone() -> None:
    planted = planted_blocks(blocks=((1, 1, 1),), private=(1, 1), inputs=9)
    changed = modify(planted, dead=(1, 2))
    assert changed.dead == Match([2], [2, 3])
    assert changed.max_match(0) == Match([0, 2], [0, 2, 3])
    assert changed.simple_matches(0) == (Match((), [2]), Match((), [3]), Match([2], ()), Match([0], [0]))
    radii = modify(planted_staircase(length=4), dead=(1, 0)).radii
    assert radii is not None
    assert radii[0][-1] == 0


def test_copies_share_radius_and_stand_for_each_other() -> None:
    planted = planted_digraph(components=(1, 1), edges=((0, 1),), private=(0, 0), inputs=9)
    changed = modify(planted, duplicates=(1, 0), seed=3)
    original = next(i for i in range(2) if np.array_equal(changed.X[:, i], changed.X[:, 2]))
    listed = changed.simple_matches(0)
    assert listed is not None
    assert len(listed) == (3 if original == 0 else 4)
    assert not any({original, 2} <= match.x for match in listed)
    assert changed.max_match(0) == Match([0, 1, 2], [0, 1])


def test_too_many_copies_and_the_simple_matches_are_unknown() -> None:
    planted = planted_blocks(blocks=((4, 4, 4),), private=(0, 0), inputs=20)
    assert modify(planted, duplicates=(12, 12)).simple_matches(0) is None


def test_scales_lose_no_bit() -> None:
    planted = planted_blocks(seed=2)
    changed = modify(planted, scales=12, seed=9)
    ratios = changed.X / planted.X
    assert np.ptp(np.log10(np.abs(ratios[0]))) > 3
    assert np.array_equal(np.ptp(ratios, axis=0), np.zeros(11))
    assert np.array_equal(np.frexp(np.abs(ratios))[0], np.full(ratios.shape, 0.5))


def test_noise_keeps_only_what_is_proved() -> None:
    planted = planted_blocks(condition=2.0, seed=2)
    changed = modify(planted, noise=0.01, seed=1)
    assert changed.max_match(0) is None
    assert changed.max_match(0.5) == planted.max_match(0.5)
    assert changed.simple_matches(0) is changed.radii is None
    assert not changed.exact
    moved = np.linalg.norm(changed.X - planted.X, axis=0) / np.linalg.norm(planted.X, axis=0)
    assert np.allclose(moved, 0.01)
    assert modify(planted, noise=0.9).maximum == ()


def test_rounding_that_loses_nothing_keeps_every_answer() -> None:
    planted = planted_digraph(integer=True, inputs=40)
    for dtype in ("float16", "float32", "float64"):
        changed = modify(planted, dtype=dtype)
        assert changed.exact
        assert changed.simple == planted.simple
        assert changed.X.dtype == dtype
    lossy = modify(planted_digraph(inputs=40), dtype="float32")
    assert lossy.simple_matches(0) is lossy.max_match(0) is None
    assert lossy.max_match(1e-3) == Match.everything(6, 6)
    radii = modify(planted_radii(blocks=((0.0, 1, 1, 1), (0.5, 1, 1, 1))), dtype="float32")
    assert radii.max_match(0) is None
    assert radii.max_match(1e-3) == Match([0], [0])


def test_permuting_permutes_the_answer() -> None:
    planted = planted_radii(seed=4)
    changed = modify(planted, permute=True, seed=5)
    assert planted.radii is not None
    assert changed.radii is not None
    for before, after, old, new in zip(planted.matrices, changed.matrices, planted.radii, changed.radii, strict=True):
        # A column keeps its set of values, whatever the order of the inputs.
        place = {np.sort(column).tobytes(): k for k, column in enumerate(after.T)}
        order = [place[np.sort(column).tobytes()] for column in before.T]
        assert order != sorted(order)
        assert np.array_equal(old, new[order])
    assert changed.max_match(0.3) == Match(*(np.flatnonzero(side < 0.3) for side in changed.radii))


def test_modifications_follow_one_another() -> None:
    twice = modify(modify(planted_blocks(), dead=(1, 0)), duplicates=(0, 3), seed=2)
    assert [knobs["dead"] for knobs in twice.parameters["modifications"]] == [[1, 0], [0, 0]]
    assert (twice.X.shape[1], twice.Y.shape[1]) == (12, 14)


BAD = {
    "scales": {"scales": -1},
    "scales ": {"scales": 400},
    "dead": {"dead": (-1, 0)},
    "duplicates": {"duplicates": (0, -1)},
    "noise": {"noise": 1.0},
    "dtype": {"dtype": "int8"},
    "dtype ": {"dtype": "float16", "scales": 12},
}


@pytest.mark.parametrize("name", BAD)
def test_bad_knobs_are_named(name: str) -> None:
    with pytest.raises(InvalidOption, match=f"^{name.strip()}:"):
        modify(planted_blocks(), **BAD[name])
