"""Small networks trained full batch on two points, with the squared distances h, y and w recorded while they learn.

What the effective theory (``theory.dynamics``) is held against. Many networks of one architecture train side by side,
as one batch of matrices; each has its own points, initial weights, step size and loss, and none sees another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..theory.validation import Array
from ..theory.validation.options import as_option

Array32 = npt.NDArray[np.float32]
Forward = Callable[[Tensor, Sequence[Tensor]], tuple[Tensor, Tensor]]
Activation = Callable[[Tensor], Tensor]

TARGETS = 4
INPUTS = 4
WIDTH = 48
SIDE, CHANNELS = 6, 8
LEAK = 0.2
RECORDS = 60
FORGETTING: dict[str, tuple[float, float | None] | None] = {
    "gradient descent": None,
    "momentum": (0.9, None),
    "Adam": (0.9, 0.999),
}
"""Optimiser -> how much of the mean of the gradients, and of their squares, is kept in a step."""
STABLE = 1e-8
"""What Adam adds to the root of the mean square, as published."""


@dataclass(frozen=True)
class TwoPointArchitecture:
    """``forward``: of a batch of networks, (inputs, weights) to hidden and output (networks, inputs, units);
    ``weights``: the fan in and the shape of each of them; ``inputs``: how many numbers an input is made of."""

    forward: Forward
    weights: tuple[tuple[int, tuple[int, ...]], ...]
    inputs: int


@dataclass(frozen=True)
class Setting:
    """One network to train: the distance of its two inputs, of their targets, the gain of its initial weights (of
    standard deviation gain / sqrt(fan in)), the step size of gradient descent, and its own seed. With ``points``, the
    two inputs and their targets are drawn from that seed instead, and networks of one such seed share them."""

    dx: float
    dy: float
    gain: float
    step: float
    seed: int
    points: int | None = None


@dataclass(frozen=True)
class TwoPointRun:
    """What one network did: ``times`` (steps times step size), the squared distances there
    (docs/theory/effective-theory.md), and ``hidden``: the hidden layer on the two inputs, shape (times, 2, units).
    ``inputs`` (2, size) and ``targets`` (2, outputs). ``probed``: the hidden layer on the probes before and after
    training, shape (2, probes, units), if there were any.
    """

    architecture: str
    setting: Setting
    times: Array
    h: Array
    y: Array
    w: Array
    hidden: Array32
    inputs: Array32
    targets: Array32
    probed: Array32 | None = None

    def __repr__(self) -> str:
        return (
            f"TwoPointRun({self.architecture}, dx={self.setting.dx:g}, dy={self.setting.dy:g}, "
            f"gain={self.setting.gain:g}: h {self.h[0]:.3g} -> {self.h[-1]:.3g}, "
            f"y/Y {self.y[-1] / self.setting.dy**2:.3f})"
        )


def train_two_points(
    architecture: str,
    settings: Sequence[Setting],
    steps: int,
    *,
    optimiser: str = "gradient descent",
    probes: Any = None,
) -> list[TwoPointRun]:
    """Train one network for each setting by ``steps`` of full-batch training on half the mean squared error.

    Parameters: ``architecture``, one of ``TWO_POINT_ARCHITECTURES`` or ``VARIED``; ``optimiser``, one of
    ``FORGETTING``, where momentum is an average of gradients, so that times mean the same; ``probes``: (probes,
    ``input_size``) more inputs that every network is shown before and after training. No network has biases. The hidden
    layer whose distance is h is the output of the encoder, after its activation function. Guarantee: a network depends
    on its own setting only (up to the rounding of sums), the same settings give the same bits, and torch's global
    random state is left as it was. Numerics: float32, on one thread. Cost: seconds for 75 networks and 3 000 steps.

    *Raises* ``InvalidOption``.
    """
    as_option(architecture, "architecture", tuple(TWO_POINT_ARCHITECTURES | VARIED))
    as_option(optimiser, "optimiser", tuple(FORGETTING))
    with one_thread():
        return _train(architecture, settings, steps, optimiser, probes)


def input_size(architecture: str) -> int:
    """How many numbers an input of this architecture is made of."""
    return (TWO_POINT_ARCHITECTURES | VARIED)[architecture].inputs


def _train(
    architecture: str, settings: Sequence[Setting], steps: int, optimiser: str, probes: Any
) -> list[TwoPointRun]:
    built = (TWO_POINT_ARCHITECTURES | VARIED)[architecture]
    forward = built.forward
    inputs, targets, *weights = map(torch.stack, zip(*(_draw(built, one) for one in settings), strict=True))
    for weight in weights:
        weight.requires_grad_()
    step = torch.tensor([one.step for one in settings])
    directions = direction_of(optimiser, weights)

    def on_probes() -> Tensor:
        shown = torch.as_tensor(probes, dtype=torch.float32).expand(len(settings), -1, -1)
        with torch.no_grad():
            return forward(shown, weights)[0]

    before = None if probes is None else on_probes()
    # The lazy ones are done in a few steps, the rich ones wait long: times are denser early.
    at = np.unique(np.concatenate([[0], np.geomspace(1, steps, RECORDS).round().astype(int)]))
    wanted, records, layers = set(at.tolist()), [], []
    for k in range(steps + 1):
        hidden, output = forward(inputs, weights)
        if k in wanted:
            records.append(_distances(hidden.detach(), output.detach(), targets))
            layers.append(hidden.detach().numpy().copy())
        loss = 0.25 * (output - targets).square().sum()
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, direction in zip(weights, directions(gradients), strict=True):
                weight -= step.reshape(-1, *[1] * (weight.ndim - 1)) * direction
    curves, over_time = np.array(records), np.array(layers)
    probed = None if before is None else torch.stack([before, on_probes()], dim=1).numpy()
    return [
        TwoPointRun(
            architecture,
            one,
            at * one.step,
            h=curves[:, k, 0],
            y=curves[:, k, 1],
            w=curves[:, k, 2],
            hidden=over_time[:, k],
            inputs=inputs[k].numpy(),
            targets=targets[k].numpy(),
            probed=None if probed is None else probed[k],
        )
        for k, one in enumerate(settings)
    ]


def direction_of(optimiser: str, weights: Sequence[Tensor]) -> Callable[[Sequence[Tensor]], Sequence[Tensor]]:
    """What an optimiser goes along, less its step size, from the gradients of one step after the other."""
    kept = FORGETTING[optimiser]
    if kept is None:
        return lambda gradients: gradients
    (first, second), done = kept, 0
    means, squares = ([torch.zeros_like(weight) for weight in weights] for _ in range(2))

    def directions(gradients: Sequence[Tensor]) -> Sequence[Tensor]:
        nonlocal done
        done += 1
        for mean, square, gradient in zip(means, squares, gradients, strict=True):
            mean.lerp_(gradient, 1 - first)
            if second is not None:
                square.lerp_(gradient * gradient, 1 - second)
        if second is None:
            return means
        unbiased = zip(means, squares, strict=True)
        return [mean / (1 - first**done) / ((square / (1 - second**done)).sqrt() + STABLE) for mean, square in unbiased]

    return directions


@contextmanager
def one_thread() -> Iterator[None]:
    """The matrices are too small to share out, and sums in another order would be other bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _draw(architecture: TwoPointArchitecture, setting: Setting) -> list[Tensor]:
    """One network's inputs, which lie about a mean of length 1, its targets, about 0, and its weights."""
    generator = torch.Generator().manual_seed(setting.seed)
    chosen = generator if setting.points is None else torch.Generator().manual_seed(setting.points)

    def unit(length: int) -> Tensor:
        return torch.nn.functional.normalize(torch.randn(length, generator=chosen), dim=0)

    mean, across, target = unit(architecture.inputs), unit(architecture.inputs), unit(TARGETS)
    return [
        torch.stack([mean + 0.5 * setting.dx * across, mean - 0.5 * setting.dx * across]),
        torch.stack([0.5 * setting.dy * target, -0.5 * setting.dy * target]),
        *initial_weights(architecture, setting.gain, generator),
    ]


def initial_weights(architecture: TwoPointArchitecture, gain: float, generator: torch.Generator) -> list[Tensor]:
    """Of standard deviation gain / sqrt(fan in)."""
    return [gain / math.sqrt(fan) * torch.randn(*shape, generator=generator) for fan, shape in architecture.weights]


def _distances(hidden: Tensor, output: Tensor, targets: Tensor) -> Array:
    """(networks, 3): h, y, w."""
    dh, dyhat, dy = (one[:, 0].double() - one[:, 1].double() for one in (hidden, output, targets))
    y = dyhat.square().sum(dim=1)
    return np.asarray(torch.stack([dh.square().sum(dim=1), y, y - (dyhat * dy).sum(dim=1)], dim=1).numpy())


def leaky(values: Tensor) -> Tensor:
    """A leaky ReLU with the slope that all of these networks have below 0."""
    return torch.nn.functional.leaky_relu(values, LEAK)


def mlp(
    activation: Activation, encoder: int = 2, decoder: int = 2, *, inputs: int = INPUTS, outputs: int = TARGETS
) -> TwoPointArchitecture:
    """``encoder`` layers up to the hidden layer that is looked at, then ``decoder`` layers; the last one is linear."""

    def forward(shown: Tensor, weights: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        hidden = shown
        for weight in weights[:encoder]:
            hidden = activation(hidden @ weight)
        output = hidden
        for weight in weights[encoder:-1]:
            output = activation(output @ weight)
        return hidden, output @ weights[-1]

    widths = [inputs, *[WIDTH] * (encoder + decoder - 1), outputs]
    return TwoPointArchitecture(forward, tuple((a, (a, b)) for a, b in pairwise(widths)), inputs)


def _cnn(inputs: Tensor, weights: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Two 3×3 convolutions, the second of stride 2, then two linear maps; groups keep the networks apart."""
    first, second, third, fourth = weights
    networks, shown = inputs.shape[:2]
    maps: Any = inputs.transpose(0, 1).reshape(shown, networks, SIDE, SIDE)
    maps = leaky(torch.nn.functional.conv2d(maps, first.flatten(0, 1), padding=1, groups=networks))
    maps = leaky(torch.nn.functional.conv2d(maps, second.flatten(0, 1), padding=1, stride=2, groups=networks))
    hidden = maps.reshape(shown, networks, -1).transpose(0, 1)
    return hidden, leaky(hidden @ third) @ fourth


FLAT = CHANNELS * (SIDE // 2) ** 2
TWO_POINT_ARCHITECTURES: dict[str, TwoPointArchitecture] = {
    "leaky-relu-mlp": mlp(leaky),
    "tanh-mlp": mlp(torch.tanh),
    "cnn": TwoPointArchitecture(
        _cnn,
        (
            (9, (CHANNELS, 1, 3, 3)),
            (9 * CHANNELS, (CHANNELS, CHANNELS, 3, 3)),
            (FLAT, (FLAT, WIDTH)),
            (WIDTH, (WIDTH, TARGETS)),
        ),
        SIDE * SIDE,
    ),
}
"""Those on which the theory is tested."""
VARIED: dict[str, TwoPointArchitecture] = {
    "linear": mlp(lambda values: values),
    "ReLU": mlp(torch.relu),
    "SiLU": mlp(torch.nn.functional.silu),
    "layer 1 of 2": mlp(leaky, 1, 1),
    "layer 1 of 4": mlp(leaky, 1, 3),
    "layer 3 of 4": mlp(leaky, 3, 1),
    "layer 3 of 6": mlp(leaky, 3, 3),
    "layer 5 of 6": mlp(leaky, 5, 1),
}
"""The same MLP with other activation functions, and leaky-ReLU ones of other depths, seen at another layer."""
