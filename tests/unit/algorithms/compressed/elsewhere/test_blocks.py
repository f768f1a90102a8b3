"""Dask arrays: the same bits whoever computes the blocks, and never more than blocks in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spanmatch import InvalidActivations, compress
from spanmatch.algorithms.compressed.elsewhere import blocks
from spanmatch.algorithms.compressed.elsewhere.blocks import in_a_tree, together
from spanmatch.files.activations import load_activations, save_activations

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")

RNG = np.random.default_rng(6)
X = RNG.standard_normal((4_000, 8))
Y = X @ RNG.standard_normal((8, 8)) + RNG.standard_normal((4_000, 8))


def lazy(values: Any, rows: int = 700) -> Any:
    return da.from_array(values, chunks=(rows, 3))


def numbers(method: Any = "auto") -> Any:
    return compress(lazy(X), lazy(Y, 900), method=method).factor


@pytest.mark.parametrize("method", ["gram", "qr"])
def test_the_same_bits_from_any_scheduler(method: Any) -> None:
    found = []
    for scheduler in ("synchronous", "threads"):
        with dask.config.set(scheduler=scheduler):
            found.append(numbers(method))
    assert (found[0] == found[1]).all()


def test_the_tree_is_that_of_neighbours() -> None:
    found = in_a_tree(lazy(X, 1_000), Y, lambda a, _, first: f"{first}:{len(a)}", lambda one, other: f"({one} {other})")
    assert found == "((0:1000 1000:1000) (2000:1000 3000:1000))"


def test_no_block_is_more_than_the_rows_of_a_chunk() -> None:
    shapes: list[Any] = []
    in_a_tree(lazy(X), lazy(Y, 900), lambda a, b, _: shapes.append((a.shape, b.shape)), lambda *_: None)
    assert {shape for pair in shapes for shape in pair} == {(700, 8), (500, 8)}


@pytest.mark.parametrize(
    ("chunks", "least", "expected"),
    [((3, 3, 3), 1, (3, 3, 3)), ((3, 3, 3), 4, (9,)), ((2, 0, 2, 5, 1), 3, (4, 6)), ((2,), 9, (2,)), ((0, 4), 1, (4,))],
)
def test_small_chunks_are_put_together(chunks: Any, least: int, expected: Any) -> None:
    assert together(chunks, least) == expected


def test_an_unknown_shape_is_an_error() -> None:
    x = lazy(X)
    with pytest.raises(InvalidActivations, match=r"X: .*compute_chunk_sizes"):
        compress(x[x[:, 0] > 0], Y)


def test_a_stored_block_does_not_travel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading both sides of a block and taking them in is one task, and so done by one worker."""
    pytest.importorskip("zarr")
    for name, values in (("x", X), ("y", Y)):
        save_activations(tmp_path / f"{name}.zarr", {"fc": values})
    x, y = (load_activations(tmp_path / f"{name}.zarr", lazy=True)["fc"].values for name in ("x", "y"))
    seen: list[Any] = []
    monkeypatch.setattr(blocks, "_computed", lambda root, leaves, tell: seen.extend(leaves))
    in_a_tree(x, y, lambda a, b, first: (len(a), len(b), first), lambda *_: None)
    for leaf in seen:
        tasks = dict(dask.optimize(leaf)[0].__dask_graph__()).values()
        assert [type(task).__name__ for task in tasks].count("Task") == 1
    assert [leaf.compute()[2] for leaf in seen] == list(range(0, 4_000, len(X) // len(seen)))
