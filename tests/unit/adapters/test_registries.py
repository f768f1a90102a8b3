"""Registries of measures get functions that answer as spanmatch does, and only what is true of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import spanmatch
from spanmatch.adapters import PROPERTIES, register, resi_measure

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 5))
Y = np.column_stack([X[:, :3] + 0.1 * rng.normal(size=(40, 3)), rng.normal(size=(40, 3))])
E1, E2, BOTH = np.eye(3)[:, :1], np.eye(3)[:, 1:2], np.eye(3)[:, :2]
PLANE = np.array([[3.0, -4.0], [4.0, 3.0]])
"""Five times a rotation."""


class Base:
    """As ReSi's class: everything by keyword, called with a shape, named after itself."""

    def __init__(self, *, sim_func: Any, **properties: bool) -> None:
        self.sim_func, self.name = sim_func, type(self).__name__
        vars(self).update(properties)

    def __call__(self, R: Any, Rp: Any, shape: Any) -> float:
        return float(self.sim_func(R, Rp, shape))


def similarity(X: Any, Y: Any, epsilon: float = 0.5) -> float:
    return resi_measure(epsilon, base=Base)(X, Y, "nd")


def test_each_epsilon_is_a_measure() -> None:
    measures: dict[str, Any] = {}
    ids = register([0.1, 0.5], repository=SimpleNamespace(register=measures.__setitem__))
    assert ids == tuple(measures)
    assert len(ids) == 2
    assert [id.split("/")[:2] for id in ids] == [["measure", "spanmatch"]] * 2
    assert [measures[id](X, Y) for id in ids] == [spanmatch.similarity(X, Y, epsilon) for epsilon in (0.1, 0.5)]
    assert measures[ids[0]](X, Y) != measures[ids[1]](X, Y)


def test_the_policy_for_dead_neurons_arrives() -> None:
    dead = np.column_stack([X, np.zeros(40)])
    measures: dict[str, Any] = {}
    (id,) = register(0.5, dead_neurons="drop", repository=SimpleNamespace(register=measures.__setitem__))
    dropped = spanmatch.similarity(dead, Y, 0.5, dead_neurons="drop")
    assert measures[id](dead, Y) == resi_measure(0.5, dead_neurons="drop", base=Base)(dead, Y, "nd") == dropped
    assert dropped != spanmatch.similarity(dead, Y, 0.5)


@pytest.mark.parametrize("missing", [lambda: register(0.5), lambda: resi_measure(0.5)])
def test_a_package_that_is_missing_is_named(missing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("similarity", "repsim"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(spanmatch.MissingExtra, match=r"similarity-repository|ReSi"):
        missing()


def test_epsilon_is_checked_before_anything_is_registered() -> None:
    measures: dict[str, Any] = {}
    with pytest.raises(spanmatch.InvalidEpsilon):
        register([0.5, 1.5], repository=SimpleNamespace(register=measures.__setitem__))
    assert measures == {}
    with pytest.raises(spanmatch.InvalidEpsilon):
        resi_measure(-1, base=Base)


def test_shapes_say_what_an_input_is() -> None:
    tokens, images = rng.normal(size=(6, 4, 3)), rng.normal(size=(6, 3, 2, 2))
    other_tokens, other_images = tokens @ rng.normal(size=(3, 2)), np.einsum("nchw,cd->ndhw", images, np.ones((3, 2)))
    measure = resi_measure(0.3, base=Base)
    rows = tokens.reshape(24, 3), other_tokens.reshape(24, 2)
    assert measure(tokens, other_tokens, "ntd") == spanmatch.similarity(*rows, 0.3)
    positions = [Z.transpose(0, 2, 3, 1).reshape(24, -1) for Z in (images, other_images)]
    assert measure(images, other_images, "nchw") == spanmatch.similarity(*positions, 0.3)
    with pytest.raises(spanmatch.InvalidOption, match="shape"):
        measure(X, Y, "dn")
    with pytest.raises(spanmatch.InvalidActivations):
        measure(images, images[:, :, :1], "nchw")


def test_properties_that_hold() -> None:
    for epsilon in (0.1, 0.3, 0.9):
        known = similarity(X, Y, epsilon)
        assert similarity(Y, X, epsilon) == known
        assert similarity(X[:, rng.permutation(5)], Y[:, rng.permutation(6)], epsilon) == known
        assert similarity(7 * X, Y / 3, epsilon) == known
        assert similarity(X * [1, -2, 3, 0.5, 1], Y, epsilon) == known
        orthogonal = np.linalg.qr(rng.normal(size=(40, 40)))[0]
        assert similarity(orthogonal @ X, orthogonal @ Y, epsilon) == known
    assert similarity(X, X) == 1 > similarity(X, Y) > 0
    assert {name for name, holds in PROPERTIES.items() if holds} == {
        "larger_is_more_similar", "is_symmetric", "invariant_to_permutation", "invariant_to_isotropic_scaling",
    }  # fmt: skip


def test_properties_that_do_not_hold() -> None:
    # No metric, at epsilon 0 too.
    assert [similarity(*pair, 0) for pair in ((E1, BOTH), (BOTH, E2), (E1, E2))] == [pytest.approx(2 / 3)] * 2 + [0]
    # Orthogonal, so invertible linear, so affine maps of the neurons.
    assert similarity(BOTH @ PLANE / 5, E1, 0) == 0 < similarity(BOTH, E1, 0)
    # Translation.
    assert similarity(E1 + 1, E1, 0.5) == 0 < similarity(E1, E1, 0.5)
    assert resi_measure(0.5, base=Base).is_metric is False  # type: ignore[attr-defined]
