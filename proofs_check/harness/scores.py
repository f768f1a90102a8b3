"""Questions to an implementation that returns a score only: what D4 makes of the right answers to the others.

The similarity at epsilon is the share of neurons in the maximum match, which is the share of match radii up to epsilon
(D7). So a question about either becomes one about the score, at that epsilon or beside the radii, where it jumps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from .answers import Counterexample, read_score
from .capabilities import Capabilities, answers_for
from .margins import CLEAR, CLOSE
from .questions import ContainedQuestion, LoudQuestion, MaximumQuestion, Question, RadiiQuestion, UnchangedQuestion

SCORE_TOLERANCE = 1e-6
"""Scores in single precision will do: at most 128 neurons are counted, so two scores differ by 1/128 at least."""

MOST_JUMPS = 6
"""So many epsilons a question asks for at most."""


@dataclass(frozen=True, eq=False, repr=False)
class ScoreQuestion(Question):
    """similarity must be ``right[k]`` at ``epsilons[k]``."""

    function: ClassVar[str] = "similarity"

    epsilons: tuple[float, ...]
    right: tuple[float, ...]

    def ask(self, implementation: Any) -> None:
        for epsilon, right in zip(self.epsilons, self.right, strict=True):
            found = read_score(self.call(implementation, epsilon))
            if not abs(found - right) <= SCORE_TOLERANCE:
                raise Counterexample(f"similarity at {epsilon} is {found}, but should be {right}")

    def lines(self) -> list[str]:
        return [
            f"epsilons, right = {list(self.epsilons)}, {list(self.right)}",
            "answer = [float(implementation.similarity(X, Y, epsilon)) for epsilon in epsilons]",
            'print("answer:", answer, "right:", right)',
            f"assert np.allclose(answer, right, rtol=0, atol={SCORE_TOLERANCE})",
        ]


@dataclass(frozen=True, eq=False, repr=False)
class GrowingQuestion(Question):
    """similarity must not fall from ``epsilon`` to ``larger`` (T5)."""

    function: ClassVar[str] = "similarity"

    larger: float

    def ask(self, implementation: Any) -> None:
        low, high = (read_score(self.call(implementation, epsilon)) for epsilon in (self.epsilon, self.larger))
        if low > high + SCORE_TOLERANCE:
            raise Counterexample(f"similarity at {self.epsilon} is {low}, at {self.larger} only {high}")

    def lines(self) -> list[str]:
        return [
            f"low, high = (implementation.similarity(X, Y, epsilon) for epsilon in ({self.epsilon}, {self.larger}))",
            'print("answer:", low, "right: at most", high)',
            f"assert low <= high + {SCORE_TOLERANCE}",
        ]


def suited(question: Question, subject: Any, can: Capabilities) -> Question:
    """The question itself, or, to a subject that has only the score, what the score should be."""
    return question if answers_for(subject, question.function) != "similarity" else scored(question, can)


def scored(question: Question, can: Capabilities) -> Question:
    """What a question about max_match or match_radii says of the similarity."""
    if isinstance(question, ScoreQuestion):
        return question
    if isinstance(question, ContainedQuestion):
        return GrowingQuestion(question.X, question.Y, question.epsilon, question.larger)
    if isinstance(question, LoudQuestion | UnchangedQuestion):
        return replace(question, asked="similarity")
    if isinstance(question, MaximumQuestion):
        counted = sum(question.sizes) if question.counted is None else question.counted
        epsilons = [question.epsilon]
        right = [len(question.right) / counted if counted else 0.0]
    elif isinstance(question, RadiiQuestion):
        radii = np.sort([*question.right[0], *question.right[1]])
        epsilons = jumps(radii, can)
        counted = len(radii) if question.counted is None else question.counted
        right = [float(np.sum(radii <= epsilon)) / counted if counted else 0.0 for epsilon in epsilons]
    else:
        raise TypeError(f"{type(question).__name__}: no score answers it")
    return ScoreQuestion(question.X, question.Y, 0, tuple(epsilons), tuple(right))


def jumps(radii: Any, can: Capabilities) -> list[float]:
    """Epsilons on both sides of some of the radii, and between them, all of which are clear of every radius."""
    levels = sorted({0.0, 1.0, *radii.tolist()})
    beside = [r * (1 + share) for r in levels if 0.1 <= r < 1 for share in (-CLOSE, CLOSE)]
    between = [(low + high) / 2 for low, high in pairwise(levels)]
    lowest = max(can.smallest_epsilon, 1e-6)
    clear = [e for e in sorted(beside + between) if lowest <= e < 1 and np.min(np.abs(radii - e)) > CLEAR]
    chosen = np.unique(np.linspace(0, len(clear) - 1, min(MOST_JUMPS, len(clear))).round().astype(int))
    return [clear[k] for k in chosen.tolist()]
