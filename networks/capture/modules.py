"""Names of a model's modules, without what wrappers add to them, and the ones that names and patterns stand for.

``torch.compile`` and the wrappers that share a model among devices put a module of their own around it, under whose
name ("_orig_mod.", "module.") the model's own modules then stand. Layers of a wrapped network and of a bare one are to
have the same names, and the model that runs is the one inside: the compiled code may have been made without hooks, and
the parts that several devices compute are no whole batch.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from torch import nn

from ...theory.errors import UnknownLayer
from ...theory.validation.options import as_names

_WRAPPERS = {
    "OptimizedModule": "_orig_mod",
    "DataParallel": "module",
    "DistributedDataParallel": "module",
}
"""Class -> name of the module inside. By their names: importing torch.compile takes seconds."""

_CLOSEST, _LISTED = 8, 400
"""At most so many names are proposed, and so many characters of them."""


@dataclass(frozen=True)
class WantedLayers:
    """The ``names`` of modules in the order wanted, each once. ``exact``: those that were named, not only matched by a
    pattern: an answer is owed for each."""

    names: tuple[str, ...]
    exact: frozenset[str]


def unwrapped(module: nn.Module, *, once: bool = False) -> nn.Module:
    """The module itself, or the one that wrappers stand around."""
    while (inside := _WRAPPERS.get(type(module).__name__)) and isinstance(inner := getattr(module, inside), nn.Module):
        module = inner
        if once:
            break
    return module


def modules_of(model: nn.Module) -> dict[str, nn.Module]:
    """Name -> module, for all modules below ``model``, without wrappers; one that has two names stands under both."""
    return {name: module for _, name, module in _walk(model, "", "")}


def _walk(module: nn.Module, given: str, bare: str) -> Iterator[tuple[str, str, nn.Module]]:
    """The names with what wrappers add and without, and the modules."""
    while (inner := unwrapped(module, once=True)) is not module:
        given, module = f"{given}{_WRAPPERS[type(module).__name__]}.", inner
    for name, child in module._modules.items():
        if child is not None:
            yield given + name, bare + name, unwrapped(child)
            yield from _walk(child, f"{given}{name}.", f"{bare}{name}.")


def leaves_of(modules: dict[str, nn.Module]) -> tuple[str, ...]:
    """The modules without modules inside that change what they are given in eval mode: what is compared by default."""
    return tuple(
        name
        for name, module in modules.items()
        if not any(True for _ in module.children())
        and not isinstance(module, (nn.Identity, nn.modules.dropout._DropoutNd))
    )


def layer_names(model: nn.Module, layers: str | Sequence[str]) -> WantedLayers:
    """What ``layers`` (names or glob patterns) stand for: patterns give their matches in the model's order.

    *Raises* ``UnknownLayer`` when one matches no module of ``model``.
    """
    bare = {given: name for given, name, _ in _walk(model, "", "")}
    existing = list(modules_of(model))
    wanted = as_names(layers, "layers", f"names or patterns of modules; {_closest('', existing)}")
    if not wanted:
        raise UnknownLayer(f"layers: got none, but at least one name is needed; {_closest('', existing)}.")
    found: dict[str, None] = {}
    exact = set()
    for layer in wanted:
        # A name is taken literally first: module names may contain [ and ].
        if literal := layer if layer in existing else bare.get(layer):
            exact.add(literal)
            matches = [literal]
        else:
            matches = [name for given, name in bare.items() if fnmatchcase(name, layer) or fnmatchcase(given, layer)]
        if not matches:
            raise UnknownLayer(f"layers: {layer!r} matches no module; {_closest(layer, existing)}.")
        found.update(dict.fromkeys(matches))
    return WantedLayers(tuple(found), frozenset(exact))


def _closest(layer: str, existing: Sequence[str]) -> str:
    """Some names that exist, the closest to ``layer`` first, and how many there are."""
    if not existing:
        return "the model has no named modules"
    close = difflib.get_close_matches(layer, existing, n=3, cutoff=0.5)
    ordered, shown = [*close, *(name for name in existing if name not in close)], ""
    for count, name in enumerate(ordered):
        if len(shown) + len(name) > _LISTED or count == _CLOSEST:
            return f"the model has {len(existing)} modules, among them {shown}"
        shown += f"{', ' if shown else ''}{name}"
    return f"the model has: {shown}"
