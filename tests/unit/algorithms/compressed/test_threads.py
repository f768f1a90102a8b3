"""Small problems take one thread, large ones all, and whatever happens the threads come back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

import spanmatch
from spanmatch.algorithms.compressed import problem
from spanmatch.algorithms.compressed.threads import SMALL, threads_for

LIBRARIES = ThreadpoolController().select(user_api="blas")


def threads() -> set[int]:
    return {library.num_threads for library in LIBRARIES.lib_controllers}


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    with LIBRARIES.limit(limits=2):
        yield
        assert threads() == {2}


def test_small_and_large() -> None:
    with threads_for(SMALL):
        assert threads() == {1}
    with threads_for(2 * SMALL):
        assert threads() == {2}
    with threads_for(1), threads_for(2 * SMALL), threads_for(1):
        assert threads() == {1}


def test_an_error_gives_them_back() -> None:
    with pytest.raises(spanmatch.InvalidActivations):
        spanmatch.compress(np.full((9, 2), np.nan), np.ones((9, 2)))


def test_two_at_a_time_give_them_back() -> None:
    """The first one to begin ends first: had the second its own limit, it would leave one thread."""
    begun, ended = threading.Event(), threading.Event()

    def second() -> None:
        with threads_for(1):
            begun.set()
            ended.wait(10)

    with threads_for(1):
        other = threading.Thread(target=second)
        other.start()
        begun.wait(10)
    ended.set()
    other.join()
    with threads_for(1):
        assert threads() == {1}


@pytest.mark.parametrize("neurons", [5, 420])
def test_a_peel(neurons: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    peel = problem.tableau_radii
    monkeypatch.setattr(problem, "tableau_radii", lambda *sides: seen.append(threads()) or peel(*sides))
    X, Y = np.random.default_rng(0).standard_normal((2, 3 * neurons, neurons))
    spanmatch.compress(X, Y, method="gram").match_radii()
    assert seen == [{1} if neurons == 5 else {2}]
