"""Pieces of work on several processes: in order, one thread each, and errors come through."""

from __future__ import annotations

import math
import os
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import spanmatch
from spanmatch.studies.workers import Piece, carried_out
from spanmatch.theory.errors import InvalidOption


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
