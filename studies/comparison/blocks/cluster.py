"""The Dask cluster whose workers take in the blocks: a scheduler that is running, or processes of this machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ....files.environment import require
from ....theory.errors import InvalidOption

LOCAL = "local"
ANSWERS_WITHIN = 5.0
"""Seconds in which a scheduler that is there answers, and has a worker."""

LOCALLY = {
    # So long a worker asks a dead one for a block before the block is computed again; otherwise half a minute.
    "distributed.comm.timeouts.connect": f"{ANSWERS_WITHIN}s",
    # Otherwise workers give memory back at once, and take half of their time to ask for the same pages again.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**27,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
}


@contextmanager
def on_cluster(scheduler: str, workers: int, *, memory: str | int = "auto") -> Iterator[None]:
    """Inside, this process is a client of the cluster, and layers that Dask holds are taken in by its workers.

    ``scheduler``: its address, or "local" for so many ``workers``, processes of one thread on this machine, with so
    much ``memory`` each (Dask's words for it; they are started anew when they take more). Raises: ``InvalidOption``
    where none answers or has workers, ``MissingExtra``.
    """
    require("distributed", ("dask", "distributed"), "comparing on a cluster")
    import dask
    import distributed

    needed = f'need the address of a running scheduler, such as tcp://127.0.0.1:8786, or "{LOCAL}"'
    if scheduler == LOCAL:
        # Processes with a nanny each, which starts another where one dies.
        with (
            dask.config.set(LOCALLY),
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=memory,
                # On a port that is free, for no one else.
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.ERROR,
            ) as cluster,
            distributed.Client(cluster),
        ):
            yield
        return
    try:
        asyncio.run(_answers(scheduler))
    except Exception as error:  # whatever else may listen there, and answer with
        raise InvalidOption(f"scheduler: got {scheduler!r}, where none answers ({error}); {needed}") from error
    with distributed.Client(scheduler, timeout=ANSWERS_WITHIN) as client:
        try:
            client.wait_for_workers(1, timeout=ANSWERS_WITHIN)
        except TimeoutError as error:
            raise InvalidOption(
                f"scheduler: {scheduler!r} has no workers; start some by: dask worker {scheduler}"
            ) from error
        yield


async def _answers(address: str) -> None:
    """A client that finds no scheduler tries for long to say goodbye to it; so this is asked before there is one."""
    from distributed.comm import connect

    await (await connect(address, timeout=ANSWERS_WITHIN)).close()
