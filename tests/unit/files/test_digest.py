"""Digests of activations: the same for the same values however they are held, another for anything else."""

from __future__ import annotations

import itertools
from unittest.mock import patch

import numpy as np
import pytest

from spanmatch.files import digest
from spanmatch.files.digest import Digest, DigestPart

ROWS = np.random.default_rng(0).standard_normal((20, 3)).astype(np.float32)
OTHERS = {
    "another value": np.where(np.arange(60).reshape(20, 3) == 59, 0, ROWS),
    "another order": ROWS[::-1],
    "another width": ROWS.reshape(10, 6),
    "another dtype": ROWS.astype(np.float64),
    "other bits": ROWS.view(np.int32),
}


@pytest.mark.parametrize("held", [np.asfortranarray(ROWS), ROWS.astype(">f4"), np.repeat(ROWS, 2, axis=0)[::2]])
def test_how_values_are_held_does_not_matter(held: np.ndarray) -> None:
    with patch.object(digest, "TOGETHER", 24):
        assert Digest().update(held).hex() == Digest().update(ROWS).hex()


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_anything_else_does(other: np.ndarray) -> None:
    assert Digest().update(other).hex() != Digest().update(ROWS).hex()


@pytest.mark.parametrize("edges", [(0, 7, 20), (0, 1, 2, 20), (0, 20), (0, 4, 8, 20)])
@pytest.mark.parametrize("link", [5, 12, 48, 1_000])
def test_parts_that_were_looked_at_elsewhere(edges: tuple[int, ...], link: int) -> None:
    joined = Digest()
    with patch.object(digest, "LINK", link):
        for first, last in itertools.pairwise(edges):
            joined.join(DigestPart.of(ROWS[first:last], before=first))
        assert joined.hex() == Digest().update(ROWS).hex()
        assert joined.hex() == Digest().update(ROWS[:9]).join(DigestPart.of(ROWS[9:], before=9)).hex()
