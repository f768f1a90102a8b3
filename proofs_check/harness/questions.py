"""Questions to an implementation: the activations, the right answer, and a script of a few lines that asks again."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ...theory.matches import Match, Neuron, sort_key
from .answers import Counterexample, read_pair, read_pair_or_none, read_pairs, read_radii
from .capabilities import function_of

Floats = npt.NDArray[np.float64]

SQUARE_TOLERANCE = 1e-8
"""Allowed error of a squared radius: rounding is an error of the square, so that a 0 may come out as 1e-5."""

NO_REFUSAL = ("MemoryError", "RecursionError", "NameError", "AttributeError", "ImportError", "ModuleNotFoundError")
"""Errors, by name because some come from another process, that say nothing about the arguments."""

UNKNOWN_PLACE = "from your_module import implementation  # the implementation under test"
"""The line of a script for an implementation whose place is not known."""


@dataclass(frozen=True, eq=False, repr=False)
class Question(ABC):
    """One question. ``ask`` raises ``Counterexample``, or whatever the implementation raises, if the answer is wrong.

    ``X``, ``Y``: float64 arrays of shape (inputs, neurons), of which the implementation gets copies.
    """

    X: npt.NDArray[Any]
    Y: npt.NDArray[Any]
    epsilon: Any
    function: ClassVar[str] = "max_match"

    def __post_init__(self) -> None:
        for name in ("X", "Y"):
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=np.float64))
        object.__setattr__(self, "epsilon", float(self.epsilon))

    @property
    def sizes(self) -> tuple[int, int]:
        return self.X.shape[1], self.Y.shape[1]

    def call(self, implementation: Any, *arguments: Any) -> Any:
        """The implementation's answer on copies of the activations."""
        function: Any = function_of(implementation, self.function)
        with np.errstate(all="ignore"):
            return function(self.X.copy(), self.Y.copy(), *arguments)

    @abstractmethod
    def ask(self, implementation: Any) -> None:
        """Nothing if the answer is right."""

    @abstractmethod
    def lines(self) -> list[str]:
        """The script after X and Y: it ends with an assertion that holds for a right answer."""

    def script(self, implementation: str = UNKNOWN_PLACE) -> str:
        """Python that asks again with numpy alone; ``implementation``: the line that defines that name."""
        head = ["import numpy as np", implementation, ""]
        return "\n".join([*head, f"X = {_array(self.X)}", f"Y = {_array(self.Y)}", *self.lines()]) + "\n"

    def __repr__(self) -> str:
        return self.script()


@dataclass(frozen=True, eq=False, repr=False)
class MaximumQuestion(Question):
    """max_match must be ``right``. ``counted``: how many neurons the similarity counts, by default all (D4)."""

    right: Match
    counted: int | None = None

    def ask(self, implementation: Any) -> None:
        found = read_pair(self.call(implementation, self.epsilon), *self.sizes)
        if found != self.right:
            raise Counterexample(f"max_match at {self.epsilon} is {found}, but should be {self.right}")

    def lines(self) -> list[str]:
        return [
            f"answer = implementation.max_match(X, Y, {self.epsilon!r})",
            f"right = {_pair(self.right)}",
            'print("answer:", answer, "right:", right)',
            "assert [sorted(map(int, side)) for side in answer] == right",
        ]


@dataclass(frozen=True, eq=False, repr=False)
class ContainedQuestion(Question):
    """max_match at ``epsilon`` must be contained in the one at ``larger``."""

    larger: float

    def ask(self, implementation: Any) -> None:
        low, high = (read_pair(self.call(implementation, e), *self.sizes) for e in (self.epsilon, self.larger))
        if not low <= high:
            raise Counterexample(f"max_match at {self.epsilon} is {low}, at {self.larger} only {high}")

    def lines(self) -> list[str]:
        return [
            f"low, high = (implementation.max_match(X, Y, epsilon) for epsilon in ({self.epsilon}, {self.larger}))",
            'print("answer:", low, "right: contained in", high)',
            "assert all(set(small) <= set(large) for small, large in zip(low, high))",
        ]


@dataclass(frozen=True, eq=False, repr=False)
class MinimalQuestion(Question):
    """min_match of ``neuron`` must be one of ``right``."""

    function: ClassVar[str] = "min_match"

    neuron: Neuron
    right: tuple[Match | None, ...]

    def ask(self, implementation: Any) -> None:
        found = read_pair_or_none(self.call(implementation, self.epsilon, *self.neuron), *self.sizes)
        if found not in self.right:
            expected = " or ".join(map(str, self.right))
            raise Counterexample(f"min_match of {tuple(self.neuron)} at {self.epsilon} is {found}, need {expected}")

    def lines(self) -> list[str]:
        right = ", ".join("None" if match is None else _pair(match) for match in self.right)
        side, index = self.neuron
        return [
            f'answer = implementation.min_match(X, Y, {self.epsilon!r}, "{side}", {index})',
            f"right = [{right}]",
            'print("answer:", answer, "right, any of:", right)',
            "assert (answer and [sorted(map(int, side)) for side in answer]) in right",
        ]


@dataclass(frozen=True, eq=False, repr=False)
class SimpleQuestion(Question):
    """simple_matches must be among ``right`` and cover what these cover."""

    function: ClassVar[str] = "simple_matches"
    found_by: ClassVar[tuple[str, ...]] = ("found = implementation.simple_matches(X, Y, {epsilon!r})",)

    right: tuple[Match, ...]

    def ask(self, implementation: Any) -> None:
        found = read_pairs(self.call(implementation, self.epsilon), *self.sizes)
        for match in found:
            if match not in self.right:
                raise Counterexample(f"{match} is returned as simple at {self.epsilon}, but is none of {self.right}")
        self.judge(found)

    def judge(self, found: list[Match]) -> None:
        covered, maximum = (Match.of(v for match in matches for v in match) for matches in (found, self.right))
        if covered != maximum:
            raise Counterexample(f"the simple matches at {self.epsilon} cover {covered}, but should cover {maximum}")

    def lines(self) -> list[str]:
        return [
            *(line.format(epsilon=self.epsilon) for line in self.found_by),
            "answer = [[sorted(map(int, side)) for side in match] for match in found]",
            f"right = [{', '.join(map(_pair, self.right))}]",
            'print("answer:", answer, "right:", right)',
            "assert all(match in right and answer.count(match) == 1 for match in answer)",
            self.demand(),
        ]

    def demand(self) -> str:
        maximum = _pair(Match.of(v for match in self.right for v in match))
        return f"assert [sorted({{i for match in answer for i in match[side]}}) for side in (0, 1)] == {maximum}"


class AllSimpleQuestion(SimpleQuestion):
    """all_simple_matches must be ``right``; simple_matches where the implementation has no other function for it."""

    function: ClassVar[str] = "all_simple_matches"
    found_by: ClassVar[tuple[str, ...]] = (
        'function = getattr(implementation, "all_simple_matches", None) or implementation.simple_matches',
        "found = function(X, Y, {epsilon!r})",
    )

    def judge(self, found: list[Match]) -> None:
        missing = sorted(set(self.right) - set(found), key=sort_key)
        if missing:
            raise Counterexample(f"the simple matches {missing} at {self.epsilon} are missing")

    def demand(self) -> str:
        return "assert sorted(answer) == sorted(right)"


@dataclass(frozen=True, eq=False, repr=False)
class RadiiQuestion(Question):
    """The match radii must be ``right`` = (rx, ry): their squares up to ``tolerance``. ``counted`` as above."""

    function: ClassVar[str] = "match_radii"

    right: tuple[list[float], list[float]]
    tolerance: float = SQUARE_TOLERANCE
    counted: int | None = None

    def ask(self, implementation: Any) -> None:
        found = read_radii(self.call(implementation), *self.sizes)
        neurons = Match.everything(*self.sizes)
        for v, radius, right in zip(neurons, found.tolist(), [*self.right[0], *self.right[1]], strict=True):
            if not (radius >= -self.tolerance and abs(radius**2 - right**2) <= self.tolerance):
                raise Counterexample(f"the match radius of {tuple(v)} is {radius}, but should be {right}")

    def lines(self) -> list[str]:
        return [
            "answer = implementation.match_radii(X, Y)",
            f"right = {list(self.right)!r}",
            'print("answer:", answer, "right:", right)',
            "for found, radii in zip(answer, right):",
            f"    assert np.shape(found) == np.shape(radii) and np.all(np.asarray(found) >= {-self.tolerance!r})",
            f"    assert np.all(np.abs(np.square(found) - np.square(radii)) <= {self.tolerance!r})",
        ]


@dataclass(frozen=True, eq=False, repr=False)
class LoudQuestion(Question):
    """The function that is asked, max_match or similarity, must raise or warn."""

    asked: str = "max_match"

    def ask(self, implementation: Any) -> None:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            try:
                answer = getattr(implementation, self.asked)(self.X.copy(), self.Y.copy(), self.epsilon)
            except Counterexample:
                raise
            except Exception as error:
                if type(error).__name__ not in NO_REFUSAL:
                    return
                what = f"{type(error).__name__}: {error}"
                raise Counterexample(f"{self.asked} at {self.epsilon} raised {what}, which is no refusal") from error
        if not heard:
            raise Counterexample(f"{self.asked} at {self.epsilon} is {answer!r}, without an error or a warning")

    def lines(self) -> list[str]:
        return [
            "import warnings",
            "with warnings.catch_warnings(record=True) as heard:",
            '    warnings.simplefilter("always")',
            "    try:",
            f"        answer = implementation.{self.asked}(X, Y, {_number(self.epsilon)})",
            "    except Exception as error:",
            "        answer = error",
            'print("answer:", answer, "right: an error or a warning")',
            f"refused = isinstance(answer, Exception) and type(answer).__name__ not in {NO_REFUSAL}",
            "assert refused or heard",
        ]


@dataclass(frozen=True, eq=False, repr=False)
class UnchangedQuestion(Question):
    """The function that is asked, max_match or similarity, must leave X and Y as they are."""

    asked: str = "max_match"

    def ask(self, implementation: Any) -> None:
        X, Y = self.X.copy(), self.Y.copy()
        getattr(implementation, self.asked)(X, Y, self.epsilon)
        for name, now, before in (("X", X, self.X), ("Y", Y, self.Y)):
            if not np.array_equal(now, before):
                raise Counterexample(f"{self.asked} changed its argument {name}")

    def lines(self) -> list[str]:
        return [
            "before = X.copy(), Y.copy()",
            f"implementation.{self.asked}(X, Y, {self.epsilon!r})",
            'print("answer:", (X, Y), "right:", before)',
            "assert np.array_equal(X, before[0]) and np.array_equal(Y, before[1])",
        ]


def _pair(match: Match) -> str:
    return str([sorted(match.x), sorted(match.y)])


def _number(value: float) -> str:
    if not np.isfinite(value):
        return f'float("{value}")'
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _array(Z: Floats) -> str:
    rows = ", ".join("[" + ", ".join(map(_number, row)) + "]" for row in Z.tolist())
    return f"np.array([{rows}], dtype=float)"
