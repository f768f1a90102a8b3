"""How layers are compared: the grid, the sampling, the null, the policies and what else is measured, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypeVar

from ...algorithms.compressed.compressor import as_rank_tol
from ...theory.errors import InvalidEpsilon, InvalidOption, shown
from ...theory.validation import DeadNeurons, as_dead_neurons, as_epsilon
from ...theory.validation.layer import as_layouts
from ...theory.validation.options import as_count, as_list, as_names, as_option

EPSILONS = tuple(round(0.05 * k, 2) for k in range(1, 20))
POSITIONS = 10_000
SHUFFLES = 199
"""So many allow a p-value of 0.005: up to ten layers can be told from chance at 0.05 after Holm's correction."""
BASELINE_SHUFFLES = 19
"""Enough for the mean area of the null, which is all that a pair of untrained networks needs of it."""

MOST_DRAWS = 1_000_000
"""Far beyond what anyone waits for; more is a slip of the pen."""


@dataclass(frozen=True)
class MeasureOptions:
    """Of a measure that is taken only when asked for. ``layers``: of which pairs of layers, by the names or glob
    patterns of the pairs; None: of all that are compared."""

    layers: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.layers is not None:
            object.__setattr__(self, "layers", tuple(as_names(self.layers, "layers", "names or patterns of layers")))


@dataclass(frozen=True)
class MinimalOptions(MeasureOptions):
    """Of the minimal matches: at which ``epsilons``; ``timeout``: seconds a layer and epsilon, None for no limit (what
    was found until then is marked as not complete); ``orders``: random orders a neuron for the sizes of simple matches,
    which take as long again at most, 0 for none."""

    epsilons: tuple[float, ...] = (0.3, 0.5)
    timeout: float | None = 20.0
    orders: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "epsilons", _grid(self.epsilons))
        object.__setattr__(self, "orders", as_count(self.orders, "orders", 0))


@dataclass(frozen=True)
class UnitOptions(MeasureOptions):
    """Of the unit views: ``epsilon`` of the maximum match beside them; how many spectral ``blocks``, fewer where a
    layer has fewer live units; ``penalties`` and ``folds`` of sparse prediction, which keeps an image in one fold
    (None: its own grid; 5 folds, fewer where there are fewer images)."""

    epsilon: float = 0.5
    blocks: int = 8
    penalties: tuple[float, ...] | None = None
    folds: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "epsilon", as_epsilon(self.epsilon))
        object.__setattr__(self, "blocks", as_count(self.blocks, "blocks", 1))
        if self.penalties is not None:
            penalties = as_list(self.penalties, "penalties", "a sequence of positive numbers, or None")
            object.__setattr__(self, "penalties", tuple(penalties))


@dataclass(frozen=True)
class ImageOptions(MeasureOptions):
    """Of the best- and worst-matched images: how many of each (``count``) are named for a neuron; ``shown``: "probes"
    where the images are the first shipped ones, which the page then shows; None: only their numbers are known."""

    count: int = 3
    shown: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "count", as_count(self.count, "count", 1))
        if self.shown is not None:
            as_option(self.shown, "shown", ("probes",))


Options = TypeVar("Options", bound=MeasureOptions)


@dataclass(frozen=True)
class Protocol:
    """What the numbers of a comparison follow from, beside the activations; see ``compare``."""

    epsilons: tuple[float, ...]
    positions: int
    draws: int
    shuffles: int
    bootstrap: int
    layout: tuple[str, ...]
    seed: int
    dead_neurons: DeadNeurons
    rank_tol: float | None
    minimal: MinimalOptions | None
    units: UnitOptions | None
    images: ImageOptions | None = None

    @classmethod
    def checked(
        cls,
        *,
        epsilons: Any,
        layout: Any,
        dead_neurons: Any,
        rank_tol: Any,
        minimal: Any,
        units: Any,
        images: Any = False,
        **counts: Any,
    ) -> Protocol:
        """The protocol, its grid sorted and without repetitions. Raises: ``InvalidEpsilon``, ``InvalidOption``."""
        whole = {
            name: as_count(counts[name], name, least, most)
            for name, least, most in (
                ("positions", 1, None),
                ("draws", 1, MOST_DRAWS),
                ("shuffles", 0, MOST_DRAWS),
                ("bootstrap", 0, MOST_DRAWS),
                ("seed", 0, None),
            )
        }
        return cls(
            epsilons=_grid(epsilons),
            layout=as_layouts(layout),
            dead_neurons=as_dead_neurons(dead_neurons),
            rank_tol=as_rank_tol(rank_tol),
            minimal=_options(MinimalOptions, minimal, "minimal"),
            units=_options(UnitOptions, units, "units"),
            images=_options(ImageOptions, images, "images"),
            **whole,
        )

    @property
    def measures(self) -> dict[str, MeasureOptions]:
        """What is measured, in order; similarity always is."""
        asked = {name: getattr(self, name) for name in ("minimal", "units", "images")}
        asked = {"similarity": MeasureOptions(), **asked}
        return {name: options for name, options in asked.items() if options is not None}

    def of_baseline(self) -> Protocol:
        """For pairs of untrained networks: what their areas take, cheaply."""
        shuffles = min(self.shuffles, BASELINE_SHUFFLES)
        return replace(self, draws=1, shuffles=shuffles, bootstrap=0, minimal=None, units=None, images=None)

    def to_dict(self) -> dict[str, Any]:
        """All but the seed, which results show on its own; these are keywords of ``compare``, as JSON has them."""
        return {name: _plain(value) for name, value in asdict(self).items() if name != "seed"}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


def _options(kind: type[Options], value: Any, name: str) -> Options | None:
    """What ``compare`` takes for a measure: False (or None), True for the defaults, or options by name."""
    if value is None or value is False:
        return None
    known = [field.name for field in fields(kind)]
    if value is True:
        return kind()
    if isinstance(value, Mapping) and set(value) <= set(known):
        return kind(**value)
    raise InvalidOption(f"{name}: got {shown(value)}, need True, False, or a mapping with some of {', '.join(known)}")


def _grid(epsilons: Any) -> tuple[float, ...]:
    needed = "a sequence of numbers in [0, 1), at least one"
    listed = as_list(epsilons, "epsilons", needed, InvalidEpsilon)
    if not listed:
        raise InvalidEpsilon(f"epsilons: got none, need {needed}")
    return tuple(sorted({as_epsilon(epsilon, "epsilons") for epsilon in listed}))
