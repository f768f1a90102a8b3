"""The verdicts on all kinds of shipped pairs: ``python benchmarks/verdict_table.py`` makes docs/verdict.md's tables."""

from __future__ import annotations

import sys

from spanmatch import compare
from spanmatch.networks.architectures import LAYERS
from spanmatch.networks.shipped import activations, layers_of, load_probes, untrained
from spanmatch.studies.baseline import untrained_pairs
from spanmatch.theory.errors import without_advice

PAIRS = 10
SHORT = {
    "above untrained": "above",
    "no better than untrained": "untrained",
    "no better than chance": "chance",
    "rank-bound": "rank-bound",
    "too few shuffles": "too few shuffles",
}


def table(architecture: str) -> list[str]:
    """Rows: layers; columns: pairs, each with its corrected area and its verdict."""
    names = [f"{architecture}-{name}" for name in ("0", "1", "2", "random-labels", "untrained")]
    found = {name: activations(name) for name in names}
    fresh = layers_of(untrained(architecture, 2 * PAIRS + 1), load_probes()[0], LAYERS[architecture])
    base = untrained_pairs(names[:2], PAIRS, {})
    sides = {
        "0, 1": (found[names[0]], found[names[1]]),
        "0, 2": (found[names[0]], found[names[2]]),
        "1, 2": (found[names[1]], found[names[2]]),
        "0, random labels": (found[names[0]], found[names[3]]),
        "0, untrained": (found[names[0]], found[names[4]]),
        "two untrained": (found[names[4]], fresh),
        "0, itself": (found[names[0]], found[names[0]]),
    }
    columns = {}
    for name, pair in sides.items():
        with without_advice():
            columns[name] = compare(*pair, draws=2, baseline=base)
    lines = [f"| {architecture} | untrained pairs | {' | '.join(columns)} |", "|---" * (2 + len(columns)) + "|"]
    for layer in LAYERS[architecture]:
        known = next(iter(columns.values()))[layer].baseline
        assert known is not None
        cells = [f"{one[layer].corrected_area:.2f} {SHORT[one[layer].verdict]}" for one in columns.values()]
        lines.append(f"| {layer} | {known.corrected_area:.2f} ± {known.spread:.2f} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    for architecture in LAYERS:
        sys.stdout.write("\n".join(table(architecture)) + "\n\n")
