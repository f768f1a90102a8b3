"""Every planted answer of a suite is found again by algorithms that do not know how it was planted."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from ...proofs_check.harness.answers import Counterexample
from ...proofs_check.harness.implementations import BRUTE_FORCE, EXACT, FAST, REFERENCE, Implementation
from ...proofs_check.harness.questions import MaximumQuestion, Question, RadiiQuestion
from ...synthetic.linear import residuals_against, unit_columns
from ...theory.errors import SpanmatchError, SpanmatchWarning
from ...theory.matches import Match
from .asked import Asked

MOST_EXACT, MOST_LITERAL, MOST_LITERAL_SIMPLE = 20, 27, 16
"""Neurons of both sides together, for integer arithmetic, for literal least squares, and for its simple matches."""

BY_DEFINITION = "definition: residuals of members (D1) and of all others against the whole other side (T1)"


class Disagreement(SpanmatchError):
    """A planted answer that an algorithm does not find: one of the two is wrong, and no suite is written."""


def confirmed(name: str, asked: Asked) -> dict[str, list[str]]:
    """Function -> the routes by which its answers were found again. *Raises* ``Disagreement``."""
    found: dict[str, list[str]] = {}
    with warnings.catch_warnings():
        # Of epsilons above the chance level, which is no news here.
        warnings.simplefilter("ignore", SpanmatchWarning)
        for route, question, ask in _routes(asked):
            try:
                ask(question)
            except Counterexample as error:
                raise Disagreement(
                    f"{name}: the planted answer and the route {route!r} differ: {error}; the suite is not written"
                ) from error
            routes = found.setdefault(_answers(question), [])
            if route not in routes:
                routes.append(route)
    return found


Asking = tuple[str, Question, Callable[[Question], None]]


def _routes(asked: Asked) -> Iterator[Asking]:
    for question in (*asked, *asked.complete()):
        yield FAST.name, question, _asking(FAST)
    second = _second(asked)
    if second is None:
        for question in asked:
            if isinstance(question, MaximumQuestion | RadiiQuestion):
                yield BY_DEFINITION, question, by_definition
        return
    complete = asked.complete() if second is not REFERENCE else ()
    for question in (*asked, *complete):
        if second is not REFERENCE or within_reach(asked, question):
            yield second.name, question, _asking(second)


def _asking(implementation: Implementation) -> Callable[[Question], None]:
    return lambda question: question.ask(implementation)


def within_reach(asked: Asked, question: Question) -> bool:
    """Whether the reference, literal least squares again and again, answers in about a second."""
    most = MOST_LITERAL if question.function in ("max_match", "match_radii", "similarity") else MOST_LITERAL_SIMPLE
    return asked.size <= most or asked.planted.family == "staircase"


def _second(asked: Asked) -> Implementation | None:
    """The second algorithm for a set of this size; None where all take too long."""
    planted, neurons = asked.planted, asked.size
    integers = planted.exact and planted.X.dtype.kind == "i"
    if integers and neurons <= BRUTE_FORCE.most_neurons:
        return BRUTE_FORCE
    if planted.exact and neurons <= MOST_EXACT:
        return EXACT
    # In a staircase each neuron is within reach of the whole other side.
    return REFERENCE if neurons <= MOST_LITERAL or planted.family == "staircase" else None


def by_definition(question: Question) -> None:
    """Whether the right answer, a maximum match or all radii, follows from D1 and T1. *Raises* ``Counterexample``.

    A pair is the maximum match from the largest residual of a member within it, since it is a match there, to the least
    residual of another neuron against the whole other side, up to which that is in none.
    """
    if isinstance(question, MaximumQuestion):
        low, high = _range(question, question.right)
        if not low <= question.epsilon < high:
            raise Counterexample(f"{question.right} is proved from {low} to {high} only, not at {question.epsilon}")
    elif isinstance(question, RadiiQuestion):
        rx, ry = (np.array(side) for side in question.right)
        levels = sorted({*rx.tolist(), *ry.tolist(), 0.0, 2.0})
        for radius, larger in pairwise(levels):
            low, high = _range(question, Match(np.flatnonzero(rx <= radius), np.flatnonzero(ry <= radius)))
            if low**2 > radius**2 + question.tolerance or min(high, larger) ** 2 < larger**2 - question.tolerance:
                raise Counterexample(f"the match at {radius} is proved from {low} to {high} only, not up to {larger}")


def _range(question: Question, match: Match) -> tuple[float, float]:
    x, y = unit_columns(question.X), unit_columns(question.Y)
    i, j = sorted(match.x), sorted(match.y)
    within = residuals_against(x[:, i], y[:, j]), residuals_against(y[:, j], x[:, i])
    beyond = residuals_against(np.delete(x, i, axis=1), y), residuals_against(np.delete(y, j, axis=1), x)
    return float(np.concatenate(within).max(initial=0.0)), float(np.concatenate(beyond).min(initial=2.0))


def _answers(question: Question) -> str:
    return "simple_matches" if question.function == "all_simple_matches" else question.function
