"""All simple matches and all minimal eviction sets: against brute force on small sets, against what was planted on
large ones."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import spanmatch
from spanmatch import Match, exact
from spanmatch.algorithms import minimal, simple
from spanmatch.algorithms.exact import ExactGeometry
from spanmatch.algorithms.minimal import Search
from spanmatch.proofs_check.harness.margins import CLEAR, MarginRecorder
from spanmatch.synthetic import planted_blocks, planted_digraph, random_cover
from spanmatch.synthetic.planted import Planted
from spanmatch.synthetic.strategies.activations import Case, activation_cases
from spanmatch.theory import brute_force
from spanmatch.theory.brute_force import minimal_evictions
from spanmatch.theory.errors import SpanmatchWarning

COVERS = 400
SETS = 150


def test_equal_to_brute_force_on_abstract_covers() -> None:
    several = 0
    for seed in range(COVERS):
        m = 1 + seed % 6
        cover = random_cover(m, 1 + seed // 6 % (8 - m), seed=seed)
        truth = brute_force(cover)
        search = Search(cover)
        found = simple.simple_matches(search)
        assert found.complete
        assert found.matches == truth.simple
        evictions = minimal_evictions(truth)
        assert found.evictions == evictions
        for v in truth.maximum:
            # T15: a family determines the other.
            assert {match for match in found if v in match and all(match & e for e in found.evictions[v])} >= set(
                truth.minimal[v]
            )
        one_each = minimal.min_matches(search)
        assert one_each.complete
        assert set(one_each.matches) == set(truth.minimal)
        assert all(match in truth.minimal[v] for v, match in one_each.matches.items())
        several += any(len(matches) > 1 for matches in truth.minimal.values())
    assert several >= COVERS // 5


def test_equal_to_brute_force_on_activations() -> None:
    seen = {"deficient": 0, "copies": 0, "several": 0, "all": 0}

    @settings(max_examples=240, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(activation_cases())
    def examine(case: Case) -> None:
        if case.X.shape[1] + case.Y.shape[1] > 9:
            return
        oracle = ExactGeometry(case.X, case.Y)
        recorder = MarginRecorder(oracle, case.epsilon)
        truth = brute_force(recorder.at(case.epsilon))
        evictions = minimal_evictions(truth)
        answers = [exact.simple_matches(case.X, case.Y, case.epsilon)]
        each = [exact.min_matches(case.X, case.Y, case.epsilon)]
        if recorder.margin > CLEAR:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SpanmatchWarning)
                answers.append(spanmatch.simple_matches(case.X, case.Y, float(case.epsilon)))
                each.append(spanmatch.min_matches(case.X, case.Y, float(case.epsilon)))
            seen["all"] += 1
            seen["deficient"] += any(oracle.rank(side) < size for side, size in (("x", oracle.m), ("y", oracle.n)))  # type: ignore[arg-type]
            seen["copies"] += any(len({tuple(z) for z in Z.T}) < Z.shape[1] for Z in (case.X, case.Y))
            seen["several"] += any(len(matches) > 1 for matches in truth.minimal.values())
        for answer in answers:
            assert (answer.matches, answer.complete, answer.evictions) == (truth.simple, True, evictions)
        for found in each:
            assert found.complete
            assert set(found.matches) == set(truth.minimal)
            assert all(match in truth.minimal[v] for v, match in found.matches.items())

    examine()
    assert seen["all"] >= SETS
    assert min(seen["deficient"], seen["copies"], seen["several"]) >= SETS // 20


BLOCKS = tuple((k, k, k) for k in (1, 2, 3, 4, 5, 6, 7, 8, 8, 10))
RNG = np.random.default_rng(5)
COMPONENTS = (*(int(k) for k in RNG.integers(1, 6, size=15)), 3)
EDGES = tuple((a, b) for a in range(16) for b in range(a + 1, 16) if RNG.random() < 0.15)
CHAIN = planted_digraph(
    inputs=300, components=(1,) * 60, edges=[(k, k + 1) for k in range(59)], private=(4, 4), integer=True
)


@pytest.mark.parametrize(
    "planted",
    [
        planted_blocks(inputs=400, blocks=BLOCKS, private=(10, 10)),
        planted_blocks(inputs=400, blocks=((1, 2, 2), (2, 3, 3), (2, 2, 4), *((8, 8, 8),) * 5), private=(17, 15)),
        planted_digraph(
            inputs=300, components=COMPONENTS, edges=EDGES, private=(64 - sum(COMPONENTS), 64 - sum(COMPONENTS))
        ),
        CHAIN,
    ],
    ids=["blocks", "wide blocks", "digraph", "chain"],
)
def test_planted_simple_matches_come_back(planted: Planted) -> None:
    X, Y = planted.matrices
    assert X.shape[1] == Y.shape[1] == 64
    found = spanmatch.simple_matches(X, Y, 0.0)
    # Along the chain coefficients grow to 2 000: what rounding makes of a residual 0 is beyond the rank tolerance.
    assert (found.complete, found.undecided) == ((False, True) if planted is CHAIN else (True, False))
    assert found.matches == planted.simple_matches(0.0)
    union = Match.of(v for match in found for v in match)
    assert set(found.evictions) == set(union) == set(planted.max_match(0.0) or ())
