"""Pieces of work on several processes: in order, one thread each, and errors come through."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import spanmatch
from spanmatch.studies.workers import Piece, carried_out
from spanmatch.theory.errors import InvalidOption, SpanmatchError


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_and_are_counted(workers: int) -> None:
    told: list[tuple[str, int, int]] = []
    pieces = [Piece(f"piece {k}", partial(pow, k, 2)) for k in range(5)]
    assert carried_out(pieces, workers=workers, progress=lambda *step: told.append(step)) == [0, 1, 4, 9, 16]
    assert [(done, total) for _, done, total in told] == [(k, 5) for k in range(1, 6)]
    assert {name for name, _, _ in told} == {piece.name for piece in pieces}


def test_nothing_to_do() -> None:
    assert carried_out([]) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_every_process_has_one_thread(workers: int) -> None:
    def threads() -> list[int]:
        np.linalg.qr(np.eye(3))
        return [pool["num_threads"] for pool in threadpool_info()]

    for found in carried_out([Piece("threads", threads)] * 2, workers=workers):
        assert found
        assert set(found) == {1}


def test_other_processes_do_the_work() -> None:
    found = carried_out([Piece("process", os.getpid)] * 4, workers=2)
    assert os.getpid() not in found


@pytest.mark.parametrize("workers", [1, 2])
def test_errors_come_through(workers: int) -> None:
    with pytest.raises(ValueError, match="math domain error"):
        carried_out([Piece("good", os.getpid), Piece("bad", partial(math.sqrt, -1))], workers=workers)


KILLED = """
import os, time
from spanmatch.studies.workers import Piece, carried_out

def wait():
    print("begun", flush=True)
    time.sleep(300)

carried_out([Piece("long", wait)] * 2, workers=2)
"""


@pytest.mark.skipif(os.name != "posix", reason="a process keeps its parent's number there")
def test_workers_end_with_their_parent() -> None:
    """Who reads what a killed run prints would wait for the workers, which have its standard output too."""
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        assert [run.stdout.readline() for _ in range(2)] == ["begun\n"] * 2
        run.kill()
        assert run.communicate(timeout=30)[0] == ""


def test_a_worker_that_is_killed_is_a_clear_error() -> None:
    with pytest.raises(SpanmatchError, match="workers: one of 2 processes was ended from outside"):
        carried_out([Piece("killed", partial(os._exit, 9)), Piece("other", os.getpid)], workers=2)


def test_workers_are_counted_from_one() -> None:
    with pytest.raises(InvalidOption, match="workers: got 0, need an integer >= 1"):
        carried_out([], workers=0)


def test_layers_on_two_processes_give_the_same_numbers() -> None:
    rng = np.random.default_rng(0)
    acts = {name: rng.standard_normal((80, 5)) for name in ("a", "b", "c")}
    other = {name: Z + 0.5 * rng.standard_normal(Z.shape) for name, Z in acts.items()}
    told: list[str] = []
    one = spanmatch.compare(acts, other, minimal=True)
    two = spanmatch.compare(acts, other, minimal=True, workers=2, progress=told.append)
    assert two.to_dict() == one.to_dict()
    assert [line.partition(":")[0] for line in told] == [f"{k} of 3 layers" for k in (1, 2, 3)]
    assert {line.partition(": ")[2] for line in told} == {"a", "b", "c"}
