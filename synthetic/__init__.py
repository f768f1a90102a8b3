"""Activation sets and covers with known answers, each reproducible bit for bit from its seed.

``spanmatch.synthetic.strategies`` (hypothesis strategies over them) is imported on its own, since it needs hypothesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..theory.errors import InvalidOption
from .families.blocks import planted_blocks
from .families.conv import conv_blocks
from .families.digraph import planted_digraph
from .families.isomorphic import isomorphic_layers
from .families.noisy import noisy_digraph
from .families.radii import planted_radii
from .families.relu import one_hot_layers, relu_like
from .families.staircase import STAIRCASE_EPSILON, planted_staircase
from .families.stress import STRESSES, stress_set
from .planted import FAMILIES, MaximumLevel, Planted, SimpleLevel
from .strategies.covers import all_covers, antichains, random_cover
from .transform import modify


def generate(family: str, *, seed: int = 0, parameters: Mapping[str, Any] | None = None) -> Planted:
    """A set from what ``Planted`` stores of itself, equal bit for bit.

    Parameters
    ----------
    family : str
        One of ``FAMILIES``.
    seed : int, default 0
        Of all random numbers.
    parameters : mapping, optional
        Arguments of the family's generator; what is left out has its default. What was done by ``modify`` is repeated.

    Returns
    -------
    Planted
        The set.

    Raises
    ------
    InvalidOption
        If there is no such family, or it does not take such parameters.

    Examples
    --------
    >>> from spanmatch.synthetic import generate, planted_blocks
    >>> planted = planted_blocks(seed=3)
    >>> again = generate(planted.family, seed=planted.seed, parameters=planted.parameters)
    >>> bool((again.X == planted.X).all())
    True
    """
    if family not in FAMILIES:
        raise InvalidOption(f"family: got {family!r}, need one of {', '.join(FAMILIES)}")
    arguments = dict(parameters or {})
    modifications = arguments.pop("modifications", [])
    try:
        planted = FAMILIES[family](**arguments, seed=seed)
        for knobs in modifications:
            planted = modify(planted, **knobs)
    except TypeError as error:
        raise InvalidOption(f"parameters: family {family!r} does not take these: {error}") from error
    return planted


__all__ = [
    "FAMILIES",
    "STAIRCASE_EPSILON",
    "STRESSES",
    "MaximumLevel",
    "Planted",
    "SimpleLevel",
    "all_covers",
    "antichains",
    "conv_blocks",
    "generate",
    "isomorphic_layers",
    "modify",
    "noisy_digraph",
    "one_hot_layers",
    "planted_blocks",
    "planted_digraph",
    "planted_radii",
    "planted_staircase",
    "random_cover",
    "relu_like",
    "stress_set",
]
