"""Models and batches on the command line: names in Python files and modules that the user has written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ...proofs_check.conformance.target import imported
from ...theory.errors import InvalidOption
from ..sources import PLACE, is_checkpoint


def models_and_batches(sources: Sequence[str], data: str) -> tuple[list[nn.Module], Any]:
    """The models at some places, or shipped networks and checkpoints, and the batches at another place.

    Each file or module is run once, whatever is taken from it; what is a function or a class there is called without
    arguments. Raises: ``InvalidOption``.
    """
    modules: dict[str, Any] = {}
    models = [_model(source, modules) for source in sources]
    batches = _at(data, "data", modules, (Tensor, Iterable), "a data loader, or another iterable of batches")
    return models, batches


def _model(source: str, modules: dict[str, Any]) -> nn.Module:
    from ...networks.shipped import checkpoint_names, network, untrained_names

    if source in (*checkpoint_names(), *untrained_names()) or is_checkpoint(Path(source)):
        return network(source)[0]
    found: nn.Module = _at(source, "models", modules, (nn.Module,), "a torch module")
    return found


def _at(place: str, argument: str, modules: dict[str, Any], kinds: tuple[type, ...], needed: str) -> Any:
    match = PLACE.fullmatch(place)
    if match is None:
        raise InvalidOption(f"{argument}: got {place}, need file.py:NAME or MODULE:NAME of {needed}")
    name = match["module"]
    if name not in modules:
        modules[name] = imported(name, name.endswith(".py"), argument)
    found = modules[name]
    for part in match["attribute"].split("."):
        if not hasattr(found, part):
            raise InvalidOption(f"{argument}: {name} has no {match['attribute']!r}, need the name of {needed} in it")
        found = getattr(found, part)
    if callable(found) and (isinstance(found, type) or not isinstance(found, kinds)):
        try:
            found = found()
        except Exception as error:
            raise InvalidOption(
                f"{argument}: {place}() raised {type(error).__name__}: {error}; need {needed}, or what makes one "
                "without arguments"
            ) from error
    # Some modules can be iterated over.
    if not isinstance(found, kinds) or isinstance(found, nn.Module) != (kinds == (nn.Module,)):
        raise InvalidOption(f"{argument}: {place} is a {type(found).__name__}, need {needed}")
    return found
