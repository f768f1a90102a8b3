"""A likely cause: which of the named broken implementations gives the same wrong answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from ..broken import BROKEN
from ..checks import CHECKS
from ..harness.answers import Counterexample, NotAsked
from ..harness.capabilities import Capabilities, answers_for, function_of, provides
from ..harness.implementations import Implementation
from ..harness.questions import Question
from ..harness.registry import for_all
from ..harness.scores import suited
from .process import Limits
from .remote import remote_target
from .serving import plain

ENOUGH = 40
"""Wrong answers that are compared at most."""

FAILED = 8
"""Failed checks of which questions are asked again, at most."""

DRAWN = 20
"""Questions of each of them."""

PATIENCE = Limits(seconds=0.5)
"""Some of them never return."""

ALIKE = 0.5
"""The share of wrong answers that must be the same."""


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
    """An answer in which neither the order of indices or of matches nor the last digits matter."""
    if isinstance(answer, float):
        return round(answer, 5)
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


def wrong_answers(
    failed: Collection[str], subject: Any, able: Capabilities, seed: int
) -> list[tuple[Question, list[Any]]]:
    """Questions of these checks that are answered wrongly, with the answers; those about few neurons first."""
    found: list[tuple[Question, list[Any]]] = []
    for id in sorted(failed, key=lambda id: CHECKS[id].rate < 1):
        build, before = CHECKS[id].defined, len(found)

        def listen(question: Question, before: int = before) -> None:
            if len(found) - before < max(1, ENOUGH // len(failed)):
                right, heard = answered(question, subject)
                if not right and heard:
                    found.append((question, heard))

        asked = st.composite(build)(able).map(lambda one: suited(one, subject, able))
        try:
            for_all(asked, listen, cases=max(2, int(DRAWN * min(1.0, CHECKS[id].rate))), seed=seed)
        except (Counterexample, NotAsked):
            # It raises, or does not return: no answer that could be compared.
            continue
    return found


def score_only(one: Implementation) -> Any:
    """The score that an implementation's maximum matches make, and nothing else."""

    def similarity(X: Any, Y: Any, epsilon: float) -> float:
        x, y = one.max_match(X, Y, epsilon)
        return (len(x) + len(y)) / int(X.shape[1] + Y.shape[1])

    return SimpleNamespace(similarity=similarity)


def likely_cause(failed: Collection[str], subject: Any, able: Capabilities, seed: int = 0) -> str:
    """One sentence, or "" where no broken implementation gives at least half of the same wrong answers."""
    told = [id for id in failed if any(answers_for(subject, need) for need in CHECKS[id].needs)]
    known = wrong_answers(told[:FAILED], subject, able, seed)
    if not known:
        return ""
    only_scores = not provides(subject, "max_match") and provides(subject, "similarity")
    agreeing: dict[str, int] = {}
    for broken in BROKEN:
        compared = score_only(broken) if only_scores and provides(broken, "max_match") else broken
        agreeing[broken.name] = _agreements(compared, known)
    most = max(agreeing.values())
    if most < ALIKE * len(known):
        return ""
    names = [f'"{name}"' for name, count in agreeing.items() if count == most]
    others = f" (and {len(names) - 2} more)" if len(names) > 2 else ""
    return (
        f"likely cause: answers as the broken implementation {' or '.join(names[:2])}{others} does, on {most} of "
        f"{len(known)} questions answered wrongly"
    )


def _agreements(broken: Any, known: Sequence[tuple[Question, list[Any]]]) -> int:
    """How often a broken implementation gives the same wrong answer; 0 as soon as that is too seldom to matter."""
    count, left = 0, len(known)
    remote = remote_target(broken, PATIENCE).subject
    try:
        for question, heard in known:
            count, left = count + _same(question, remote, heard), left - 1
            if count + left < ALIKE * len(known):
                return 0
    finally:
        remote.close()
    return count


def _same(question: Question, broken: Any, heard: list[Any]) -> bool:
    try:
        return answered(question, broken)[1] == heard
    except (Exception, NotAsked):
        return False
