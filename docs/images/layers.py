"""Draws layers.png, the picture of the README: ``.venv/bin/python docs/images/layers.py`` (a minute or two)."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt

import spanmatch as sm
from spanmatch.networks.shipped import activations, layers_of, load_probes, untrained

LAYERS = [*(f"conv{k}.relu" for k in range(1, 7)), "fc.relu", "logits"]
EPSILON = 0.5


def pairs(found: list[dict[str, sm.Layer]], shuffles: int = 0) -> list[sm.Comparison]:
    return [
        sm.compare(a, b, layers=LAYERS, draws=4, shuffles=shuffles, dead_neurons="drop")
        for k, a in enumerate(found)
        for b in found[k + 1 :]
    ]


trained = pairs([activations(f"vgg-{seed}") for seed in range(3)], shuffles=19)
fresh = pairs([layers_of(untrained("vgg", number), load_probes()[0], LAYERS) for number in range(3)])

figure, axes = plt.subplots(figsize=(7.5, 3.2), layout="constrained")
for found, colour, label in ((fresh, "0.6", "untrained networks"), (trained, "tab:blue", "trained networks")):
    curves = [[pair[layer].at(EPSILON) for layer in LAYERS] for pair in found]
    low, high = ([choose(values) for values in zip(*curves, strict=True)] for choose in (min, max))
    mean = [sum(values) / len(values) for values in zip(*curves, strict=True)]
    axes.fill_between(LAYERS, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(LAYERS, mean, "o-", color=colour, label=label)
null = [max(pair[layer].null[list(pair[layer].epsilons).index(EPSILON)] for pair in trained) for layer in LAYERS]
axes.plot(LAYERS, null, ":", color="black", label="shuffled images")
axes.set_ylabel(f"share of neurons that match, ε = {EPSILON}")
axes.set_ylim(-0.03, 1.03)
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)
