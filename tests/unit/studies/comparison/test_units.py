"""The planted table, the table of a pair of networks, and its figure."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from spanmatch import InvalidActivations, InvalidEpsilon, InvalidOption, UnknownLayer
from spanmatch.report.figures.units import convergent_figure, save_convergent_figure
from spanmatch.studies import compare
from spanmatch.studies.comparison.units import Convergence, convergence_table
from spanmatch.studies.quiet import without_advice
from spanmatch.studies.verification.units_recovery import planted_row, planted_sets, planted_table
from spanmatch.synthetic.families.units import (
    planted_mixtures,
    planted_one_to_many,
    planted_pairs,
    planted_permutation,
)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_view_finds_its_closed_form(seed: int) -> None:
    rows = planted_table(planted_sets(seed))
    assert max(row.worst for row in rows) <= 1e-8
    assert all(row.recovered for row in rows)
    assert sum(row.r2 is not None for row in rows) == len(rows) - 1


def test_a_permutation_is_recovered() -> None:
    row = planted_row(planted_permutation(30, seed=5))
    assert row.recovered
    assert (row.matched, row.semi) == (pytest.approx(1, abs=1e-12), pytest.approx(1, abs=1e-12))


def test_what_unit_matching_cannot_see() -> None:
    row = planted_row(planted_mixtures(16, 2))
    assert row.similarity == 1
    assert row.semi == pytest.approx(0.25)


@pytest.mark.parametrize("view", ["correlations", "matched", "semi", "radii", "sparse error", "participation"])
def test_wrong_closed_forms_are_seen(view: str) -> None:
    """Activations moved a little away from what is planted are beyond 1e-8 of it in every view."""
    planted = planted_one_to_many()
    moved = planted.Y + 1e-3 * np.roll(planted.Y, 1, axis=0) + 1e-3 * planted.X[:, :3] * [1, 2, 3]
    assert planted_row(replace(planted, Y=moved)).errors[view] > 1e-8


def test_wrong_partners_and_blocks_are_seen() -> None:
    pairs, many = planted_pairs(), planted_one_to_many()
    assert pairs.partner is not None
    assert not planted_row(replace(pairs, partner=pairs.partner[::-1])).recovered
    assert not planted_row(replace(many, blocks=(*many.blocks[1:], many.blocks[1]))).recovered
    assert not planted_row(replace(many, used=many.used[::-1])).recovered


@pytest.mark.parametrize(
    ("make", "arguments", "name"),
    [
        (planted_pairs, ((),), "angles"),
        (planted_pairs, ((1.6,),), "angles"),
        (planted_permutation, (1,), "units"),
        (planted_mixtures, (3,), "size"),
        (planted_mixtures, (2, 0), "blocks"),
        (planted_one_to_many, (0,), "uses"),
        (planted_one_to_many, (1, 0), "targets"),
    ],
)
def test_bad_parameters(make: Any, arguments: tuple[Any, ...], name: str) -> None:
    with pytest.raises(InvalidOption, match=f"{name}: got"):
        make(*arguments)
    for option in ({"explained": 0.0}, {"spare": -1}):
        with pytest.raises(InvalidOption, match=next(iter(option))):
            planted_one_to_many(**option)  # type: ignore[arg-type]
    with pytest.raises(InvalidOption, match="inputs"):
        planted_permutation(12, inputs=12)


@pytest.fixture(scope="module")
def found() -> Convergence:
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
    return convergence_table(a, b, positions=2000, blocks=2, penalties=(0.5, 0.01), names=("first", "second"))


def test_the_table_of_a_pair(found: Convergence) -> None:
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
    assert "first against second" in repr(found)


def test_plain_and_printed(found: Convergence) -> None:
    plain = found.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["layers"][0]["name"] == "one"
    console = Console(file=io.StringIO(), width=160)
    found.print(console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Units of first and of second" in text
    assert "conv: 1 + 0 constant units" in text


def test_the_same_seed_gives_the_same_numbers_for_a_layer_alone() -> None:
    rng = np.random.default_rng(0)
    a, b = ({name: rng.standard_normal((50, 3, 4, 4)) for name in ("p", "q")} for _ in range(2))
    both, alone = (convergence_table(a, b, layers=names, positions=300, blocks=2) for names in (None, "q"))
    assert both["q"] == alone["q"]
    assert convergence_table(a, b, layers="q", positions=300, blocks=2, seed=1)["q"] != alone["q"]


def test_all_pairs_are_those_of_compare() -> None:
    rng = np.random.default_rng(0)
    a = {"p": rng.standard_normal((12, 3)), "q": rng.standard_normal((12, 2, 2, 1))}
    b = {"r": rng.standard_normal((12, 2)), "p": a["p"] + 0.1 * rng.standard_normal((12, 3))}
    found = convergence_table(a, b, all_pairs=True, blocks=2, penalties=(0.1,))
    assert [layer.name for layer in found.layers] == ["p / r", "p"]
    assert found.notes == tuple(f"left out: q / {name}, 2 against 1 positions an image" for name in ("r", "p"))
    with without_advice():
        assert compare(a, b, all_pairs=True, shuffles=0).notes == found.notes
    with pytest.raises(InvalidActivations, match=r"nothing can be compared \(2 pairs left out"):
        convergence_table({"q": a["q"]}, b, all_pairs=True)


def test_dead_units_and_ranks_are_decided_as_in_compare() -> None:
    rng = np.random.default_rng(1)
    two = rng.standard_normal((40, 2)).astype(np.float16)
    a = {"l": np.hstack([two, two.sum(axis=1, keepdims=True), 0 * two]).astype(np.float16)}
    b = {"l": np.hstack([two @ np.array([[1, 1], [1, -1]]), rng.standard_normal((40, 2))]).astype(np.float16)}
    shares = {}
    for policy in ("match", "unmatched", "drop"):
        with without_advice():
            compared = compare(a, b, epsilons=[0.5], dead_neurons=policy)["l"].similarity[0]
        found = convergence_table(a, b, blocks=2, penalties=(0.1,), dead_neurons=policy)
        assert found["l"].similarity == compared
        shares[policy] = compared
    assert shares == {"match": 7 / 9, "unmatched": 5 / 9, "drop": 5 / 7}
    # In bfloat16 what rounding leaves of a sum is no direction of its own; the same numbers in float32 have one.
    coarse = torch.tensor(rng.standard_normal((40, 2))).bfloat16()
    rounded = coarse.float().sum(axis=1, keepdim=True).bfloat16()
    rest = coarse.float().sum(axis=1, keepdim=True) - rounded.float()
    c, d = {"l": torch.hstack([coarse, rounded])}, {"l": torch.hstack([coarse, rest.bfloat16()])}
    for pair, expected in (((c, d), 5 / 6), (({"l": c["l"].float()}, {"l": d["l"].float()}), 1.0)):
        assert convergence_table(*pair, blocks=2, penalties=(0.1,))["l"].similarity == expected


def test_fewer_images_than_folds() -> None:
    rng = np.random.default_rng(0)
    a, b = ({"l": rng.standard_normal((3, 2, 4, 4))} for _ in range(2))
    found = convergence_table(a, b, blocks=2, penalties=(0.1,))
    assert found["l"].notes == ("R2 over 3 folds: there are only so many images",)
    with pytest.raises(InvalidActivations, match="got 1 image in 16 inputs, need at least 2"):
        convergence_table({"l": a["l"][:1]}, {"l": b["l"][:1]})
    with pytest.raises(InvalidOption, match="dead_neurons"):
        convergence_table(a, b, dead_neurons="no")  # type: ignore[arg-type]


def test_bad_tables() -> None:
    a, b = {"l": np.eye(4)}, {"l": np.eye(5)}
    with pytest.raises(InvalidActivations, match=r"acts_a\['l'\].*4 images.*5"):
        convergence_table(a, b)
    with pytest.raises(InvalidActivations, match="acts_b: got no layers"):
        convergence_table(a, {})
    with pytest.raises(UnknownLayer):
        convergence_table(a, a, layers="none")
    with pytest.raises(InvalidEpsilon):
        convergence_table(a, a, epsilon=1.0)
    for option in ({"positions": 0}, {"blocks": 0}, {"penalties": [0.0]}, {"folds": 9}):
        with pytest.raises(InvalidOption, match=next(iter(option))):
            convergence_table(a, a, **option)  # type: ignore[arg-type]


def test_a_layer_of_constants() -> None:
    layer = convergence_table({"l": np.ones((20, 2))}, {"l": np.zeros((20, 3))})["l"]
    assert (layer.blocks, layer.shared, layer.r2, layer.participation) == ((), 0.0, (0.0, 0.0), (0.0, 0.0))
    assert (layer.matched, layer.semi) == (0.0, 0.0)
    figure = convergent_figure({"networks": ["a", "b"], "layers": [{"name": "l", **vars(layer)}]})
    assert "all units are constant" in figure.axes[1].get_title()


def test_the_page_of_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).resolve().parents[4] / "docs" / "convergent-learning.md"
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, str(page), "exec"), namespace)
    assert namespace["found"]["pairs"].matched == pytest.approx(0.5)
    assert (tmp_path / "convergence.png").is_file()


def test_a_drifted_page_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim that the planted table is as written, and the same for rows that say something else."""
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[4] / "benchmarks")
    import claims_convergent as claims

    rows = claims.planted_rows()
    assert claims.same_as_page("The planted table", rows) == (f"{len(rows)} of {len(rows)} rows", True)
    for wrong in (rows[1].replace("0.951", "0.991"), rows[1].replace("one to one", "two to two"), rows[1] + " 7 |"):
        assert not claims.same_as_page("The planted table", [rows[0], wrong])[1]
    assert not claims.same_as_page("No such table", rows)[1]


def test_the_figure(found: Convergence, tmp_path: Path) -> None:
    plain = found.to_dict()
    curves, blocks = convergent_figure(plain).axes[:3], convergent_figure(plain).axes[3:6]
    assert [list(line.get_ydata()) for line in curves[1].lines] == [
        plain["layers"][1]["semi_curve"],
        plain["layers"][1]["matched_curve"],
    ]
    assert [label.get_text() for label in blocks[0].get_yticklabels()] == [
        f"{a}+{b}" for a, b in plain["layers"][0]["blocks"]
    ]
    save_convergent_figure(plain, tmp_path / "pair.png")
    save_convergent_figure(plain, tmp_path / "pair.svg")
    assert (tmp_path / "pair.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(tmp_path / "pair.svg").getroot().tag.endswith("svg")
    with pytest.raises(InvalidOption, match="path: got"):
        save_convergent_figure(plain, tmp_path / "pair.pdf")
    assert len(list(tmp_path.iterdir())) == 2
