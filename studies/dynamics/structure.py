"""Many points at once: the distances between all hidden representations of images, predicted pair by pair and measured.

The theory is about two points. Applied to every pair of a training set it leaves out that all pairs share the weights;
how much that matters is what is measured here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import pdist

from ...networks.shipped import load_probes
from ...networks.two_point import initial_weights, leaky, mlp, one_thread
from ...theory.dynamics import final_squared_distance
from ...theory.errors import InvalidOption
from ...theory.validation import Array
from ...theory.validation.options import as_count
from . import SCALES

CLASSES = 10
TRAINING = {"rich": (0.5, 3000), "middle": (0.5, 1500), "lazy": (0.05, 3000)}
"""Initial scale -> (step size, steps); the gains are those of ``SCALES``."""
FITTED_ON = 200
"""Pairs of images of each other network from which the ratio of the rates is taken."""


@dataclass(frozen=True)
class LearntStructure:
    """Networks of one initial scale that learnt the same images: the mean over the networks of each number.

    ``r``: Pearson correlation, over all pairs of images, of the measured final distance with what the theory predicts,
    and ``r_apart`` over pairs of different classes; ``error``: the median relative error of the prediction, over pairs
    of different classes. For comparison the correlation with the measured distance of what needs no theory:
    ``r_inputs`` (the distance of the inputs) over all pairs and ``r_inputs_apart`` over those of different classes,
    ``r_targets`` (same class or not), ``r_initial`` (the distance before training), and ``r_seeds`` (the distance in
    another network). ``together``: the median distance within classes over that between classes, and
    ``together_told``: what is predicted of it. ``accuracy``: on these images, the lowest.
    """

    scale: str
    networks: int
    images: int
    accuracy: float
    r: float
    r_apart: float
    error: float
    r_inputs: float
    r_inputs_apart: float
    r_targets: float
    r_initial: float
    r_seeds: float
    together: float
    together_told: float


@dataclass(frozen=True)
class LearntDistances:
    """Distances of all pairs in one network: hidden before and after training, of the outputs before it."""

    before: Array
    after: Array
    outputs: Array
    accuracy: float


def learn_structure(
    *, scales: Iterable[str] = tuple(TRAINING), networks: int = 3, images: int = 5, seed: int = 0
) -> list[LearntStructure]:
    """Train ``networks`` leaky-ReLU MLPs on ``images`` of each class of the shipped probes, and predict distances.

    The ratio of the rates, the one number that the prediction needs, comes from the other networks. Cost: ten seconds
    for each scale. Raises: ``InvalidOption``.
    """
    count, each = as_count(networks, "networks", 2), as_count(images, "images", 2)
    inputs, targets = images_of_classes(each)
    dx, dy = pdist(inputs), pdist(targets).round(6)
    found = []
    for scale in scales:
        runs = _trained(inputs, targets, scale, count, seed)
        found.append(structure_of(scale, runs, dx, dy, len(inputs), seed))
    return found


def images_of_classes(each: int) -> tuple[Array, Array]:
    """The first ``each`` images of every class, about their mean and of mean square length 1; one-hot targets, too."""
    pictures, labels = load_probes()
    kinds = labels.numpy()
    chosen = [np.flatnonzero(kinds == kind)[:each] for kind in range(CLASSES)]
    if min(map(len, chosen)) < each:
        raise InvalidOption(f"images: got {each}, need at most {min(map(len, chosen))}, the images of a class")
    rows = np.concatenate(chosen)
    inputs = pictures.flatten(1).double().numpy()[rows]
    inputs -= inputs.mean(axis=0)
    return inputs / np.sqrt(np.mean(np.sum(inputs**2, axis=1))), np.eye(CLASSES)[kinds[rows]] - 1 / CLASSES


def predicted_distances(ratio: float, dx: Array, dy: Array, before: Array, outputs: Array) -> Array:
    """Of every pair by itself, as if a network saw no other (T17)."""
    pairs = zip(dx, dy, np.square(before), np.square(outputs), strict=True)
    return np.sqrt([final_squared_distance(x, y, ratio, 1.0, h0, y0) for x, y, h0, y0 in pairs])


def _trained(inputs: Array, targets: Array, scale: str, networks: int, seed: int) -> list[LearntDistances]:
    built = mlp(leaky, inputs=inputs.shape[1], outputs=targets.shape[1])
    step, steps = TRAINING[scale]
    drawn = [
        initial_weights(built, SCALES[scale][0], torch.Generator().manual_seed(1000 * seed + k))
        for k in range(networks)
    ]
    weights = [torch.stack(one).requires_grad_() for one in zip(*drawn, strict=True)]
    shown, wanted = (torch.tensor(one, dtype=torch.float32) for one in (inputs, targets))
    with one_thread():
        first = [one.detach().numpy() for one in built.forward(shown, weights)]
        for _ in range(steps):
            loss = 0.5 * (built.forward(shown, weights)[1] - wanted).square().sum() / len(shown)
            gradients = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                for weight, gradient in zip(weights, gradients, strict=True):
                    weight -= step * gradient
        hidden, outputs = (one.detach().numpy() for one in built.forward(shown, weights))
    right = outputs.argmax(axis=2) == targets.argmax(axis=1)
    return [
        LearntDistances(pdist(first[0][k]), pdist(hidden[k]), pdist(first[1][k]), float(right[k].mean()))
        for k in range(networks)
    ]


def _ratio_from(others: Sequence[LearntDistances], dx: Array, dy: Array, seed: int) -> float:
    """The ratio of the rates with the least squared error of the distances in these networks."""
    rng = np.random.default_rng(seed)
    chosen = [rng.choice(len(dx), min(FITTED_ON, len(dx)), replace=False) for _ in others]

    def missed(logarithm: float) -> float:
        off = [
            predicted_distances(float(np.exp(logarithm)), dx[k], dy[k], run.before[k], run.outputs[k]) - run.after[k]
            for run, k in zip(others, chosen, strict=True)
        ]
        return float(np.square(off).sum())

    return float(np.exp(minimize_scalar(missed, bounds=(-8.0, 8.0), method="bounded", options={"xatol": 1e-3}).x))


def structure_of(
    scale: str, runs: Sequence[LearntDistances], dx: Array, dy: Array, images: int, seed: int
) -> LearntStructure:
    """What the distances in some networks say; ``dx`` and ``dy``: those of the inputs and of the targets."""
    apart, rows = dy > 0, []
    for k, run in enumerate(runs):
        ratio = _ratio_from([*runs[:k], *runs[k + 1 :]], dx, dy, seed)
        told = predicted_distances(ratio, dx, dy, run.before, run.outputs)
        together, together_told = (float(np.median(one[~apart]) / np.median(one[apart])) for one in (run.after, told))
        rows.append(
            {
                "r": _pearson(run.after, told),
                "r_apart": _pearson(run.after[apart], told[apart]),
                "error": float(np.median(np.abs(told[apart] / run.after[apart] - 1))),
                "r_inputs": _pearson(run.after, dx),
                "r_inputs_apart": _pearson(run.after[apart], dx[apart]),
                "r_targets": _pearson(run.after, dy),
                "r_initial": _pearson(run.after, run.before),
                "r_seeds": _pearson(run.after, runs[k - 1].after),
                "together": together,
                "together_told": together_told,
            }
        )
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return LearntStructure(scale, len(runs), images, min(run.accuracy for run in runs), **means)


def _pearson(a: Array, b: Array) -> float:
    return float(np.corrcoef(a, b)[0, 1])
