"""Models compared while they run: what captured activations give, and what running together adds."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from model_zoo import KINDS, PICTURES, made
from torch import Tensor, nn

from spanmatch import InvalidActivations, InvalidOption, SpanmatchWarning, UnknownLayer, capture, compare
from spanmatch.studies.comparison.population import Population
from spanmatch.studies.comparison.results import Comparison
from spanmatch.studies.models.compare import compare_models

pytestmark = pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")


def mlp(seed: int, *widths: int) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [nn.Linear(a, b) for a, b in zip((8, *widths), widths, strict=False)]
        return nn.Sequential(*(part for layer in layers for part in (layer, nn.Tanh())))


def vectors(count: int = 600) -> Tensor:
    return torch.randn(count, 8, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize("kind", KINDS)
def test_is_what_captured_activations_give(kind: str) -> None:
    models = [made(kind, seed) for seed in (1, 2)]
    batches, options = KINDS[kind].batches, KINDS[kind].options
    layers = [name for name in KINDS[kind].by_hand(models[0]) if "#" not in name]
    minimal: Any = {"epsilons": [0.5]} if kind == "cnn" else False
    found = compare_models(models, batches, layers, shuffles=0, minimal=minimal, **options)
    acts = [capture(model, batches, layers, **options) for model in models]
    expected = compare(*acts, shuffles=0, positions=10**6, minimal=minimal)
    assert [layer.name for layer in found] == [layer.name for layer in expected]
    for one, other in zip(found, expected, strict=True):
        for mine, theirs in zip(one.radii, other.radii, strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-5)
        for what in ("neurons", "dead", "rank", "rank_bound", "digests", "images", "positions", "inputs"):
            assert getattr(one, what) == getattr(other, what), what
        np.testing.assert_allclose(one.participation, other.participation, rtol=1e-9)
        np.testing.assert_allclose(one.chance, other.chance, rtol=1e-9)
    assert [one.matched for one in found.minimal] == [one.matched for one in expected.minimal]


def test_by_default_all_modules_that_compute_something() -> None:
    found = compare_models([made("cnn", 1), made("cnn", 2)], KINDS["cnn"].batches, shuffles=0)
    assert [layer.name for layer in found] == ["stem", "norm", "block", "relu", "relu#1", "pool", "head"]
    found = compare_models([made("transformer", 1), made("transformer", 2)], KINDS["transformer"].batches, shuffles=0)
    assert "1.layers.0.self_attn.out_proj" not in [layer.name for layer in found]
    assert any("out_proj' does not run" in note for note in found.notes)


def test_null_interval_and_verdict_of_the_whole_run() -> None:
    models = [mlp(seed, 6, 5) for seed in (0, 1)]
    found = compare_models(models, vectors().split(50), ["1", "3"], shuffles=39, bootstrap=20)
    acts = [capture(model, vectors(), ["1", "3"]) for model in models]
    expected = compare(*acts, shuffles=39, bootstrap=20)
    for one, other in zip(found, expected, strict=True):
        assert one.verdict == other.verdict
        assert abs(one.null_area - other.null_area) < 0.01
        widths = [np.subtract(layer.interval_high or 0, layer.interval_low or 0).mean() for layer in (one, other)]
        assert 0.5 < widths[0] / widths[1] < 2
        assert all(
            low <= s <= high
            for low, s, high in zip(one.interval_low or (), one.similarity, one.interval_high or (), strict=True)
        )


def test_a_model_is_itself_and_untrained_ones_are_no_better_than_untrained() -> None:
    model = mlp(0, 6, 5)
    itself = compare_models([model, model], vectors().split(100), ["1", "3"])
    assert [layer.area for layer in itself] == [1.0, 1.0]
    found = compare_models([model, mlp(1, 6, 5)], vectors().split(100), ["1", "3"], baseline=6)
    for layer in found:
        assert layer.baseline is not None
        assert layer.baseline.pairs == 6
        assert layer.verdict == "no better than untrained"
    again = compare_models([model, model], vectors().split(100), ["1", "3"], baseline=[found, found, itself])
    assert [layer.baseline and layer.baseline.pairs for layer in again] == [3, 3]


def test_several_models_make_a_population() -> None:
    models = [mlp(seed, 6) for seed in range(3)]
    found = compare_models(models, vectors().split(100), "1", shuffles=0, names=("a", "b", "c"))
    assert isinstance(found, Population)
    assert found.names == ("a", "b", "c")
    for (i, j), pair in zip(found.of, found.pairs, strict=True):
        alone = compare_models([models[i], models[j]], vectors().split(100), "1", shuffles=0)
        assert pair["1"].radii == alone["1"].radii


def test_layers_of_other_names_and_resolutions() -> None:
    models = [made("cnn", 1), made("cnn", 2)]
    everything = compare_models(models, PICTURES, ["stem", "block", "head"], all_pairs=True, shuffles=0)
    assert len(everything) == 5
    assert "left out: head / stem, one position against 8 x 8 positions an image" in everything.notes
    pooled = compare_models(models, PICTURES, ["stem", "head"], all_pairs=True, pool=True, shuffles=0)
    acts = [capture(model, PICTURES, ["stem", "head"]) for model in models]
    expected = compare(*acts, all_pairs=True, pool=True, shuffles=0, positions=10**6)
    for one, other in zip(pooled, expected, strict=True):
        assert one.digests == other.digests
        np.testing.assert_allclose(one.radii[0], other.radii[0], atol=1e-5)


def test_the_same_batch_goes_to_all_and_models_are_left_alone() -> None:
    seen: list[Any] = []

    def watched() -> Iterator[Tensor]:
        for number, part in enumerate(vectors().split(150)):
            seen.append(number)
            yield part

    models = [mlp(seed, 6).train() for seed in (0, 1)]
    generator = torch.get_rng_state()
    compare_models(models, watched(), "1", shuffles=0, baseline=1)
    assert seen == [0, 1, 2, 3]
    assert all(module.training and not module._forward_hooks for model in models for module in model.modules())
    assert torch.equal(generator, torch.get_rng_state())


def test_the_precision_of_the_computation_decides_ranks() -> None:
    """12 inputs cannot make 40 neurons independent; in bfloat16 rounding would."""
    for dtype in (torch.bfloat16, torch.float32):
        models = [nn.Sequential(nn.Linear(8, 40)).to(dtype) for _ in range(2)]
        found = compare_models(models, vectors().to(dtype).split(200), "0", shuffles=0)
        assert found["0"].rank == (9, 9) if dtype == torch.float32 else max(found["0"].rank) <= 9


def test_memory_is_that_of_a_batch_and_the_factors() -> None:
    """600 images of 4 x 32 x 32 activations are 10 MB a layer."""
    models = [nn.Sequential(nn.Conv2d(1, 4, 1), nn.Tanh(), nn.AvgPool2d(1)) for _ in range(2)]
    batches = (torch.randn(50, 1, 32, 32) for _ in range(12))
    compare_models(models, torch.randn(50, 1, 32, 32), "0", shuffles=0)
    tracemalloc.start()
    try:
        compare_models(models, batches, ["0", "1", "2"], shuffles=0, method="gram")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8e6


@pytest.mark.parametrize(
    ("models", "options", "error", "message"),
    [
        ([mlp(0, 6)], {}, InvalidOption, "^models: got 1, need two torch modules"),
        ([mlp(0, 6), "b"], {}, InvalidOption, r"^models\[1\]: got 'b' \(str\), need a Module"),
        ([mlp(0, 6), mlp(1, 6)], {"layers": "9"}, UnknownLayer, "'9' matches no module"),
        ([mlp(0, 6), mlp(1, 6)], {"baseline": "x"}, InvalidOption, "^baseline: got 'x'"),
        ([mlp(0, 6), mlp(1, 6)], {"method": "fast"}, InvalidOption, "^method: got 'fast'"),
        ([mlp(0, 6), mlp(1, 6)], {"batches": []}, InvalidActivations, "^batches: got none"),
        ([made("cnn", 1), made("cnn", 2)], {"layers": "nothing*"}, UnknownLayer, "matches no module"),
    ],
)
def test_errors(models: list[Any], options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        compare_models(models, options.pop("batches", vectors()), **options)


def test_all_layers_are_checked_on_the_first_batch() -> None:
    def batches() -> Iterator[Tensor]:
        yield PICTURES
        raise AssertionError("the second batch was asked for")

    class Wide(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem, self.block = nn.Conv2d(3, 6, 3), nn.Conv2d(6, 6, 3)

        def forward(self, images: Tensor) -> Tensor:
            return self.block(self.stem(images))

    with pytest.raises(InvalidActivations, match=r"(?s)models\[0\], models\[1\]: 2 problems.*\['stem'\].*\['block'\]"):
        compare_models([made("cnn", 1), Wide()], batches(), ["stem", "block"])


def test_values_that_are_not_finite_are_an_error_with_their_layer() -> None:
    broken = mlp(1, 6)
    batches = [vectors(50), vectors(50) * torch.nan]
    with pytest.raises(InvalidActivations, match="NaN"):
        compare_models([mlp(0, 6), broken], batches, "1", shuffles=0)


def test_what_is_advised_is_said_once_for_a_layer() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = compare_models([mlp(0, 30), mlp(1, 30)], vectors(20), "1", shuffles=0)
    said = [str(one.message) for one in caught if issubclass(one.category, SpanmatchWarning)]
    assert any("models[0] '1'" in one for one in said)
    assert isinstance(found, Comparison)
    assert found["1"].notes
