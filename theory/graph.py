"""Directed graphs, and the graph whose closed sets are the exact matches of independent layers (T10), literally."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Any, TypeVar

from .brute_force import all_pairs
from .covers import Cover
from .matches import Match, Neuron

Vertex = TypeVar("Vertex", bound=Hashable)
Edge = tuple[Vertex, Vertex]


def coefficient_edges(maximum: Match, C: Any, inverse: Any) -> set[Edge[Neuron]]:
    """y -> x where C[x, y] is not 0, and x -> y where its inverse's [y, x] is not 0 (T10).

    ``C``: the coefficients in Z_Y* = Z_X* C, rows and columns in the order of the members of ``maximum`` = (X*, Y*);
    ``inverse``: those in Z_X* = Z_Y* C^-1.
    """
    x, y = ([v for v in maximum if v.side == side] for side in ("x", "y"))
    needs_x = {(b, a) for i, a in enumerate(x) for j, b in enumerate(y) if C[i][j] != 0}
    needs_y = {(a, b) for i, a in enumerate(x) for j, b in enumerate(y) if inverse[j][i] != 0}
    return needs_x | needs_y


def cover_edges(maximum: Match, cover: Cover) -> set[Edge[Neuron]]:
    """u -> w where the maximum match without w does not cover its member u: the same edges, without coefficients."""
    return {
        (u, w)
        for w in maximum
        for u in maximum
        if u.side != w.side and not cover.covers(u, maximum.without(w).side(w.side))
    }


def closed_sets(maximum: Match, edges: Collection[Edge[Neuron]]) -> list[Match]:
    """The pairs inside ``maximum`` that no edge leaves, smallest first. Cost: all pairs are visited."""
    size = (max(side, default=-1) + 1 for side in (maximum.x, maximum.y))
    inside = (pair for pair in all_pairs(*size) if pair <= maximum)
    return [pair for pair in inside if all(w in pair for u, w in edges if u in pair)]


def reachable(vertices: Iterable[Vertex], edges: Iterable[Edge[Vertex]]) -> dict[Vertex, frozenset[Vertex]]:
    """For each vertex the set that it reaches along the edges, itself included.

    >>> sorted(reachable("abc", [("a", "b"), ("b", "c")])["b"])
    ['b', 'c']
    """
    steps: dict[Vertex, set[Vertex]] = {v: set() for v in vertices}
    for tail, head in edges:
        steps[tail].add(head)
    found = {}
    for v in steps:
        reached, new = {v}, {v}
        while new:
            new = set().union(*(steps[u] for u in new)) - reached
            reached |= new
        found[v] = frozenset(reached)
    return found


def strong_components(reached: dict[Vertex, frozenset[Vertex]]) -> set[frozenset[Vertex]]:
    """The classes of vertices that reach one another, from what ``reachable`` says."""
    return {frozenset(u for u in reached[v] if v in reached[u]) for v in reached}
