"""Error bounds against exact arithmetic on sets made to hurt: a sample of ``benchmarks/topics/bounds.py``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spanmatch.algorithms.compressed import problem, spans
from spanmatch.algorithms.compressed.kernels import products
from spanmatch.theory.tolerances import Accuracy

FAMILIES = ("near dependence", "at the tolerance", "graded", "half precision", "many inputs")


@pytest.fixture
def campaign(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2] / "benchmarks")
    from topics import bounds

    assert set(FAMILIES) == set(bounds.FAMILIES)
    found: Callable[..., Any] = bounds.campaign
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_no_bound_is_exceeded_and_no_decided_answer_is_wrong(campaign: Callable[..., Any], family: str) -> None:
    tally = campaign(12, 7, [family])
    assert tally.wrong == []
    assert tally.sets == 12
    assert tally.said["residual (qr)"] > 20
    assert sum(tally.said.values()) > 120


def without_leaves(a: Any, b: Any, columns: int) -> Any:  # the signature of what it replaces
    return a.T @ b


def of_one_rounding(route: str, inputs: int) -> Accuracy:
    return Accuracy(column=2.0**-53) if route == "qr" else Accuracy(column=0.0, product=2.0**-53)


@pytest.mark.parametrize(
    ("module", "name", "broken", "family"),
    [
        (products, "_by_leaves", without_leaves, "many inputs"),
        (problem, "factor_accuracy", of_one_rounding, "many inputs"),
        (Accuracy, "reach", lambda self, lengths, dual: np.full_like(lengths, 2.0), "near dependence"),
        (spans, "near", lambda *arguments: False, "at the tolerance"),
    ],
    ids=["plain sums", "one rounding", "bounds of no part", "ranks cut per part, not told"],
)
def test_it_can_fail(
    campaign: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, module: Any, name: str, broken: Any, family: str
) -> None:
    monkeypatch.setattr(module, name, broken)
    assert campaign(12, 7, [family]).wrong
