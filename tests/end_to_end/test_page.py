"""The page in a real browser: no console errors, every figure there, nothing wider than a phone."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_results import comparison, everything, layer, unit_layer, units

from spanmatch.algorithms.structure import SIZE_CLASSES
from spanmatch.report.page import page, write_page
from spanmatch.report.page.opening import BOX
from spanmatch.report.pictures import Pictures
from spanmatch.report.tables import size_name

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--v=0",
)

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome here (Debian: apt-get install chromium)"),
    pytest.mark.xdist_group("browser"),
]

FRAME = """
<!DOCTYPE html><html><body><iframe style="border:0;width:WIDTHpx;height:900px" srcdoc="PAGE"></iframe>
<pre id="answer"></pre><script>
addEventListener("load", () => {
  const inside = document.querySelector("iframe").contentDocument, root = inside.documentElement;
  const answer = {};
  SCRIPT
  document.getElementById("answer").textContent = JSON.stringify(answer);
});
</script></body></html>
"""
MEASURE = """
  const boxes = [...inside.querySelectorAll("svg")].map(svg => svg.getBoundingClientRect());
  const tables = [...inside.querySelectorAll(".scroll")];
  Object.assign(answer, {
    client: root.clientWidth, scroll: root.scrollWidth, body: inside.body.scrollWidth,
    widths: boxes.map(box => Math.round(box.width)), rights: boxes.map(box => Math.round(box.right)),
    tables: tables.length, wide: tables.filter(box => box.scrollWidth > box.clientWidth).length,
    numbers: [...inside.querySelectorAll(".heat .value")].filter(one => one.getClientRects().length).length,
    ground: getComputedStyle(inside.body).backgroundColor,
  });
"""
USE = """
  const one = what => inside.querySelector(what), all = what => [...inside.querySelectorAll(what)];
  const tell = (node, name, more) => node.dispatchEvent(Object.assign(new Event(name, {bubbles: true}), more));
  const names = () => all(".layers tbody tr").filter(row => !row.hidden).map(row => row.cells[0].textContent);
  const look = () => ({
    layer: one(".look select").selectedOptions[0].textContent, matched: all(".look .side b").map(b => b.textContent),
    filled: all(".look .radii .in").length, title: (one(".look h4") || {}).textContent,
    blocks: all(".look .block").map(block => block.dataset.tip),
    sizes: all(".look .sizes g").map(bar => bar.dataset.tip),
  });
  const state = () => ({
    epsilon: one("output").textContent, s: all(".now").map(cell => cell.textContent), names: names(),
    points: all(".profile .main g[data-show]").map(mark => mark.getAttribute("transform")),
    bars: all(".profile .null rect").map(bar => Number(bar.getAttribute("height"))),
    cursor: one(".curves .cursor").getAttribute("transform"), column: one(".heat .cursor").getAttribute("transform"),
    look: look(),
  });
  answer.before = state();
  one("#epsilon").value = 17;
  tell(one("#epsilon"), "input");
  answer.moved = state();
  const [name, , s] = all(".layers thead th button");
  s.click(); answer.ascending = names(); s.click(); answer.descending = names(); name.click(); answer.named = names();
  const filter = one(".filter input");
  filter.value = "b2"; tell(filter, "input");
  answer.filtered = [names(), one(".filter [role=status]").textContent];
  filter.value = ""; tell(filter, "input");
  const column = all(".profile .column")[2];
  tell(column.querySelector(".hit"), "pointermove", {clientX: 50, clientY: 50});
  answer.hover = one(".tip").textContent;
  tell(root, "keydown", {key: "Escape"});
  answer.hushed = one(".tip").hidden;
  column.dispatchEvent(new Event("click"));
  answer.opened = look();
  tell(one(".look .radii circle"), "pointermove", {clientX: 50, clientY: 50});
  answer.neuron = one(".tip").textContent;
  all(".layers button.open")[1].click();
  answer.reopened = look();
  answer.terms = all(".look .term").map(word => word.textContent);
  const columns = all(".profile .column"), press = key => tell(inside.activeElement, "keydown", {key});
  columns[0].focus();
  answer.walked = ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home"].map(key => {
    press(key);
    return columns.indexOf(inside.activeElement);
  });
  answer.reached = columns.map(column => column.tabIndex);
  answer.announced = inside.activeElement.getAttribute("aria-label");
  press("End"); press("Enter");
  answer.entered = look().layer;
  const seen = () => ["best", "worst"].map(kind => all(`.look .${kind} .thumbs > *`).map(one =>
    one.style.backgroundPosition || one.textContent));
  answer.images = [seen()];
  all(".layers button.open")[1].click(); answer.images.push(seen());
  tell(all(".look .radii")[1].querySelector("[data-neuron='7']"), "click"); answer.images.push(seen());
  const field = one(".look .neuron");
  field.value = "0 3"; tell(field, "change"); answer.images.push(seen());
  answer.chosen = all(".look .chosen").map(mark => mark.dataset.neuron);
  answer.focus = inside.activeElement.className;
  one(".look .neuron").value = "0 0"; tell(one(".look .neuron"), "change"); answer.images.push(seen());
"""


AXE = find_spec("axe_playwright_python")
"""A package that brings axe-core, which finds what keeps people from using a page; looked for, and not required."""
AUDIT = """
<script>addEventListener("load", async () => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const { violations, passes } = await axe.run();
  const told = violations.map(one => `${one.impact} ${one.id}: ${one.nodes[0].html.slice(0, 120)}`);
  const answer = Object.assign(document.createElement("pre"), {id: "answer"});
  answer.textContent = JSON.stringify({told, passed: passes.length});
  document.body.append(answer);
})</script></body>"""


def audit(content: str, tmp_path: Path) -> dict[str, Any]:
    """What axe-core finds in a page, everything unfolded. The policy that keeps other scripts out is taken off."""
    assert AXE is not None
    assert AXE.submodule_search_locations is not None
    code = (Path(AXE.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")
    loose = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", content)
    assert loose != content
    source = tmp_path / "audited.html"
    source.write_text(loose.replace("</body>", f"<script>{code}</script>{AUDIT}"), encoding="utf-8")
    document, said = dump(source, tmp_path, "--virtual-time-budget=20000")
    found = re.search(r'<pre id="answer">(.+?)</pre>', document)
    assert found is not None, said
    answer: dict[str, Any] = json.loads(html.unescape(found[1]))
    return answer


def dump(source: Path, tmp_path: Path, *flags: str) -> tuple[str, list[str]]:
    """The document as the browser holds it after loading, and what it said on its console."""
    assert BROWSER is not None
    done = subprocess.run(
        [BROWSER, *FLAGS, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", source.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


def ask(content: str, width: int, script: str, tmp_path: Path) -> tuple[dict[str, Any], list[str]]:
    """What a script finds out in the page, inside a frame of this width (a browser's own window cannot be as narrow as
    a phone), and what the page said on its console."""
    wrapper = tmp_path / "wrapper.html"
    asked = FRAME.replace("WIDTH", str(width)).replace("SCRIPT", script).replace("PAGE", html.escape(content))
    wrapper.write_text(asked, encoding="utf-8")
    document, said = dump(wrapper, tmp_path)
    found = re.search(r'<pre id="answer">(.+?)</pre>', document)
    assert found is not None, said
    answer: dict[str, Any] = json.loads(html.unescape(found[1]))
    return answer, said


def measure(content: str, width: int, tmp_path: Path) -> dict[str, Any]:
    """Sizes inside a frame of this width."""
    return ask(content, width, MEASURE, tmp_path)[0]


def wide() -> dict[str, Any]:
    """Nineteen epsilons, eight layers and one name far longer than a phone is wide."""
    grid = [round(0.05 * k, 2) for k in range(1, 20)]
    names = [*(f"block{k}.relu" for k in range(7)), "a.very.long.name." * 12]
    return comparison(*(layer(name, grid, [e**3 for e in grid], epsilons=grid) for name in names))


@pytest.mark.parametrize("result", [everything(), wide()], ids=["verification", "comparison"])
def test_every_figure_is_there_and_the_console_is_silent(result: dict[str, Any], tmp_path: Path) -> None:
    write_page(result, tmp_path / "report.html")
    document, said = dump(tmp_path / "report.html", tmp_path)
    assert said == []
    written = page(result)
    for part in ('class="curve"', 'class="null"', 'class="cell"', "<table", "<desc>"):
        assert document.count(part) == written.count(part) > 0
    pairs = len(result.get("pairs", [result]))
    assert document.count('class="radii"') == 2 * pairs  # the script has drawn a layer of each pair


def test_one_epsilon_moves_nothing_and_is_explained_all_the_same(tmp_path: Path) -> None:
    run = comparison(layer("one", [0.25], [0.0], epsilons=[0.3]))
    script = """
      const column = inside.querySelector(".column"), hit = column.querySelector(".hit");
      hit.dispatchEvent(Object.assign(new Event("pointermove", {bubbles: true}), {clientX: 5, clientY: 5}));
      answer.tip = inside.querySelector(".tip").textContent;
      answer.label = column.getAttribute("aria-label");
    """
    found, said = ask(page(run), 800, script, tmp_path)
    assert said == []
    assert found["tip"].splitlines() == ["one at ε = 0.3", "shuffled images: 0.000", "a against b: 0.250"]
    assert found["label"] == ", ".join(found["tip"].splitlines())


def test_the_console_would_be_heard(tmp_path: Path) -> None:
    noisy = tmp_path / "noisy.html"
    noisy.write_text("<!DOCTYPE html><script>null.x</script>", encoding="utf-8")
    assert dump(noisy, tmp_path)[1]


@pytest.mark.parametrize("result", [everything(), wide()], ids=["verification", "comparison"])
def test_a_phone_shows_it_without_scrolling_sideways(result: dict[str, Any], tmp_path: Path) -> None:
    measured = measure(page(result), 375, tmp_path)
    assert measured["client"] <= 375
    assert max(measured["scroll"], measured["body"]) <= measured["client"]
    assert max(measured["rights"]) <= measured["client"]
    assert min(measured["widths"]) >= 300
    assert 0 < measured["wide"] <= measured["tables"]
    assert measured["numbers"] == 0


def test_a_phone_shows_units_without_scrolling_sideways(tmp_path: Path) -> None:
    names = [*(f"block{k}.relu" for k in range(7)), "a.very.long.name." * 12]
    measured = measure(page({**wide(), "units": units(*map(unit_layer, names))}), 375, tmp_path)
    assert max(measured["scroll"], measured["body"]) <= measured["client"] <= 375
    assert max(measured["rights"]) <= measured["client"]
    assert len(measured["widths"]) == 6 + 8


def test_a_table_outside_its_container_would_be_noticed(tmp_path: Path) -> None:
    measured = measure(page(wide()).replace('class="scroll"', 'class="loose"'), 375, tmp_path)
    assert measured["scroll"] > measured["client"]


@pytest.mark.skipif(AXE is None, reason="no axe-core here (pip install axe-playwright-python)")
def test_nothing_keeps_people_from_using_it(tmp_path: Path) -> None:
    pictures = Pictures((1, 3, 17, 20), np.zeros((4, 28, 28), np.uint8))
    for result in (explored(), everything()):
        found = audit(page(result, pictures), tmp_path)
        assert found["told"] == []
        assert found["passed"] > 15
    nameless = page(explored()).replace('for="epsilon"', "")
    assert any("label" in one for one in audit(nameless, tmp_path)["told"])


def test_on_a_desk_the_heat_map_has_numbers(tmp_path: Path) -> None:
    measured = measure(page(wide()), 1100, tmp_path)
    assert measured["scroll"] <= measured["client"]
    assert measured["numbers"] == 8 * 19


SIZES = [[9, 0.75, 0.05], [3, 0.25, 0.05], *[[0, 0.0, 0.0]] * (len(SIZE_CLASSES) - 2)]


def explored() -> dict[str, Any]:
    """Three layers, the later the less similar, whose neurons all differ; minimal matches of the last."""
    grid = [round(0.05 * k, 2) for k in range(1, 20)]
    layers = [
        layer(name, [e**power for e in grid], [e ** (power + 3) for e in grid], epsilons=grid)
        | {"radii": [[0.1 * (k + 1) for k in range(8)], [0.11 * (k + power) for k in range(8)]]}
        for power, name in enumerate(("b1", "b2", "a3"), 1)
    ]
    found = {"layer": "a3", "epsilon": 0.5, "neurons": [8, 8], "matched": 6, "alone": 0, "one_to_one": 2}
    found |= {"median_size": 2.0, "largest_size": 4, "different": 2, "complete": True}
    first = found | {"matches": [[[2], [4]], [[0, 2], [1, 4]]]}
    sampled = found | {"layer": "b1", "matches": [[[3], [5]]], "orders": 3, "sizes": SIZES}
    seen = [[[10 * side + neuron] if neuron else [] for neuron in range(8)] for side in range(2)]
    missed = [[[20, 10 * side + neuron] if neuron else [] for neuron in range(8)] for side in range(2)]
    images = {"layer_a": "b1", "layer_b": "b1", "name": "b1", "best": seen, "worst": missed}
    return comparison(*layers) | {"minimal": [first, sampled], "images": [images]}


def test_what_moves_shows_the_numbers_of_the_run(tmp_path: Path) -> None:
    run = explored()
    pictures = Pictures((1, 3, 17, 20), np.zeros((4, 28, 28), np.uint8))
    found, said = ask(page(run, pictures), 1100, USE, tmp_path)
    assert said == []
    for state, k in ((found["before"], 9), (found["moved"], 17)):
        epsilon, layers = run["layers"][0]["epsilons"][k], run["layers"]
        assert state["epsilon"] == f"{epsilon:g}"
        assert state["names"] == ["b1", "b2", "a3"]
        assert state["s"] == [f"{one['similarity'][k]:.3f}" for one in layers]
        up = [float(point.rpartition(" ")[2].rstrip(")")) for point in state["points"]]
        bottom, height = BOX.top + BOX.height, BOX.height
        assert up == pytest.approx([bottom - one["similarity"][k] * height for one in layers], abs=0.01)
        assert state["bars"] == pytest.approx([one["null"][k] * height for one in layers], abs=0.01)
        matched = [sum(radius <= epsilon for radius in side) for side in layers[0]["radii"]]
        assert [words.partition(" ")[0] for words in state["look"]["matched"]] == [str(number) for number in matched]
        assert state["look"]["filled"] == sum(matched)
    for mark in ("cursor", "column"):
        assert found["before"][mark] != found["moved"][mark]
    assert found["ascending"] == ["a3", "b2", "b1"]
    assert found["descending"] == ["b1", "b2", "a3"]
    assert found["named"] == ["a3", "b1", "b2"]
    assert found["filtered"] == [["b2"], " 1 of 3 rows"]
    s, null = (run["layers"][2][key][17] for key in ("similarity", "null"))
    assert found["hover"] == f"a3 at ε = 0.9\nshuffled images: {null:.3f}\na against b: {s:.3f}"
    assert found["hushed"]
    assert found["opened"]["layer"] == "a3"
    assert found["opened"]["title"].startswith("Minimal matches at ε = 0.5")
    assert found["opened"]["blocks"] == ["a: 2\nb: 4", "a: 0, 2\nb: 1, 4"]
    assert found["neuron"].startswith("neuron 0 of a\nmatch radius 0.1")
    assert found["opened"]["sizes"] == ["1 minimal match of 2 neurons", "1 minimal match of 4 neurons"]
    assert found["reopened"]["layer"] == "b1"
    assert found["terms"] == ["Match radius"] * 2 + ["Best- and worst-matched images", "Minimal matches"]
    assert found["walked"] == [1, 2, 2, 1, 2, 0]
    assert found["reached"] == [0, -1, -1]
    s, null = (run["layers"][0][key][17] for key in ("similarity", "null"))
    assert found["announced"] == f"b1 at ε = 0.9, shuffled images: {null:.3f}, a against b: {s:.3f}"
    assert found["entered"] == "a3"
    assert found["images"] == [
        [[], []],
        [["0px 0px"], ["-168px 0px", "0px 0px"]],
        [["-112px 0px"], ["-168px 0px", "-112px 0px"]],
        [["-56px 0px"], ["-168px 0px", "-56px 0px"]],
        [[], []],
    ]
    assert (found["chosen"], found["focus"]) == (["3"], "neuron")
    names = [size_name(*size) for size in SIZE_CLASSES]
    assert found["reopened"]["sizes"] == [
        f"{number} simple matches of {name} neurons\nshare {share:.2f} ± {error:.2f}"
        for name, (number, share, error) in zip(names, SIZES, strict=True)
    ]
