"""Blocks: neurons of both networks that span the same subspace, and private neurons that span nothing shared."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from itertools import product as all_combinations
from math import comb

import numpy as np

from ...theory.matches import Match
from .. import modular
from ..linear import Array, mixing, product, tolerance_for
from ..planted import (
    MOST_SIMPLE_MATCHES,
    Planted,
    exact_simple,
    family,
    need,
    need_directions,
    need_private,
    proved_level,
)

Block = tuple[int, int, int]

_REASON = (
    "Block b spans k_b directions of its own; its neurons on each side are generic combinations that span all of "
    "them, and all blocks' and private directions are independent. So span A = span B splits into blocks (D1 at "
    "epsilon 0), private neurons match nothing and M(0) is all block neurons (T3). A set of fewer than k_b neurons "
    "of a block spans nothing that neurons of the other side span, and any k_b of one side span the block, so the "
    "simple matches are the choices of k_b neurons on each side (T7, T10). For larger epsilon the pair stays the "
    "maximum match as long as no private neuron is within epsilon of the whole other side (T1)."
)


@family("blocks", inputs=8, blocks=[[1, 1, 2], [2, 2, 2]], private=[1, 1], integer=True)
def planted_blocks(
    *,
    inputs: int = 200,
    blocks: Sequence[Block] = ((2, 2, 2), (3, 3, 3), (2, 3, 4)),
    private: tuple[int, int] = (3, 2),
    condition: float = 10.0,
    integer: bool = False,
    seed: int = 0,
) -> Planted:
    """Blocks of neurons of both networks that span the same directions, and private neurons besides.

    Parameters
    ----------
    inputs : int, default 200
        At least the number of independent directions.
    blocks : sequence of (k, p, q)
        p neurons of X and q of Y span the same k directions, 1 <= k <= p, q.
    private : pair of int, default (3, 2)
        Neurons of X and of Y that match nothing.
    condition : float, default 10.0
        Condition number of each block's mixing matrices; not used when ``integer``.
    integer : bool, default False
        All values are small integers (int64) whose independence and genericity is proved modulo a prime, so that the
        answers hold exactly for the stored numbers.
    seed : int, default 0
        Of all random numbers.

    Returns
    -------
    Planted
        With the maximum match from epsilon = 0 up to the proved bound, and the simple matches at epsilon = 0 unless
        there are more than 1000.

    Raises
    ------
    InvalidOption
        If an argument is not as described.

    Notes
    -----
    Cost: O(inputs neurons^2).

    References
    ----------
    docs/theory/planted-sets.md#blocks.

    Examples
    --------
    >>> from spanmatch.synthetic import planted_blocks
    >>> planted = planted_blocks(blocks=[(1, 1, 1), (2, 2, 2)], private=(1, 0))
    >>> planted.max_match(0.0)
    Match(x={0, 1, 2}, y={0, 1, 2})
    >>> planted.simple_matches(0.0)
    (Match(x={0}, y={0}), Match(x={1, 2}, y={1, 2}))
    """
    sizes = [(int(k), int(p), int(q)) for k, p, q in blocks]
    need(all(1 <= k <= min(p, q) for k, p, q in sizes), "blocks", sizes, "triples (k, p, q) with 1 <= k <= p, q")
    need_private(private)
    need(condition >= 1, "condition", condition, "a condition number >= 1")
    columns = [sum(size[side] for size in sizes) + private[side - 1] for side in (1, 2)]
    need(min(columns) >= 1, "blocks, private", (sizes, private), "at least one neuron on each side")
    directions = sum(k for k, _, _ in sizes) + sum(private)
    need_directions(inputs, directions)
    rng = np.random.default_rng(seed)
    basis = (
        modular.independent_integers(rng, inputs, directions) if integer else rng.standard_normal((inputs, directions))
    )
    mix_x, mix_y = (np.zeros((directions, count), dtype=basis.dtype) for count in columns)
    first, at_x, at_y = 0, 0, 0
    choices: list[Match] = []
    countable = sum(comb(p, k) * comb(q, k) for k, p, q in sizes) <= MOST_SIMPLE_MATCHES
    for k, p, q in sizes:
        P, Q = _integer_mixing(rng, k, p, q, countable) if integer else _mixing_pair(rng, k, p, q, condition)
        mix_x[first : first + k, at_x : at_x + p] = P
        mix_y[first : first + k, at_y : at_y + q] = Q
        if countable:
            sides = combinations(range(at_x, at_x + p), k), combinations(range(at_y, at_y + q), k)
            choices += [Match(a, b) for a, b in all_combinations(*sides)]
        first, at_x, at_y = first + k, at_x + p, at_y + q
    for mix, at in ((mix_x, at_x), (mix_y, at_y)):
        for column in range(at, mix.shape[1]):
            mix[first, column] = 1
            first += 1
    X, Y = product(basis, mix_x), product(basis, mix_y)
    tolerance = tolerance_for(X, Y)
    return Planted(
        X,
        Y,
        "blocks",
        seed,
        {
            "inputs": inputs,
            "blocks": [list(size) for size in sizes],
            "private": list(private),
            "condition": condition,
            "integer": integer,
        },
        _REASON,
        maximum=proved_level(X, Y, Match(range(at_x), range(at_y)), zero_below=tolerance),
        simple=exact_simple(choices) if countable else (),
        tolerance=tolerance,
        exact=integer,
    )


def _mixing_pair(rng: np.random.Generator, k: int, p: int, q: int, condition: float) -> tuple[Array, Array]:
    return mixing(rng, k, p, condition), mixing(rng, k, q, condition)


def _integer_mixing(rng: np.random.Generator, k: int, p: int, q: int, every_choice: bool) -> tuple[Array, Array]:
    """Two full-rank integer matrices; with ``every_choice`` generic enough for the list of simple matches.

    Generic: for all k columns A of P and B of Q the matrix P_A^-1 Q_B and its inverse have no zero entry, so that
    (A, B) is strongly connected in the graph of T10 and contains no smaller match.
    """
    for attempt in range(10_000):
        bound = 3 + attempt // 20
        P, Q = (modular.non_zero_integers(rng, (k, count), bound) for count in (p, q))
        if modular.rank(P) == modular.rank(Q) == k and (not every_choice or _generic(P, Q, k)):
            return P, Q
    raise RuntimeError("no generic integer mixing in 10000 draws")  # pragma: no cover


def _generic(P: Array, Q: Array, k: int) -> bool:
    for a in combinations(range(P.shape[1]), k):
        inverted = modular.inverse(P[:, a])
        if inverted is None:
            return False
        mixed = modular.multiply(inverted, Q)
        if not all(modular.all_non_zero_with_inverse(mixed[:, b]) for b in combinations(range(Q.shape[1]), k)):
            return False
    return True
