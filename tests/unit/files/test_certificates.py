"""The pair of arrays of a certificate, and the certificate's file: what does not belong together is an error."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from spanmatch.files.activations import save_activations
from spanmatch.files.certificates import load_certificate, read_pair
from spanmatch.theory.errors import InvalidActivations, InvalidFile


@pytest.mark.parametrize("positions", [None, 60, 100, 110])
@pytest.mark.parametrize("shape", [(120, 3), (30, 3, 2, 2)])
def test_different_inputs_are_never_paired(tmp_path: Path, positions: int | None, shape: tuple[int, ...]) -> None:
    """Drawn from each file separately they would agree in number, and be of different inputs."""
    files = [tmp_path / "a.npz", tmp_path / "b.npz"]
    save_activations(files[0], {"X": np.ones((100, 2))})
    np.savez(files[1], Y=np.ones(shape))
    with pytest.raises(InvalidActivations, match="got 100 and 120 inputs"):
        read_pair(files, positions=positions, layout="nchw")


def test_the_same_inputs_are_drawn_on_both_sides(tmp_path: Path) -> None:
    numbers = np.arange(100.0)[:, None]
    save_activations(tmp_path / "a.npz", {"X": numbers, "Y": np.hstack([numbers, -numbers])})
    X, Y = read_pair([tmp_path / "a.npz"], positions=60, seed=3)
    assert X.shape == (60, 1)
    assert len(np.unique(X)) == 60
    assert np.array_equal(Y, np.hstack([X, -X]))
    assert not np.array_equal(X, read_pair([tmp_path / "a.npz"], positions=60, seed=4)[0])
    assert np.array_equal(read_pair([tmp_path / "a.npz"], positions=101)[0], numbers)


def test_an_array_that_is_no_layer_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", flat=np.ones(4), Y=np.ones((4, 1)))
    with pytest.raises(InvalidActivations, match=r"a.npz: 'flat': got shape \(4,\)"):
        read_pair([tmp_path / "a.npz"], x="flat", positions=2)


@pytest.mark.parametrize("levels", [11, 900, 100_000])
def test_deep_nesting_is_an_error(tmp_path: Path, levels: int) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"format": "spanmatch certificate", "peeled": ' + "[" * levels + "]" * levels + "}")
    with pytest.raises(InvalidFile, match=r"deep\.json: (is nested more than 10 levels|not readable as a certificate)"):
        load_certificate(path)


def test_ordinary_nesting_is_read(tmp_path: Path) -> None:
    content = {"format": "spanmatch certificate", "peeled": [{"neurons": [[[1]]]}], "text": "[" * 50}
    (tmp_path / "c.json").write_text(json.dumps(content))
    assert load_certificate(tmp_path / "c.json") == content
