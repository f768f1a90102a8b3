"""Benchmarks that take a machine of their own, on the smallest sizes: whether they run and say what they promise."""

from __future__ import annotations

from types import ModuleType

import pytest
from quality.repository import ROOT


@pytest.fixture
def bench_device(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import bench_device

    return bench_device


def test_the_device_is_measured(bench_device: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    # Several chunks, which must be parts of one stream.
    monkeypatch.setattr(bench_device, "CHUNK_BYTES", 2 * 4 * 16 * 700)
    found = bench_device.measure("cpu", 16, 2_000)
    assert found["difference from the processor"] <= found["bound of it"] < 1e-8
    assert found["share of the rate"] > 0
    assert 0 < found["area"] < 1


def test_without_a_gpu_it_says_so(bench_device: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit, match="torch sees no GPU here"):
        bench_device.measure("cuda", 16, 2_000)
