"""What a comparison of two networks found: curves a layer, tables, pictures, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...files.environment import versions
from ...theory.errors import InvalidEpsilon, InvalidFile, MissingExtra, shown
from ...theory.radii import matched_share
from ...theory.validation import as_epsilon
from .measures.images import LayerImages
from .measures.minimal import LayerMinimal
from .measures.units import UnitViews
from .records import Draw, LayerRecord, LayerRecords, SavedResult
from .verdict import THRESHOLDS, Baseline, Verdict, corrected, sentence_of, verdict_of

SAME_EPSILON = 1e-9
"""What .1 + .2 and .3 may differ by."""

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


SCHEMA = 3
"""Of ``comparison.json``; docs/results.md says what every key means."""


@dataclass(frozen=True, repr=False)
class LayerComparison(LayerRecord):
    """One layer of network A against one of network B.

    Attributes
    ----------
    layer_a, layer_b : str
        Names of the layers.
    neurons : tuple of two int
        Of A and of B.
    dead : tuple of two int
        Neurons that are exactly 0 on every input.
    rank : tuple of two int
        In the first draw, at ``rank_tol``.
    rank_bound : bool
        Whether the ranks alone make the layers match, whatever was learned: both sides span the same dimensions,
        fewer than one of them has live neurons or as many as there are inputs, and they are not copies of one another,
        neuron by neuron.
    participation : tuple of two float
        Participation ratios, the effective dimensions in the first draw; 0 where all neurons are constant, and for one
        input.
    images, positions : int
        How many images there were, and positions of each.
    inputs : int
        How many (image, position) each draw looked at.
    draws : int
        How many draws there were.
    dtypes : tuple of two str
        Of the numbers as they are held.
    rank_tol : float
        The rank tolerance on unit columns.
    digests : tuple of two str
        SHA-256 of the activations, all inputs (``spanmatch.files.digest``).
    shuffles : int
        How many shuffles of the images make the null.
    epsilons : tuple of float
        The grid of the curves.
    similarity, lowest, highest : tuple of float
        s at each epsilon: the mean over the draws, the lowest and the highest of them.
    null, null_highest : tuple of float
        The mean over the shuffles and the largest of them; zeros that say nothing if there are none.
    bootstrap : int
        How many subsamples of the images make the interval.
    interval_low, interval_high : tuple of float, or None
        95 % interval of the curve that infinitely many images would give, at all epsilons at once; it holds the first
        draw's curve too. None without subsamples or with too few images.
    area, null_area : float
        1 - mean match radius, of the layer and of the null.
    p_value : float or None
        Of the permutation test: the share of shuffles whose area is at least that of the first draw, which is counted
        too. None if there is no null.
    p_adjusted : float or None
        The same for all layers of the comparison together (Holm).
    baseline : Baseline or None
        The layer in untrained networks.
    chance : tuple of two float
        What chance alone reaches (T13), for the neurons of A and of B.
    below_chance : tuple of two float
        How far the live neurons' match radii lie below that, on average.
    chance_epsilon : float
        From here on shuffled images match too (``Thresholds.chance_share`` of the live neurons); 1 if nowhere.
    radii : tuple of two tuples of float
        The match radius of every neuron of A and of B in the first draw.
    counted : int
        How many neurons the similarity counts.
    error : float
        Bound on the error of each radius.
    undecided : int
        How many radii lie within rounding of an epsilon of the grid.
    notes : tuple of str
        What to keep in mind when reading the numbers.

    Examples
    --------
    >>> import spanmatch
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii(blocks=[(0.2, 2, 2, 2)], private=(1, 1))
    >>> layer = spanmatch.compare({"fc": planted.X}, {"fc": planted.Y}, epsilons=[0.1, 0.3])["fc"]
    >>> layer.neurons, round(layer.at(0.3), 3)
    ((3, 3), 0.667)
    """

    neurons: tuple[int, int]
    dead: tuple[int, int]
    rank: tuple[int, int]
    rank_bound: bool
    participation: tuple[float, float]
    images: int
    positions: int
    inputs: int
    draws: int
    dtypes: tuple[str, str]
    rank_tol: float
    digests: tuple[str, str]
    shuffles: int
    epsilons: tuple[float, ...]
    similarity: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    null: tuple[float, ...]
    null_highest: tuple[float, ...]
    bootstrap: int
    interval_low: tuple[float, ...] | None
    interval_high: tuple[float, ...] | None
    area: float
    null_area: float
    p_value: float | None
    p_adjusted: float | None
    baseline: Baseline | None
    chance: tuple[float, float]
    below_chance: tuple[float, float]
    chance_epsilon: float
    radii: tuple[tuple[float, ...], tuple[float, ...]]
    counted: int
    error: float
    undecided: int
    notes: tuple[str, ...] = ()

    derived = ("name", "verdict", "sentence", "corrected_area", "breakpoints", "matched")

    @property
    def verdict(self) -> Verdict:
        """Whether the layer is above chance, and above untrained networks."""
        return verdict_of(self)

    @property
    def sentence(self) -> str:
        """The verdict with its numbers."""
        return sentence_of(self)

    @property
    def corrected_area(self) -> float | None:
        """(area - null area) / (1 - null area): 0 where it is that of chance, 1 where all matches at epsilon 0."""
        return corrected(self.area, self.null_area) if self.shuffles else None

    @property
    def breakpoints(self) -> tuple[tuple[float, float], ...]:
        """Where the exact curve of the first draw jumps: (epsilon, s from there on), for all radii below 1."""
        ordered = np.sort(np.concatenate(self.radii))
        steps = np.unique(ordered[ordered < 1])
        reached = np.searchsorted(ordered, steps, side="right")
        shares = [float(matched_share(k, self.counted)) for k in reached.tolist()]
        return tuple(zip(steps.tolist(), shares, strict=True))

    @property
    def matched(self) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
        """For each epsilon of the grid the neurons of A and of B in the maximum match of the first draw."""
        a, b = map(np.array, self.radii)
        return tuple(
            (tuple(np.flatnonzero(a <= epsilon).tolist()), tuple(np.flatnonzero(b <= epsilon).tolist()))
            for epsilon in self.epsilons
        )

    def at(self, epsilon: float) -> float:
        """The similarity at a point of the grid.

        Parameters
        ----------
        epsilon : float
            Relative error, one of ``epsilons``.

        Returns
        -------
        float
            In [0, 1], the mean over the draws.

        Raises
        ------
        InvalidEpsilon
            For another epsilon; ``breakpoints`` has the exact curve of the first draw, at every epsilon.
        """
        place = self._closest(as_epsilon(epsilon))
        if abs(self.epsilons[place] - epsilon) > SAME_EPSILON:
            grid = ", ".join(f"{one:g}" for one in self.epsilons)
            raise InvalidEpsilon(f"epsilon: got {epsilon:g}, need one of {grid}; compare(epsilons=...) measures others")
        return self.similarity[place]

    def _closest(self, epsilon: float) -> int:
        return int(np.abs(np.array(self.epsilons) - epsilon).argmin())

    def __repr__(self) -> str:
        middle = self._closest(0.5)
        null = f"null {self.null[middle]:.3f}, " if self.shuffles else ""
        return (
            f"LayerComparison({self.name}: {self.neurons[0]} + {self.neurons[1]} neurons, {self.dead[0]} + "
            f"{self.dead[1]} dead, {self.draws} x {self.inputs} inputs, s({self.epsilons[middle]:g}) "
            f"{self.similarity[middle]:.3f}, {null}area {self.area:.3f}: {self.verdict})"
        )


@dataclass(frozen=True, repr=False)
class Comparison(LayerRecords[LayerComparison], SavedResult):
    """All layers of two networks; ``found["conv1"]`` is one of them.

    Attributes
    ----------
    layers : tuple of LayerComparison
        In order; iterating over the comparison gives them too.
    name_a, name_b : str
        Names of the networks.
    notes : tuple of str
        What was left out, and why.
    seed, settings : int and dict
        With these, ``compare`` gives the same numbers again.
    versions : dict
        Of the packages that made it.
    minimal : tuple of LayerMinimal
        Minimal matches of the layers, where asked for.
    units : UnitViews or None
        Convergent Learning's views of the layers, where asked for.
    images : tuple of LayerImages
        The best- and worst-matched images of every neuron, where asked for.
    failed : dict of str to str
        Layers that could not be read or measured, and why, where ``keep_going`` was asked for.

    Examples
    --------
    >>> import spanmatch
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii(blocks=[(0.2, 2, 2, 2)], private=(1, 1))
    >>> found = spanmatch.compare({"fc": planted.X}, {"fc": planted.Y}, epsilons=[0.1, 0.3])
    >>> len(found), found.to_rows()[1]["layer_a"], round(found.to_rows()[1]["similarity"], 3)
    (1, 'fc', 0.667)
    """

    layers: tuple[LayerComparison, ...]
    seed: int
    settings: dict[str, Any]
    versions: dict[str, str] = field(default_factory=versions)
    minimal: tuple[LayerMinimal, ...] = ()
    units: UnitViews | None = None
    images: tuple[LayerImages, ...] = ()
    failed: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Everything, with schema version, seed and versions, in plain numbers, strings, sequences and dictionaries.

        Returns
        -------
        dict
            What ``to_json`` writes.
        """
        return {
            "schema": SCHEMA,
            "seed": self.seed,
            "settings": {**self.settings, "verdict": THRESHOLDS.to_dict()},
            "versions": self.versions,
            **super().to_dict(),
            "minimal": [one.to_dict() for one in self.minimal],
            "units": None if self.units is None else self.units.to_dict(),
            "images": [one.to_dict() for one in self.images],
            "failed": self.failed,
            "matrix": self._matrix_record() if self.settings["all_pairs"] else None,
        }

    def matrix(self, epsilon: float | None = None) -> npt.NDArray[np.float64]:
        """The layers of A against those of B, each as often as it was compared, in order.

        Parameters
        ----------
        epsilon : float, optional
            The grid point closest to it; by default areas are given.

        Returns
        -------
        array
            Of shape (layers of A, layers of B): similarities or areas, NaN for what was not compared.

        Examples
        --------
        >>> import spanmatch
        >>> from spanmatch.synthetic import planted_radii
        >>> planted = planted_radii(blocks=[(0.2, 2, 2, 2)], private=(1, 1))
        >>> A, B = {"one": planted.X, "two": planted.Y}, {"three": planted.Y}
        >>> spanmatch.compare(A, B, all_pairs=True).matrix(0.3).round(3).tolist()
        [[0.667], [1.0]]
        """
        rows, columns = self._layers_of_both()
        found = np.full((len(rows), len(columns)), np.nan)
        for layer in self.layers:
            value = layer.area if epsilon is None else layer.at(epsilon)
            found[rows.index(layer.layer_a), columns.index(layer.layer_b)] = value
        return found

    def _layers_of_both(self) -> tuple[list[str], list[str]]:
        return (
            list(dict.fromkeys(layer.layer_a for layer in self.layers)),
            list(dict.fromkeys(layer.layer_b for layer in self.layers)),
        )

    def _matrix_record(self) -> dict[str, Any]:
        """What the heat map of layer against layer shows; None for what was not compared."""
        rows, columns = self._layers_of_both()
        area = [[None if np.isnan(one) else one for one in row] for row in self.matrix().tolist()]
        return {"layers_a": rows, "layers_b": columns, "area": area}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Comparison:
        """What ``to_dict`` gave as a comparison again.

        Parameters
        ----------
        found : mapping
            As ``to_dict`` gives it, or JSON made of it; keys that it does not know are passed over.

        Returns
        -------
        Comparison
            Equal to the one it came from.

        Raises
        ------
        InvalidFile
            For another schema, or what is missing or of another kind.
        """
        schema = found.get("schema") if isinstance(found, Mapping) else None
        if schema != SCHEMA:
            raise InvalidFile(f"comparison: got schema {shown(schema)}, need {SCHEMA}; compare again")
        settings = {name: value for name, value in dict(found.get("settings", {})).items() if name != "verdict"}
        units = found.get("units")
        again = super().from_dict({**found, "settings": settings, "units": None})
        return again if units is None else replace(again, units=UnitViews.from_dict(units))

    def to_rows(self) -> list[dict[str, Any]]:
        """One flat record for each layer and epsilon: what ``to_pandas`` and CSV files hold.

        Returns
        -------
        list of dict
            None stands where there is no null, no interval or no baseline.
        """
        return [
            {
                "layer_a": layer.layer_a,
                "layer_b": layer.layer_b,
                **_both("neurons", layer.neurons),
                **_both("dead", layer.dead),
                **_both("rank", layer.rank),
                **_both("participation", layer.participation),
                "images": layer.images,
                "positions": layer.positions,
                "inputs": layer.inputs,
                "draws": layer.draws,
                "epsilon": epsilon,
                "similarity": layer.similarity[k],
                "lowest": layer.lowest[k],
                "highest": layer.highest[k],
                "interval_low": layer.interval_low and layer.interval_low[k],
                "interval_high": layer.interval_high and layer.interval_high[k],
                "null": layer.null[k] if layer.shuffles else None,
                "null_highest": layer.null_highest[k] if layer.shuffles else None,
                "baseline": layer.baseline and layer.baseline.similarity[k],
                "baseline_highest": layer.baseline and layer.baseline.highest[k],
                "area": layer.area,
                "null_area": layer.null_area if layer.shuffles else None,
                "corrected_area": layer.corrected_area,
                "baseline_corrected_area": layer.baseline and layer.baseline.corrected_area,
                "p_value": layer.p_value,
                "p_adjusted": layer.p_adjusted,
                "baseline_p_value": layer.baseline and layer.baseline.p_value,
                "baseline_p_adjusted": layer.baseline and layer.baseline.p_adjusted,
                "chance_epsilon": layer.chance_epsilon if layer.shuffles else None,
                "undecided": layer.undecided,
                "rank_bound": layer.rank_bound,
                "verdict": layer.verdict,
                "sentence": layer.sentence,
            }
            for layer in self.layers
            for k, epsilon in enumerate(layer.epsilons)
        ]

    def to_pandas(self) -> pandas.DataFrame:
        """A table with one row for each layer and epsilon.

        Returns
        -------
        pandas.DataFrame
            The records of ``to_rows``.

        Raises
        ------
        MissingExtra
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra('to_pandas needs pandas, not installed here: pip install "spanmatch[pandas]"') from error
        return pd.DataFrame(self.to_rows())

    def plot(self, ax: Axes | None = None, *, layers: str | Sequence[str] | None = None) -> Figure:
        """The exact similarity curve of the first draw, step by step, one line a layer; the null dashed.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure.
        layers : str or sequence of str, optional
            Names of the layers to draw, in order; by default all.

        Returns
        -------
        matplotlib.figure.Figure
            The figure. Notebooks show it; ``savefig`` of a new one embeds TrueType fonts in PDF, and keeps text in SVG.

        Raises
        ------
        InvalidOption, UnknownLayer
            If ``ax`` is no Axes, or a layer was not compared.
        MissingExtra
            If matplotlib is not installed.
        """
        from ...report.figures.curves import plotted

        return plotted(self.to_dict(), ax, layers)

    def _drawing(self) -> Draw:
        from ...report.figures.curves import save_comparison

        return save_comparison

    def _repr_html_(self) -> str:
        from ...report.page import inline
        from ...report.tables import layers_table
        from ..pictures import pictures_of

        found = self.to_dict()
        return inline(found, layers_table(found), pictures_of(found))


def _both(name: str, values: tuple[Any, Any]) -> dict[str, Any]:
    return {f"{name}_a": values[0], f"{name}_b": values[1]}
