"""What a comparison of two networks found: curves a layer, tables, pictures, files."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...files.atomic import atomic_writes, check_output_folder, to_json, write_text
from ...files.environment import versions
from ...theory.errors import MissingExtra
from .minimal import LayerMinimal
from .records import LayerRecord, LayerRecords
from .units import UnitViews
from .verdict import THRESHOLDS, BeyondNull, Verdict

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class LayerComparison(LayerRecord):
    """One layer of network A against one of network B.

    ``neurons``, ``dead``, ``rank``: of A and of B (``dead``: exactly 0 on every input; ``rank``: in the first
    draw); ``participation``: ratios, the effective dimensions in the first draw (0 where all neurons are constant, and
    for one input); ``inputs``: how many each draw looked at, of ``available``; ``similarity``: s(epsilon) averaged over
    the draws, ``lowest`` and ``highest`` of them; ``shuffles``: how many shuffles of the images make the null;
    ``null``: the average over them, ``null_highest`` the largest of them (zeros that say nothing if there are
    none); ``bootstrap``: how many subsamples of the images make the interval; ``interval_low``, ``interval_high``:
    of the curve that infinitely many images would give, at all epsilons at once (95 %; None without subsamples or with
    too few images); it holds the first draw's curve too; ``area``, ``null_area``: 1 - mean match
    radius; ``verdict``, ``beyond_null``, ``area_beyond_null``: what these say against the null (the latter two None if
    there is none); ``chance``: what chance alone reaches (T13), for the neurons of A and of B; ``below_chance``: how
    far the live neurons' match radii lie below that, on average; ``chance_epsilon``: from here on shuffled images match
    too (``Thresholds.chance_share`` of the live neurons), 1 if nowhere; ``undecided``: how many radii lie within
    rounding of an epsilon of the grid; ``notes``: what to keep in mind when reading the numbers.
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
    undecided: int
    notes: tuple[str, ...] = ()

    def at(self, epsilon: float) -> float:
        """s at the grid point closest to epsilon."""
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
    """All layers of two networks; ``seed`` and ``settings`` give the same numbers again.

    ``minimal``: minimal matches of the layers, and ``units``: Convergent Learning's views of them, where asked for.
    """

    seed: int
    settings: dict[str, Any]
    minimal: tuple[LayerMinimal, ...] = ()
    units: UnitViews | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": 2,
            "seed": self.seed,
            "settings": {**self.settings, "verdict": THRESHOLDS.to_dict()},
            "versions": versions(),
            **super().to_dict(),
            "minimal": [one.to_dict() for one in self.minimal],
            "units": None if self.units is None else self.units.to_dict(),
        }

    def to_json(self) -> str:
        """Everything, with schema version, seed and versions."""
        return to_json(self.to_dict())

    def to_rows(self) -> list[dict[str, Any]]:
        """One flat record for each layer and epsilon: what ``to_pandas`` and CSV files hold. No shuffles: no null."""
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
        """``to_rows`` as text, comma separated, with a line of column names."""
        text, rows = io.StringIO(), self.to_rows()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame with one row for each layer and epsilon. Raises: ``MissingExtra``."""
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra("to_pandas needs pandas, which is not installed: pip install pandas") from error
        return pd.DataFrame(self.to_rows())

    def plot(self) -> Figure:
        """A matplotlib figure of the similarity curves, one line a layer, the null dashed. Raises: ``MissingExtra``."""
        from ...report.figures.curves import curves_figure

        return curves_figure(self.to_dict())

    def save(self, folder: str | PathLike[str], *, table: str | PathLike[str] | None = None) -> tuple[Path, ...]:
        """Write ``comparison.json``, ``similarity.png`` and ``report.html`` into a folder, all of them or none.

        ``table``: also ``to_csv`` into this file. Returns what was written. Raises: ``InvalidFile``, ``MissingExtra``.
        """
        from ...report.figures.curves import save_curves
        from ...report.page import write_page

        result = self.to_dict()
        where = check_output_folder(Path(folder))
        paths = [where / "comparison.json", where / "similarity.png", where / "report.html"]
        paths += [] if table is None else [Path(table)]
        with atomic_writes(*paths) as (data, picture, page, *tables):
            data.write_text(self.to_json(), encoding="utf-8")
            save_curves([result], picture)
            write_page(result, page)
            for path in tables:
                path.write_text(self.to_csv(), encoding="utf-8")
        return tuple(paths)

    def save_table(self, path: str | PathLike[str]) -> Path:
        """Write ``to_csv`` into a file, whole or not at all. Raises: ``InvalidFile``."""
        write_text(Path(path), self.to_csv())
        return Path(path)

    def _repr_html_(self) -> str:
        from ...report.tables import layers_table

        return layers_table(self.to_dict()).html()
