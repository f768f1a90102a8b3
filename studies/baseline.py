"""Untrained networks of the architectures that are compared: what architecture and data give by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..theory.errors import InvalidOption, without_advice
from .comparison.compare import compare
from .comparison.protocol import BASELINE_SHUFFLES
from .comparison.results import Comparison
from .sources import is_checkpoint


def untrained_pairs(sources: Sequence[str], count: int, options: Mapping[str, Any]) -> list[Comparison]:
    """``count`` comparisons of two untrained networks each, all of them different, on the shipped probes.

    Parameters: ``sources``: the networks that are compared, names or checkpoint files; more than two must be of one
    architecture; ``options``: of ``compare``. Raises: ``InvalidOption`` for activations of unknown networks.
    """
    from ..networks.architectures import LAYERS
    from ..networks.shipped import checkpoint_names, layers_of, load_probes, network, untrained, untrained_names

    for source in sources:
        if source not in (*checkpoint_names(), *untrained_names()) and not is_checkpoint(Path(source)):
            raise InvalidOption(
                f"baseline: got {source}, which is no network that could be built anew, need shipped networks or "
                f"checkpoints; with activations of your own compare those of untrained networks in Python, baseline="
            )
    architectures = [network(source)[1] for source in sources]
    if len(sources) > 2 and len(set(architectures)) > 1:
        raise InvalidOption(f"baseline: got networks of {', '.join(architectures)}, need one architecture for several")
    probes, found = load_probes()[0], []
    for k in range(count):
        numbered = zip(architectures[:2], (2 * k + 1, 2 * k + 2), strict=True)
        a, b = (layers_of(untrained(name, number), probes, LAYERS[name]) for name, number in numbered)
        with without_advice():
            found.append(compare(a, b, **options, draws=1, shuffles=BASELINE_SHUFFLES))
    return found
