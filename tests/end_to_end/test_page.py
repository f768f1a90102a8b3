"""The page in a real browser: no console errors, every figure there, nothing wider than a phone."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from report_results import comparison, everything, layer, unit_layer, units

from spanmatch.report.page import page, write_page

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

MEASURE = """
<!DOCTYPE html><html><body><iframe style="border:0;width:WIDTHpx;height:900px" srcdoc="PAGE"></iframe>
<pre id="measured"></pre><script>
addEventListener("load", () => {
  const inside = document.querySelector("iframe").contentDocument, root = inside.documentElement;
  const boxes = [...inside.querySelectorAll("svg")].map(svg => svg.getBoundingClientRect());
  const tables = [...inside.querySelectorAll(".scroll")];
  document.getElementById("measured").textContent = JSON.stringify({
    client: root.clientWidth, scroll: root.scrollWidth, body: inside.body.scrollWidth,
    widths: boxes.map(box => Math.round(box.width)), rights: boxes.map(box => Math.round(box.right)),
    tables: tables.length, wide: tables.filter(box => box.scrollWidth > box.clientWidth).length,
    numbers: [...inside.querySelectorAll(".heat .value")].filter(one => one.getClientRects().length).length,
    ground: getComputedStyle(inside.body).backgroundColor,
  });
});
</script></body></html>
"""


def dump(source: Path, tmp_path: Path) -> tuple[str, list[str]]:
    """The document as the browser holds it after loading, and what it said on its console."""
    assert BROWSER is not None
    done = subprocess.run(
        [BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", source.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


def measure(content: str, width: int, tmp_path: Path) -> dict[str, Any]:
    """Sizes inside a frame of this width: a browser's own window cannot be as narrow as a phone."""
    wrapper = tmp_path / "wrapper.html"
    wrapper.write_text(MEASURE.replace("WIDTH", str(width)).replace("PAGE", html.escape(content)), encoding="utf-8")
    document, _ = dump(wrapper, tmp_path)
    found = re.search(r'<pre id="measured">(.+?)</pre>', document)
    assert found is not None
    measured: dict[str, Any] = json.loads(html.unescape(found[1]))
    return measured


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


def test_on_a_desk_the_heat_map_has_numbers(tmp_path: Path) -> None:
    measured = measure(page(wide()), 1100, tmp_path)
    assert measured["scroll"] <= measured["client"]
    assert measured["numbers"] == 8 * 19
