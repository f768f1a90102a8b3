"""Which sets the suites hold. Whatever changes here, or in what the families make, raises ``VERSION``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...synthetic import Planted, generate
from ...theory.errors import InvalidOption

VERSION = 1


@dataclass(frozen=True)
class Entry:
    """One set of a suite: what it is there for (``group``), its name, and what makes it."""

    group: str
    name: str
    family: str
    seed: int
    parameters: Mapping[str, Any]

    def made(self) -> Planted:
        """The set, the same bit for bit each time."""
        return generate(self.family, seed=self.seed, parameters=self.parameters)


def _entries(
    group: str, label: str, family: str, seeds: Sequence[int] = (0,), /, modify: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Iterator[Entry]:  # fmt: skip
    for seed in seeds:
        changed = {"modifications": [{**modify, "seed": seed}]} if modify else {}
        name = "-".join(part for part in (group, label, str(seed)) if part)
        yield Entry(group, name, family, seed, {**parameters, **changed})


def _radii(size: int) -> dict[str, Any]:
    """Parameters of planted radii with ``size`` neurons on each side."""
    k = size // 8
    blocks = [[0.0, k, k, k], [0.15, k, 2 * k, k], [0.45, 2 * k, 2 * k, 3 * k], [0.85, k, k, k]]
    return {"blocks": blocks, "private": [size - 6 * k, size - 6 * k], "inputs": 12 * k + 4 * size}


FULL_RANK = [[0.0, 2, 2, 2], [0.2, 2, 2, 2], [0.5, 3, 3, 3], [0.8, 1, 1, 1]]
"""Planted radii without dependent neurons: rounded ones would be independent to whoever does not know the precision."""


def _quick() -> Iterator[Entry]:
    yield from _entries("small", "blocks", "blocks", (0, 1), inputs=8, blocks=[[1, 1, 2], [2, 2, 2]], private=[1, 0],
                        integer=True)  # fmt: skip
    yield from _entries("small", "radii", "radii", (0, 1), inputs=12, blocks=[[0.6, 1, 1, 2], [0.8, 1, 2, 1]],
                        private=[1, 1], integer=True)  # fmt: skip
    yield from _entries("small", "digraph", "digraph", (0,), inputs=8, components=[1, 1, 1], edges=[[0, 1], [1, 2]],
                        private=[1, 0], integer=True)  # fmt: skip
    yield from _entries("small", "copies", "blocks", inputs=8, blocks=[[1, 2, 2], [1, 1, 3]], private=[1, 0],
                        integer=True)  # fmt: skip
    yield from _entries("small", "duplicates", "blocks", inputs=8, blocks=[[1, 1, 1], [2, 2, 2]], private=[0, 1],
                        integer=True, modify={"duplicates": [1, 1]})  # fmt: skip
    yield from _entries("sizes", "16", "radii", **_radii(16))
    yield from _entries("conditioning", "1e4", "radii", condition=1e4)
    yield from _entries("conditioning", "slow", "radii", blocks=[[0.3, 12, 12, 12]], private=[0, 0], condition=1e3)
    yield from _entries("noise", "1e-3", "blocks", condition=3.0, modify={"noise": 1e-3})
    yield from _entries("dead", "", "radii", modify={"dead": [3, 2], "permute": True})
    yield from _entries("dead", "alone", "radii", blocks=[[0.5, 2, 2, 2], [0.7, 1, 1, 2]], modify={"dead": [2, 0]})
    yield from _entries("duplicated", "", "blocks", modify={"duplicates": [3, 2], "permute": True})
    yield from _entries("radii", "many", "radii", blocks=[[r, 1, 1, 5] for r in (0.1, 0.3, 0.5, 0.7, 0.9)],
                        private=[1, 1])  # fmt: skip
    yield from _entries("noisy", "tree", "noisy")
    yield from _entries("noisy", "two", "noisy", shape="antichain", components=[4, 2])
    for length in (12, 24):
        yield from _entries("staircase", str(length), "staircase", length=length)
    yield from _entries("convolutional", "", "conv")
    yield from _entries("wide", "32", "radii", **_radii(32))
    yield from _entries("precision", "float16", "radii", blocks=FULL_RANK, condition=2.0, modify={"dtype": "float16"})
    yield from _entries("precision", "float32", "radii", blocks=FULL_RANK, condition=3.0, modify={"dtype": "float32"})
    for decades in (6, 30):
        yield from _entries("scales", str(decades), "radii", modify={"scales": decades})


def _standard() -> Iterator[Entry]:
    five = tuple(range(5))
    yield from _entries("small", "blocks", "blocks", five, inputs=8, blocks=[[1, 1, 2], [2, 2, 2]], private=[1, 1],
                        integer=True)  # fmt: skip
    yield from _entries("small", "copies", "blocks", five, inputs=8, blocks=[[1, 2, 2], [1, 1, 3]], private=[1, 0],
                        integer=True)  # fmt: skip
    yield from _entries("small", "duplicates", "blocks", five, inputs=8, blocks=[[1, 1, 1], [2, 2, 2]],
                        private=[0, 1], integer=True, modify={"duplicates": [1, 1]})  # fmt: skip
    yield from _entries("small", "radii", "radii", five, inputs=12, blocks=[[0.6, 1, 1, 2], [0.8, 1, 2, 1]],
                        private=[1, 1], integer=True)  # fmt: skip
    yield from _entries("small", "chain", "digraph", five, inputs=8, components=[1, 1, 1], edges=[[0, 1], [1, 2]],
                        private=[1, 1], integer=True)  # fmt: skip
    yield from _entries("small", "conv", "conv", five, images=4, height=1, width=3, blocks=[[1, 1, 2], [2, 2, 2]],
                        private=[1, 0], integer=True)  # fmt: skip
    for size in (8, 16, 32, 64, 96):
        yield from _entries("sizes", str(size), "radii", (0, 1), **_radii(size))
    for condition in (1.0, 1e2, 1e4, 1e6):
        blocks = [[0.0, 2, 2, 2], [0.3, 4, 4, 4], [0.6, 3, 3, 4]]
        yield from _entries("conditioning", f"{condition:.0e}", "radii", (0, 1), blocks=blocks, condition=condition)
    yield from _entries("conditioning", "slow", "radii", (0, 1), blocks=[[0.3, 12, 12, 12]], private=[1, 1],
                        condition=1e3)  # fmt: skip
    for noise in (1e-4, 1e-3, 1e-2):
        yield from _entries("noise", f"{noise:.0e}", "blocks", (0, 1), condition=3.0, modify={"noise": noise})
    for family in ("blocks", "radii", "digraph"):
        yield from _entries("dead", family, family, (0, 1), modify={"dead": [3, 2], "permute": True})
        copies = {"duplicates": [3, 2], "permute": True}
        yield from _entries("duplicated", family, family, (0, 1), modify=copies)
    alone = [[0.5, 2, 2, 2], [0.7, 1, 1, 2]]
    for label, dead in (("x", [2, 0]), ("y", [0, 2])):
        yield from _entries("dead", f"alone-{label}", "radii", (0, 1), blocks=alone, modify={"dead": dead})
    many = [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98]
    yield from _entries("radii", "many", "radii", (0, 1, 2), blocks=[[r, 1, 1, 2] for r in many])
    yield from _entries("radii", "close", "radii", (0, 1, 2), blocks=[[r, 2, 2, 3] for r in (0.5, 0.501, 0.502)])
    yield from _entries("radii", "exact", "radii", (0, 1, 2), integer=True, inputs=40,
                        blocks=[[0.0, 2, 3, 2], [0.6, 2, 2, 3], [0.8, 1, 2, 2]])  # fmt: skip
    for shape in ("antichain", "chain", "tree", "crown"):
        yield from _entries("noisy", shape, "noisy", (0, 1), shape=shape, components=[1, 2, 1, 2])
    yield from _entries("noisy", "two", "noisy", (0, 1), shape="antichain", components=[4, 2])
    yield from _entries("noisy", "large", "noisy", shape="tree", components=[2] * 20)
    yield from _entries("digraph", "diamond", "digraph", (0, 1))
    yield from _entries("digraph", "exact", "digraph", (0, 1), integer=True, components=[1, 2, 2, 1])
    yield from _entries("digraph", "chain", "digraph", (0, 1), components=[1] * 8, edges=[[k, k + 1] for k in range(7)])
    for length in (6, 12, 24, 40):
        yield from _entries("staircase", str(length), "staircase", length=length, inputs=2 * length + 10)
    yield from _entries("isomorphic", "", "isomorphic", (0, 1))
    yield from _entries("convolutional", "", "conv", (0, 1))
    yield from _entries("convolutional", "large", "conv", images=10, height=7, width=7, condition=100.0)
    yield from _entries("wide", "128", "radii", **_radii(128))
    yield from _entries("wide", "few-inputs", "stress", (0, 1), kind="narrow")
    yield from _entries("wide", "deficient", "stress", (0, 1), kind="rank_deficient")
    for dtype, condition in (("float16", 2.0), ("float32", 3.0), ("float64", 3.0)):
        yield from _entries("precision", dtype, "radii", (0, 1), blocks=FULL_RANK, condition=condition,
                            modify={"dtype": dtype})  # fmt: skip
    for decades in (6, 30, 90):
        changed = {"scales": decades, "permute": True}
        yield from _entries("scales", str(decades), "radii", (0, 1), modify=changed)
    yield from _entries("scales", "everything", "stress", (0, 1), kind="everything")
    yield from _entries("relu", "", "one_hot", inputs=1_000)


SUITES: dict[str, tuple[Entry, ...]] = {"quick": tuple(_quick()), "standard": tuple(_standard())}
"""Name -> its sets, in their order."""


def suite(name: str) -> tuple[Entry, ...]:
    """The sets of a suite. *Raises* ``InvalidOption``."""
    if name not in SUITES:
        raise InvalidOption(f"suite: got {name!r}, need one of {', '.join(SUITES)}")
    return SUITES[name]
