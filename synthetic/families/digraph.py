"""Planted digraphs: any finite poset as the poset of simple matches (T10)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...theory.graph import reachable
from ...theory.matches import Match
from .. import modular
from ..linear import Array, mixing, product, tolerance_for
from ..planted import Planted, exact_simple, family, need, need_directions, need_private, proved_level

_REASON = (
    "X and all private directions are independent and Z_Y* = Z_X* C with C invertible, so T10 applies. C is "
    "zero but for a dense block for each component, with a dense inverse, which makes the component strongly "
    "connected, and a dense block from component a to component b for each edge (a, b). C^-1 is zero outside "
    "reachability. So the matches at epsilon 0 are the sets of components closed under the edges, the simple ones "
    "are the components reachable from one component, and M(0) is all of them (T3, T10). For larger epsilon the pair "
    "stays the maximum match as long as no private neuron is within epsilon of the whole other side (T1)."
)


@family("digraph", inputs=8, components=[1, 1, 1], edges=[[0, 1], [1, 2]], private=[1, 1], integer=True)
def planted_digraph(
    *,
    inputs: int = 120,
    components: Sequence[int] = (1, 2, 2, 1),
    edges: Sequence[tuple[int, int]] = ((0, 1), (0, 2), (1, 3), (2, 3)),
    private: tuple[int, int] = (2, 1),
    condition: float = 5.0,
    integer: bool = False,
    seed: int = 0,
) -> Planted:
    """Components of neurons of both networks whose matches are the closed sets of a graph without cycles.

    Parameters
    ----------
    inputs : int, default 120
        At least the number of independent directions.
    components : sequence of int
        Component c has ``components[c]`` neurons on each side.
    edges : sequence of (a, b)
        A match that contains component a contains component b. No cycle: a cycle is one larger component.
    private : pair of int, default (2, 1)
        Neurons of X and of Y that match nothing.
    condition : float, default 5.0
        Condition number of each component's block of C; not used when ``integer``.
    integer : bool, default False
        All values are small integers (int64), the genericity is proved modulo a prime, and the answers hold exactly for
        the stored numbers.
    seed : int, default 0
        Of all random numbers.

    Returns
    -------
    Planted
        With the maximum match from epsilon = 0 up to the proved bound, and the simple matches at epsilon = 0.

    Raises
    ------
    InvalidOption
        If an argument is not as described.

    Notes
    -----
    Cost: O(inputs neurons^2).

    References
    ----------
    T10; docs/theory/planted-sets.md#planted-digraph.

    Examples
    --------
    >>> from spanmatch.synthetic import planted_digraph
    >>> planted = planted_digraph(components=[1, 1], edges=[(0, 1)], private=(0, 0))
    >>> planted.simple_matches(0.0)
    (Match(x={1}, y={1}), Match(x={0, 1}, y={0, 1}))
    """
    sizes = [int(size) for size in components]
    arrows = [(int(a), int(b)) for a, b in edges]
    need(bool(sizes) and min(sizes) >= 1, "components", sizes, "a list of sizes >= 1")
    need(
        all(0 <= a < len(sizes) and 0 <= b < len(sizes) and a != b for a, b in arrows),
        "edges",
        arrows,
        f"pairs of different components in 0..{len(sizes) - 1}",
    )
    below = reachable(range(len(sizes)), arrows)
    need(all(a not in below[b] for a, b in arrows), "edges", arrows, "no cycle; merge its components into one")
    need_private(private)
    need(condition >= 1, "condition", condition, "a condition number >= 1")
    total = sum(sizes)
    directions = total + sum(private)
    need_directions(inputs, directions)
    rng = np.random.default_rng(seed)
    basis = (
        modular.independent_integers(rng, inputs, directions) if integer else rng.standard_normal((inputs, directions))
    )
    start = np.concatenate([[0], np.cumsum(sizes)])
    spans = [slice(int(start[c]), int(start[c + 1])) for c in range(len(sizes))]
    C = np.zeros((total, total), dtype=basis.dtype)
    for c, size in enumerate(sizes):
        C[spans[c], spans[c]] = _integer_component(rng, size) if integer else mixing(rng, size, size, condition)
    for a, b in arrows:
        C[spans[b], spans[a]] = (
            modular.non_zero_integers(rng, (sizes[b], sizes[a]), 3) if integer else _edge_block(rng, sizes[b], sizes[a])
        )
    shared = basis[:, :total]
    X = np.hstack([shared, basis[:, total : total + private[0]]])
    Y = np.hstack([product(shared, C), basis[:, total + private[0] :]])
    members = [[i for c in sorted(reach) for i in range(spans[c].start, spans[c].stop)] for reach in below.values()]
    tolerance = tolerance_for(X, Y)
    return Planted(
        X,
        Y,
        "digraph",
        seed,
        {
            "inputs": inputs,
            "components": sizes,
            "edges": [list(arrow) for arrow in arrows],
            "private": list(private),
            "condition": condition,
            "integer": integer,
        },
        _REASON,
        maximum=proved_level(X, Y, Match.everything(total, total), zero_below=tolerance),
        simple=exact_simple([Match(closed, closed) for closed in members]),
        tolerance=tolerance,
        exact=integer,
    )


def _edge_block(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Entries of either sign with sizes in [.3, 1]: clearly not zero, so that an edge is an edge in floats too."""
    block: Array = rng.uniform(0.3, 1.0, size=(rows, columns)) * rng.choice([-1.0, 1.0], size=(rows, columns))
    return block


def _integer_component(rng: np.random.Generator, size: int) -> Array:
    """Small integers without a zero, also in the inverse, drawn again until that is proved."""
    for attempt in range(10_000):
        block = modular.non_zero_integers(rng, (size, size), 3 + attempt // 20)
        if modular.all_non_zero_with_inverse(block):
            return block
    raise RuntimeError("no generic integer block in 10000 draws")  # pragma: no cover
