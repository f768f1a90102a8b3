"""The published experiments on tiny networks and images: what they say, how they go on, what they refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from torch import nn
from typer.testing import CliRunner

from spanmatch import Comparison, compare
from spanmatch.cli import commands
from spanmatch.networks.cifar import RECORD, TEST_FILES, TRAINING_FILES
from spanmatch.studies.reproduction import REPRODUCTION_FILES, experiment, networks, run
from spanmatch.studies.reproduction.experiment import PUBLISHED_EPSILONS, SIZES_AT, Experiment
from spanmatch.studies.reproduction.networks import Network, activations
from spanmatch.studies.reproduction.run import Reproduction, reproduce
from spanmatch.theory.errors import InvalidFile, InvalidOption, MissingData


def tiny(channels: int, part: int) -> nn.Module:
    del part
    return nn.Sequential(nn.Conv2d(channels, 5, 4, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(320, 10))


@pytest.fixture(autouse=True)
def tiny_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (experiment, run):
        monkeypatch.setattr(module, "PUBLISHED", {"tiny": tiny})
    monkeypatch.setattr(experiment, "relu_layers", lambda _: ("1", "3"))


@pytest.fixture
def _without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("similarity", "sizes", "training"):
        monkeypatch.setattr(f"spanmatch.report.figures.reproduction.{name}_figure", lambda _: Figure(figsize=(1, 1)))


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """CIFAR-10's files with 20 images each."""
    folder = tmp_path / "data"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in (*TRAINING_FILES, *TEST_FILES):
        records = rng.integers(256, size=(20, RECORD), dtype=np.uint8)
        records[:, 0] %= 10
        (folder / name).write_bytes(records.tobytes())
    return folder


@pytest.fixture
def small(images: Path) -> Experiment:
    return Experiment("cifar10", "small", str(images), epochs=3, positions=40, draws=2, shuffles=1, orders=1)


def test_what_a_run_finds_is_what_compare_finds(small: Experiment, tmp_path: Path) -> None:
    found = reproduce(small, tmp_path / "out", workers=1)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*REPRODUCTION_FILES, "layers", "networks"}
    assert [(one["seed"], one["epochs"]) for one in found.networks] == [(0, 3), (1, 3), (2, 3)]
    population = found.populations["tiny"]
    assert [layer.name for layer in population] == ["1", "3"]
    ends = [Network("tiny", seed, 3) for seed in (0, 2)]
    a, b = (activations(small, tmp_path / "out", end, "1", "cpu") for end in ends)
    assert a["1"].values.shape == (20, 5, 8, 8)
    by_hand = compare(a, b, epsilons=PUBLISHED_EPSILONS, positions=40, draws=2, shuffles=1)
    assert population.pairs[1]["1"].similarity == by_hand["1"].similarity
    assert [one.epsilon for one in population.pairs[0].minimal] == [*SIZES_AT, *SIZES_AT]
    told = json.loads((tmp_path / "out" / "reproduction.json").read_text(encoding="utf-8"))
    assert told["experiment"]["dataset"] == "cifar10"
    assert "folder" not in told["experiment"]
    assert Comparison.from_dict(told["architectures"]["tiny"]["comparisons"][1]).layers == population.pairs[1].layers
    tables = (tmp_path / "out" / "tables.md").read_text(encoding="utf-8")
    assert f"{population['1'].similarity[-1]:.3f} ± {population['1'].spread[-1]:.3f}" in tables


@pytest.mark.usefixtures("_without_figures")
def test_training_is_followed(small: Experiment, tmp_path: Path) -> None:
    found = reproduce(small, tmp_path / "out", workers=1)
    followed = {(one["layer"], one["epoch"], one["with"]): one["similarity"] for one in found.training}
    assert set(followed) == {
        (layer, epoch, kind)
        for layer in ("1", "3")
        for epoch, kind in [(1, "other seed"), (1, "own end"), (2, "other seed"), (2, "own end"), (3, "other seed")]
    }
    # The weights barely move in three epochs of one batch: a network is closer to its own end than to another one.
    assert np.mean(followed["3", 2, "own end"]) > np.mean(followed["3", 2, "other seed"])


@pytest.mark.usefixtures("_without_figures")
def test_networks_are_trained_from_their_seeds(small: Experiment, tmp_path: Path) -> None:
    before = torch.random.get_rng_state()
    reproduce(small, tmp_path / "one", workers=1)
    assert torch.equal(torch.random.get_rng_state(), before)
    reproduce(small, tmp_path / "two", workers=1)
    for path in (tmp_path / "one" / "networks").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / "networks" / path.name).read_bytes()
    contents = {path.read_bytes() for path in (tmp_path / "one" / "networks").iterdir()}
    assert len(contents) == 3 + 3 + 1  # the first two at each epoch kept, the third at its end


@pytest.mark.usefixtures("_without_figures")
def test_an_interrupted_run_goes_on(small: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = reproduce(small, tmp_path / "whole", workers=1)
    calls: list[str] = []

    def counted(name: str, function: Any, interrupted_at: int | None) -> Any:
        def call(*given: Any, **options: Any) -> Any:
            calls.append(name)
            if calls.count(name) == interrupted_at:
                raise KeyboardInterrupt
            return function(*given, **options)

        return call

    monkeypatch.setattr(networks, "fit", counted("fit", networks.fit, None))
    monkeypatch.setattr(run, "compare", counted("compare", run.compare, 4))
    with pytest.raises(KeyboardInterrupt):
        reproduce(small, tmp_path / "out", workers=1)
    assert not (tmp_path / "out" / "reproduction.json").exists()
    found = reproduce(small, tmp_path / "out", workers=1)
    assert calls.count("fit") == 3  # none of them twice
    assert calls.count("compare") == 1 + 3 * 2 + 5 * 2  # the interrupted one twice

    def numbers(one: Reproduction) -> dict[str, Any]:
        return one.to_dict() | {"versions": None}

    assert numbers(found) == numbers(whole)


@pytest.mark.usefixtures("_without_figures")
def test_another_experiment_in_the_same_folder(small: Experiment, tmp_path: Path) -> None:
    reproduce(small, tmp_path / "out", workers=1)
    other = replace(small, epochs=2)
    with pytest.raises(InvalidFile, match="there already, of another run"):
        reproduce(other, tmp_path / "out", workers=1)
    found = reproduce(other, tmp_path / "out", workers=1, overwrite=True)
    assert [one["epochs"] for one in found.networks] == [2, 2, 2]


def test_meaningless_experiments(images: Path) -> None:
    with pytest.raises(InvalidOption, match="scale: got 'huge'"):
        Experiment("cifar10", "huge", str(images))  # type: ignore[arg-type]
    with pytest.raises(InvalidOption, match="data: got no folder for cifar10"):
        Experiment("cifar10", "small")
    with pytest.raises(InvalidOption, match="epochs: got 0"):
        Experiment("fashion-mnist", "small", epochs=0)
    with pytest.raises(MissingData, match="CIFAR-10: no folder"):
        reproduce(Experiment("cifar10", "small", str(images / "nowhere")), images / "out")


@pytest.mark.usefixtures("_without_figures")
def test_command(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked: list[Any] = []

    def small_run(wanted: Experiment, out: Path, **options: Any) -> Reproduction:
        asked.append((wanted, options))
        return reproduce(replace(wanted, draws=1, shuffles=1, orders=1), out, **options)

    monkeypatch.setattr(run, "reproduce", small_run)
    arguments = ["reproduce", "--dataset", "cifar10", "--data", "data", "--workers", "1", "--out", "r", "--epochs", "1"]
    done = CliRunner().invoke(commands.app, [*arguments, "--images", "8"])
    assert done.exit_code == 0, done.stderr
    assert asked[0][0] == Experiment("cifar10", "small", "data", epochs=1, images=8)
    assert "tiny: mean and standard deviation of 3 pairs" in done.stdout
    assert "written: r/similarity.png" in done.stdout
    again = CliRunner().invoke(commands.app, [*arguments, "--images", "9"])
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr.endswith("or say --force\n")
    without = CliRunner().invoke(commands.app, ["reproduce", "--dataset", "cifar10", "--out", "s"])
    assert (without.exit_code, without.stderr) == (
        2, "spanmatch: --data: got no folder for cifar10, need that of its binary version\n",
    )  # fmt: skip
