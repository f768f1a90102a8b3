"""Dask arrays: every block of inputs is compressed where it lies, and the factors are merged in a fixed tree.

The tree depends on the blocks of the arrays alone, and linear algebra has one thread in each block. So whichever worker
computes a block, when, and how often, the answer has the same bits. Source: docs/theory/numerics.md#one-pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import numpy as np

from ....theory.errors import SpanmatchError
from ....theory.validation.foreign import is_lazy
from ....theory.validation.options import Steps
from ..kernels.threads import threads_for

Branch = TypeVar("Branch")


def in_a_tree(
    x: Any,
    y: Any,
    block: Callable[[Any, Any, int], Branch],
    merged: Callable[[Branch, Branch], Branch],
    *,
    axes: tuple[int, int] = (0, 0),
    least: int = 1,
    progress: Steps | None = None,
) -> Branch:
    """``block`` of some slices of both sides and the number of the first of them, then ``merged`` of neighbours until
    one is left.

    Parameters: ``axes``: of x and y that are cut, where the lazy side (the first, if both are) has its blocks;
    ``least``: blocks of fewer slices are put together; ``block``, ``merged``: neither may change what it is given;
    ``progress``: told of each block that is done. Raises: ``SpanmatchError`` when a block has ended several workers;
    what ``block`` raises comes through.
    """
    from dask import delayed

    lazy, axis = (x, axes[0]) if is_lazy(x) else (y, axes[1])
    edges = together(lazy.chunks[axis], least)
    leaves = _leaves([_cut(side, axis, edges) for side, axis in zip((x, y), axes, strict=True)], axes, edges, block)
    joined = delayed(partial(_alone, merged), pure=False)
    branches = leaves
    while len(branches) > 1:
        pairs = [joined(*branches[k : k + 2]) for k in range(0, len(branches) - 1, 2)]
        branches = pairs + branches[2 * len(pairs) :]
    with threads_for(0):
        found: Branch = _computed(branches[0], leaves, progress or (lambda *_: None))
    return found


def together(chunks: Sequence[int], least: int) -> tuple[int, ...]:
    """The lengths of blocks of at least so many slices, each of some chunks that follow one another."""
    found = [0]
    for length in chunks:
        if found[-1] >= least:
            found.append(0)
        found[-1] += int(length)
    if len(found) > 1 and found[-1] < least:
        last = found.pop()
        found[-1] += last
    return tuple(length for length in found if length)


def _cut(side: Any, axis: int, edges: tuple[int, ...]) -> Any:
    """One side in blocks."""
    import dask.array

    chunks = tuple(edges if k == axis else -1 for k in range(side.ndim))
    return side.rechunk(chunks) if is_lazy(side) else dask.array.from_array(side, chunks=chunks)


def _leaves(
    sides: Sequence[Any], axes: tuple[int, int], edges: tuple[int, ...], block: Callable[[Any, Any, int], Any]
) -> list[Any]:
    """``block`` of each, not computed yet: one task with all that leads to it, so that no block of one side has to
    travel to that of the other."""
    import dask.array

    firsts = dask.array.from_array(np.cumsum([0, *edges[:-1]]), chunks=1)
    arguments: list[Any] = [firsts, (0,)]
    others = count(1)
    for side, axis in zip(sides, axes, strict=True):
        arguments += [side, tuple(0 if k == axis else next(others) for k in range(side.ndim))]
    made = dask.array.blockwise(
        partial(_of_blocks, block),
        tuple(range(next(others))),
        *arguments,
        name=f"block-{uuid4().hex}",
        meta=np.empty(0),
        align_arrays=False,
    )
    return list(made.to_delayed().ravel())


def _of_blocks(block: Callable[[Any, Any, int], Branch], first: Any, x: Any, y: Any) -> Branch:
    return _alone(block, x, y, int(first[0]))


def _alone(work: Callable[..., Branch], *arguments: Any) -> Branch:
    with threads_for(0):
        return work(*arguments)


def _computed(root: Any, leaves: Sequence[Any], tell: Steps) -> Any:
    """On the cluster that this process is a client of, if there is one; otherwise as Dask is told to."""
    client = _client()
    if client is None:
        tell("blocks", 0, len(leaves))
        found = root.compute()
        tell("blocks", len(leaves), len(leaves))
        return found
    from distributed import KilledWorker, as_completed

    result, *parts = client.compute([root, *leaves])
    # Nothing may hold a leaf that is merged: together they can be larger than the workers.
    waiting = as_completed(parts)
    del parts
    try:
        for done, _ in enumerate(waiting, 1):
            tell("blocks", done, len(leaves))
        return result.result()
    except KilledWorker as error:
        raise SpanmatchError(
            f"cluster: one block of inputs has ended several workers, for want of memory perhaps ({error}); give them "
            f"more, or store the activations in smaller chunks"
        ) from error


def _client() -> Any:
    try:
        from distributed import default_client
    except ImportError:
        return None
    try:
        return default_client()
    except ValueError:
        return None
