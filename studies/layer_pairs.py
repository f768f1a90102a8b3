"""Which layers of two networks are compared with one another: by name, by pattern, or all with all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ..theory.errors import InvalidActivations, UnknownLayer


def layer_pairs(
    names_a: Sequence[str], names_b: Sequence[str], layers: str | Sequence[str] | None, all_pairs: bool
) -> tuple[list[tuple[str, str]], list[str]]:
    """Which layer of A is compared with which of B, and what is left out. Raises: ``UnknownLayer``."""
    wanted = ["*"] if layers is None else [layers] if isinstance(layers, str) else list(layers)
    have = f"acts_a has {', '.join(names_a)}; acts_b has {', '.join(names_b)}"
    if not wanted:
        raise UnknownLayer(f"layers: got none, need at least one name or pattern; {have}")
    if all_pairs:
        chosen = [_chosen(wanted, names) for names in (names_a, names_b)]
        stray = [pattern for pattern in wanted if not _chosen([pattern], [*names_a, *names_b])]
        if stray or not all(chosen):
            where = "either side" if stray else "one of the sides"
            raise UnknownLayer(f"layers: {(stray or wanted)[0]!r} matches no layer on {where}; {have}")
        return [(a, b) for a in chosen[0] for b in chosen[1]], []
    common = [name for name in names_a if name in names_b]
    if not common:
        raise UnknownLayer(f"layers: no layer name is in both networks; {have}; rename them, or use all_pairs")
    for pattern in wanted:
        if not _chosen([pattern], common):
            raise UnknownLayer(f"layers: {pattern!r} matches no layer that both networks have; {have}")
    alone = [
        f"left out: {name}, only in {side}"
        for side, own, other in (("A", names_a, names_b), ("B", names_b, names_a))
        for name in _chosen(wanted, own)
        if name not in other
    ]
    return [(name, name) for name in _chosen(wanted, common)], alone


def _chosen(wanted: Sequence[str], names: Sequence[str]) -> list[str]:
    """The names that are wanted, each once; a name is taken literally first, for it may contain [ and ]."""
    found: dict[str, None] = {}
    for pattern in wanted:
        matching = [pattern] if pattern in names else [name for name in names if fnmatchcase(name, pattern)]
        found |= dict.fromkeys(matching)
    return list(found)


def layer_names(acts: Any, argument: str) -> list[str]:
    """The layers of a mapping of names to activations. Raises: ``InvalidActivations``."""
    needed = "need a mapping of layer names to activations, such as what capture or load_activations returns"
    if not isinstance(acts, Mapping):
        raise InvalidActivations(f"{argument}: got {type(acts).__name__}, {needed}")
    if not acts:
        raise InvalidActivations(f"{argument}: got no layers, {needed}")
    for name in acts:
        if not isinstance(name, str):
            raise InvalidActivations(f"{argument}: got a layer named {name!r}, {needed}; names are strings")
    return list(acts)
