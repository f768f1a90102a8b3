"""What all results about pairs of layers have in common: names, finding a pair by its name, plain dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from ...theory.errors import UnknownLayer


def pair_name(a: str, b: str) -> str:
    """What a pair of layers is called: by their name, or by both."""
    return a if a == b else f"{a} / {b}"


@dataclass(frozen=True, repr=False)
class LayerRecord:
    """What was found of one layer of network A against one of network B."""

    layer_a: str
    layer_b: str

    @property
    def name(self) -> str:
        return pair_name(self.layer_a, self.layer_b)


Record = TypeVar("Record", bound=LayerRecord)


@dataclass(frozen=True, repr=False)
class LayerRecords(Generic[Record]):
    """The records of some pairs of layers of two networks, in order; ``records["conv1"]`` finds one. ``notes``: what
    was left out, and why. Raises: ``UnknownLayer``."""

    layers: tuple[Record, ...]
    name_a: str
    name_b: str
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[Record]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, name: str) -> Record:
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            raise UnknownLayer(f"layer: got {name!r}, compared were {', '.join(layer.name for layer in self.layers)}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain numbers, strings, sequences and dictionaries."""
        return {
            "networks": [self.name_a, self.name_b],
            "notes": list(self.notes),
            "layers": [{"name": layer.name, **asdict(layer)} for layer in self.layers],
        }

    def __repr__(self) -> str:
        layers = "".join(f"\n  {layer!r}" for layer in self.layers)
        return f"{type(self).__name__}({self.name_a} against {self.name_b}: {len(self.layers)} layers{layers})"
