"""The verdict on a layer: the permutation test, Holm's correction, untrained networks, rank-bound layers."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
import scipy.stats
from report_results import layer

from spanmatch import SpanmatchWarning, compare
from spanmatch.studies.comparison.verdict import corrected, further_p, holm, permutation_p


class TestNumbers:
    def test_a_p_value_counts_the_layer_itself_and_ties(self) -> None:
        assert permutation_p(0.5, [0.1, 0.2, 0.3]) == 0.25
        assert permutation_p(0.5, [0.5, 0.6, 0.3]) == 0.75

    def test_holm_by_hand(self) -> None:
        assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
        assert holm([0.5, None, 0.9]) == [1.0, None, 1.0]
        assert holm([]) == []

    def test_a_further_draw_is_that_of_the_t_test(self) -> None:
        """A sample of one against another, the variance from the larger: scipy's two-sample test with its degrees."""
        sample = [0.2, 0.25, 0.22, 0.3]
        expected = scipy.stats.ttest_ind([0.4], sample, alternative="greater").pvalue
        assert further_p(0.4, sample) == pytest.approx(expected)
        assert further_p(0.4, [0.2]) is None
        assert (further_p(1.0, [1.0, 1.0]), further_p(1.0, [0.5, 0.5])) == (1.0, 0.0)

    def test_corrected_for_chance(self) -> None:
        assert (corrected(1.0, 0.7), corrected(0.7, 0.7), corrected(1.0, 1.0)) == (1.0, 0.0, 0.0)
        assert corrected(0.85, 0.7) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ({}, "above chance"),
        ({"p": 0.05}, "above chance"),
        ({"p": 0.051}, "no better than chance"),
        ({"area": 0.05}, "little above chance"),
        ({"p": None}, "no null"),
        ({"untrained": 0.2}, "above untrained"),
        ({"untrained": 0.45}, "no better than untrained"),
        ({"untrained": 0.2, "p": 0.4}, "no better than chance"),
    ],
)
def test_words_and_sentence(numbers: dict[str, Any], verdict: str) -> None:
    found = layer(null=(0.0, 0.0, 0.0), **({"area": 0.5} | numbers))
    assert found["verdict"] == verdict
    assert found["sentence"].lower().startswith(f"{verdict}: area")
    assert ("untrained networks" in found["sentence"]) == ("untrained" in numbers)


RNG = np.random.default_rng(0)


def quiet(*given: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpanmatchWarning)
        return compare(*given, **options)


def relu(rng: np.random.Generator, shape: tuple[int, ...] = (400, 8)) -> Any:
    return np.maximum(rng.standard_normal(shape), 0)


class TestPermutationTest:
    def test_p_values_are_uniform_where_nothing_is_shared(self) -> None:
        """With positions of one image that are alike, which are no images of their own."""
        rng, found = np.random.default_rng(1), []
        for seed in range(100):
            a, b = (relu(rng, (40, 3, 1)) + 0.1 * relu(rng, (40, 3, 4)) for _ in "ab")
            layers = [{"l": Z.transpose(0, 2, 1)} for Z in (a, b)]
            pair = quiet(*layers, layout="ntc", positions=100, shuffles=19, draws=2, seed=seed)["l"]
            found.append(pair.p_value)
        # Uniform on 0.05, 0.10, ..., 1.
        jittered = np.array(found) - rng.random(100) / 20
        assert scipy.stats.kstest(jittered, "uniform").pvalue > 0.01

    def test_what_is_shared_has_the_smallest_p_value_there_is(self) -> None:
        X = relu(RNG)
        Y = X @ RNG.standard_normal((8, 8)) + RNG.standard_normal((400, 8))
        assert quiet({"l": X}, {"l": Y}, shuffles=39)["l"].p_value == 1 / 40

    def test_too_few_shuffles_say_nothing(self) -> None:
        X = relu(RNG)
        layers = dict.fromkeys("abc", X)
        assert {one.verdict for one in quiet(layers, layers, shuffles=39)} == {"too few shuffles"}
        assert {one.verdict for one in quiet(layers, layers, shuffles=59)} == {"above chance"}
        assert quiet({"a": X}, {"a": relu(RNG)}, shuffles=3)["a"].verdict == "too few shuffles"

    @pytest.mark.parametrize(
        ("images", "layers", "told"), [(1, 1, False), (3, 1, False), (4, 1, True), (4, 2, False), (5, 2, True)]
    )
    def test_few_images_have_too_few_orders(self, images: int, layers: int, told: bool) -> None:
        """1/4! is less than .05, for two layers it is not; a layer that is compared with itself always has the best."""
        same = dict.fromkeys("ab"[:layers], np.random.default_rng(0).standard_normal((images, 30, 3)))
        found = quiet(same, same, layout="ntc", shuffles=400, draws=1)["a"]
        assert (found.verdict == "above chance") == told
        if not told:
            assert found.verdict == "too few images"
            assert re.search(rf"at least [56] images are needed to tell, and there are {images}", found.sentence)

    def test_no_better_than_chance(self) -> None:
        found = quiet({"l": relu(RNG)}, {"l": relu(RNG)}, shuffles=39)["l"]
        assert found.verdict == "no better than chance"
        assert abs(found.corrected_area) < 0.05


class TestBaseline:
    """Networks that see the same images share them; trained ones share more."""

    images = RNG.standard_normal((400, 12))

    def network(self, learned: float = 0.0) -> dict[str, Any]:
        own = np.random.default_rng(RNG.integers(2**32)).standard_normal((12, 16))
        common = np.random.default_rng(7).standard_normal((12, 16))
        return {"one": np.maximum(self.images @ (own + learned * common), 0), "two": relu(RNG, (400, 16))}

    def test_a_further_untrained_pair_is_no_better_and_a_trained_one_is(self) -> None:
        untrained = [(self.network(), self.network()) for _ in range(6)]
        fresh = quiet(self.network(), self.network(), shuffles=39, baseline=untrained)
        trained = quiet(self.network(3.0), self.network(3.0), shuffles=39, baseline=untrained)
        assert [one.verdict for one in fresh] == ["no better than untrained", "no better than chance"]
        assert [one.verdict for one in trained] == ["above untrained", "no better than chance"]
        assert trained["one"].baseline.pairs == 6
        assert max(trained["one"].baseline.similarity) <= max(trained["one"].baseline.highest)
        # Without the baseline all that see the same images are above chance.
        assert quiet(self.network(), self.network(), shuffles=39)["one"].verdict == "above chance"

    def test_comparisons_will_do_and_one_pair_will_not(self) -> None:
        pairs = [(self.network(), self.network()) for _ in range(2)]
        compared = [quiet(*pair, draws=1, shuffles=19) for pair in pairs]
        layers = self.network(3.0), self.network(3.0)
        found = [quiet(*layers, shuffles=39, baseline=baseline) for baseline in (pairs, compared)]
        assert found[0].layers == found[1].layers
        alone = quiet(*layers, shuffles=39, baseline=compared[0])["one"]
        assert (alone.verdict, alone.baseline.p_value) == ("above chance", None)
        assert "too few to judge" in alone.sentence


class TestRankBound:
    def test_two_layers_in_the_same_few_dimensions(self) -> None:
        data = RNG.standard_normal((300, 5))
        a, b = ({"l": data @ RNG.standard_normal((5, 8))} for _ in "ab")
        found = quiet(a, b, shuffles=19)["l"]
        assert (found.rank, found.verdict) == ((5, 5), "rank-bound")
        assert "16" not in found.sentence
        assert "8 + 8 neurons span the same 5 dimensions" in found.sentence

    def test_as_many_neurons_as_inputs(self) -> None:
        found = quiet({"l": RNG.standard_normal((20, 20))}, {"l": RNG.standard_normal((20, 30))}, shuffles=19)["l"]
        assert (found.verdict, found.p_value) == ("rank-bound", 1.0)

    def test_not_a_layer_and_itself_nor_one_of_full_rank(self) -> None:
        """Copies match neuron by neuron; the layers of full rank span the same because one was made of the other."""
        low, full = RNG.standard_normal((300, 5)) @ RNG.standard_normal((5, 8)), RNG.standard_normal((300, 8))
        assert quiet({"l": low}, {"l": 2 * low[:, ::-1]}, shuffles=19)["l"].verdict == "above chance"
        assert quiet({"l": full}, {"l": full @ RNG.standard_normal((8, 8))}, shuffles=19)["l"].verdict == "above chance"
