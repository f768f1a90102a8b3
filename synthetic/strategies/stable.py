"""Small integer activations near the hypotheses of T19: well-separated neurons with noise, at a small epsilon > 0."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from .small import Case

SCALE = 40
"""Entries of the noise are at most 1, so a neuron that nothing else disturbs has a residual of about 1 / SCALE."""
EPSILON = Fraction(1, 16)


@st.composite
def nearly_exact_cases(draw: st.DrawFn, max_shared: int = 3) -> Case:
    """Y = X C and noise of one part in ``SCALE``, X nearly orthogonal, with a private neuron on some sides.

    C is unit lower triangular up to permutations, mostly zeros. Most of these are stable at ``EPSILON`` (T19).
    """
    k = draw(st.integers(1, max_shared))
    inputs = k + 2
    C = np.eye(k, dtype=np.int64)
    for row in range(k):
        for column in range(row):
            C[row, column] = draw(st.sampled_from([0, 0, 1, -1]))
    basis = SCALE * np.eye(inputs, dtype=np.int64)
    Y = basis[:, :k] @ C[draw(st.permutations(range(k)))][:, draw(st.permutations(range(k)))]
    sides = []
    for axis, Z in enumerate((basis[:, :k], Y)):
        private = [basis[:, [k + axis]]] if draw(st.booleans()) else []
        clean = np.hstack([Z, *private])
        noise = draw(st.lists(st.sampled_from([0, 0, 1, -1]), min_size=clean.size, max_size=clean.size))
        sides.append(clean + np.array(noise).reshape(clean.shape))
    return Case(sides[0], sides[1], EPSILON)
