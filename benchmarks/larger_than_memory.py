"""Two layers larger than the memory of the workers that compare them: the same bits, also when one is killed.

``python benchmarks/larger_than_memory.py [--gigabytes 4] [--memory 1GB] [--neurons 256] [--folder FOLDER] [--json]``
writes both layers as Zarr, and compares them in this process, on one worker process, on two, and on two of which one
is killed half-way. Workers have one thread of linear algebra, and so has this process.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import dask
import distributed
import numpy as np
import zarr

from spanmatch import compare
from spanmatch.files.activations import load_activations
from spanmatch.studies.comparison.blocks.cluster import on_cluster
from spanmatch.theory.errors import without_advice

CHUNK_BYTES = 32_000_000
SHUFFLES = 19


def written(folder: Path, gigabytes: float, neurons: int) -> list[Path]:
    """Two stores of together so many gigabytes of float32: ReLU-like layers that share something."""
    rows = int(gigabytes * 1e9 / (2 * 4 * neurons))
    chunk = min(rows, max(1, CHUNK_BYTES // (4 * neurons)))
    paths = [folder / f"{name}.zarr" for name in "ab"]
    arrays: list[Any] = [
        zarr.open_group(str(path), mode="w").create_array(
            "fc", shape=(rows, neurons), chunks=(chunk, neurons), dtype="float32", compressors=None
        )
        for path in paths
    ]
    rng = np.random.default_rng(0)
    for start in range(0, rows, chunk):
        size = min(chunk, rows - start), neurons
        x = np.maximum(rng.standard_normal(size, dtype=np.float32), 0)
        y = np.maximum(rng.standard_normal(size, dtype=np.float32) + 0.7 * x[:, ::-1], 0)
        for array, values in zip(arrays, (x, y), strict=True):
            array[start : start + size[0]] = values
    return paths


class KilledHalfWay:
    """Ends one of the workers by SIGKILL when half of the blocks are done."""

    def __init__(self) -> None:
        self.killed: int | None = None

    def __call__(self, told: str) -> None:
        counts = [int(word) for word in told.split() if word.isdecimal()]
        if len(counts) == 2 and 2 * counts[0] >= counts[1] and self.killed is None:
            self.killed = next(iter(distributed.default_client().run(os.getpid).values()))
            os.kill(self.killed, signal.SIGKILL)


def timed(paths: list[Path], where: AbstractContextManager[Any], progress: Any = None) -> tuple[str, float]:
    """The result as JSON, and seconds without what it takes to start the workers."""
    sides = [load_activations(path, lazy=True) for path in paths]
    with where, without_advice():
        started = time.perf_counter()
        found = compare(sides[0], sides[1], shuffles=SHUFFLES, progress=progress)
        return found.to_json(), time.perf_counter() - started


def measure(folder: Path, gigabytes: float, memory: str, neurons: int) -> dict[str, Any]:
    """Seconds of each way, the shortest of its runs, and whether all of them gave the same to the last bit."""
    paths, kill = written(folder, gigabytes, neurons), KilledHalfWay()
    runs = {
        "one process": [timed(paths, dask.config.set(scheduler="synchronous"))],
        "one worker": [],
        "two workers": [],
        "one of two killed": [timed(paths, on_cluster("local", 2, memory=memory), kill)],
    }
    for _ in range(2):
        # In turn, since a machine is not always as fast.
        for workers, name in enumerate(("one worker", "two workers"), 1):
            runs[name].append(timed(paths, on_cluster("local", workers, memory=memory)))
    shortest = {name: min(seconds for _, seconds in some) for name, some in runs.items()}
    stored = sum(file.stat().st_size for path in paths for file in path.rglob("*") if file.is_file())
    return {
        "gigabytes": stored / 1e9,
        **{f"{name}, s": seconds for name, seconds in shortest.items()},
        "two workers / one": shortest["two workers"] / shortest["one worker"],
        "same bits": len({result for some in runs.values() for result, _ in some}) == 1,
        "killed": kill.killed is not None,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=4.1)
    parser.add_argument("--memory", default="1GB", help="of each worker, which is started anew when it takes more")
    parser.add_argument("--neurons", type=int, default=256)
    parser.add_argument("--folder", type=Path, help="where the layers are written; by default a temporary folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = measure(Path(folder), options.gigabytes, options.memory, options.neurons)
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:20} {value:.3g}" if isinstance(value, float) else f"{name:20} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
