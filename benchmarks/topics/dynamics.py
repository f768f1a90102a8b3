"""Claims about the effective theory of representation learning, and how it fares on small networks."""

from __future__ import annotations

import math
from functools import cache, partial
from itertools import dropwhile, takewhile

import numpy as np
from claim import MUST, ROOT, Claim, Measured

from spanmatch import dynamics
from spanmatch.studies.dynamics import SCALES
from spanmatch.studies.dynamics.matching import MATCHED_AT, match_two_point_networks
from spanmatch.studies.dynamics.run import DynamicsResult, run_dynamics
from spanmatch.studies.dynamics.settings import vary_settings
from spanmatch.studies.dynamics.structure import learn_structure
from spanmatch.studies.dynamics.wrong_equations import OTHERS, TEST, WEAK
from spanmatch.theory.errors import InvalidState

LONG = 1e6


FRESH = (1, 2)
"""Seeds that were not looked at when the four altered equations were chosen."""


@cache
def study(seed: int = 0) -> DynamicsResult:
    return run_dynamics(seed=seed)


@cache
def trajectories() -> tuple[float, float]:
    """The largest drift of the conserved quantity, and the largest relative error of the final distance."""
    rng = np.random.default_rng(0)
    drift, error, count = 0.0, 0.0, 0
    while count < 100:
        dx, dy = rng.uniform(0.3, 2, 2)
        eta_h, eta_y = np.exp(rng.uniform(-1.5, 1.5, 2))
        h0, y0 = np.exp(rng.uniform(-4, 1.5, 2))
        w0 = y0 - rng.uniform(-1, 1) * math.sqrt(y0) * dy
        try:
            h, y, _ = dynamics.solve(dx, dy, eta_h, eta_y, h0, y0, w0, [*np.linspace(0, 30, 60), LONG])
        except InvalidState:
            continue
        count += 1
        values = dynamics.conserved(dx, eta_h, eta_y, h, y)
        drift = max(drift, float(np.ptp(values)) / max(1.0, abs(float(values[0]))))
        error = max(error, abs(h[-1] / dynamics.final_squared_distance(dx, dy, eta_h, eta_y, h0, y0) - 1))
    return drift, error


def drift() -> Measured:
    return f"{trajectories()[0]:.1e}", trajectories()[0] <= 1e-9


def final() -> Measured:
    return f"{trajectories()[1]:.1e}", trajectories()[1] <= 1e-8


def within(*seeds: int) -> Measured:
    """From the run's own rates; beside it, from the rates of the others."""
    rows = [
        row
        for seed in seeds
        for row in study(seed).summary()
        if (row["architecture"], row["scale"]) == ("leaky-relu-mlp", "rich")
    ]
    text = ", ".join(f"{row['fitted_near']} of {row['runs']} (held out {row['held_out_near']})" for row in rows)
    return text, all(row["fitted_near"] >= 20 for row in rows)


def altered(*seeds: int) -> Measured:
    """The least over the seeds."""
    found = [{name: one for name, one in study(seed).worse().items() if name in TEST} for seed in seeds]
    least = {name: {key: min(one[name][key] for one in found) for key in ("share", "can_tell")} for name in TEST}
    return "; ".join(f"{name}: {one['share']:.1%}" for name, one in least.items()), all(
        one["share"] >= 0.9 and one["can_tell"] >= 0.9 for one in least.values()
    )


def documented(heading: str) -> dict[str, list[str]]:
    """The first table below a heading of docs/dynamics.md: first cell -> the others; rows of one name are joined."""
    text = (ROOT / "docs" / "dynamics.md").read_text(encoding="utf-8").partition(heading)[2]
    lines = list(takewhile(lambda one: one.startswith("|"), dropwhile(lambda one: one[:1] != "|", text.splitlines())))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    return {row[0] if row[1] not in SCALES else f"{row[0]}, {row[1]}": row[1:] for row in rows}


def differing(fresh: dict[str, list[str]], heading: str) -> Measured:
    stated = documented(heading)
    wrong = [name for name in {**fresh, **stated} if fresh.get(name) != stated.get(name)]
    return (f"differ: {', '.join(wrong)}" if wrong else f"{len(fresh)} rows as stated"), not wrong


def tried() -> Measured:
    """Every altered equation, also those that are no test: minutes."""
    found = run_dynamics(altered=TEST | WEAK | OTHERS).worse()
    keys = (("share", 1), ("rich", 0), ("middle", 0), ("lazy", 0), ("can_tell", 1), ("share_of_those", 1))
    fresh = {name: [f"{100 * one[key]:.{digits}f} %" for key, digits in keys] for name, one in found.items()}
    return differing(fresh, "### Wrong equations must fit worse")


def matching() -> Measured:
    names = {"leaky-relu-mlp": "leaky-ReLU MLP", "tanh-mlp": "tanh MLP", "cnn": "CNN"}
    fresh = {}
    for one in match_two_point_networks():
        both = [f"{side[MATCHED_AT.index(e)]:.2f}" for e in (0.2, 0.3, 0.5) for side in (one.trained, one.untrained)]
        cells = [one.scale, f"{one.distance:.2f}", f"{100 * one.spread:.1f} %", f"{100 * one.error:.1f} %", *both]
        fresh[f"{names[one.architecture]}, {one.scale}"] = cells
    return differing(fresh, "## What this says about matching")


def settings_rows(scale: str) -> dict[str, list[str]]:
    """The table of other settings of the page, at one initial scale."""
    return {
        one.setting: [
            f"{one.fitted[0]} ({100 * one.fitted[1]:.1f} %)",
            f"{one.held_out[0]} ({100 * one.held_out[1]:.1f} %)",
            f"{100 * one.worse:.0f} %",
        ]
        for one in vary_settings(scales=[scale])
    }


def structure_rows() -> dict[str, list[str]]:
    """The table of the distances of images of the page."""
    return {
        one.scale: [
            *(f"{number:.2f}" for number in (one.r, one.r_inputs, one.r_targets, one.r_initial, one.r_seeds)),
            *(f"{number:.2f}" for number in (one.r_apart, one.r_inputs_apart)),
            f"{100 * one.error:.0f} %",
            *(f"{number:.2f}" for number in (one.together, one.together_told)),
        ]
        for one in learn_structure()
    }


def seconds() -> Measured:
    return f"{study().seconds:.0f} s", study().seconds < 120


CLAIMS = [
    Claim("dynamics.conserved", MUST, "dynamics.solve on 100 random valid trajectories", "drift <= 1e-9", drift),
    Claim("dynamics.final", MUST, "final_squared_distance against the end of solve, 100 states", "<= 1e-8", final),
    *(
        claim
        for name, where, seeds in (("", MUST, (0,)), ("-fresh", "docs/dynamics.md", FRESH))
        for claim in (
            Claim(f"dynamics.within{name}", where, f"rich leaky-ReLU MLPs within 10 %, seeds {seeds}", ">= 20 of 25",
                  partial(within, *seeds)),
            Claim(f"dynamics.altered{name}", where, f"four altered ODEs fit worse, each, seeds {seeds}",
                  ">= 90 % of runs", partial(altered, *seeds)),
        )
    ),
    Claim("dynamics.tried", "docs/dynamics.md", "all altered ODEs that were tried", "the table's figures", tried),
    Claim("dynamics.matching", "docs/dynamics.md", "match_two_point_networks()", "the table's figures", matching),
    *(
        Claim(f"dynamics.settings-{scale}", "docs/dynamics.md", f"other settings, {scale}", "the table's figures",
              lambda scale=scale: differing(settings_rows(scale), f"From {scale} initial weights"))
        for scale in ("rich", "lazy")
    ),
    Claim("dynamics.structure", "docs/dynamics.md", "learn_structure()", "the table's figures",
          lambda: differing(structure_rows(), "### Many points at once")),
    Claim("dynamics.seconds", MUST, "run_dynamics() on the default grid", "under 2 minutes", seconds),
]
