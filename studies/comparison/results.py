"""What a comparison of two networks found: curves a layer, tables, pictures, files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...files.atomic import atomic_writes, output_folder, to_json, write_text
from ...files.environment import versions
from ...theory.errors import MissingExtra
from .minimal import LayerMinimal
from .records import LayerRecord, LayerRecords
from .units import UnitViews
from .verdict import THRESHOLDS, BeyondNull, Verdict

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


COMPARISON_FILES = ("comparison.json", "similarity.png", "report.html")
"""The files of a comparison in its folder."""

SCHEMA = 2
"""Of ``comparison.json``."""


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
        In the first draw.
    participation : tuple of two float
        Participation ratios, the effective dimensions in the first draw; 0 where all neurons are constant, and for one
        input.
    inputs, available : int
        How many inputs each draw looked at, and of how many.
    draws : int
        How many draws there were.
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
    verdict : str
        What these say against the null.
    beyond_null : BeyondNull or None
        By how much the curve exceeds the null; None if there is no null.
    area_beyond_null : float or None
        The same for the areas.
    chance : tuple of two float
        What chance alone reaches (T13), for the neurons of A and of B.
    below_chance : tuple of two float
        How far the live neurons' match radii lie below that, on average.
    chance_epsilon : float
        From here on shuffled images match too (``Thresholds.chance_share`` of the live neurons); 1 if nowhere.
    radii : tuple of two tuples of float
        The match radius of every neuron of A and of B in the first draw.
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
    participation: tuple[float, float]
    inputs: int
    available: int
    draws: int
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
    verdict: Verdict
    beyond_null: BeyondNull | None
    area_beyond_null: float | None
    chance: tuple[float, float]
    below_chance: tuple[float, float]
    chance_epsilon: float
    radii: tuple[tuple[float, ...], tuple[float, ...]]
    undecided: int
    notes: tuple[str, ...] = ()

    def at(self, epsilon: float) -> float:
        """The similarity at the grid point closest to epsilon.

        Parameters
        ----------
        epsilon : float
            Relative error.

        Returns
        -------
        float
            In [0, 1].
        """
        return self.similarity[self._closest(epsilon)]

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
class Comparison(LayerRecords[LayerComparison]):
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
    minimal : tuple of LayerMinimal
        Minimal matches of the layers, where asked for.
    units : UnitViews or None
        Convergent Learning's views of the layers, where asked for.

    Examples
    --------
    >>> import spanmatch
    >>> from spanmatch.synthetic import planted_radii
    >>> planted = planted_radii(blocks=[(0.2, 2, 2, 2)], private=(1, 1))
    >>> found = spanmatch.compare({"fc": planted.X}, {"fc": planted.Y}, epsilons=[0.1, 0.3])
    >>> len(found), found.to_rows()[1]["layer_a"], round(found.to_rows()[1]["similarity"], 3)
    (1, 'fc', 0.667)
    """

    seed: int
    settings: dict[str, Any]
    minimal: tuple[LayerMinimal, ...] = ()
    units: UnitViews | None = None

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
            "versions": versions(),
            **super().to_dict(),
            "minimal": [one.to_dict() for one in self.minimal],
            "units": None if self.units is None else self.units.to_dict(),
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

    def to_json(self) -> str:
        """Everything, with schema version, seed and versions.

        Returns
        -------
        str
            JSON.
        """
        return to_json(self.to_dict())

    def to_rows(self) -> list[dict[str, Any]]:
        """One flat record for each layer and epsilon: what ``to_pandas`` and CSV files hold.

        Returns
        -------
        list of dict
            Without shuffles there is no null: its columns are None.
        """
        return [
            {
                "layer_a": layer.layer_a,
                "layer_b": layer.layer_b,
                "participation_a": layer.participation[0],
                "participation_b": layer.participation[1],
                "epsilon": epsilon,
                "similarity": layer.similarity[k],
                "lowest": layer.lowest[k],
                "highest": layer.highest[k],
                "null": layer.null[k] if layer.shuffles else None,
                "null_highest": layer.null_highest[k] if layer.shuffles else None,
                "verdict": layer.verdict,
                "beyond_null": None if layer.beyond_null is None else layer.beyond_null.amount,
                "area_beyond_null": layer.area_beyond_null,
            }
            for layer in self.layers
            for k, epsilon in enumerate(layer.epsilons)
        ]

    def to_csv(self) -> str:
        """The records of ``to_rows`` as text, comma separated, with a line of column names.

        Returns
        -------
        str
            CSV.
        """
        return as_csv(self.to_rows())

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
            raise MissingExtra("to_pandas needs pandas, which is not installed: pip install pandas") from error
        return pd.DataFrame(self.to_rows())

    def plot(self) -> Figure:
        """The similarity curves, one line per layer, the null dashed.

        Returns
        -------
        matplotlib.figure.Figure
            The figure.

        Raises
        ------
        MissingExtra
            If matplotlib is not installed.
        """
        from ...report.figures.curves import curves_figure

        return curves_figure(self.to_dict())

    def save(self, folder: str | PathLike[str], *, table: str | PathLike[str] | None = None) -> tuple[Path, ...]:
        """Write ``comparison.json``, ``similarity.png`` and ``report.html`` into a folder, all of them or none.

        Parameters
        ----------
        folder : str or path
            It is made if it is not there; files of these names in it are replaced.
        table : str or path, optional
            Also write ``to_csv`` into this file.

        Returns
        -------
        tuple of Path
            What was written.

        Raises
        ------
        InvalidFile
            If one of them cannot be written.
        MissingExtra
            If matplotlib is not installed.
        """
        from ...report.figures.curves import save_comparison
        from ...report.page import write_page

        result = self.to_dict()
        with output_folder(folder) as where:
            paths = [where / name for name in COMPARISON_FILES]
            paths += [] if table is None else [Path(table)]
            with atomic_writes(*paths) as (data, picture, page, *tables):
                data.write_text(self.to_json(), encoding="utf-8")
                save_comparison(result, picture)
                write_page(result, page)
                for path in tables:
                    path.write_text(self.to_csv(), encoding="utf-8")
        return tuple(paths)

    def save_table(self, path: str | PathLike[str]) -> Path:
        """Write ``to_csv`` into a file, whole or not at all.

        Parameters
        ----------
        path : str or path
            The file; replaced if it is there.

        Returns
        -------
        Path
            What was written.

        Raises
        ------
        InvalidFile
            If it cannot be written.
        """
        write_text(Path(path), self.to_csv())
        return Path(path)

    def _repr_html_(self) -> str:
        from ...report.tables import layers_table

        return layers_table(self.to_dict()).html()


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Flat records as text, comma separated, with a line of column names."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
