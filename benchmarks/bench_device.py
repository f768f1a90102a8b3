"""The curve of two wide layers on a GPU: Gram matrix and peel, and whether they are those of the processor.

``python benchmarks/bench_device.py [--neurons 8192] [--inputs 1000000] [--device cuda] [--json]`` generates float32
activations on the device, chunk by chunk, and prints in one run of a few minutes: the card's rate of float64 products,
the share of it that the Gram matrix reaches, the seconds of every part, the memory taken on the device, and the
difference from the radii that the processor computes of a sample. ``--device cpu`` runs the same on the processor.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import spanmatch
from spanmatch.algorithms.compressed.elsewhere.products import products_there
from spanmatch.algorithms.compressed.factor import GramFactor

CHUNK_BYTES = 2**33
"""Of both sides in float32, as long as there are as many inputs."""

RATE_SIZE = 8192
"""Of the square matrices whose product says what rate the card has."""

SAMPLE = 2048, 20_000
"""Neurons a side, enough to be peeled on the device, and inputs that the processor computes too."""


class Device:
    """A device of torch: its clock waits for it, and random layers are generated on it."""

    def __init__(self, name: str) -> None:
        import torch

        self.torch, self.name = torch, name
        self.cuda = torch.device(name).type == "cuda"
        if self.cuda and not torch.cuda.is_available():
            raise SystemExit(
                "bench_device.py: torch sees no GPU here (torch.cuda.is_available() is False); run it where there is "
                "one, or with --device cpu and small sizes"
            )

    @property
    def title(self) -> str:
        return str(self.torch.cuda.get_device_name(self.name)) if self.cuda else "the processor"

    @property
    def peak(self) -> float | None:
        """Gigabytes that were taken at most."""
        return self.torch.cuda.max_memory_allocated(self.name) / 1e9 if self.cuda else None

    def seconds(self, work: Callable[[], Any]) -> tuple[Any, float]:
        self._wait()
        started = time.perf_counter()
        found = work()
        self._wait()
        return found, time.perf_counter() - started

    def layers(self, neurons: int, inputs: int, chunk: int) -> Iterator[tuple[Any, Any]]:
        """ReLU layers that share something, so many inputs at a time; the same ones every time."""
        random = self.torch.Generator(self.name).manual_seed(0)
        for start in range(0, inputs, chunk):
            size = min(chunk, inputs - start), neurons
            x, y = (self.torch.randn(size, generator=random, device=self.name) for _ in "xy")
            x.relu_()
            yield x, y.add_(x.flip(1), alpha=0.7).relu_()

    def rate(self, size: int) -> float:
        """Operations a second in a product of float64 matrices, the best of three."""
        square = self.torch.randn((size, size), dtype=self.torch.float64, device=self.name)
        return float(2 * size**3 / min(self.seconds(lambda: square @ square)[1] for _ in range(4)))

    def _wait(self) -> None:
        if self.cuda:
            self.torch.cuda.synchronize(self.name)


def gram(device: Device, neurons: int, inputs: int, chunk: int) -> dict[str, float]:
    """The products alone, without generating anything, of one chunk."""
    x, y = next(device.layers(neurons, min(inputs, chunk), chunk))
    leaf = GramFactor(2 * neurons).leaf
    _, taken = device.seconds(lambda: products_there(x, y, leaf))
    return {"operations of the Gram matrix / s": 2 * len(x) * 3 * neurons**2 / taken}


def curve(device: Device, neurons: int, inputs: int, chunk: int) -> tuple[dict[str, float], spanmatch.MatchRadii]:
    """The whole curve of all inputs, in parts."""
    compressor, generating, compressing = spanmatch.Compressor(neurons, neurons), 0.0, 0.0
    chunks = device.layers(neurons, inputs, chunk)
    while (made := device.seconds(lambda: next(chunks, None)))[0] is not None:
        generating += made[1]
        compressing += device.seconds(lambda: compressor.update(*made[0]))[1]
    radii, peeling = device.seconds(lambda: compressor.finish().match_radii())
    return {"generated, s": generating, "compressed, s": compressing, "peeled, s": peeling}, radii


def against_processor(device: Device, neurons: int, inputs: int) -> dict[str, float]:
    """The largest difference of a radius of a sample, and the bound that both report."""
    x, y = next(device.layers(neurons, inputs, inputs))
    there = spanmatch.match_radii(x, y)
    here = spanmatch.match_radii(x.cpu().numpy(), y.cpu().numpy())
    difference = max(float(np.abs(a - b).max()) for a, b in ((there.x, here.x), (there.y, here.y)))
    return {"difference from the processor": difference, "bound of it": there.error + here.error}


def measure(name: str, neurons: int, inputs: int) -> dict[str, Any]:
    """All of it. *Raises* ``SystemExit`` with the reason where there is no such device."""
    device = Device(name)
    chunk = max(1, min(inputs, CHUNK_BYTES // (2 * 4 * neurons)))
    found: dict[str, Any] = {"device": device.title, "neurons a side": neurons, "inputs": inputs}
    found["float64 operations / s"] = device.rate(min(RATE_SIZE, 4 * neurons))
    found |= gram(device, neurons, inputs, chunk)
    found["share of the rate"] = found["operations of the Gram matrix / s"] / found["float64 operations / s"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", spanmatch.SpanmatchWarning)
        parts, radii = curve(device, neurons, inputs, chunk)
        found |= parts
        found |= against_processor(device, min(neurons, SAMPLE[0]), min(inputs, SAMPLE[1]))
    return found | {"area": radii.area, "GB on the device": device.peak}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--neurons", type=int, default=8192, help="on each side")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--device", default="cuda", help="of torch")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.device, options.neurons, options.inputs)
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:34} {value:.3g}" if isinstance(value, float) else f"{name:34} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
