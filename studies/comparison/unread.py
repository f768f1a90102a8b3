"""Layers that are known but not read yet: files are read one layer after the other, when its turn comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ...files.activations import LayerFile
from ...theory.errors import InvalidOption
from ...theory.validation.foreign import is_lazy
from ...theory.validation.layer import Layer, as_layer
from ...theory.validation.options import Steps
from ...theory.validation.pooling import pooled
from .blocks.pairs import LazySide, Recipe, pair_in_blocks
from .protocol import Protocol
from .records import pair_name
from .samples import AskedPair, LayerPair


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

    @property
    def lazy(self) -> bool:
        """Whether Dask holds it, and it is never read as a whole."""
        if isinstance(self.value, LayerFile):
            return self.value.lazy
        return is_lazy(self.value.values if isinstance(self.value, Layer) else self.value)

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

    @property
    def lazy(self) -> bool:
        """Whether it is taken in block by block."""
        return self.A.lazy or self.B.lazy

    def taken(self, progress: Steps | None = None) -> AskedPair:
        """The pair as it is measured: read, or taken in block by block, of which ``progress`` is told.

        Raises: what ``Source.layer`` raises; ``InvalidOption`` for units or images of blocks.
        """
        if not self.lazy:
            return self.read()
        for measure in ("units", "images"):
            if measure in self.measures:
                raise InvalidOption(
                    f"{measure}: got {self.name}, which is compared block by block, need arrays in memory; leave "
                    f"{measure} out"
                )
        A, B = self.A.layer(), self.B.layer()
        sides = LazySide.of(self.A.name, self.A.said, A), LazySide.of(self.B.name, self.B.said, B)
        notes = *self._notes(self.A), *self._notes(self.B), "all inputs were taken, block by block, as one draw"
        recipe = Recipe(sides, replace(self.protocol, positions=1, draws=1), self.resolution, notes)
        return pair_in_blocks(A, B, recipe, self.measures, progress)

    def read(self) -> LayerPair:
        """The pair with its values. Raises: what ``Source.layer`` raises."""
        A, B = (self._averaged(source.layer()) for source in (self.A, self.B))
        notes = (*self._notes(self.A), *self._notes(self.B))
        return LayerPair(self.A.name, self.B.name, A, B, self.protocol, self.measures, notes)

    def _averaged(self, layer: Layer) -> Layer:
        return layer if self.resolution is None else pooled(layer, self.resolution)

    def _notes(self, source: Source) -> list[str]:
        if self.resolution is None or self.resolution == source.known.resolution:
            return []
        sizes = f"from {size_of(source.known.resolution)} to {size_of(self.resolution)}"
        return [f"{source.said}: averaged {sizes}"]


def size_of(resolution: Mapping[str, int]) -> str:
    """As a reader says it: "4 x 4 positions"."""
    return f"{' x '.join(map(str, resolution.values())) or 'one'} position{'s' if resolution else ''}"
