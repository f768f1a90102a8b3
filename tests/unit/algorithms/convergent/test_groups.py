"""Sparse prediction and spectral blocks: closed forms, held-out error, and what the checks reject."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Lasso

from spanmatch import InvalidActivations, InvalidOption, Match, SpanmatchWarning, convergent
from spanmatch.synthetic.families.units import planted_mixtures, planted_one_to_many, planted_pairs

# A broken sparse prediction may well fail to converge; what spanmatch warns of has a test of its own.
pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore:penalties.*duality gap:spanmatch.SpanmatchWarning"
)

GRID = (0.5, 0.2, 0.05, 0.01)


def noisy_pair(inputs: int = 300, m: int = 6, n: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((inputs, m)) @ rng.standard_normal((m, m)) + 2
    return X, X @ rng.standard_normal((m, n)) + rng.standard_normal((inputs, n))


def sparse_faults(errors: Callable[..., Any]) -> list[str]:
    """Against the closed form, whatever the units' scales and means."""
    faults = []
    for planted in (planted_pairs(), planted_mixtures(), planted_one_to_many()):
        closed = np.column_stack([planted.sparse_error(penalty) for penalty in GRID])
        scales = np.geomspace(0.01, 100, planted.X.shape[1])
        for scale, offset in ((1.0, 0.0), (scales, 3.0)):
            found = errors(planted.X * scale + offset, planted.Y * 5 - offset, planted.images)
            if np.abs(found - closed).max() > 1e-8:
                faults.append(f"{planted.name}, offset {offset}")
    return faults


def lasso_errors(X: np.ndarray, Y: np.ndarray, standardise: bool, centre: bool, factor: float) -> np.ndarray:
    """Errors of the fit, by scikit-learn's estimator on the data themselves."""
    about = (X - X.mean(0), Y - Y.mean(0)) if centre else (X, Y)
    x, y = (Z / Z.std(0) for Z in about) if standardise else about
    fits = [[Lasso(alpha=a * factor, fit_intercept=False, tol=1e-12).fit(x, u) for a in GRID] for u in y.T]
    return np.array(
        [[np.mean((u - fit.predict(x)) ** 2) / u.var() for fit in row] for u, row in zip(y.T, fits, strict=True)]
    )


BROKEN_SPARSE: dict[str, Callable[..., Any]] = {
    "not standardised": lambda X, Y, _: lasso_errors(X, Y, False, True, 1.0),
    "not centred": lambda X, Y, _: lasso_errors(X, Y, True, False, 1.0),
    "twice the penalty": lambda X, Y, _: lasso_errors(X, Y, True, True, 2.0),
}


def test_sparse_prediction_is_as_planted() -> None:
    def ours(X: np.ndarray, Y: np.ndarray, images: np.ndarray) -> np.ndarray:
        return convergent.sparse_prediction(X, Y, penalties=GRID, images=images).error

    assert sparse_faults(ours) == []
    assert sparse_faults(lambda X, Y, _: lasso_errors(X, Y, True, True, 1.0)) == []


@pytest.mark.parametrize("name", BROKEN_SPARSE)
def test_broken_sparse_predictions_are_seen(name: str) -> None:
    assert sparse_faults(BROKEN_SPARSE[name]) != []


def test_the_planted_units_are_used() -> None:
    planted = planted_one_to_many(explained=0.81)
    found = convergent.sparse_prediction(planted.X, planted.Y, images=planted.images)
    assert tuple(tuple(np.flatnonzero(column)) for column in found.coefficients.T) == planted.used
    assert found.units.tolist() == found.fewest().tolist() == [4, 4, 4]
    assert found.used[:, 0].tolist() == [0, 0, 0]
    assert found.mean_r2 == pytest.approx(0.81, abs=1e-4)
    assert found.curve[0].tolist() == pytest.approx([0, 1])
    assert np.all(np.diff(found.penalties) < 0)


def held_out(X: np.ndarray, Y: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """The same by scikit-learn on the data themselves, fold by fold."""
    fold = np.empty(len(X), dtype=int)
    fold[np.random.default_rng(seed).permutation(len(X))] = np.arange(len(X)) % folds
    squares = np.zeros((Y.shape[1], len(GRID)))
    for k in range(folds):
        x, y, x_out, y_out = X[fold != k], Y[fold != k], X[fold == k], Y[fold == k]
        for unit in range(Y.shape[1]):
            for at, penalty in enumerate(GRID):
                fit = Lasso(alpha=penalty, tol=1e-10, max_iter=50_000)
                fit.fit((x - x.mean(0)) / x.std(0), (y[:, unit] - y[:, unit].mean()) / y[:, unit].std())
                predicted = fit.predict((x_out - x.mean(0)) / x.std(0)) * y[:, unit].std() + y[:, unit].mean()
                squares[unit, at] += np.sum((y_out[:, unit] - predicted) ** 2)
    return squares / (Y.var(0) * len(Y))[:, None]


def test_held_out_error_is_that_of_the_data_themselves() -> None:
    X, Y = noisy_pair()
    found = convergent.sparse_prediction(X, Y, penalties=GRID, folds=4, seed=3)
    np.testing.assert_allclose(found.error, held_out(X, Y, 4, 3), atol=1e-4)


def test_held_out_means_held_out() -> None:
    """Noise: a fit of 30 units to 60 inputs explains half of it, and nothing of what it did not see."""
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((60, 30)), rng.standard_normal((60, 4))
    found = convergent.sparse_prediction(X, Y, penalties=[0.01])
    assert found.mean_r2 < 0
    assert lasso_errors(X, Y, True, True, 1.0)[:, -1].mean() < 0.7


def test_an_image_stays_in_one_fold() -> None:
    """Eight copies of each of 40 images, and noise as the target: only split images make it predictable."""
    rng = np.random.default_rng(0)
    X, Y = (np.repeat(rng.standard_normal((40, count)), 8, axis=0) for count in (35, 2))
    images = np.repeat(np.arange(40), 8)
    assert convergent.sparse_prediction(X, Y, images=images).mean_r2 < 0.1
    assert convergent.sparse_prediction(X, Y).mean_r2 > 0.5


def test_constant_units_are_left_out() -> None:
    X, Y = noisy_pair()
    X[:, 2], Y[:, 1] = 0.1, 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = convergent.sparse_prediction(X, Y)
    assert found.constant == (1,)
    assert not found.coefficients[2].any()
    assert found.error[1].tolist() == [1.0] * len(found.penalties)
    assert found.mean_r2 == pytest.approx(found.r2[[0, 2]].mean())
    nothing = convergent.sparse_prediction(X, np.zeros((300, 2)))
    assert (nothing.mean_r2, nothing.curve[0].tolist()) == (0.0, [0.0, 1.0])
    assert convergent.sparse_prediction(np.zeros((300, 2)), Y).mean_r2 <= 0


def test_a_unit_that_is_constant_in_the_fitting_folds_is_not_used() -> None:
    X, Y = noisy_pair()
    X[:, 0] = 0
    X[7, 0] = 1
    assert np.isfinite(convergent.sparse_prediction(X, Y).error).all()


def test_what_does_not_converge_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from spanmatch.algorithms.convergent import sparse

    monkeypatch.setattr(sparse, "SWEEPS", 1)
    with pytest.warns(SpanmatchWarning, match="duality gap"):
        convergent.sparse_prediction(*noisy_pair(), penalties=[0.0001])


@pytest.mark.parametrize(
    "option",
    [
        {"penalties": [0.1, 0.0]},
        {"penalties": [-1]},
        {"penalties": []},
        {"penalties": [np.nan]},
        {"penalties": "many"},
        {"penalties": 0.1},
        {"folds": 1},
        {"folds": 301},
        {"folds": 2.0},
        {"seed": -1},
    ],
    ids=str,
)
def test_bad_options_of_sparse_prediction(option: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption, match=f"{next(iter(option))}: got"):
        convergent.sparse_prediction(*noisy_pair(), **option)


def test_no_units_are_needed_where_nothing_is_predicted() -> None:
    rng = np.random.default_rng(0)
    found = convergent.sparse_prediction(rng.standard_normal((400, 50)), rng.standard_normal((400, 5)))
    assert (found.r2 <= 0).any()
    assert not found.fewest()[found.r2 <= 0].any()


def test_bad_images_and_shares() -> None:
    X, Y = noisy_pair()
    for images in (np.zeros(299, dtype=int), np.zeros(300), np.zeros((300, 1), dtype=int)):
        with pytest.raises(InvalidActivations, match="images: got"):
            convergent.sparse_prediction(X, Y, images=images)
    with pytest.raises(InvalidOption, match="2 to 1, for there are 1 images"):
        convergent.sparse_prediction(X, Y, images=np.zeros(300, dtype=int))
    with pytest.raises(InvalidOption, match="share"):
        convergent.sparse_prediction(X, Y).fewest(0.0)


# Spectral blocks


def block_faults(divide: Callable[..., Any]) -> list[str]:
    """The planted groups, with anticorrelated units and units mixed among themselves on one side only."""
    faults = []
    for planted in (planted_pairs(), planted_mixtures(2), planted_mixtures(4), planted_one_to_many()):
        found = divide(planted.X, planted.Y, len(planted.blocks))
        if set(found) != set(planted.blocks):
            faults.append(planted.name)
    # x0, x1 correlate with x2 and with nothing else; only within-network correlation tells that they belong together.
    frame = planted_pairs((0.0,) * 4).X
    X = np.column_stack([frame[:, 0], frame[:, 1], frame[:, 0] + frame[:, 1], frame[:, 2]])
    Y = np.column_stack([-frame[:, 0], frame[:, 2] + frame[:, 3]])
    if set(divide(X, Y, 2)) != {Match([0, 1, 2], [0]), Match([3], [1])}:
        faults.append("within")
    return faults


def relabelled(X: np.ndarray, Y: np.ndarray, affinity: Callable[..., np.ndarray], k: int) -> tuple[Match, ...]:
    from sklearn.cluster import SpectralClustering

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        labels = SpectralClustering(k, affinity="precomputed", random_state=0).fit_predict(affinity(X, Y))
    m = X.shape[1]
    return tuple(Match(np.flatnonzero(labels[:m] == b), np.flatnonzero(labels[m:] == b)) for b in range(k))


def joint(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    return np.corrcoef(np.hstack([X, Y]).T)


def between_only(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    affinity, m = np.abs(joint(X, Y)), X.shape[1]
    affinity[:m, :m], affinity[m:, m:] = np.eye(m), np.eye(Y.shape[1])
    return affinity


BROKEN_BLOCKS: dict[str, Callable[..., Any]] = {
    "signed": lambda X, Y, k: relabelled(X, Y, lambda X, Y: np.maximum(joint(X, Y), 0), k),
    "between only": lambda X, Y, k: relabelled(X, Y, between_only, k),
    "networks": lambda X, Y, k: (Match(range(X.shape[1]), []), Match([], range(Y.shape[1]))),
}


def test_blocks_are_as_planted() -> None:
    assert block_faults(lambda X, Y, k: convergent.spectral_blocks(X, Y, k).blocks) == []


@pytest.mark.parametrize("name", BROKEN_BLOCKS)
def test_broken_blocks_are_seen(name: str) -> None:
    assert block_faults(BROKEN_BLOCKS[name]) != []


def test_what_blocks_say() -> None:
    planted = planted_mixtures(4, 3)
    found = convergent.spectral_blocks(planted.X, planted.Y, 3)
    np.testing.assert_allclose(found.affinity, np.eye(3) * (16 * 0.5 / 28), atol=1e-12)
    assert found.shared == 1
    assert "4+4, 4+4, 4+4" in repr(found)
    alone = convergent.spectral_blocks(*[planted_one_to_many().X[:, :3]] * 2, 3)
    np.testing.assert_allclose(alone.affinity, np.eye(3), atol=1e-12)
    again = convergent.spectral_blocks(planted.X, planted.Y, 3)
    assert np.array_equal(found.x, again.x)


def test_constant_units_are_in_no_block() -> None:
    X, Y = noisy_pair()
    X[:, 2] = 0.1
    assert convergent.spectral_blocks(Y, X, 2).constant == Match([], [2])
    found = convergent.spectral_blocks(X, Y, 2)
    assert found.constant == Match([2], [])
    assert found.x[2] == -1
    assert sum(len(block) for block in found.blocks) == 8
    for k in (9, 0, -1, True, 2.0):
        with pytest.raises(InvalidOption, match=r"k: got .* from 1 to 8 blocks, for so many of the 9 units"):
            convergent.spectral_blocks(X, Y, k)  # type: ignore[arg-type]
    with pytest.raises(InvalidOption, match="seed: got"):
        convergent.spectral_blocks(X, Y, 2, seed=-1)
