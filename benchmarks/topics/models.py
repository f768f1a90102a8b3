"""Claims about torch models that are compared while they run."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from claim import MUST, Claim, Measured
from own_memory import watched_after

PAGE = "docs/models.md"

READY = """
import torch
from torch import nn

def network(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU())

models = [network(seed).eval() for seed in (0, 1)]
one = torch.randn(64, 1, 28, 28)
with torch.no_grad():
    models[0](one)
compare = spanmatch.compare_models
"""

JOB = """
generator = torch.Generator().manual_seed(1)
batches = (torch.randn(64, 1, 28, 28, generator=generator) for _ in range(220))
found = compare(models, batches, ["0", "1"])
bytes_a_layer = 4 * found["1"].inputs * 32
assert bytes_a_layer > 1.2e9, bytes_a_layer
"""


def memory() -> Measured:
    """Two layers of 1.2 GB of activations each, in both networks, with the null of 99 shuffles."""
    peak, seconds = watched_after(READY, JOB)
    return f"{peak:.0f} MB in {seconds:.0f} s", peak < 400


RUN = """
import sys, warnings
import torch
from torch import nn
from spanmatch import compare_models
from spanmatch.studies.models import progress

warnings.simplefilter("ignore")
progress.WRITTEN_EVERY, progress.WRITING_SHARE = 0.3, 0.5

def network(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(576, 40))

generator = torch.Generator().manual_seed(3)
batches = (torch.randn(40, 1, 8, 8, generator=generator) for _ in range(40))
options = {"shuffles": 9, "bootstrap": 4, "baseline": 1, "out": sys.argv[1]}
compare_models([network(0), network(1)], batches, ["0", "1", "3"], **options)
"""


def interrupted() -> Measured:
    """Ten runs, each interrupted up to three times at random moments, by SIGINT and SIGKILL in turn."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        assert _run(Path(folder) / "whole") == 0
        seconds, expected = time.perf_counter() - started, _json(Path(folder) / "whole")
        rng, same, kills = random.Random(0), 0, 0
        for number in range(10):
            out = Path(folder) / str(number)
            for _ in range(3):
                code = _run(out, rng.uniform(0.3, 1.0) * seconds, (signal.SIGINT, signal.SIGKILL)[number % 2])
                kills += code != 0
            _run(out)
            same += _json(out) == expected
    return f"{same} of 10 the same after {kills} interruptions", same == 10 and kills >= 10


def _run(out: Path, until: float | None = None, number: signal.Signals = signal.SIGINT) -> int:
    # Where this runs in the background, SIGINT is ignored, and children inherit that.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(out)], stderr=subprocess.DEVNULL, preexec_fn=heed
    ) as process:
        try:
            process.wait(until)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
    return process.returncode


def _json(folder: Path) -> str:
    text = (folder / "comparison.json").read_text(encoding="utf-8")
    assert json.loads(text)["layers"]
    return text


CLAIMS = [
    Claim(
        "models.memory",
        MUST,
        "compare_models of 2 networks with 1.2 GB of activations a layer: peak memory above torch",
        "< 400 MB",
        memory,
    ),
    Claim(
        "models.interrupted",
        MUST,
        "compare_models(out=...) interrupted at random moments and resumed: the same comparison.json",
        "10 of 10",
        interrupted,
    ),
]
