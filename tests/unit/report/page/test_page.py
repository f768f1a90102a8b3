"""The page's data: what is drawn, what is said and escaped, and that the file needs nothing else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from report_results import comparison, everything, layer, pair, verification

from spanmatch.report.page import page, write_page
from spanmatch.report.page.embedded import script
from spanmatch.report.page.opening import MOST_LAYERS
from spanmatch.report.page.style import STYLE
from spanmatch.theory.errors import InvalidFile

SVG_NAMES = "http://www.w3.org/2000/svg"
HOSTILE = "</svg><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\x00\ud800"
GRID = [round(0.05 * k, 2) for k in range(1, 20)]


def tree(result: dict[str, Any]) -> ET.Element:
    return ET.fromstring(page(result).partition("\n")[2])


def by_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [node for node in root.iter() if name in node.get("class", "").split()]


def text(node: ET.Element) -> str:
    return "".join(node.itertext())


def layers_legend(root: ET.Element) -> ET.Element:
    """The legend of the first curves, not the keys of the opening picture."""
    return next(node for node in by_class(root, "legend") if "keys" not in node.get("class", ""))


def long_grid(name: str) -> dict[str, Any]:
    return layer(name, [e**2 for e in GRID], [e**4 for e in GRID], epsilons=GRID, spread=0.01)


class TestFigures:
    result = everything()
    root = tree(result)

    def test_an_opening_picture_and_two_figures_a_pair_each_with_words_for_them(self) -> None:
        figures = list(self.root.iter("svg"))
        assert [svg.get("class") for svg in figures] == ["profile", *["curves", "heat"] * 3]
        for svg in figures:
            title, said = svg.find("title"), svg.find("desc")
            assert title is not None
            assert said is not None
            assert svg.get("role") == "img"
            assert svg.get("aria-label") == f"{title.text}. {said.text}"
            assert "conv1" in str(said.text)

    def test_a_curve_a_band_a_number_and_a_null_for_each_layer(self) -> None:
        for svg, one in zip(by_class(self.root, "curves"), self.result["pairs"], strict=True):
            layers = one["comparison"]["layers"]
            assert len(by_class(svg, "curve")) == len(by_class(svg, "null")) == len(layers)
            assert [text(node) for node in by_class(svg, "badge-text")] == [str(k + 1) for k in range(len(layers))]
            assert len(by_class(svg, "band")) == sum(x["lowest"] != x["highest"] for x in layers)

    def test_points_lie_where_the_numbers_say(self) -> None:
        svg = by_class(tree(comparison(layer(similarity=(0.0, 0.5, 1.0)))), "curves")[0]
        points = [tuple(map(float, p.split(","))) for p in by_class(svg, "curve")[0].get("points", "").split()]
        assert points == [(117.5, 244.0), (195.0, 126.0), (272.5, 8.0)]

    def test_axes_are_named(self) -> None:
        for svg in by_class(self.root, "curves"):
            assert [text(node) for node in by_class(svg, "axis")] == [
                "epsilon (relative error)",
                "maximum match similarity s",
            ]

    def test_the_legend_names_layers_dead_neurons_and_the_null(self) -> None:
        items = [text(item) for item in layers_legend(self.root)]
        assert items == ["1 conv1", "2 fc (3 dead)", " shuffled images (null)"]

    def test_a_heat_cell_for_each_layer_and_epsilon(self) -> None:
        root = tree(comparison(*(long_grid(f"l{k}") for k in range(5))))
        heat = by_class(root, "heat")[0]
        cells = by_class(heat, "cell")
        assert len(cells) == 5 * len(GRID)
        assert [float(cell.get("fill-opacity", "")) for cell in cells[: len(GRID)]] == pytest.approx(
            [e**2 for e in GRID], abs=6e-4
        )
        assert len(by_class(heat, "value")) == 5 * len(GRID)
        assert len(by_class(heat, "chance")) == 5

    def test_the_bar_of_chance_stands_before_the_first_epsilon_at_or_above_it(self) -> None:
        def place(chance: float) -> float:
            heat = by_class(tree(comparison(layer(chance=chance))), "heat")[0]
            left = [float(cell.get("x", "")) for cell in by_class(heat, "cell")]
            bar = float(by_class(heat, "chance")[0].get("x", ""))
            return min(range(3), key=lambda k: abs(left[k] - bar))

        assert [place(0.1), place(0.3), place(0.5), place(0.51)] == [0, 1, 1, 2]
        assert by_class(tree(comparison(layer(chance=0.8))), "chance") == []

    def test_without_shuffles_no_null_is_drawn(self) -> None:
        root = tree(comparison(layer(), shuffles=0))
        assert by_class(root, "curve")
        assert [*by_class(root, "null"), *by_class(root, "chance"), *by_class(root, "dashes")] == []

    @pytest.mark.parametrize("layers", [1, 40])
    def test_depth_runs_from_dark_to_light_in_grey_too(self, layers: int) -> None:
        root = tree(comparison(*(layer(f"l{k}") for k in range(layers))))
        marks = [item for item in layers_legend(root) if "layer" in item.get("class", "")]
        greys = []
        for item in marks:
            found = re.search(r"--light:#(\w\w)(\w\w)(\w\w)", item.get("style", ""))
            assert found is not None
            red, green, blue = (int(part, 16) for part in found.groups())
            greys.append(0.299 * red + 0.587 * green + 0.114 * blue)
        assert len(greys) == layers
        assert greys == sorted(greys)


class TestWords:
    def test_controls_are_set_against_the_trained_pair(self) -> None:
        words = text(tree(everything()))
        assert "compared with the trained pair v0 against v1: lower in 1 of 2 layers: conv1" in words
        assert "higher in 1 of 2 layers: fc" in words
        assert "exactly 1 in every layer" in words
        alone = verification(pair(comparison(layer()), "untrained"))
        assert "This run has no trained pair" in text(tree(alone))

    def test_verdicts(self) -> None:
        assert "Nothing failed; 1 check passed." in page(verification())
        broken = page(verification(faults=["T1: <wrong>"], verdict="failed"))
        assert "Nothing failed" not in broken
        assert "1 fault found; 0 checks passed." in broken
        assert "T1: &lt;wrong&gt;" in broken
        idle = page(verification(verdict="not run"))
        assert "1 check not run" in idle
        assert "0 checks passed" in idle

    def test_all_tables(self) -> None:
        root = tree(everything())
        captions = [text(caption) for caption in root.iter("caption")]
        starts = ["Layers", "Maximum matches by A3", "Layers", "Compared with v0 against v1", "Layers"]
        starts += ["Checks of fast", "Planted families", "Theorems"]
        assert [caption[: len(start)] for caption, start in zip(captions, starts, strict=True)] == starts
        for box in root.iter("table"):
            widths = {len(row) for row in box.iter("tr")}
            assert len(widths) == 1, text(box)
        theorems = [row[0].text for row in by_class(root, "theorems")[0].iter("tr")]
        assert theorems == ["id", "T1", "T2"]

    def test_a_comparison_by_itself(self) -> None:
        root = tree(comparison(layer(), networks=("mine", "yours")))
        assert text(next(root.iter("h1"))) == "spanmatch: mine against yours"
        assert by_class(root, "theorems") == []
        assert "seed 7" in text(next(root.iter("footer")))

    def test_each_note_is_there_once_with_its_layers(self) -> None:
        noted = [layer(name) | {"notes": ["one draw uses all"]} for name in ("fc", "logits")]
        root = tree(comparison(*noted) | {"notes": ["left out: conv9"]})
        (notes,) = by_class(root, "notes")
        assert [text(note) for note in notes] == ["left out: conv9", "fc, logits: one draw uses all"]
        assert by_class(tree(comparison(layer())), "notes") == []

    @pytest.mark.parametrize(
        "layers",
        [
            (),
            (layer(),),
            (layer(similarity=(), null=(), epsilons=()),),
            (layer(similarity=(0.4,), null=(0.1,), epsilons=(0.5,)),),
            (layer("a", (0.4,), (0.1,), epsilons=(0.5,)), layer("b", (), (), epsilons=())),
            tuple(layer(f"{a} / {b}") for a in range(12) for b in range(12)),
        ],
        ids=["none", "one", "no epsilon", "one epsilon", "mixed", "many"],
    )
    def test_odd_shapes(self, layers: tuple[dict[str, Any], ...]) -> None:
        root = tree(comparison(*layers))
        curves = sum(bool(one["epsilons"]) for one in layers)
        assert len(by_class(root, "curve")) == curves
        opening = ["profile"] if curves and len(layers) <= MOST_LAYERS else []
        assert [svg.get("class") for svg in root.iter("svg")] == opening + (["curves", "heat"] if curves else [])


class Collected(HTMLParser):
    """Tags, attributes and ids as an HTML parser meets them, and whether tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


class TestSelfContained:
    def parsed(self, result: dict[str, Any]) -> Collected:
        parser = Collected()
        parser.feed(page(result))
        parser.close()
        assert parser.open == []
        return parser

    def test_nothing_is_fetched_and_nothing_run_but_the_script_of_the_page(self) -> None:
        found = self.parsed(everything())
        assert found.tags.count("script") == 2  # the numbers, and what shows them
        assert ("type", "application/json") in found.attributes
        assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(found.tags)
        assert not [name for name, _ in found.attributes if name in {"src", "srcset", "xlink:href"} or name[:2] == "on"]
        ids = [value for name, value in found.attributes if name == "id"]
        links = [str(value) for name, value in found.attributes if name == "href"]
        assert len(set(ids)) == len(ids)
        trained, lower, same = everything()["pairs"]
        regions = re.findall(
            r'role="region" aria-label="([^"]*)"',
            page(
                verification(trained, lower, same, pair(comparison(layer(), networks=("v0", "odd")), "random labels"))
            ),
        )
        assert len(set(regions)) == len(regions) > 5
        assert links
        assert {link[1:] for link in links} == set(ids) - {"epsilon", "run"}  # the script finds these two
        assert all(link.startswith("#") for link in links)
        assert "url(" not in STYLE
        assert "@import" not in STYLE
        digest = b64encode(sha256(script().encode()).digest()).decode()
        allowed = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
        assert ("content", allowed) in found.attributes
        assert page(everything()).count(f"<script>{script()}</script>") == 1
        for word in ("eval(", "Function(", "fetch(", "import(", "innerHTML", "http://", "https://"):
            assert word not in script().replace(SVG_NAMES, "")

    def test_hostile_names_stay_text(self) -> None:
        hostile = comparison(layer(HOSTILE), networks=(HOSTILE, "b"))
        kind = pair(hostile, HOSTILE, [])
        found = self.parsed(verification(kind, faults=[HOSTILE]))
        assert found.tags.count("script") == 2
        assert "img" not in found.tags
        root = tree(verification(kind, faults=[HOSTILE]))
        shown = HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
        assert shown in text(layers_legend(root))
        assert shown in by_class(root, "curves")[0].get("aria-label", "")

    def test_markup_never_shows_as_text(self) -> None:
        assert re.findall("&lt;[/!a-z]", page(everything())) == []

    def test_light_dark_phone_and_print(self) -> None:
        for query in ("prefers-color-scheme: dark", "@media print", "max-width"):
            assert query in STYLE
        used, set_here = set(re.findall(r"var\((--[\w-]+)\)", STYLE)), set(re.findall(r"(--[\w-]+):", STYLE))
        assert used - set_here == {"--light", "--light-ink", "--dark", "--dark-ink"}


def test_the_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write_page(everything(), target)
    assert target.read_text(encoding="utf-8") == page(everything())
    with pytest.raises(KeyError):
        write_page({"networks": ["a", "b"]}, target)
    assert target.read_text(encoding="utf-8") == page(everything())
    with pytest.raises(InvalidFile, match="missing"):
        write_page(everything(), tmp_path / "missing" / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
