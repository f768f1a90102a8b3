"""A peel by what the array API has is the peel of the processor."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spanmatch import Compressed, compress
from spanmatch.algorithms.compressed.elsewhere import peel
from spanmatch.algorithms.compressed.elsewhere.peel import IndependentThere, PeelThere, independent_sides
from spanmatch.algorithms.compressed.elsewhere.place import Place
from spanmatch.algorithms.compressed.tableau import IndependentSide

NEURONS = 80


@pytest.fixture(params=["torch", "array_api_strict"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A device that counts as another one, and peels problems of any size."""
    library = pytest.importorskip(request.param)
    monkeypatch.setattr(peel, "WIDE", 0)
    monkeypatch.setattr(Place, "is_processor", False)
    from array_api_compat import array_namespace, device

    some = library.asarray(np.zeros(1))
    return Place(array_namespace(some), device(some))


def layers(kind: str) -> tuple[Any, Any]:
    """ "alone": most neurons go one at a time; "together": most go at once."""
    rng = np.random.default_rng(0)
    X, Y = (np.maximum(rng.standard_normal((400, NEURONS)), 0) for _ in range(2))
    Y += (np.geomspace(0.1, 30, NEURONS) if kind == "alone" else 0.7) * X[:, ::-1]
    X[:, 3], Y[:, 5] = 0, 0
    return X, Y


def radii(compressed: Compressed) -> Any:
    found = compressed.match_radii()
    return np.concatenate([found.x, found.y])


@pytest.mark.parametrize("kind", ["alone", "together"])
def test_radii_are_those_of_the_processor(kind: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = set()
    for name in ("_eliminated", "_wait", "_less"):
        method = getattr(PeelThere, name)

        def noted(self: Any, *some: Any, name: str = name, method: Any = method) -> Any:
            taken.add(name)
            return method(self, *some)

        monkeypatch.setattr(PeelThere, name, noted)
    here = compress(*layers(kind))
    there = replace(here, place=place)
    assert np.abs(radii(there) - radii(here)).max() < 1e-13
    assert (there.ranks, there.error) == (here.ranks, pytest.approx(here.error, rel=1e-9))
    assert taken == {"_eliminated", "_wait", "_less"} if kind == "alone" else taken


def test_what_is_lost_there_is_missed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    here = compress(*layers("alone"))
    monkeypatch.setattr(PeelThere, "_less", lambda self, rows, waiting: rows)
    assert np.abs(radii(replace(here, place=place)) - radii(here)).max() > 1e-6


def test_a_gram_matrix_without_a_factor(place: Place) -> None:
    gram = np.array([[1.0, 1 + 1e-8], [1 + 1e-8, 1.0]])
    assert IndependentThere.at(place, gram) is None
    assert IndependentThere.at(place, np.zeros((3, 3))) is not None


def test_the_processor_peels_what_is_narrow_or_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = pytest.importorskip("array_api_strict")
    X, Y = (strict.asarray(side) for side in layers("alone"))
    compressed = compress(X, Y)
    assert compressed.place is not None
    assert compressed.place.is_processor
    monkeypatch.setattr(peel, "WIDE", 0)
    assert independent_sides(compressed.place, 10**5) == IndependentSide.of
    monkeypatch.undo()
    monkeypatch.setattr(Place, "is_processor", False)
    assert independent_sides(compressed.place, 100) == IndependentSide.of
    # Copies for other processes know of no device.
    assert pickle.loads(pickle.dumps(compressed)).place is None
