"""The pairs of networks worth comparing, and what the verification run looks at in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ...networks.shipped import activations
from ...theory.errors import without_advice
from ...theory.validation.layer import Layer
from ..comparison.compare import compare
from ..comparison.population import Population
from ..comparison.protocol import SHUFFLES
from ..comparison.results import Comparison
from .agreement import LayerAgreement, agreement

Kind = Literal["other seed", "untrained", "random labels", "itself", "strong weight decay"]

UNITS: dict[str, Any] = {"penalties": (0.1, 0.03, 0.01), "folds": 3}
"""A cheap protocol of sparse prediction; the default one takes four times as long for an R^2 about 0.01 larger."""
FEW_IMAGES = 250
FEW_ORDERS = 3
"""Enough for the sizes of simple matches with an error; all layers take 5 s."""
QUICK_UNITS = ("conv1.relu", "conv6.relu", "logits")
CERTAIN = 1e-9
"""What rounding leaves of a correlation of 1, and of a gap of 0."""


@dataclass(frozen=True)
class Pair:
    """Two networks of one architecture: names of shipped checkpoints, or "vgg-untrained". ``units``: whether they are
    compared unit by unit too."""

    a: str
    b: str
    kind: Kind
    units: bool = True

    @property
    def name(self) -> str:
        return f"{self.a} against {self.b}"


MAIN_PAIR = Pair("vgg-0", "vgg-1", "other seed")

PAIRS = (
    MAIN_PAIR,
    Pair("vgg-0", "vgg-untrained", "untrained"),
    Pair("vgg-0", "vgg-random-labels", "random labels"),
    Pair("vgg-0", "vgg-0", "itself"),
    Pair("resnet-0", "resnet-1", "other seed"),
    Pair("resnet-0", "resnet-untrained", "untrained"),
    Pair("resnet-0", "resnet-random-labels", "random labels"),
    Pair("vgg-decayed-0", "vgg-decayed-1", "strong weight decay", units=False),
)
"""Other seeds, the controls that tell what they share from chance, and how much one choice in training changes."""


@dataclass(frozen=True)
class PairResult:
    """A pair of networks compared layer by layer; ``agreements`` only for the pair on which routes are compared."""

    pair: Pair
    comparison: Comparison
    agreements: tuple[LayerAgreement, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        """What cannot be, whatever the networks."""
        found = [*_unit_faults(self), *(_self_faults(self) if self.pair.kind == "itself" else ())]
        return (*(fault for one in self.agreements for fault in one.faults), *found)

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.pair.name,
            "kind": self.pair.kind,
            "comparison": self.comparison.to_dict(),
            "agreements": [{**vars(one), "ok": one.ok} for one in self.agreements],
        }


def compare_seeds(architecture: str, *, seed: int) -> Population:
    """The shipped networks of an architecture that differ in their seeds alone, in all pairs, without a null."""
    networks = [f"{architecture}-{number}" for number in range(3)]
    first, second, third = map(activations, networks)
    with without_advice():
        return compare(first, second, third, draws=4, shuffles=0, seed=seed, names=networks)


def for_pair(pair: Pair, images: int | None = None) -> tuple[dict[str, Layer], dict[str, Layer]]:
    """The activations of both networks of a pair on the same probes."""
    return activations(pair.a, images), activations(pair.b, images)


def compare_pair(pair: Pair, *, quick: bool, seed: int) -> PairResult:
    """Similarity and unit views of a pair; of ``MAIN_PAIR`` minimal matches too."""
    a, b = for_pair(pair, FEW_IMAGES if quick else None)
    with without_advice():
        comparison = compare(
            a,
            b,
            draws=1 if quick else 4,
            shuffles=19 if quick else SHUFFLES,
            seed=seed,
            minimal=pair == MAIN_PAIR and {"timeout": 2.0 if quick else 20.0, "orders": 0 if quick else FEW_ORDERS},
            images=pair == MAIN_PAIR and {"shown": "probes", "count": 2},
            units=pair.units and UNITS | {"layers": QUICK_UNITS if quick else None},
            names=(pair.a, pair.b),
        )
    return PairResult(pair, comparison)


def main_agreement(layer: str, *, quick: bool, full: bool, seed: int) -> LayerAgreement:
    """Whether A3, A4, A1 and the exact oracle agree on a layer of ``MAIN_PAIR``."""
    a, b = for_pair(MAIN_PAIR, FEW_IMAGES if quick else None)
    return agreement(layer, a[layer], b[layer], seed, full=full)


def _self_faults(result: PairResult) -> list[str]:
    """Against itself a network has similarity exactly 1 at every epsilon, and every unit that varies finds itself."""
    return [
        f"{result.pair.name}: {layer.name} has similarity {min(layer.similarity)} with itself"
        for layer in result.comparison
        if min(layer.lowest) != 1.0
    ] + [
        f"{result.pair.name}: {layer.name} has units that do not correlate with themselves"
        for layer in result.comparison.units or ()
        if abs(sum(layer.matched_curve) - (layer.neurons[0] - layer.constant[0])) > CERTAIN * layer.neurons[0]
    ]


def _unit_faults(result: PairResult) -> list[str]:
    """Semi-matching is never below matching."""
    return [
        f"{result.pair.name}: {layer.name} has semi-matching {-layer.gap:.1e} below matching"
        for layer in result.comparison.units or ()
        if layer.gap < -CERTAIN
    ]
