"""Results as plain dictionaries, built by hand for the tests of report/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from spanmatch.studies.comparison.records import from_plain
from spanmatch.studies.comparison.results import LayerComparison
from spanmatch.studies.comparison.verdict import THRESHOLDS, Baseline

GRID = (0.25, 0.5, 0.75)


def layer(
    name: str = "conv1",
    similarity: Sequence[float] = (0.0, 0.5, 1.0),
    null: Sequence[float] = (0.0, 0.0, 0.0),
    *,
    epsilons: Sequence[float] = GRID,
    spread: float = 0.0,
    dead: tuple[int, int] = (0, 0),
    undecided: int = 0,
    chance: float = 0.7,
    area: float | None = None,
    null_area: float | None = None,
    p: float | None = 0.005,
    untrained: float | None = None,
) -> dict[str, Any]:
    """As ``LayerComparison`` gives it; draws and shuffles lie ``spread`` about their mean. ``p``: of the permutation
    test, None for no null; ``untrained``: the corrected area of ten untrained pairs, which vary by 0.03."""
    grid = tuple(epsilons)
    lowest = tuple(max(0.0, s - spread) for s in similarity)
    area = sum(similarity) / max(1, len(similarity)) if area is None else area
    null_area = sum(null) / max(1, len(null)) if null_area is None else null_area
    baseline = None
    if untrained is not None:
        certain = 0.001 if area > untrained + 0.1 else 0.5
        baseline = Baseline(10, tuple(null), tuple(null), untrained, untrained, untrained, 0.03, certain, certain)
    return LayerComparison(
        layer_a=name,
        layer_b=name,
        neurons=(8, 8),
        dead=dead,
        rank=(8, 8),
        rank_bound=False,
        participation=(3.25, 4.5),
        images=1000,
        positions=4,
        inputs=1000,
        draws=2,
        dtypes=("float32", "float32"),
        rank_tol=2e-6,
        digests=("a" * 64, "b" * 64),
        shuffles=0 if p is None else 199,
        epsilons=grid,
        similarity=tuple(similarity),
        lowest=lowest,
        highest=tuple(min(1.0, s + spread) for s in similarity),
        null=tuple(max(0.0, s - spread) for s in null),
        null_highest=tuple(null),
        bootstrap=0,
        interval_low=None,
        interval_high=None,
        area=area,
        null_area=null_area,
        p_value=p,
        p_adjusted=p,
        baseline=baseline,
        chance=(0.9, 0.9),
        below_chance=(0.1, 0.1),
        chance_epsilon=chance,
        radii=((0.3,) * 8, (0.6,) * 8),
        counted=16,
        error=1e-12,
        undecided=undecided,
    ).to_dict()


def comparison(
    *layers: dict[str, Any], networks: tuple[str, str] = ("a", "b"), shuffles: int = 199, dead_neurons: str = "match"
) -> dict[str, Any]:
    """As ``Comparison.to_dict`` gives it."""
    settings = {
        "positions": 1000, "draws": 2, "shuffles": shuffles, "dead_neurons": dead_neurons, "rank_tol": None,
        "all_pairs": False,
    }  # fmt: skip
    if not shuffles:
        read = (from_plain(LayerComparison, one, "layer") for one in layers)
        layers = tuple(replace(one, shuffles=0, p_value=None, p_adjusted=None).to_dict() for one in read)
    return {
        "schema": 3,
        "networks": list(networks),
        "seed": 7,
        "settings": {**settings, "verdict": THRESHOLDS.to_dict()},
        "versions": {"numpy": "2"},
        "notes": [],
        "layers": list(layers),
        "minimal": [],
        "images": [],
        "units": None,
        "failed": {},
        "matrix": None,
    }


def units(*layers: dict[str, Any]) -> dict[str, Any]:
    """As ``UnitViews.to_dict`` gives it."""
    protocol = {"layout": "nchw", "epsilon": 0.5, "positions": 1000, "blocks": 2, "folds": 2, "seed": 7}
    return {"networks": ["a", "b"], "protocol": protocol, "layers": list(layers), "notes": []}


def unit_layer(name: str = "conv1", **changes: Any) -> dict[str, Any]:
    """One layer of it: 3 + 2 units in two blocks, the second of one network only."""
    layer = {
        "name": name, "layer_a": name, "layer_b": name, "neurons": [4, 2], "constant": [1, 0], "inputs": 1000,
        "epsilon": 0.5, "similarity": 0.25, "matched": 0.5, "semi": 0.625, "semi_both": [0.6, 0.7], "gap": 0.125,
        "matched_curve": [0.7, 0.3], "semi_curve": [0.7, 0.55, 0.4, 0.0], "r2": [0.75, 0.8], "units": [2.0, 1.5],
        "penalties": [0.1, 0.01], "sparse_curve": [[0.0, 1.0], [2.0, 0.2]], "blocks": [[2, 2], [1, 0]],
        "affinity": [[0.875, 0.25], [0.25, 0.0]], "shared": 0.67, "participation": [2.5, 1.25],
        "notes": ["1 + 0 constant units: correlation 0, in no block, left out of R²"],
    }  # fmt: skip
    return layer | changes


def pair(found: dict[str, Any], kind: str = "other seed", agreements: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """One pair of a verification."""
    return {
        "name": " against ".join(found["networks"]),
        "kind": kind,
        "comparison": found,
        "agreements": list(agreements),
    }


def verification(*pairs: dict[str, Any], faults: Sequence[str] = (), verdict: str = "passed") -> dict[str, Any]:
    """As ``VerificationReport.to_dict`` gives it, with one check of T1."""
    check = {"check": "T1-one", "theorems": ["T1"], "verdict": verdict, "cases": 10, "detail": "", "seconds": 0.5}
    planted = {
        "family": "blocks",
        "sets": 1,
        "maximum_matches": 2,
        "radii": 4,
        "radius_error": 0.01,
        "simple_matches": 3,
        "faults": [],
        "ok": True,
    }
    return {
        "schema": 1,
        "ok": not faults,
        "mode": "quick",
        "seed": 7,
        "seconds": 1.5,
        "versions": {"numpy": "2"},
        "faults": list(faults),
        "checks": {"fast": [check]},
        "theorems": [
            {"id": id, "name": "one", "statement": "a <= b", "hypotheses": "none", "evidence": ["symbolic"]}
            for id in ("T1", "T2")
        ],
        "shares": {"cases": 100, "found": {"proper": 0.5}, "required": {"proper": 0.3}},
        "planted": [planted],
        "pairs": list(pairs),
        "populations": [],
        "dynamics": None,
    }


AGREEMENT = {
    "layer": "conv1",
    "channels": [8, 8],
    "matches": 3,
    "undecided": 0,
    "radius_error": 1e-16,
    "allowed": 1e-12,
    "faults": [],
    "ok": True,
}


def everything() -> dict[str, Any]:
    """A verification with a pair of each kind, dead neurons, bands and agreements."""
    trained = comparison(layer("conv1", spread=0.1), layer("fc", dead=(1, 2)), networks=("v0", "v1"))
    lower = comparison(layer("conv1", (0.0, 0.2, 0.9)), layer("fc", (0.5, 0.9, 1.0)), networks=("v0", "fresh"))
    return verification(
        pair(trained, agreements=[AGREEMENT]),
        pair(lower, "untrained"),
        pair(comparison(layer("conv1", (1.0, 1.0, 1.0)), networks=("v0", "v0")), "itself"),
    )
