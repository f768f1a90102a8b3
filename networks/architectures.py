"""The two small convolutional networks that are trained, shipped and compared.

Both take one-channel 28 x 28 images and give 10 logits, with fewer than 0.2 million parameters. Every ReLU is
a module of its own, so that each layer can be captured by its name (see ``LAYERS``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

import torch
from torch import Tensor, nn

from ..theory.validation.options import as_option
from .data import CLASSES


class ConvolutionReLU(nn.Module):
    """A 3 x 3 convolution that keeps the image's size, and a ReLU."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        return cast(Tensor, self.relu(self.conv(images)))


class LinearReLU(nn.Module):
    """A fully connected layer and a ReLU."""

    def __init__(self, features_in: int, features_out: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features_in, features_out)
        self.relu = nn.ReLU()

    def forward(self, features: Tensor) -> Tensor:
        return cast(Tensor, self.relu(self.linear(features)))


class VGG(nn.Module):
    """Six 3 x 3 convolutions with ReLUs, max-pooling after the 1st, 3rd and 6th, then two linear layers.

    28 x 28 x 16, pooled; 14 x 14 x 32 twice, pooled; 7 x 7 x 48, 64, 64, pooled to 3 x 3; 128 units; 10
    logits.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvolutionReLU(1, 16)
        self.conv2 = ConvolutionReLU(16, 32)
        self.conv3 = ConvolutionReLU(32, 32)
        self.conv4 = ConvolutionReLU(32, 48)
        self.conv5 = ConvolutionReLU(48, 64)
        self.conv6 = ConvolutionReLU(64, 64)
        self.pool = nn.MaxPool2d(2)
        self.fc = LinearReLU(64 * 3 * 3, 128)
        self.logits = nn.Linear(128, CLASSES)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.pool(self.conv1(images))
        hidden = self.pool(self.conv3(self.conv2(hidden)))
        hidden = self.pool(self.conv6(self.conv5(self.conv4(hidden))))
        return cast(Tensor, self.logits(self.fc(hidden.flatten(1))))


class ResidualBlock(nn.Module):
    """conv, batch norm, ReLU, conv, batch norm, plus the input (projected by a 1 x 1 convolution), ReLU."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, stride=stride, bias=False)
        self.norm1 = nn.BatchNorm2d(channels_out)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels_out, channels_out, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels_out)
        self.shortcut = nn.Conv2d(channels_in, channels_out, kernel_size=1, stride=stride, bias=False)
        self.relu2 = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.relu1(self.norm1(self.conv1(images)))
        return cast(Tensor, self.relu2(self.norm2(self.conv2(hidden)) + self.shortcut(images)))


class ResNet(nn.Module):
    """A stem (conv, batch norm, ReLU, max-pool), three residual blocks, the mean over positions, 10 logits.

    28 x 28 x 16, pooled; blocks of 14 x 14 x 32, 7 x 7 x 48 and 7 x 7 x 64.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 16, kernel_size=3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.block1 = ResidualBlock(16, 32, stride=1)
        self.block2 = ResidualBlock(32, 48, stride=2)
        self.block3 = ResidualBlock(48, 64, stride=1)
        self.logits = nn.Linear(64, CLASSES)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.pool(self.relu(self.norm(self.conv(images))))
        hidden = self.block3(self.block2(self.block1(hidden)))
        return cast(Tensor, self.logits(hidden.mean(dim=(2, 3))))


ARCHITECTURES: Mapping[str, Callable[[], nn.Module]] = MappingProxyType({"vgg": VGG, "resnet": ResNet})

#: The layers that are compared, input to output, by module name: every ReLU, and the logits.
LAYERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "vgg": (*(f"conv{number}.relu" for number in range(1, 7)), "fc.relu", "logits"),
        "resnet": (
            "relu",
            *(f"block{block}.relu{number}" for block in (1, 2, 3) for number in (1, 2)),
            "logits",
        ),
    }
)


def build(architecture: str) -> nn.Module:
    """A freshly initialised network; its weights come from torch's global random state.

    Parameters: ``architecture``, a name in ``ARCHITECTURES``.
    *Raises* ``InvalidOption`` when there is no architecture of that name.
    """
    return ARCHITECTURES[as_option(architecture, "architecture", sorted(ARCHITECTURES))]()


def parameter_count(model: nn.Module) -> int:
    """How many trainable numbers ``model`` has."""
    return sum(parameter.numel() for parameter in model.parameters())


def initialise(model: nn.Module) -> None:
    """He initialisation: torch's default shrinks the signal layer by layer, and training starts slowly."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
            with torch.no_grad():
                # The inputs are non-negative: units whose weights lean to one side would start dead.
                module.weight -= module.weight.mean(dim=1, keepdim=True)
                module.bias.zero_()
