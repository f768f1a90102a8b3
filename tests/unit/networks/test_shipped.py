"""The shipped networks and probes are complete, accurate and small; files that do not fit are refused."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from spanmatch.files.atomic import write_bytes
from spanmatch.networks.architectures import ARCHITECTURES, LAYERS, build, parameter_count
from spanmatch.networks.capture.capture import capture
from spanmatch.networks.checkpoint_files import save_checkpoint
from spanmatch.networks.shipped import (
    CHECKPOINT_FOLDER,
    PROBE_FILE,
    checkpoint_names,
    load_checkpoint,
    load_probes,
    read_probes,
)
from spanmatch.networks.training import DECAYED, accuracy, network_name
from spanmatch.theory.errors import InvalidFile, InvalidOption, MissingData

TRUE_LABELS = [f"{architecture}-{seed}" for architecture in ("resnet", "vgg") for seed in (0, 1, 2)]
TRUE_LABELS += ["vgg-decayed-0", "vgg-decayed-1"]
RANDOM_LABELS = [f"{architecture}-random-labels" for architecture in ("resnet", "vgg")]


def test_all_networks_are_shipped() -> None:
    assert sorted(checkpoint_names()) == sorted([*TRUE_LABELS, *RANDOM_LABELS])


@pytest.mark.parametrize("name", TRUE_LABELS)
def test_shipped_networks_are_accurate(name: str) -> None:
    model, metadata = load_checkpoint(name)
    assert not model.training
    made = network_name(metadata["architecture"], int(metadata["seed"]), "true", metadata.get("recipe", DECAYED))
    assert (made, metadata["labels"]) == (name, "true")
    assert float(metadata["test_accuracy"]) >= 0.9
    on_probes = accuracy(model, *load_probes())
    assert on_probes >= 0.88
    assert abs(on_probes - float(metadata["test_accuracy"])) < 0.03  # three standard errors of 1 000 images


@pytest.mark.parametrize("name", RANDOM_LABELS)
def test_shipped_networks_with_random_labels_memorised_them(name: str) -> None:
    model, metadata = load_checkpoint(name)
    assert (f"{metadata['architecture']}-random-labels", metadata["labels"]) == (name, "random")
    assert float(metadata["train_accuracy"]) >= 0.99
    assert accuracy(model, *load_probes()) < 0.2


def test_readme_lists_every_network_with_its_record() -> None:
    readme = (CHECKPOINT_FOLDER.parent / "README.md").read_text(encoding="utf-8")
    fields = ("seed", "labels", "recipe", "examples", "epochs", "test_accuracy", "train_accuracy")
    records = {name: {"recipe": DECAYED, **load_checkpoint(name)[1]} for name in checkpoint_names()}
    expected = [" | ".join([name, *(record[field] for field in fields)]) for name, record in records.items()]
    assert [line.strip("| ") for line in readme.splitlines() if "-" in line and line[:3] in ("| r", "| v")] == expected
    for architecture in ARCHITECTURES:
        assert f"{parameter_count(build(architecture)):,}".replace(",", " ") in readme


def test_different_seeds_are_different_networks() -> None:
    for architecture in ARCHITECTURES:
        logits = [
            capture(load_checkpoint(f"{architecture}-{seed}")[0], load_probes()[0][:20], "logits")["logits"].values
            for seed in (0, 1, 2)
        ]
        for first, second in ((0, 1), (0, 2), (1, 2)):
            assert np.abs(logits[first] - logits[second]).max() > 0.1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_fully_connected_layer_has_live_neurons(seed: int) -> None:
    activations = capture(load_checkpoint(f"vgg-{seed}")[0], load_probes()[0], "fc.relu")["fc.relu"].values
    assert (activations != 0).any(axis=0).sum() >= 90


def test_everything_shipped_is_small() -> None:
    checkpoints = sum(path.stat().st_size for path in CHECKPOINT_FOLDER.glob("*.safetensors"))
    assert checkpoints <= 6.5e6
    assert checkpoints + PROBE_FILE.stat().st_size < 8e6


def test_probes() -> None:
    images, labels = load_probes()
    assert images.shape == (1000, 1, 28, 28)
    assert images.dtype == torch.float32
    assert torch.bincount(labels).tolist() == [100] * 10
    assert abs(float(images.mean())) < 0.05
    assert abs(float(images.std()) - 1) < 0.05
    licence = (PROBE_FILE.parent / "LICENSE").read_text(encoding="utf-8")
    assert "2017 Zalando SE" in licence
    assert "WITHOUT WARRANTY OF ANY KIND" in licence


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_architectures(architecture: str) -> None:
    model = build(architecture)
    assert parameter_count(model) <= 200_000
    relus = [name for name, module in model.named_modules() if isinstance(module, nn.ReLU)]
    assert LAYERS[architecture] == (*relus, "logits")
    captured = capture(model, torch.zeros(2, 1, 28, 28), LAYERS[architecture])
    assert list(captured) == list(LAYERS[architecture])  # every ReLU runs once
    assert captured["logits"].shape == (2, 10)


def test_unknown_architecture() -> None:
    with pytest.raises(InvalidOption, match="architecture: got 'alexnet', need one of 'resnet', 'vgg'"):
        build("alexnet")


def test_unknown_name_lists_what_exists(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"'vgg-9' is neither a file nor a shipped network.*vgg-0, vgg-1"):
        load_checkpoint("vgg-9")
    with pytest.raises(MissingData, match="neither a file"):
        load_checkpoint(tmp_path)


def test_round_trip_leaves_the_random_state_alone(tmp_path: Path) -> None:
    model = build("resnet")
    save_checkpoint(tmp_path / "own.safetensors", model, {"architecture": "resnet", "seed": "3"})
    before = torch.random.get_rng_state()
    loaded, metadata = load_checkpoint(tmp_path / "own.safetensors")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert metadata == {
        "architecture": "resnet",
        "seed": "3",
        "format": "spanmatch-checkpoint",
        "format_version": "1",
    }
    assert not loaded.training
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value)


def checkpoint_bytes(tensors: dict[str, torch.Tensor], **metadata: str) -> bytes:
    record = {"format": "spanmatch-checkpoint", "format_version": "1", "architecture": "vgg", **metadata}
    return safetensors.torch.save(tensors, metadata=record)


def vgg_tensors() -> dict[str, torch.Tensor]:
    return dict(build("vgg").state_dict())


def without(name: str) -> dict[str, torch.Tensor]:
    return {key: value for key, value in vgg_tensors().items() if key != name}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: checkpoint_bytes(dict(build("resnet").state_dict())), "does not fit the architecture 'vgg'"),
        (lambda: checkpoint_bytes(without("fc.linear.bias")), r"missing: fc.linear.bias"),
        (lambda: checkpoint_bytes({**vgg_tensors(), "x": torch.zeros(1)}), "not in this architecture: x"),
        (
            lambda: checkpoint_bytes({**vgg_tensors(), "logits.bias": torch.zeros(7)}),
            r"logits.bias has shape \(7,\) for \(10,\)",
        ),
        (
            lambda: checkpoint_bytes({**vgg_tensors(), "logits.bias": torch.full((10,), torch.nan)}),
            "NaN or infinity in logits.bias",
        ),
        (lambda: checkpoint_bytes(vgg_tensors(), architecture="alexnet"), "'alexnet', but there are"),
        (lambda: checkpoint_bytes(vgg_tensors(), format_version="2"), "format 2, but this spanmatch reads 1"),
        (lambda: safetensors.torch.save(vgg_tensors()), "not a checkpoint that spanmatch train wrote"),
        (lambda: checkpoint_bytes(vgg_tensors())[:5000], "not a readable safetensors file"),
        (lambda: pickle.dumps(vgg_tensors()), "not a readable safetensors file"),
        (lambda: b"", "not a readable safetensors file"),
    ],
)
def test_checkpoint_that_does_not_fit(make: object, message: str, tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    path.write_bytes(make())  # type: ignore[operator]
    with pytest.raises(InvalidFile, match=message):
        load_checkpoint(path)


def npz_with_pickle(path: Path) -> None:
    np.savez(path, images=np.array([{}], dtype=object), labels=np.zeros(1, np.uint8))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(PROBE_FILE.read_bytes()[:100_000]), "not a readable file of probe"),
        (lambda path: path.write_bytes(b""), "not a readable file of probe"),
        (lambda path: np.savez(path, images=np.zeros((2, 28, 28), np.uint8)), "labels"),
        (npz_with_pickle, "not a readable file of probe"),
        (
            lambda path: np.savez(path, images=np.zeros((2, 28, 28), np.uint8), labels=np.zeros(3, np.uint8)),
            r"\(2, 28, 28\) and labels uint8 \(3,\)",
        ),
        (
            lambda path: np.savez(path, images=np.zeros((2, 28, 28)), labels=np.zeros(2, np.uint8)),
            "images float64",
        ),
        (lambda _path: None, "not a readable file of probe"),
    ],
)
def test_damaged_probes(make: object, message: str, tmp_path: Path) -> None:
    path = tmp_path / "probes.npz"
    make(path)  # type: ignore[operator]
    with pytest.raises(InvalidFile, match=message):
        read_probes(path)


@pytest.mark.parametrize("failing", ["pathlib.Path.replace", "os.fsync"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_failed_write_leaves_the_old_file(
    failing: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(failing, fail)
    with pytest.raises(KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else InvalidFile):
        write_bytes(path, b"new")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("file", b"old")]


def test_write_replaces_and_is_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert len(list(tmp_path.iterdir())) == 1


def test_write_into_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"not writable.*writable folder"):
        write_bytes(tmp_path / "nowhere" / "file", b"new")


@pytest.mark.parametrize("package", ["torch", "safetensors"])
def test_missing_package_names_the_extra(package: str) -> None:
    program = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from spanmatch.theory.errors import MissingExtra\n"
        "try:\n    import spanmatch.networks\n"
        "except MissingExtra as error:\n    print(error)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert f"{package} not installed" in result.stdout
    assert 'pip install "spanmatch[networks]"' in result.stdout


def test_importing_the_package_does_not_load_torch() -> None:
    program = "import sys, spanmatch.networks; print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
