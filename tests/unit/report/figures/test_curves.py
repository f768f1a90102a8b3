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


def test_the_interval_and_untrained_networks_are_drawn() -> None:
    wide = layer("conv", untrained=0.2) | {"interval_low": [0.0, 0.4, 0.9], "interval_high": [0.1, 0.7, 1.0]}
    (panel,) = curves_figure(comparison(wide, layer("fc"))).axes
    labels = [text.get_text() for text in panel.get_legend().get_texts()]
    assert labels[-2:] == ["untrained networks", "95 % interval"]
    dotted = [line.get_ydata() for line in panel.get_lines() if line.get_linestyle() == ":"]
    assert [list(line) for line in dotted] == [[0.0] * 3, []]
    band = panel.collections[0].get_paths()[0].vertices
    assert {round(float(y), 3) for _, y in band} == {0.0, 0.1, 0.4, 0.7, 0.9, 1.0}
