"""An implementation, or files of answers, scored on a suite: right answers by group of sets, and time."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from ...files.environment import versions
from ...proofs_check.conformance.kit import opened
from ...proofs_check.conformance.remote import Matrices
from ...proofs_check.conformance.target import check_provided
from ...proofs_check.harness.capabilities import Capabilities, answers_for, not_provided, provides
from ...proofs_check.harness.implementations import REFERENCE
from ...proofs_check.harness.questions import SQUARE_TOLERANCE, Question, RadiiQuestion
from ...proofs_check.harness.scores import ScoreQuestion, suited
from ...synthetic.linear import condition
from .answers import Recorded
from .asked import Asked
from .confirm import within_reach
from .marking import Mark, marked
from .reading import Suite


@dataclass(frozen=True)
class Scores:
    """All marks of one target on one suite. ``not_asked``: sets that its capabilities leave out."""

    name: str
    suite: str
    version: int
    functions: tuple[str, ...]
    marks: tuple[Mark, ...]
    not_asked: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """0 to 100: the share of right answers, the mean over the groups of sets."""
        rows = self.to_rows()
        return 100 * fmean(row["right"] / row["questions"] for row in rows) if rows else 0.0

    @property
    def wrong(self) -> tuple[Mark, ...]:
        """The wrong answers."""
        return tuple(mark for mark in self.marks if mark.wrong)

    @property
    def summary(self) -> str:
        """One line."""
        return (
            f"{self.name}: {self.points:.1f} of 100 points on {self.suite} {self.version}, "
            f"{len(self.marks) - len(self.wrong)} of {len(self.marks)} answers right"
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """A row for each group of sets, in the order of the suite."""
        groups = dict.fromkeys(mark.group for mark in self.marks)
        return [_row(group, [mark for mark in self.marks if mark.group == group]) for group in groups]

    def whole(self) -> dict[str, Any]:
        """The same for all marks together."""
        return _row("all", self.marks)

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "target": self.name,
            "suite": self.suite,
            "version": self.version,
            "functions": self.functions,
            "points": self.points,
            "groups": self.to_rows(),
            "all": self.whole(),
            "not_asked": self.not_asked,
            "wrong": [asdict(mark) for mark in self.wrong],
            "versions": versions(),
        }


def _row(group: str, marks: Sequence[Mark]) -> dict[str, Any]:
    def of(name: str, together: Callable[[list[float]], float]) -> float | None:
        values = [value for mark in marks if (value := getattr(mark, name)) is not None]
        return together(values) if values else None

    compared = [mark for mark in marks if mark.reference_seconds is not None]
    reference = sum(mark.reference_seconds or 0.0 for mark in compared)
    return {
        "group": group,
        "sets": len({mark.set for mark in marks}),
        "questions": len(marks),
        "right": sum(not mark.wrong for mark in marks),
        "radii_error": of("radii_error", max),
        "agreement": of("agreement", fmean),
        "simple_found": of("found", fmean),
        "seconds": sum(mark.seconds for mark in marks),
        "times_reference": sum(mark.seconds for mark in compared) / reference if reference else None,
    }


def score(
    folder: str | os.PathLike[str],
    implementation: object,
    *,
    time_limit: float | None = 10.0,
    memory_limit: float = 4.0,
    function: str | None = None,
    matrices: Matrices = "npy",
    reference: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Scores:
    """Ask an implementation what a suite knows, and mark every answer.

    Parameters
    ----------
    folder : path
        Of the suite, as ``spanmatch generate --suite`` has written it.
    implementation : object, str, list of str or Path
        As for ``conform``: an object, its place, or the words of a command; a ``Path`` is a folder of files of answers.
    time_limit, memory_limit, function, matrices
        As for ``conform``; each question is asked in a process of its own, and one that is too much for it is a wrong
        answer.
    reference : bool, default True
        Whether the literal algorithms of the paper are asked the same in the same run, where they answer in about a
        second, to compare the times.
    progress : callable, optional
        Called with the name of each set.

    Returns
    -------
    Scores
        Of the functions that the implementation has; with a score alone, of what follows for the score.

    Raises
    ------
    InvalidFile
        If there is no suite, or one of its files was changed.
    InvalidOption
        If there is nothing to ask.
    """
    suite = Suite.of(folder)
    with (
        warnings.catch_warnings(),
        _answering(implementation, time_limit, memory_limit, function, matrices) as target,
        opened(REFERENCE, time_limit, memory_limit, None, matrices) as literal,
    ):
        # Those of implementations in other processes are of no class that is known here.
        warnings.simplefilter("ignore")
        marks: list[Mark] = []
        left_out: list[str] = []
        # The small ones first: what takes too long in three of them is not asked of any more.
        for set_name, group, asked in sorted(suite.asked(target.can), key=lambda one: one[2].size):
            if progress is not None:
                progress(set_name)
            if not _asks(asked, target.can):
                left_out.append(set_name)
                continue
            subject = target.subject_for(set_name)
            for question in put_to(asked, subject):
                mark = marked(question, subject, set_name, group)
                if reference and target.timed and within_reach(asked, question):
                    mark = replace(
                        mark, reference_seconds=marked(question, literal.subject, set_name, group).seconds
                    )
                marks.append(mark)
    told = suite.manifest
    place = {one["name"]: k for k, one in enumerate(told["sets"])}
    marks.sort(key=lambda mark: place[mark.set])
    return Scores(target.name, told["suite"], told["version"], target.functions, tuple(marks), tuple(left_out))


@dataclass(frozen=True)
class _Answering:
    """What is scored: its name, functions and capabilities, and whom to ask about a set."""

    name: str
    functions: tuple[str, ...]
    can: Capabilities
    subject_for: Callable[[str], Any]
    timed: bool = True


@contextmanager
def _answering(
    implementation: object, time_limit: float | None, memory_limit: float, function: str | None, matrices: Matrices
) -> Iterator[_Answering]:
    if isinstance(implementation, Path):
        recorded = Recorded.of(implementation)
        yield _Answering(recorded.name, recorded.functions, Capabilities(), recorded.answering, timed=False)
        return
    with opened(implementation, time_limit, memory_limit, function, matrices) as target:
        subject = target.subject
        yield _Answering(target.name, check_provided(target), Capabilities.of(subject), lambda _: subject)


def _asks(asked: Asked, can: Capabilities) -> bool:
    """Whether an implementation can be held to this set, by what it says of itself."""
    return (
        (asked.planted.exact or not can.exact)
        and asked.size <= can.most_neurons
        and (not can.rank_tolerance or can.rank_tolerance * condition(*asked.planted.matrices) < 1)
    )


def put_to(asked: Asked, subject: Any) -> Iterator[Question]:
    """The questions that a subject can answer; to one that has only the score, what they say of the score."""
    # A function of this name claims to find them all; simple_matches may find enough of them.
    every = getattr(subject, "all_simple_matches", not_provided)
    for question in (*asked, *(asked.complete() if every is not not_provided else ())):
        if answers_for(subject, question.function) is None:
            continue
        if answers_for(subject, question.function) == question.function:
            # Whoever has only the score is asked it in place of every maximum match.
            if not isinstance(question, ScoreQuestion) or provides(subject, "max_match"):
                yield question
        elif not isinstance(question, RadiiQuestion) or question.tolerance <= SQUARE_TOLERANCE:
            # Beside the radii the score jumps, which has to be clear of their tolerance.
            yield suited(question, subject, asked.can)
