"""Models of the kinds that people have: captured activations equal forward passes written by hand."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch
from model_zoo import KINDS, made
from torch import Tensor, nn

from spanmatch import InvalidActivations, capture


@pytest.mark.filterwarnings("ignore:layers. left out")
@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_forward_pass_written_by_hand(kind: str) -> None:
    model = made(kind, seed=1)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        expected = KINDS[kind].by_hand(model)
        everything = capture(model, KINDS[kind].batches, "*", **KINDS[kind].options)
        named = capture(model, KINDS[kind].batches, list(expected)[:1], **KINDS[kind].options)
    assert named.keys() == {next(iter(expected))}
    assert set(expected) <= set(everything)
    for name, (axes, values) in expected.items():
        assert everything[name].axes == axes, name
        torch.testing.assert_close(torch.tensor(everything[name].values), values, rtol=1e-4, atol=1e-5, msg=name)
    assert len({layer.images for layer in everything.values()}) == 1
    assert len({layer.inputs for layer in everything.values()}) == 1


@pytest.mark.parametrize("kind", ["compiled", "DataParallel"])
def test_names_with_and_without_what_wrappers_add(kind: str) -> None:
    model = made(kind, seed=1)
    prefix = next(iter(dict(model.named_children())))
    for wanted in ("stem", f"{prefix}.stem", f"{prefix}.st*"):
        assert list(capture(model, KINDS[kind].batches, wanted)) == ["stem"]
    inner = nn.Sequential(nn.Flatten(), nn.DataParallel(nn.Sequential(nn.Linear(192, 2))))
    for wanted in ("1.0", "1.module.0", "1.*"):
        assert list(capture(inner, KINDS[kind].batches, wanted)) == ["1.0"]


def test_switches_of_torch_are_put_back() -> None:
    before = torch.backends.mha.get_fastpath_enabled()
    wrapped = nn.Sequential(nn.DataParallel(made("cnn", 0)))
    wrapped[0].device_ids = [0]
    capture(wrapped, KINDS["cnn"].batches, "0.stem")
    assert torch.backends.mha.get_fastpath_enabled() == before
    assert wrapped[0].device_ids == [0]


class Moved(nn.Module):
    """Does something to its inputs before the first layer."""

    def __init__(self, move: Callable[[Tensor], Tensor], layer: nn.Module) -> None:
        super().__init__()
        self.move, self.layer = move, layer

    def forward(self, inputs: Tensor) -> Tensor:
        return self.layer(self.move(inputs))  # type: ignore[no-any-return]


LINEAR = nn.Linear(6, 3)


@pytest.mark.parametrize(
    ("move", "layer", "inputs", "axes"),
    [
        (lambda x: x.transpose(0, 1), LINEAR, torch.zeros(5, 5, 6), "tnc"),
        (lambda x: x.permute(1, 2, 0, 3), LINEAR, torch.zeros(5, 5, 5, 6), "tlnc"),
        (lambda x: 2 * x.swapaxes(-1, 0), nn.LayerNorm(5), torch.zeros(5, 6, 5), None),
        (lambda x: x[:, 0].transpose(1, 0), LINEAR, torch.zeros(5, 4, 5, 6), "lnc"),
        (lambda x: x.flatten(1, 2).transpose(0, 1), LINEAR, torch.zeros(4, 2, 2, 6), "wnc"),
        (lambda x: x.transpose(0, 1), nn.Embedding(9, 4), torch.zeros(5, 5, dtype=torch.int64), "tnc"),
        (lambda x: x.transpose(0, 1), nn.LSTM(6, 4, batch_first=False), torch.zeros(5, 5, 6), "tnc"),
        (lambda x: x, nn.LSTM(6, 4, batch_first=False), torch.zeros(5, 5, 6), "tnc"),
        (lambda x: x + 1, LINEAR, torch.zeros(5, 5, 6), "ntc"),
    ],
)
def test_axes_are_followed_from_the_inputs_on(
    move: Callable[[Tensor], Tensor], layer: nn.Module, inputs: Tensor, axes: str | None
) -> None:
    """Where there are as many tokens as images, no size gives the image away."""
    model = Moved(move, layer)
    if axes is None:
        with pytest.raises(InvalidActivations, match=r"axes=\{'layer': 'ntc'\}"):
            capture(model, inputs, "layer")
    else:
        assert capture(model, inputs, "layer")["layer"].axes == axes


def test_another_axis_is_a_way_out() -> None:
    with pytest.raises(InvalidActivations, match=r"one row an input .* as in axes=\{'layer': 'tnc'\}"):
        capture(Moved(lambda x: x.reshape(7, 5, 6), LINEAR), torch.zeros(5, 7, 6), "layer")
