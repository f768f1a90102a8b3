"""Two networks compared layer by layer: known answers, the null, controls, and what is said about bad input."""

from __future__ import annotations

import csv
import io
import json
import sys
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from rich.console import Console
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from spanmatch import capture, match_radii, similarity
from spanmatch.algorithms.convergent import participation_ratio
from spanmatch.report.page import page
from spanmatch.report.terminal import print_comparison
from spanmatch.studies import Comparison
from spanmatch.studies import compare as compare_layers
from spanmatch.studies.comparison.verdict import THRESHOLDS
from spanmatch.synthetic import conv_blocks, planted_radii, relu_like
from spanmatch.theory.errors import (
    InvalidActivations,
    InvalidEpsilon,
    InvalidFile,
    InvalidOption,
    MissingExtra,
    SpanmatchWarning,
    UnknownLayer,
)

FEW = {"draws": 3, "shuffles": 2, "positions": 150}


def compare(*acts: Any, layout: Any = "nchw", **options: Any) -> Comparison:
    """Bare arrays of four dimensions are in torch's layout here."""
    return compare_layers(*acts, layout=layout, **options)


@pytest.fixture(autouse=True)
def no_warnings_unless_asked_for() -> Iterator[None]:
    """The sets here are small, so the null is often above the grid; tests of the warnings turn them on again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpanmatchWarning)
        yield


def layers(seed: int, count: int = 3) -> dict[str, np.ndarray]:
    """Random ReLU layers of a "network": two convolutional ones and a fully connected one."""
    rng = np.random.default_rng(seed)
    shapes = {"conv1": (20, 6, 5, 4), "conv2": (20, 8, 3, 4), "fc": (20, 7)}
    return {name: np.maximum(rng.standard_normal(shape), 0) for name, shape in list(shapes.items())[:count]}


class TestKnownAnswers:
    def test_planted_radii_give_the_planted_curve(self) -> None:
        planted = planted_radii()
        found = compare({"l": planted.X}, {"l": planted.Y}, epsilons=[0.1, 0.3, 0.6, 0.9])["l"]
        assert planted.radii is not None
        radii = np.concatenate(planted.radii)
        assert found.similarity == pytest.approx([np.mean(radii <= e) for e in (0.1, 0.3, 0.6, 0.9)])
        assert found.area == pytest.approx(1 - radii.mean(), abs=1e-9)
        assert (found.draws, found.inputs, found.images, found.positions) == (1, 200, 200, 1)

    @pytest.mark.parametrize("layout", ["nchw", "nhwc"])
    def test_a_channel_is_a_neuron_at_every_position(self, layout: Any) -> None:
        planted = conv_blocks()
        arrays = [Z if layout == "nchw" else Z.transpose(0, 2, 3, 1) for Z in (planted.X, planted.Y)]
        found = compare({"l": arrays[0]}, {"l": arrays[1]}, layout=layout, epsilons=[0.0], rank_tol=1e-9)["l"]
        match = planted.max_match(0.0)
        assert match is not None
        assert found.similarity[0] == pytest.approx(len(match) / sum(found.neurons))

    def test_one_draw_of_everything_is_the_public_function(self) -> None:
        a, b = layers(0)["fc"], layers(1)["fc"]
        found = compare({"fc": a}, {"fc": b})["fc"]
        assert found.similarity == pytest.approx(similarity(a, b, np.array(found.epsilons)))

    def test_draws_are_averaged_between_lowest_and_highest(self) -> None:
        found = compare(layers(0), layers(1), **FEW)["conv1"]
        assert (found.draws, found.inputs, found.images, found.positions) == (3, 150, 20, 20)
        low, mean, high = map(np.array, (found.lowest, found.similarity, found.highest))
        assert (low <= mean).all()
        assert (mean <= high).all()
        assert (low < high).any()

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
    def test_tensors_of_every_dtype(self, dtype: torch.dtype) -> None:
        a, b = ({name: torch.tensor(values, dtype=dtype) for name, values in layers(seed).items()} for seed in (0, 1))
        found = compare(a, b, **FEW)
        exact = compare({k: v.double() for k, v in a.items()}, {k: v.double() for k, v in b.items()}, **FEW)
        for layer, other in zip(found, exact, strict=True):
            assert layer.area == pytest.approx(other.area, abs=1e-9)

    def test_the_rank_is_decided_for_the_dtype_that_came(self) -> None:
        rng = torch.Generator().manual_seed(0)
        two = torch.randn(200, 2, generator=rng).bfloat16().float()
        dependent = torch.hstack([two, two.sum(axis=1, keepdim=True)]).bfloat16()
        # In bfloat16 the third is the sum of the others; the same numbers in float32 are three directions.
        assert compare({"l": dependent}, {"l": dependent})["l"].rank == (2, 2)
        assert compare({"l": dependent.float()}, {"l": dependent.float()})["l"].rank == (3, 3)
        assert compare({"l": dependent.float()}, {"l": dependent.float()}, rank_tol=0.02)["l"].rank == (2, 2)


class TestItself:
    @pytest.mark.parametrize("epsilons", [[0.0], np.linspace(0, 0.999, 12)])
    def test_similarity_is_exactly_1(self, epsilons: Any) -> None:
        own = layers(0)
        own["dead"] = np.where(np.arange(7) % 2, own["fc"], 0)
        own["duplicated"] = np.hstack([own["fc"], own["fc"]])
        own["all dead"] = np.zeros((20, 3))
        own["one neuron"] = own["fc"][:, :1]
        found = compare(own, own, epsilons=epsilons, **FEW)
        for layer in found:
            assert layer.lowest == (1.0,) * len(epsilons), layer.name
            assert layer.area == 1.0
        assert found["dead"].dead == (4, 4)

    def test_dead_neurons_follow_the_policy(self) -> None:
        own = {"l": np.hstack([layers(0)["fc"], np.zeros((20, 3))])}
        at = {policy: compare(own, own, dead_neurons=policy)["l"] for policy in ("match", "unmatched", "drop")}
        assert {policy: layer.similarity[0] for policy, layer in at.items()} == {
            "match": 1.0,
            "unmatched": pytest.approx(0.7),
            "drop": 1.0,
        }

    def test_all_dead_against_all_dead(self) -> None:
        dead = {"l": np.zeros((20, 3))}
        values = {policy: set(compare(dead, dead, dead_neurons=policy)["l"].similarity) for policy in ("match", "drop")}
        assert values == {"match": {1.0}, "drop": {0.0}}
        assert compare(dead, dead)["l"].chance_epsilon == 1.0


class TestSeeds:
    def test_order_and_company_do_not_matter(self) -> None:
        a, b = layers(0), layers(1)
        found = compare(a, b, seed=5, **FEW)
        again = compare(dict(reversed(a.items())), b, seed=5, **FEW)
        alone = compare(a, b, layers=["conv2"], seed=5, **FEW)
        pairs = compare(a, b, all_pairs=True, seed=5, **FEW)
        assert [layer.name for layer in again] == ["fc", "conv2", "conv1"]
        for layer in found:
            assert again[layer.name] == layer == pairs[layer.name]
        assert alone["conv2"] == found["conv2"]

    def test_the_seed_matters(self) -> None:
        one, other = (compare(layers(0), layers(1), seed=seed, **FEW)["conv1"] for seed in (0, 1))
        assert one.similarity != other.similarity
        assert one.null != other.null

    def test_the_arguments_are_not_touched(self) -> None:
        a, b = layers(0), layers(1)
        compare(a, b, **FEW)
        assert all(np.array_equal(a[name], layers(0)[name]) for name in a)


def related_relu(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """ReLU layers of which the second is made of the first, with noise."""
    rng = np.random.default_rng(seed)
    X = relu_like(seed=seed).X
    return X, np.maximum(X @ rng.standard_normal((64, 64)) / 8 + 0.2 * rng.standard_normal(X.shape), 0)


class TestNull:
    @pytest.mark.parametrize("seed", [0, 1])
    def test_independent_relu_layers_are_covered(self, seed: int) -> None:
        planted = relu_like(seed=seed)
        found = compare({"l": planted.X}, {"l": planted.Y}, seed=seed, shuffles=39)["l"]
        assert (found.inputs, found.neurons) == (10_000, (64, 64))
        assert found.verdict == "no better than chance"
        assert abs(found.area - found.null_area) < 0.005
        assert found.similarity[-1] > 0.9  # so the curves are compared where they are not 0

    def test_related_relu_layers_are_not(self) -> None:
        X, Y = related_relu(0)
        found = compare({"l": X}, {"l": Y}, shuffles=39)["l"]
        assert found.verdict == "above chance"
        assert found.corrected_area > 0.15

    def test_the_warning_fires_above_the_null_only(self) -> None:
        planted = relu_like(inputs=2000)
        a, b = {"l": planted.X}, {"l": planted.Y}
        few = {"shuffles": 9}
        chance = compare(a, b, **few)["l"].chance_epsilon
        assert 0.5 < chance < 0.9
        warnings.simplefilter("always")
        with pytest.warns(SpanmatchWarning, match=rf"similarity is near chance.*in l \(from {chance:.2f}\)"):
            compare(a, b, epsilons=[0.1, chance + 0.01], **few)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compare(a, b, epsilons=[0.1, chance - 0.01], **few)

    def test_without_shuffles_there_is_none(self) -> None:
        found = compare(layers(0), layers(1), shuffles=0, draws=2)
        assert all(layer.p_value is layer.p_adjusted is layer.corrected_area is None for layer in found)
        assert all((layer.verdict, layer.chance_epsilon) == ("no null", 1.0) for layer in found)
        assert "no null was drawn" in " ".join(found["fc"].notes)
        assert {row["null"] for row in found.to_rows()} == {None}
        assert "no null" in repr(found)


class TestNotes:
    def test_fewer_inputs_than_asked_for(self) -> None:
        found = compare(layers(0), layers(1), positions=300, draws=2)
        assert found["conv1"].notes == ()
        for name, available in (("conv2", 240), ("fc", 20)):
            assert (found[name].draws, found[name].inputs) == (1, available)
            assert found[name].notes == (f"only {available} inputs (300 requested), so one draw uses all",)
        assert compare(layers(0), layers(1), positions=240)["conv2"].notes == ()

    def test_advice_is_given_once_a_layer_and_by_name(self) -> None:
        wide = {"fc": np.random.default_rng(0).standard_normal((40, 60))}
        warnings.simplefilter("always")
        with pytest.warns(SpanmatchWarning) as caught:
            found = compare(wide, {"fc": layers(0)["fc"].repeat(2, axis=0)}, positions=30, draws=5)
        advice = [str(one.message) for one in caught if "and only" in str(one.message)]
        assert len(advice) == 1
        assert advice[0].startswith("acts_a['fc']: 60 live neurons and only 30 inputs")
        assert found["fc"].notes == (advice[0],)
        assert {Path(one.filename) for one in caught} == {Path(__file__)}


class TestPairing:
    def test_layers_of_one_side_only_are_named(self) -> None:
        found = compare(layers(0), {**layers(1, 2), "head": layers(1)["fc"]}, **FEW)
        assert [layer.name for layer in found] == ["conv1", "conv2"]
        assert found.notes == ("left out: fc, only in A", "left out: head, only in B")

    def test_names_and_patterns_in_the_order_wanted(self) -> None:
        def names(wanted: Any) -> list[str]:
            return [layer.name for layer in compare(layers(0), layers(1), layers=wanted, draws=1, shuffles=0)]

        assert names(["fc", "conv*", "conv1"]) == ["fc", "conv1", "conv2"]
        assert names("conv?") == ["conv1", "conv2"]
        odd = {"a[1]": layers(0)["fc"], "a1": layers(0)["fc"]}
        assert [layer.name for layer in compare(odd, odd, layers="a[1]")] == ["a[1]"]

    def test_all_pairs_leaves_out_other_positions_and_says_so(self) -> None:
        b = {"x": layers(1)["conv1"], "y": layers(1)["fc"]}
        found = compare(layers(0), b, all_pairs=True, **FEW)
        assert [layer.name for layer in found] == ["conv1 / x", "fc / y"]
        assert "left out: conv2 / x, 3 x 4 positions against 5 x 4 positions an image" in found.notes
        assert len(found.notes) == 4
        with pytest.raises(InvalidActivations, match="no two layers have the same number of positions"):
            compare({"conv1": layers(0)["conv1"]}, {"y": layers(1)["fc"]}, all_pairs=True)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"layers": ["conv9"]}, "'conv9' matches no layer that both networks have; acts_a has conv1, conv2, fc"),
            ({"layers": ["conv1", "x*"]}, r"'x\*' matches no layer that both"),
            ({"layers": []}, "layers: got none"),
            ({"layers": ["x*"], "all_pairs": True}, r"'x\*' matches no layer on either side"),
        ],
    )
    def test_unknown_layers(self, options: dict[str, Any], message: str) -> None:
        with pytest.raises(UnknownLayer, match=message):
            compare(layers(0), layers(1), **options)

    def test_no_names_in_common(self) -> None:
        renamed = {f"features.{name}": values for name, values in layers(1).items()}
        with pytest.raises(UnknownLayer, match=r"no layer name is in both.*features\.conv1.*use all_pairs"):
            compare(layers(0), renamed)
        with pytest.raises(UnknownLayer, match="'fc' matches no layer on one of the sides"):
            compare(layers(0), renamed, layers=["fc"], all_pairs=True)
        found = compare(layers(0), layers(1))
        with pytest.raises(UnknownLayer, match="layer: got 'conv9', compared were conv1, conv2, fc"):
            found["conv9"]


class TestBadInput:
    @pytest.mark.parametrize(
        ("option", "value", "error", "message"),
        [
            ("epsilons", [], InvalidEpsilon, "epsilons: got none"),
            ("epsilons", "0.5", InvalidEpsilon, "epsilons: got '0.5', need a sequence"),
            ("epsilons", 0.5, InvalidEpsilon, "need a sequence"),
            ("epsilons", ["a"], InvalidEpsilon, "epsilons: got 'a'"),
            ("epsilons", [0.5, 1.0], InvalidEpsilon, "epsilons: got 1.0"),
            ("draws", 0, InvalidOption, "draws: got 0, need an integer from 1 to 1000000"),
            ("draws", True, InvalidOption, "draws: got True"),
            ("positions", 2.5, InvalidOption, "positions: got 2.5"),
            ("shuffles", -1, InvalidOption, "shuffles: got -1, need an integer from 0"),
            ("seed", -1, InvalidOption, "seed: got -1"),
            ("seed", "0", InvalidOption, "seed: got '0'"),
            ("layout", "chw", InvalidOption, "layout: got 'chw'"),
            ("dead_neurons", "ignore", InvalidOption, "dead_neurons: got 'ignore'"),
            ("rank_tol", 2, InvalidOption, "rank_tol: got 2"),
        ],
    )
    def test_options(self, option: str, value: Any, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            compare(layers(0), layers(1), **{option: value})

    @pytest.mark.parametrize(
        ("acts", "message"),
        [
            ([np.zeros((3, 2))], "acts_b: got list, need a mapping"),
            (np.zeros((3, 2)), "acts_b: got ndarray"),
            ({}, "acts_b: got no layers"),
            ({1: np.zeros((3, 2))}, "acts_b: got a layer named 1"),
            ({"fc": np.zeros((3, 2, 2))}, r"acts_b\['fc'\]: got shape \(3, 2, 2\) \(3-D\)"),
            ({"fc": [["a"]]}, r"acts_b\['fc'\]: got dtype str"),
            ({"fc": layers(0)["fc"][:10]}, r"acts_a\['fc'\], acts_b\['fc'\]: got 20 and 10 images, need the same"),
            ({"fc": layers(0)["conv1"]}, "a convolutional layer and one of another kind"),
            ({"conv1": layers(0)["conv2"]}, "are these the right axes"),
        ],
    )
    def test_activations(self, acts: Any, message: str) -> None:
        with pytest.raises(InvalidActivations, match=message):
            compare(layers(0), acts)

    def test_axes_are_never_guessed(self) -> None:
        arrays = np.random.default_rng(0).standard_normal((200, 8, 8, 48))
        said = r"\(200, 8, 8, 48\) \(4-D\).*Layer\(array, axes\).*\"nhwc\" means 200 images x 64 positions x 48 neurons"
        with pytest.raises(InvalidActivations, match=said):
            compare_layers({"l": arrays}, {"l": arrays})
        with pytest.raises(InvalidActivations, match="are these the right axes"):
            compare({"l": np.ones((5, 3, 3, 4))}, {"l": np.ones((5, 3, 3, 6))}, layout="nchw")

    @pytest.mark.parametrize("positions", [1, 1000])
    def test_a_nan_is_seen_wherever_it_is(self, positions: int) -> None:
        spoilt = layers(1)
        spoilt["conv2"][19, 7, 2, 3] = np.nan
        with pytest.raises(InvalidActivations, match=r"acts_b\['conv2'\]: 1 of .* NaN at input 239, neuron 7"):
            compare(layers(0), spoilt, positions=positions, draws=1)


class Cells(HTMLParser):
    """The cells of a table, and every tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, _: Any) -> None:
        self.tags.add(tag)
        if tag in ("td", "th", "caption", "summary"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        self.cells[-1] += data


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpanmatchWarning)
        return compare(layers(0), layers(1), names=("one", "two <b>"), **FEW)


class TestParticipation:
    def test_it_is_of_the_first_draw(self) -> None:
        found = compare(layers(0), layers(1), seed=2, units={"penalties": (0.3,), "folds": 2}, **FEW)
        assert found.units is not None
        for layer, view in zip(found, found.units, strict=True):
            assert layer.participation == pytest.approx(view.participation)
        assert found["fc"].participation == pytest.approx([participation_ratio(layers(k)["fc"]) for k in (0, 1)])
        assert 1 < min(found["fc"].participation) < max(found["fc"].participation) < 7

    @pytest.mark.parametrize("policy", ["match", "unmatched", "drop"])
    def test_constant_neurons_have_no_dimension(self, policy: Any) -> None:
        fc = layers(0)["fc"]
        a = {"zero": np.zeros((20, 2)), "ones": np.ones((20, 2)), "some": np.hstack([fc, np.ones((20, 1))])}
        b = {"zero": fc, "ones": fc[:, :1], "some": np.hstack([np.zeros((20, 3)), fc])}
        ratio = participation_ratio(fc)
        found = compare(a, b, dead_neurons=policy, **FEW)
        for layer, expected in zip(found, [(0, ratio), (0, 1), (ratio, ratio)], strict=True):
            assert layer.participation == pytest.approx(expected)

    def test_one_input_spans_nothing_about_its_mean(self) -> None:
        found = compare({"l": np.ones((1, 2))}, {"l": np.arange(1.0, 3.0)[None]})
        assert found["l"].participation == (0.0, 0.0)

    def test_it_is_in_every_table(self, comparison: Comparison) -> None:
        a, b = comparison["conv2"].participation
        plain = comparison.to_dict()
        assert plain["layers"][1]["participation"] == (a, b)
        rows = [row for row in comparison.to_rows() if row["layer_a"] == "conv2"]
        assert {(row["participation_a"], row["participation_b"]) for row in rows} == {(a, b)}
        assert "participation_a,participation_b" in comparison.to_csv().partition("\n")[0]
        assert f"{a:.1f} + {b:.1f}" in Cells(comparison._repr_html_()).cells
        console = Console(file=io.StringIO(), width=300)
        print_comparison(plain, console)
        assert f"{a:.1f} + {b:.1f}" in console.file.getvalue()  # type: ignore[attr-defined]


class TestResults:
    def test_json_gives_the_numbers_again(self, comparison: Comparison) -> None:
        stored = json.loads(comparison.to_json())
        assert stored == json.loads(json.dumps(comparison.to_dict()))
        assert (stored["schema"], stored["seed"], stored["networks"]) == (3, 0, ["one", "two <b>"])
        assert stored["versions"]["numpy"] == np.__version__
        assert stored["settings"] == comparison.settings | {"verdict": THRESHOLDS.to_dict()}
        again = compare(layers(0), layers(1), seed=comparison.seed, **comparison.settings)
        assert again.layers == comparison.layers

    def test_what_json_says_beyond_the_fields(self, comparison: Comparison) -> None:
        found = json.loads(comparison.to_json())["layers"][2]
        radii = match_radii(layers(0)["fc"], layers(1)["fc"])
        assert found["radii"] == [radii.x.tolist(), radii.y.tolist()]
        assert found["breakpoints"] == [[e, radii.similarity(e)] for e in radii.breakpoints.tolist()]
        assert found["matched"] == [
            [sorted(match.x), sorted(match.y)] for match in map(radii.max_match, comparison["fc"].epsilons)
        ]

    def test_rows_csv_and_pandas_agree(self, comparison: Comparison) -> None:
        rows = comparison.to_rows()
        assert len(rows) == 3 * 19
        read = list(csv.DictReader(io.StringIO(comparison.to_csv())))
        assert [row["layer_a"] for row in read] == [row["layer_a"] for row in rows]
        assert [float(row["similarity"]) for row in read] == [row["similarity"] for row in rows]
        pandas = pytest.importorskip("pandas")
        pandas.testing.assert_frame_equal(comparison.to_pandas(), pandas.DataFrame(rows))

    def test_the_verdict_is_the_same_everywhere(self) -> None:
        X, Y = related_relu(0)
        sides = {"l": X[:1000], "m": X[:1000]}, {"l": Y[:1000], "m": np.roll(Y[:1000], 1, axis=0)}
        found = compare(*sides, draws=1, shuffles=39, epsilons=[0.5, 0.8])
        assert [layer.verdict for layer in found] == ["above chance", "no better than chance"]
        told = io.StringIO()
        print_comparison(found.to_dict(), Console(file=told, width=1000))
        shown = "".join(ET.fromstring(page(found.to_dict()).partition("\n")[2]).itertext())
        for layer, plain in zip(found, json.loads(found.to_json())["layers"], strict=True):
            assert (plain["verdict"], plain["sentence"]) == (layer.verdict, layer.sentence)
            assert layer.verdict in repr(layer)
            assert layer.verdict in Cells(found._repr_html_()).cells
            assert f"{layer.name}: {layer.sentence}" in told.getvalue()
            assert f"{layer.name}: {layer.sentence}" in shown
            rows = [row for row in csv.DictReader(io.StringIO(found.to_csv())) if row["layer_a"] == layer.name]
            told_there = {(row["verdict"], row["sentence"], row["p_adjusted"]) for row in rows}
            assert told_there == {(layer.verdict, layer.sentence, str(layer.p_adjusted))}

    def test_missing_pandas_is_named(self, comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(MissingExtra, match=r"pip install .spanmatch\[pandas\]"):
            comparison.to_pandas()

    def test_html_is_escaped(self) -> None:
        name = "<script>alert(1)</script>"
        found = compare({name: layers(0)["fc"]}, {name: layers(1)["fc"]}, names=("<b>", "&"), epsilons=[0.8])
        shown = Cells(found._repr_html_())
        table = {"div", "span", "table", "caption", "thead", "tbody", "tr", "th", "td"}
        assert shown.tags == table | {"iframe", "details", "summary"}
        assert name in shown.cells
        assert "Layers of <b> and of &" in shown.cells
        assert "s 0.8" in shown.cells

    def test_html_has_the_numbers(self, comparison: Comparison) -> None:
        cells = Cells(comparison._repr_html_()).cells
        assert [cells.count(layer.name) for layer in comparison] == [1, 1, 1]
        assert f"{comparison['conv1'].at(0.7):.3f}" in cells
        assert comparison["conv1"].verdict in cells

    def test_repr_and_length(self, comparison: Comparison) -> None:
        assert len(comparison) == 3
        assert repr(comparison).startswith("Comparison(one against two <b>: 3 layers")
        assert "conv2: 8 + 8 neurons, 0 + 0 dead, 3 x 150 inputs" in repr(comparison)

    def test_the_plot_has_the_exact_steps_and_the_null(self, comparison: Comparison) -> None:
        (axes,) = (panel for panel in comparison.plot().axes if panel.lines)
        steps = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
        assert len(steps) == 3
        for line, layer in zip(steps, comparison, strict=True):
            drawn = list(zip(*line.get_data(), strict=True))
            assert drawn[1:-1] == list(layer.breakpoints)
            assert (drawn[0], drawn[-1][0]) == ((0, 0), 1)
        assert sum(len(line.get_xdata()) == 19 for line in axes.lines) == 3

    def test_some_layers_on_axes_of_ones_own(self, comparison: Comparison) -> None:
        figure = Figure()
        panel = figure.subplots(1, 2)[1]
        assert comparison.plot(panel, layers=["fc", "conv1"]) is figure
        assert [text.get_text() for text in panel.get_legend().get_texts()][:2] == ["fc", "conv1"]
        with pytest.raises(UnknownLayer, match="layers: got 'no'"):
            comparison.plot(layers="no")
        with pytest.raises(InvalidOption, match="ax: got 3, need Axes"):
            comparison.plot(3)  # type: ignore[arg-type]

    def test_notebooks_show_the_plot_and_journals_take_its_fonts(self, comparison: Comparison) -> None:
        figure, files = comparison.plot(), {kind: io.BytesIO() for kind in ("pdf", "svg")}
        assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
        for kind, file in files.items():
            figure.savefig(file, format=kind)
        assert b"/FontFile2" in files["pdf"].getvalue()
        assert b"/Type3" not in files["pdf"].getvalue()
        assert b">conv1</text>" in files["svg"].getvalue()

    def test_saved_files(self, comparison: Comparison, tmp_path: Path) -> None:
        written = comparison.save(tmp_path / "out", table=tmp_path / "t.csv")
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            "comparison.json",
            "report.html",
            "similarity.png",
        ]
        assert all(path.is_file() for path in written)
        assert json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))["seed"] == 0
        assert (tmp_path / "out" / "similarity.png").read_bytes().startswith(b"\x89PNG")
        assert "conv2" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        assert (tmp_path / "t.csv").read_text(encoding="utf-8") == comparison.to_csv()

    @pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(28, "No space left on device")])
    def test_an_interrupted_run_leaves_the_old_report_whole(
        self, comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
    ) -> None:
        names = ("comparison.json", "similarity.png", "report.html")
        for name in names:
            (tmp_path / name).write_text("old")

        def interrupted(result: Any, path: Path, *_: object) -> None:
            path.write_text("ha")
            raise stop

        monkeypatch.setattr("spanmatch.report.page.write_page", interrupted)
        with pytest.raises((KeyboardInterrupt, InvalidFile)):
            comparison.save(tmp_path)
        assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(names, "old")

    def test_layers_against_layers(self) -> None:
        acts = layers(0), layers(1)
        other = compare({"a": acts[0]["fc"]}, {"b": acts[1]["fc"], "c": acts[0]["fc"]}, all_pairs=True, shuffles=0)
        assert other.matrix().tolist() == [[other["a / b"].area, 1.0]]
        found = compare(*acts, all_pairs=True, shuffles=0, draws=1)
        assert found.matrix().shape == (3, 3)
        assert found.matrix()[0, 0] == found["conv1"].area
        assert found.matrix(0.5)[1, 1] == found["conv2"].at(0.5)
        assert np.isnan(found.matrix()[0, 2])  # conv1 has positions, fc has none
        record = json.loads(found.to_json())["matrix"]
        assert record["layers_a"] == record["layers_b"] == ["conv1", "conv2", "fc"]
        assert record["area"][0] == [found["conv1"].area, None, None]
        assert json.loads(compare(*acts, shuffles=0, draws=1).to_json())["matrix"] is None

    def test_progress_names_the_layers(self) -> None:
        told: list[str] = []
        compare(layers(0), layers(1), draws=1, shuffles=0, progress=told.append)
        assert told == ["conv1", "conv2", "fc"]


class Own(nn.Module):
    """Someone's model: one in-place ReLU used three times, dropout, and a layer that is used twice."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.conv = nn.Conv2d(1, 5, 3)
            self.mix = nn.Conv2d(5, 5, 1)
            self.relu = nn.ReLU(inplace=True)
            self.drop = nn.Dropout(0.5)
            self.head = nn.Linear(5 * 16, 4)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.relu(self.mix(self.relu(self.mix(self.relu(self.conv(images))))))
        return self.head(self.drop(hidden).flatten(1))

    def by_hand(self, images: Tensor) -> dict[str, Tensor]:
        """What capture must give, in functions and without in-place operations."""
        with torch.no_grad():
            out = {"conv": nn.functional.conv2d(images, self.conv.weight, self.conv.bias)}
            out["relu"] = out["conv"].clamp(min=0)
            for before, name in (("relu", "relu#1"), ("relu#1", "relu#2")):
                out[name] = nn.functional.conv2d(out[before], self.mix.weight, self.mix.bias).clamp(min=0)
            out["head"] = out["relu#2"].flatten(1) @ self.head.weight.T + self.head.bias
        return out


def test_models_of_ones_own_from_the_data_loader_to_the_curves() -> None:
    images = torch.randn(60, 1, 6, 6, generator=torch.Generator().manual_seed(7))
    batches = DataLoader(TensorDataset(images, torch.arange(60)), batch_size=16)
    models = Own(0).train(), Own(1).train()
    captured = [capture(model, batches, ["conv", "relu", "head"]) for model in models]
    expected = [model.by_hand(images) for model in models]
    for acts, by_hand in zip(captured, expected, strict=True):
        assert list(acts) == ["conv", "relu", "relu#1", "relu#2", "head"]
        for name, values in acts.items():
            np.testing.assert_allclose(values.values, by_hand[name].numpy(), atol=1e-5, err_msg=name)
    found = compare(*captured, positions=500, draws=2, shuffles=2)
    assert [(layer.name, layer.draws, layer.inputs) for layer in found] == [
        ("conv", 2, 500),
        ("relu", 2, 500),
        ("relu#1", 2, 500),
        ("relu#2", 2, 500),
        ("head", 1, 60),
    ]
    for layer, other in zip(found, compare(*expected, positions=500, draws=2, shuffles=2), strict=True):
        assert layer.area == pytest.approx(other.area, abs=1e-4)
    assert all(set(layer.lowest) == {1.0} for layer in compare(captured[0], captured[0], positions=500, draws=2))


class TestInterval:
    """It holds the curve of the images looked at, and the one that infinitely many would have given."""

    def layers(self, images: int, seed: int, neurons: int = 8) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        shared = rng.standard_normal((images, 3))
        fixed = np.random.default_rng(0)
        X, Y = (
            shared @ fixed.standard_normal((3, neurons)) + rng.standard_normal((images, neurons)) for _ in range(2)
        )
        return X, Y

    def test_the_curve_itself_is_held(self) -> None:
        """Of 100 images, 20 + 20 neurons; resampled with repetition it lay beside its interval."""
        for seed in range(12):
            X, Y = self.layers(100, seed, 20)
            found = compare({"a": X}, {"a": Y}, bootstrap=20, shuffles=0)["a"]
            assert found.interval_low is not None
            assert found.interval_high is not None
            held = zip(found.interval_low, found.similarity, found.interval_high, strict=True)
            assert all(low <= s <= high for low, s, high in held)

    def test_the_curve_of_very_many_images_is_held(self) -> None:
        many_X, many_Y = self.layers(200_000, 99)
        truth = compare({"a": many_X}, {"a": many_Y}, positions=200_000, shuffles=0)["a"].similarity
        outside = 0
        for seed in range(12):
            X, Y = self.layers(100, seed)
            found = compare({"a": X}, {"a": Y}, bootstrap=30, shuffles=0)["a"]
            assert found.bootstrap == 30
            assert found.interval_low is not None
            assert found.interval_high is not None
            held = zip(found.interval_low, truth, found.interval_high, strict=True)
            outside += not all(low <= s <= high for low, s, high in held)
            assert 0 < np.mean(np.subtract(found.interval_high, found.interval_low)) < 0.35
        assert outside <= 1

    def test_whole_images_are_left_out(self) -> None:
        """An image repeated at every position carries no more information than once: the interval must know."""
        X, Y = self.layers(60, 3)
        conv = [np.repeat(Z[:, :, None, None], 9, axis=2) for Z in (X, Y)]
        grid = [0.6, 0.7, 0.8]
        wide = compare({"a": X}, {"a": Y}, epsilons=grid, bootstrap=50, shuffles=0)["a"]
        same = compare({"a": conv[0]}, {"a": conv[1]}, epsilons=grid, bootstrap=50, shuffles=0)["a"]
        assert wide.interval_low is not None
        assert same.interval_low == wide.interval_low
        assert same.interval_high == wide.interval_high

    @pytest.mark.parametrize(
        ("images", "bootstrap", "told"),
        [(50, 0, None), (31, 9, "got 9 subsamples of 31 images, need at least 2 of 32"), (50, 1, "got 1 subsamples")],
    )
    def test_none(self, images: int, bootstrap: int, told: str | None) -> None:
        X, Y = self.layers(images, 0)
        comparison = compare({"a": X}, {"a": Y}, shuffles=0, bootstrap=bootstrap)
        found = comparison["a"]
        assert found.bootstrap == 0
        assert found.interval_low is None
        assert found.interval_high is None
        assert json.loads(comparison.to_json())["layers"][0]["interval_low"] is None
        assert [note for note in found.notes if "interval" in note] == [
            note for note in found.notes if told and told in note
        ]
        assert ("no interval" in " ".join(found.notes)) == bool(told)


class TestChance:
    def test_independent_layers_reach_chance_and_related_ones_lie_below(self) -> None:
        rng = np.random.default_rng(0)
        X, Z = (np.maximum(rng.standard_normal((5000, 32)), 0) for _ in range(2))
        alone = compare({"a": X}, {"a": Z}, shuffles=0)["a"]
        related = compare({"a": X}, {"a": X + 0.3 * Z}, shuffles=0)["a"]
        assert max(map(abs, alone.below_chance)) < 0.05
        assert min(related.below_chance) > 0.3
        assert all(0.8 < level < 0.9 for level in alone.chance)
