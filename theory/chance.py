"""Chance levels (T13): how well a random neuron is predicted by others that have nothing to do with it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Float

from .errors import InvalidOption, shown
from .residuals import unit_columns
from .validation import Array, as_activations
from .validation.options import as_count, as_real


def chance_level(inputs: int, rank: int, constant_share: float = 0.0) -> float:
    """The root mean square residual of a neuron that has nothing to do with the other side: what chance alone reaches.

    Parameters
    ----------
    inputs : int
        Distinct inputs (times positions), at least 1. Repeated inputs change no residual and do not count.
    rank : int
        Dimension of the span of the neurons of the *other* side, at least 0.
    constant_share : float, default 0.0
        Share of a neuron's energy that is its mean, mean^2 / (mean^2 + variance), in [0, 1], as
        ``theory.chance.constant_share`` measures it; 1/pi for a ReLU of a centred Gaussian.

    Returns
    -------
    float
        A relative residual in [0, 1]. Below it, a match says something; an epsilon above it lets chance match.

    Raises
    ------
    InvalidOption
        If an argument is out of its range.

    Notes
    -----
    With d = ``inputs``, k = ``rank`` and g = ``constant_share``::

        chance^2 = (1 - k/d) (1 - g) (1 + k g) / (1 + (k - 1) g)

    which is 1 - k/d for g = 0; the level is 1 for k = 0 and 0 for k >= d.

    Guarantee: exact for g = 0, where r^2 ~ Beta((d - k)/2, k/2) if the direction is isotropic; a few times 1/d off
    otherwise.

    References
    ----------
    T13; docs/theory/chance.md#constant-share.

    Examples
    --------
    >>> from math import pi
    >>> from spanmatch import chance_level
    >>> round(chance_level(10_000, 64), 3), round(chance_level(10_000, 64, 1 / pi), 3)
    (0.997, 0.829)
    """
    d, k = as_count(inputs, "inputs", 1), as_count(rank, "rank", 0)
    g = _share(constant_share, "constant_share")
    return math.sqrt(_mean_square(d, k, g, g))


def chance_levels(
    inputs: int, ranks: tuple[int, int], constant_shares: tuple[float, float] = (0.0, 0.0)
) -> tuple[float, float]:
    """The chance level of each side of a pair: that of network 1's neurons against network 2, and the other way round.

    Implements T13 for two sides that differ. Parameters: ``inputs`` as in ``chance_level``; ``ranks`` of X and of Y,
    as in ``Compressed.ranks``; ``constant_shares`` of X and of Y. Raises: ``InvalidOption``.

    >>> chance_levels(100, (36, 19))
    (0.9, 0.8)
    """
    d = as_count(inputs, "inputs", 1)
    (x, y), (p, q) = _pair(ranks, "ranks"), _pair(constant_shares, "constant_shares")
    rank_x, rank_y = as_count(x, "ranks", 0), as_count(y, "ranks", 0)
    share_x, share_y = _share(p, "constant_shares"), _share(q, "constant_shares")
    return (
        math.sqrt(_mean_square(d, rank_y, share_x, share_y)),
        math.sqrt(_mean_square(d, rank_x, share_y, share_x)),
    )


def constant_share(Z: Any) -> float:
    """The mean share of the live neurons' energy that is their mean over inputs; 0 if all are dead.

    For ``chance_level``. Of a direction without any mean the constant vector still takes 1/d by chance: that is
    taken off, so that 0 means "no mean". Parameters: ``Z``: shape (inputs, neurons). Raises: ``InvalidActivations``.
    """
    unit, dead = unit_columns(as_activations(Z, "Z").values)
    return constant_part(unit[:, ~dead].sum(axis=0), len(unit))


def constant_part(sums: Float[Array, " neurons"], inputs: int) -> float:
    """``constant_share`` of live neurons with these sums over inputs, once they have length 1.

    A sum is sqrt(inputs) times the cosine of the angle between the neuron and the constant vector.
    """
    if not len(sums) or inputs == 1:
        return 0.0
    return min(1.0, max(0.0, (float(np.mean(sums**2)) - 1) / (inputs - 1)))


def _mean_square(d: int, k: int, own: float, others: float) -> float:
    """E dist^2 / E |z|^2 for a neuron of constant share ``own`` against k neurons of constant share ``others``."""
    if k == 0:
        return 1.0
    if k >= d:
        return 0.0
    return (1 - k / d) * (1 - own + own * (1 - others) / (1 + (k - 1) * others))


def _pair(value: Any, name: str) -> tuple[Any, Any]:
    try:
        first, second = value
    except (TypeError, ValueError) as error:
        raise InvalidOption(f"{name}: got {shown(value)}, need two numbers, that of X and that of Y") from error
    return first, second


def _share(value: Any, name: str) -> float:
    needed = "a number in [0, 1]: the share of the energy (squares) that is the mean's"
    return as_real(value, name, needed, lambda share: 0 <= share <= 1)
