"""The strategies give cases worth having, print and shrink well, and planted sets that are right."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from spanmatch.synthetic import Planted
from spanmatch.synthetic.strategies.activations import (
    EPSILONS,
    Case,
    activation_cases,
    case_features,
    planted_sets,
    table_covers,
)
from spanmatch.theory import Match, TableCover, brute_force

# Even without a database hypothesis keeps a cache in the current folder, and its pytest plugin fills it before any
# fixture runs.
ELSEWHERE = TemporaryDirectory()
set_hypothesis_home_dir(ELSEWHERE.name)

DRAWS = 500
REQUIRED = {
    "proper": 0.30,
    "rank deficient": 0.20,
    "three rounds": 0.20,
    "dead": 0.05,
    "duplicate": 0.05,
    "exact": 0.05,
}

plain = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def shares(strategy: st.SearchStrategy[Case], draws: int) -> dict[str, float]:
    counts: Counter[str] = Counter()

    @settings(plain, max_examples=draws)
    @given(strategy)
    def count(case: Case) -> None:
        counts.update(case_features(case))
        counts["drawn"] += 1

    count()
    return {label: counts[label] / counts["drawn"] for label in (*REQUIRED, "empty", "everything", "three half-rounds")}


def short(measured: dict[str, float]) -> list[str]:
    return [label for label, least in REQUIRED.items() if measured[label] < least]


def test_cases_are_worth_having() -> None:
    measured = shares(activation_cases(), DRAWS)
    print(f"shares over {DRAWS} draws:", ", ".join(f"{label} {share:.1%}" for label, share in measured.items()))
    assert short(measured) == []


def test_plain_random_cases_would_be_rejected() -> None:
    entries = st.lists(st.lists(st.integers(-9, 9), min_size=4, max_size=4), min_size=8, max_size=8)
    cases = st.builds(Case, entries, entries, st.sampled_from(EPSILONS))
    assert {"proper", "rank deficient", "three rounds"} <= set(short(shares(cases, 100)))


@settings(plain, max_examples=100)
@given(activation_cases())
def test_cases_are_small_and_print_as_code(case: Case) -> None:
    assert case.X.shape[0] == case.Y.shape[0] <= 9
    assert all(1 <= Z.shape[1] <= 5 for Z in (case.X, case.Y))
    again = eval(repr(case), {"Case": Case, "Fraction": Fraction})
    assert np.array_equal(again.X, case.X)
    assert np.array_equal(again.Y, case.Y)
    assert again.epsilon == case.epsilon in EPSILONS


def test_features_of_known_cases() -> None:
    chain = Case(
        X=[[2, 0, 0], [1, 0, 0], [0, 2, 0], [0, 1, 0], [0, 0, 1]],
        Y=[[0, 0], [2, 0], [1, 0], [0, 2], [0, 1]],
        epsilon=Fraction(9, 10),
    )
    assert case_features(chain) == {"proper", "three half-rounds"}
    cascade = Case(
        X=[[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
        Y=[[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]],
        epsilon=Fraction(0),
    )
    assert case_features(cascade) == {"proper", "three half-rounds", "exact"}
    assert case_features(Case([[1, 2]], [[3]], Fraction(1, 2))) == {"everything", "rank deficient"}
    assert case_features(Case([[1, 0], [0, 0]], [[0], [1]], 0)) == {"proper", "rank deficient", "dead", "exact"}
    assert case_features(Case([[1], [0]], [[0, 0], [1, 1]], 0)) == {"empty", "rank deficient", "duplicate", "exact"}


@pytest.mark.parametrize(("label", "most"), [("proper", 4), ("rank deficient", 3), ("dead", 2)])
def test_cases_shrink_to_small_ones(label: str, most: int) -> None:
    case = find(
        activation_cases(), lambda case: label in case_features(case), settings=settings(plain, max_examples=500)
    )
    assert case.X.shape[1] + case.Y.shape[1] <= most
    assert max(np.abs(case.X).max(), np.abs(case.Y).max()) <= 1


@settings(plain, max_examples=100)
@given(table_covers(max_neurons=6))
def test_table_covers_have_a_maximum_match(cover: TableCover) -> None:
    assert 2 <= cover.m + cover.n <= 6
    assert brute_force(cover).maximum in brute_force(cover).matches


def test_table_covers_vary() -> None:
    sizes: Counter[int] = Counter()

    @settings(plain, max_examples=200)
    @given(table_covers(max_neurons=6))
    def count(cover: TableCover) -> None:
        sizes[len(brute_force(cover).maximum)] += 1

    count()
    assert set(sizes) == set(range(7))


def peel(planted: Planted, epsilon: float) -> Match:
    """The maximum match by T4 with literal least squares, residuals up to the tolerance counted as 0."""
    sides = []
    for Z in planted.matrices:
        values = Z.astype(np.float64)
        norms = np.sqrt((values * values).sum(axis=0))
        sides.append(values / np.where(norms > 0, norms, 1))
    kept = [list(range(Z.shape[1])) for Z in sides]
    rank_cut = 1e-9 if planted.X.dtype == np.float64 else planted.tolerance
    quiet, side = 0, 0
    while quiet < 2:
        own, other = sides[side][:, kept[side]], sides[1 - side][:, kept[1 - side]]
        rest = own - other @ np.linalg.lstsq(other, own, rcond=rank_cut)[0] if kept[side] and kept[1 - side] else own
        stays = np.sqrt((rest * rest).sum(axis=0)) <= max(epsilon, planted.tolerance, 1e-7)
        kept[side] = [index for index, stay in zip(kept[side], stays, strict=True) if stay]
        quiet, side = (quiet + 1 if stays.all() else 0), 1 - side
    return Match(*kept)


def wrong_levels(planted: Planted) -> list[float]:
    ends = [
        epsilon
        for level in planted.maximum
        for epsilon in (level.low + 1e-7, (level.low + level.high) / 2, level.high - 1e-7)
        if level.low <= epsilon <= level.high and epsilon < 1
    ]
    return [epsilon for epsilon in ends if peel(planted, epsilon) != planted.max_match(epsilon)]


@settings(plain, max_examples=200)
@given(planted_sets())
def test_planted_sets_agree_with_a_literal_peel(planted: Planted) -> None:
    assert wrong_levels(planted) == []
    if planted.radii is not None:
        for level in planted.maximum:
            assert level.match == Match(*(np.flatnonzero(side <= level.low) for side in planted.radii))


def test_a_planted_set_that_claims_too_much_is_rejected() -> None:
    planted = find(
        planted_sets(knobs=False),
        lambda planted: planted.family == "radii" and planted.max_match(0.5) not in (None, planted.max_match(0.9)),
        settings=settings(plain, max_examples=500),
    )
    assert wrong_levels(planted) == []
    levels = [
        replace(level, match=Match.everything(*(Z.shape[1] for Z in planted.matrices))) for level in planted.maximum
    ]
    assert wrong_levels(replace(planted, maximum=tuple(levels)))


def test_planted_sets_reach_every_family_and_knob() -> None:
    seen: Counter[str] = Counter()

    @settings(plain, max_examples=200)
    @given(planted_sets())
    def count(planted: Planted) -> None:
        seen[planted.family] += 1
        seen["exact"] += planted.exact
        seen["dead"] += bool(planted.dead)
        seen["modified"] += "modifications" in planted.parameters
        seen["simple"] += bool(planted.simple)

    count()
    assert all(seen[name] >= 5 for name in ("blocks", "radii", "digraph", "staircase", "conv")), seen
    assert all(seen[name] >= 10 for name in ("exact", "dead", "modified", "simple")), seen
