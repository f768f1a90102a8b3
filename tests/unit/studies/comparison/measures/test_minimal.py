"""How local the minimal matches are, on sets whose answer is known."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from spanmatch import compare
from spanmatch.studies.comparison.measures import minimal as module
from spanmatch.studies.comparison.measures.minimal import LayerMinimal
from spanmatch.studies.workers import Piece, spare
from spanmatch.theory.errors import without_advice


def minimal(acts: tuple[dict[str, Any], dict[str, Any]], epsilon: float, **options: Any) -> tuple[LayerMinimal, ...]:
    with without_advice():
        return compare(*acts, layout="nchw", shuffles=0, draws=1, minimal={"epsilons": [epsilon]}, **options).minimal


def minimal_at(
    acts: tuple[dict[str, Any], dict[str, Any]], epsilon: float, orders: int, workers: int = 1
) -> LayerMinimal:
    options = {"epsilons": [epsilon], "orders": orders}
    with without_advice():
        return compare(*acts, shuffles=0, draws=1, minimal=options, workers=workers).minimal[0]


def test_copies_are_local_and_mixtures_are_not() -> None:
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((500, 4))
    mixed = shared @ rng.standard_normal((4, 4))
    acts = {"a": shared, "b": shared}, {"a": 3 * shared, "b": mixed}
    local, distributed = minimal(acts, 1e-6)
    assert (local.one_to_one, local.different, local.median_size, local.complete) == (8, 4, 2, True)
    assert local.matches == tuple(((k,), (k,)) for k in range(4))
    assert (distributed.one_to_one, distributed.different, distributed.largest_size) == (0, 1, 8)


def test_dead_neurons_match_alone() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((2, 100, 3))
    X[:, 1] = 0
    (found,) = minimal(({"a": X}, {"a": Y}), 0.1)
    assert (found.matched, found.alone, found.one_to_one, found.matches) == (1, 1, 0, (((1,), ()),))
    assert found.different == 0  # none of those that need others


def test_convolutional_layers_use_the_positions_of_compare() -> None:
    rng = np.random.default_rng(0)
    A = rng.standard_normal((50, 3, 4, 4)).astype(np.float32)
    (found,) = minimal(({"a": A}, {"a": A}), 0.3, positions=100)
    assert found.one_to_one == 6


def test_sizes_come_from_random_orders() -> None:
    """Copies x_k, y_k, y_k' have two simple matches each; one order finds one of them, ten both."""
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((200, 4))
    acts = {"a": shared}, {"a": np.hstack([shared, 2 * shared])}
    found = minimal_at(acts, 1e-6, orders=10)
    assert (found.orders, found.different) == (10, 8)
    assert found.sizes == ((8, 1.0, 0.0), *[(0, 0.0, 0.0)] * 5)
    assert found == minimal_at(acts, 1e-6, orders=10)
    assert minimal_at(acts, 1e-6, orders=0).sizes == ((0, 0.0, 0.0),) * 6


def test_orders_of_a_single_layer_are_shared_out_and_the_answer_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    copies = np.random.default_rng(0).standard_normal((20, 2))[:, [0, 0, 0, 1, 1]]
    acts = {"a": copies}, {"a": copies}
    alone = minimal_at(acts, 1e-6, orders=4)
    shares: list[int] = []

    def carried_out(pieces: Sequence[Piece], *, workers: int) -> list[Any]:
        """What another process would get and give back."""
        shares.append(workers)
        return [pickle.loads(pickle.dumps(piece)).work() for piece in pieces]

    monkeypatch.setattr(module, "carried_out", carried_out)
    assert minimal_at(acts, 1e-6, orders=4, workers=3) == alone
    assert minimal_at(acts, 1e-6, orders=2, workers=9) == minimal_at(acts, 1e-6, orders=2)
    assert shares == [3, 2]
    assert spare() == 1
