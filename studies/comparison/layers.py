"""Which layers of two networks are compared with one another, and whether they can be, before any is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ...files.activations import LayerFile
from ...theory.errors import InvalidActivations, UnknownLayer
from ...theory.validation.layer import Layer, other_inputs
from ...theory.validation.options import as_names
from ...theory.validation.pooling import common_resolution, same_positions
from .protocol import Protocol
from .records import pair_name
from .unread import Source, UnreadPair, size_of

MOST_PROBLEMS = 10
"""So many are told at once."""


def paired_layers(
    acts_a: Mapping[str, Any],
    acts_b: Mapping[str, Any],
    protocol: Protocol,
    *,
    layers: str | Sequence[str] | None,
    all_pairs: bool,
    pool: bool,
    notes: list[str],
) -> list[UnreadPair]:
    """The layers to compare, all of them looked at, none read; what is left out is added to ``notes``.

    Parameters: see ``compare``. Raises: ``UnknownLayer``; ``InvalidActivations`` with everything that is wrong.
    """
    names = _names(acts_a, "acts_a"), _names(acts_b, "acts_b")
    _refuse_unreadable(layers, acts_a, acts_b)
    refused = _refused(acts_a), _refused(acts_b)
    pairs, alone = _layer_pairs(*names, layers, all_pairs, refused)
    measures = _measures(protocol, [pair_name(a, b) for a, b in pairs])
    for side, problems_of in zip("AB", refused, strict=True):
        notes += [f"left out: {name} of {side}, which {problem}" for name, problem in problems_of.items()]
    notes += alone
    problems: list[str] = []
    sides = [
        _sources(acts, list(dict.fromkeys(chosen)), argument, protocol.layout, problems)
        for acts, argument, chosen in zip((acts_a, acts_b), ("acts_a", "acts_b"), zip(*pairs, strict=True), strict=True)
    ]
    found = []
    for a, b in pairs:
        if a not in sides[0] or b not in sides[1]:
            continue
        A, B = sides[0][a], sides[1][b]
        resolution = common_resolution(A.known, B.known) if pool else None
        if problem := other_inputs(A.known, B.known):
            problems.append(f"{A.said}, {B.said}: {problem}")
        elif resolution is not None or same_positions(A.known, B.known):
            found.append(UnreadPair(A, B, protocol, measures[pair_name(a, b)], resolution))
        elif all_pairs:
            sizes = " against ".join(size_of(one.known.resolution) for one in (A, B))
            notes.append(f"left out: {a} / {b}, {sizes} an image")
        else:
            problems.append(f"{A.said}, {B.said}: {_other_positions(A.known, B.known, pool)}")
    if problems:
        raise InvalidActivations(_all_of(problems))
    if not found:
        raise InvalidActivations(
            f"acts_a, acts_b: no two layers have the same number of positions, so nothing can be compared "
            f"({len(notes)} pairs left out; the first: {notes[0]})"
        )
    return found


def _sources(
    acts: Any, names: Sequence[str], argument: str, layouts: tuple[str, ...], problems: list[str]
) -> dict[str, Source]:
    found = {}
    for name in names:
        try:
            found[name] = Source.of(acts, name, argument, layouts)
        except InvalidActivations as error:
            problems.append(str(error))
    return found


def _all_of(problems: Sequence[str]) -> str:
    if len(problems) == 1:
        return problems[0]
    more = [f"and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
    return "\n  ".join([f"acts_a, acts_b: {len(problems)} problems:", *problems[:MOST_PROBLEMS], *more])


def _refuse_unreadable(layers: Any, *sides: Any) -> None:
    """A layer that was named and cannot be read is an error; one that a pattern meets is left out."""
    named = [layers] if isinstance(layers, str) else layers if isinstance(layers, list | tuple) else []
    for acts in sides:
        for name in _refused(acts):
            if name in named:
                acts.outline(name)


def _refused(acts: Any) -> Mapping[str, str]:
    """What a file has and cannot be read, and why."""
    return acts.refused if isinstance(acts, LayerFile) else {}


def _measures(protocol: Protocol, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Name of a pair of layers -> what is measured of it. Raises: ``UnknownLayer``."""
    wanted = {}
    for measure, options in protocol.measures.items():
        patterns = ("*",) if options.layers is None else options.layers
        for pattern in patterns:
            if not _chosen([pattern], names):
                raise UnknownLayer(f"{measure}: layers {pattern!r} matches none of those compared, {', '.join(names)}")
        wanted[measure] = _chosen(patterns, names)
    return {name: tuple(measure for measure, chosen in wanted.items() if name in chosen) for name in names}


def _layer_pairs(
    names_a: Sequence[str],
    names_b: Sequence[str],
    layers: str | Sequence[str] | None,
    all_pairs: bool,
    refused: tuple[Mapping[str, str], Mapping[str, str]],
) -> tuple[list[tuple[str, str]], list[str]]:
    """Which layer of A is compared with which of B, and what is left out. Raises: ``UnknownLayer``."""
    have = f"acts_a has {', '.join(names_a)}; acts_b has {', '.join(names_b)}"
    wanted = as_names(layers, "layers", f"layer names or patterns; {have}") if layers is not None else ["*"]
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
        for side, own, other in (("A", names_a, {*names_b, *refused[1]}), ("B", names_b, {*names_a, *refused[0]}))
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


def _names(acts: Any, argument: str) -> list[str]:
    needed = "need a mapping of layer names to activations, such as what capture or load_activations returns"
    if not isinstance(acts, Mapping):
        raise InvalidActivations(f"{argument}: got {type(acts).__name__}, {needed}")
    if not acts:
        raise InvalidActivations(f"{argument}: got no layers, {needed}")
    for name in acts:
        if not isinstance(name, str):
            raise InvalidActivations(f"{argument}: got a layer named {name!r}, {needed}; names are strings")
    return list(acts)


def _other_positions(A: Layer, B: Layer, pool: bool) -> str:
    """What is wrong with two layers of the same images that have no inputs in common."""
    if pool:
        hint = f"axes {A.axes!r} and {B.axes!r} have no positions in common"
    elif min(A.positions, B.positions) == 1:
        hint = "a convolutional layer and one of another kind have no inputs in common; pool=True averages"
    else:
        hint = "are these the right axes? pool=True averages to the smaller resolution"
    sizes = f"{size_of(A.resolution)} against {size_of(B.resolution)}"
    return f"got {A!r} and {B!r}, {sizes}, need the same number of positions an image along each axis; {hint}"
