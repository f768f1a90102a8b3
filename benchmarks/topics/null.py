"""Claims about the permuted-images null."""

from __future__ import annotations

import warnings

import numpy as np
from claim import Claim, Measured

from spanmatch import SpanmatchWarning, compare

ISSUE = "issue 3, must show"


def independent_layers() -> Measured:
    """Two independent random ReLU sets of 64 + 64 neurons, 10 000 inputs: the null must cover them."""
    rng = np.random.default_rng(0)
    X, Y = (np.maximum(rng.standard_normal((10_000, 64)), 0) for _ in range(2))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        layer = compare({"a": X}, {"a": Y}, shuffles=8)["a"]
        above = sum(issubclass(one.category, SpanmatchWarning) for one in caught)
        compare({"a": X}, {"a": Y}, shuffles=8, epsilons=[0.1, 0.3, 0.5])
        below = sum(issubclass(one.category, SpanmatchWarning) for one in caught) - above
    beyond = layer.beyond_null.amount if layer.beyond_null else 0.0
    text = f"{beyond:.3f} beyond the null; warnings {above} above it (from {layer.chance_epsilon:.2f}), {below} below"
    return text, beyond <= 3 / 128 and above == 1 and below == 0


CLAIMS = [
    Claim(
        "null.independent",
        ISSUE,
        "compare of two independent random ReLU layers",
        "not beyond the null; warns above it only",
        independent_layers,
    )
]
