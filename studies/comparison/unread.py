"""Layers that are known but not read yet: files are read one layer after the other, when its turn comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ...files.activations import LayerFile
from ...theory.validation.layer import Layer, as_layer
from ...theory.validation.pooling import pooled
from .protocol import Protocol
from .records import pair_name
from .samples import LayerPair


@dataclass(frozen=True, eq=False)
class Source:
    """A layer in memory or in a file: ``known`` before it is read. ``name``: in the file; ``said``: in messages."""

    value: Any
    name: str
    said: str
    layouts: tuple[str, ...]
    known: Layer

    @classmethod
    def of(cls, acts: Any, name: str, argument: str, layouts: tuple[str, ...]) -> Source:
        """Look at everything that can be seen without reading a file. Raises: ``InvalidActivations``.

        What is never drawn must be finite too: otherwise the seed would decide whether a NaN is seen.
        """
        said = f"{argument}[{name!r}]"
        if isinstance(acts, LayerFile):
            file = acts.with_layout(layouts)
            return cls(file, name, said, layouts, file.outline(name, said))
        value = acts[name]
        layer = as_layer(value, said, layouts)
        layer.check_finite(said)
        if not isinstance(value, Layer | np.ndarray):
            # Tensors of other devices and data sets of open files are copied again when their turn comes.
            layer = layer.outline()
        return cls(value, name, said, layouts, layer)

    def layer(self) -> Layer:
        """The layer itself. Raises: ``InvalidActivations``, ``InvalidFile``."""
        if not isinstance(self.value, LayerFile):
            return as_layer(self.value, self.said, self.layouts)
        layer = self.value[self.name]
        layer.check_finite(self.said)
        return layer

    def __getstate__(self) -> dict[str, Any]:
        value = self.value if isinstance(self.value, LayerFile) else self.layer()
        return {**{field.name: getattr(self, field.name) for field in fields(self)}, "value": value}


@dataclass(frozen=True, eq=False)
class UnreadPair:
    """Two layers that can be compared. ``resolution``: that they are averaged to, None for as they are."""

    A: Source
    B: Source
    protocol: Protocol
    measures: tuple[str, ...]
    resolution: Mapping[str, int] | None

    @property
    def name(self) -> str:
        return pair_name(self.A.name, self.B.name)

    def read(self) -> LayerPair:
        """The pair with its values. Raises: what ``Source.layer`` raises."""
        (A, a), (B, b) = (self._averaged(source) for source in (self.A, self.B))
        return LayerPair(self.A.name, self.B.name, A, B, self.protocol, self.measures, (*a, *b))

    def _averaged(self, source: Source) -> tuple[Layer, list[str]]:
        layer = source.layer()
        if self.resolution is None or self.resolution == layer.resolution:
            return layer, []
        note = f"{source.said}: averaged from {size_of(layer.resolution)} to {size_of(self.resolution)}"
        return pooled(layer, self.resolution), [note]


def size_of(resolution: Mapping[str, int]) -> str:
    """As a reader says it: "4 x 4 positions"."""
    return f"{' x '.join(map(str, resolution.values())) or 'one'} position{'s' if resolution else ''}"
