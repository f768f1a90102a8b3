"""Neurons and pairs of neuron sets (D1, D2): the values that every algorithm takes and returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import index as as_int
from typing import Literal, NamedTuple, SupportsIndex

from .errors import InvalidNeuron, shown

Side = Literal["x", "y"]
SIDES: tuple[Side, Side] = ("x", "y")


def other_side(side: Side) -> Side:
    """The side whose neurons a neuron of ``side`` is measured against."""
    return "y" if side == "x" else "x"


class Neuron(NamedTuple):
    """One neuron: a side and a column, equal to the plain tuple.

    Attributes
    ----------
    side : {"x", "y"}
        "x" for network 1, "y" for network 2.
    index : int
        Its column.

    Examples
    --------
    >>> from spanmatch import Neuron
    >>> Neuron("x", 3) == ("x", 3)
    True
    """

    side: Side
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs on a pair


NeuronLike = Neuron | tuple[Side, int]
"""What names a neuron in an argument."""


def _index(value: SupportsIndex) -> int:
    if isinstance(value, bool):
        raise TypeError
    return as_int(value)


def _indices(values: Iterable[int], name: str) -> frozenset[int]:
    try:
        return frozenset(map(_index, values))
    except TypeError as error:
        raise InvalidNeuron(
            f"{name}: got {shown(values)}, need column indices, integers all; numpy.flatnonzero makes them of a mask"
        ) from error


@dataclass(frozen=True, repr=False, init=False)
class Match:
    """A pair (A, B) of sets of neurons, A of network 1 and B of network 2.

    Nothing is checked: a ``Match`` is a pair, and ``is_match`` says whether it *is* a match.

    Parameters
    ----------
    x, y : iterable of int
        Columns of X and of Y; kept as frozensets.

    Raises
    ------
    InvalidNeuron
        If an index is no integer.

    Notes
    -----
    Pairs are ordered componentwise: ``<=`` is inclusion on both sides, ``|`` the union, ``&`` the intersection, ``-``
    the difference. ``in`` takes a neuron, ``len`` counts the neurons of both sides, and the empty pair is false.

    References
    ----------
    D2; docs/theory/definitions.md#d2.

    Examples
    --------
    >>> from spanmatch import Match
    >>> Match([2, 0], [1]) | Match(x=[5])
    Match(x={0, 2, 5}, y={1})
    >>> ("x", 2) in Match([2, 0], [1])
    True
    """

    x: frozenset[int]
    y: frozenset[int]

    def __init__(self, x: Iterable[int] = (), y: Iterable[int] = ()) -> None:
        object.__setattr__(self, "x", _indices(x, "x"))
        object.__setattr__(self, "y", _indices(y, "y"))

    @classmethod
    def of(cls, neurons: Iterable[tuple[str, int]]) -> Match:
        """The pair that consists of these neurons.

        Parameters
        ----------
        neurons : iterable of (side, index)
            In any order.

        Returns
        -------
        Match
            With these members.

        Raises
        ------
        InvalidNeuron
            If something among them is no pair of a side and an index.
        """
        try:
            listed = [(side, index) for side, index in neurons]
        except (TypeError, ValueError) as error:
            raise InvalidNeuron(f"neurons: got {shown(neurons)}, need pairs of a side and an index") from error
        return cls((i for side, i in listed if side == "x"), (j for side, j in listed if side == "y"))

    @classmethod
    def of_sets(cls, x: frozenset[int], y: frozenset[int]) -> Match:
        """The pair of two sets that are known to hold indices; they are not looked at.

        Parameters
        ----------
        x, y : frozenset of int
            Columns of X and of Y.

        Returns
        -------
        Match
            With these very sets.
        """
        pair = object.__new__(cls)
        object.__setattr__(pair, "x", x)
        object.__setattr__(pair, "y", y)
        return pair

    @classmethod
    def everything(cls, m: int, n: int) -> Match:
        """All neurons of two layers.

        Parameters
        ----------
        m, n : int
            How many neurons each layer has.

        Returns
        -------
        Match
            With x = {0, ..., m - 1} and y = {0, ..., n - 1}.
        """
        return cls.of_sets(frozenset(range(m)), frozenset(range(n)))

    @property
    def neurons(self) -> tuple[Neuron, ...]:
        """All members, network 1 first, in index order."""
        return (*(Neuron("x", i) for i in sorted(self.x)), *(Neuron("y", j) for j in sorted(self.y)))

    def side(self, side: Side) -> frozenset[int]:
        """The members of one side.

        Parameters
        ----------
        side : {"x", "y"}
            Which side.

        Returns
        -------
        frozenset of int
            ``self.x`` or ``self.y``.
        """
        return self.x if side == "x" else self.y

    def to_dict(self) -> dict[str, list[int]]:
        """``{"x": [...], "y": [...]}`` with sorted plain integers, ready for JSON.

        Returns
        -------
        dict
            Two lists of columns.
        """
        return {"x": sorted(self.x), "y": sorted(self.y)}

    def __le__(self, other: Match) -> bool:
        return self.x <= other.x and self.y <= other.y

    def __lt__(self, other: Match) -> bool:
        return self <= other and self != other

    def __ge__(self, other: Match) -> bool:
        return other <= self

    def __gt__(self, other: Match) -> bool:
        return other < self

    def __or__(self, other: Match) -> Match:
        return Match.of_sets(self.x | other.x, self.y | other.y)

    def __and__(self, other: Match) -> Match:
        return Match.of_sets(self.x & other.x, self.y & other.y)

    def __sub__(self, other: Match) -> Match:
        return Match.of_sets(self.x - other.x, self.y - other.y)

    def without(self, neuron: tuple[str, int]) -> Match:
        """This pair less one neuron.

        Parameters
        ----------
        neuron : Neuron or (side, index)
            The neuron to leave out; it need not be a member.

        Returns
        -------
        Match
            The other members.
        """
        return self - Match.of([neuron])

    def __contains__(self, neuron: object) -> bool:
        match neuron:
            case ("x", index):
                return index in self.x
            case ("y", index):
                return index in self.y
        return False

    def __iter__(self) -> Iterator[Neuron]:
        return iter(self.neurons)

    def __len__(self) -> int:
        return len(self.x) + len(self.y)

    def __bool__(self) -> bool:
        return bool(self.x or self.y)

    def __repr__(self) -> str:
        x, y = (", ".join(map(str, sorted(side))) for side in (self.x, self.y))
        return f"Match(x={{{x}}}, y={{{y}}})"


MatchLike = Match | tuple[Iterable[int], Iterable[int]]
"""What names a pair of sets of neurons in an argument."""


def sort_key(pair: Match) -> tuple[int, list[int], list[int]]:
    """Orders lists of matches: by size, then by members."""
    return len(pair), sorted(pair.x), sorted(pair.y)
