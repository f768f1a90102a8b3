"""Planted sets in files: what is read is what was written, and nothing else is read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from spanmatch.studies.generation import load_planted, parse_seeds, save_planted, with_noise
from spanmatch.synthetic import Planted, generate, modify, planted_blocks
from spanmatch.synthetic.planted import SMALL
from spanmatch.theory.errors import InvalidFile, InvalidOption


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
@pytest.mark.parametrize("family", SMALL)
def test_a_set_is_read_as_it_was_written(tmp_path: Path, family: str, suffix: str) -> None:
    planted = generate(family, seed=2, parameters=SMALL[family])
    save_planted(tmp_path / f"s.{suffix}", planted)
    found = load_planted(tmp_path / f"s.{suffix}")
    assert found.to_dict() == planted.to_dict()
    for one, other in ((found.X, planted.X), (found.Y, planted.Y)):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    assert (found.maximum, found.simple, found.dead) == (planted.maximum, planted.simple, planted.dead)
    assert found.layout == ("nchw" if family == "conv" else "nc")


def test_what_is_unknown_stays_unknown(tmp_path: Path) -> None:
    many = planted_blocks(blocks=[(4, 8, 8)], private=(0, 0))
    for name, planted in (("many", many), ("half", modify(planted_blocks(), dtype="float16"))):
        save_planted(tmp_path / f"{name}.npz", planted)
        found = load_planted(tmp_path / f"{name}.npz")
        assert found.radii is planted.radii is None
        assert found.simple_matches(0.0) is planted.simple_matches(0.0) is None
    assert found.X.dtype == np.float16
    assert found.max_match(0.5) == planted.max_match(0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dtype": "float32"}, "says dtype float32, but the activations have float64"),
        ({"shape": {"X": [1, 1], "Y": [1, 1]}}, "says shape"),
        ({"layout": "nchw"}, "says layout nchw, but the activations have nc"),
        ({"maximum_match": [{"epsilon_from": 0}]}, "has not the form of a planted set"),
        ({"radii": 3}, "has not the form of a planted set"),
    ],
)
def test_another_answer_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    planted = planted_blocks()
    save_planted(tmp_path / "s.npz", planted)
    told = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    (tmp_path / "s.json").write_text(json.dumps({**told, **change}), encoding="utf-8")
    with pytest.raises(InvalidFile, match=message):
        load_planted(tmp_path / "s.npz")
    with pytest.raises(InvalidOption, match=message):
        Planted.from_dict({**told, **change}, planted.X, planted.Y)


def test_absent_or_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="no such file"):
        load_planted(tmp_path / "s.npz")
    save_planted(tmp_path / "s.npz", planted_blocks())
    (tmp_path / "s.json").unlink()
    with pytest.raises(InvalidFile, match=r"s\.json: cannot be read"):
        load_planted(tmp_path / "s.npz")


def test_ranges_of_seeds() -> None:
    assert parse_seeds("0-3,7, 2-4") == [0, 1, 2, 3, 7, 4]
    for text in ("", "3-1", "-1", "a", "0-99999999", "1,,2", "0-3-5"):
        with pytest.raises(InvalidOption, match="seeds: got"):
            parse_seeds(text)


def test_noise_of_a_family_or_on_top() -> None:
    assert with_noise("noisy", 0.01, 3, {}) == {"noise": 0.01}
    on_top = with_noise("blocks", 0.01, 3, {"private": [1, 1]})
    assert generate("blocks", seed=3, parameters=on_top).reason.count("Noise of relative length 0.01") == 1
    with pytest.raises(InvalidOption, match="two-point"):
        with_noise("two-point", 0.01, 3, {})
