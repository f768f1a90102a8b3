"""Small integer activations under the hypotheses of T9: independent neurons on each side, epsilon 0."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from .small import Case


@st.composite
def independent_cases(draw: st.DrawFn, max_shared: int = 4) -> Case:
    """X and Y span the same space of up to ``max_shared`` dimensions, with one private neuron on some sides.

    Y = X C with C unit lower triangular up to permutations, mostly zeros, so C is invertible over the integers and
    both it and its inverse have zeros that matter. X is a triangular integer basis.
    """
    k = draw(st.integers(1, max_shared))
    entries = st.sampled_from([0, 0, 0, 1, -1, 2])
    inputs = k + 2
    X = np.eye(inputs, k, dtype=np.int64)
    C = np.eye(k, dtype=np.int64)
    for row in range(k):
        for column in range(row):
            C[row, column] = draw(entries)
            X[row, column] = draw(entries)
    Y = X @ C[draw(st.permutations(range(k)))][:, draw(st.permutations(range(k)))]
    private = np.eye(inputs, dtype=np.int64)[:, k:]
    sides = [np.hstack([Z, private[:, [axis]]]) if draw(st.booleans()) else Z for axis, Z in enumerate((X, Y))]
    X, Y = (Z[:, draw(st.permutations(range(Z.shape[1])))] for Z in sides)
    return Case(X, Y, 0)  # type: ignore[arg-type]
