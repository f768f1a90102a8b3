"""Pairs of untrained networks: all different, none of them one that has a name, and of networks only."""

from __future__ import annotations

import numpy as np
import pytest

from spanmatch.networks.shipped import activations
from spanmatch.studies import compare
from spanmatch.studies.baseline import untrained_pairs
from spanmatch.theory.errors import InvalidOption, without_advice

OPTIONS = {"layers": ["logits"]}


def test_pairs_differ_and_tell_what_is_learned_from_what_is_not() -> None:
    base = untrained_pairs(("vgg-0", "vgg-1"), 5, OPTIONS)
    digests = [one for pair in base for one in pair["logits"].digests]
    assert len(set(digests)) == 10
    with without_advice():
        trained, fresh = (
            compare(activations("vgg-0"), activations(name), **OPTIONS, draws=1, shuffles=39, baseline=base)["logits"]
            for name in ("vgg-1", "vgg-random-labels")
        )
    assert trained.verdict == "above untrained"
    assert fresh.verdict != "above untrained"
    assert not {*fresh.digests, *trained.digests} & set(digests)
    assert np.isclose(trained.baseline.corrected_area, np.mean([pair["logits"].corrected_area for pair in base]))


def test_what_cannot_be_built_anew() -> None:
    with pytest.raises(InvalidOption, match=r"baseline: got own\.npz"):
        untrained_pairs(("vgg-0", "own.npz"), 2, OPTIONS)
    with pytest.raises(InvalidOption, match="one architecture"):
        untrained_pairs(("vgg-0", "vgg-1", "resnet-0"), 2, OPTIONS)
