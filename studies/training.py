"""Networks trained and tabulated: what ``spanmatch train`` does."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from ..files.atomic import check_new, check_output_file
from ..networks.shipped import checkpoint_names, load_checkpoint, load_probes
from ..networks.training import DECAYED, Labels, accuracy, network_name, train
from ..theory.errors import InvalidFile

SUFFIX = ".safetensors"


def train_to(
    architecture: str,
    out: str | PathLike[str],
    *,
    seed: int,
    labels: Labels = "true",
    recipe: str | None = None,
    epochs: int | None = None,
    examples: int | None = None,
    data: str | PathLike[str] | None = None,
    overwrite: bool = True,
) -> dict[str, Any]:
    """Train one network, write it as a checkpoint, and return its record; ``out`` is tried before the work.

    Parameters as in ``networks.training.train``, and what it raises; ``overwrite``: a checkpoint that is there already
    is replaced, not an ``InvalidFile``.
    """
    target = Path(out)
    if not target.is_dir():
        if target.suffix != SUFFIX:
            raise InvalidFile(f"{target}: unknown suffix {target.suffix!r}, need {SUFFIX}, or an existing folder")
        check_output_file(target)
    if not overwrite:
        check_new(target / f"{network_name(architecture, seed, labels, recipe)}{SUFFIX}" if target.is_dir() else target)
    trained = train(
        architecture, seed, recipe=recipe, epochs=epochs, examples=examples, data=data, labels=labels
    )
    path = trained.save(target)
    return {"checkpoint": path, "name": trained.name, **_record(trained.metadata), "probes": on_probes(trained.model)}


def shipped_table() -> list[dict[str, Any]]:
    """A record for each shipped checkpoint, as stored in it, and its accuracy on the shipped probes as it is now."""
    rows = []
    for name in checkpoint_names():
        model, metadata = load_checkpoint(name)
        rows.append({"name": name, **_record(metadata), "probes": on_probes(model)})
    return rows


def on_probes(model: Any) -> float:
    """The share of right answers on the shipped probes."""
    return accuracy(model, *load_probes())


def _record(metadata: dict[str, str]) -> dict[str, Any]:
    return {
        "architecture": metadata["architecture"],
        "seed": int(metadata["seed"]),
        "labels": metadata["labels"],
        "recipe": metadata.get("recipe", DECAYED),
        "examples": int(metadata["examples"]),
        "epochs": int(metadata["epochs"]),
        "test_accuracy": float(metadata["test_accuracy"]),
        "train_accuracy": float(metadata["train_accuracy"]),
    }
