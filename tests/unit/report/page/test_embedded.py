"""The numbers inside the page: once, no more than the script reads, and right at every epsilon."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from report_results import GRID, comparison, everything, layer

from spanmatch.report.page import page
from spanmatch.report.page.embedded import Shown

LIMIT = 2_000_000


def embedded(result: dict[str, Any]) -> Any:
    (found,) = re.findall(r'<script type="application/json" id="run"[^>]*>(.*?)</script>', page(result))
    assert not set("<>&") & set(found)
    return json.loads(found)


def test_the_run_is_there_with_the_names_and_numbers_that_move() -> None:
    run = everything()
    kept = embedded(run)
    for ours, theirs in zip(run["pairs"], kept["pairs"], strict=True):
        for one, two in zip(ours["comparison"]["layers"], theirs["comparison"]["layers"], strict=True):
            for key in ("name", "similarity", "lowest", "highest", "null", "radii"):
                assert json.loads(json.dumps(one[key])) == two[key]
            assert "digests" not in two


def test_short_radii_stay_on_their_side_of_every_epsilon() -> None:
    radii = [0.5 + 1e-9, 0.5, 0.5 - 1e-9, 0.123456789]
    kept = embedded(comparison(layer() | {"radii": [radii, radii]}))["layers"][0]["radii"][0]
    assert kept == [0.5 + 1e-9, 0.5, 0.5, 0.123457]
    assert [one <= 0.5 for one in kept] == [one <= 0.5 for one in radii]


def test_hostile_names_come_back_as_they_were() -> None:
    hostile = "</script><!--<script>&amp;]]>"
    assert embedded(comparison(layer(hostile)))["layers"][0]["name"] == hostile


@pytest.mark.parametrize(
    ("path", "value"),
    [("layers.1.similarity.*", 0.5), ("layers.0.name", "conv1"), ("layers.0.baseline.similarity.*", None)],
)
def test_paths(path: str, value: object) -> None:
    assert Shown(comparison(layer(), layer("fc"))).at(path) == value


def test_layers_with_another_grid_do_not_move() -> None:
    shown = Shown(comparison(layer(), layer("other", epsilons=(0.1, 0.2, 0.3)), layer("none", (), (), epsilons=())))
    assert shown.grid == [*GRID]
    assert [shown.follows(one) for one in shown.result["layers"]] == [True, False, False]


def test_sixteen_layers_of_128_neurons_are_small() -> None:
    random = np.random.default_rng(0)
    grid = [round(0.05 * k, 2) for k in range(1, 20)]
    curves = [sorted(random.random(19).tolist()) for _ in range(16)]
    layers = [
        layer(f"encoder.layer.{k}.output", curve, curve, epsilons=grid, spread=0.05)
        | {"radii": random.random((2, 128)).tolist()}
        for k, curve in enumerate(curves)
    ]
    matches = [[[n, (n + 1) % 128, (n + 2) % 128], [n, (n + 5) % 128, (n + 7) % 128]] for n in range(256)]
    minimal = [
        {"layer": one["name"], "epsilon": epsilon, "neurons": [128, 128], "matched": 256, "alone": 0, "one_to_one": 0}
        | {"median_size": 6.0, "largest_size": 6, "different": 256, "complete": True, "matches": matches}
        for one in layers
        for epsilon in (0.3, 0.5)
    ]
    size = len(page(comparison(*layers) | {"minimal": minimal}).encode())
    assert 100_000 < size < LIMIT
