"""Claims about Convergent Learning: closed forms, time and memory of one pass, the tables of its page in the docs."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from claim import MUST, ROOT, Claim, Measured
from own_memory import watched

from spanmatch import compare
from spanmatch.networks.architectures import LAYERS
from spanmatch.networks.shipped import activations, layers_of, load_probes, untrained
from spanmatch.studies.comparison.measures.units import UnitViews
from spanmatch.studies.verification.networks import MAIN_PAIR, PAIRS, Pair, for_pair
from spanmatch.studies.verification.units_recovery import planted_table
from spanmatch.theory.errors import without_advice

PAGE = "docs/convergent-learning.md"
SECOND_PAIR = PAIRS[4]
VGGS, RESNETS = (MAIN_PAIR, *PAIRS[1:3]), (SECOND_PAIR, *PAIRS[5:7])

LARGE = """
C = convergent.correlations(X, Y)
convergent.bipartite_matching(C), convergent.semi_matching(C)
"""


@cache
def large() -> list[tuple[float, float]]:
    """(MB above the interpreter, seconds) for 25 000 and 100 000 positions of 512 + 512 units in float32, 2 threads."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for name in "xy":
            np.save(Path(folder, name), np.maximum(rng.standard_normal((100_000, 512), dtype=np.float32), 0))
        return [watched(LARGE, folder, inputs, threads=2) for inputs in (25_000, 100_000)]


def large_time() -> Measured:
    seconds = large()[1][1]
    return f"{seconds:.1f} s", seconds < 10


def large_memory() -> Measured:
    (few, _), (many, _) = large()
    return f"{few:.0f} MB, {many:.0f} MB", many < 1.1 * few + 10


def planted_errors() -> Measured:
    rows = planted_table()
    worst = max(row.worst for row in rows)
    return f"{worst:.1e}; {sum(row.recovered for row in rows)} of {len(rows)} recovered", (
        worst <= 1e-8 and all(row.recovered for row in rows)
    )


def planted_rows() -> list[str]:
    """The planted table of the page."""
    return [
        f"| {row.name} | {row.similarity:.2f} | {row.matched:.3f} | {row.semi:.3f} | "
        f"{'' if row.r2 is None else f'{row.r2:.3f}'} | {row.blocks} | "
        f"{row.participation[0]:.1f} / {row.participation[1]:.1f} |"
        for row in planted_table()
    ]


@cache
def table(pair: Pair, *, cheap: bool = False) -> UnitViews:
    """``cheap``: with hardly any sparse prediction."""
    with without_advice():
        units = {"penalties": (1.0,), "folds": 2} if cheap else True
        found = compare(*for_pair(pair), draws=1, shuffles=0, units=units, names=(pair.a, pair.b)).units
    assert found is not None
    return found


def layer_rows(found: UnitViews) -> list[str]:
    """A table of layers of the page."""
    return [
        f"| {layer.name} | {layer.similarity:.2f} | {layer.matched:.3f} | {layer.semi:.3f} | {layer.gap:.3f} | "
        f"{layer.r2[0]:.2f} / {layer.r2[1]:.2f} | {layer.units[0]:.0f} / {layer.units[1]:.0f} | {layer.shared:.2f} | "
        f"{layer.participation[0]:.1f} / {layer.participation[1]:.1f} |"
        for layer in found.layers
    ]


@cache
def beside_controls() -> list[tuple[str, list[tuple[float, float]]]]:
    """(matched, semi) of each layer of the first pair of an architecture and of its two controls."""
    rows: list[tuple[str, list[tuple[float, float]]]] = []
    for first, *rest in (VGGS, RESNETS):
        tables = [table(first), *(table(pair, cheap=True) for pair in rest)]
        for layers in zip(*(found.layers for found in tables), strict=True):
            name = f"{first.a.partition('-')[0]} {layers[0].name}"
            rows.append((name, [(layer.matched, layer.semi) for layer in layers]))
    return rows


def control_rows() -> list[str]:
    """The table of the controls of the page."""
    return [
        f"| {name} | {' | '.join(f'{matched:.3f} / {semi:.3f}' for matched, semi in pairs)} |"
        for name, pairs in beside_controls()
    ]


def controls() -> Measured:
    """Units of two trained networks have closer partners than those of either control, but for the first layers."""
    beyond = {name: seeds[0] - max(fresh[0], random[0]) for name, (seeds, fresh, random) in beside_controls()}
    below = [name for name, difference in beyond.items() if difference <= 0]
    return f"all but {', '.join(below)}", below == ["resnet relu"]


def cells(row: str) -> tuple[str, list[float]]:
    name, *rest = (cell.strip() for cell in row.strip().strip("|").split("|"))
    return name, [float(number) for cell in rest for number in re.findall(r"-?\d+(?:\.\d+)?", cell)]


def same_as_page(heading: str, rows: list[str]) -> Measured:
    """Whether the page says the same below this heading; BLAS may move a number by a hundredth, a count by 3 %."""
    text = (ROOT / PAGE).read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    written = dict(cells(line) for line in text.splitlines() if line.startswith("| "))
    off = []
    for name, numbers in map(cells, rows):
        told = written.get(name, [])
        if len(told) != len(numbers) or any(
            abs(a - b) > (0.011 if b <= 1 else 0.03 * b) for a, b in zip(told, numbers, strict=True)
        ):
            off.append(name)
    return f"{len(rows) - len(off)} of {len(rows)} rows" + "".join(f"; off: {name}" for name in off), not off


def feature_rows() -> list[str]:
    """The table of the features of three networks of the page."""
    probes, rows = load_probes()[0], []
    for architecture, layers in LAYERS.items():
        trained = [activations(f"{architecture}-{k}") for k in range(3)]
        fresh = [layers_of(untrained(architecture, k), probes, layers) for k in range(3)]
        units = {"penalties": (1.0,), "folds": 2}
        with without_advice():
            both = [compare(*nets, draws=1, shuffles=0, epsilons=[0.5], units=units) for nets in (trained, fresh)]
        for layer in both[0].layers:
            found = [one.features(layer.name) for one in both]
            counts = [len(one.at_least(least)) for one in found for least in (-1, 0.3, 0.5, 0.8)]
            rows.append(f"| {architecture} {layer.name} | {layer.neurons[0]} | {' | '.join(map(str, counts))} |")
    return rows


def below() -> Measured:
    gaps = [layer.gap for pair in (MAIN_PAIR, SECOND_PAIR) for layer in table(pair).layers]
    return f"least gap {min(gaps):.4f} over {len(gaps)} layers", min(gaps) >= 0


def trend() -> Measured:
    """Highest in the first layer of those up to the least one, conv6 or block3.relu1; from there on it rises."""
    matched, other = ([layer.matched for layer in table(pair).layers] for pair in (MAIN_PAIR, SECOND_PAIR))
    so = all(
        values[0] == max(values[:6]) and values[5] == min(values) and values[5:] == sorted(values[5:])
        for values in (matched, other)
    )
    return "; ".join(", ".join(f"{value:.3f}" for value in values) for values in (matched, other)), so


CLAIMS = [
    Claim(
        "convergent.planted",
        MUST,
        "every view of the planted sets against its closed form",
        "<= 1e-8, all recovered",
        planted_errors,
    ),
    Claim(
        "convergent.time",
        MUST,
        "512 + 512 units x 100 000: correlations, both matchings, 2 threads",
        "< 10 s",
        large_time,
    ),
    Claim(
        "convergent.memory",
        MUST,
        "the same from a file at 25 000 and 100 000 positions",
        "equal within 10 %",
        large_memory,
    ),
    Claim("convergent.semi", MUST, "shipped pairs: semi-matching less matching, each layer", ">= 0", below),
    Claim(
        "convergent.trend",
        PAGE,
        "matched: highest in the first layer, least at conv6 and block3.relu1, rises to the logits",
        "so",
        trend,
    ),
    Claim(
        "convergent.controls",
        PAGE,
        "matched: other seeds above both controls in all layers",
        "but resnet relu",
        controls,
    ),
    Claim(
        "convergent.page-controls",
        PAGE,
        "the table of the controls",
        "as written",
        lambda: same_as_page("Against the controls", control_rows()),
    ),
    Claim(
        "convergent.page-features",
        PAGE,
        "the table of the features of three networks",
        "as written",
        lambda: same_as_page("What all of several networks learn", feature_rows()),
    ),
    Claim(
        "convergent.page-planted",
        PAGE,
        "the planted table",
        "as written",
        lambda: same_as_page("The planted table", planted_rows()),
    ),
    Claim(
        "convergent.page-vgg",
        PAGE,
        "the table of vgg-0 against vgg-1",
        "as written",
        lambda: same_as_page("Two VGGs", layer_rows(table(MAIN_PAIR))),
    ),
    Claim(
        "convergent.page-resnet",
        PAGE,
        "the table of resnet-0 against resnet-1",
        "as written",
        lambda: same_as_page("Two ResNets", layer_rows(table(SECOND_PAIR))),
    ),
]
