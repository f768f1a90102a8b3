"""Claims about the effective theory of representation learning, and how it fares on small networks."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from claim import Claim, Measured

from spanmatch import dynamics
from spanmatch.studies.dynamics import DynamicsResult, run_dynamics
from spanmatch.theory.errors import InvalidState

ISSUE = "issue 9, must show"
LONG = 1e6


@cache
def study() -> DynamicsResult:
    return run_dynamics()


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


def within() -> Measured:
    row = next(one for one in study().summary() if (one["architecture"], one["scale"]) == ("leaky-relu-mlp", "rich"))
    text = f"{row['fitted_near']} of {row['runs']}; from the other runs' rates {row['held_out_near']}"
    return text, row["fitted_near"] >= 20


def altered() -> Measured:
    found = study().worse()
    return "; ".join(f"{name}: {one['share']:.1%}" for name, one in found.items()), all(
        one["share"] >= 0.9 for one in found.values()
    )


def seconds() -> Measured:
    return f"{study().seconds:.0f} s", study().seconds < 120


CLAIMS = [
    Claim("dynamics.conserved", ISSUE, "dynamics.solve on 100 random valid trajectories", "drift <= 1e-9", drift),
    Claim("dynamics.final", ISSUE, "final_squared_distance against the end of solve, 100 states", "<= 1e-8", final),
    Claim("dynamics.within", ISSUE, "final distance within 10 %, rich leaky-ReLU MLPs", ">= 20 of 25", within),
    Claim("dynamics.altered", ISSUE, "altered ODEs fit worse, each", ">= 90 % of runs", altered),
    Claim("dynamics.seconds", ISSUE, "run_dynamics() on the default grid", "under 2 minutes", seconds),
]
