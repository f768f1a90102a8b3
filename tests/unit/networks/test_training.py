"""Training is decided by the seed, learns, memorises random labels, and says what was done."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from spanmatch.networks import fitting, training
from spanmatch.networks.data import FashionMNIST, normalise
from spanmatch.networks.shipped import PROBE_FILE, load_checkpoint, read_probes
from spanmatch.networks.training import Trained, train
from spanmatch.theory.errors import InvalidFile, InvalidOption, MissingData


@cache
def small_data() -> FashionMNIST:
    """The shipped probes, cut into 800 training and 200 test images."""
    images, stored = read_probes(PROBE_FILE)
    labels = stored.astype(np.int64)
    return FashionMNIST(images[:800], labels[:800], images[800:], labels[800:])


def trained(architecture: str = "vgg", seed: int = 0, **options: Any) -> Trained:
    return train(architecture, seed, **{"epochs": 1, "examples": 100, "data": small_data(), **options})


def same_weights(first: Trained, second: Trained) -> bool:
    weights = second.model.state_dict()
    return all(torch.equal(value, weights[name]) for name, value in first.model.state_dict().items())


@pytest.mark.parametrize("architecture", ["vgg", "resnet"])
@pytest.mark.parametrize("options", [{}, {"recipe": "published"}, {"labels": "random"}], ids=str)
def test_same_seed_same_bits_whatever_the_random_state(architecture: str, options: dict[str, str]) -> None:
    torch.manual_seed(1)
    first = trained(architecture, **options)
    torch.manual_seed(2)
    before = torch.random.get_rng_state()
    second = trained(architecture, **options)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert same_weights(first, second)
    assert (first.accuracy, first.train_accuracy) == (second.accuracy, second.train_accuracy)


def test_other_seed_other_network() -> None:
    assert not same_weights(trained(seed=0), trained(seed=1))


@pytest.mark.parametrize("recipe", fitting.RECIPES)
def test_every_recipe_learns(recipe: str) -> None:
    assert trained("resnet", epochs=3, examples=None, recipe=recipe).accuracy > 0.25  # a tenth by chance


def test_recipes_have_names_of_their_own() -> None:
    names = {training.network_name("vgg", 0, "true", recipe) for recipe in fitting.RECIPES}
    assert names == {"vgg-0", "vgg-decayed-0"}


def test_augmented_images_are_shifted_and_every_other_one_mirrored() -> None:
    """Against each image's own pixels, moved by hand."""
    images = torch.from_numpy(normalise(small_data().train_images[:40]))
    black = images.min()
    seen = fitting._shifted_and_flipped(images, black.reshape(1, 1, 1, 1), torch.Generator().manual_seed(0))(
        torch.arange(40)
    )
    moves = []
    for image, found in zip(images[:, 0], seen[:, 0], strict=True):
        padded = torch.nn.functional.pad(image, [fitting.SHIFT] * 4, value=float(black))
        shifted = {
            (down, right, mirrored): (part.flip(1) if mirrored else part)
            for down in range(5)
            for right in range(5)
            for part in [padded[down : down + 28, right : right + 28]]
            for mirrored in (False, True)
        }
        [*same] = [move for move, one in shifted.items() if torch.equal(one, found)]
        assert same
        moves += same[:1]
    assert {down for down, _, _ in moves} == {right for _, right, _ in moves} == set(range(5))
    assert 10 <= sum(mirrored for *_, mirrored in moves) <= 30


def test_what_is_saved_can_be_loaded(tmp_path: Path) -> None:
    result = trained(epochs=1, examples=None)
    assert result.examples == 800
    assert not result.model.training
    assert repr(result).startswith(f"Trained(vgg-0: test accuracy {result.accuracy:.4f}")
    path = result.save(tmp_path)
    assert path == tmp_path / "vgg-0.safetensors"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    model, metadata = load_checkpoint(path)
    assert metadata == {
        **result.metadata,
        "format": "spanmatch-checkpoint",
        "format_version": "1",
    }
    assert metadata["test_accuracy"] == f"{result.accuracy:.4f}"
    assert (metadata["epochs"], metadata["seed"], metadata["examples"]) == ("1", "0", "800")
    images = torch.zeros(1, 1, 28, 28)
    assert torch.equal(model(images), result.model(images))


def test_memorises_random_labels_and_learns_nothing_true(tmp_path: Path) -> None:
    result = trained(labels="random", examples=60, epochs=50)
    assert result.train_accuracy >= 0.95
    assert result.accuracy < 0.35
    assert result.save(tmp_path).name == "vgg-random-labels.safetensors"


def test_random_labels_have_nothing_to_do_with_the_true_ones() -> None:
    data = small_data()
    images, true = training._training_set(data, 0, 400, random=False)
    same_images, random = training._training_set(data, 0, 400, random=True)
    assert torch.equal(images, same_images)
    assert 20 <= int((true == random).sum()) <= 65  # 40 by chance, 4 standard deviations
    assert int(torch.bincount(random, minlength=10).min()) >= 15


def test_defaults_for_random_labels() -> None:
    assert (training.RANDOM_LABEL_EXAMPLES, training.RANDOM_LABEL_EPOCHS) == (2000, 100)
    assert trained(labels="random", examples=None).examples == 800  # no more than there are


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"architecture": "alexnet"}, "architecture: got 'alexnet'"),
        ({"labels": "wrong"}, "labels: got 'wrong'"),
        ({"recipe": "fast"}, "recipe: got 'fast', need one of 'decayed', 'published'"),
        ({"seed": -1}, "seed: got -1"),
        ({"seed": 2**63}, "seed: got 9223372036854775808"),
        ({"seed": "0"}, "seed: got '0'"),
        ({"seed": None}, "seed: got None"),
        ({"epochs": 0}, "epochs: got 0"),
        ({"epochs": 2.5}, "epochs: got 2.5"),
        ({"epochs": True}, "epochs: got True"),
        ({"examples": 0}, "examples: got 0"),
        ({"examples": 801}, "examples: got 801, need an integer from 1 to 800"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidOption, match=message):
        trained(**options)


def test_missing_data(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="dataset-fashion-mnist"):
        train("vgg", 0, data=tmp_path / "nowhere")


def test_unwritable_target(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="not writable"):
        trained(examples=10).save(tmp_path / "nowhere" / "vgg.safetensors")


@pytest.mark.parametrize(
    ("terminal", "progress", "shown"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_progress_bar_on_a_terminal_only(
    terminal: bool,
    progress: bool,
    shown: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "Console", lambda **options: Console(force_terminal=terminal, **options))
    trained(examples=10, progress=progress)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert ("vgg, seed 0, true labels" in captured.err) == shown
    assert (captured.err != "") == shown
