"""Counterexamples verify, can fail to, and the hypotheses said not to be needed are not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from spanmatch.proofs_check.counterexamples import (
    COUNTEREXAMPLES,
    UNNEEDED,
    NeededAfterAllError,
    NeededHypothesis,
    UnneededHypothesis,
    covers,
    dynamics,
    faults,
    unneeded,
)
from spanmatch.proofs_check.counterexamples import chance as numbers
from spanmatch.proofs_check.counterexamples import independence as layers
from spanmatch.proofs_check.counterexamples import invariance as changes
from spanmatch.proofs_check.counterexamples import radii as residuals
from spanmatch.theory import Match
from spanmatch.theory.ledger import LEDGER

CASES = list(COUNTEREXAMPLES.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
class TestCounterexample:
    def test_verifies(self, case: NeededHypothesis) -> None:
        assert faults(case) == []

    def test_the_repaired_object_is_no_counterexample(self, case: NeededHypothesis) -> None:
        assert case.statement.conclusion(case.repaired)
        found = faults(replace(case, broken=case.repaired))
        assert f"{case.id}: the object has {case.dropped!r}" in found
        assert f"{case.id}: the conclusion holds for the object" in found

    def test_the_broken_object_repairs_nothing(self, case: NeededHypothesis) -> None:
        found = faults(replace(case, repaired=case.broken))
        assert f"{case.id}: the repaired object lacks {case.dropped!r}" in found
        assert f"{case.id}: the conclusion fails for the repaired object" in found

    def test_only_that_hypothesis_is_dropped(self, case: NeededHypothesis) -> None:
        for other in case.statement.hypotheses:
            if other != case.dropped:
                assert f"{case.id}: the object lacks {case.dropped!r}" in faults(replace(case, dropped=other))

    def test_is_about_something_known(self, case: NeededHypothesis) -> None:
        assert case.theorem in LEDGER
        assert case.why


def test_a_hypothesis_of_another_name_is_told() -> None:
    assert "no hypothesis 'luck'" in faults(replace(CASES[0], dropped="luck"))[0]


@pytest.mark.parametrize("one", UNNEEDED, ids=lambda one: f"{one.theorem}: {one.hypothesis}")
def test_not_needed(one: UnneededHypothesis) -> None:
    assert one.evidence() >= 3
    assert one.why


class TestEvidenceCanFail:
    """A property that does need the hypothesis is not let pass."""

    def test_unions_need_monotonicity(self) -> None:
        with pytest.raises(NeededAfterAllError):
            unneeded._for_all_relations(covers.union_closed)

    @pytest.mark.parametrize("lost", [0, -1])
    def test_a_family_that_lacks_a_member_is_not_dual(self, lost: int, monkeypatch: pytest.MonkeyPatch) -> None:
        complete = unneeded.minimal_among
        monkeypatch.setattr(unneeded, "minimal_among", lambda v, matches: (
            found[1:] if lost == 0 else found[:-1]) if len(found := complete(v, matches)) > 1 else found)  # fmt: skip
        with pytest.raises(NeededAfterAllError):
            unneeded._for_all_relations(unneeded._duality)

    def test_families_that_are_not_minimal_are_not_dual(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """They have the same transversals, but are not the transversals of these."""
        monkeypatch.setattr(unneeded, "minimal_among", lambda v, matches: tuple(pair for pair in matches if v in pair))
        with pytest.raises(NeededAfterAllError):
            unneeded._for_all_relations(unneeded._duality)

    def test_all_relations_are_visited(self) -> None:
        relations = list(unneeded.all_relations(1, 2))
        assert len(set(relations)) == len(relations) == 256
        assert sum(map(covers.monotone, relations)) == 6 * 3 * 3

    def test_empty_match_is_simple_under_another_definition(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unneeded, "is_simple", lambda pair, matches: not pair)
        with pytest.raises(NeededAfterAllError):
            unneeded._empty_is_never_simple()

    def test_a_layer_of_full_rank_has_a_sigma(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(layers, "below_least_singular_value", lambda _: True)
        with pytest.raises(NeededAfterAllError):
            layers._sigma_is_zero()

    def test_a_map_that_loses_a_used_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(changes, "same_matches", lambda _: False)
        with pytest.raises(NeededAfterAllError):
            changes._loses_an_unused_input()

    def test_uneven_points(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(numbers, "EVEN", replace(numbers.EVEN, weights=(Fraction(1, 12),) * 12))
        with pytest.raises(NeededAfterAllError):
            numbers._one_of_each_sign()

    def test_a_bound_below_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(numbers.Moved, "bound", Fraction(1, 2))
        with pytest.raises(NeededAfterAllError):
            numbers._bound_above_one()

    def test_another_flow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dynamics.dynamics, "right_hand_side", lambda state, *_: state)
        with pytest.raises(NeededAfterAllError):
            dynamics._negative_h()


class TestParts:
    def test_peeling_has_two_ends(self) -> None:
        ends = covers.peeling_ends(covers.ONE_WAY, covers.ONE_WAY.everything)
        assert ends == {Match(), Match([0], [0])}

    def test_literal_radii(self) -> None:
        radii = residuals.match_radii(residuals.GROWING)
        assert radii == {("x", 0): 0, ("y", 0): 0, ("y", 1): Fraction(1, 2)}

    def test_least_singular_value(self) -> None:
        """Two unit columns with inner product g: sigma^2 = 1 - abs(g)."""
        pair = (layers.vectors(["1/2", "1/2", "1/2", "1/2"], [0, 0, "3/5", "4/5"]), layers.vectors([1, 0, 0, 0]))
        gram = layers.gram(pair[0])
        least = 1 - abs(gram[0][1])
        below, above = Fraction(38, 100), Fraction(39, 100)
        assert 2 * below**2 < least < 2 * above**2
        assert layers.below_least_singular_value(layers.Layers(*pair, below))
        assert not layers.below_least_singular_value(layers.Layers(*pair, above))

    def test_even_points_are_even_for_every_line(self) -> None:
        for line in ([1, 0], [1, 1], [5, -2], [3, 7]):
            assert numbers.beta_moments(replace(numbers.EVEN, T=layers.vectors(line)))
