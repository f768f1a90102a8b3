"""The run inside its page: the numbers, once, as JSON, and how a mark of a picture says which of them it shows.

A mark names its numbers by paths into the run, such as ``layers.3.similarity.*``, where the star is the place of
epsilon in the grid. Python draws the mark at one epsilon, and explore.js at any other, from the same path.

A charting library would be more to carry and less to use: Vega-Lite with its runtime has 0.9 MB in each page, draws
charts that the keyboard and screen readers cannot enter, needs either a policy that lets text be run as code or an
interpreter beside it, and shows nothing where scripts are off and nothing in print but what the screen had. The
pictures here are SVG that is there without a script; what moves is a dozen kinds of marks.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..markup import Markup, element, join
from ..pictures import Pictures
from ..populations import closest_to_half

#: The keys that explore.js reads, at every level.
KEPT = {
    "pairs", "comparison", "comparisons", "networks", "layers", "minimal",
    "name", "sentence", "neurons", "similarity", "lowest", "highest", "null", "baseline", "radii",
    "similarities", "to_last", "to_next", "layer", "epsilon", "matches", "orders", "sizes",
    "images", "best", "worst",
}  # fmt: skip
DIGITS = 6


def grid_of(result: Mapping[str, Any]) -> list[float]:
    """The epsilons that the page can show: those of the first layer that has any."""
    for comparison in comparisons_of(result):
        for layer in comparison["layers"]:
            if layer["epsilons"]:
                return list(layer["epsilons"])
    return []


def comparisons_of(result: Mapping[str, Any]) -> list[Any]:
    """Every comparison of a result."""
    if "pairs" in result:
        return [pair["comparison"] for pair in result["pairs"]]
    return list(result.get("comparisons", [result]))


class Shown:
    """A run with one epsilon of its grid: what a page shows before anybody moves it."""

    def __init__(self, result: Mapping[str, Any], pictures: Pictures | None = None) -> None:
        self.result = result
        self.pictures = pictures
        self.grid = grid_of(result)
        self.place = closest_to_half(self.grid)

    @property
    def epsilon(self) -> float:
        return self.grid[self.place]

    def follows(self, layer: Mapping[str, Any]) -> bool:
        """Whether a layer has the epsilons of the page, and so numbers wherever epsilon is moved to."""
        return bool(self.grid) and [*layer["epsilons"]] == self.grid

    def at(self, path: str) -> Any:
        """The value at a path; None where a part of it is missing."""
        value: Any = self.result
        for key in path.split("."):
            if value is None:
                return None
            value = value[key if isinstance(value, Mapping) else self.place if key == "*" else int(key)]
        return value

    def mark(self, show: str, *paths: str, **options: object) -> dict[str, Any]:
        """Attributes of a mark that follows epsilon: what moves (explore.js has each kind), and by which numbers."""
        named = {f"data_{name}": value for name, value in options.items()}
        return {"data_show": show, "data_at": "|".join(paths) or None, **named}

    def text(self, template: str) -> Markup:
        """Words in which {path} is a number or a name, and {e} epsilon, wherever it is moved to."""
        return element("span", self.filled(template), data_text=template)

    def filled(self, template: str) -> str:
        """The words at the epsilon of the page."""
        return re.sub(r"\{([\w.*]+)\}", lambda found: self._written(found[1]), template)

    def _written(self, path: str) -> str:
        if path == "e":
            return f"{self.epsilon:.4g}"
        value = 1 - self.epsilon**2 if path == "r2" else self.at(path)
        return value if isinstance(value, str) else "–" if value is None else f"{value:.3f}"


def dial(shown: Shown) -> Markup:
    """The slider of epsilon, which the script uncovers; nothing where there is one epsilon or none."""
    if len(shown.grid) < 2:
        return Markup("")
    slider = element(
        "input",
        type="range",
        id="epsilon",
        min="0",
        max=len(shown.grid) - 1,
        value=shown.place,
    )
    label = element("label", "ε = ", element("output", f"{shown.epsilon:.4g}", for_="epsilon"), for_="epsilon")
    hint = element("span", shown.text("R² at least {r2}"), class_="soft")
    return element("div", label, slider, hint, class_="dial", hidden="hidden")


def data_and_script(shown: Shown) -> Markup:
    """The numbers of the run, its pictures and the script that shows them, at the end of the body."""
    text = json.dumps(_kept(shown.result, shown.grid), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    # Neither HTML nor XML sees markup in it.
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    data = element("script", Markup(text), type="application/json", id="run", data_grid=" ".join(map(repr, shown.grid)))
    pictures = shown.pictures.style() if shown.pictures else ""
    return join(pictures, data, element("script", Markup(script())))


@lru_cache
def script() -> str:
    """explore.js, in signs that keep XML from reading it."""
    code = Path(__file__).with_name("explore.js").read_text(encoding="utf-8")
    return f"//<![CDATA[\n{code}//]]>"


@lru_cache
def policy() -> str:
    """Nothing is fetched, and no script is run but this one, even if a name held markup that escaped notice."""
    digest = b64encode(sha256(script().encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def _kept(value: Any, grid: Sequence[float]) -> Any:
    if isinstance(value, Mapping):
        return {
            key: [[_radius(one, grid) for one in side] for side in part] if key == "radii" else _kept(part, grid)
            for key, part in value.items()
            if key in KEPT
        }
    if isinstance(value, list | tuple):
        return [_kept(one, grid) for one in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _radius(value: float, grid: Sequence[float]) -> float:
    """With fewer digits, unless it would change sides of an epsilon."""
    short = float(f"{value:.{DIGITS}g}")
    return short if all((short <= epsilon) == (value <= epsilon) for epsilon in grid) else value
