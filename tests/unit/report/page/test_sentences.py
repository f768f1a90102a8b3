"""Sentences are true of every result: each claim against results built to make it true, false and empty."""

from __future__ import annotations

from typing import Any

import pytest
from report_results import comparison, layer

from spanmatch.report.page.sentences import (
    NAMED,
    against_trained,
    count,
    itself,
    listed,
    of_each_layer,
    what_is_seen,
)


def seen(*layers: dict[str, Any], **options: Any) -> str:
    return "\n".join(what_is_seen(comparison(*layers, **options)))


class TestWhatIsSeen:
    def test_each_layer_is_under_its_verdict_and_has_its_sentence(self) -> None:
        layers = layer("strong"), layer("weak", p=0.4), layer("learned", untrained=0.2), layer("born", untrained=0.5)
        lines = what_is_seen(comparison(*layers))
        assert lines[:4] == [
            "Above chance in 1 of 4 layers: strong.",
            "No better than chance in 1 of 4 layers: weak.",
            "Above untrained in 1 of 4 layers: learned.",
            "No better than untrained in 1 of 4 layers: born.",
        ]
        assert [f"{one['name']}: {one['sentence']}" for one in layers] == of_each_layer(comparison(*layers))

    def test_no_chance_epsilon(self) -> None:
        text = seen(layer("none", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), chance=1.0))
        assert "No chance epsilon in none" in text
        assert "Shuffled images match too" not in text

    def test_without_shuffles_nothing_is_said_of_the_null(self) -> None:
        text = seen(layer(null=(0, 0, 0), chance=1.0), shuffles=0)
        assert "there is no null" in text
        assert "chance in 1" not in text
        assert "huffled images match" not in text

    def test_no_layer_and_no_epsilon(self) -> None:
        assert what_is_seen(comparison()) == ["No layer was compared."]
        text = seen(layer("fc", (), (), epsilons=(), dead=(1, 0)))
        assert text.startswith("No epsilon was asked for")
        assert "fc (1 of 8 and 0 of 8)" in text

    @pytest.mark.parametrize(
        ("chances", "said"),
        [
            ((0.7,), "from epsilon 0.700 on in l0."),
            ((0.7, 0.7), "from epsilon 0.700 on in l0, l1."),
            ((0.7, 0.4, 1.0), "from epsilon 0.400 on in l1 and from 0.700 on in l0."),
            ((0.7, 0.4, 0.5), "in l1 and from 0.700 on in l0, in the other layers from values in between."),
        ],
    )
    def test_chance(self, chances: tuple[float, ...], said: str) -> None:
        text = seen(*(layer(f"l{k}", chance=chance) for k, chance in enumerate(chances)))
        assert said in text
        assert ("No chance epsilon in l2" in text) == (1.0 in chances)

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
        assert "No point of the curves is undecided" in seen(layer())


class TestItself:
    def test_one_everywhere(self) -> None:
        assert "exactly 1 in every layer" in itself(comparison(layer(similarity=(1.0, 1.0, 1.0))))

    def test_a_last_bit_below_one_is_not_one(self) -> None:
        least = 1 - 2**-53
        text = itself(comparison(layer("good", (1.0, 1.0, 1.0)), layer("off", (1.0, least, 1.0))))
        assert text.endswith(f"must be exactly 1, but is not in 1 layer: off (down to {least!r}).")


class TestAgainstTrained:
    trained = comparison(layer("a", area=0.5), layer("b", area=0.5), layer("c", area=0.5), networks=("v0", "v1"))

    def test_lower_equal_and_higher_are_told_apart(self) -> None:
        control = comparison(layer("a", area=0.4), layer("b", area=0.50004), layer("c", area=0.6))
        line = against_trained(control, self.trained)[0]
        assert "compared with the trained pair v0 against v1" in line
        assert "lower in 1 of 3 layers: a (0.400 against 0.500)" in line
        assert "equal to 3 decimals in 1 of 3 layers: b (0.500 against 0.500)" in line
        assert "higher in 1 of 3 layers: c (0.600 against 0.500)" in line

    def test_lower_in_every_layer(self) -> None:
        control = comparison(*(layer(name, area=0.1) for name in "abc"))
        assert "lower in every layer (3 layers)" in against_trained(control, self.trained)[0]

    def test_the_correction_can_turn_the_order(self) -> None:
        control = comparison(layer("a", area=0.6, null_area=0.5))
        by_area, corrected, missing = against_trained(
            comparison(*control["layers"], layer("new"), networks=("v0", "x")), self.trained
        )
        assert "higher in 1 of 1 layer" in by_area
        assert "lower in every layer (1 layer): a (0.200 against 0.500)" in corrected
        assert missing == "1 layer of the control not in the trained pair, and left out here."

    def test_without_a_null_only_by_area(self) -> None:
        lines = against_trained(comparison(layer("a"), shuffles=0), self.trained)
        assert len(lines) == 1

    def test_nothing_in_common(self) -> None:
        assert "No layer in common" in against_trained(comparison(layer("z")), self.trained)[0]


def test_counts_and_lists() -> None:
    assert (count(0, "layer"), count(1, "layer"), count(12345, "case")) == ("0 layers", "1 layer", "12 345 cases")
    assert listed([str(k) for k in range(NAMED)]).endswith(f", {NAMED - 1}")
    assert listed([str(k) for k in range(NAMED + 2)]).endswith(" and 2 more (in the table)")
