"""Stress: what real layers do to numerical code, with known answers where there are any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..planted import Planted, family, need
from ..transform import modify
from .blocks import planted_blocks
from .radii import planted_radii
from .relu import one_hot_layers, relu_like


def _dead(seed: int) -> Planted:
    return modify(planted_blocks(seed=seed), dead=(3, 2), permute=True, seed=seed)


def _duplicated(seed: int) -> Planted:
    return modify(planted_blocks(seed=seed), duplicates=(4, 3), permute=True, seed=seed)


def _scales(seed: int) -> Planted:
    return modify(planted_radii(seed=seed), scales=12.0, permute=True, seed=seed)


def _nearly_dependent(seed: int) -> Planted:
    return planted_radii(blocks=((0.3, 2, 2, 2), (0.6, 3, 3, 4)), condition=1e6, seed=seed)


def _rank_deficient(seed: int) -> Planted:
    return planted_radii(blocks=((0.0, 3, 7, 6), (0.4, 4, 9, 8)), private=(2, 2), condition=3.0, seed=seed)


def _narrow(seed: int) -> Planted:
    return planted_blocks(inputs=13, blocks=((2, 2, 2), (5, 5, 5)), private=(3, 2), condition=3.0, seed=seed)


def _float32(seed: int) -> Planted:
    return modify(planted_radii(condition=3.0, seed=seed), dtype="float32", seed=seed)


def _float16(seed: int) -> Planted:
    return modify(planted_radii(condition=2.0, seed=seed), dtype="float16", seed=seed)


def _noisy(seed: int) -> Planted:
    return modify(planted_blocks(condition=3.0, seed=seed), noise=0.01, seed=seed)


def _one_hot(seed: int) -> Planted:
    return one_hot_layers(inputs=2_000, seed=seed)


def _one_hot_float32(seed: int) -> Planted:
    return modify(one_hot_layers(inputs=2_000, seed=seed), dtype="float32", seed=seed)


def _sparse_relu(seed: int) -> Planted:
    return modify(relu_like(m=24, n=20, inputs=1_000, bias=-1.0, seed=seed), dead=(2, 2), permute=True, seed=seed)


def _everything(seed: int) -> Planted:
    planted = planted_radii(condition=30.0, seed=seed)
    return modify(planted, scales=6.0, dead=(2, 3), duplicates=(3, 2), permute=True, seed=seed)


STRESSES: dict[str, Callable[[int], Planted]] = {
    "dead": _dead,
    "duplicated": _duplicated,
    "scales": _scales,
    "nearly_dependent": _nearly_dependent,
    "rank_deficient": _rank_deficient,
    "narrow": _narrow,
    "float32": _float32,
    "float16": _float16,
    "noisy": _noisy,
    "one_hot": _one_hot,
    "one_hot_float32": _one_hot_float32,
    "sparse_relu": _sparse_relu,
    "everything": _everything,
}
"""Name -> set from a seed."""


@family("stress", kind="duplicated")
def stress_set(*, kind: str = "everything", seed: int = 0) -> Planted:
    """One of the ``STRESSES``: a planted set made difficult in one way, or in several.

    Parameters
    ----------
    kind : str, default "everything"
        One of ``STRESSES``.
    seed : int, default 0
        Of all random numbers.

    Returns
    -------
    Planted
        With the answers of the set it starts from, transported (T12); ``sparse_relu`` knows its dead neurons only.

    Raises
    ------
    InvalidOption
        If there is no such kind.

    References
    ----------
    docs/theory/planted-sets.md#stress.

    Examples
    --------
    >>> from spanmatch.synthetic import stress_set
    >>> stress_set(kind="float16")
    Planted(stress, seed=0: 12 + 13 neurons, 200 inputs, float16; knows radii, maximum)
    """
    need(kind in STRESSES, "kind", kind, f"one of {', '.join(STRESSES)}")
    return replace(STRESSES[kind](seed), family="stress", seed=seed, parameters={"kind": kind})
