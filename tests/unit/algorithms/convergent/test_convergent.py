"""Convergent Learning: correlations in one pass, matchings, participation; and what each check rejects."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from spanmatch import InvalidActivations, InvalidOption, Match, MissingExtra, convergent
from spanmatch.synthetic.families.units import (
    planted_mixtures,
    planted_one_to_many,
    planted_pairs,
    planted_permutation,
)

Function = Callable[..., Any]


def random_pair(inputs: int = 200, m: int = 4, n: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((inputs, m))
    return X, rng.standard_normal((inputs, n)) + X @ rng.standard_normal((m, n))


def correlation_faults(correlate: Function) -> list[str]:
    """Where it differs from what is planted, with and without a constant added to the units."""
    faults = []
    for planted in (planted_pairs(), planted_mixtures(), planted_permutation(), planted_one_to_many()):
        for offset in (0.0, 3.0):
            found = correlate(planted.X * 7 + offset, planted.Y - offset)
            if np.abs(found - planted.correlations).max() > 1e-8:
                faults.append(f"{planted.name}, offset {offset}")
    return faults


def cosines(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    return (X.T @ Y) / np.outer(np.linalg.norm(X, axis=0), np.linalg.norm(Y, axis=0))


BROKEN_CORRELATIONS: dict[str, Function] = {
    "absolute": lambda X, Y: np.abs(convergent.correlations(X, Y)),
    "uncentred": cosines,
    "covariance": lambda X, Y: (X - X.mean(0)).T @ (Y - Y.mean(0)) / len(X),
    "squared": lambda X, Y: convergent.correlations(X, Y) ** 2,
}


def test_correlations_are_as_planted() -> None:
    assert correlation_faults(convergent.correlations) == []


@pytest.mark.parametrize("name", BROKEN_CORRELATIONS)
def test_broken_correlations_are_seen(name: str) -> None:
    assert correlation_faults(BROKEN_CORRELATIONS[name]) != []


def test_within_and_between_agree_with_numpy() -> None:
    X, Y = random_pair()
    found, truth = convergent.all_correlations(X, Y), np.corrcoef(np.hstack([X, Y]).T)
    for part, expected in ((found.x, truth[:4, :4]), (found.y, truth[4:, 4:]), (found.between, truth[:4, 4:])):
        np.testing.assert_allclose(part, expected, atol=1e-13)
    assert found.inputs == 200
    assert found.constant == Match()


def test_any_batches_and_any_order_give_the_same() -> None:
    X, Y = random_pair(1000)
    X += 1e6
    whole = convergent.all_correlations(X, Y)
    parts = [
        convergent.CorrelationAccumulator(4, 6).update(X[part], Y[part])
        for part in np.array_split(np.arange(1000), [1, 2, 400])
    ]
    merged = convergent.CorrelationAccumulator(4, 6)
    for part in reversed(parts):
        merged.merge(part)
    assert merged.inputs == 1000
    np.testing.assert_allclose(merged.finish().between, whole.between, atol=1e-9)
    np.testing.assert_allclose(whole.between, np.corrcoef(np.hstack([X - 1e6, Y]).T)[:4, 4:], atol=1e-9)


@pytest.mark.parametrize("size", [1e-300, 1e-150, 1e150, 1e300])
def test_sizes_and_means_cost_no_digits(size: float) -> None:
    X, Y = random_pair()
    plain = convergent.correlations(X, Y)
    np.testing.assert_allclose(convergent.correlations(X * size, Y / 7), plain, atol=1e-12)
    stream = convergent.CorrelationAccumulator(4, 6).update(X[:50] * size, Y[:50]).update(X[50:] * size, Y[50:])
    np.testing.assert_allclose(stream.finish().between, plain, atol=1e-12)


def test_a_large_mean_costs_only_its_own_digits() -> None:
    """Sums of squares would lose everything here: the mean is 1e8 times the spread."""
    X, Y = random_pair()
    X = np.round(X * 2**20) / 2**20
    np.testing.assert_allclose(convergent.correlations(X + 2.0**26, Y), convergent.correlations(X, Y), atol=1e-12)


def test_constant_units_correlate_with_nothing() -> None:
    X, Y = random_pair()
    X[:, 1], Y[:, 3], Y[:, 4] = 0.1, 0.0, -1e30
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = convergent.all_correlations(X, Y)
        stream = convergent.CorrelationAccumulator(4, 6)
        for k in range(0, 200, 7):
            stream.update(X[k : k + 7], Y[k : k + 7])
    assert found.constant == stream.finish().constant == Match([1], [3, 4])
    assert not found.between[1].any()
    assert not found.between[:, 3:5].any()
    assert found.x[1, 1] == 0
    assert found.x[0, 0] == 1
    later = stream.update(X[:2] + 1, Y[:2] + 1).finish()
    assert later.constant == Match([], [4]), "-1e30 + 1 is -1e30"


@pytest.mark.parametrize("dtype", ["float16", "float32", "int32", "uint8"])
def test_any_dtype(dtype: str) -> None:
    rng = np.random.default_rng(0)
    X, Y = (rng.integers(0, 200, (50, 3)).astype(dtype) for _ in range(2))
    expected = np.corrcoef(np.hstack([X, Y]).astype(float).T)[:3, 3:]
    np.testing.assert_allclose(convergent.correlations(X, Y), expected, atol=1e-12)


def test_torch_batches() -> None:
    torch = pytest.importorskip("torch")
    X, Y = random_pair()
    stream = convergent.CorrelationAccumulator(4, 6)
    for k in range(0, 200, 60):
        stream.update(*(torch.from_numpy(Z[k : k + 60]).requires_grad_() for Z in (X, Y)))
    np.testing.assert_allclose(stream.finish().between, convergent.correlations(X, Y), atol=1e-12)


def test_a_rejected_batch_leaves_no_trace() -> None:
    X, Y = random_pair()
    stream = convergent.CorrelationAccumulator(4, 6).update(X, Y)
    before = stream.finish().between
    spoiled = Y.copy()
    spoiled[150, 2] = np.nan
    for bad in ((X, spoiled), (X[:, :3], Y), (X, Y[:-1]), (X, Y * 1j), (X[0], Y[0])):
        with pytest.raises(InvalidActivations):
            stream.update(*bad)
    with pytest.raises(InvalidActivations, match="other: got 2"):
        stream.merge(convergent.CorrelationAccumulator(2, 6))
    assert stream.inputs == 200
    np.testing.assert_array_equal(stream.finish().between, before)


def test_inputs_are_not_modified() -> None:
    X, Y = random_pair()
    kept = X.copy(), Y.copy()
    convergent.all_correlations(X, Y)
    np.testing.assert_array_equal(np.hstack([X, Y]), np.hstack(kept))


@pytest.mark.parametrize("name", ["correlations", "all_correlations", "mutual_information", "sparse_prediction"])
def test_one_input_and_nan_are_errors(name: str) -> None:
    call, (X, Y) = getattr(convergent, name), random_pair()
    with pytest.raises(InvalidActivations, match=r"got 1 input .*at least 2"):
        call(X[:1], Y[:1])
    X[3, 2] = np.nan
    with pytest.raises(InvalidActivations, match=r"X: 1 of 800 values are not finite .* input 3, neuron 2"):
        call(X, Y)


def test_an_empty_accumulator_says_so() -> None:
    with pytest.raises(InvalidActivations, match="got 0 inputs"):
        convergent.CorrelationAccumulator(2, 2).finish()
    for m in (0, -1, True, 2.0):
        with pytest.raises(InvalidOption, match="m: got"):
            convergent.CorrelationAccumulator(m, 2)  # type: ignore[arg-type]


# Matchings


def matching_faults(match: Function, semi: Function) -> list[str]:
    """Random similarities: the sum is the largest over all injections, and each row has its largest value."""
    from itertools import permutations

    rng, faults = np.random.default_rng(0), []
    for m, n in ((1, 1), (3, 3), (2, 4), (4, 2), (4, 4)):
        for _ in range(10):
            C = rng.uniform(-1, 1, (m, n))
            small = C if m <= n else C.T
            best = max(sum(small[i, j] for i, j in enumerate(p)) for p in permutations(range(max(m, n)), min(m, n)))
            found = match(C)
            if len(found.x) != min(m, n) or abs(found.values.sum() - best) > 1e-12:
                faults.append(f"matching {m} x {n}")
            if not np.array_equal(found.values, C[found.x, found.y]) or len(set(found.y)) < len(found.y):
                faults.append(f"pairs {m} x {n}")
            if not np.array_equal(semi(C).values, C.max(axis=1)):
                faults.append(f"semi-matching {m} x {n}")
    return faults


def matching_of(C: np.ndarray, costs: np.ndarray) -> convergent.UnitMatching:
    x, y = linear_sum_assignment(costs)
    return convergent.UnitMatching(x, y, C[x, y])


def greedy(C: np.ndarray) -> convergent.UnitMatching:
    left, pairs = C.copy(), []
    for _ in range(min(C.shape)):
        i, j = np.unravel_index(left.argmax(), left.shape)
        pairs.append((i, j))
        left[i], left[:, j] = -9, -9
    x, y = np.array(sorted(pairs)).T
    return convergent.UnitMatching(x, y, C[x, y])


def semi_over(C: np.ndarray, key: np.ndarray) -> convergent.UnitMatching:
    x, y = np.arange(len(C)), key.argmax(axis=1)
    return convergent.UnitMatching(x, y, C[x, y])


BROKEN_MATCHINGS: dict[str, tuple[Function, Function]] = {
    "absolute": (lambda C: matching_of(C, -np.abs(C)), convergent.semi_matching),
    "least": (lambda C: matching_of(C, C), convergent.semi_matching),
    "greedy": (greedy, convergent.semi_matching),
    "semi absolute": (convergent.bipartite_matching, lambda C: semi_over(C, np.abs(C))),
    "semi by column": (convergent.bipartite_matching, lambda C: convergent.semi_matching(C.T)),
}


def test_matchings_are_the_best_there_are() -> None:
    assert matching_faults(convergent.bipartite_matching, convergent.semi_matching) == []


@pytest.mark.parametrize("name", BROKEN_MATCHINGS)
def test_broken_matchings_are_seen(name: str) -> None:
    assert matching_faults(*BROKEN_MATCHINGS[name]) != []


def test_gap_and_curves() -> None:
    C = np.array([[0.9, 0.8], [0.9, 0.1]])
    matching, semi = convergent.bipartite_matching(C), convergent.semi_matching(C)
    assert matching.curve.tolist() == [0.9, 0.8]
    assert (matching.mean, semi.mean) == (pytest.approx(0.85), 0.9)
    np.testing.assert_allclose(convergent.matching_gap(semi, matching), [0.1, 0.0], atol=1e-15)
    with pytest.raises(InvalidOption, match="semi first"):
        convergent.matching_gap(matching, semi)
    with pytest.raises(InvalidOption, match="only the matching has"):
        convergent.matching_gap(matching, convergent.semi_matching(np.ones((3, 2))))
    assert "mean 0.850" in repr(matching)


@pytest.mark.parametrize("C", [np.array([[0.1, np.nan]]), np.zeros(3), np.zeros((0, 2)), [["a"]], [[1j]], None])
@pytest.mark.parametrize("name", ["bipartite_matching", "semi_matching"])
def test_similarities_that_are_none(name: str, C: Any) -> None:
    with pytest.raises(InvalidActivations, match="C: "):
        getattr(convergent, name)(C)


# Participation


def participation_faults(ratio: Function) -> list[str]:
    """Orthogonal units of chosen variances v: (sum v)^2 / sum v^2, whatever is added and however it is turned."""
    frame = planted_pairs((0.0,) * 6).X
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    faults = []
    for variances in ([1, 1, 1, 1, 1, 1], [4, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0], [9, 3, 1, 1, 1, 1]):
        v = np.array(variances, dtype=float)
        for rotation in (np.eye(6), turned):
            found = ratio(frame * np.sqrt(v) @ rotation + 5.0)
            if abs(found - v.sum() ** 2 / (v**2).sum()) > 1e-8:
                faults.append(str(variances))
    return faults


def ratio_of(C: np.ndarray) -> float:
    return float(np.trace(C) ** 2 / np.trace(C @ C))


BROKEN_RATIOS: dict[str, Function] = {
    "uncentred": lambda X: ratio_of(X.T @ X),
    "of correlations": lambda X: ratio_of(convergent.all_correlations(X, X).x),
    "of singular values": lambda X: (s := np.linalg.svd(X - X.mean(0))[1]).sum() ** 2 / (s**2).sum(),
    "rank": lambda X: np.linalg.matrix_rank(X - X.mean(0)),
}


def test_participation_ratio() -> None:
    assert participation_faults(convergent.participation_ratio) == []
    assert participation_faults(lambda X: convergent.all_correlations(X[:, :2], X).participation[1]) == []


@pytest.mark.parametrize("name", BROKEN_RATIOS)
def test_broken_ratios_are_seen(name: str) -> None:
    assert participation_faults(BROKEN_RATIOS[name]) != []


@pytest.mark.parametrize("size", [1e-160, 1e160])
def test_participation_of_any_size(size: float) -> None:
    X = random_pair()[1]
    assert convergent.participation_ratio(X * size) == pytest.approx(convergent.participation_ratio(X), rel=1e-10)


def test_participation_of_constants_and_of_one_input() -> None:
    assert convergent.participation_ratio(np.full((5, 3), 0.1)) == 0.0
    with pytest.raises(InvalidActivations, match="X: got 1 input"):
        convergent.participation_ratio([[1.0, 2.0]])


# Extras

WITHOUT = """
import sys
sys.modules["sklearn"] = None
import numpy as np, spanmatch
X = np.random.default_rng(0).standard_normal((20, 3))
print(spanmatch.convergent.semi_matching(spanmatch.convergent.correlations(X, X)).y.tolist())
for name, more in (("sparse_prediction", ()), ("spectral_blocks", (2,))):
    try:
        getattr(spanmatch.convergent, name)(X, X, *more)
    except spanmatch.MissingExtra as error:
        print(error)
"""


def test_without_scikit_learn(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True, cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert lines[0] == "[0, 1, 2]"
    assert [line.split()[0] for line in lines[1:]] == ["sparse_prediction", "spectral_blocks"]
    assert all('pip install "spanmatch[convergent]"' in line for line in lines[1:])
    assert issubclass(MissingExtra, ImportError)
