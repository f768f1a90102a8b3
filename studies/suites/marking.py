"""What one answer to one question is worth: whether it is right, how near it came, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...proofs_check.harness.answers import Counterexample, NotAsked, read_pair, read_pairs, read_radii
from ...proofs_check.harness.questions import MaximumQuestion, Question, RadiiQuestion, SimpleQuestion
from ...theory.matches import Match


@dataclass(frozen=True)
class Mark:
    """One answer. ``wrong``: what is wrong with it, "" if nothing.

    ``radii_error``: the largest error of a radius; ``agreement``: neurons of the match found and the right one over
    those of either; ``found``: the share of all simple matches that were found. None where the question is another, or
    the answer could not be read.
    """

    set: str
    group: str
    function: str
    epsilon: float
    wrong: str
    seconds: float
    radii_error: float | None = None
    agreement: float | None = None
    found: float | None = None
    reference_seconds: float | None = None


class Heard:
    """An implementation whose last answer, and the time it took, are kept."""

    def __init__(self, subject: Any) -> None:
        self._subject = subject
        self.answer: Any = None
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(self._subject, name)
        if not callable(function):
            raise AttributeError(name)

        def asked(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                answer = function(*arguments)
                self.answer = list(answer) if name == "simple_matches" else answer
            finally:
                self.seconds += time.perf_counter() - started
            return self.answer

        return asked


def marked(question: Question, subject: Any, set_name: str, group: str) -> Mark:
    """Ask the question; whatever is raised is a wrong answer."""
    heard, wrong = Heard(subject), ""
    try:
        question.ask(heard)
    except (Counterexample, NotAsked) as error:
        wrong = str(error)
    except Exception as error:
        wrong = f"{question.function} raised {type(error).__name__}: {error}"
    near: dict[str, Any] = _near(question, heard.answer) if heard.answer is not None else {}
    return Mark(set_name, group, question.function, question.epsilon, wrong, heard.seconds, **near)


def _near(question: Question, answer: Any) -> dict[str, float]:
    try:
        if isinstance(question, RadiiQuestion):
            right = np.concatenate([np.array(side, dtype=np.float64) for side in question.right])
            error = float(np.abs(read_radii(answer, *question.sizes) - right).max(initial=0.0))
            return {"radii_error": error} if np.isfinite(error) else {}
        if isinstance(question, MaximumQuestion):
            return {"agreement": _overlap(read_pair(answer, *question.sizes), question.right)}
        if isinstance(question, SimpleQuestion):
            matches = set(read_pairs(answer, *question.sizes))
            return {"found": len(matches & set(question.right)) / len(question.right) if question.right else 1.0}
    except Counterexample:
        pass
    return {}


def _overlap(found: Match, right: Match) -> float:
    return len(found & right) / len(found | right) if found | right else 1.0
