"""Checkpoints on disk: safetensors (numbers only, nothing that runs on loading), the record as metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from ..files.atomic import write_bytes
from ..theory.errors import InvalidFile
from .architectures import ARCHITECTURES, build

FORMAT = "spanmatch-checkpoint"
FORMAT_VERSION = "1"


def save_checkpoint(path: Path, model: nn.Module, metadata: Mapping[str, str]) -> None:
    """Write the weights and buffers of ``model`` in float32 with ``metadata``, which names the architecture.

    *Raises* ``InvalidFile`` when the file cannot be written.
    """
    tensors = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    record = {"format": FORMAT, "format_version": FORMAT_VERSION, **metadata}
    write_bytes(path, safetensors.torch.save(tensors, metadata=record))


def read_checkpoint(path: Path) -> tuple[nn.Module, dict[str, str]]:
    """The network stored at ``path``, in eval mode, and its metadata.

    *Raises* ``InvalidFile`` when the file is not safetensors, not a checkpoint of this package, of an unknown
    architecture or format version, or does not fit its architecture.
    """
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = dict(file.metadata() or {})
            names = file.keys()
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in names}
    except (OSError, safetensors.SafetensorError) as error:
        raise InvalidFile(
            f"{path}: not a readable safetensors file ({error}); train it again or get it again."
        ) from error
    if metadata.get("format") != FORMAT:
        raise InvalidFile(f"{path}: a safetensors file, but not a checkpoint that spanmatch train wrote.")
    if metadata.get("format_version") != FORMAT_VERSION:
        raise InvalidFile(
            f"{path}: format {metadata.get('format_version')}, but this spanmatch reads {FORMAT_VERSION}."
        )
    architecture = metadata.get("architecture", "")
    if architecture not in ARCHITECTURES:
        raise InvalidFile(f"{path}: architecture {architecture!r}, but there are: {', '.join(sorted(ARCHITECTURES))}.")
    # The initial weights are thrown away, so they must not cost the caller's random state.
    with torch.random.fork_rng(devices=[]):
        model = build(architecture)
    _check_fit(path, architecture, model.state_dict(), tensors)
    model.load_state_dict(tensors)
    return model.eval(), metadata


def _check_fit(path: Path, architecture: str, needed: Mapping[str, Tensor], came: Mapping[str, Tensor]) -> None:
    missing = sorted(needed.keys() - came.keys())
    foreign = sorted(came.keys() - needed.keys())
    misshapen = [
        f"{name} has shape {tuple(came[name].shape)} for {tuple(needed[name].shape)}"
        for name in sorted(needed.keys() & came.keys())
        if came[name].shape != needed[name].shape
    ]
    faults = (
        [f"missing: {', '.join(missing)}"] * bool(missing)
        + [f"not in this architecture: {', '.join(foreign)}"] * bool(foreign)
        + misshapen
    )
    if faults:
        raise InvalidFile(f"{path}: does not fit the architecture {architecture!r}: {'; '.join(faults)}.")
    broken = [name for name, tensor in came.items() if not bool(tensor.isfinite().all())]
    if broken:
        raise InvalidFile(f"{path}: NaN or infinity in {', '.join(broken)}; train it again or get it again.")
