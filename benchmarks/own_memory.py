"""Memory and time of a job in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

RUN = """
import json, sys, threading, time, warnings
import numpy as np
import spanmatch
warnings.simplefilter("ignore")
job = compile(sys.argv[2], "job", "exec")
exec(sys.argv[1])

def own_memory():
    # Pages of the mapped file are the system's cache, which it can drop: only anonymous memory is ours.
    for line in open("/proc/self/status"):
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1e3

before = own_memory()
peak, done = before, threading.Event()

def watch():
    global peak
    while not done.wait(0.02):
        peak = max(peak, own_memory())

watcher = threading.Thread(target=watch)
watcher.start()
started = time.perf_counter()
exec(job)
seconds = time.perf_counter() - started
done.set()
watcher.join()
print(json.dumps([peak - before, seconds]))
"""


ARRAYS = """
X, Y = (np.load("{folder}/" + name + ".npy", mmap_mode="r")[:{inputs}] for name in "xy")
convergent = spanmatch.convergent if {convergent} else None
"""


def watched(job: str, folder: str, inputs: int, *, threads: int | None = None) -> tuple[float, float]:
    """(MB above the interpreter, seconds) of ``job``, which finds the first ``inputs`` rows of ``folder``'s x.npy and
    y.npy, memory-mapped, as X and Y, and spanmatch and its ``convergent`` (if it names it) imported."""
    ready = ARRAYS.format(folder=folder, inputs=inputs, convergent="convergent" in job)
    return watched_after(ready, job, threads=threads)


def watched_after(ready: str, job: str, *, threads: int | None = None) -> tuple[float, float]:
    """(MB above what the process has after ``ready``, seconds) of ``job``."""
    limits = {} if threads is None else {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    command = [sys.executable, "-c", RUN, ready, job]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | limits)
    peak, seconds = json.loads(done.stdout)
    return peak, seconds
