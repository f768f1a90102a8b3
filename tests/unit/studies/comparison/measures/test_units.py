"""Convergent Learning's views of a pair of networks: the records, the figure, the page of the docs."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from spanmatch import InvalidActivations, InvalidEpsilon, InvalidOption, UnknownLayer, compare
from spanmatch.report.figures.units import save_units_figure, units_figure
from spanmatch.studies.comparison.measures.units import UnitViews
from spanmatch.synthetic.families.units import planted_mixtures, planted_permutation
from spanmatch.theory.errors import without_advice

CHEAP = {"blocks": 2, "penalties": (0.1,)}


def unit_views(a: dict[str, Any], b: dict[str, Any], *, units: Any = True, **options: Any) -> UnitViews:
    with without_advice():
        views = compare(a, b, draws=1, shuffles=0, units=units, layout="nchw", **options).units
    assert views is not None
    return views


@pytest.fixture(scope="module")
def found() -> UnitViews:
    """A permutation, a mixture of other widths, and a convolutional layer with a constant unit."""
    permuted, mixed = planted_permutation(6), planted_mixtures(2, 2)
    rng = np.random.default_rng(0)
    images = len(permuted.X) // 10 * 10
    conv = np.maximum(rng.standard_normal((images, 5, 3, 3)), 0)
    conv[:, 4] = 0
    wide = rng.standard_normal((images, 3))
    a = {"one": permuted.X[:images], "two": np.resize(mixed.X, (images, 4)), "conv": conv}
    b = {"one": permuted.Y[:images], "two": np.hstack([np.resize(mixed.Y, (images, 4)), wide]), "conv": conv[:, ::-1]}
    b["conv"] = b["conv"] + 0.1 * rng.standard_normal(conv.shape)
    return unit_views(a, b, positions=2000, names=("first", "second"), units={"blocks": 2, "penalties": (0.5, 0.01)})


def test_the_table_of_a_pair(found: UnitViews) -> None:
    one, two, conv = found.layers
    assert (one.matched, one.semi, one.similarity, one.gap) == pytest.approx((1, 1, 1, 0), abs=1e-12)
    assert two.neurons == (4, 7)
    assert two.similarity == pytest.approx(8 / 11)
    assert two.semi == pytest.approx(2**-0.5)
    assert len(two.matched_curve) == 4
    assert (conv.inputs, conv.constant) == (2000, (1, 0))
    assert "1 + 0 constant units" in conv.notes[0]
    assert conv.participation[0] == pytest.approx(4, abs=0.2)
    assert all(layer.gap == pytest.approx(layer.semi - layer.matched) and layer.gap >= 0 for layer in found.layers)
    assert found["two"] is two
    with pytest.raises(UnknownLayer, match="compared were one, two, conv"):
        found["three"]


def test_plain_and_in_words(found: UnitViews) -> None:
    plain = found.to_dict()
    assert json.loads(json.dumps(plain))["layers"][2]["r2"] == list(found["conv"].r2)
    assert plain["layers"][0]["name"] == "one"
    assert repr(found).startswith("UnitViews(first against second: 3 layers")
    assert "conv: 5 + 5 units, s(0.5)" in repr(found)


def test_the_same_seed_gives_the_same_numbers_for_a_layer_alone() -> None:
    rng = np.random.default_rng(0)
    a, b = ({name: rng.standard_normal((50, 3, 4, 4)) for name in ("p", "q")} for _ in range(2))
    both, alone = (unit_views(a, b, layers=names, positions=300, units={"blocks": 2}) for names in (None, "q"))
    assert both["q"] == alone["q"]
    assert unit_views(a, b, layers="q", positions=300, units={"blocks": 2}, seed=1)["q"] != alone["q"]


def test_all_pairs_are_those_of_compare() -> None:
    rng = np.random.default_rng(0)
    a = {"p": rng.standard_normal((12, 3)), "q": rng.standard_normal((12, 2, 2, 1))}
    b = {"r": rng.standard_normal((12, 2)), "p": a["p"] + 0.1 * rng.standard_normal((12, 3))}
    found = unit_views(a, b, all_pairs=True, units=CHEAP)
    assert [layer.name for layer in found.layers] == ["p / r", "p"]
    sizes = "2 x 1 positions against one position"
    assert found.notes == tuple(f"left out: q / {name}, {sizes} an image" for name in ("r", "p"))
    with without_advice():
        assert compare(a, b, all_pairs=True, shuffles=0, layout="nchw").notes == found.notes
    with pytest.raises(InvalidActivations, match=r"nothing can be compared \(2 pairs left out"):
        unit_views({"q": a["q"]}, b, all_pairs=True)


def test_dead_units_and_ranks_are_decided_as_in_compare() -> None:
    rng = np.random.default_rng(1)
    two = rng.standard_normal((40, 2)).astype(np.float16)
    a = {"l": np.hstack([two, two.sum(axis=1, keepdims=True), 0 * two]).astype(np.float16)}
    b = {"l": np.hstack([two @ np.array([[1, 1], [1, -1]]), rng.standard_normal((40, 2))]).astype(np.float16)}
    shares = {}
    for policy in ("match", "unmatched", "drop"):
        with without_advice():
            compared = compare(a, b, epsilons=[0.5], dead_neurons=policy)["l"].similarity[0]
        found = unit_views(a, b, units=CHEAP, dead_neurons=policy)
        assert found["l"].similarity == compared
        shares[policy] = compared
    assert shares == {"match": 7 / 9, "unmatched": 5 / 9, "drop": 5 / 7}
    # In bfloat16 what rounding leaves of a sum is no direction of its own; the same numbers in float32 have one.
    coarse = torch.tensor(rng.standard_normal((40, 2))).bfloat16()
    rounded = coarse.float().sum(axis=1, keepdim=True).bfloat16()
    rest = coarse.float().sum(axis=1, keepdim=True) - rounded.float()
    c, d = {"l": torch.hstack([coarse, rounded])}, {"l": torch.hstack([coarse, rest.bfloat16()])}
    for pair, expected in (((c, d), 5 / 6), (({"l": c["l"].float()}, {"l": d["l"].float()}), 1.0)):
        assert unit_views(*pair, units=CHEAP)["l"].similarity == expected


def test_fewer_images_than_folds() -> None:
    rng = np.random.default_rng(0)
    a, b = ({"l": rng.standard_normal((3, 2, 4, 4))} for _ in range(2))
    found = unit_views(a, b, units=CHEAP)
    assert found["l"].notes == ("R² over 3 folds: there are only so many images",)
    with pytest.raises(InvalidActivations, match="got 1 image in 16 inputs, need at least 2"):
        unit_views({"l": a["l"][:1]}, {"l": b["l"][:1]})


def test_bad_options() -> None:
    a = {"l": np.eye(4)}
    with pytest.raises(InvalidEpsilon):
        unit_views(a, a, units={"epsilon": 1.0})
    for option in ({"blocks": 0}, {"penalties": [0.0]}, {"folds": 9}):
        with pytest.raises(InvalidOption, match=next(iter(option))):
            unit_views(a, a, units=option)


def test_a_layer_of_constants() -> None:
    layer = unit_views({"l": np.ones((20, 2))}, {"l": np.zeros((20, 3))})["l"]
    assert (layer.blocks, layer.shared, layer.r2, layer.participation) == ((), 0.0, (0.0, 0.0), (0.0, 0.0))
    assert (layer.matched, layer.semi) == (0.0, 0.0)
    figure = units_figure({"networks": ["a", "b"], "layers": [{"name": "l", **vars(layer)}]})
    assert "all units are constant" in figure.axes[1].get_title()


def test_the_page_of_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).resolve().parents[5] / "docs" / "convergent-learning.md"
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, str(page), "exec"), namespace)
    assert namespace["found"]["pairs"].matched == pytest.approx(0.5)
    assert (tmp_path / "unit-views.png").is_file()


def test_a_drifted_page_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim that the planted table is as written, and the same for rows that say something else."""
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[5] / "benchmarks")
    from topics import convergent as claims

    rows = claims.planted_rows()
    assert claims.same_as_page("The planted table", rows) == (f"{len(rows)} of {len(rows)} rows", True)
    for wrong in (rows[1].replace("0.951", "0.991"), rows[1].replace("one to one", "two to two"), rows[1] + " 7 |"):
        assert not claims.same_as_page("The planted table", [rows[0], wrong])[1]
    assert not claims.same_as_page("No such table", rows)[1]


def test_the_figure(found: UnitViews, tmp_path: Path) -> None:
    plain = found.to_dict()
    curves, blocks = units_figure(plain).axes[:3], units_figure(plain).axes[3:6]
    assert [tuple(line.get_ydata()) for line in curves[1].lines] == [
        plain["layers"][1]["semi_curve"],
        plain["layers"][1]["matched_curve"],
    ]
    assert [label.get_text() for label in blocks[0].get_yticklabels()] == [
        f"{a}+{b}" for a, b in plain["layers"][0]["blocks"]
    ]
    save_units_figure(plain, tmp_path / "pair.png")
    save_units_figure(plain, tmp_path / "pair.svg")
    assert (tmp_path / "pair.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(tmp_path / "pair.svg").getroot().tag.endswith("svg")
    with pytest.raises(InvalidOption, match="path: got"):
        save_units_figure(plain, tmp_path / "pair.pdf")
    assert len(list(tmp_path.iterdir())) == 2
