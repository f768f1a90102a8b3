"""What simple matches say about a representation: sizes, overlaps, inclusion, decomposition, local or distributed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from ..theory.errors import InvalidOption, MissingExtra
from ..theory.matches import Match, Neuron, sort_key

SIZE_CLASSES = ((2, 2), (3, 4), (5, 8), (9, 16), (17, 32), (33, 10**9))
"""Numbers of neurons of both sides together, from and to; the last one has no end."""


@dataclass(frozen=True)
class Locality:
    """How local the shared pieces of two layers are, from one minimal match for each neuron of the maximum match.

    ``neurons``: of the maximum match that need others; ``alone``: those that match without any (dead ones under the
    literal policy); ``one_to_one``: the neurons whose minimal match is one neuron of each network; ``median_size``,
    ``largest_size``: of the minimal matches by neuron, those alone left out (0 when there is none);
    ``different``: how many different minimal matches there are; ``sizes``: (x neurons, y neurons) -> for how many
    neurons the minimal match has this size. Counts of the matches found: another order may find others (T8).
    """

    neurons: int
    alone: int
    one_to_one: int
    median_size: float
    largest_size: int
    different: int
    sizes: Mapping[tuple[int, int], int]

    @property
    def local_share(self) -> float:
        """The share of ``one_to_one`` among ``neurons``; 0 when there are none."""
        return self.one_to_one / self.neurons if self.neurons else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        sizes = [{"x": x, "y": y, "neurons": count} for (x, y), count in sorted(self.sizes.items())]
        return {**vars(self), "sizes": sizes, "local_share": self.local_share}


def locality(minimal: Mapping[Neuron, Match]) -> Locality:
    """Local or distributed? ``minimal``: ``min_matches(...).matches``, one minimal match a neuron."""
    shared = {v: match for v, match in minimal.items() if len(match) > 1}
    sizes: dict[tuple[int, int], int] = {}
    for match in shared.values():
        size = len(match.x), len(match.y)
        sizes[size] = sizes.get(size, 0) + 1
    return Locality(
        neurons=len(shared),
        alone=len(minimal) - len(shared),
        one_to_one=sizes.get((1, 1), 0),
        median_size=float(median(map(len, shared.values()))) if shared else 0.0,
        largest_size=max(map(len, shared.values()), default=0),
        different=len(set(shared.values())),
        sizes=sizes,
    )


@dataclass(frozen=True)
class SampledMatches:
    """Simple matches found as minimal ones in random orders: their sizes where there are too many to list.

    ``by_order``: for each order the different minimal matches that it found, one search for every neuron of the maximum
    match that needs others; ``complete``: whether all the orders asked for were carried out.
    """

    by_order: tuple[frozenset[Match], ...]
    complete: bool

    @property
    def matches(self) -> tuple[Match, ...]:
        """The different ones, smallest first."""
        return tuple(sorted(frozenset().union(*self.by_order), key=sort_key))

    @property
    def sizes(self) -> dict[int, int]:
        """Number of neurons -> how many different matches have it."""
        return dict(sorted(Counter(map(len, self.matches)).items()))

    def __or__(self, other: SampledMatches) -> SampledMatches:
        """What was found in the orders of both."""
        if not isinstance(other, SampledMatches):
            return NotImplemented
        return SampledMatches(self.by_order + other.by_order, self.complete and other.complete)

    def share(self, smallest: int, largest: int) -> tuple[float, float]:
        """The share of the different matches with so many neurons, and its standard error over the orders (jackknife:
        each order left out in turn); 0 where nothing was found. The error is 1, that is none, for one order."""
        count = len(self.by_order)
        if not self.matches:
            return 0.0, 0.0
        times = Counter(match for found in self.by_order for match in found)

        def of(matches: Iterable[Match]) -> float:
            chosen = list(matches)
            return sum(smallest <= len(match) <= largest for match in chosen) / len(chosen) if chosen else 0.0

        if count < 2:
            return of(times), 1.0
        without = np.array([of(m for m, n in times.items() if n > (m in left_out)) for left_out in self.by_order])
        return of(times), math.sqrt((count - 1) / count * float(np.square(without - without.mean()).sum()))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{number} of {size}" for size, number in self.sizes.items())
        counted = f"{len(self.matches)} different in {len(self.by_order)} orders"
        return f"SampledMatches({counted}: {sizes or 'none'} neurons)"


def overlaps(matches: Iterable[Match]) -> npt.NDArray[np.int64]:
    """[i, j]: how many neurons the i-th and the j-th match share; the diagonal holds the sizes."""
    listed = list(matches)
    position = {v: k for k, v in enumerate(dict.fromkeys(v for match in listed for v in match))}
    member = np.zeros((len(listed), len(position)), dtype=np.int64)
    for row, match in zip(member, listed, strict=True):
        row[[position[v] for v in match]] = 1
    shared: npt.NDArray[np.int64] = member @ member.T
    return shared


def inclusion_order(matches: Iterable[Match]) -> Any:
    """The order of matches by inclusion, as a ``networkx.DiGraph`` on them without transitive edges.

    An edge runs from a match to each of the next smaller ones; ``size`` is (x neurons, y neurons). Raises:
    ``MissingExtra`` without networkx.
    """
    try:
        import networkx
    except ImportError as error:
        raise MissingExtra(
            'inclusion_order needs networkx, which is not installed; pip install "spanmatch[simple]"'
        ) from error
    listed = sorted(set(matches), key=sort_key)
    order = networkx.DiGraph()
    for match in listed:
        order.add_node(match, size=(len(match.x), len(match.y)))
        order.add_edges_from((match, smaller) for smaller in maximal(other for other in listed if other < match))
    return order


def maximal(matches: Iterable[Match]) -> list[Match]:
    """Those of some different matches that lie in no other of them, smallest first."""
    listed = sorted(matches, key=sort_key)
    return [match for k, match in enumerate(listed) if not any(match < other for other in listed[k + 1 :])]


def decompose(match: Match, simple: Iterable[Match]) -> tuple[Match, ...]:
    """The largest simple matches inside a match; their union is the match.

    Implements T7: every match is a union of simple ones. ``simple``: simple matches; all of them, or at least enough.
    A simple match decomposes into itself, the empty one into nothing. Raises: ``InvalidOption`` when these do not
    make up the match, which is then no match, or the list is not complete.
    """
    inside = [part for part in set(simple) if part <= match]
    union = Match.of(v for part in inside for v in part)
    if union != match:
        raise InvalidOption(
            f"simple: the {len(inside)} simple matches given that lie inside {match} leave {match - union} out, need "
            f"ones that make it up; is it a match, and the list complete?"
        )
    return tuple(maximal(inside))
