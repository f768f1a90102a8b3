"""Sets that look like ReLU layers: non-negative and sparse, with dead neurons."""

from __future__ import annotations

import numpy as np

from ...theory.matches import Match
from ..linear import product
from ..planted import Planted, family, levels_from_radii, need


@family("relu", m=4, n=4, inputs=12)
def relu_like(
    *, m: int = 64, n: int = 64, inputs: int = 10_000, bias: float = 0.0, spread: float = 0.5, seed: int = 0
) -> Planted:
    """Two independent random ReLU layers: non-negative, sparse, each neuron with a threshold of its own.

    Parameters
    ----------
    m, n : int, default 64
        Neurons of the two layers.
    inputs : int, default 10 000
        At least 1.
    bias : float, default 0.0
        Mean before the ReLU, in standard deviations; lower is sparser.
    spread : float, default 0.5
        How much the mean varies from neuron to neuron.
    seed : int, default 0
        Of all random numbers.

    Returns
    -------
    Planted
        Nothing is planted: what is known are the neurons that happen to be dead, of radius 0 (D1). Such a set is for
        measuring the chance level (T13).

    Raises
    ------
    InvalidOption
        If an argument is not as described.

    Examples
    --------
    >>> from spanmatch.synthetic import relu_like
    >>> planted = relu_like(m=20, n=20, inputs=100, bias=-2)
    >>> bool((planted.X >= 0).all()), not planted.X[:, list(planted.dead.x)].any()
    (True, True)
    """
    need(min(m, n, inputs) >= 1, "m, n, inputs", (m, n, inputs), "counts >= 1")
    need(spread >= 0, "spread", spread, "a number >= 0")
    rng = np.random.default_rng(seed)
    X, Y = (
        np.maximum(rng.standard_normal((inputs, count)) + bias + spread * rng.standard_normal(count), 0.0)
        for count in (m, n)
    )
    return Planted(
        X,
        Y,
        "relu",
        seed,
        {"m": m, "n": n, "inputs": inputs, "bias": bias, "spread": spread},
        "Independent random non-negative sparse activations. Nothing is planted; a neuron that is zero on every "
        "input has residual 0 by definition, hence radius 0 (D1, D7).",
        dead=Match(np.flatnonzero(~X.any(axis=0)), np.flatnonzero(~Y.any(axis=0))),
        exact=True,
    )


@family("one_hot", m=4, n=4, inputs=10, symbols=2)
def one_hot_layers(*, m: int = 32, n: int = 32, inputs: int = 5_000, symbols: int = 4, seed: int = 0) -> Planted:
    """ReLU of 1x1 convolutions of a one-hot input: two layers whose rank is the number of symbols.

    Parameters
    ----------
    m, n : int, default 32
        Neurons of the two layers.
    inputs : int, default 5 000
        At least one for each symbol.
    symbols : int, default 4
        At most the neurons of the smaller layer.
    seed : int, default 0
        Of all random numbers.

    Returns
    -------
    Planted
        Every column is constant on the inputs of one symbol, and both layers have rank ``symbols`` with room to spare
        (they are redrawn until they have). So both span all such functions, and every neuron has radius 0, also for the
        stored numbers and after rounding.

    Raises
    ------
    InvalidOption
        If an argument is not as described.

    Examples
    --------
    >>> from spanmatch import similarity
    >>> from spanmatch.synthetic import one_hot_layers
    >>> planted = one_hot_layers(m=8, n=8, inputs=100)
    >>> similarity(planted.X, planted.Y, 0.01)
    1.0
    """
    need(1 <= symbols <= min(m, n), "symbols", symbols, f"1 <= symbols <= {min(m, n)}, the smaller layer's width")
    need(inputs >= symbols, "inputs", inputs, f"at least {symbols}, one for each symbol")
    rng = np.random.default_rng(seed)
    symbol = np.concatenate([np.arange(symbols), rng.integers(symbols, size=inputs - symbols)])
    one_hot = np.eye(symbols)[rng.permutation(symbol)]
    layers = [_full_rank_relu(rng, symbols, count) for count in (m, n)]
    X, Y = (product(one_hot, weights) for weights in layers)
    radii = np.zeros(m), np.zeros(n)
    return Planted(
        X,
        Y,
        "one_hot",
        seed,
        {"m": m, "n": n, "inputs": inputs, "symbols": symbols},
        "Every neuron is a function of the symbol alone, and both layers have rank equal to the number of symbols, "
        "so both span all functions of the symbol: every residual against the other side is 0, and M(epsilon) is "
        "everything at every epsilon (D1, T3).",
        radii=radii,
        maximum=levels_from_radii(radii, 0.0),
        dead=Match(np.flatnonzero(~X.any(axis=0)), np.flatnonzero(~Y.any(axis=0))),
        tolerance=1e-9,
        exact=True,
    )


def _full_rank_relu(rng: np.random.Generator, symbols: int, count: int) -> np.ndarray:
    """Values of ``count`` ReLU neurons on each symbol, of full rank ``symbols`` with room to spare."""
    for _ in range(1000):
        weights = np.maximum(rng.standard_normal((symbols, count)), 0.0)
        if np.linalg.svd(weights, compute_uv=False)[-1] > 0.1:
            return weights
    raise RuntimeError("no full-rank ReLU layer in 1000 draws")  # pragma: no cover
