"""Several networks, compared in pairs: means and spreads, who is like whom, what all learn, what training changes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...algorithms.convergent.features import SharedFeatures
from ...files.environment import versions
from ...theory.errors import InvalidFile, InvalidOption, SpanmatchError, SpanmatchWarning, UnknownLayer, shown
from ...theory.validation.options import Tell
from .measures.units import features_of
from .records import Draw, SavedResult, from_plain
from .results import SCHEMA, Comparison, LayerComparison
from .verdict import THRESHOLDS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class LayerPopulation:
    """One layer of all networks, over their pairs.

    ``neurons``, ``dead``: of each network; ``pairs``: how many were compared; ``similarity``, ``spread``, ``lowest``,
    ``highest``: at each epsilon the mean over the pairs, their standard deviation (with ``pairs`` - 1; 0 for one pair),
    the lowest and the highest pair; ``null``: the mean of the pairs' nulls; ``area``, ``area_spread``, ``null_area``:
    the same of the areas; ``chance_epsilon``: the smallest of the pairs; ``verdicts``: verdict -> how many pairs;
    ``areas``: network by network, None where not compared, and ``similarities``: the same at each epsilon;
    ``reliable_radii``: for each neuron of each network the epsilon from which on it is matched in every pair of its
    network, in the first draw; ``to_last``, ``to_next``: of checkpoints of one training, for each but the last: its
    curves of similarity to the last one, and to the next one; ``features``: where units were looked at (``units``) in
    every two of the networks, the features that all of them have: the unit of each network, and the lowest correlation.
    """

    name: str
    neurons: tuple[int, ...]
    dead: tuple[int, ...]
    pairs: int
    epsilons: tuple[float, ...]
    similarity: tuple[float, ...]
    spread: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    null: tuple[float, ...]
    area: float
    area_spread: float
    null_area: float
    chance_epsilon: float
    verdicts: dict[str, int]
    areas: tuple[tuple[float | None, ...], ...]
    similarities: tuple[tuple[tuple[float | None, ...], ...], ...]
    reliable_radii: tuple[tuple[float, ...], ...]
    to_last: tuple[tuple[float, ...], ...] | None
    to_next: tuple[tuple[float, ...], ...] | None
    features: tuple[tuple[tuple[int, ...], float], ...] | None = None

    def __repr__(self) -> str:
        middle = closest(self.epsilons, 0.5)
        return (
            f"LayerPopulation({self.name}: {self.pairs} pairs, s({self.epsilons[middle]:g}) "
            f"{self.similarity[middle]:.3f} ± {self.spread[middle]:.3f} ({self.lowest[middle]:.3f} to "
            f"{self.highest[middle]:.3f}), area {self.area:.3f} ± {self.area_spread:.3f})"
        )


@dataclass(frozen=True, repr=False)
class Population(SavedResult):
    """Several networks that were compared in pairs; ``found["conv1"]`` is one layer over all of them.

    Attributes
    ----------
    names : tuple of str
        Of the networks, in order.
    pairs : tuple of Comparison
        One for each two networks that were compared.
    of : tuple of tuples of two int
        The numbers of the networks of each pair, counted from 0.
    training : bool
        Whether they are checkpoints of one training: each is compared with the last and with the next one only.

    Examples
    --------
    >>> import spanmatch
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii(blocks=[(0.2, 2, 2, 2)], private=(1, 1))
    >>> found = spanmatch.compare({"fc": planted.X}, {"fc": planted.Y}, {"fc": planted.X}, epsilons=[0.1, 0.3])
    >>> found.matrix("fc", 0.3).round(3).tolist()
    [[1.0, 0.667, 1.0], [0.667, 1.0, 0.667], [1.0, 0.667, 1.0]]
    >>> found.reliable("fc", 0.3)
    ((0, 1), (0, 1), (0, 1))
    """

    names: tuple[str, ...]
    pairs: tuple[Comparison, ...]
    of: tuple[tuple[int, int], ...]
    training: bool = False

    @cached_property
    def layers(self) -> tuple[LayerPopulation, ...]:
        """The layers that every pair has, in order."""
        common = [layer.name for layer in self.pairs[0] if all(layer.name in _names_of(pair) for pair in self.pairs)]
        return tuple(self._summary(name) for name in common)

    @property
    def failed(self) -> dict[str, str]:
        """Layers that could not be read or measured, by the names of their two networks and their own, and why."""
        return {
            f"{pair.name_a} against {pair.name_b}, {name}": _renamed(why, pair.name_a, pair.name_b)
            for pair in self.pairs
            for name, why in pair.failed.items()
        }

    def __iter__(self) -> Iterator[LayerPopulation]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, name: str) -> LayerPopulation:
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            have = ", ".join(layer.name for layer in self.layers)
            raise UnknownLayer(f"layer: got {name!r}, every pair of networks has {have or 'none'}")
        return found

    def between(self, a: int | str, b: int | str) -> Comparison:
        """The comparison of two of the networks.

        Parameters
        ----------
        a, b : int or str
            Their numbers or names, in the order in which they were given.

        Returns
        -------
        Comparison
            With the earlier of them as A.

        Raises
        ------
        InvalidOption
            If these two were not compared.
        """
        numbers = [self.names.index(one) if one in self.names else one for one in (a, b)]
        wanted = next((of for of in self.of if sorted(of) in (numbers, numbers[::-1])), None)
        if wanted is None:
            compared = ", ".join(f"{self.names[i]} with {self.names[j]}" for i, j in self.of)
            raise InvalidOption(f"a, b: got {shown((a, b))}, compared were {compared}")
        return self.pairs[self.of.index(wanted)]

    def mean(self, layer: str) -> Floats:
        """The mean curve of a layer over the pairs.

        Parameters
        ----------
        layer : str
            Its name.

        Returns
        -------
        array
            s at each epsilon of the grid.
        """
        return np.array(self[layer].similarity)

    def spread(self, layer: str) -> Floats:
        """The standard deviation of a layer's similarity over the pairs.

        Parameters
        ----------
        layer : str
            Its name.

        Returns
        -------
        array
            At each epsilon of the grid; 0 for one pair.
        """
        return np.array(self[layer].spread)

    def matrix(self, layer: str, epsilon: float | None = None) -> Floats:
        """Who is like whom in one layer.

        Parameters
        ----------
        layer : str
            Its name.
        epsilon : float, optional
            The grid point closest to it; by default areas are given.

        Returns
        -------
        array
            Of shape (networks, networks), symmetric: similarities or areas; NaN where two were not compared.
        """
        found = self[layer]
        chosen = found.areas if epsilon is None else found.similarities[closest(found.epsilons, epsilon)]
        return np.array(chosen, dtype=np.float64)

    def reliable(self, layer: str, epsilon: float) -> tuple[tuple[int, ...], ...]:
        """The neurons that are matched in every pair of their network: what all the networks learn.

        Parameters
        ----------
        layer : str
            Its name.
        epsilon : float
            Relative error, of any size, on the grid or not.

        Returns
        -------
        tuple of tuples of int
            The indices for each network, in the first draw.
        """
        return tuple(
            tuple(k for k, radius in enumerate(radii) if radius <= epsilon) for radii in self[layer].reliable_radii
        )

    def features(self, layer: str) -> SharedFeatures:
        """The features that all networks have, unit by unit: one unit of each, every two of them partners.

        Parameters
        ----------
        layer : str
            Its name.

        Returns
        -------
        SharedFeatures
            In the first draw; ``at_least(0.5)`` are those whose units all correlate by at least 0.5.

        Raises
        ------
        InvalidOption
            If units were not looked at (``units=True``), or not every two networks were compared.
        """
        found = self[layer].features
        if found is None:
            raise InvalidOption(
                f"layer: got {layer!r}, of which no units were matched in every two of the networks; "
                "compare with units=True, and not as checkpoints of one training"
            )
        units = np.array([units for units, _ in found], dtype=np.int64).reshape(len(found), len(self.names))
        return SharedFeatures(units, np.array([lowest for _, lowest in found], dtype=np.float64))

    def over_training(self, layer: str, epsilon: float) -> tuple[Floats, Floats]:
        """Similarity along the checkpoints of one training.

        Parameters
        ----------
        layer : str
            Its name.
        epsilon : float
            The grid point closest to it.

        Returns
        -------
        two arrays
            Of each checkpoint but the last: with the last one, and with the next one.

        Raises
        ------
        InvalidOption
            If the networks were not compared as checkpoints of one training.
        """
        found = self[layer]
        if found.to_last is None or found.to_next is None:
            raise InvalidOption("training: got networks that are no checkpoints of one training; compare with training")
        k = closest(found.epsilons, epsilon)
        return np.array(found.to_last)[:, k], np.array(found.to_next)[:, k]

    def to_dict(self) -> dict[str, Any]:
        """Everything, with the pairs, in plain numbers, strings, sequences and dictionaries.

        Returns
        -------
        dict
            What ``to_json`` writes.
        """
        first, layers = self.pairs[0], self.layers
        left_out = dict.fromkeys(
            layer.name for pair in self.pairs for layer in pair if layer.name not in {one.name for one in layers}
        )
        return {
            "schema": SCHEMA,
            "seed": first.seed,
            "settings": {**first.settings, "verdict": THRESHOLDS.to_dict()},
            "versions": versions(),
            "networks": list(self.names),
            "training": self.training,
            "notes": [f"left out: {name}, not in every pair of networks" for name in left_out],
            "failed": self.failed,
            "layers": [asdict(layer) for layer in layers],
            "comparisons": [{"of": list(of), **pair.to_dict()} for of, pair in zip(self.of, self.pairs, strict=True)],
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Population:
        """What ``to_dict`` gave as a population again; the summaries of the layers are made anew.

        Parameters
        ----------
        found : mapping
            As ``to_dict`` gives it, or JSON made of it; keys that it does not know are passed over.

        Returns
        -------
        Population
            Equal to the one it came from.

        Raises
        ------
        InvalidFile
            For another schema, or what is missing or of another kind.
        """
        names = from_plain(tuple[str, ...], found.get("networks"), "networks")
        training = from_plain(bool, found.get("training"), "training")
        pairs, numbers = [], []
        for k, one in enumerate(from_plain(tuple[Any, ...], found.get("comparisons"), "comparisons")):
            pairs.append(Comparison.from_dict(one))
            of = from_plain(tuple[int, int], one.get("of"), f"comparisons[{k}].of")
            if not 0 <= of[0] < of[1] < len(names):
                raise InvalidFile(f"comparisons[{k}].of: got {shown(of)}, need two of {len(names)} networks, in order")
            numbers.append(of)
        if not pairs:
            raise InvalidFile("comparisons: got none, need at least one")
        return cls(names, tuple(pairs), tuple(numbers), training)

    def to_rows(self) -> list[dict[str, Any]]:
        """One flat record for each pair of networks, layer and epsilon.

        Returns
        -------
        list of dict
            As ``Comparison.to_rows``, with the names of the networks.
        """
        return [
            {"network_a": pair.name_a, "network_b": pair.name_b, **row} for pair in self.pairs for row in pair.to_rows()
        ]

    def plot(self) -> Figure:
        """The mean curves with the range of the pairs; of checkpoints also similarity over training.

        Returns
        -------
        matplotlib.figure.Figure
            The figure.

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        """
        from ...report.figures.populations import population_figure

        return population_figure(self.to_dict())

    def __repr__(self) -> str:
        what = "checkpoints" if self.training else "networks"
        layers = "".join(f"\n  {layer!r}" for layer in self.layers)
        return f"Population({len(self.names)} {what}: {', '.join(self.names)}; {len(self.pairs)} pairs{layers})"

    def _drawing(self) -> Draw:
        from ...report.figures.populations import save_population

        return save_population

    def _repr_html_(self) -> str:
        from ...report.page import inline
        from ...report.populations import population_table
        from ..pictures import pictures_of

        found = self.to_dict()
        return inline(found, population_table(found), pictures_of(found))

    def _summary(self, name: str) -> LayerPopulation:
        """One layer over all pairs."""
        found = dict(zip(self.of, (pair[name] for pair in self.pairs), strict=True))
        layers, count = list(found.values()), len(self.names)
        curves = np.array([layer.similarity for layer in layers])
        areas = np.array([layer.area for layer in layers])
        sides = {k: _sides(found, k) for k in range(count)}
        dead = tuple(layer.dead[side] for layer, side in (sides[k][0] for k in range(count)))
        neurons = tuple(layer.neurons[side] for layer, side in (sides[k][0] for k in range(count)))
        unmatched = self.pairs[0].settings["dead_neurons"] == "unmatched"
        itself = [1 - unmatched * d / n for d, n in zip(dead, neurons, strict=True)]
        steps = range(count - 1)
        return LayerPopulation(
            name=name,
            neurons=neurons,
            dead=dead,
            pairs=len(layers),
            epsilons=layers[0].epsilons,
            similarity=tuple(curves.mean(axis=0).tolist()),
            spread=tuple(_deviation(curves).tolist()),
            lowest=tuple(curves.min(axis=0).tolist()),
            highest=tuple(curves.max(axis=0).tolist()),
            null=tuple(np.mean([layer.null for layer in layers], axis=0).tolist()),
            area=float(areas.mean()),
            area_spread=float(_deviation(areas)),
            null_area=float(np.mean([layer.null_area for layer in layers])),
            chance_epsilon=min(layer.chance_epsilon for layer in layers),
            verdicts={
                one: sum(layer.verdict == one for layer in layers)
                for one in dict.fromkeys(layer.verdict for layer in layers)
            },
            areas=_square({of: layer.area for of, layer in found.items()}, itself),
            similarities=tuple(
                _square({of: layer.similarity[k] for of, layer in found.items()}, itself)
                for k in range(len(layers[0].epsilons))
            ),
            reliable_radii=tuple(
                tuple(np.max([layer.radii[side] for layer, side in sides[k]], axis=0).tolist()) for k in range(count)
            ),
            to_last=tuple(found[k, count - 1].similarity for k in steps) if self.training else None,
            to_next=tuple(found[k, k + 1].similarity for k in steps) if self.training else None,
            features=self._features(name),
        )

    def _features(self, name: str) -> tuple[tuple[tuple[int, ...], float], ...] | None:
        units = {
            of: layer
            for of, pair in zip(self.of, self.pairs, strict=True)
            for layer in pair.units or ()
            if layer.name == name and layer.partners
        }
        if set(units) != set(combinations(range(len(self.names)), 2)):
            return None
        found = features_of(units)
        return tuple(zip(map(tuple, found.units.tolist()), found.lowest.tolist(), strict=True))


def in_pairs(
    compare: Callable[..., Comparison],
    networks: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    *,
    training: bool,
    progress: Tell | None,
) -> Population:
    """Compare several networks in pairs by ``compare``, which takes two, ``names`` and ``progress``.

    Errors name the argument of the network that they are about; what is said of several pairs is said once.
    """
    count = len(networks)
    of = tuple(combinations(range(count), 2))
    if training:
        of = tuple((i, j) for i, j in of if count - 1 == j or i + 1 == j)
    arguments = ("acts_a", "acts_b", *(f"more[{k}]" for k in range(count - 2)))
    pairs, said = [], dict[str, list[str]]()
    for i, j in of:
        both = names[i], names[j]
        tell = None if progress is None else _telling(progress, " against ".join(both))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", SpanmatchWarning)
            try:
                pairs.append(compare(networks[i], networks[j], names=both, progress=tell))
            except SpanmatchError as error:
                raise type(error)(_renamed(str(error), arguments[i], arguments[j])) from error
        for warning in caught:
            if issubclass(warning.category, SpanmatchWarning):
                message = _renamed(str(warning.message), arguments[i], arguments[j])
                # The same with other digits would be said of every pair.
                said.setdefault(re.sub(r"\d\S*", "#", message), []).append(f"{message} ({' against '.join(both)})")
            else:
                warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    for messages in said.values():
        more = f"; much the same of {len(messages) - 1} more pairs" if len(messages) > 1 else ""
        warnings.warn(f"{messages[0]}{more}", SpanmatchWarning, stacklevel=3)
    return Population(tuple(names), tuple(pairs), of, training)


def closest(epsilons: Sequence[float], epsilon: float) -> int:
    """The number of the grid point closest to epsilon."""
    return int(np.abs(np.array(epsilons) - epsilon).argmin())


def _renamed(message: str, a: str, b: str) -> str:
    return message.replace("acts_a", "\0").replace("acts_b", b).replace("\0", a)


def _telling(progress: Tell, pair: str) -> Tell:
    return lambda message: progress(f"{pair}: {message}")


def _names_of(pair: Comparison) -> set[str]:
    return {layer.name for layer in pair}


def _sides(found: Mapping[tuple[int, int], LayerComparison], network: int) -> list[tuple[LayerComparison, int]]:
    """The comparisons that a network is part of, and on which side of each it stands."""
    return [(layer, of.index(network)) for of, layer in found.items() if network in of]


def _deviation(values: Floats) -> Floats:
    """Over the pairs, the first axis."""
    return np.asarray(values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1:]))


def _square(
    values: Mapping[tuple[int, int], float], diagonal: Sequence[float]
) -> tuple[tuple[float | None, ...], ...]:
    """Symmetric, with what each network has with itself on the diagonal, None where two were not compared."""
    numbers = range(len(diagonal))
    return tuple(
        tuple(diagonal[i] if i == j else values.get((min(i, j), max(i, j))) for j in numbers) for i in numbers
    )
