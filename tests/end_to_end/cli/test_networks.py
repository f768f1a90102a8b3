"""``spanmatch train`` and ``spanmatch capture``: checkpoints, the table of the shipped ones, activations as files."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from spanmatch.cli import commands
from spanmatch.files.activations import load_activations
from spanmatch.networks.architectures import LAYERS
from spanmatch.networks.capture.capture import capture
from spanmatch.networks.shipped import CHECKPOINT_FOLDER, PROBE_FILE, load_checkpoint, load_probes, read_probes
from spanmatch.studies.sources import is_checkpoint


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(commands.app, list(arguments))


def printed(*arguments: str) -> Any:
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def write_idx(path: Path, array: np.ndarray) -> None:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with the shipped probes as a small Fashion-MNIST in data/."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    images, labels = read_probes(PROBE_FILE)
    for part, rows in (("train", slice(300)), ("t10k", slice(300, 400))):
        write_idx(tmp_path / "data" / f"{part}-images-idx3-ubyte", images[rows])
        write_idx(tmp_path / "data" / f"{part}-labels-idx1-ubyte", labels[rows])
    return tmp_path


@pytest.mark.usefixtures("folder")
class TestTrain:
    def test_the_table_is_the_readme_and_measured_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = printed("train", "--table")
        readme = (CHECKPOINT_FOLDER.parent / "README.md").read_text(encoding="utf-8")
        assert len(rows) == 10
        for row in rows:
            cells = [row[key] for key in ("name", "seed", "labels", "recipe", "examples", "epochs")]
            accuracies = [f"{row[key]:.4f}" for key in ("test_accuracy", "train_accuracy")]
            assert " | ".join([*map(str, cells), *accuracies]) in readme
            assert (row["probes"] >= 0.88) == (row["labels"] == "true")
        monkeypatch.setattr("spanmatch.studies.training.shipped_table", lambda: rows)
        shown = invoke("train", "--table").stdout
        assert all(f"{row['probes']:.4f}" in shown and row["name"] in shown for row in rows)

    def test_a_network_is_trained_written_and_can_be_compared(self) -> None:
        record = printed(
            "train",
            "vgg",
            "--seed",
            "5",
            "--epochs",
            "1",
            "--examples",
            "60",
            "--data",
            "data",
            "--out",
            "own.safetensors",
        )
        assert (record["checkpoint"], record["name"], record["examples"]) == ("own.safetensors", "vgg-5", 60)
        assert is_checkpoint(Path("own.safetensors"))
        metadata = load_checkpoint("own.safetensors")[1]
        assert (metadata["seed"], float(metadata["test_accuracy"])) == ("5", record["test_accuracy"])
        found = printed("compare", "own.safetensors", "vgg-0", "--layers", "logits", "--shuffles", "0")
        assert found["layers"][0]["neurons"] == [10, 10]
        result = invoke("train", "vgg", "--labels", "random", "--epochs", "1", "--examples", "20", "--data", "data",
                        "--out", ".")  # fmt: skip
        assert result.exit_code == 0
        assert "written: vgg-random-labels.safetensors" in result.stdout
        assert result.stderr == ""

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "got no ARCHITECTURE"),
            (["vgg"], "got no --out"),
            (["alexnet", "--out", "a.safetensors"], "ARCHITECTURE: got 'alexnet'"),
            (["vgg", "--out", "a.pt"], "a.pt: unknown suffix '.pt', need .safetensors"),
            (["vgg", "--out", "none/a.safetensors"], "not writable"),
            (["vgg", "--out", "a.safetensors", "--labels", "wrong"], "'wrong' is not one of 'true'"),
            (["vgg", "--out", "a.safetensors", "--data", "none"], "dataset-fashion-mnist"),
            (["vgg", "--out", "a.safetensors", "--epochs", "0"], "--epochs"),
            (["vgg", "--out", "a.safetensors", "--data", "data", "--examples", "301"], "examples: got 301"),
        ],
    )
    def test_bad_usage(self, folder: Path, arguments: list[str], message: str) -> None:
        result = invoke("train", *arguments)
        assert result.exit_code == 2
        assert message in " ".join(result.stderr.split())
        assert [path.name for path in folder.iterdir()] == ["data"]

    def test_interrupted_training_leaves_nothing(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("spanmatch.networks.training.fit", interrupted)
        result = invoke("train", "vgg", "--data", "data", "--out", "own.safetensors")
        assert result.exit_code == 130
        assert result.stderr == "spanmatch: interrupted; no file was left half-written\n"
        assert [path.name for path in folder.iterdir()] == ["data"]

    def test_a_missing_package_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("spanmatch.files.environment.find_spec", lambda name: None if name == "torch" else name)
        for arguments in (["train", "--table"], ["capture", "vgg-0", "--out", "v.npz"]):
            result = invoke(*arguments)
            assert result.exit_code == 2
            assert 'needs torch, not installed here: pip install "spanmatch[networks]"' in result.stderr
        assert not Path("v.npz").exists()


@pytest.mark.usefixtures("folder")
class TestCapture:
    @pytest.mark.parametrize("suffix", ["npz", "safetensors", "h5", "zarr"])
    def test_what_is_written_is_what_capture_gives(self, suffix: str) -> None:
        record = printed("capture", "vgg-0", "--layers", "conv6*", "--layers", "logits", "--images", "12",
                         "--out", f"v.{suffix}")  # fmt: skip
        assert record["file"] == f"v.{suffix}"
        assert record["layers"]["logits"] == [12, 10]
        stored = load_activations(f"v.{suffix}")
        expected = capture(load_checkpoint("vgg-0")[0], load_probes()[0][:12], ["conv6*", "logits"])
        assert list(stored) == list(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(stored[name].values, values.values, atol=1e-5)

    def test_every_compared_layer_of_a_folders_test_images(self) -> None:
        result = invoke("capture", "resnet-1", "--data", "data", "--out", "v.npz")
        assert result.exit_code == 0
        assert "written: v.npz" in result.stdout
        stored = load_activations("v.npz")
        assert list(stored) == list(LAYERS["resnet"])
        assert {layer.images for layer in stored.values()} == {100}

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["nonsense", "--out", "v.npz"], "no shipped network, need activations"),
            (["vgg-0", "--out", "v.pt"], "unknown suffix '.pt'"),
            (["vgg-0", "--out", "none/v.npz"], "not writable"),
            (["vgg-0", "--out", "v.npz", "--layers", "conv9"], "'conv9' matches no module; the model has"),
            (["vgg-0", "--out", "v.npz", "--images", "1001"], "images: got 1001, need 1 to 1000"),
            (["vgg-0", "--out", "v.npz", "--images", "0"], "--images"),
            (["vgg-0", "--out", "v.npz", "--data", "none"], "dataset-fashion-mnist"),
            (["vgg-0"], "Missing option '--out'"),
        ],
    )
    def test_bad_usage(self, folder: Path, arguments: list[str], message: str) -> None:
        result = invoke("capture", *arguments)
        assert result.exit_code == 2
        assert message in " ".join(result.stderr.split())
        assert [path.name for path in folder.iterdir()] == ["data"]


def test_activations_are_no_checkpoint(folder: Path) -> None:
    for name in ("v.safetensors", "v.npz"):
        invoke("capture", "vgg-0", "--layers", "logits", "--images", "3", "--out", name)
        assert not is_checkpoint(Path(name))
    Path("broken.safetensors").write_bytes(b"\xff" * 100)
    assert not is_checkpoint(Path("broken.safetensors"))
    assert is_checkpoint(CHECKPOINT_FOLDER / "vgg-0.safetensors")
