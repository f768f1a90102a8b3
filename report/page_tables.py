"""The tables of the page."""

from __future__ import annotations

from typing import Any

from ..theory.ledger import THEOREMS
from .page.markup import Markup, element, table
from .page.sentences import area_beyond_null, has_null, in_common, largest_excess, standing

SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def verdict(text: str) -> Markup:
    """A verdict in its colour: what failed, what was not run, what is well."""
    kind = {"passed": "good", "agree": "good", "all found": "good", "not run": "unsure"}.get(text, "bad")
    return element("span", text, class_=f"{kind} whole")


def layers_table(comparison: dict[str, Any]) -> Markup:
    """A row a layer: neurons, dead ones, ranks, participation ratios, s on the grid, the largest excess over the null
    and the areas."""
    layers = comparison["layers"]
    null = has_null(comparison)
    on_grid = {epsilon for layer in layers for epsilon in layer["epsilons"]}
    shown = [epsilon for epsilon in SHOWN if epsilon in on_grid]
    columns = ["layer", "against the null", "largest excess", "at epsilon", "chance from", "area", "null's area"]
    columns += ["neurons", "dead", "rank", "dimensions", "inputs", *(f"s {e:g}" for e in shown)]
    rows = []
    for layer in layers:
        at = dict(zip(layer["epsilons"], layer["similarity"], strict=True))
        excess = largest_excess(layer) if null else None
        rows.append(
            [
                layer["name"],
                element("span", standing(layer, null), class_="whole"),
                f"{excess.amount:.3f}" if excess else "–",
                f"{excess.epsilon:g}" if excess and excess.amount > 0 else "–",
                f"{layer['chance_epsilon']:.3f}" if null and layer["chance_epsilon"] < 1 else "–",
                f"{layer['area']:.3f}",
                f"{layer['null_area']:.3f}" if null else "–",
                _both(layer["neurons"]),
                _both(layer["dead"]),
                _both(layer["rank"]),
                " + ".join(f"{ratio:.1f}" for ratio in layer["participation"]),
                f"{layer['draws']} × {_whole(layer['inputs'])}",
                *(f"{at[e]:.3f}" if e in at else "–" for e in shown),
            ]
        )
    return table("Layers: of the first network and of the second; s at some epsilons", columns, rows, words=2)


def control_table(control: dict[str, Any], trained: dict[str, Any]) -> Markup:
    """A control set against the trained pair, layer by layer; "lower at": epsilons where every draw of the control is
    below every draw of the trained pair."""
    null = has_null(control) and has_null(trained)
    rows = []
    for mine, theirs in in_common(control, trained):
        lower, higher, grid = separated(mine, theirs)
        row: list[object] = [mine["name"], f"{mine['area']:.3f}", f"{theirs['area']:.3f}"]
        row.append(f"{round(mine['area'], 3) - round(theirs['area'], 3):+.3f}")
        row += [f"{area_beyond_null(mine):.3f}", f"{area_beyond_null(theirs):.3f}"] if null else ["–", "–"]
        rows.append([*row, f"{lower} of {grid}", f"{higher} of {grid}"])
    columns = ["layer", "area", "trained area", "difference", "beyond null", "trained beyond null"]
    columns += ["every draw lower at", "every draw higher at"]
    return table(f"Set against {' against '.join(trained['networks'])}", columns, rows)


def separated(control: dict[str, Any], trained: dict[str, Any]) -> tuple[int, int, int]:
    """At how many common epsilons every draw of the control lies below, above every one of the trained pair; of how
    many."""
    theirs = {e: k for k, e in enumerate(trained["epsilons"])}
    both = [(k, theirs[e]) for k, e in enumerate(control["epsilons"]) if e in theirs]
    lower = sum(control["highest"][k] < trained["lowest"][j] for k, j in both)
    higher = sum(control["lowest"][k] > trained["highest"][j] for k, j in both)
    return lower, higher, len(both)


def agreements_table(agreements: list[dict[str, Any]]) -> Markup:
    """Three routes to the same answers on real layers."""
    rows: list[list[object]] = [
        [
            one["layer"],
            verdict("agree" if one["ok"] else "differ"),
            _both(one["channels"]),
            one["matches"],
            one["undecided"],
            f"{one['radius_error']:.1e}",
            f"{one['allowed']:.1e}",
        ]
        for one in agreements
    ]
    columns = ["layer", "verdict", "channels", "epsilons compared", "undecided", "radius error", "allowed"]
    return table(
        "Maximum matches by A3 and A4 against A1 as published; radii against the exact oracle", columns, rows, words=2
    )


def checks_table(name: str, outcomes: list[dict[str, Any]]) -> Markup:
    """What each check of a theorem said."""
    rows: list[list[object]] = [
        [
            one["check"],
            verdict(one["verdict"]),
            " ".join(one["theorems"]),
            one["detail"],
            _whole(one["cases"]),
            f"{one['seconds']:.1f}",
        ]
        for one in outcomes
    ]
    return table(f"Checks of {name}", ["check", "verdict", "theorems", "detail", "cases", "seconds"], rows, words=4)


def planted_table(families: list[dict[str, Any]]) -> Markup:
    """What was planted and found again."""
    rows: list[list[object]] = [
        [
            one["family"],
            verdict("all found" if one["ok"] else f"{len(one['faults'])} not found"),
            one["sets"],
            one["maximum_matches"],
            one["radii"],
            f"{one['radius_error']:.2g}" if one["radii"] else "–",
            one["simple_matches"],
        ]
        for one in families
    ]
    columns = ["family", "verdict", "sets", "maximum matches", "radii", "largest error / allowed", "simple matches"]
    return table("Planted families recovered", columns, rows, words=2)


def theorems_table(checks: dict[str, list[dict[str, Any]]]) -> Markup:
    """Every theorem, its standing evidence and what this run saw of it; nothing of a run when ``checks`` is empty."""
    rows: list[list[object]] = []
    for theorem in THEOREMS:
        seen = [one["verdict"] for outcomes in checks.values() for one in outcomes if theorem.id in one["theorems"]]
        evidence = ", ".join(theorem.evidence)
        row: list[object] = [theorem.id, theorem.name, theorem.statement, theorem.hypotheses, evidence]
        rows.append([*row, in_this_run(seen)] if checks else row)
    columns = ["id", "theorem", "statement", "needs", "evidence"] + ["in this run"] * bool(checks)
    return element("div", table("Theorems and their evidence", columns, rows, words=6), class_="theorems")


def in_this_run(verdicts: list[str]) -> Markup:
    """What several checks of one theorem come to: one failure is a failure, and no check at all is "not run"."""
    for bad in ("failed", "not run"):
        if bad in verdicts:
            return verdict(bad)
    return verdict("passed" if verdicts else "not run")


def _both(two: list[int]) -> str:
    return f"{two[0]} + {two[1]}"


def _whole(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
