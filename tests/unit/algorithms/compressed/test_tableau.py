"""The tableau peel against the orthogonal one and exact arithmetic, on both sides of the switch between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spanmatch import Compressed, compress, exact
from spanmatch.algorithms.compressed import problem, tableau

pytestmark = pytest.mark.filterwarnings("ignore::spanmatch.SpanmatchWarning")


def radii(compressed: Compressed) -> Any:
    found = compressed.match_radii()
    return np.concatenate([found.x, found.y])


def by_each_peel(X: Any, Y: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Compressed, Compressed]:
    """The same Gram matrix peeled by its tableau, and by the orthogonal peel."""
    tableau_peel, orthogonal = (compress(X, Y, method="gram") for _ in range(2))
    for compressed, limit in ((tableau_peel, np.inf), (orthogonal, 0.0)):
        monkeypatch.setattr(problem, "TABLEAU_CONDITION", limit)
        compressed.match_radii()
    monkeypatch.undo()
    return tableau_peel, orthogonal


def layers(kind: str, neurons: int, inputs: int = 600) -> tuple[Any, Any]:
    """ "alone": radii spread out, so that most neurons go one at a time; "together": most go at once."""
    rng = np.random.default_rng(0)
    X, Y = (np.maximum(rng.standard_normal((inputs, neurons)), 0) for _ in range(2))
    Y += (np.geomspace(0.1, 30, neurons) if kind == "alone" else 0.7) * X[:, ::-1]
    X[:, 3], Y[:, 5] = 0, 0
    return X, Y


class TestAgreesWithTheOrthogonalPeel:
    @pytest.mark.parametrize("kind", ["alone", "together"])
    def test_radii(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tableau, "STRIP", 50)
        mine, other = by_each_peel(*layers(kind, 120), monkeypatch)
        assert np.abs(radii(mine) - radii(other)).max() < 1e-13
        assert np.unique(radii(mine).round(12)).size > (100 if kind == "alone" else 10)

    def test_it_can_fail(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Updates that wait and are never carried out, or are forgotten, change the radii."""
        carry_out = tableau.TableauPeel._carry_out
        monkeypatch.setattr(tableau.TableauPeel, "_carry_out", lambda self, waiting: carry_out(self, waiting[:-1]))
        X, Y = layers("alone", 120)
        broken = radii(compress(X, Y))
        monkeypatch.undo()
        assert np.abs(broken - radii(compress(X, Y))).max() > 1e-6

    def test_each_way_to_remove_is_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tableau, "TOGETHER", 8)
        taken = set()
        for name in ("_carry_out", "_factorised"):
            method = getattr(tableau.TableauPeel, name)

            def noted(self: Any, *arguments: Any, name: str = name, method: Any = method) -> Any:
                before = self._rows.shape
                result = method(self, *arguments)
                taken.add((name, self._rows.shape < before))
                return result

            monkeypatch.setattr(tableau.TableauPeel, name, noted)
        for kind in ("alone", "together"):
            radii(compress(*layers(kind, 120)))
        assert taken == {("_carry_out", True), ("_carry_out", False), ("_factorised", True)}


def nearly_dependent(digits: float, seed: int) -> tuple[Any, Any]:
    """Integers: sides of 4 neurons, two of X and two of Y as near to one another as 10^-digits."""
    rng = np.random.default_rng(seed)
    base = rng.integers(-9, 10, (30, 5)).astype(float)
    X, Y = (base @ rng.integers(-2, 3, (5, 4)) + rng.integers(-3, 4, (30, 4)) for _ in range(2))
    scale = 2.0 ** round(digits * np.log2(10))
    X[:, 3] += scale * X[:, 0]
    Y[:, 1] += scale * Y[:, 2]
    return X, Y


@pytest.mark.parametrize("digits", range(1, 15))
def test_the_bound_is_kept_by_both_peels(digits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(3):
        X, Y = nearly_dependent(digits, seed)
        truth = exact.match_radii(X, Y)
        expected = np.sqrt(np.array([*truth.x, *truth.y], dtype=float))
        for method in ("auto", "gram", "qr"):
            compressed = compress(X, Y, method=method)
            if compressed.dependent:
                # The bound is one for the decided ranks, and exact arithmetic decides others.
                assert digits >= 13 or (method == "gram" and digits >= 7)
                continue
            assert np.abs(radii(compressed) - expected).max() <= compressed.match_radii().error
            assert compressed.match_radii().error < 1e-6 or method == "gram" or digits > 5
        mine, other = by_each_peel(X, Y, monkeypatch)
        for compressed in (mine, other) if mine.condition < problem.TABLEAU_CONDITION else (other,):
            assert np.abs(radii(compressed) - expected).max() <= compressed.match_radii().error


@pytest.mark.parametrize(("digits", "by_tableau"), [(2.0, True), (4.0, False)])
def test_the_switch(digits: float, by_tableau: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """On either side of the limit, by Gram matrices that are clearly of full rank."""
    compressed = compress(*nearly_dependent(digits, 0), method="gram")
    assert compressed.clearly_full_rank
    assert (compressed.condition <= problem.TABLEAU_CONDITION) == by_tableau
    asked = []
    monkeypatch.setattr(problem, "tableau_radii", lambda *_: asked.append("tableau"))
    monkeypatch.setattr(problem, "downdated_radii", lambda *_: asked.append("orthogonal"))
    with pytest.raises(TypeError):
        compressed.match_radii()
    assert asked == ["tableau" if by_tableau else "orthogonal"]


def test_the_radii_can_be_asked_for_again() -> None:
    """The tableau is used up by the peel; what is asked afterwards does not need it."""
    compressed = compress(*layers("together", 20))
    first = radii(compressed)
    assert "_tableaux" not in compressed.__dict__
    assert (compressed.ranks, len(compressed.dead)) == ((19, 19), 2)
    assert compressed.min_match(0.9, ("x", 0)) is not None
    assert np.array_equal(radii(compressed), first)


def test_a_gram_matrix_that_only_one_of_its_triangles_can_factorise_is_left_alone() -> None:
    """Unit columns as near as rounding to dependence: seen failing on the upper triangle, not on the lower."""
    a, b, c, d = 0.9999999960200169, -0.979342066997376, -0.9793240221469098, 0.9999999998296843
    e, f = -0.9793457934290885, -0.9793277501888809
    gram = np.array([[1, a, b, e], [a + 2**-53, 1, c, f], [b, c, 1, d], [e - 2**-53, f, d, 1]])
    assert tableau.IndependentSide.of(gram) is None


def test_tableaux_that_another_thread_has_taken() -> None:
    """Its radii are those of the thread that came first, to the last bit."""
    X, Y = layers("alone", 60)
    compressed = compress(X, Y, method="gram")
    assert compressed.independent
    vars(compressed).pop("_tableaux")
    assert (radii(compressed) == radii(compress(X, Y, method="gram"))).all()
    assert "_tableaux" not in vars(compressed)
