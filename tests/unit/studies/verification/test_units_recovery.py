"""The planted table: every view of Convergent Learning against its closed form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from spanmatch import InvalidOption
from spanmatch.studies.verification.units_recovery import planted_row, planted_sets, planted_table
from spanmatch.synthetic.families.units import (
    planted_mixtures,
    planted_one_to_many,
    planted_pairs,
    planted_permutation,
)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_view_finds_its_closed_form(seed: int) -> None:
    rows = planted_table(planted_sets(seed))
    assert max(row.worst for row in rows) <= 1e-8
    assert all(row.recovered for row in rows)
    assert sum(row.r2 is not None for row in rows) == len(rows) - 1


def test_a_permutation_is_recovered() -> None:
    row = planted_row(planted_permutation(30, seed=5))
    assert row.recovered
    assert (row.matched, row.semi) == (pytest.approx(1, abs=1e-12), pytest.approx(1, abs=1e-12))


def test_what_unit_matching_cannot_see() -> None:
    row = planted_row(planted_mixtures(16, 2))
    assert row.similarity == 1
    assert row.semi == pytest.approx(0.25)


@pytest.mark.parametrize("view", ["correlations", "matched", "semi", "radii", "sparse error", "participation"])
def test_wrong_closed_forms_are_seen(view: str) -> None:
    """Activations moved a little away from what is planted are beyond 1e-8 of it in every view."""
    planted = planted_one_to_many()
    moved = planted.Y + 1e-3 * np.roll(planted.Y, 1, axis=0) + 1e-3 * planted.X[:, :3] * [1, 2, 3]
    assert planted_row(replace(planted, Y=moved)).errors[view] > 1e-8


def test_wrong_partners_and_blocks_are_seen() -> None:
    pairs, many = planted_pairs(), planted_one_to_many()
    assert pairs.partner is not None
    assert not planted_row(replace(pairs, partner=pairs.partner[::-1])).recovered
    assert not planted_row(replace(many, blocks=(*many.blocks[1:], many.blocks[1]))).recovered
    assert not planted_row(replace(many, used=many.used[::-1])).recovered


@pytest.mark.parametrize(
    ("make", "arguments", "name"),
    [
        (planted_pairs, ((),), "angles"),
        (planted_pairs, ((1.6,),), "angles"),
        (planted_permutation, (1,), "units"),
        (planted_mixtures, (3,), "size"),
        (planted_mixtures, (2, 0), "blocks"),
        (planted_one_to_many, (0,), "uses"),
        (planted_one_to_many, (1, 0), "targets"),
    ],
)
def test_bad_parameters(make: Any, arguments: tuple[Any, ...], name: str) -> None:
    with pytest.raises(InvalidOption, match=f"{name}: got"):
        make(*arguments)
    for option in ({"explained": 0.0}, {"spare": -1}):
        with pytest.raises(InvalidOption, match=next(iter(option))):
            planted_one_to_many(**option)  # type: ignore[arg-type]
    with pytest.raises(InvalidOption, match="inputs"):
        planted_permutation(12, inputs=12)
