"""How layers are compared: the grid, the sampling, the null and the policies, checked once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ...theory.errors import InvalidEpsilon
from ...theory.validation import DeadNeurons, as_count, as_dead_neurons, as_epsilon, as_option
from .samples import Layout

EPSILONS = tuple(round(0.05 * k, 2) for k in range(1, 20))
POSITIONS = 10_000


@dataclass(frozen=True)
class Protocol:
    """What the numbers of a comparison follow from, beside the activations; see ``compare``."""

    epsilons: tuple[float, ...]
    positions: int
    draws: int
    shuffles: int
    bootstrap: int
    layout: Layout
    seed: int
    dead_neurons: DeadNeurons
    rank_tol: float | None

    @classmethod
    def checked(cls, *, epsilons: Any, layout: Any, dead_neurons: Any, rank_tol: Any, **counts: Any) -> Protocol:
        """The protocol, its grid sorted and without repetitions. Raises: ``InvalidEpsilon``, ``InvalidOption``."""
        whole = {
            name: as_count(counts[name], name, least)
            for name, least in (("positions", 1), ("draws", 1), ("shuffles", 0), ("bootstrap", 0), ("seed", 0))
        }
        return cls(
            epsilons=_grid(epsilons),
            layout=as_option(layout, "layout", ("nchw", "nhwc")),
            dead_neurons=as_dead_neurons(dead_neurons),
            rank_tol=rank_tol,
            **whole,
        )

    def to_dict(self) -> dict[str, Any]:
        """All but the seed, which results show on its own."""
        return {name: value for name, value in asdict(self).items() if name != "seed"}


def _grid(epsilons: Any) -> tuple[float, ...]:
    if isinstance(epsilons, str) or not isinstance(epsilons, Iterable):
        raise InvalidEpsilon(f"epsilons: got {epsilons!r}, need a sequence of numbers in [0, 1)")
    grid = sorted({as_epsilon(epsilon) for epsilon in epsilons})
    if not grid:
        raise InvalidEpsilon("epsilons: got none, need at least one number in [0, 1)")
    return tuple(grid)
