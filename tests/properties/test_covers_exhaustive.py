"""Abstract covers against brute force: all of 2+2, and for what is dearest to be right one of 3+2 from each class of
those that differ in the numbers of their neurons only; one test for each check, and one for the programs extracted from
the formal proofs. ``spanmatch verify`` visits all of 3+2 for maximum matches, and for everything with ``--full``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from spanmatch.algorithms import reference
from spanmatch.algorithms.peeling import batch_peel
from spanmatch.proofs_check.checks import covers
from spanmatch.proofs_check.checks.covers import covers_of, truth_of
from spanmatch.proofs_check.formal import extracted
from spanmatch.proofs_check.harness.implementations import FAST
from spanmatch.proofs_check.harness.registry import CHECKS, Budget, run_check
from spanmatch.synthetic import antichains
from spanmatch.synthetic.strategies.covers import Antichain
from spanmatch.theory import TableCover

SMALL, LARGE, CLASSES = 1_296, 86_400, 8_355


@cache
def classes() -> tuple[TableCover, ...]:
    """One cover of 3+2 from each class, with numbers drawn at random.

    A cover is the numbers of its antichains, those of x before those of y, and so is whatever renumbering makes of it;
    the class is the smallest of them.
    """
    m, n = 3, 2
    of_x, of_y = antichains(n), antichains(m)
    sizes = [len(of_x)] * m + [len(of_y)] * n
    chosen = np.indices(sizes).reshape(len(sizes), -1)
    ways = [(p, q) for p in permutations(range(m)) for q in permutations(range(n))]
    images = []
    for p, q in ways:
        renumbered = [renumber(of_x, q)[chosen[k]] for k in p] + [renumber(of_y, p)[chosen[m + k]] for k in q]
        images.append(np.ravel_multi_index(renumbered, sizes))
    members = np.unique(np.min(images, axis=0))
    drawn = np.random.default_rng(0).integers(len(ways), size=len(members))
    found = np.unravel_index(np.array(images)[drawn, members], sizes)
    return tuple(
        TableCover(tuple(of_x[k] for k in choice[:m]), tuple(of_y[k] for k in choice[m:]))
        for choice in np.transpose(found).tolist()
    )


def renumber(chains: tuple[Antichain, ...], order: tuple[int, ...]) -> np.ndarray:
    """For each antichain the number of the one in which neuron ``order[k]`` is called k."""
    numbers = {frozenset(chain): number for number, chain in enumerate(chains)}
    return np.array([numbers[frozenset(frozenset(map(order.index, members)) for members in chain)] for chain in chains])


# On one worker, where brute force on each cover is done once for all checks.
pytestmark = pytest.mark.xdist_group("small covers")


@pytest.mark.parametrize("name", ["T3-maximum-on-covers", "T7-minimal-on-covers"])
def test_all_small_covers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``cases`` counts what was examined, so a check that skipped a size would be seen."""
    monkeypatch.setattr(covers, "covers_of", lambda size: classes() if size == "3+2" else covers_of(size))
    outcome = run_check(CHECKS[name], FAST, Budget(cases=20, exhaustive=("2+2", "3+2")))
    assert outcome.verdict == "passed", outcome.detail
    assert outcome.cases >= SMALL + CLASSES


@pytest.mark.parametrize("name", ["T2-union-of-matches", "T4-peeling-inside-any-pair", "T7-simple-on-covers"])
def test_all_covers_of_two_and_two(name: str) -> None:
    outcome = run_check(CHECKS[name], FAST, Budget(cases=20))
    assert outcome.verdict == "passed", outcome.detail
    assert outcome.cases >= SMALL


def test_the_sizes_are_complete() -> None:
    assert [len(set(covers_of(size))) for size in ("2+2", "3+2")] == [SMALL, LARGE]
    assert len(set(classes())) == len(classes()) == CLASSES
    assert len({other for cover in classes() for other in with_other_numbers(cover)}) == LARGE


def with_other_numbers(cover: TableCover) -> Iterator[tuple[frozenset[frozenset[int]], ...]]:
    """The sets that cover x_0, x_1, ..., y_0, y_1, ... in each way to number the neurons."""
    for p in permutations(range(cover.m)):
        for q in permutations(range(cover.n)):
            x = (frozenset(frozenset(q[k] for k in members) for members in cover.x[i]) for i in p)
            y = (frozenset(frozenset(p.index(k) for k in members) for members in cover.y[j]) for j in np.argsort(q))
            yield (*x, *y)


@pytest.mark.skipif(
    bool(extracted.missing_tools()), reason=f"not run: {', '.join(extracted.missing_tools())} not installed"
)
def test_extracted_programs_agree_on_every_cover(tmp_path: Path) -> None:
    """With brute force on all, and on 2+2 with the published algorithm, which removes neurons in the same order."""
    asked = [*covers_of("2+2"), *classes()]
    found = extracted.answers(extracted.build(tmp_path), asked)
    for cover, answer in zip(asked, found, strict=True):
        truth = truth_of(cover)
        assert answer.maximum == truth.maximum
        for v in cover.everything:
            assert answer.minimal[v] in truth.minimal.get(v, (None,)), f"{cover}: {v}"
            if len(cover.everything) == 4:
                assert answer.minimal[v] == reference.min_match(cover, v, max_match=batch_peel), f"{cover}: {v}"
