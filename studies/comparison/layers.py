"""Which layers of two networks are compared with one another: by name, by pattern, or all with all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ...theory.errors import InvalidActivations, UnknownLayer
from ...theory.validation.layer import Layer, as_layer, other_inputs
from ...theory.validation.options import Tell, as_names
from .protocol import Protocol
from .records import pair_name
from .samples import LayerPair


def paired_layers(
    acts_a: Mapping[str, Any],
    acts_b: Mapping[str, Any],
    protocol: Protocol,
    *,
    layers: str | Sequence[str] | None,
    all_pairs: bool,
    progress: Tell | None,
    notes: list[str],
) -> Iterator[LayerPair]:
    """Each two layers to compare, one after the other; what is left out is added to ``notes``.

    Parameters: see ``compare``. Raises: ``UnknownLayer``, ``InvalidActivations``.
    """
    pairs, alone = _layer_pairs(_names(acts_a, "acts_a"), _names(acts_b, "acts_b"), layers, all_pairs)
    measures = _measures(protocol, [pair_name(a, b) for a, b in pairs])
    notes += alone
    layout = protocol.layout
    paired = False
    for a, b in pairs:
        if progress is not None:
            progress(pair_name(a, b))
        A = _checked(acts_a[a], layout, f"acts_a[{a!r}]")
        B = _checked(acts_b[b], layout, f"acts_b[{b!r}]")
        if problem := other_inputs(A, B):
            raise InvalidActivations(f"acts_a[{a!r}], acts_b[{b!r}]: {problem}")
        if all_pairs and A.positions != B.positions:
            notes.append(f"left out: {a} / {b}, {A.positions} against {B.positions} positions an image")
            continue
        if A.positions != B.positions:
            raise _other_positions(a, b, A, B)
        paired = True
        yield LayerPair(a, b, A, B, protocol, measures[pair_name(a, b)])
    if not paired:
        raise InvalidActivations(
            f"acts_a, acts_b: no two layers have the same number of positions, so nothing can be compared "
            f"({len(notes)} pairs left out; the first: {notes[0]})"
        )


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
    names_a: Sequence[str], names_b: Sequence[str], layers: str | Sequence[str] | None, all_pairs: bool
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


def _checked(value: Any, layout: Sequence[str], name: str) -> Layer:
    """A layer all of whose values are finite; otherwise the seed would decide whether a NaN is seen."""
    layer = as_layer(value, name, layout)
    layer.check_finite(name)
    return layer


def _other_positions(a: str, b: str, A: Layer, B: Layer) -> InvalidActivations:
    """The error about two layers of the same images that have no inputs in common, with what may be wrong."""
    if min(A.positions, B.positions) == 1:
        hint = "a convolutional layer and one of another kind have no inputs in common"
    else:
        hint = "layers of other resolutions have no inputs in common; are these the right axes?"
    return InvalidActivations(
        f"acts_a[{a!r}], acts_b[{b!r}]: got {A!r} and {B!r}, need the same number of positions an image; {hint}"
    )
