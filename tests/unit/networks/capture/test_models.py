"""Models of the kinds that people have: captured activations equal forward passes written by hand."""

from __future__ import annotations

import warnings

import pytest
import torch
from model_zoo import KINDS, made
from torch import nn

from spanmatch import capture


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
