"""Noisy digraphs: any finite poset as that of the simple matches at epsilon > 0, with the proof that they are all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from ...theory.errors import InvalidOption
from ...theory.graph import reachable
from ...theory.matches import Match, sort_key
from ..linear import Array, orthonormal, product, residuals_against, tolerance_for, unit_columns
from ..planted import MaximumLevel, Planted, SimpleLevel, family, need, need_directions, need_private, proved_level

SHAPES = ("antichain", "chain", "tree", "crown")
"""Posets by name: none above another; each above the next; each above two more; every other one above two."""

_REASON = (
    "Y* = X* C and noise, with a dense block of C for each component and one for each edge. What is said is proved on "
    "the finished numbers: let E(v) be the neurons u of the other side of M without which alone the rest of it leaves "
    "v a residual above epsilon. In this range of epsilon M is the maximum match (D1, T1), and the E(v) are the same "
    "and cover v. So a set covers v if and only if it holds E(v) (T1), the matches are the sets that no edge from v to "
    "E(v) leaves, and the simple ones are what single neurons reach (T7, T19)."
)


@family("noisy", inputs=10, components=[1, 2], shape="chain", private=[1, 0], noise=0.02)
def noisy_digraph(
    *,
    inputs: int = 120,
    components: Sequence[int] = (1, 2, 2, 1, 3, 1),
    shape: str = "tree",
    private: tuple[int, int] = (2, 1),
    noise: float = 0.005,
    condition: float = 2.0,
    seed: int = 0,
) -> Planted:
    """Components of neurons of both networks, noise, and all simple matches at epsilon > 0.

    Parameters
    ----------
    inputs : int, default 120
        At least the number of independent directions.
    components : sequence of int
        Component c has ``components[c]`` neurons on each side.
    shape : {"antichain", "chain", "tree", "crown"}, default "tree"
        The order of the components: none above another; each above the next; c above 2c + 1 and 2c + 2; each of the
        first half above two of the second. A match that contains a component contains those below it.
    private : pair of int, default (2, 1)
        Neurons of X and of Y that match nothing.
    noise : float, default 0.005
        The length of the noise in Y relative to each neuron.
    condition : float, default 2.0
        Condition number of the block of C of each component of two or more: how strongly its neurons are mixed.
    seed : int, default 0
        Of all random numbers.

    Returns
    -------
    Planted
        With the maximum match and all simple matches in one range of epsilon, which begins near the noise.

    Raises
    ------
    InvalidOption
        If an argument is not as described, or the noise hides the planted order.

    Notes
    -----
    Cost: O(inputs neurons^2).

    References
    ----------
    T19; docs/theory/planted-sets.md#noisy-digraph.

    Examples
    --------
    >>> from spanmatch import simple_matches
    >>> from spanmatch.synthetic import noisy_digraph
    >>> planted = noisy_digraph(components=[1, 1], shape="chain", private=(0, 0))
    >>> planted.simple_matches(0.05)
    (Match(x={1}, y={1}), Match(x={0, 1}, y={0, 1}))
    >>> simple_matches(planted.X, planted.Y, 0.05)
    SimpleMatches(2 in all by T19, 2 to 4 neurons)
    """
    sizes = [int(size) for size in components]
    need(bool(sizes) and min(sizes) >= 1, "components", sizes, "a list of sizes >= 1")
    need(shape in SHAPES, "shape", shape, f"one of {', '.join(SHAPES)}")
    need_private(private)
    need(condition > 1, "condition", condition, "a condition number > 1")
    need(0 < noise < 1, "noise", noise, "a length in (0, 1)")
    total = sum(sizes)
    directions = total + sum(private)
    need_directions(inputs, directions)
    rng = np.random.default_rng(seed)
    basis = orthonormal(rng, inputs, directions)
    start = np.concatenate([[0], np.cumsum(sizes)])
    members = [np.arange(start[c], start[c + 1]) for c in range(len(sizes))]
    arrows = list(_edges(shape, len(sizes)))
    C = np.zeros((total, total))
    # One unit vector for each component: C is the identity across them, and condition (1 + arrows) on them; so in the
    # inverse too, all entries of a block are of one size, and those along a path do not fade.
    heads = [rng.choice([-1.0, 1.0], size=size) / math.sqrt(size) for size in sizes]
    for own, head in zip(members, heads, strict=True):
        C[np.ix_(own, own)] = np.eye(len(own)) + (condition - 1) * np.outer(head, head)
    for a, b in arrows:
        C[np.ix_(members[b], members[a])] = condition * np.outer(heads[b], heads[a])
    shared = basis[:, :total]
    X = np.hstack([shared, basis[:, total : total + private[0]]])
    clean = unit_columns(product(shared, C))
    Y = np.hstack([clean + noise * unit_columns(rng.standard_normal(clean.shape)), basis[:, total + private[0] :]])
    below = reachable(range(len(sizes)), arrows)
    closed = {c: np.concatenate([members[b] for b in sorted(reach)]).tolist() for c, reach in below.items()}
    simple = tuple(sorted((Match(own, own) for own in closed.values()), key=sort_key))
    maximum = Match.everything(total, total)
    proved = proved_level(X, Y, maximum)
    found = _proved_range(X[:, :total], Y[:, :total], simple)
    low = max([found[0], *(level.low for level in proved)])
    high = min([found[1], *(level.high for level in proved)])
    if not proved or low >= high:
        raise InvalidOption(
            f"noise: got {noise}, at which these {len(sizes)} components are not told apart; take less noise, a larger "
            f"condition, smaller components or a flatter shape"
        )
    return Planted(
        X,
        Y,
        "noisy",
        seed,
        {
            "inputs": inputs,
            "components": sizes,
            "shape": shape,
            "private": list(private),
            "noise": noise,
            "condition": condition,
        },
        _REASON,
        maximum=(MaximumLevel(low, high, maximum),),
        simple=(SimpleLevel(low, high, simple),),
        tolerance=tolerance_for(X, Y),
        exact=True,
    )


def _edges(shape: str, count: int) -> Iterable[tuple[int, int]]:
    if shape == "chain":
        return [(c, c + 1) for c in range(count - 1)]
    if shape == "tree":
        return [(c, below) for c in range(count) for below in (2 * c + 1, 2 * c + 2) if below < count]
    if shape == "crown":
        half = count // 2
        return sorted({(c, half + (c + k) % (count - half)) for c in range(half) for k in range(2)})
    return []


def _proved_range(X: Array, Y: Array, simple: Sequence[Match]) -> tuple[float, float]:
    """A range of epsilon, rounded inwards, in which the E(v) are the same, cover v and give these simple matches: one
    of the widest in proportion. (1, 0) if there is none."""
    together = np.asarray(np.linalg.qr(np.hstack([unit_columns(X), unit_columns(Y)]), mode="r"))
    x, y = together[:, : X.shape[1]], together[:, X.shape[1] :]
    sides = (x, y), (y, x)
    singles = [_without_each(predictors, judged) for judged, predictors in sides]
    levels = np.unique(np.concatenate([np.full(1, 1e-9), *(one.ravel() for one in singles)]))
    levels = levels[levels >= 1e-9]
    for k in np.argsort(levels[:-1] / levels[1:])[:3]:
        high = float(levels[k + 1])
        needed = [one >= high for one in singles]
        if _reached(*needed) != set(simple):
            continue
        covered = [
            float(residuals_against(judged[:, (needs == needs_of.T).all(axis=1)], predictors[:, needs]).max())
            for (judged, predictors), needs_of in zip(sides, needed, strict=True)
            for needs in np.unique(needs_of.T, axis=0)
        ]
        low = math.ceil(1e4 * max(float(levels[k]), *covered) + 0.5) / 1e4
        high = math.floor(1e4 * high - 0.5) / 1e4
        if low < high:
            return low, high
    return 1.0, 0.0


def _without_each(predictors: Array, judged: Array) -> Array:
    """[u, v]: the residual of v against all predictors but u (A4: dist^2 grows by c_u^2 / H_uu)."""
    dual = np.linalg.pinv(predictors)
    left = residuals_against(judged, predictors) ** 2
    grown: Array = np.sqrt(left + (dual @ judged) ** 2 / np.sum(dual * dual, axis=1)[:, None])
    return grown


def _reached(needed_by_x: Array, needed_by_y: Array) -> set[Match]:
    """What single neurons reach along the edges from v to the members of E(v)."""
    n, m = needed_by_x.shape
    edges = np.zeros((m + n, m + n), dtype=bool)
    edges[:m, m:] = needed_by_x.T
    edges[m:, :m] = needed_by_y.T
    reach = edges | np.eye(m + n, dtype=bool)
    while (further := (reach.astype(np.float32) @ reach.astype(np.float32)) > 0).sum() > reach.sum():
        reach = further
    sets = np.unique(reach, axis=0)
    return {Match(np.flatnonzero(row[:m]).tolist(), np.flatnonzero(row[m:]).tolist()) for row in sets}
