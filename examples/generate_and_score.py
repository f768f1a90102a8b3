"""Activation sets whose answer is known, and the score of an algorithm on them.

Run: python examples/generate_and_score.py
"""

import numpy as np

import spanmatch as sm
from spanmatch.synthetic import generate


def one_round(X, Y, epsilon):
    """An algorithm to score: it measures every neuron once, against the whole other side, and stops there."""
    covered = []
    for own, other in ((X, Y), (Y, X)):
        left = own - other @ np.linalg.lstsq(other, own, rcond=None)[0]
        relative = np.linalg.norm(left, axis=0) / np.linalg.norm(own, axis=0)
        covered.append(np.flatnonzero(relative <= epsilon))
    return sm.Match(*covered)


found = {"one round": 0, "spanmatch": 0}
sets = 0
for seed in range(10):
    planted = generate("staircase", seed=seed)
    X, Y = planted.matrices
    for level in planted.maximum:
        epsilon = (level.low + level.high) / 2
        found["one round"] += one_round(X, Y, epsilon) == level.match
        found["spanmatch"] += sm.max_match(X, Y, epsilon) == level.match
        sets += 1

print(f"why the answer is right: {planted.reason}")
for name, right in found.items():
    print(f"{name}: {right} of {sets} maximum matches")
