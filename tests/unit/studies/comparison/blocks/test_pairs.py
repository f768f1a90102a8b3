"""Layers that Dask holds: the same numbers as in memory, and the same bits on any workers, also when one is killed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spanmatch import Comparison, InvalidActivations, InvalidFile, InvalidOption, Layer, LayerComparison, compare
from spanmatch.files.activations import load_activations, save_activations
from spanmatch.studies.comparison.blocks import cluster
from spanmatch.studies.comparison.blocks.cluster import on_cluster

da = pytest.importorskip("dask.array")

RNG = np.random.default_rng(2)
A = RNG.standard_normal((300, 5, 2, 2)).astype(np.float32)
B = (A[:, ::-1] + 0.5 * RNG.standard_normal(A.shape)).astype(np.float32)


def lazy(values: Any, images: int = 110) -> Any:
    return da.from_array(values, chunks=(images, 3, 2, 1))


def measured(a: Any, b: Any, **options: Any) -> LayerComparison:
    found = compare({"c": a}, {"c": b}, layout="nchw", shuffles=19, bootstrap=4, **options)
    assert isinstance(found, Comparison)
    return found["c"]


def test_the_numbers_are_those_of_arrays_in_memory() -> None:
    here, there = measured(A, B), measured(lazy(A), lazy(B, 70))
    for mine, theirs in zip(here.radii, there.radii, strict=True):
        assert np.abs(np.subtract(mine, theirs)).max() <= here.error + there.error
    for what in ("digests", "images", "positions", "inputs", "dead", "rank", "p_value", "dtypes", "rank_tol"):
        assert getattr(here, what) == getattr(there, what), what
    assert there.interval_low
    assert there.null_area == pytest.approx(here.null_area, abs=0.01)
    assert "all inputs were taken, block by block, as one draw" in there.notes


def test_one_lazy_side_and_averaged_positions() -> None:
    here, there = (measured(A, side, pool=True) for side in (B[..., :1], lazy(B)[..., :1]))
    assert there.digests == here.digests
    assert any("averaged from 2 x 2 positions to 2 x 1" in note for note in there.notes)


def test_images_of_groups_are_numbered_through() -> None:
    # The same images are left out however they are cut.
    some, others = (measured(lazy(A, images), lazy(B, images)) for images in (110, 150))
    assert some.interval_low == pytest.approx(others.interval_low, abs=1e-9)


def test_where_a_gram_matrix_is_not_good_enough_blocks_are_read_again() -> None:
    a = A.astype(np.float64)
    a[:, 1] = a[:, 0] + 1e-9 * a[:, 2]
    here, there = measured(a, B), measured(lazy(a), lazy(B))
    assert there.error < 1e-5
    assert there.rank == here.rank
    assert np.abs(np.subtract(here.radii[0], there.radii[0])).max() <= here.error + there.error


def test_a_number_that_is_not_finite_has_its_place_among_all_inputs() -> None:
    a = A.copy()
    a[250, 2, 1, 0] = np.nan
    with pytest.raises(InvalidActivations, match=r"acts_a\['c'\]: 1 of .* NaN at input 1002, neuron 2"):
        measured(lazy(a), lazy(B))


def test_units_need_arrays_in_memory() -> None:
    with pytest.raises(InvalidOption, match=r"units: got c, .*block by block"):
        measured(lazy(A), lazy(B), units=True)


def test_files_in_chunks(tmp_path: Path) -> None:
    for suffix in ("zarr", "npz"):
        save_activations(tmp_path / f"a.{suffix}", {"c": Layer(A, "nchw", precision="bfloat16")})
    found = load_activations(tmp_path / "a.zarr", lazy=True)
    assert type(found["c"].values).__name__ == "Array"
    assert (np.asarray(found["c"].values) == A).all()
    assert found["c"].precision == "bfloat16"
    assert type(load_activations(tmp_path / "a.zarr")["c"].values) is np.ndarray
    with pytest.raises(InvalidOption, match=r"lazy: got .*need Zarr"):
        load_activations(tmp_path / "a.npz", lazy=True)
    with pytest.raises(InvalidFile):
        load_activations(tmp_path / "missing.zarr", lazy=True)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense"])
def test_a_scheduler_that_does_not_answer_is_told_in_time(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "ANSWERS_WITHIN", 0.3)
    started = time.monotonic()
    with pytest.raises(InvalidOption, match=f"scheduler: got '{address}', where none answers"), on_cluster(address, 1):
        raise AssertionError
    assert time.monotonic() - started < 5


def test_two_processes_give_the_same_bits_also_when_one_is_killed(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    flag, told = tmp_path / "killed", list[str]()

    def killed_once(block: Any) -> Any:
        if not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return block

    expected = measured(lazy(A), lazy(B))
    with on_cluster("local", 2):
        found = measured(lazy(A).map_blocks(killed_once, meta=A[:0]), lazy(B), progress=told.append)
    assert flag.exists()
    assert found == expected
    assert told[-1] == "c: 3 of 3 blocks"
