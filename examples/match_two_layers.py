"""Two layers with a shared part: what matches at which precision, and what the numbers mean.

Run: python examples/match_two_layers.py
"""

import numpy as np

import spanmatch as sm

# 1 000 inputs. Both layers compute the functions f and g of the input, in mixtures of their own, and a third one, h,
# which network 2 computes with some noise; the other neurons of each layer compute what the other layer does not know.
rng = np.random.default_rng(0)
f, g, h = rng.standard_normal((3, 1000))
X = np.column_stack([f + g, f - 2 * g, h, rng.standard_normal((1000, 3))])
Y = np.column_stack([f, 3 * g, f + 5 * g, h + 0.3 * rng.standard_normal(1000), rng.standard_normal((1000, 2))])

# Compress once, then ask as many questions as you like: nothing below reads the activations again.
layers = sm.compress(X, Y)

for epsilon in (0.1, 0.3, 0.5):
    match = layers.max_match(epsilon)
    print(f"epsilon {epsilon}: s = {layers.similarity(epsilon):.3f}, maximum match {match}")

# One number per neuron answers every epsilon: the smallest at which it is in the maximum match.
radii = layers.match_radii()
print("match radii of network 1:", radii.x.round(3))
print("match radii of network 2:", radii.y.round(3))

# A match is only worth something below the level that chance reaches with as many neurons and inputs.
chance = sm.chance_level(inputs=len(X), rank=layers.ranks[1])
print(f"a random direction would have a residual near {chance:.3f}")

# What a neuron is matched *with*: a match that contains it and no smaller one does.
print("a minimal match of neuron 0 of network 1:", layers.min_match(0.5, ("x", 0)))
