"""Small networks trained full batch on two points, with the squared distances h, y and w recorded while they learn.

What the effective theory (``theory.dynamics``) is held against. Many networks of one architecture train side by side,
as one batch of matrices; each has its own points, initial weights, step size and loss, and none sees another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..theory.validation import Array
from ..theory.validation.options import as_option

Array32 = npt.NDArray[np.float32]

TARGETS = 4
INPUTS = 4
WIDTH = 48
SIDE, CHANNELS = 6, 8
LEAK = 0.2
RECORDS = 60


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
    architecture: str, settings: Sequence[Setting], steps: int, *, probes: Any = None
) -> list[TwoPointRun]:
    """Train one network for each setting by ``steps`` of gradient descent on half the mean squared error.

    Parameters: ``architecture``, one of ``TWO_POINT_ARCHITECTURES``. No network has biases. The hidden layer whose
    distance is h is the output of the encoder, after its activation function. ``probes``: (probes, ``input_size``) more
    inputs that every network is shown before and after training. Guarantee: a network depends on its own setting only
    (up to the rounding of sums), the same settings give the same bits, and torch's global random state is left as it
    was. Numerics: float32, on one thread. Cost: some seconds for 75 networks and 3 000 steps.

    *Raises* ``InvalidOption``.
    """
    as_option(architecture, "architecture", tuple(TWO_POINT_ARCHITECTURES))
    with _one_thread():
        return _train(architecture, settings, steps, probes)


def input_size(architecture: str) -> int:
    """How many numbers an input of this architecture is made of."""
    return SIDE * SIDE if architecture == "cnn" else INPUTS


def _train(architecture: str, settings: Sequence[Setting], steps: int, probes: Any) -> list[TwoPointRun]:
    drawn = [_draw(architecture, one) for one in settings]
    inputs, targets = (torch.stack([one[k] for one in drawn]) for k in ("inputs", "targets"))
    names = [name for name in drawn[0] if name not in ("inputs", "targets")]
    weights = [torch.stack([one[name] for one in drawn]).requires_grad_() for name in names]
    step = torch.tensor([one.step for one in settings])
    forward = TWO_POINT_ARCHITECTURES[architecture]

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
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= step.reshape(-1, *[1] * (weight.ndim - 1)) * gradient
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


@contextmanager
def _one_thread() -> Iterator[None]:
    """The matrices are too small to share out, and sums in another order would be other bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _draw(architecture: str, setting: Setting) -> dict[str, Tensor]:
    """One network's points and weights. The inputs lie about a mean of length 1, the targets about 0."""
    generator = torch.Generator().manual_seed(setting.seed)
    chosen = generator if setting.points is None else torch.Generator().manual_seed(setting.points)
    size = input_size(architecture)

    def unit(length: int) -> Tensor:
        return torch.nn.functional.normalize(torch.randn(length, generator=chosen), dim=0)

    def weight(fan_in: int, *shape: int) -> Tensor:
        return setting.gain / math.sqrt(fan_in) * torch.randn(*shape, generator=generator)

    mean, across, target = unit(size), unit(size), unit(TARGETS)
    drawn = {
        "inputs": torch.stack([mean + 0.5 * setting.dx * across, mean - 0.5 * setting.dx * across]),
        "targets": torch.stack([0.5 * setting.dy * target, -0.5 * setting.dy * target]),
    }
    if architecture == "cnn":
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
    networks, shown = inputs.shape[:2]
    maps: Any = inputs.transpose(0, 1).reshape(shown, networks, SIDE, SIDE)
    maps = _leaky(torch.nn.functional.conv2d(maps, first.flatten(0, 1), padding=1, groups=networks))
    maps = _leaky(torch.nn.functional.conv2d(maps, second.flatten(0, 1), padding=1, stride=2, groups=networks))
    hidden = maps.reshape(shown, networks, -1).transpose(0, 1)
    return hidden, _leaky(hidden @ third) @ fourth


TWO_POINT_ARCHITECTURES: dict[str, Callable[[Tensor, Sequence[Tensor]], tuple[Tensor, Tensor]]] = {
    "leaky-relu-mlp": _mlp(_leaky),
    "tanh-mlp": _mlp(torch.tanh),
    "cnn": _cnn,
}
"""name -> forward pass of a batch of networks: (inputs, weights) to hidden and output (networks, inputs, units)."""
