"""One to many: how well, and from how few units of one network, a unit of the other is predicted."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int, Real
from numpy.typing import ArrayLike

from ...theory.errors import InvalidActivations, InvalidOption, MissingExtra, SpanmatchWarning, shown
from ...theory.validation import Array, as_array, as_pair, as_reals
from ...theory.validation.layer import Layer
from ...theory.validation.options import as_count, as_list, as_real
from .correlations import too_few
from .moments import Moments

PENALTIES = tuple(float(f"{penalty:.3g}") for penalty in np.geomspace(1.0, 3e-3, 12))
"""The default grid; at 1 nothing is used, for no correlation exceeds it."""

DUALITY_GAP = 1e-6
"""Where coordinate descent stops, as a share of the target's variance."""

SWEEPS = 2_000

UNCONVERGED = 1e-4
"""Above this gap, as a share of the target's variance, the answer comes with a warning."""


@dataclass(frozen=True, eq=False, repr=False)
class SparsePrediction:
    """Predictions of the n units of Y by L1-penalised linear maps from the m units of X.

    Attributes
    ----------
    penalties : ndarray of shape (penalties,)
        Descending.
    error : ndarray of shape (n, penalties)
        Mean squared error on inputs that were held out, as a share of the unit's variance: 1 is what predicting the
        mean gives.
    used : ndarray of int of shape (n, penalties)
        How many units of X have a coefficient other than 0 in the map that is fitted to all inputs.
    coefficients : ndarray of shape (m, n)
        Of that map at each unit's best penalty, between standardised units.
    constant : tuple of int
        The units of Y that have one value. They have nothing to predict, and count as error 1 with no units used.
    folds : int
        As taken.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import convergent
    >>> X = np.random.default_rng(0).standard_normal((200, 4))
    >>> found = convergent.sparse_prediction(X, X[:, :1] + X[:, 1:2])
    >>> found.r2.round(2), found.units
    (array([1.]), array([2]))
    """

    penalties: Float[Array, " penalties"]
    error: Float[Array, "n penalties"]
    used: Int[npt.NDArray[np.int64], "n penalties"]
    coefficients: Float[Array, "m n"]
    constant: tuple[int, ...]
    folds: int

    @property
    def best(self) -> Int[npt.NDArray[np.int64], " n"]:
        """For each unit of Y the place of the penalty with the least held-out error; the largest one in a tie."""
        found: npt.NDArray[np.int64] = self.error.argmin(axis=1).astype(np.int64)
        return found

    @property
    def r2(self) -> Float[Array, " n"]:
        """Held-out R^2 of each unit of Y at its best penalty."""
        found: Array = 1 - self.error.min(axis=1)
        return found

    @property
    def units(self) -> Int[npt.NDArray[np.int64], " n"]:
        """How many units of X the prediction of each unit of Y uses at its best penalty."""
        found: npt.NDArray[np.int64] = self.used[np.arange(len(self.used)), self.best]
        return found

    def fewest(self, share: float = 0.9) -> Int[npt.NDArray[np.int64], " n"]:
        """For each unit of Y, how many units of X it takes to reach this share of its best R^2 along the path.

        The best penalty is often the smallest one, where nearly all units are used; this tells whether few would do.

        Parameters
        ----------
        share : float, default 0.9
            In (0, 1].

        Returns
        -------
        ndarray of int of shape (n,)
            0 where nothing is predicted.

        Raises
        ------
        InvalidOption
            If the share is no number in (0, 1].
        """
        part = as_real(share, "share", "a number in (0, 1]", lambda value: 0 < value <= 1)
        enough = 1 - self.error >= part * self.r2[:, None]
        most = self.coefficients.shape[0]
        found: npt.NDArray[np.int64] = np.where(self.r2 > 0, np.where(enough, self.used, most).min(axis=1), 0)
        return found

    @property
    def mean_r2(self) -> float:
        """The layer's R^2: the mean over the units of Y that are not constant; 0 when all are."""
        live = np.delete(self.r2, self.constant)
        return float(live.mean()) if live.size else 0.0

    @property
    def curve(self) -> Float[Array, "penalties 2"]:
        """For each penalty the layer's mean number of units used and mean error, constant units left out."""
        live = [np.delete(values, self.constant, axis=0) for values in (self.used.astype(float), self.error)]
        if not len(live[0]):
            return np.column_stack([np.zeros(len(self.penalties)), np.ones(len(self.penalties))])
        return np.column_stack([values.mean(axis=0) for values in live])

    def __repr__(self) -> str:
        m, n = self.coefficients.shape
        return (
            f"SparsePrediction({n} units from {m}: mean held-out R² {self.mean_r2:.3f}, {self.units.mean():.1f} used; "
            f"{len(self.constant)} constant, {self.folds} folds)"
        )


def sparse_prediction(
    X: Real[ArrayLike, "inputs m"],
    Y: Real[ArrayLike, "inputs n"],
    *,
    penalties: Iterable[float] | None = None,
    folds: int = 5,
    images: Int[ArrayLike, " inputs"] | None = None,
    seed: int = 0,
) -> SparsePrediction:
    """Predict each unit of Y from few units of X, along a path of L1 penalties, with error on held-out inputs.

    Parameters
    ----------
    X : array-like of shape (inputs, m)
        Activations of network 1, which predict. For the other direction swap the arguments.
    Y : array-like of shape (inputs, n)
        Activations of network 2 on the same inputs in the same order.
    penalties : iterable of float, optional
        Positive numbers; by default 12 from 1 to 0.003.
    folds : int, default 5
        Each is held out once while the others fit.
    images : array-like of shape (inputs,), optional
        Which image each input belongs to, by default as a ``Layer`` tells: positions of one image then stay in one
        fold, since neighbours tell of each other.
    seed : int, default 0
        Of the fold that each image, or input, goes to.

    Returns
    -------
    SparsePrediction
        Error and number of units used of each unit of Y at each penalty.

    Raises
    ------
    InvalidActivations
        For NaN, fewer than two inputs, and the like.
    InvalidOption
        For a penalty <= 0, more folds than images, and the like.
    MissingExtra
        If scikit-learn (the extra ``convergent``) is not installed.

    Warns
    -----
    SpanmatchWarning
        Where coordinate descent did not converge.

    Notes
    -----
    For a penalty a the weights w minimise |y - X w|^2 / 2N + a |w|_1 over standardised units (mean 0, variance 1), so
    penalties compare across units and layers; at a >= 1 all weights are 0.

    Guarantee: means and variances come from the fitting folds only; units that are constant there are not used. The
    Lasso depends on the data through means and cross-products only, so each fold is read once and all fits are of size
    m + n.

    Numerics: float64; coordinate descent stops at a duality gap of 1e-6 of the unit's variance.

    Cost: O(inputs (m+n)^2) and n (folds + 1) Lasso paths of m units.

    References
    ----------
    docs/theory/neighbours.md#convergent-learning.

    Examples
    --------
    >>> import numpy as np
    >>> from spanmatch import convergent
    >>> X = np.random.default_rng(0).standard_normal((200, 4))
    >>> convergent.sparse_prediction(X, X[:, :1] + X[:, 1:2])
    SparsePrediction(1 units from 4: mean held-out R² 1.000, 2.0 used; 0 constant, 5 folds)
    """
    lasso_path = _lasso_path()
    x, y = as_pair(X, Y)
    if x.inputs < 2:
        raise too_few(x.inputs, "X, Y")
    if images is None and (layers := [side for side in (X, Y) if isinstance(side, Layer)]):
        images = np.arange(x.inputs) // layers[0].positions
    grid = _penalties(penalties)
    fold = _folds(images, x.inputs, folds, seed)
    joint = np.hstack([x.values, y.values])
    parts = [Moments.of_block(joint[fold == k]) for k in range(folds)]
    whole = reduce(Moments.merged, parts)
    m, n = x.neurons, y.neurons
    constant = tuple(int(k) for k in np.flatnonzero(whole.constant[m:]))
    _, paths, gap = _fitted(lasso_path, whole, m, grid)
    used = np.count_nonzero(paths, axis=0)
    squares = np.zeros((n, len(grid)))
    for k in range(folds):
        training = reduce(Moments.merged, parts[:k] + parts[k + 1 :])
        scale, fitted, fold_gap = _fitted(lasso_path, training, m, grid)
        squares += _squared_errors(parts[k], training, scale, fitted, whole.exponents)
        gap = max(gap, fold_gap)
    variance = np.diag(whole.cross)[m:]
    error = np.where(variance[:, None] > 0, squares / np.where(variance > 0, variance, 1.0)[:, None], 1.0)
    if gap > UNCONVERGED:
        warnings.warn(
            f"penalties: coordinate descent left a duality gap of {gap:.1e} of a unit's variance; take "
            f"larger penalties than {grid[-1]:g}",
            SpanmatchWarning,
            stacklevel=2,
        )
    best = error.argmin(axis=1)
    return SparsePrediction(grid, error, used.astype(np.int64), paths[:, np.arange(n), best], constant, int(folds))


def _fitted(lasso_path: Any, moments: Moments, m: int, grid: Array) -> tuple[Array, Array, float]:
    """Standard deviations, coefficients of shape (m, n, penalties) between standardised units, largest duality gap."""
    scale = np.sqrt(np.diag(moments.cross) / moments.inputs)
    correlation = moments.correlations
    # Any rows with these correlations will do for the data: the symmetric root has as many as there are units.
    values, vectors = np.linalg.eigh(correlation)
    rows = (vectors * np.sqrt(np.maximum(values, 0.0))).T * np.sqrt(len(values))
    predictors = np.asfortranarray(rows[:, :m])
    gram = np.ascontiguousarray(correlation[:m, :m] * len(values))
    found = np.zeros((m, len(values) - m, len(grid)))
    worst = 0.0
    with warnings.catch_warnings():
        # Said once for all, in terms of the target's variance.
        warnings.filterwarnings("ignore", message="Objective did not converge")
        for k in range(found.shape[1]):
            if scale[m + k] > 0 and (scale[:m] > 0).any():
                _, found[:, k], gaps = lasso_path(
                    predictors,
                    np.ascontiguousarray(rows[:, m + k]),
                    alphas=grid,
                    precompute=gram,
                    Xy=correlation[:m, m + k] * len(values),
                    tol=DUALITY_GAP,
                    max_iter=SWEEPS,
                    # They are as it needs them, and its checks would cost as much as the fits.
                    check_input=False,
                )
                worst = max(worst, float(gaps.max()))
    return scale, found, worst


def _squared_errors(
    held_out: Moments, training: Moments, scale: Array, coefficients: Array, exponents: npt.NDArray[np.int64]
) -> Array:
    """Squared errors summed over the held-out inputs, shape (n, penalties), in units of these powers of two."""
    m = coefficients.shape[0]
    scale = np.ldexp(scale, training.exponents - exponents)
    training, held_out = training.scaled_to(exponents), held_out.scaled_to(exponents)
    apart = held_out.mean_from(training)
    about = held_out.cross + held_out.inputs * np.outer(apart, apart)
    inverse = np.where(scale[:m] > 0, 1 / np.where(scale[:m] > 0, scale[:m], 1.0), 0.0)
    weights = coefficients * inverse[:, None, None] * scale[None, m:, None]
    quadratic = np.einsum("ikp,ij,jkp->kp", weights, about[:m, :m], weights, optimize=True)
    linear = np.einsum("ikp,ik->kp", weights, about[:m, m:])
    found: Array = np.maximum(quadratic - 2 * linear + np.diag(about)[m:, None], 0.0)
    return found


def _penalties(penalties: Iterable[float] | None) -> Array:
    needed = "positive, finite numbers, at least one; without a penalty use match_radii"
    listed = PENALTIES if penalties is None else as_list(penalties, "penalties", needed)
    grid = as_reals(listed, "penalties", needed, InvalidOption)
    if grid.ndim != 1 or not grid.size or grid.min() <= 0:
        raise InvalidOption(f"penalties: got {shown(penalties)}, need {needed}")
    return np.unique(grid)[::-1].copy()


def _folds(images: Any, inputs: int, folds: int, seed: int) -> npt.NDArray[np.int64]:
    """The fold of each input; as many images in each as possible, whole ones."""
    if images is None:
        image, count = np.arange(inputs), inputs
    else:
        labels = as_array(images, "images", f"one integer for each of {inputs} inputs", InvalidActivations)
        if labels.shape != (inputs,) or labels.dtype.kind not in "iu":
            raise InvalidActivations(
                f"images: got shape {labels.shape} of {labels.dtype}, need one integer for each of {inputs} inputs"
            )
        names, image = np.unique(labels, return_inverse=True)
        count = len(names)
    what = "inputs" if images is None else "images"
    folds = as_count(folds, "folds", 2, count, why=f", for there are {count} {what}")
    rng = np.random.default_rng(as_count(seed, "seed", 0))
    fold_of_image = np.empty(count, dtype=np.int64)
    fold_of_image[rng.permutation(count)] = np.arange(count) % folds
    return fold_of_image[image]


def _lasso_path() -> Any:
    try:
        from sklearn.linear_model import lasso_path
    except ImportError as error:
        raise MissingExtra(
            'sparse_prediction needs scikit-learn, which is not installed; pip install "spanmatch[convergent]"'
        ) from error
    return lasso_path
