"""Several networks: every number of a population is that of its pairs, taken together by hand."""

from __future__ import annotations

import csv
import io
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from spanmatch import InvalidActivations, InvalidFile, InvalidOption, Layer, SpanmatchWarning, UnknownLayer, compare
from spanmatch.studies.comparison.population import Population

GRID = (0.2, 0.5, 0.8)


def network(seed: int, noise: float = 0.4) -> dict[str, Layer]:
    """Two layers of 60 images: some directions that all networks share, and noise of their own."""
    shared, rng = np.random.default_rng(0), np.random.default_rng(seed)
    factors, mix = shared.standard_normal((60, 3)), shared.standard_normal((3, 6))
    fc = factors @ mix + noise * rng.standard_normal((60, 6))
    fc[:, seed % 6] = rng.standard_normal(60)
    conv = np.maximum(rng.standard_normal((60, 4, 3, 3)) + factors[:, :1, None, None], 0)
    conv[:, seed % 4] = 0
    return {"conv": Layer(conv, "nchw"), "fc": Layer(fc)}


@pytest.fixture(scope="module")
def population() -> Population:
    return compare(network(1), network(2), network(3), shuffles=0, epsilons=GRID)


@pytest.fixture(scope="module")
def checkpoints() -> Population:
    """Noise that fades in training."""
    nets = [{"fc": network(9, noise)["fc"]} for noise in (3.0, 1.0, 0.2, 0.0)]
    return compare(*nets, shuffles=0, epsilons=GRID, training=True, names=["one", "two", "three", "last"])


def test_every_two_are_compared_as_if_they_were_alone(population: Population) -> None:
    assert population.names == ("A", "B", "C")
    assert population.of == ((0, 1), (0, 2), (1, 2))
    alone = compare(network(1), network(3), shuffles=0, epsilons=GRID, names=["A", "C"])
    assert population.between("A", "C") == alone
    assert population.between(2, 0) == alone


@pytest.mark.parametrize("layer", ["conv", "fc"])
def test_means_spreads_and_matrices(population: Population, layer: str) -> None:
    curves = np.array([pair[layer].similarity for pair in population.pairs])
    np.testing.assert_allclose(population.mean(layer), curves.mean(axis=0))
    np.testing.assert_allclose(population.spread(layer), curves.std(axis=0, ddof=1))
    found = population[layer]
    assert found.lowest == tuple(curves.min(axis=0))
    assert found.highest == tuple(curves.max(axis=0))
    for k, epsilon in enumerate(GRID):
        matrix = population.matrix(layer, epsilon)
        np.testing.assert_array_equal(matrix, matrix.T)
        assert matrix.diagonal().tolist() == [1, 1, 1]
        assert [matrix[i, j] for i, j in population.of] == curves[:, k].tolist()
    assert population.matrix(layer)[0, 2] == population.between(0, 2)[layer].area


@pytest.mark.parametrize(("policy", "itself"), [("match", 1.0), ("drop", 1.0), ("unmatched", 0.75)])
def test_the_diagonal_is_what_a_network_has_with_itself(policy: str, itself: float) -> None:
    nets = [network(k) for k in (1, 2, 3)]
    found = compare(*nets, layers="conv", shuffles=0, dead_neurons=policy)
    assert found.matrix("conv", 0.5).diagonal().tolist() == [itself] * 3
    assert compare(nets[0], nets[0], layers="conv", shuffles=0, dead_neurons=policy)["conv"].at(0.5) == itself


@pytest.mark.parametrize("epsilon", GRID)
def test_reliable_neurons_match_in_every_pair(population: Population, epsilon: float) -> None:
    for k, reliable in enumerate(population.reliable("fc", epsilon)):
        pairs = zip(population.of, population.pairs, strict=True)
        sides = [pair["fc"].radii[of.index(k)] for of, pair in pairs if k in of]
        assert len(sides) == 2
        assert reliable == tuple(n for n in range(6) if all(radii[n] <= epsilon for radii in sides))
    counts = [len(one) for one in population.reliable("fc", 0.5)]
    assert 0 < sum(counts) < 18


def test_checkpoints_are_compared_with_the_last_and_the_next(checkpoints: Population) -> None:
    assert checkpoints.of == ((0, 1), (0, 3), (1, 2), (1, 3), (2, 3))
    last, following = checkpoints.over_training("fc", 0.5)
    assert last.tolist() == [checkpoints.between(k, 3)["fc"].at(0.5) for k in range(3)]
    assert following.tolist() == [checkpoints.between(k, k + 1)["fc"].at(0.5) for k in range(3)]
    assert last[0] < last[-1] == following[-1] == 1
    assert np.isnan(checkpoints.matrix("fc")[0, 2])


def test_two_checkpoints(population: Population) -> None:
    two = compare(network(1), network(2), shuffles=0, training=True)
    assert two.over_training("fc", 0.5)[0].shape == (1,)
    assert two["fc"].spread == (0.0,) * 19
    with pytest.raises(InvalidOption, match="training: got networks that are no checkpoints"):
        population.over_training("fc", 0.5)


def test_json_csv_and_files_have_everything(population: Population, checkpoints: Population, tmp_path: Path) -> None:
    found = json.loads(population.to_json())
    assert found["networks"] == ["A", "B", "C"]
    assert [one["of"] for one in found["comparisons"]] == [[0, 1], [0, 2], [1, 2]]
    assert found["layers"][1]["similarities"][0] == population.matrix("fc", 0.2).tolist()
    alone = json.loads(population.between(0, 1).to_json())
    assert found["comparisons"][0] == {"of": [0, 1], **alone}
    rows = list(csv.DictReader(io.StringIO(population.to_csv())))
    assert len(rows) == 3 * 2 * 3
    assert (rows[0]["network_a"], rows[0]["network_b"], rows[0]["layer_a"]) == ("A", "B", "conv")
    for name, one in (("all", population), ("training", checkpoints)):
        written = one.save(tmp_path / name)
        text = written[0].read_text(encoding="utf-8")
        assert json.loads(text) == json.loads(one.to_json())
        assert Population.from_json(text) == one
        assert written[1].read_bytes().startswith(b"\x89PNG")
    assert "Network against network" in (tmp_path / "all" / "report.html").read_text(encoding="utf-8")
    assert len(checkpoints.plot().axes[1].lines) == 2
    assert "fc" in population._repr_html_()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"networks": 3}, "networks: got 3"),
        ({"comparisons": []}, "comparisons: got none"),
        ({"comparisons": [{"of": [0, 1]}]}, "schema None"),
        ({"training": "no"}, "training: got 'no', need bool"),
        ({"networks": ["A", "B"]}, r"comparisons\[1\]\.of: got \(0, 2\), need two of 2 networks"),
    ],
)
def test_what_is_no_population_is_refused(population: Population, changes: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidFile, match=said):
        Population.from_dict(population.to_dict() | changes)


def test_a_layer_that_one_network_lacks_is_left_out_and_named() -> None:
    third = {"fc": network(3)["fc"]}
    found = compare(network(1), network(2), third, shuffles=0)
    assert [layer.name for layer in found] == ["fc"]
    assert found.to_dict()["notes"] == ["left out: conv, not in every pair of networks"]
    with pytest.raises(UnknownLayer, match="layer: got 'conv', every pair of networks has fc"):
        found["conv"]


def test_what_every_pair_warns_of_is_said_once() -> None:
    with pytest.warns(SpanmatchWarning) as caught:
        compare(*(network(k) for k in (1, 2, 3)), layers="conv", shuffles=5)
    said = [str(one.message) for one in caught if "near chance" in str(one.message)]
    assert len(said) == 1
    assert "(A against B); much the same of 2 more pairs" in said[0]


def test_errors_name_the_network_that_they_are_about() -> None:
    bad = {"fc": Layer(np.ones((59, 6)))}
    with pytest.raises(InvalidActivations, match=r"acts_a\['fc'\], more\[0\]\['fc'\]"):
        compare(network(1), network(2), bad, layers="fc", shuffles=0)
    with pytest.raises(InvalidOption, match=r"names: got .* need 3 names, one for each network"):
        compare(network(1), network(2), network(3), names=("a", "b"))
    with pytest.raises(InvalidOption, match="all_pairs: got True"):
        compare(network(1), network(2), network(3), all_pairs=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = compare(network(1), network(2), network(3), layers="fc")
    with pytest.raises(InvalidOption, match=r"a, b: got .* compared were A with B, A with C, B with C"):
        found.between("A", "D")
