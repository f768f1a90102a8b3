"""Captured activations equal hand-written forward passes, and the model is left as it was."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from spanmatch.networks.capture.capture import capture, running_on
from spanmatch.networks.capture.modules import layer_names
from spanmatch.theory.errors import InvalidActivations, InvalidOption, SpanmatchWarning, UnknownLayer
from spanmatch.theory.validation.layer import other_inputs


class Own(nn.Module):
    """Someone's model: an in-place ReLU, a module that is used twice, dropout, batch norm."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.mix = nn.Conv2d(4, 4, 1)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(4 * 36, 3))
        self.unused = nn.Linear(2, 2)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.relu(self.norm(self.conv(images)))
        hidden = self.relu(self.mix(hidden))
        hidden = self.drop(self.relu(self.mix(hidden)))
        return self.head(hidden)


def own_model() -> Own:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Own()
        model.norm.running_mean += torch.randn(4)
        model.norm.running_var *= 2.0
    return model


def inputs(number: int = 20) -> Tensor:
    return torch.randn(number, 1, 6, 6, generator=torch.Generator().manual_seed(7))


def by_hand(model: Own, images: Tensor) -> dict[str, Tensor]:
    """The same forward pass in evaluation mode, in functions, without in-place operations."""
    functional = nn.functional
    out = {}
    with torch.no_grad():
        out["conv"] = functional.conv2d(images, model.conv.weight, model.conv.bias, padding=1)
        norm = model.norm
        out["norm"] = functional.batch_norm(
            out["conv"], norm.running_mean, norm.running_var, norm.weight, norm.bias, training=False
        )
        out["relu"] = torch.relu(out["norm"])
        out["mix"] = functional.conv2d(out["relu"], model.mix.weight, model.mix.bias)
        out["relu#1"] = torch.relu(out["mix"])
        out["mix#1"] = functional.conv2d(out["relu#1"], model.mix.weight, model.mix.bias)
        out["relu#2"] = torch.relu(out["mix#1"])
        out["drop"] = out["relu#2"]
        linear = model.head[1]
        out["head.1"] = functional.linear(out["drop"].flatten(1), linear.weight, linear.bias)
    return out


NAMES = ["conv", "norm", "relu", "mix", "drop", "head.1"]


def batch_forms() -> dict[str, Any]:
    images = inputs()
    labels = torch.arange(20)
    return {
        "tensor": images,
        "loader": DataLoader(TensorDataset(images, labels), batch_size=6),
        "loader without labels": DataLoader(TensorDataset(images), batch_size=7),
        "generator": (part for part in images.split(3)),
        "list of tuples": [(part, None) for part in images.split(20)],
    }


@pytest.mark.parametrize("form", batch_forms())
def test_equals_the_forward_pass_written_by_hand(form: str) -> None:
    model = own_model().train()
    captured = capture(model, batch_forms()[form], NAMES)
    expected = by_hand(model, inputs())
    assert list(captured) == ["conv", "norm", "relu", "relu#1", "relu#2", "mix", "mix#1", "drop", "head.1"]
    for name, layer in captured.items():
        assert layer.dtype == np.float32
        assert layer.axes == ("nc" if name == "head.1" else "nchw")
        np.testing.assert_allclose(layer.values, expected[name].numpy(), rtol=1e-5, atol=1e-5, err_msg=name)
    assert (captured["norm"].values < 0).any(), "the in-place ReLU shows in what came before it"


def test_captured_arrays_share_no_memory_with_the_model() -> None:
    model = nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))
    images = torch.tensor([[-1.0, 2.0]])
    assert capture(model, images, "0")["0"].values.tolist() == [[-1.0, 2.0]]


def test_order_is_the_callers_and_patterns_give_the_models_order() -> None:
    model = own_model()
    assert layer_names(model, ["mix", "conv"]).names == ("mix", "conv")
    found = layer_names(model, ["r*", "*n*", "conv"])
    assert (found.names, found.exact) == (("relu", "conv", "norm", "unused"), {"conv"})
    assert layer_names(model, "head.*").names == ("head.0", "head.1")
    assert layer_names(model, "h??d.[1-9]").names == ("head.1",)


def test_module_registered_under_two_names_is_found_under_both() -> None:
    shared = nn.ReLU()
    model = nn.Sequential()
    model.add_module("first", shared)
    model.add_module("second", shared)
    captured = capture(model, torch.tensor([[-1.0, 1.0]]), "second")
    assert {name: layer.values.tolist() for name, layer in captured.items()} == {
        "second": [[0.0, 1.0]],
        "second#1": [[0.0, 1.0]],
    }


@pytest.mark.parametrize(
    ("dtype", "held"),
    [(torch.bfloat16, "float32"), (torch.float16, "float16"), (torch.float32, "float32"), (torch.float64, "float64")],
)
def test_precision_is_that_of_the_computation(dtype: torch.dtype, held: str) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4)).to(dtype)
    for layer in capture(model, torch.ones(2, 3, dtype=dtype).split(1), ["0", "1"]).values():
        assert (layer.dtype.name, layer.precision) == (held, str(dtype).removeprefix("torch."))


def test_autocast_is_a_coarser_precision_and_stays_in_what_comes_after() -> None:
    model = nn.Sequential(nn.Embedding(5, 8), nn.Linear(8, 4), nn.LayerNorm(4), nn.GELU())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        captured = capture(model, torch.arange(5).reshape(5, 1), ["1", "2", "3"])
    assert {layer.precision for layer in captured.values()} == {"bfloat16"}
    mixed = nn.Sequential(
        model[1], nn.Identity(), nn.Linear(4, 4, dtype=torch.bfloat16), nn.Identity(), nn.Linear(4, 2)
    )
    mixed[1].forward, mixed[3].forward = torch.Tensor.bfloat16, torch.Tensor.float  # type: ignore[assignment]
    captured = capture(mixed, torch.ones(5, 8), ["0", "2", "4"])
    assert [layer.precision for layer in captured.values()] == ["float32", "bfloat16", "bfloat16"]
    assert [layer.dtype.name for layer in captured.values()] == ["float32", "float32", "float32"]


def test_inputs_leave_a_fingerprint_that_does_not_depend_on_the_batches() -> None:
    images, model = inputs(), own_model()
    whole = capture(model, images, "conv")["conv"]
    assert capture(model, DataLoader(TensorDataset(images, torch.arange(20)), batch_size=6), "conv")["conv"].inputs == (
        whole.inputs
    )
    turned = capture(model, images.flip(0), "conv")["conv"]
    assert "same inputs in another order" in other_inputs(whole, turned)
    assert "others" in other_inputs(whole, capture(model, inputs() + 1, "conv")["conv"])
    assert not other_inputs(whole, capture(model, images.clone(), "conv")["conv"])
    ids = [f"image {k}" for k in range(20)]
    assert capture(model, images, "conv", inputs=ids)["conv"].inputs == tuple(ids)
    assert capture(model, images, "conv", inputs=None)["conv"].inputs is None
    with pytest.raises(InvalidOption, match=r"^inputs: got 'ids', need ids"):
        capture(model, images, "conv", inputs="ids")  # type: ignore[arg-type]


def state(model: nn.Module) -> tuple[Any, ...]:
    return (
        [(name, module.training, len(module._forward_hooks)) for name, module in model.named_modules()],
        [(name, parameter.requires_grad) for name, parameter in model.named_parameters()],
        {name: value.clone() for name, value in model.state_dict().items()},
    )


def assert_untouched(model: nn.Module, before: tuple[Any, ...]) -> None:
    after = state(model)
    assert after[:2] == before[:2]
    assert all(torch.equal(after[2][name], before[2][name]) for name in before[2])
    assert torch.is_grad_enabled()


def mixed_model() -> Own:
    model = own_model().train()
    model.norm.eval()
    model.conv.weight.requires_grad_(False)
    model.mix.register_forward_hook(lambda *_arguments: None)
    return model


def test_model_is_left_as_it_was() -> None:
    model = mixed_model()
    before = state(model)
    capture(model, inputs(), NAMES)
    assert_untouched(model, before)


def broken_batches() -> Iterator[Tensor]:
    yield inputs(4)
    raise RuntimeError("disk on fire")


def test_model_is_left_as_it_was_when_the_generator_raises() -> None:
    model = mixed_model()
    before = state(model)
    with pytest.raises(RuntimeError, match="disk on fire"):
        capture(model, broken_batches(), NAMES)
    assert_untouched(model, before)


def test_model_is_left_as_it_was_when_the_forward_pass_raises() -> None:
    model = mixed_model()
    before = state(model)
    with pytest.raises(RuntimeError):
        capture(model, torch.randn(2, 1, 5, 5), NAMES)
    assert_untouched(model, before)


def test_model_is_left_as_it_was_between_batches() -> None:
    model = mixed_model()
    before = state(model)
    running, found = running_on(model, NAMES), []
    for batch in inputs().split(8):
        found.append(running.on(batch)["relu#2"].images)
        assert_untouched(model, before)
    assert found == [8, 8, 4]


def test_the_model_runs_without_gradients_and_in_eval_mode() -> None:
    model = Wrapper(Odd(lambda images: images))
    seen = []
    model.calls = lambda _images: seen.append((torch.is_grad_enabled(), model.layer.training)) or 1
    capture(model.train(), inputs(), "layer", axes={"layer": "nchw"})
    assert seen == [(False, False)]
    assert model.layer.training


def test_the_iterable_runs_with_the_callers_gradient_mode() -> None:
    seen = []

    def watching() -> Iterator[Tensor]:
        for part in inputs().split(10):
            seen.append(torch.is_grad_enabled())
            yield part

    capture(own_model(), watching(), "conv")
    assert seen == [True, True]
    seen.clear()
    with torch.no_grad():
        capture(own_model(), watching(), "conv")
    assert seen == [False, False]


def test_unknown_layer_lists_what_exists_closest_first() -> None:
    with pytest.raises(
        UnknownLayer, match=r"'mixx' matches no module; the model has 9 modules, among them mix, conv, norm"
    ):
        capture(own_model(), inputs(), ["conv", "mixx"])
    with pytest.raises(UnknownLayer, match="'block\\*' matches no module"):
        capture(own_model(), inputs(), "block*")
    with pytest.raises(UnknownLayer, match=r"^layers: got 3 \(int\), need names or patterns .*among them conv"):
        capture(own_model(), inputs(), [3])  # type: ignore[list-item]
    with pytest.raises(UnknownLayer, match="got none"):
        capture(own_model(), inputs(), [])
    with pytest.raises(UnknownLayer, match="no named modules"):
        capture(nn.ReLU(), inputs(), "relu")


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        ([], "batches: got none"),
        (iter(()), "used-up generator"),
        (3, "^batches: got 3, but a tensor or an iterable of tensors is needed"),
        (torch.zeros(0, 1, 6, 6), "no inputs"),
        ([torch.zeros(2, 1, 6, 6), torch.zeros(0, 1, 6, 6)], "batch 1 has shape"),
        (np.zeros((2, 1, 6, 6)), "batch 0 is ndarray"),
        ([{"pixels": "none"}], "batch 0 is a dictionary without any tensor"),
        ([("a", torch.zeros(2, 1, 6, 6))], "batch 0 is tuple that starts with str"),
        ([()], "batch 0 is tuple"),
    ],
)
def test_bad_batches(batches: Any, message: str) -> None:
    with pytest.raises(InvalidActivations, match=message):
        capture(own_model(), batches, "conv")


class Odd(nn.Module):
    """A layer that gives what `make` makes of the batch."""

    def __init__(self, make: Any) -> None:
        super().__init__()
        self.make = make

    def forward(self, images: Tensor) -> Any:
        return self.make(images)


class Wrapper(nn.Module):
    """A model around one layer, run `calls(images)` times."""

    def __init__(self, layer: nn.Module, calls: Any = lambda _images: 1) -> None:
        super().__init__()
        self.layer = layer
        self.calls = calls

    def forward(self, images: Tensor) -> Tensor:
        for _ in range(self.calls(images)):
            self.layer(images)
        return images


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda images: (None, "images"), r"'layer' \(Odd\) gives tuple, but one tensor is needed"),
        (lambda images: {"a": 1}, r"gives dict \(a\)"),
        (lambda images: nn.utils.rnn.pack_sequence([images[0, 0]]), "gives PackedSequence"),
        (lambda images: torch.nested.nested_tensor([images[0], images[1]]), "nested|layout"),
        (lambda images: images.permute(1, 0, 2, 3) @ images.permute(1, 0, 3, 2), "axes={'layer': 'nchw'}"),
        (lambda images: images.mean(), r"shape \(\) for 20 inputs"),
        (lambda images: images[:3].flatten(1), r"shape \(3, 36\) for 20 inputs"),
        (lambda images: images[:, 0, 0, 0], "at least two dimensions"),
        (lambda images: images.to(torch.complex64), "complex64"),
        (lambda images: images.to_sparse(), "sparse"),
    ],
)
def test_outputs_that_are_no_activations(make: Any, message: str) -> None:
    with pytest.raises(InvalidActivations, match=message):
        capture(Wrapper(Odd(make)), inputs(), "layer")


def test_layer_that_does_not_run() -> None:
    with pytest.raises(InvalidActivations, match=r"'unused' \(Linear\) does not run in batch 0"):
        capture(own_model(), inputs(), ["conv", "unused"])


def test_number_of_calls_that_changes_between_batches() -> None:
    model = Wrapper(nn.ReLU(), calls=lambda images: len(images))
    with pytest.raises(InvalidActivations, match=r"batch 1 gives 1 outputs \(layer\).*batch 0 gave 3 outputs"):
        capture(model, [inputs(3), inputs(1)], "layer", axes={"layer": "nchw"})


def test_shape_that_changes_between_batches() -> None:
    with pytest.raises(InvalidActivations, match=r"shape \(5, 5\) an input in batch 1 and \(6, 6\) in batch 0"):
        capture(nn.Sequential(nn.ReLU()), [torch.zeros(2, 6, 6), torch.zeros(2, 5, 5)], "0", axes={"0": "ntc"})


def test_model_that_is_no_module() -> None:
    with pytest.raises(InvalidOption, match=r"^model: got .* \(function\), need a Module"):
        capture(lambda images: images, inputs(), "conv")  # type: ignore[arg-type]


def test_explicit_device() -> None:
    # The batch is sent there; the model is not moved.
    with pytest.raises(InvalidActivations, match=r"on meta, but real numbers .* on a device that computes are needed"):
        capture(own_model(), inputs(), "conv", device="meta")
    with pytest.raises(InvalidOption, match=r"^device: got 'gpu', need a device of this machine"):
        capture(own_model(), inputs(), "conv", device="gpu")
    assert capture(own_model(), inputs(), "conv", device="cpu")["conv"].values.shape == (20, 4, 6, 6)


def test_a_pattern_leaves_out_what_gives_no_activations_and_says_so_once() -> None:
    model = nn.ModuleDict({f"odd{k}": Odd(lambda images: images.mean()) for k in range(30)})
    model["good"] = nn.Flatten()
    model.forward = lambda images: [layer(images) for layer in model.values()]  # type: ignore[method-assign]
    with pytest.warns(
        SpanmatchWarning, match="^layers: left out 30 of the modules that patterns match: 'odd0'"
    ) as told:
        captured = capture(model, inputs(), "*")
    assert list(captured) == ["good"]
    assert [len(str(one.message)) < 600 and "and 22 more" in str(one.message) for one in told] == [True]
    with pytest.raises(InvalidActivations, match="none of the 30 wanted can be used; 'odd0' gives shape"):
        capture(model, inputs(), "odd*")
    with pytest.raises(InvalidActivations, match=r"'odd3' \(Odd\) gives shape"):
        capture(model, inputs(), ["*", "odd3"])


def test_messages_about_large_models_are_short() -> None:
    model = nn.ModuleDict({f"encoder_layer_{k}_attention_output_dense": nn.Linear(1, 1) for k in range(500)})
    for wanted in ("encoder_layer_3_attention_outputdense", "none*", []):
        with pytest.raises(UnknownLayer, match="the model has 500 modules, among them encoder_layer_") as raised:
            capture(model, inputs(), wanted)
        assert len(str(raised.value)) < 600


def test_many_batches_are_never_held_twice() -> None:
    """64 MB of activations a layer: a copy of one of them would show."""
    model, batches = nn.Sequential(nn.Linear(8, 8192)), (torch.ones(64, 8) for _ in range(32))
    tracemalloc.start()
    try:
        captured = capture(model, batches, "0")
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert captured["0"].values.shape == (2048, 8192)
    assert held > 60e6
    assert peak < 1.15 * held
