"""Small problems take one thread, large ones all, and whatever happens the threads come back."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

import spanmatch
from spanmatch.algorithms.compressed import problem
from spanmatch.algorithms.compressed.kernels.threads import SMALL, one_thread_each, side_by_side, threads_for

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
    """One thread for each call, and two at a time where there is enough to do."""
    seen = []
    peel = problem.tableau_radii
    monkeypatch.setattr(problem, "tableau_radii", lambda *sides: seen.append((threads(), at_once())) or peel(*sides))
    X, Y = np.random.default_rng(0).standard_normal((2, 3 * neurons, neurons))
    spanmatch.compress(X, Y, method="gram").match_radii()
    assert seen == [({1}, 1 if neurons == 5 else 2)]


def at_once() -> int:
    """How many tasks run at the same time: each waits for the others."""
    together = threading.Barrier(2)

    def task() -> bool:
        try:
            together.wait(1)
        except threading.BrokenBarrierError:
            return False
        return True

    return 2 if all(side_by_side(task, task)) else 1


def test_side_by_side() -> None:
    with one_thread_each(2 * SMALL):
        assert threads() == {1}
        assert at_once() == 2
        with one_thread_each(1), one_thread_each(2 * SMALL):
            assert threads() == {1}
            assert at_once() == 2
        assert side_by_side(*(lambda k=k: k for k in range(20))) == list(range(20))
    with one_thread_each(SMALL):
        assert at_once() == 1
    with threads_for(SMALL), one_thread_each(2 * SMALL):
        assert at_once() == 1
    assert at_once() == 1


def test_an_error_in_a_task() -> None:
    """It comes once no other task runs any more."""
    ended = threading.Event()

    def slow() -> None:
        ended.wait(0.2)
        ended.set()

    for tasks in ([slow, fail], [fail, slow], [fail, fail, slow]):
        ended.clear()
        with one_thread_each(2 * SMALL), pytest.raises(ZeroDivisionError):
            side_by_side(*tasks)
        assert threads() == {2}


def fail() -> None:
    raise ZeroDivisionError


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_after_a_fork() -> None:
    """A process inherits no threads, and starts its own."""
    with one_thread_each(2 * SMALL):
        assert at_once() == 2
    child = multiprocessing.get_context("fork").Process(target=in_a_fork)
    child.start()
    child.join(30)
    assert child.exitcode == 0


def in_a_fork() -> None:
    with one_thread_each(2 * SMALL):
        assert at_once() == 2
