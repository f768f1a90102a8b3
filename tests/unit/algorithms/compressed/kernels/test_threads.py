"""Small problems take one thread, large ones all, and whatever happens the threads come back."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import partial
from time import sleep
from typing import TypeVar

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

import spanmatch
from spanmatch.algorithms.compressed import problem
from spanmatch.algorithms.compressed.kernels import threads as kernel
from spanmatch.algorithms.compressed.kernels.threads import SMALL, one_thread_each, side_by_side, threads_for

Found = TypeVar("Found")
LIBRARIES = ThreadpoolController().select(user_api="blas")


def threads() -> set[int]:
    return {library.num_threads for library in LIBRARIES.lib_controllers}


def let_others_set() -> None:
    """Since threadpoolctl 3.8 no other thread could, once this one has."""
    for library in LIBRARIES.lib_controllers:
        getattr(library, "clear_controlling_thread", int)()


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    with LIBRARIES.limit(limits=2):
        let_others_set()
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


@contextmanager
def within_another_thread() -> Iterator[None]:
    """A small problem is computed there meanwhile."""
    begun, ended = threading.Event(), threading.Event()

    def compute() -> None:
        with threads_for(1):
            begun.set()
            ended.wait(10)

    other = threading.Thread(target=compute)
    other.start()
    begun.wait(10)
    try:
        yield
    finally:
        ended.set()
        other.join()


@pytest.mark.parametrize("operations", [SMALL, 2 * SMALL])
def test_the_last_to_end_gives_them_back(operations: float) -> None:
    """Whichever it is; until then there is one thread, so that neither computes with another number half-way."""
    ended = ExitStack()
    with one_thread_each(operations):
        ended.enter_context(within_another_thread())
        assert threads() == {1}
    with ended:
        assert threads() == {1}
    assert threads() == {2}
    with within_another_thread():
        with one_thread_each(operations):
            assert threads() == {1}
            assert at_once() == (1 if operations == SMALL else 2)
        assert threads() == {1}


def test_a_number_for_each_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """As some libraries have it: each thread gives back its own."""
    own = threading.local()
    seen = []

    class Library:
        @property
        def num_threads(self) -> int:
            return getattr(own, "number", 3)

        def set_num_threads(self, number: int) -> None:
            own.number = number

    monkeypatch.setattr(kernel, "_libraries", lambda: [Library()])

    def other() -> None:
        with one_thread_each(1):
            seen.append(own.number)
            begun.set()
            ended.wait(10)
        seen.append(own.number)

    with one_thread_each(2 * SMALL):
        assert both(lambda: own.number) == [1, 1]
    begun, ended = threading.Event(), threading.Event()
    second = threading.Thread(target=other)
    with one_thread_each(1):
        second.start()
        begun.wait(10)
        assert own.number == 1
    assert own.number == 3
    ended.set()
    second.join()
    assert seen == [1, 3]


def test_an_interrupt_gives_them_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it comes while they are given back."""
    leave = kernel._one_thread.leave
    calls = []

    def interrupted(computation: object) -> None:
        calls.append(computation)
        if len(calls) == 1:
            raise KeyboardInterrupt
        leave(computation)

    monkeypatch.setattr(kernel._one_thread, "leave", interrupted)
    with pytest.raises(KeyboardInterrupt), one_thread_each(1):
        pass
    assert threads() == {2}
    assert at_once() == 1


def test_an_interrupt_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given back then is not what there was at an earlier computation."""

    def interrupted(computation: object) -> int:
        raise KeyboardInterrupt

    with one_thread_each(1):
        pass
    with LIBRARIES.limit(limits=1):
        monkeypatch.setattr(kernel._one_thread, "enter", interrupted)
        with pytest.raises(KeyboardInterrupt), one_thread_each(1):
            pass
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


def both(task: Callable[[], Found]) -> list[Found]:
    """The task in this thread and in another, at the same time."""
    together = threading.Barrier(2)
    return side_by_side(*[lambda: (together.wait(5), task())[1]] * 2)


def at_once() -> int:
    """How many tasks run at the same time: each waits for the others."""
    together = threading.Barrier(2)

    def task() -> bool:
        try:
            together.wait(0.5)
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


def test_tasks_within_a_task() -> None:
    """They do not wait for a thread that works at another task, which may wait for this one."""
    done = threading.Event()

    def within() -> bool:
        side_by_side(*[int] * 3)
        done.set()
        return True

    with one_thread_each(2 * SMALL):
        assert side_by_side(within, lambda: done.wait(5)) == [True, True]


def test_tasks_run_in_the_same_context() -> None:
    """So that NumPy says as much or as little of infinite numbers."""
    variable = ContextVar("variable", default=0)
    variable.set(1)
    with one_thread_each(2 * SMALL):
        assert both(variable.get) == [1, 1]


def test_no_other_thread_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the interpreter is about to end."""
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    monkeypatch.setattr(kernel, "_pool", lambda count: pool)
    with one_thread_each(2 * SMALL):
        assert side_by_side(lambda: 1, lambda: 2) == [1, 2]


def test_any_thread_can_set_the_number_afterwards() -> None:
    def compute() -> int:
        with one_thread_each(2 * SMALL):
            let_others_set()
            return at_once()

    def limited() -> set[int]:
        with LIBRARIES.limit(limits=1):
            return threads()

    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        assert first.submit(compute).result() == 2
        assert second.submit(limited).result() == {1}


@pytest.mark.parametrize("here", [True, False])
def test_an_error_in_a_task(here: bool) -> None:
    """It comes once no other task runs any more; those that have not begun are left out."""
    together, this = threading.Barrier(2), threading.current_thread()
    done: list[None] = []

    def task(first: bool = False) -> None:
        if first:
            together.wait(5)
        if (threading.current_thread() is this) == here:
            raise ZeroDivisionError
        sleep(0.05)
        done.append(None)

    with one_thread_each(2 * SMALL), pytest.raises(ZeroDivisionError):
        side_by_side(partial(task, True), partial(task, True), *[task] * 10)
    assert len(done) == 1
    assert threads() == {2}


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_after_a_fork() -> None:
    """A process inherits no threads, and starts its own."""
    with one_thread_each(2 * SMALL):
        assert at_once() == 2
    with within_another_thread():
        child = multiprocessing.get_context("fork").Process(target=in_a_fork)
        child.start()
        child.join(30)
    assert child.exitcode == 0


def in_a_fork() -> None:
    assert threads() == {2}
    with one_thread_each(2 * SMALL):
        assert at_once() == 2
    assert threads() == {2}
