"""A device of another array library: what lies there, and what comes here."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....theory.validation import Array, to_numpy
from ....theory.validation.foreign import is_foreign


@dataclass(frozen=True)
class Place:
    """A device that has float64, and the namespace of the library whose arrays lie on it."""

    xp: Any
    device: Any

    @classmethod
    def of(cls, x: Any, y: Any) -> Place | None:
        """Where both are; None unless that is one device of a library that has float64 there."""
        if not (is_foreign(x) and is_foreign(y)):
            return None
        from array_api_compat import array_namespace, device

        try:
            place = cls(array_namespace(x, y), device(x))
            if place.device != device(y):
                return None
            with warnings.catch_warnings():
                # JAX warns, and gives float32, where float64 is not enabled.
                warnings.simplefilter("ignore")
                return place if place.doubled(x[:1, :]).dtype == place.xp.float64 else None
        except (TypeError, RuntimeError, AttributeError):
            return None

    @property
    def is_processor(self) -> bool:
        """Whether it is what NumPy computes on, too."""
        return "cpu" in str(self.device).lower()

    def doubled(self, values: Any) -> Any:
        """Values that lie there, in float64."""
        return self.xp.astype(values, self.xp.float64)

    def there(self, values: np.ndarray) -> Any:
        """A copy of some values that NumPy has."""
        return self.xp.asarray(np.ascontiguousarray(values), device=self.device)

    def here(self, values: Any) -> Array:
        """A copy of some values that lie there, in float64."""
        return np.asarray(on_host(values, "Z"), dtype=np.float64)


def on_host(rows: Any, name: str) -> Any:
    """Some rows as NumPy has them."""
    return to_numpy(rows, name)[0]
