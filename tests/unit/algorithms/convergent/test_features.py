"""Features of several networks: the planted ones are found, and rules that are wrong in one way do not find them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations

import numpy as np
import pytest

from spanmatch import InvalidOption, compare, convergent
from spanmatch.algorithms.convergent import SharedFeatures, UnitMatching
from spanmatch.report.page import page
from spanmatch.report.populations import features_table
from spanmatch.studies.comparison.population import Population
from spanmatch.synthetic.families.features import FeatureSet, planted_features

Matchings = Mapping[tuple[int, int], UnitMatching]
ALIKE = 0.5


def matchings_of(planted: FeatureSet) -> Matchings:
    layers = planted.layers
    pairs = combinations(range(len(layers)), 2)
    return {(i, j): convergent.bipartite_matching(convergent.correlations(layers[i], layers[j])) for i, j in pairs}


def faults(find: Callable[[Matchings], SharedFeatures]) -> list[str]:
    """Planted sets whose features of correlations above 0.5 are not found, or others are."""
    wrong = []
    for networks, seed in ((3, 0), (4, 1), (5, 2)):
        planted = planted_features(networks=networks, seed=seed)
        found = find(matchings_of(planted)).at_least(ALIKE)
        same = found.units.tolist() == planted.units.tolist()
        if not same or np.abs(found.lowest - planted.similarity).max() > 1e-12:
            wrong.append(repr(planted))
    return wrong


def star(matchings: Matchings) -> SharedFeatures:
    """The partners of each unit of network 0, whether or not they are partners of one another."""
    count = max(j for _, j in matchings) + 1
    mine = [dict(zip(matchings[0, j].x.tolist(), matchings[0, j].y.tolist(), strict=True)) for j in range(1, count)]
    values = np.min([matchings[0, j].values for j in range(1, count)], axis=0)
    units = np.array([[x, *(one[x] for one in mine)] for x in matchings[0, 1].x.tolist()])
    order = np.argsort(-values, kind="stable")
    return SharedFeatures(units[order], values[order])


def seen_from_the_first(matchings: Matchings) -> SharedFeatures:
    """The right units, but how alike network 0 finds them."""
    found = convergent.shared_features(matchings)
    value = dict(zip(matchings[0, 1].x.tolist(), matchings[0, 1].values.tolist(), strict=True))
    return SharedFeatures(found.units, np.array([value[unit] for unit in found.units[:, 0].tolist()]))


def test_planted_features_are_found_and_broken_rules_are_not_right() -> None:
    assert faults(convergent.shared_features) == []
    for broken in (star, seen_from_the_first):
        assert len(faults(broken)) == 3, broken.__name__


def test_two_networks_have_the_pairs_of_their_matching_as_features() -> None:
    matching = convergent.bipartite_matching([[0.9, 0.1, 0.2], [0.3, 0.4, 0.8]])
    found = convergent.shared_features({(0, 1): matching})
    assert found.units.tolist() == [[0, 0], [1, 2]]
    assert found.lowest.tolist() == matching.values.tolist()


def test_networks_of_other_widths_and_none_in_common() -> None:
    wide, narrow = np.eye(3), np.eye(3)[:, :1]
    found = convergent.shared_features(
        {of: convergent.bipartite_matching(C) for of, C in (((0, 1), wide), ((0, 2), narrow), ((1, 2), narrow[::-1]))}
    )
    assert found.units.shape == (0, 3)
    assert repr(found) == "SharedFeatures(0 features of 3 networks)"


def test_what_is_no_set_of_matchings() -> None:
    one = convergent.bipartite_matching(np.eye(2))
    for matchings in ({}, {(0, 2): one}, {(0, 1): one, (0, 2): one}, {(1, 0): one}, [one], {(0, 1): np.eye(2)}):
        with pytest.raises(InvalidOption, match="every two of at least two networks"):
            convergent.shared_features(matchings)  # type: ignore[arg-type]
    with pytest.raises(InvalidOption, match="no semi-matchings"):
        convergent.shared_features({(0, 1): convergent.semi_matching([[0.9, 0.8], [0.9, 0.1]])})


@pytest.fixture(scope="module")
def population() -> tuple[FeatureSet, Population]:
    planted = planted_features(bridges=1, own=1)
    cheap = {"blocks": 2, "penalties": (0.5,), "folds": 2}
    options = {"shuffles": 0, "draws": 1, "epsilons": (0.5,), "units": cheap}
    return planted, compare(*({"fc": layer} for layer in planted.layers), **options)


def test_a_population_has_the_features_of_its_networks(population: tuple[FeatureSet, Population]) -> None:
    planted, found = population
    assert found.features("fc").at_least(ALIKE).units.tolist() == planted.units.tolist()
    again = Population.from_json(found.to_json())
    assert again["fc"].features == found["fc"].features
    assert "Features that all networks have" in page(found.to_dict())
    assert [column.heading for column in features_table(found.to_dict()).columns][2:4] == ["from 0.3", "from 0.5"]


def test_features_take_units_and_every_pair(population: tuple[FeatureSet, Population]) -> None:
    without = compare(*({"fc": layer} for layer in population[0].layers), shuffles=0, epsilons=(0.5,))
    assert "features" in without.to_dict()["layers"][0]
    with pytest.raises(InvalidOption, match="compare with units=True"):
        without.features("fc")
