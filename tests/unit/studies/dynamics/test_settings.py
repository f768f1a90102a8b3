"""Other optimisers, depths and activation functions; the distances of many points: cheap checks of the machinery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist

from spanmatch import InvalidOption
from spanmatch.networks.two_point import FORGETTING, INPUTS, TARGETS, VARIED, Setting, direction_of, train_two_points
from spanmatch.studies.dynamics import settings
from spanmatch.studies.dynamics.settings import VARIATIONS, vary_settings
from spanmatch.studies.dynamics.structure import (
    LearntDistances,
    images_of_classes,
    learn_structure,
    predicted_distances,
    structure_of,
)
from spanmatch.theory.dynamics import MeasuredCurves, Rates, RightHandSide, final_squared_distance, right_hand_side


def averages(history: list[np.ndarray], kept: float) -> np.ndarray:
    """The average of the gradients so far, the last ones with most weight, as if there had been zeros before."""
    weights = (1 - kept) * kept ** np.arange(len(history))[::-1]
    return np.tensordot(weights, np.array(history), axes=1)


def adam(history: list[np.ndarray]) -> np.ndarray:
    count, squares = len(history), [one**2 for one in history]
    mean, square = averages(history, 0.9) / (1 - 0.9**count), averages(squares, 0.999) / (1 - 0.999**count)
    return mean / np.sqrt(square)


LITERAL: dict[str, Callable[[list[np.ndarray]], np.ndarray]] = {
    "gradient descent": lambda history: history[-1],
    "momentum": lambda history: averages(history, 0.9),
    "Adam": adam,
}


@pytest.mark.parametrize("name", FORGETTING)
def test_an_optimiser_goes_where_its_definition_says(name: str) -> None:
    rng = np.random.default_rng(0)
    weights = [torch.zeros(3), torch.zeros(2, 2)]
    directions, history = direction_of(name, weights), list[list[np.ndarray]]([[], []])
    for _ in range(5):
        gradients = [rng.normal(size=tuple(weight.shape)) for weight in weights]
        found = directions([torch.tensor(one, dtype=torch.float32) for one in gradients])
        for past, gradient, direction in zip(history, gradients, found, strict=True):
            past.append(gradient)
            np.testing.assert_allclose(direction.numpy(), LITERAL[name](past), rtol=1e-4, atol=1e-6)


def test_varied_networks_have_the_layers_that_their_names_say() -> None:
    setting = [Setting(1.0, 0.5, 1.0, 0.01, seed=0)]
    for name, built in VARIED.items():
        shapes = [shape for _, shape in built.weights]
        assert (shapes[0][0], shapes[-1][1]) == (INPUTS, TARGETS)
        if name.startswith("layer"):
            assert len(shapes) == int(name[-1])
            inputs = torch.ones(1, 2, INPUTS)
            weights = [torch.ones(1, *shape) for shape in shapes]
            assert float(built.forward(inputs, weights)[0][0, 0, 0]) == INPUTS * 48.0 ** (int(name[6]) - 1)
        assert np.isfinite(train_two_points(name, setting, 2)[0].h).all()
    with pytest.raises(InvalidOption, match="optimiser"):
        train_two_points("linear", setting, 2, optimiser="none")


def test_settings_differ_in_one_thing_and_are_all_held_against_the_theory(monkeypatch: pytest.MonkeyPatch) -> None:
    usual, descent = VARIATIONS["as above"]
    assert all((architecture == usual) + (optimiser == descent) >= 1 for architecture, optimiser in VARIATIONS.values())
    monkeypatch.setattr(settings, "STEPS", 60)
    trained = []

    def fitted(curves: list[MeasuredCurves], *, ode: RightHandSide) -> list[Rates]:
        """A ratio of 1 and a misfit of 0.1 for the theory, of 0.2 for what is wrong, but of 0.05 on the first run."""
        trained[:] = curves
        wrong = ode is not right_hand_side
        return [Rates(1.0, 1.0, 0.1 if not wrong else 0.05 if k == 0 else 0.2) for k in range(len(curves))]

    monkeypatch.setattr(settings, "fit_many", fitted)
    first, second = vary_settings(["layer 1 of 2", "Adam"], scales=["lazy"], grid=2)
    assert (first.worse, second.worse) == (0.75, 1.0)
    assert (first.setting, first.runs, second.setting) == ("layer 1 of 2", 4, "Adam")
    for found, runs in ((first, trained[:4]), (second, trained[4:])):
        told = [final_squared_distance(run.dx, run.dy, 1, 1, run.h[0], run.y[0]) for run in runs]
        off = np.abs(np.sqrt(np.array(told) / [run.h[-1] for run in runs]) - 1)
        assert found.fitted == found.held_out == (int((off <= 0.1).sum()), pytest.approx(np.median(off)))


def planted_runs(ratio: float = 0.3) -> tuple[list[LearntDistances], np.ndarray, np.ndarray]:
    """Distances that are those of the theory, of twelve points in three classes."""
    rng = np.random.default_rng(0)
    dx, dy = pdist(rng.normal(size=(12, 5))), pdist(np.eye(3)[np.repeat(range(3), 4)])
    runs = []
    for _ in range(3):
        before, outputs = rng.uniform(0.5, 2, len(dx)), rng.uniform(0, 0.3, len(dx))
        runs.append(LearntDistances(before, predicted_distances(ratio, dx, dy, before, outputs), outputs, 1.0))
    return runs, dx, dy


def test_distances_that_follow_the_theory_are_predicted_and_others_are_not() -> None:
    runs, dx, dy = planted_runs()
    found = structure_of("lazy", runs, dx, dy, 12, 0)
    assert (found.r, found.r_apart) == pytest.approx((1, 1), abs=1e-5)
    assert found.error < 1e-3
    assert found.together_told == pytest.approx(found.together, rel=1e-2)
    shuffled = [replace(run, after=1 + np.random.default_rng(1).permutation(run.after)) for run in runs]
    wrong = structure_of("lazy", shuffled, dx, dy, 12, 0)
    assert abs(wrong.r) < 0.5
    assert wrong.error > 0.05


def test_images_are_about_their_mean_and_of_mean_square_length_one() -> None:
    inputs, targets = images_of_classes(2)
    assert inputs.shape == (20, 784)
    np.testing.assert_allclose(inputs.mean(axis=0), 0, atol=1e-12)
    assert np.mean(np.sum(inputs**2, axis=1)) == pytest.approx(1)
    assert targets.sum(axis=0) == pytest.approx(0)
    with pytest.raises(InvalidOption, match="images of a class"):
        images_of_classes(500)
    with pytest.raises(InvalidOption, match="networks"):
        learn_structure(networks=1)
