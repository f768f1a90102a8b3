"""One draw of a pair of layers: drawn and compressed once, under one protocol, for every measure."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spanmatch import InvalidEpsilon, InvalidOption, Layer, UnknownLayer, compare
from spanmatch.networks.shipped import activations
from spanmatch.studies.comparison import samples
from spanmatch.studies.comparison.compare import MEASURES, measure
from spanmatch.studies.comparison.layers import paired_layers
from spanmatch.studies.comparison.protocol import Protocol
from spanmatch.theory.errors import without_advice

CHEAP = {"penalties": (0.3,), "folds": 2, "blocks": 2}


@pytest.fixture(autouse=True)
def no_warnings() -> Any:
    with without_advice():
        yield


def conv(seed: int, neurons: int = 4) -> Layer:
    return Layer(np.maximum(np.random.default_rng(seed).standard_normal((20, neurons, 3, 3)), 0), "nchw")


def layers(seed: int) -> dict[str, Layer]:
    return {"one": conv(seed), "two": conv(seed + 10), "three": conv(seed + 20)}


@pytest.mark.parametrize(("policy", "matched", "live"), [("match", 85, 96), ("unmatched", 63, 96), ("drop", 63, 74)])
def test_every_measure_treats_dead_neurons_alike(policy: Any, matched: int, live: int) -> None:
    """48 + 48 neurons of trained layers, 22 of them dead: s once left these out, and the table beside it had 85."""
    a, b = ({"fc.relu": activations(name)["fc.relu"][:, :48]} for name in ("vgg-decayed-0", "vgg-decayed-1"))
    found = compare(a, b, dead_neurons=policy, shuffles=0, epsilons=[0.3], minimal={"epsilons": [0.3], "timeout": None})
    assert round(found["fc.relu"].similarity[0] * live, 9) == matched
    assert found.minimal[0].matched == matched
    assert found.minimal[0].different == 16


def test_minimal_matches_and_units_have_the_ranks_of_the_similarity() -> None:
    rng = np.random.default_rng(0)
    two = rng.standard_normal((40, 2))
    a = {"l": np.hstack([two, two.sum(axis=1, keepdims=True) + 1e-3 * rng.standard_normal((40, 1))])}
    b = {"l": two}
    options: dict[str, Any] = {"epsilons": [0.0], "minimal": {"epsilons": [0]}, "units": {**CHEAP, "epsilon": 0}}
    for rank_tol, share in ((None, 4 / 5), (0.05, 1.0)):
        found = compare(a, b, rank_tol=rank_tol, **options)
        assert found.units is not None
        shares = found["l"].similarity[0], found.units["l"].similarity, found.minimal[0].matched / 5
        assert shares == (pytest.approx(share, abs=1e-12),) * 3


@pytest.mark.parametrize(
    "asked", [{}, {"minimal": True}, {"units": CHEAP}, {"minimal": {"epsilons": [0.4, 0.7]}, "units": CHEAP}]
)
def test_each_draw_is_compressed_once_whatever_is_measured(asked: dict[str, Any], monkeypatch: Any) -> None:
    compressed = []
    original = samples.compress
    monkeypatch.setattr(samples, "compress", lambda X, Y, **options: compressed.append(X) or original(X, Y, **options))
    drawn = []
    draw = samples.draws_of_inputs
    monkeypatch.setattr(samples, "draws_of_inputs", lambda *given: drawn.append(given) or draw(*given))
    found = compare(layers(0), layers(1), positions=100, draws=3, shuffles=2, bootstrap=4, **asked)
    assert len(drawn) == len(found) == 3
    # Three draws and four subsamples of each layer: problems of their own. Shuffles change a product only.
    assert len(compressed) == 3 * (3 + 4)


def test_a_pair_is_work_for_another_process() -> None:
    options = {"minimal": {"epsilons": [0.6]}, "units": CHEAP, "images": True}
    protocol = Protocol.checked(
        epsilons=[0.6], positions=100, draws=2, shuffles=1, bootstrap=0, layout=None, seed=3, dead_neurons="match",
        rank_tol=None, **options,
    )  # fmt: skip
    pairs = paired_layers(layers(0), layers(1), protocol, layers=None, all_pairs=False, pool=False, notes=[])
    found = compare(layers(0), layers(1), epsilons=[0.6], positions=100, draws=2, shuffles=1, seed=3, **options)
    assert found.units is not None
    for pair, layer, minimal, units, images in zip(pairs, found, found.minimal, found.units, found.images, strict=True):
        before = pickle.dumps(pair)
        records, advice = pickle.loads(pickle.dumps(measure(pickle.loads(before).read())))
        assert list(records) == list(pair.measures) == list(MEASURES)
        alone = replace(layer, p_adjusted=layer.p_value)
        assert records == {"similarity": alone, "minimal": [minimal], "units": units, "images": images}
        assert set(advice) <= set(layer.notes)
        assert measure(pair.read())[0] == records
        assert len(pickle.dumps(pair)) == len(before)  # what was found on the way stays behind


def test_measures_of_some_layers_only() -> None:
    found = compare(
        layers(0), layers(1), positions=100, draws=1, shuffles=0, minimal={"layers": ["t*"], "epsilons": [0.5]},
        units={**CHEAP, "layers": ("three",)},
    )  # fmt: skip
    assert [layer.name for layer in found] == ["one", "two", "three"]
    assert [one.layer for one in found.minimal] == ["two", "three"]
    assert found.units is not None
    assert [one.name for one in found.units] == ["three"]


def test_all_pairs_are_measured() -> None:
    a, b = layers(0), {"one": conv(1)}
    found = compare(a, b, all_pairs=True, draws=1, shuffles=0, minimal={"epsilons": [0.5]}, units=CHEAP)
    assert found.units is not None
    names = ["one", "two / one", "three / one"]
    assert [layer.name for layer in found] == [one.layer for one in found.minimal] == names
    assert [one.name for one in found.units] == names


def test_settings_give_all_the_numbers_again() -> None:
    asked = {"minimal": {"epsilons": (0.5, 0.4), "timeout": None}, "units": {**CHEAP, "layers": ["one"]}}
    found = compare(layers(0), layers(1), positions=100, draws=2, shuffles=1, seed=4, **asked)
    again = compare(layers(0), layers(1), seed=found.seed, **found.settings)
    assert (again.layers, again.minimal, again.units) == (found.layers, found.minimal, found.units)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"minimal": "yes"}, InvalidOption, "minimal: got 'yes', need True, False, or a mapping with some of layers"),
        ({"units": {"penalty": 1}}, InvalidOption, "units: got .*need.*epsilon, blocks, penalties, folds"),
        ({"units": {"penalties": 0.1}}, InvalidOption, "penalties: got 0.1, need a sequence of positive numbers"),
        ({"units": {"blocks": 0}}, InvalidOption, "blocks: got 0"),
        ({"units": {"epsilon": 1.0}}, InvalidEpsilon, "epsilon: got 1.0"),
        ({"minimal": {"epsilons": []}}, InvalidEpsilon, "epsilons: got none"),
        ({"minimal": {"layers": 1}}, UnknownLayer, "layers: got 1, need names or patterns of layers"),
        ({"minimal": {"layers": ["four"]}}, UnknownLayer, "minimal: layers 'four' matches none of those compared, one"),
        ({"minimal": {"timeout": 0}}, InvalidOption, "timeout: got 0"),
    ],
)
def test_bad_options_of_a_measure(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        compare(layers(0), layers(1), draws=1, shuffles=0, **options)
