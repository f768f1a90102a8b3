"""Abstract covers: each monotone relation once, none that is not monotone."""

from __future__ import annotations

from itertools import combinations

import pytest

from spanmatch.synthetic import all_covers, antichains, random_cover
from spanmatch.theory import Neuron, TableCover, brute_force
from spanmatch.theory.errors import InvalidOption


def truth_table(cover: TableCover) -> tuple[bool, ...]:
    """c(v, T) for every neuron and every set of the other side."""
    return tuple(
        cover.covers(Neuron(side, index), frozenset(members))
        for side, size, others in (("x", cover.m, cover.n), ("y", cover.n, cover.m))
        for index in range(size)
        for count in range(others + 1)
        for members in combinations(range(others), count)
    )


@pytest.mark.parametrize(("points", "count"), [(0, 2), (1, 3), (2, 6), (3, 20), (4, 168)])
def test_as_many_antichains_as_monotone_functions(points: int, count: int) -> None:
    listed = antichains(points)
    assert len(listed) == count
    assert len({frozenset(chain) for chain in listed}) == count
    assert not any(a < b for chain in listed for a in chain for b in chain)


def test_all_covers_are_all_different() -> None:
    assert len({truth_table(cover) for cover in all_covers(2, 2)}) == 1296
    assert sum(1 for _ in all_covers(3, 2)) == 86_400


def test_random_covers_are_reproducible_and_varied() -> None:
    for m, n in ((1, 1), (3, 4), (2, 6), (5, 3)):
        drawn = [random_cover(m, n, seed=seed) for seed in range(30)]
        assert drawn == [random_cover(m, n, seed=seed) for seed in range(30)]
        assert len({truth_table(cover) for cover in drawn}) > 5
        assert all((cover.m, cover.n) == (m, n) for cover in drawn)
    sizes = {len(brute_force(random_cover(3, 3, seed=seed)).maximum) for seed in range(40)}
    assert len(sizes) >= 4


def test_random_covers_reach_every_small_cover() -> None:
    drawn = {truth_table(random_cover(1, 2, seed=seed)) for seed in range(600)}
    assert drawn == {truth_table(cover) for cover in all_covers(1, 2)}


@pytest.mark.parametrize(
    "make", [lambda: antichains(5), lambda: random_cover(0, 1, seed=0), lambda: list(all_covers(1, 0))]
)
def test_bad_sizes_are_refused(make: object) -> None:
    with pytest.raises(InvalidOption):
        make()  # type: ignore[operator]
