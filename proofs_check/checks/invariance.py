"""T12 on activations: what an answer must not depend on, and what it does depend on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from ...algorithms.exact import ExactGeometry
from ...algorithms.peeling import peel_radii
from ...synthetic.strategies.small import Integers
from ...synthetic.strategies.transformed import CHANGES, Change, linear_maps
from ...theory.brute_force import brute_force
from ...theory.matches import Match, Neuron
from ..harness.implementations import Activations, Implementation
from ..harness.margins import CLEAR, MarginRecorder, match_of, radius_margin
from ..harness.registry import Budget, Counterexample, check, for_all, over


def _suited(implementation: Implementation, change: Change) -> None:
    assume(len(change.neurons) <= implementation.most_neurons)


def _clear_of_epsilon(change: Change, *, radii_too: bool = True) -> None:
    """Turns away cases that hang on rounding; raises if the theorem itself fails in exact arithmetic.

    ``radii_too``: the change must keep every radius, and not only which of them are 0.
    """
    before, after = ExactGeometry(change.case.X, change.case.Y), ExactGeometry(change.X, change.Y)
    old, new = peel_radii(before), peel_radii(after)
    for v, origin in change.neurons.items():
        if (new[v] != old[origin]) if radii_too else (bool(new[v]) != bool(old[origin])):
            raise Counterexample(f"T12 fails: exactly, rho^2 of {tuple(origin)} was {old[origin]}, now it is {new[v]}")
    assume(radius_margin(old, before, change.case.epsilon) > CLEAR)
    assume(radius_margin(new, after, change.case.epsilon) > CLEAR)


def _same_maximum(
    implementation: Implementation, budget: Budget, strategy: Callable[[], st.SearchStrategy[Change]], radii_too: bool
) -> int:
    def examine(change: Change) -> None:
        _suited(implementation, change)
        _clear_of_epsilon(change, radii_too=radii_too)
        epsilon = float(change.case.epsilon)
        before = match_of(implementation.max_match(change.case.X, change.case.Y, epsilon))
        after = match_of(implementation.max_match(change.X, change.Y, epsilon))
        if after != change.carried(before):
            raise Counterexample(
                f"max_match was {before}, so it should be {change.carried(before)} after the change, but is {after}"
            )

    return for_all(strategy(), examine, cases=budget.cases, seed=budget.seed)


def _same_radii(
    implementation: Implementation, budget: Budget, strategy: Callable[[], st.SearchStrategy[Change]]
) -> int:
    def examine(change: Change) -> None:
        _suited(implementation, change)
        before = radii_of(implementation, change.case.X, change.case.Y)
        after = radii_of(implementation, change.X, change.Y)
        for v, origin in change.neurons.items():
            if not abs(after[v] - before[origin]) <= 2 * CLEAR:
                raise Counterexample(
                    f"the match radius of {tuple(origin)} was {before[origin]}; after the change {tuple(v)} stands for "
                    f"it, and should have the same, but has {after[v]}"
                )

    return for_all(strategy(), examine, cases=budget.cases, seed=budget.seed)


def radii_of(implementation: Implementation, X: Activations, Y: Activations) -> dict[Neuron, float]:
    """The implementation's radii, by neuron."""
    x, y = implementation.match_radii(X, Y)
    return dict(zip(Match.everything(X.shape[1], Y.shape[1]), [*map(float, x), *map(float, y)], strict=True))


for _name, (_what, _strategy) in CHANGES.items():
    check(f"T12-{_name}", "T12", f"{_what} changes no maximum match", "max_match")(
        partial(_same_maximum, strategy=_strategy, radii_too=True)
    )
    check(f"T12-{_name}-radii", "T12", f"{_what} changes no match radius", "match_radii")(
        partial(_same_radii, strategy=_strategy)
    )

check("T12-linear-map-at-zero", "T12", "at epsilon 0 a common injective linear map changes no maximum match",
      "max_match")(partial(_same_maximum, strategy=linear_maps, radii_too=False))


@check("T12-simple", "T12 T7", "what changes no radius changes no simple match: those found after it are simple before "
       "it, and cover the same", "simple_matches")
def same_simple_matches(implementation: Implementation, budget: Budget) -> int:
    def examine(change: Change) -> None:
        _suited(implementation, change)
        case = change.case
        recorder = MarginRecorder(ExactGeometry(case.X, case.Y), case.epsilon)
        truth = brute_force(recorder.at(case.epsilon))
        assume(recorder.margin > CLEAR)
        union = Match()
        for answer in implementation.simple_matches(change.X, change.Y, float(case.epsilon)):
            found = match_of(answer)
            if len(change.back(found)) != len(found) or change.back(found) not in truth.simple:
                raise Counterexample(f"{found}, of {change.back(found)}, is returned as simple after the change, but "
                                     f"the simple matches before it are {list(truth.simple)}")
            union = union | found
        if union != change.carried(truth.maximum):
            raise Counterexample(f"the simple matches cover {union}, but should cover {change.carried(truth.maximum)}")

    changed = st.one_of(*(strategy() for _, strategy in CHANGES.values()))
    return for_all(changed, examine, cases=max(10, budget.cases // 2), seed=budget.seed)


_X, _Y, _DIAGONAL = np.array([[1], [0]]), np.array([[0], [1]]), np.array([[1], [1]])
_NOT_INVARIANT: dict[str, tuple[tuple[Integers, Integers, Match], tuple[Integers, Integers, Match]]] = {
    "adding one vector to all activations": ((_X, _Y, Match()), (_X + 10, _Y + 10, Match([0], [0]))),
    "a copy in the other network": ((_X, _Y, Match()), (_X, np.hstack([_Y, _X]), Match([0], [1]))),
    "an injective linear map at epsilon > 0": (
        (_X, _DIAGONAL, Match()),
        (np.diag([10, 1]) @ _X, np.diag([10, 1]) @ _DIAGONAL, Match([0], [0])),
    ),
    "repeating some of the inputs only": (
        (_X, _DIAGONAL, Match()),
        (_X[[0] * 100 + [1]], _DIAGONAL[[0] * 100 + [1]], Match([0], [0])),
    ),
}


@check("T12-not-invariant", "T12", "a translation, a copy in the other network, a linear map at epsilon > 0 do change "
       "the maximum match: T12 needs its hypotheses", "max_match")
def not_invariant(implementation: Implementation, _: Budget) -> int:
    def examine(what: str) -> None:
        for when, (X, Y, truth) in zip(("before", "after"), _NOT_INVARIANT[what], strict=True):
            found = match_of(implementation.max_match(X, Y, 0.3))
            if found != truth:
                raise Counterexample(f"max_match is {found} {when} the change, but should be {truth}")

    return over(_NOT_INVARIANT, examine)
