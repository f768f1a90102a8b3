"""The networks of an experiment: trained once, kept in its folder, and what they make of the test images."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import safetensors
import safetensors.torch
import torch
from torch import nn

from ...files.atomic import output_folder, to_json, write_bytes
from ...networks.capture.capture import capture
from ...networks.fitting import fit
from ...networks.training import accuracy
from ...theory.validation.layer import Layer
from .experiment import NETWORK_SEEDS, RECIPE, Experiment

NETWORKS = "networks"
"""The folder of the networks, inside that of the run."""
NETWORK = "network"
"""The entry of a checkpoint's metadata with its record, in JSON."""
IMAGES_AT_ONCE = 200
THROUGH_TRAINING = NETWORK_SEEDS[:2]
"""The seeds of which every kept epoch is compared."""


class Network(NamedTuple):
    """One network of an experiment, after so many epochs."""

    architecture: str
    seed: int
    epoch: int

    @property
    def name(self) -> str:
        return f"{self.architecture}-{self.seed}"

    def checkpoint(self, folder: Path) -> Path:
        """Its file, in the folder of a run."""
        return folder / NETWORKS / f"{self.name}-epoch-{self.epoch}.safetensors"


def trained(experiment: Experiment, architecture: str, seed: int, folder: Path, device: str) -> dict[str, Any]:
    """Train a network, or find it trained by the same experiment; its record: seed, epochs, accuracies."""
    wanted = experiment.kept_epochs if seed in THROUGH_TRAINING else experiment.kept_epochs[-1:]
    paths = {epoch: Network(architecture, seed, epoch).checkpoint(folder) for epoch in wanted}
    found = [_record(path) for path in paths.values()]
    if all(record.pop("experiment", None) == experiment.to_dict() for record in found):
        return found[-1]
    data = experiment.data()
    images = torch.from_numpy(data.seen(data.train_images[: experiment.examples]))
    labels = torch.from_numpy(data.train_labels[: experiment.examples])
    tests = torch.from_numpy(data.seen(data.test_images))
    black = torch.from_numpy(data.seen(0 * data.train_images[:1]))[..., :1, :1]
    model = experiment.model(architecture, seed)

    def keep(epoch: int, model: nn.Module) -> None:
        if epoch not in paths:
            return
        on_tests = accuracy(model, tests, torch.from_numpy(data.test_labels))
        record = {"architecture": architecture, "seed": seed, "epochs": epoch, "test_accuracy": round(on_tests, 4)}
        state = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
        # One entry, because the order of several is another one every time.
        told = to_json({**record, "experiment": experiment.to_dict()})
        content = safetensors.torch.save(state, metadata={NETWORK: told})
        with output_folder(folder / NETWORKS):
            write_bytes(paths[epoch], content)

    fit(model, images, labels, RECIPE, seed, black=black, epochs=experiment.epochs, device=device, after_epoch=keep)
    return {name: value for name, value in _record(paths[experiment.epochs]).items() if name != "experiment"}


def activations(experiment: Experiment, folder: Path, network: Network, layer: str, device: str) -> dict[str, Layer]:
    """One layer of a network on the test images."""
    model = experiment.model(network.architecture, network.seed)
    model.load_state_dict(safetensors.torch.load_file(network.checkpoint(folder)))
    return capture(model.eval().to(device), torch.split(_test_images(experiment), IMAGES_AT_ONCE), layer)


@lru_cache(maxsize=1)
def _test_images(experiment: Experiment) -> torch.Tensor:
    return experiment.test_images()


def _record(path: Path) -> dict[str, Any]:
    """What a checkpoint says of itself; nothing where there is none."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            return dict(json.loads((file.metadata() or {}).get(NETWORK, "{}")))
    except (OSError, ValueError, safetensors.SafetensorError):
        return {}
