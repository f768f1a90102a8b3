"""An interrupted comparison: the same call goes on to the same bytes; a bad layer costs only itself."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spanmatch import InvalidActivations, InvalidFile, Layer, compare
from spanmatch.files.activations import load_activations, save_activations
from spanmatch.studies.comparison import compare as module

NAMES = ("conv", "hidden", "fc")
MEASURES: dict[str, Any] = {"minimal": {"epsilons": [0.5]}, "units": {"penalties": [0.1], "folds": 2, "blocks": 2}}


def network(seed: int) -> dict[str, Layer]:
    shared, rng = np.random.default_rng(0), np.random.default_rng(seed)
    factors = shared.standard_normal((40, 3))
    conv = np.maximum(rng.standard_normal((40, 4, 2, 2)) + factors[:, :1, None, None], 0)
    flat = [factors @ shared.standard_normal((3, 5)) + 0.5 * rng.standard_normal((40, 5)) for _ in range(2)]
    return {"conv": Layer(conv, "nchw"), "hidden": Layer(flat[0]), "fc": Layer(flat[1])}


def run(out: Path | None, **options: Any) -> Any:
    return compare(network(1), network(2), **{"shuffles": 2, "epsilons": [0.3, 0.5, 0.8], **options}, out=out)


def written(out: Path) -> bytes:
    return (out / "comparison.json").read_bytes()


@pytest.mark.parametrize("options", [{}, MEASURES, {"all_pairs": True, "pool": True}, {"dead_neurons": "drop"}])
def test_kept_and_not_kept_are_the_same(tmp_path: Path, options: dict[str, Any]) -> None:
    found = run(tmp_path / "a", **options)
    assert found.to_json() == run(None, **options).to_json() == written(tmp_path / "a").decode()
    assert run(tmp_path / "a", **options) == found
    assert (tmp_path / "a" / "report.html").is_file()


@pytest.mark.parametrize("finished", [0, 1, 2])
def test_it_goes_on_where_it_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: int) -> None:
    run(tmp_path / "whole")
    measured: list[str] = []

    def measure(pair: Any, *said: Any) -> Any:
        if len(measured) == finished:
            raise KeyboardInterrupt
        measured.append(pair.name)
        return original(pair, *said)

    original = module.measure
    monkeypatch.setattr(module, "measure", measure)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "part")
    assert not (tmp_path / "part" / "comparison.json").exists()
    measured.clear()
    finished = 9
    run(tmp_path / "part")
    assert measured == list(NAMES[len(NAMES) - len(measured) :])
    assert written(tmp_path / "part") == written(tmp_path / "whole")


def test_other_activations_and_settings_are_measured_anew(tmp_path: Path) -> None:
    run(tmp_path / "a")
    kept = len(list((tmp_path / "a" / "layers").iterdir()))
    assert kept == 3
    for options in ({"seed": 1}, {"epsilons": [0.3]}, {"shuffles": 1}):
        with pytest.raises(InvalidFile, match=r"comparison.json.*there already, of another run"):
            run(tmp_path / "a", **options)
    other = network(2) | {"fc": network(3)["fc"]}
    with pytest.raises(InvalidFile, match=r"comparison.json: there already, with other numbers"):
        compare(network(1), other, shuffles=2, epsilons=[0.3, 0.5, 0.8], out=tmp_path / "a")
    assert len(list((tmp_path / "a" / "layers").iterdir())) == kept + 1
    found = compare(network(1), other, shuffles=2, epsilons=[0.3, 0.5, 0.8], out=tmp_path / "a", overwrite=True)
    assert written(tmp_path / "a").decode() == found.to_json()


def test_more_layers_of_the_same_run_come_on_top(tmp_path: Path) -> None:
    run(tmp_path / "a", layers="fc")
    assert [layer.name for layer in run(tmp_path / "a")] == list(NAMES)
    with pytest.raises(InvalidFile, match="with other numbers"):
        run(tmp_path / "a", layers="fc")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bad_layer_costs_only_itself(tmp_path: Path, workers: int) -> None:
    bad = network(2)
    values = np.array(bad["fc"].values)
    save_activations(tmp_path / "good.npz", bad)
    values[7, 2] = np.nan
    np.savez(tmp_path / "bad.npz", conv=bad["conv"].values, hidden=bad["hidden"].values, fc=values)
    options: dict[str, Any] = {"shuffles": 0, "workers": workers, "layout": "nchw"}
    broken = load_activations(tmp_path / "bad.npz")
    with pytest.raises(InvalidActivations, match="NaN"):
        compare(network(1), broken, **options)
    found = compare(network(1), broken, **options, keep_going=True, out=tmp_path / "out")
    assert [layer.name for layer in found] == ["conv", "hidden"]
    assert list(found.failed) == ["fc"]
    assert "NaN" in found.failed["fc"]
    assert json.loads(written(tmp_path / "out"))["failed"] == found.failed
    # Mended, the same call adds what was missing.
    mended = load_activations(tmp_path / "good.npz")
    whole = compare(network(1), mended, **options, keep_going=True, out=tmp_path / "out")
    assert [layer.name for layer in whole] == list(NAMES)
    assert whole.failed == {}
    with pytest.raises(InvalidActivations, match="NaN"):
        compare(network(1), broken, layers="fc", **options, keep_going=True)


def test_several_networks_are_kept_too(tmp_path: Path) -> None:
    nets = [network(k) for k in (1, 2, 3)]
    found = compare(*nets, shuffles=0, out=tmp_path / "a")
    assert len(list((tmp_path / "a" / "layers").iterdir())) == 9
    assert written(tmp_path / "a").decode() == found.to_json() == compare(*nets, shuffles=0).to_json()
    assert compare(*nets, shuffles=0, out=tmp_path / "a").to_json() == found.to_json()


def test_killed_at_any_moment_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    """By the command line, on two processes; SIGKILL leaves no time for anything."""
    for name, seed in (("a", 1), ("b", 2)):
        save_activations(tmp_path / f"{name}.npz", network(seed))
    command = [sys.executable, "-m", "spanmatch", "compare", "a.npz", "b.npz", "--shuffles", "99", "--workers", "2"]
    options: dict[str, Any] = {
        "cwd": tmp_path,
        "env": {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"},
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    started = time.monotonic()
    assert subprocess.run([*command, "--out", "whole"], check=False, **options).returncode == 0
    usual, rng = time.monotonic() - started, random.Random(0)
    process = subprocess.Popen([*command, "--out", "part"], **options)
    time.sleep(usual * rng.uniform(0.4, 0.9))
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    assert subprocess.run([*command, "--out", "part"], check=False, **options).returncode == 0
    assert written(tmp_path / "part") == written(tmp_path / "whole")
