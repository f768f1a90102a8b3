"""Small networks trained full batch on two points, with the squared distances h, y and w recorded while they learn.

What the effective theory (``theory.dynamics``) is held against. Many networks of one architecture train side by side,
as one batch of matrices; each has its own points, initial weights, step size and loss, and none sees another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..theory.validation import Array, as_option

TARGETS = 4
INPUTS = 4
WIDTH = 48
SIDE, CHANNELS = 6, 8
LEAK = 0.2
RECORDS = 60


@dataclass(frozen=True)
class Setting:
    """One network to train: the distance of its two inputs, of their targets, the gain of its initial weights (of
    standard deviation gain / sqrt(fan in)), the step size of gradient descent, and its own seed."""

    dx: float
    dy: float
    gain: float
    step: float
    seed: int


@dataclass(frozen=True)
class TwoPointRun:
    """What one network did: ``times`` (steps times step size), and the squared distances there (section 9)."""

    architecture: str
    setting: Setting
    times: Array
    h: Array
    y: Array
    w: Array

    def __repr__(self) -> str:
        return (
            f"TwoPointRun({self.architecture}, dx={self.setting.dx:g}, dy={self.setting.dy:g}, "
            f"gain={self.setting.gain:g}: h {self.h[0]:.3g} -> {self.h[-1]:.3g}, "
            f"y/Y {self.y[-1] / self.setting.dy**2:.3f})"
        )


def train_two_points(architecture: str, settings: Sequence[Setting], steps: int) -> list[TwoPointRun]:
    """Train one network for each setting by ``steps`` of gradient descent on half the mean squared error.

    Parameters: ``architecture``, one of ``ARCHITECTURES``. No network has biases. The hidden layer
    whose distance is h is the output of the encoder, after its activation function. Guarantee: a network depends on
    its own setting only (up to the rounding of sums), and torch's global random state is left as it was. Cost: some
    seconds for 75 networks and 3 000 steps.

    *Raises* ``InvalidOption``.
    """
    as_option(architecture, "architecture", tuple(ARCHITECTURES))
    drawn = [_draw(architecture, one) for one in settings]
    inputs, targets = (torch.stack([one[k] for one in drawn]) for k in ("inputs", "targets"))
    names = [name for name in drawn[0] if name not in ("inputs", "targets")]
    weights = [torch.stack([one[name] for one in drawn]).requires_grad_() for name in names]
    step = torch.tensor([one.step for one in settings])
    forward = ARCHITECTURES[architecture]
    # The lazy ones are done in a few steps, the rich ones wait long: times are denser early.
    at = np.unique(np.concatenate([[0], np.geomspace(1, steps, RECORDS).round().astype(int)]))
    wanted, records = set(at.tolist()), []
    for k in range(steps + 1):
        hidden, output = forward(inputs, weights)
        if k in wanted:
            records.append(_distances(hidden.detach(), output.detach(), targets))
        loss = 0.25 * (output - targets).square().sum()
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= step.reshape(-1, *[1] * (weight.ndim - 1)) * gradient
    curves = np.array(records)
    return [TwoPointRun(architecture, one, at * one.step, *curves[:, k].T) for k, one in enumerate(settings)]


def _draw(architecture: str, setting: Setting) -> dict[str, Tensor]:
    """One network's points and weights. The inputs lie about a mean of length 1, the targets about 0."""
    generator = torch.Generator().manual_seed(setting.seed)
    convolutional = architecture == "cnn"
    size = SIDE * SIDE if convolutional else INPUTS

    def unit(length: int) -> Tensor:
        return torch.nn.functional.normalize(torch.randn(length, generator=generator), dim=0)

    def weight(fan_in: int, *shape: int) -> Tensor:
        return setting.gain / math.sqrt(fan_in) * torch.randn(*shape, generator=generator)

    mean, across, target = unit(size), unit(size), unit(TARGETS)
    drawn = {
        "inputs": torch.stack([mean + 0.5 * setting.dx * across, mean - 0.5 * setting.dx * across]),
        "targets": torch.stack([0.5 * setting.dy * target, -0.5 * setting.dy * target]),
    }
    if convolutional:
        flat = CHANNELS * (SIDE // 2) ** 2
        return drawn | {
            "first": weight(9, CHANNELS, 1, 3, 3),
            "second": weight(9 * CHANNELS, CHANNELS, CHANNELS, 3, 3),
            "third": weight(flat, flat, WIDTH),
            "fourth": weight(WIDTH, WIDTH, TARGETS),
        }
    return drawn | {
        "first": weight(INPUTS, INPUTS, WIDTH),
        "second": weight(WIDTH, WIDTH, WIDTH),
        "third": weight(WIDTH, WIDTH, WIDTH),
        "fourth": weight(WIDTH, WIDTH, TARGETS),
    }


def _distances(hidden: Tensor, output: Tensor, targets: Tensor) -> Array:
    """(networks, 3): h, y, w."""
    dh, dyhat, dy = (one[:, 0].double() - one[:, 1].double() for one in (hidden, output, targets))
    y = dyhat.square().sum(dim=1)
    return np.asarray(torch.stack([dh.square().sum(dim=1), y, y - (dyhat * dy).sum(dim=1)], dim=1).numpy())


def _leaky(values: Tensor) -> Tensor:
    return torch.nn.functional.leaky_relu(values, LEAK)


def _mlp(activation: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Sequence[Tensor]], tuple[Tensor, Tensor]]:
    def forward(inputs: Tensor, weights: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        first, second, third, fourth = weights
        hidden = activation(activation(inputs @ first) @ second)
        return hidden, activation(hidden @ third) @ fourth

    return forward


def _cnn(inputs: Tensor, weights: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Two 3×3 convolutions, the second of stride 2, then two linear maps; groups keep the networks apart."""
    first, second, third, fourth = weights
    networks = len(inputs)
    maps: Any = inputs.transpose(0, 1).reshape(2, networks, SIDE, SIDE)
    maps = _leaky(torch.nn.functional.conv2d(maps, first.flatten(0, 1), padding=1, groups=networks))
    maps = _leaky(torch.nn.functional.conv2d(maps, second.flatten(0, 1), padding=1, stride=2, groups=networks))
    hidden = maps.reshape(2, networks, -1).transpose(0, 1)
    return hidden, _leaky(hidden @ third) @ fourth


ARCHITECTURES: dict[str, Callable[[Tensor, Sequence[Tensor]], tuple[Tensor, Tensor]]] = {
    "leaky-relu-mlp": _mlp(_leaky),
    "tanh-mlp": _mlp(torch.tanh),
    "cnn": _cnn,
}
"""name -> forward pass of a batch of networks: (inputs, weights) to hidden and output (networks, 2, units)."""
