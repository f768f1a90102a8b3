"""Activations together with the answer that was planted in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..theory.errors import InvalidOption
from ..theory.matches import Match, sort_key
from ..theory.validation import as_epsilon
from ..theory.validation.layer import flatten_conv
from .linear import Array, bracket

Radii = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

MOST_SIMPLE_MATCHES = 1000
"""Longer lists of simple matches are not written down; the answer is then unknown (None)."""


@dataclass(frozen=True)
class MaximumLevel:
    """For low <= epsilon <= high the maximum match is ``match``.

    Attributes
    ----------
    low, high : float
        A range of epsilon, both ends included.
    match : Match
        The maximum match at each of them.

    Examples
    --------
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii(blocks=[(0.5, 1, 1, 1)], private=(0, 0))
    >>> [(round(level.low, 3), round(level.high, 3), len(level.match)) for level in planted.maximum]
    [(0.0, 0.5, 0), (0.5, 1.0, 2)]
    """

    low: float
    high: float
    match: Match


@dataclass(frozen=True)
class SimpleLevel:
    """For low <= epsilon <= high these are all the simple matches.

    Attributes
    ----------
    low, high : float
        A range of epsilon, both ends included.
    matches : tuple of Match
        Those with the fewest neurons first.

    Examples
    --------
    >>> from spanmatch.synthetic import planted_blocks
    >>> planted = planted_blocks(blocks=[(1, 1, 1), (1, 1, 1)], private=(0, 0))
    >>> planted.simple
    (SimpleLevel(low=0.0, high=0.0, matches=(Match(x={0}, y={0}), Match(x={1}, y={1}))),)
    """

    low: float
    high: float
    matches: tuple[Match, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Planted:
    """Activations of two layers and what is known about their matches, with the reason why it is right.

    Attributes
    ----------
    X, Y : ndarray of shape (inputs, neurons) or (inputs, channels, height, width)
        Four dimensions for convolutional sets; ``matrices`` gives (inputs, neurons) for both.
    family, seed, parameters : str, int and dict
        With these, ``generate`` gives the set again bit for bit.
    reason : str
        Why the answers are right.
    radii : tuple of two ndarrays, or None
        Match radii (D7) of both sides in closed form, where they are known.
    maximum : tuple of MaximumLevel
        The ranges of epsilon in which the maximum match is known.
    simple : tuple of SimpleLevel
        The ranges of epsilon in which all simple matches are known.
    dead : Match
        The neurons that are exactly zero. Answers follow the definition (D1), by which they match anything.
    tolerance : float
        How far radii computed in float64 from these numbers may be from ``radii``.
    exact : bool
        Whether the answers hold for the stored numbers as they stand, also for exact arithmetic. Otherwise they hold
        for the numbers before rounding, and for methods that count residuals up to ``tolerance`` as 0 and decide the
        rank once per side; in a rank-deficient layer exact arithmetic on rounded numbers may differ.

    References
    ----------
    docs/theory/planted-sets.md; docs/theory/numerics.md#rank-decided-once.

    Examples
    --------
    >>> from spanmatch import max_match
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii()
    >>> planted
    Planted(radii, seed=0: 12 + 13 neurons, 200 inputs, float64; knows radii, maximum)
    >>> max_match(*planted.matrices, 0.3) == planted.max_match(0.3)
    True
    """

    X: Array
    Y: Array
    family: str
    seed: int
    parameters: dict[str, Any]
    reason: str
    radii: Radii | None = None
    maximum: tuple[MaximumLevel, ...] = ()
    simple: tuple[SimpleLevel, ...] = ()
    dead: Match = field(default_factory=Match)
    tolerance: float = 0.0
    exact: bool = False

    @property
    def matrices(self) -> tuple[Array, Array]:
        """X and Y with shape (inputs, neurons); a channel is a neuron."""
        x, y = (flatten_conv(Z, layout="nchw").matrix if Z.ndim == 4 else Z for Z in (self.X, self.Y))
        return x, y

    @property
    def layout(self) -> str:
        """The axes of X and Y, as in ``Layer``: "nc", or "nchw" for convolutional sets."""
        return "nchw" if self.X.ndim == 4 else "nc"

    def max_match(self, epsilon: float) -> Match | None:
        """The maximum match (D3) at this epsilon, None where the planted answer says nothing.

        Parameters
        ----------
        epsilon : float
            Relative error in [0, 1).

        Returns
        -------
        Match or None
            The answer to compare with.

        Raises
        ------
        InvalidEpsilon
            If epsilon is no number in [0, 1).
        """
        value = as_epsilon(epsilon)
        return next((level.match for level in self.maximum if level.low <= value <= level.high), None)

    def simple_matches(self, epsilon: float) -> tuple[Match, ...] | None:
        """All simple matches (D5) at this epsilon, None where the planted answer says nothing.

        Parameters
        ----------
        epsilon : float
            Relative error in [0, 1).

        Returns
        -------
        tuple of Match, or None
            The answer to compare with, those with the fewest neurons first.

        Raises
        ------
        InvalidEpsilon
            If epsilon is no number in [0, 1).
        """
        value = as_epsilon(epsilon)
        return next((level.matches for level in self.simple if level.low <= value <= level.high), None)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the activations, in plain numbers, strings, lists and dicts, ready for JSON.

        Returns
        -------
        dict
            What ``spanmatch generate`` writes beside the activations.
        """
        x, y = self.matrices
        return {
            "family": self.family,
            "seed": self.seed,
            "parameters": self.parameters,
            "reason": self.reason,
            "shape": {"X": list(self.X.shape), "Y": list(self.Y.shape)},
            "layout": self.layout,
            "neurons": {"x": x.shape[1], "y": y.shape[1]},
            "dtype": str(self.X.dtype),
            "exact": self.exact,
            "tolerance": self.tolerance,
            "dead": self.dead.to_dict(),
            "radii": None if self.radii is None else {"x": self.radii[0].tolist(), "y": self.radii[1].tolist()},
            "maximum_match": [
                {"epsilon_from": level.low, "epsilon_to": level.high, "match": level.match.to_dict()}
                for level in self.maximum
            ],
            "simple_matches": [
                {
                    "epsilon_from": level.low,
                    "epsilon_to": level.high,
                    "matches": [match.to_dict() for match in level.matches],
                }
                for level in self.simple
            ],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any], X: Array, Y: Array) -> Planted:
        """The set of these activations, with the answers that ``to_dict`` has written down.

        Parameters
        ----------
        told : mapping
            What ``to_dict`` returned, perhaps read from JSON.
        X, Y : ndarray
            The activations.

        Returns
        -------
        Planted
            Equal to the set that was written.

        Raises
        ------
        InvalidOption
            If it is something else, or of activations of other shapes or of another dtype.

        Examples
        --------
        >>> from spanmatch.synthetic import Planted, planted_radii
        >>> planted = planted_radii(seed=3)
        >>> Planted.from_dict(planted.to_dict(), planted.X, planted.Y)
        Planted(radii, seed=3: 12 + 13 neurons, 200 inputs, float64; knows radii, maximum)
        """
        try:
            radii = told["radii"]
            found = cls(
                X,
                Y,
                str(told["family"]),
                int(told["seed"]),
                dict(told["parameters"]),
                str(told["reason"]),
                radii=None if radii is None else (np.array(radii["x"], float), np.array(radii["y"], float)),
                maximum=tuple(
                    MaximumLevel(level["epsilon_from"], level["epsilon_to"], _match(level["match"]))
                    for level in told["maximum_match"]
                ),
                simple=tuple(
                    SimpleLevel(level["epsilon_from"], level["epsilon_to"], tuple(map(_match, level["matches"])))
                    for level in told["simple_matches"]
                ),
                dead=_match(told["dead"]),
                tolerance=float(told["tolerance"]),
                exact=bool(told["exact"]),
            )
            same = found.to_dict()
            other = [name for name in ("shape", "layout", "dtype") if told.get(name, same[name]) != same[name]]
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InvalidOption(
                f"told: has not the form of a planted set ({type(error).__name__}: {error}), need what to_dict returns"
            ) from error
        if other:
            there = ", ".join(f"{name} {told[name]}, but the activations have {same[name]}" for name in other)
            raise InvalidOption(f"told: says {there}; need the activations that it was written of")
        return found

    @property
    def expression(self) -> str:
        """Python that makes this set again, for ``from spanmatch.synthetic import generate``."""
        return f"generate({self.family!r}, seed={self.seed!r}, parameters={self.parameters!r})"

    def __repr__(self) -> str:
        x, y = self.matrices
        known = [
            name for name, there in (("radii", self.radii), ("maximum", self.maximum), ("simple", self.simple)) if there
        ]
        return (
            f"Planted({self.family}, seed={self.seed}: {x.shape[1]} + {y.shape[1]} neurons, {x.shape[0]} inputs, "
            f"{self.X.dtype}; knows {', '.join(known) or 'dead neurons only'})"
        )


def _match(told: Mapping[str, Any]) -> Match:
    return Match(told["x"], told["y"])


FAMILIES: dict[str, Callable[..., Planted]] = {}
"""Family name -> its generator, every argument a keyword with a default; ``synthetic`` imports all their modules."""

SMALL: dict[str, dict[str, Any]] = {}
"""Family name -> parameters of a set that is small enough for brute force and for the golden vectors."""

Generator = TypeVar("Generator", bound=Callable[..., Planted])


def family(name: str, **small: Any) -> Callable[[Generator], Generator]:
    """Registers the generator below as a family; ``small``: parameters of a set of a few neurons."""

    def register(make: Generator) -> Generator:
        if name in FAMILIES:
            raise ValueError(f"two families are called {name!r}")
        FAMILIES[name], SMALL[name] = make, small
        return make

    return register


def levels_from_radii(radii: Radii, tolerance: float, *, zero_from: float = 0.0) -> tuple[MaximumLevel, ...]:
    """M(epsilon) = all neurons of radius <= epsilon (D7), for every epsilon not within tolerance of a radius.

    ``zero_from``: the epsilon from which neurons of radius 0 can be told to be within reach.
    """
    breaks = sorted({float(r) for side in radii for r in side if r < 1} | {0.0})
    levels = []
    for k, radius in enumerate(breaks):
        following = breaks[k + 1] if k + 1 < len(breaks) else 1.0
        low = max(radius + tolerance, zero_from) if radius > 0 else zero_from
        match = Match(*(np.flatnonzero(side <= radius) for side in radii))
        if low <= following - tolerance:
            levels.append(MaximumLevel(low, following - tolerance, match))
    return tuple(levels)


def proved_level(
    X: Array, Y: Array, match: Match, *, low: float = 0.0, zero_below: float = 0.0
) -> tuple[MaximumLevel, ...]:
    """The range of epsilon, from ``low`` on, in which this pair is proved to be the maximum match; maybe none."""
    proved_low, high = bracket(X, Y, match, zero_below=zero_below)
    low = max(low, proved_low)
    return (MaximumLevel(low, high, match),) if low <= high else ()


def exact_simple(matches: Sequence[Match]) -> tuple[SimpleLevel, ...]:
    """All simple matches at epsilon = 0, nothing when the list is too long to be kept."""
    return (SimpleLevel(0.0, 0.0, tuple(sorted(matches, key=sort_key))),) if len(matches) <= MOST_SIMPLE_MATCHES else ()


def need(holds: bool, name: str, got: Any, needed: str) -> None:
    """A parameter of a family that must satisfy something. Raises: ``InvalidOption``."""
    if not holds:
        raise InvalidOption(f"{name}: got {got!r}, need {needed}")


def need_directions(inputs: int, directions: int) -> None:
    """As many inputs as independent directions. Raises: ``InvalidOption``."""
    need(inputs >= directions, "inputs", inputs, f"at least the {directions} independent directions of the set")


def need_private(private: tuple[int, int]) -> None:
    """Numbers of neurons of X and of Y that match nothing. Raises: ``InvalidOption``."""
    need(min(private) >= 0, "private", private, "two counts >= 0")


def as_nchw(matrix: Array, shape: tuple[int, int, int]) -> Array:
    """(images * height * width, channels) as (images, channels, height, width), the inverse of ``flatten_conv``."""
    return matrix.reshape(*shape, -1).transpose(0, 3, 1, 2).copy()
