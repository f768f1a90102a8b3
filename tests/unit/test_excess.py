"""Each neuron against chance."""

from __future__ import annotations

import numpy as np

from spanmatch.studies.excess import neuron_excess


def test_shared_neurons_stand_out_and_others_do_not() -> None:
    rng = np.random.default_rng(0)
    X = np.maximum(rng.standard_normal((4000, 20)), 0)
    Y = np.maximum(rng.standard_normal((4000, 20)), 0)
    Y[:, :5] = X[:, :5] + 0.2 * Y[:, :5]
    X[:, 19] = 0
    found = neuron_excess(X, Y)
    assert found.x[:5].min() > 0.4
    assert np.abs(found.x[5:]).max() < 0.05
    assert found.x[19] == 0


def test_chance_is_each_neurons_own() -> None:
    """A neuron that hardly has a mean is harder to reach by chance than one that is nearly constant."""
    rng = np.random.default_rng(0)
    Y = np.maximum(rng.standard_normal((3000, 30)), 0)
    X = np.stack([rng.standard_normal(3000), 5 + rng.standard_normal(3000)], axis=1)
    found = neuron_excess(X, Y)
    assert found.chance_x[0] > 0.95
    assert found.chance_x[1] < 0.5
    assert abs(found.x[0]) < 0.05
