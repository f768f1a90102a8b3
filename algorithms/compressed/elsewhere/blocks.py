"""Dask arrays: every block of inputs is compressed where it lies, and the factors are merged in a fixed tree.

The tree depends on the blocks of the arrays alone. So whichever worker computes a block, when, and how often, the
answer has the same bits. Source: docs/theory/numerics.md#one-pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ....theory.validation.foreign import is_lazy

Branch = TypeVar("Branch")


def in_a_tree(
    x: Any, y: Any, block: Callable[[Any, Any, int], Branch], merged: Callable[[Branch, Branch], Branch]
) -> Branch:
    """``block`` of the rows of both sides and the number of the first of them, for each block of rows of the lazy side;
    ``merged`` of neighbours until one is left. Neither may change what it is given."""
    import dask
    import dask.array

    edges = (x if is_lazy(x) else y).chunks[0]
    sides = [
        side.rechunk((edges, -1)) if is_lazy(side) else dask.array.from_array(side, chunks=(edges, -1))
        for side in (x, y)
    ]
    first, parts = 0, []
    compressed, joined = dask.delayed(block, pure=False), dask.delayed(merged, pure=False)
    for rows, a, b in zip(edges, *(side.to_delayed()[:, 0] for side in sides), strict=True):
        # A block without rows has nothing to say.
        if rows:
            parts.append(compressed(a, b, first))
        first += rows
    while len(parts) > 1:
        pairs = [joined(*parts[k : k + 2]) for k in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[2 * len(pairs) :]
    found: Branch = parts[0].compute()
    return found
