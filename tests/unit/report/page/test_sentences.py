"""Sentences are true of every result: each claim against results built to make it true, false and empty."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from report_results import comparison, layer

from spanmatch.report.page.sentences import (
    NAMED,
    Excess,
    against_trained,
    count,
    itself,
    largest_excess,
    listed,
    standing,
    what_is_seen,
)
from spanmatch.studies.comparison import compare as studied
from spanmatch.theory.errors import SpanmatchWarning


def seen(*layers: dict[str, Any], **options: Any) -> str:
    return "\n".join(what_is_seen(comparison(*layers, **options)))


class TestExcess:
    def test_of_a_tie_the_smallest_epsilon(self) -> None:
        assert largest_excess(layer(similarity=(0.5, 0.5, 1.0))) == Excess(0.5, 0.25, 0.25)

    def test_below_the_null_everywhere_is_negative(self) -> None:
        assert largest_excess(layer(similarity=(0.0, 0.1, 0.2), null=(0.3, 0.3, 0.3))) == Excess(-0.2, 0.5, None)

    def test_first_may_come_before_the_largest(self) -> None:
        assert largest_excess(layer(similarity=(0.1, 0.5, 1.0))) == Excess(0.5, 0.5, 0.25)

    def test_one_low_draw_is_enough_to_doubt(self) -> None:
        assert standing(layer(similarity=(0.0, 0.5, 1.0), spread=0.5, null_area=0.5), True) == "no better than the null"

    @pytest.mark.parametrize(("null_from", "verdict"), [(0.82, "no better than the null"), (0.83, "shares something")])
    def test_a_cliff_that_comes_a_little_earlier_is_not_a_find(self, null_from: float, verdict: str) -> None:
        grid = [round(0.7 + 0.01 * k, 2) for k in range(20)]
        curves = ([float(e >= start) for e in grid] for start in (0.8, null_from))
        assert standing(layer("fc", *curves, epsilons=grid, area=0.2, null_area=0.18), True) == verdict

    @pytest.mark.parametrize(("area", "verdict"), [(0.52, "no better than the null"), (0.521, "shares little")])
    def test_an_earlier_curve_is_little_even_between_two_epsilons(self, area: float, verdict: str) -> None:
        one = layer(similarity=(0.0, 0.0, 1.0), null=(0.0, 0.0, 1.0), area=area, null_area=0.5)
        assert standing(one, True) == verdict

    def test_a_single_epsilon_is_read_as_it_is(self) -> None:
        assert largest_excess(layer(similarity=(0.4,), null=(0.1,), epsilons=(0.5,))) == Excess(0.3, 0.5, 0.5)

    def test_no_epsilon(self) -> None:
        assert largest_excess(layer(similarity=(), null=(), epsilons=())) is None

    @pytest.mark.parametrize(
        ("above", "verdict"),
        [
            (0.0, "no better than the null"),
            (0.02, "no better than the null"),
            (0.021, "shares little"),
            (0.099, "shares little"),
            (0.1, "shares something"),
            (-0.3, "no better than the null"),
        ],
    )
    def test_thresholds(self, above: float, verdict: str) -> None:
        # 0.5 + 0.1 - 0.5 is below 0.1 in floats: the rounding is what decides.
        one = layer(similarity=(0.0, 0.5 + above, 0.5), null=(0.5, 0.5, 0.5))
        assert standing(one, True) == verdict
        assert standing(one, False) == "no null"

    def test_no_grid_has_no_standing(self) -> None:
        assert standing(layer(similarity=(), null=(), epsilons=()), True) == "no epsilon"


class TestWhatIsSeen:
    def test_each_layer_is_in_the_sentence_of_its_standing(self) -> None:
        lines = what_is_seen(
            comparison(
                layer("strong", (0.0, 0.5, 1.0), (0.0, 0.0, 0.0)),
                layer("weak", (0.05, 0.5, 1.0), (0.0, 0.0, 0.45)),
                layer("none", (0.0, 0.5, 1.0), (0.0, 0.5, 1.0)),
            )
        )
        (strong,) = (line for line in lines if line.startswith("Beyond the null"))
        (weak,) = (line for line in lines if line.startswith("Little beyond"))
        (none,) = (line for line in lines if line.startswith("No better"))
        assert "1 of 3 layers" in strong
        assert "strong by 0.500 (at 0.5)" in strong
        assert "weak by 0.050 (at 0.25), area +0.367" in weak
        assert none.endswith("1 of 3 layers; none.")
        assert "weak" not in strong + none

    def test_where_nothing_is_shared_it_says_so(self) -> None:
        text = seen(layer("none", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), chance=1.0))
        assert "No layer is beyond the null" in text
        assert "Beyond the null" not in text
        assert "No epsilon is called chance in none" in text
        assert "Shuffled images match too" not in text

    def test_without_shuffles_nothing_is_said_of_the_null(self) -> None:
        text = seen(layer(null=(0, 0, 0), chance=1.0), shuffles=0)
        assert "there is no null" in text
        assert "Beyond" not in text
        assert "huffled images match" not in text

    def test_no_layer_and_no_epsilon(self) -> None:
        assert what_is_seen(comparison()) == ["No layer was compared."]
        text = seen(layer("fc", (), (), epsilons=(), dead=(1, 0)))
        assert text.startswith("No epsilon was asked for")
        assert "fc (1 of 8 and 0 of 8)" in text

    def test_the_smallest_epsilon_beyond_the_null_names_every_tie(self) -> None:
        text = seen(layer("a", (0.5, 0.5, 1.0)), layer("b", (0.1, 0.5, 1.0)), layer("c"))
        assert "excess of at least 0.1 is 0.25: a, b." in text

    @pytest.mark.parametrize(
        ("chances", "said"),
        [
            ((0.7,), "from epsilon 0.700 on in l0:"),
            ((0.7, 0.7), "from epsilon 0.700 on in l0, l1:"),
            ((0.7, 0.4, 1.0), "from epsilon 0.400 on in l1, the soonest, to 0.700 in l0, the latest:"),
        ],
    )
    def test_chance(self, chances: tuple[float, ...], said: str) -> None:
        text = seen(*(layer(f"l{k}", chance=chance) for k, chance in enumerate(chances)))
        assert said in text
        assert ("No epsilon is called chance in l2" in text) == (1.0 in chances)

    @pytest.mark.parametrize(
        ("treated", "said"), [("match", "match at every"), ("unmatched", "never match"), ("drop", "left out")]
    )
    def test_dead_neurons_and_what_becomes_of_them(self, treated: str, said: str) -> None:
        text = seen(layer("fc", dead=(1, 2)), layer("conv"), dead_neurons=treated)
        (line,) = (line for line in text.splitlines() if line.startswith("Dead"))
        assert "fc (1 of 8 and 2 of 8)" in line
        assert said in line
        assert "conv" not in line
        assert "No neuron is dead" in seen(layer())

    def test_undecided(self) -> None:
        assert "fc (3)" in seen(layer("fc", undecided=3), layer("conv"))
        assert "no point of the curves is undecided" in seen(layer())


def test_independent_sets_share_nothing_even_on_a_fine_grid() -> None:
    rng = np.random.default_rng(0)
    a, b = (np.maximum(rng.standard_normal((1000, 32)), 0) for _ in "ab")
    grid = np.linspace(0.7, 0.9, 101).tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpanmatchWarning)
        found = studied.compare({"l": a}, {"l": b}, epsilons=grid, positions=500, draws=4, shuffles=3).to_dict()
    assert standing(found["layers"][0], True) == "no better than the null"


class TestItself:
    def test_one_everywhere(self) -> None:
        assert "exactly 1 in every layer" in itself(comparison(layer(similarity=(1.0, 1.0, 1.0))))

    def test_a_last_bit_below_one_is_not_one(self) -> None:
        least = 1 - 2**-53
        text = itself(comparison(layer("good", (1.0, 1.0, 1.0)), layer("off", (1.0, least, 1.0))))
        assert text == f"Against itself similarity has to be exactly 1, and is not in 1 layer: off (down to {least!r})."


class TestAgainstTrained:
    trained = comparison(layer("a", area=0.5), layer("b", area=0.5), layer("c", area=0.5), networks=("v0", "v1"))

    def test_below_equal_and_above_are_told_apart(self) -> None:
        control = comparison(layer("a", area=0.4), layer("b", area=0.50004), layer("c", area=0.6))
        line = against_trained(control, self.trained)[0]
        assert "against the trained pair v0 against v1" in line
        assert "below it in 1 of 3 layers: a (0.400 against 0.500)" in line
        assert "equal to 3 decimals in 1 of 3 layers: b (0.500 against 0.500)" in line
        assert "above it in 1 of 3 layers: c (0.600 against 0.500)" in line

    def test_below_in_every_layer(self) -> None:
        control = comparison(*(layer(name, area=0.1) for name in "abc"))
        assert "below it in every layer (3 of 3 layers)" in against_trained(control, self.trained)[0]

    def test_beyond_the_null_can_turn_the_order(self) -> None:
        control = comparison(layer("a", area=0.6, null_area=0.5))
        by_area, beyond, missing = against_trained(
            comparison(*control["layers"], layer("new"), networks=("v0", "x")), self.trained
        )
        assert "above it in 1 of 1 layer" in by_area
        assert "below it in every layer (1 of 1 layer): a (0.100 against 0.500)" in beyond
        assert missing == "1 layer not in the trained pair, and left out here."

    def test_without_a_null_only_by_area(self) -> None:
        lines = against_trained(comparison(layer("a"), shuffles=0), self.trained)
        assert len(lines) == 1

    def test_nothing_in_common(self) -> None:
        assert "No layer in common" in against_trained(comparison(layer("z")), self.trained)[0]


def test_counts_and_lists() -> None:
    assert (count(0, "layer"), count(1, "layer"), count(12345, "case")) == ("0 layers", "1 layer", "12 345 cases")
    assert listed([str(k) for k in range(NAMED)]).endswith(f", {NAMED - 1}")
    assert listed([str(k) for k in range(NAMED + 2)]).endswith(" and 2 more (in the table)")
