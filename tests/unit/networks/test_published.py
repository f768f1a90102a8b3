"""The networks have the layers and the sizes of the published ones."""

from __future__ import annotations

import pytest
import torch

from spanmatch.networks.architectures import parameter_count
from spanmatch.networks.capture.capture import capture
from spanmatch.networks.published import PUBLISHED, relu_layers


@pytest.mark.parametrize(("name", "layers", "parameters"), [("vgg16", 14, 14_724_042), ("resnet18", 18, 11_173_962)])
def test_layers_and_parameters(name: str, layers: int, parameters: int) -> None:
    """As many parameters as the usual networks for 32 x 32 images have, less VGG-16's biases before batch norm."""
    torch.manual_seed(0)
    model = PUBLISHED[name](3, 1)
    assert parameter_count(model) == parameters
    assert len(relu_layers(model)) == layers
    captured = capture(model, torch.zeros(1, 3, 32, 32), relu_layers(model))
    assert list(captured) == list(relu_layers(model))
    assert captured["logits"].shape == (1, 10)


@pytest.mark.parametrize("name", PUBLISHED)
def test_images_of_28_pixels_and_one_channel(name: str) -> None:
    torch.manual_seed(0)
    assert PUBLISHED[name](1, 8).eval()(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
