"""A likely cause: which of the named broken implementations gives the same wrong answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from ..broken import BROKEN
from ..checks import CHECKS
from ..harness.answers import Counterexample, NotAsked
from ..harness.capabilities import Capabilities, answers_for, function_of, provides
from ..harness.implementations import REFERENCE, Implementation
from ..harness.questions import SQUARE_TOLERANCE, Question
from ..harness.registry import for_all
from ..harness.scores import suited
from .process import Limits
from .remote import remote_target
from .serving import plain

ENOUGH = 40
"""Wrong answers that are compared at most."""

FAILED = 8
"""Failed checks of which questions are asked again, at most."""

DRAWN, MOST_RATE = 40, 3.0
"""Questions of each of them, more or fewer as the check asks more or fewer, but not many times more."""

LEAST = 3
"""Fewer wrong answers in common may be chance."""

PATIENCE = Limits(seconds=0.5)
"""Some of them never return."""

ALIKE, FAR, CLEARLY = 0.5, 0.25, 0.1
"""In shares of the wrong answers: who is named has half of them in common, who has a quarter is too far away to be the
next, and who is a tenth nearer than the next is clearly nearer."""

MOST_NAMED = 2

DIGITS = round(-math.log10(SQUARE_TOLERANCE))


class Listener:
    """A subject, and what it has answered so far in a form that can be compared."""

    def __init__(self, subject: Any) -> None:
        self.subject = subject
        self.heard: list[Any] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = function_of(self.subject, name)
        if function is None:
            raise AttributeError(name)

        def listening(*arguments: Any) -> Any:
            answer = plain(function(*arguments))
            self.heard.append(comparable(answer))
            return answer

        return listening


def comparable(answer: Any) -> Any:
    """An answer in which neither the order of indices or of matches nor the last digits of squares matter."""
    if isinstance(answer, float):
        return round(answer * abs(answer), DIGITS)
    if not isinstance(answer, list):
        return repr(answer)
    entries = [one if isinstance(one, int) else comparable(one) for one in answer]
    if all(isinstance(one, int) for one in entries):
        return tuple(sorted(entries))
    # A list of matches has no order, a match has: its sides.
    matches = all(isinstance(one, tuple) and any(isinstance(side, tuple) for side in one) for one in entries)
    return tuple(sorted(entries, key=repr)) if matches else tuple(entries)


def answered(question: Question, subject: Any) -> tuple[bool, list[Any]]:
    """Whether the answer is right, and what it was."""
    listener = Listener(subject)
    try:
        question.ask(listener)
    except Counterexample:
        return False, listener.heard
    return True, listener.heard


@dataclass(frozen=True)
class Heard:
    """What the subject answered to one question, and whether that was right."""

    question: Question
    answers: list[Any]
    right: bool


def heard_from(subject: Any, failed: Collection[str], able: Capabilities, seed: int) -> list[Heard]:
    """Questions of these checks with the answers, wrong ones first; of each check, those about few neurons first."""
    found: list[Heard] = []
    share = max(1, ENOUGH // max(1, len(failed)))
    for id in sorted(failed, key=lambda id: CHECKS[id].rate < 1):
        build, counts = CHECKS[id].defined, {False: 0, True: 0}

        def listen(question: Question, counts: dict[bool, int] = counts) -> None:
            if counts[False] < share:
                right, answers = answered(question, subject)
                counts[right] += 1
                if answers and counts[right] <= share:
                    found.append(Heard(question, answers, right))

        asked = st.composite(build)(able).map(lambda one: suited(one, subject, able))
        try:
            for_all(asked, listen, cases=max(2, int(DRAWN * min(MOST_RATE, CHECKS[id].rate))), seed=seed)
        except (Counterexample, NotAsked):
            # It raises, or does not return: no answer that could be compared.
            continue
    return sorted(found, key=lambda one: one.right)


def score_only(one: Implementation) -> Any:
    """The score that an implementation's maximum matches make, and nothing else."""

    def similarity(X: Any, Y: Any, epsilon: float) -> float:
        x, y = one.max_match(X, Y, epsilon)
        return (len(x) + len(y)) / int(X.shape[1] + Y.shape[1])

    return SimpleNamespace(similarity=similarity)


def likely_cause(failed: Collection[str], subject: Any, able: Capabilities, seed: int = 0) -> str:
    """One sentence, or "" where no broken implementation is clearly nearer to the subject than all others are.

    An implementation is nearer, the more of the wrong answers it gives too, and the fewer questions it answers wrongly
    that the subject answers rightly. Two that cannot be told apart are both named.
    """
    told = [id for id in failed if any(answers_for(subject, need) for need in CHECKS[id].needs)]
    heard = heard_from(subject, told[:FAILED], able, seed)
    wrong = sum(not one.right for one in heard)
    if wrong < LEAST:
        return ""
    only_scores = not provides(subject, "max_match") and provides(subject, "similarity")
    found = {}
    # The reference too: where rounding hides the difference it "gives the wrong answer", and nothing is learned.
    for one in (REFERENCE, *BROKEN):
        compared = score_only(one) if only_scores and provides(one, "max_match") else one
        found[one.name] = compared_with(compared, heard, wrong)
    ranked = sorted(found, key=lambda name: -found[name][1])
    near = [name for name in ranked if found[name][1] > found[ranked[0]][1] - max(CLEARLY * wrong, LEAST - 1)]
    same, score = found[ranked[0]]
    if len(near) > MOST_NAMED or REFERENCE.name in near or score < max(ALIKE * wrong, LEAST):
        return ""
    names = " or ".join(f'"{name}"' for name in near)
    return (
        f"likely cause: answers as the broken implementation {names} does, on {same} of {wrong} questions answered "
        "wrongly"
    )


def compared_with(implementation: Any, heard: Sequence[Heard], wrong: int) -> tuple[int, int]:
    """How many of the wrong answers it gives too, and that less the right answers that it does not give.

    Zeros as soon as it is too far away to matter.
    """
    same = spoiled = 0
    remote = remote_target(implementation, PATIENCE).subject
    try:
        for place, one in enumerate(heard):
            if one.right:
                spoiled += not _answers(one.question, remote)[0]
            else:
                same += _answers(one.question, remote)[1] == one.answers
            if same + max(0, wrong - place - 1) - spoiled < FAR * wrong:
                return 0, 0
    finally:
        remote.close()
    return same, same - spoiled


def _answers(question: Question, implementation: Any) -> tuple[bool, Any]:
    try:
        return answered(question, implementation)
    except (Exception, NotAsked):
        return False, None
