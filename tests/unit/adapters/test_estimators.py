"""Fit on some inputs, score on others; and a metric for scikit-learn's model selection."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import cross_val_score

import spanmatch
from spanmatch.adapters import SubspaceMatchMetric, subspace_match_score

rng = np.random.default_rng(0)
X = rng.integers(-5, 6, (30, 4)).astype(float)
Y = np.column_stack([X[:, 0] + X[:, 1], X[:, 0] - X[:, 1], rng.integers(-5, 6, 30)])


def test_the_score_on_the_inputs_of_fit_is_one_minus_the_similarity() -> None:
    for epsilon in (0.0, 0.3, 0.9):
        metric = SubspaceMatchMetric(epsilon)
        assert metric.fit_score(X, Y) == pytest.approx(1 - spanmatch.similarity(X, Y, epsilon))
        assert metric.match_ == spanmatch.max_match(X, Y, epsilon)
    assert SubspaceMatchMetric(0.1).fit_score(X, Y) == pytest.approx(3 / 7)


def test_other_inputs_count_what_was_matched_and_matches_there() -> None:
    metric = SubspaceMatchMetric(0.1).fit(X, Y)
    again = rng.integers(-5, 6, (30, 4)).astype(float)
    only_one = np.column_stack([again[:, 0] + again[:, 1], rng.integers(-5, 6, 30), again[:, 2]])
    x, y = metric.transform(again, only_one)
    assert np.array_equal(x, again[:, :2])
    assert np.array_equal(y, only_one[:, :2])
    # Neuron 2 of Y has a partner now, but it had none in fit; neuron 0 has lost the other member of its span.
    assert spanmatch.similarity(again, only_one, 0.1) > 1 - metric.score(again, only_one)
    assert metric.score(again, only_one) == pytest.approx(1 - len(spanmatch.max_match(x, y, 0.1)) / 7)
    assert metric.score(X, Y) == pytest.approx(3 / 7)


def test_dead_neurons_match_without_a_partner() -> None:
    dead = np.column_stack([X[:, 3], np.zeros(30)])
    assert SubspaceMatchMetric(0.1).fit_score(dead, X[:, :1]) == pytest.approx(2 / 3)
    fitted = SubspaceMatchMetric(0.1).fit(dead, X[:, :1])
    assert fitted.score(dead + 1, X[:, :1]) == 1


def test_it_says_what_is_wrong() -> None:
    with pytest.raises(spanmatch.InvalidState, match="fit"):
        SubspaceMatchMetric().score(X, Y)
    with pytest.raises(spanmatch.InvalidActivations, match=r"3 and 4 neurons, need \(4, 3\)"):
        SubspaceMatchMetric().fit(X, Y).score(Y, X)
    with pytest.raises(spanmatch.InvalidEpsilon):
        SubspaceMatchMetric(2)


def test_models_are_scored_by_what_they_predict() -> None:
    scorer = make_scorer(subspace_match_score, epsilon=0.1)
    scores = cross_val_score(LinearRegression(), X, Y[:, :2], scoring=scorer, cv=3)
    assert scores.tolist() == [1, 1, 1]
    noise = cross_val_score(LinearRegression(), X, rng.normal(size=(30, 2)), scoring=scorer, cv=3)
    assert noise.tolist() == [0, 0, 0]
    assert subspace_match_score(X[:, 0], 2 * X[:, 0], epsilon=0.1) == 1
    assert subspace_match_score(X, Y, epsilon=0.1) == pytest.approx(4 / 7)
