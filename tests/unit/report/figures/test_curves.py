"""The figure of a comparison: a curve for each layer, and a null only where one was drawn."""

from __future__ import annotations

import pytest
from report_results import comparison, layer

from spanmatch.report.figures.curves import curves_figure


@pytest.mark.parametrize(("shuffles", "null"), [(3, 3), (0, 0)])
def test_a_null_is_drawn_where_there_is_one(shuffles: int, null: int) -> None:
    figure = curves_figure(comparison(layer("conv"), layer("fc", dead=(1, 2)), shuffles=shuffles))
    (panel,) = figure.axes
    assert sum(line.get_linestyle() == "--" for line in panel.get_lines()) == null
    labels = [text.get_text() for text in panel.get_legend().get_texts()]
    assert labels == ["conv", "fc (3 dead)", "shuffled images (null)"][: 3 if null else 2]
