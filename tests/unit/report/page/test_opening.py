"""How a page opens: the sentences, what the picture shows, and the words that explain themselves."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from report_results import comparison, everything, layer

from spanmatch.report.page import page
from spanmatch.report.page.opening import UNTOLD
from spanmatch.report.page.terms import TERMS


def opened(result: dict[str, Any]) -> ET.Element:
    return ET.fromstring(page(result).partition("\n")[2])


def text(node: ET.Element) -> str:
    return "".join(node.itertext())


def answers(result: dict[str, Any]) -> dict[str, str]:
    found = next(node for node in opened(result).iter("dl") if node.get("class") == "questions")
    said = [text(node) for node in found]
    return dict(zip(said[::2], said[1::2], strict=True))


def series(result: dict[str, Any]) -> dict[str, list[str]]:
    """What the opening picture draws, and the paths of its numbers."""
    root = opened(result)
    return {
        node.get("class", "").split()[1]: [str(mark.get("data-at")) for mark in node.iter() if mark.get("data-at")]
        for node in root.iter("g")
        if "series" in node.get("class", "").split()
    }


def test_a_comparison_answers_each_question() -> None:
    run = comparison(layer("one", (0.0, 0.75, 1.0)), layer("two", (0.0, 0.25, 1.0)), networks=("mine", "yours"))
    said = answers(run)
    assert said["What do these networks share?"].startswith(
        "At ε = 0.5, 50% of the neurons of mine and yours match on average over 2 layers"
    )
    assert said["Where?"] == "Most in one (0.75); least in two (0.25)."
    assert said["More than chance?"] == "Above chance in every layer (against shuffled images)."
    assert said["More than untrained networks?"].startswith("Not known: none were compared")


def test_layers_of_different_verdicts_are_named() -> None:
    chance = layer("noise", (0.0, 0.1, 0.2), (0.0, 0.1, 0.2), p=0.6)
    said = answers(comparison(layer("one"), chance))["More than chance?"]
    assert "bove chance in 1 of 2 layers: one" in said
    assert "in 1 of 2 layers: noise" in said


def test_without_shuffles_chance_is_not_known() -> None:
    assert answers(comparison(layer(), shuffles=0))["More than chance?"] == "Not known: no images were shuffled."


def test_too_few_shuffles_leave_chance_unknown() -> None:
    run = comparison(layer("one"), layer("two"), shuffles=19)
    for one in run["layers"]:
        one["verdict"] = UNTOLD
    said = answers(run)["More than chance?"]
    assert said == "Not known: 19 shuffles of the images are too few to tell (shuffled images)."
    run["layers"][0]["verdict"] = "above chance"
    assert answers(run)["More than chance?"].startswith("Above chance in 1 of 2 layers: one; too few shuffles in 1")


def test_untrained_networks_of_the_run_and_of_a_verification() -> None:
    alone = answers(comparison(layer("one", (0.0, 0.8, 1.0), (0.0, 0.2, 0.4), untrained=0.3)))
    above = alone["More than untrained networks?"]
    assert above.startswith("Untrained networks share 20% at ε = 0.5")
    assert above.endswith("they share less in 1 of 1 layer.")
    verified = answers(everything())["More than untrained networks?"]
    assert (
        verified == "Untrained networks share 55% at ε = 0.5 where these share 50%; they share less in 1 of 2 layers."
    )


def test_the_picture_names_the_numbers_of_controls_and_null() -> None:
    drawn = series(everything())
    assert set(drawn) == {"null", "control", "main"}
    assert "pairs.0.comparison.layers.1.null.*" in drawn["null"]
    assert "pairs.1.comparison.layers.1.similarity.*" in drawn["control"]
    assert "pairs.0.comparison.layers.0.lowest.*|pairs.0.comparison.layers.0.highest.*" in drawn["main"]
    assert set(series(comparison(layer(), shuffles=0))) == {"main"}


def test_every_word_that_explains_itself_can_be_reached_and_is_in_the_guide() -> None:
    root = opened(everything())
    words = [node for node in root.iter("span") if node.get("class") == "term"]
    assert {text(word) for word in words} >= {"match", "shuffled images", "untrained networks", "Similarity s"}
    for word in words:
        assert word.get("tabindex") == "0"
        assert word.get("data-tip") in TERMS.values()
    guide = next(node for node in root.iter("dl") if node.get("class") == "words")
    assert [text(node) for node in guide.iter("dt")] == list(TERMS)
    assert [text(node) for node in guide.iter("dd")] == list(TERMS.values())


@pytest.mark.parametrize("shuffles", [0, 199])
def test_the_guide_explains_verdicts_where_there_are_any(shuffles: int) -> None:
    assert ("A layer is above chance where p" in page(comparison(layer(), shuffles=shuffles))) is bool(shuffles)
