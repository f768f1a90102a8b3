"""On generated cases worth having, the public functions, the published algorithm and the exact oracle agree."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings

import spanmatch
from spanmatch import Match, exact
from spanmatch.algorithms import reference
from spanmatch.algorithms.compressed.compressor import GOOD_ENOUGH
from spanmatch.algorithms.exact import ExactGeometry
from spanmatch.algorithms.peeling import peel_radii, rounds
from spanmatch.proofs_check.harness.margins import CLEAR, radius_margin
from spanmatch.synthetic.strategies.activations import Case, activation_cases
from spanmatch.theory.residuals import LeastSquares

DRAWS, COMPARED = 360, 300
REQUIRED = {"proper": 0.30, "rank deficient": 0.20, "three rounds": 0.20}


def test_three_routes_to_the_maximum_match() -> None:
    """Literally as published on least squares, batch peeling on the compressed problem, integer arithmetic; and the
    radii of the float route. A case whose epsilon lies at a radius is left out: floats do not decide it."""
    counts: Counter[str] = Counter()

    @seed(1)
    @settings(max_examples=DRAWS, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(activation_cases())
    def agree(case: Case) -> None:
        oracle = ExactGeometry(case.X, case.Y)
        squares = peel_radii(oracle)
        truth = exact.max_match(case.X, case.Y, case.epsilon)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", spanmatch.SpanmatchWarning)
            compressed = spanmatch.compress(case.X, case.Y)
        radii = compressed.match_radii()
        found = dict(zip(compressed.geometry.at(0.0).everything, np.concatenate([radii.x, radii.y]), strict=True))
        assert all(abs(found[v] - oracle.relative(square)) <= radii.error for v, square in squares.items())
        counts["drawn"] += 1
        if radius_margin(squares, oracle, case.epsilon) <= CLEAR:
            return
        epsilon = float(case.epsilon)
        assert compressed.max_match(epsilon) == truth
        assert reference.max_match(LeastSquares(case.X, case.Y).at(epsilon)) == truth
        # A radius of 0 comes out as 0, so epsilon 0 is decided too.
        assert radii.max_match(epsilon) == truth
        assert compressed.similarity(epsilon) == len(truth) / len(found)
        counts["compared"] += 1
        counts["proper"] += truth != Match() and len(truth) < len(found)
        counts["rank deficient"] += compressed.ranks != (compressed.m, compressed.n)
        counts["three rounds"] += rounds(oracle.at(case.epsilon)) >= 3

    agree()
    shares = {label: counts[label] / counts["compared"] for label in REQUIRED}
    print(f"{counts['compared']} of {counts['drawn']} compared:", {label: f"{s:.1%}" for label, s in shares.items()})
    assert counts["compared"] >= COMPARED
    assert all(shares[label] >= least for label, least in REQUIRED.items()), shares


def family(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Small integers, degenerate in one way; no rounding, so the exact oracle sees the same rank."""
    inputs = int(rng.integers(10, 24))
    common = rng.integers(-4, 5, (inputs, 6))
    mixing = [rng.integers(-2, 3, (6, int(rng.integers(3, 9)))) for _ in range(2)]
    match kind:
        case "one span":
            X, Y = (common @ weights for weights in mixing)
        case "overlapping spans":
            X, Y = common[:, :4] @ mixing[0][:4], common[:, 2:] @ mixing[1][2:]
        case "nearby spans":
            X = 16 * common @ mixing[0]
            Y = 16 * common @ mixing[1] + rng.integers(-2, 3, (inputs, mixing[1].shape[1]))
        case "copies":
            X = np.hstack([common[:, :3], -2 * common[:, :3], common[:, 3:4] + common[:, :1]])
            Y = np.hstack([common[:, 1:4], common[:, 1:2], common[:, 5:]])
        case "dead":
            X, Y = common * (rng.random(6) < 0.6), (common @ mixing[1]) * (rng.random(mixing[1].shape[1]) < 0.7)
        case _:
            symbols = np.eye(4, dtype=int)[rng.integers(4, size=inputs)]
            X, Y = (symbols @ rng.integers(0, 5, (4, 7)) for _ in range(2))
    return X, Y


@pytest.mark.parametrize(
    "kind", ["one span", "overlapping spans", "nearby spans", "copies", "dead", "one-hot"]
)
def test_radii_of_degenerate_layers(kind: str) -> None:
    """60 layers of each kind: every radius within its stated error of the exact one."""
    rng = np.random.default_rng(0)
    deficient = 0
    for _ in range(60):
        X, Y = family(kind, rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", spanmatch.SpanmatchWarning)
            compressed = spanmatch.compress(X, Y)
        radii, truth = compressed.match_radii(), exact.match_radii(X, Y)
        for found, squares in ((radii.x, truth.x), (radii.y, truth.y)):
            assert np.abs(found - np.sqrt(np.array(squares, dtype=float))).max() <= radii.error
        assert radii.error <= GOOD_ENOUGH
        deficient += compressed.ranks != (compressed.m, compressed.n)
    assert deficient >= 20
