"""The networks of the paper, VGG-16 with batch norm and ResNet-18 for small images, at full width or narrower."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import cast

from torch import Tensor, nn

from .architectures import initialise
from .data import CLASSES

VGG_WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Channels of the convolutions; each group ends with max-pooling."""
RESNET_WIDTHS = (64, 128, 256, 512)
"""Channels of the four groups of two residual blocks; all but the first group halve the image."""


class ConvolutionNormReLU(nn.Module):
    """A 3 x 3 convolution, batch norm, ReLU."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels_out)
        self.relu = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        return cast(Tensor, self.relu(self.norm(self.conv(images))))


class VGG16(nn.Module):
    """Thirteen convolutions with batch norm and ReLU in five groups, then one linear layer.

    Images of 28 or 32 pixels are pooled to one position; where pooling would leave none, it is left out.
    """

    def __init__(self, channels: int, part: int = 1) -> None:
        super().__init__()
        widths = [channels, *(width // part for group in VGG_WIDTHS for width in group)]
        self.convs = nn.ModuleList(ConvolutionNormReLU(*pair) for pair in pairwise(widths))
        self.pool = nn.MaxPool2d(2)
        self.logits = nn.Linear(widths[-1], CLASSES)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        convs = iter(self.convs)
        hidden = images
        for group in VGG_WIDTHS:
            for _ in group:
                hidden = next(convs)(hidden)
            if hidden.shape[-1] > 1:
                hidden = self.pool(hidden)
        return cast(Tensor, self.logits(hidden.mean(dim=(2, 3))))


class BasicBlock(nn.Module):
    """conv, batch norm, ReLU, conv, batch norm, plus the input (projected where its shape changes), ReLU."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, stride=stride, bias=False)
        self.norm1 = nn.BatchNorm2d(channels_out)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels_out, channels_out, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels_out)
        same = channels_in == channels_out and stride == 1
        projection = nn.Conv2d(channels_in, channels_out, kernel_size=1, stride=stride, bias=False)
        self.shortcut = nn.Identity() if same else nn.Sequential(projection, nn.BatchNorm2d(channels_out))
        self.relu2 = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.relu1(self.norm1(self.conv1(images)))
        return cast(Tensor, self.relu2(self.norm2(self.conv2(hidden)) + self.shortcut(images)))


class ResNet18(nn.Module):
    """A stem without pooling, four groups of two residual blocks, the mean over positions, one linear layer."""

    def __init__(self, channels: int, part: int = 1) -> None:
        super().__init__()
        widths = [width // part for width in RESNET_WIDTHS]
        before = (widths[0], *widths)
        self.stem = ConvolutionNormReLU(channels, widths[0])
        self.blocks = nn.ModuleList(
            BasicBlock(before[group] if first else width, width, stride=2 if first and group else 1)
            for group, width in enumerate(widths)
            for first in (True, False)
        )
        self.logits = nn.Linear(widths[-1], CLASSES)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.stem(images)
        for block in self.blocks:
            hidden = block(hidden)
        return cast(Tensor, self.logits(hidden.mean(dim=(2, 3))))


PUBLISHED: Mapping[str, Callable[[int, int], nn.Module]] = MappingProxyType({"vgg16": VGG16, "resnet18": ResNet18})
"""By name, from the number of channels of an image, and the part of the full widths: 1, or 8 for an eighth."""


def relu_layers(model: nn.Module) -> tuple[str, ...]:
    """The layers that are compared: every ReLU, in the order of the modules, and the logits."""
    return (*(name for name, module in model.named_modules() if isinstance(module, nn.ReLU)), "logits")
